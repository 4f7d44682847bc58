//! May this party sign this, and is it still valid?
//!
//! - [`certificate`]: certificates and chains as sent, and a builder for them (RFC 5280; PK-);
//! - [`verify_chain`]: from a chain as sent to one that holds, up to an anchor of a role (PK-);
//! - [`status`]: Token Status List, both sides (ST-);
//! - [`trust_list`]: signed lists of anchors, both sides (TL-);
//! - [`registration`]: the signed registration of a verifier, both sides (PK-20 to PK-22, VP-R13).
//!
//! No I/O: bytes and an [`primitives::Instant`] come in, verdicts go out. The rules are in `docs/rules/{PK,ST,TL}.md`.

/// How far another party's clock may be ahead of ours, in seconds: for `iat` and `nbf`, never for an end of validity.
pub const CLOCK_LEEWAY_SECONDS: i64 = 60;

mod anchor;
pub mod certificate;
mod entitlement;
pub mod registration;
mod role;
pub mod status;
pub mod trust_list;
mod verify;

pub use anchor::{AnchorError, AnchorStore, TrustAnchor};
pub use certificate::{Certificate, CertificateChain, CertificateError, ChainParseError};
pub use entitlement::{CredentialType, IssuerEntitlements};
pub use role::{
    Issuer, Registrar, Role, RoleName, StatusScope, StatusSigner, TrustListSigner, Verifier, WalletProvider,
};
pub use verify::{ChainError, ChainFault, ChainPolicy, NotEntitled, VerifiedChain, verify_chain};
