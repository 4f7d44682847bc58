//! OpenID for Verifiable Credential Issuance 1.0 under HAIP 1.0: wire types, the holder's and the issuer's state machines. No I/O.
//!
//! - [`offer`]: credential offers, read and written;
//! - [`metadata`]: what issuers and authorization servers say about themselves;
//! - [`holder`]: from an offer to verified copies;
//! - [`issuer`]: offers, grants, tokens, nonces, proofs, credentials, from the other side;
//! - [`dpop`], [`client_attestation`], [`client_assertion`], [`key_proof`], [`key_attestation`]: the signed tokens of both sides;
//! - [`replay`], [`oauth`], [`http`], [`wire`]: what these share.
//!
//! Rules: CI- and HA- of the protocol checklist, DP- of `docs/rules/DP.md`.

mod challenge;
mod claims;
pub mod client_assertion;
pub mod client_attestation;
pub mod dpop;
mod encryption;
pub mod holder;
pub mod http;
pub mod issuer;
pub mod key_attestation;
pub mod key_proof;
pub mod metadata;
pub mod oauth;
pub mod offer;
pub mod replay;
pub mod wire;

pub use claims::SigningFailed;
pub use trust::CredentialType;
