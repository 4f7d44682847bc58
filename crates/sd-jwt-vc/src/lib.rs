//! SD-JWT (RFC 9901), SD-JWT VC (draft -13, as HAIP 1.0 asks) and its type metadata.
//!
//! - Issuer: [`Issuance`], claims and the paths that can be kept back, to a signed credential.
//! - Holder: [`UnverifiedSdJwtVc::parse`] and [`UnverifiedSdJwtVc::verify`] on receipt; [`VerifiedSdJwtVc::select`] for the claims a
//!   verifier asks for; [`Selection::revealed`] for the consent screen; [`Selection::with_key_binding`] for the answer.
//! - Verifier: [`verify_presentation`].
//!
//! Only the compact form is taken in; keys come by `x5c` and signatures are ES256. Nothing here does I/O. The rules are
//! listed in `docs/rules/SJ.md` and `docs/rules/SV.md`.

mod credential;
mod disclosure;
mod error;
mod issuance;
mod key_binding;
pub mod limits;
mod presentation;
mod process;
mod sd_jwt;
mod selection;
pub mod type_metadata;

pub use credential::{
    IssuerIdentifier, LEGACY_TYP, NEVER_DISCLOSABLE, TYP, UnverifiedSdJwtVc, VcPolicy, VerifiedSdJwtVc,
};
pub use disclosure::Disclosure;
pub use error::{
    IssueError, KeyBindingError, ParseError, PresentError, PresentationError, ProcessError, SdJwtError,
    TypeMetadataError, VerifyError,
};
pub use issuance::Issuance;
pub use key_binding::{ExpectedKeyBinding, KeyBinding, TransactionData, VerifiedKeyBinding};
pub use presentation::{VerifiedPresentation, verify_key_binding, verify_presentation};
pub use sd_jwt::{UnverifiedSdJwt, Validity, VerifiedSdJwt};
pub use selection::{RevealedClaim, Selection};

/// How far clocks may differ, in seconds, for `exp`, `nbf` and `iat` (SJ-17, SJ-26).
pub const CLOCK_SKEW_SECONDS: i64 = 60;
