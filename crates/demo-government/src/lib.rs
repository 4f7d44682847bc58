//! The synthetic agencies: issuers, a wallet provider, status and trust lists, verifiers, on loopback (시연용).
//!
//! - [`Government::start`] runs everything in this process, or attaches to where it runs already;
//! - what a wallet calls is TLS under the demo root, at `SERVICE.localhost` on one port ([`Addresses`]);
//! - pages for the browser are plain http on 127.0.0.1: the console and the agencies' consent pages;
//! - keys, ports, standings and the index of issued copies last over restarts, so that papers stay valid.
//!
//! Nobody and nothing here exists; every page says so. A resident registration number never appears whole.

mod bounded;
mod command;
mod desk;
mod error;
mod government;
mod issue;
mod kit;
mod lists;
mod pages;
mod papers;
mod people;
pub mod pki;
mod provider;
mod server;
mod state;
mod status;
mod verifiers;
mod world;

pub use command::{Bundle, GrantKind, NewNotice, OfferLinks, PaperView, PersonView};
pub use error::GovernmentError;
pub use government::{Config, Government, default_folder};
pub use papers::Standing;
pub use people::{AGENCIES, Agency};
pub use provider::CLIENT_ID;
pub use status::PAID;
pub use world::Addresses;
