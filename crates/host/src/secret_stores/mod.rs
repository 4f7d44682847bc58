//! The implementations of the vault's `SecretStore` port.

mod file;
mod keyring;

pub use file::FileSecretStore;
pub use keyring::{DEFAULT_KEYRING_LIMIT, KEYRING_SERVICE, KeyringSecretStore};
