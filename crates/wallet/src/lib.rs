//! The application: sessions, consent, copies and their use, history. Meets the world only through the ports.
//!
//! [`Wallet`] is the one value behind the window, the command line and the tests. What it answers are the types of
//! [`view`]; what it may touch is [`Ports`]; whom it trusts is its [`profile`].

mod app;
mod attestation;
mod desk;
mod error;
mod flow;
mod held;
mod history;
mod input;
mod net;
mod overview;
mod pages;
mod papers;
mod ports;
mod present;
pub mod profile;
mod receive;
mod refresh;
mod settings;
mod status;
mod trust_list;
pub mod view;
mod working;

pub use app::{Wallet, keyring_problem};
pub use attestation::{AttestationError, KEY_PROOF_TYPE, PROOF_TYPE};
pub use desk::KeptStatusToken;
pub use error::WalletError;
pub use net::NetError;
pub use offline_qr::looks_like_frame;
pub use ports::Ports;
pub use present::{OfflineError, PresentError, QueueError, ShowError, qr_frame};
pub use receive::{ClientRegistration, ProgressSink, ReceiveError};
pub use trust_list::TrustListUpdateError;
