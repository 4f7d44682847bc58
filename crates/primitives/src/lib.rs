//! What every room shares: bounded collections, claim paths, localised text, instants and civil dates, and the ports to the world.
//!
//! Nothing here decides anything about a protocol, and nothing here does I/O.

pub mod base64url;
pub mod claim_path;
pub mod collections;
pub mod http;
pub mod json;
pub mod ports;
pub mod refusal;
#[cfg(feature = "test-support")]
pub mod test_support;
pub mod text;
pub mod time;

pub use base64url::Base64UrlBytes;
pub use claim_path::{ClaimPath, PathElement, PathError};
pub use collections::{NonEmpty, UniqueNonEmpty};
pub use ports::{Clock, Entropy, EntropyUnavailable, Http, PageError, Pages, PendingRedirect};
pub use refusal::{Blame, Left, Refusal};
pub use text::{Language, LocalizedText};
pub use time::{CivilDate, Instant};
