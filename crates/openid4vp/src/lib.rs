//! OpenID for Verifiable Presentations 1.0, both sides, without I/O: bytes, values and an instant come in, HTTP requests as values and
//! verdicts go out. Rules VP- and HA- of `docs/rules.md`.
//!
//! | side | from | to |
//! |---|---|---|
//! | [`holder`] | a link | a request of somebody who may be shown, then the answer or the refusal to post |
//! | [`verifier`] | a query | a signed request, then what the answer proves |

mod client;
pub mod dc_api;
pub mod holder;
pub mod limits;
mod metadata;
pub mod screen;
mod transaction;
mod uri;
pub mod verifier;

pub use client::{ClientId, ClientIdPrefix};
pub use metadata::ResponseEncryption;
pub use transaction::{Transaction, TransactionType};
