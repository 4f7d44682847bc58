//! Token Status List (draft-ietf-oauth-status-list-14): is a credential still valid? Rules ST-1 to ST-16.
//!
//! The reader's side: a [`StatusReference`] from the credential's `status`, a [`StatusListToken`] as fetched, its
//! [`StatusListToken::verify`] to a [`VerifiedStatusList`], [`VerifiedStatusList::state`], and [`Freshness`] for the cache.
//! The publisher's side: [`StatusListBuilder`].

mod cbor;
mod freshness;
mod list;
mod publish;
mod reference;
mod token;

pub use freshness::{Age, Freshness, FreshnessPolicy};
pub use list::{Bits, MAX_INFLATED_BYTES, StatusState};
pub use publish::{Publication, PublishError, StatusListBuilder};
pub use reference::{StatusReference, StatusReferenceError};
pub use token::{
    MAX_TOKEN_BYTES, StatusAuthority, StatusError, StatusFormat, StatusListToken, VerifiedStatusList,
};

#[cfg(test)]
#[allow(clippy::string_slice)]
mod tests;
