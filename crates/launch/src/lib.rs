//! What the window and the command line share before the first screen (`docs/decisions/0002-launch.md`).
//!
//! The data folder and its exclusive lock, the profile that the folder remembers, the real things behind the wallet's ports,
//! the wallet, and the socket by which a second process reaches the one that holds the folder. No decision about a paper, a
//! request or a person is made here.

mod desk;
mod error;
mod folder;
mod government;
mod holder;
mod launched;
mod options;
mod profile;

pub use desk::{Desk, DeskError};
pub use error::LaunchError;
pub use folder::data_folder;
pub use holder::{Ask, Holder, HolderStatus, ask_holder};
pub use launched::{Launched, launch};
pub use options::{Options, ProfileChoice, Reach, SecretStoreChoice};
