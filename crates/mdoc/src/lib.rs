//! Mobile documents (ISO/IEC 18013-5:2021 clauses 8.3, 9.1.2, 9.1.3, 9.3; OpenID4VP 1.0 appendix B.2; rules `MD-` in `docs/rules/MD.md`).
//!
//! | who | does what |
//! |---|---|
//! | issuer | [`Issuance`] → [`IssuerSigned`] |
//! | holder, on receipt | [`IssuerSigned::parse_base64url`], [`IssuerSigned::verify`] → [`VerifiedMdoc`] |
//! | holder, presenting | [`IssuerSigned::select`] → [`Disclosure`] (what would leave), [`Disclosure::respond`] |
//! | verifier | [`DeviceResponse::parse_base64url`], [`DeviceResponse::verify`] → [`VerifiedDeviceResponse`] |
//!
//! Both sides compute the [`SessionTranscript`]. Nothing here does I/O; revocation is asked for by the caller, with the
//! status reference of the verified value.

mod beside;
mod cbor;
mod disclosure;
mod element;
mod issue;
mod issuer_auth;
mod issuer_signed;
mod json;
mod mso;
mod response;
mod transcript;
#[cfg(test)]
mod vectors;
mod verify;

pub use cbor::CborError;
pub use disclosure::{Disclosure, PresentError, SelectionError};
pub use element::{ElementValue, MAX_VALUE_NESTING, NotAnElement};
pub use issue::{Issuance, IssueError, MAX_ELEMENTS};
pub use issuer_auth::IssuerAuthError;
pub use issuer_signed::{Claims, IssuerSigned, IssuerSignedError, MIN_RANDOM_BYTES};
pub use mso::{
    DIGEST_ID_END, DigestAlgorithm, KeyAuthorizations, MAX_DIGESTS, MobileSecurityObject,
    SecurityObjectError, Validity,
};
pub use response::{DeviceResponse, DeviceResponseError, VerifiedDeviceResponse};
pub use transcript::{JwkThumbprint, MAX_TRANSCRIPT_BYTES, NotATranscript, SessionTranscript};
pub use verify::{CLOCK_TOLERANCE_SECONDS, IssuerDataError, MdocError, VerifiedMdoc};

/// The format's name in OpenID4VCI and OpenID4VP (OpenID4VP B.2).
pub const FORMAT: &str = "mso_mdoc";

/// Bytes of an `IssuerSigned` or a `DeviceResponse`, at most (MD-1).
pub const MAX_STRUCTURE_BYTES: usize = 1024 * 1024;

/// Levels of CBOR inside CBOR, at most, counted anew in each embedded item (MD-1).
pub const MAX_NESTING: usize = 16;

/// CBOR items in one structure, at most (MD-1).
pub const MAX_ITEMS: usize = 16 * 1024;

/// Whether `issuerauth_alg_values` or `deviceauth_alg_values` of a verifier allow what is signed here: ES256 with a key on P-256, which
/// is -7 (ECDSA with SHA-256) or -9 (the same fully specified) (MD-34, VP-H6). Call it only if the verifier sent the parameter.
#[must_use]
pub fn algorithm_values_allow_es256(values: &[i64]) -> bool {
    values.iter().any(|value| matches!(value, -7 | -9))
}

/// A version of these structures: `1.` and a minor number that adds nothing we must know (MD-7, MD-25).
pub(crate) fn is_version_1(version: &str) -> bool {
    version
        .strip_prefix("1.")
        .is_some_and(|minor| !minor.is_empty() && minor.bytes().all(|byte| byte.is_ascii_digit()))
}

/// Base64url of at most [`MAX_STRUCTURE_BYTES`].
pub(crate) fn decode_base64url(text: &str) -> Option<Vec<u8>> {
    const LONGEST: usize = MAX_STRUCTURE_BYTES.div_ceil(3) * 4;
    if text.len() > LONGEST {
        return None;
    }
    primitives::base64url::decode(text).ok()
}
