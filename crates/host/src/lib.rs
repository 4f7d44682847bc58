//! The world, once: HTTP with the address rules, TLS, the keyring, the browser, the file lock, pixels to QR text.
//!
//! The only engine crate with code for one operating system (design, "The house"). Everything here implements a port or is
//! called by a program; no decision about a protocol is made here.

pub mod browser;
mod clock;
pub mod http;
pub mod lock;
pub mod pages;
pub mod paths;
pub mod qr;
pub mod screen;
pub mod secret_stores;
pub mod socket;

pub use clock::SystemClock;
pub use http::{AddressPolicy, HttpClient, LoopbackRule, TlsRoots};
pub use pages::SystemPages;
pub use secret_stores::{FileSecretStore, KeyringSecretStore};
/// Files that are written whole or not at all.
pub use vault::files;
