//! Signed issuer metadata.
//!
//! Clauses: OpenID4VCI 1.0 section 12.2.3, HAIP 1.0 section 4.1; CI-4, HA-5.

use crypto::Signer;
use crypto::jws::{HeaderBuilder, JwsError, UnverifiedJws};
use primitives::Instant;
use serde_json::Value;
use trust::{AnchorStore, CertificateChain, ChainError, ChainPolicy, Issuer, verify_chain};

use super::IssuerMetadata;
use crate::claims::{self, SigningFailed};
use crate::wire::{ISSUER_METADATA_MAX_BYTES, Identifier, WireError};

/// `typ` of signed metadata.
pub const SIGNED_METADATA_TYP: &str = "openidvci-issuer-metadata+jwt";
/// How far `iat` may lie in the future, in seconds.
const CLOCK_SKEW_SECONDS: i64 = 300;

/// Why signed metadata are refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SignedMetadataError {
    /// Not a JWT of the type, or a false signature.
    #[error("the signature is refused: {0}")]
    Jwt(JwsError),
    /// No usable `x5c`.
    #[error("there is no certificate chain")]
    NoChain,
    /// By nobody who is trusted as an issuer.
    #[error("the signer is not trusted: {0}")]
    Chain(ChainError),
    /// `sub` is another issuer.
    #[error("the metadata are another issuer's")]
    Subject,
    /// `iat` is missing or in the future, or `exp` has passed.
    #[error("the metadata are not valid now")]
    Time,
    /// The metadata inside are malformed.
    #[error("the metadata are malformed: {0}")]
    Malformed(WireError),
}

impl SignedMetadataError {
    /// The stable code.
    #[must_use]
    pub fn code(&self) -> &'static str {
        match self {
            Self::Jwt(_) => "signed_metadata_signature",
            Self::NoChain => "signed_metadata_no_chain",
            Self::Chain(_) => "signed_metadata_untrusted",
            Self::Subject => "signed_metadata_other_issuer",
            Self::Time => "signed_metadata_not_valid_now",
            Self::Malformed(_) => "issuer_metadata_malformed",
        }
    }
}

/// Verifies signed metadata that were fetched for `expected`; the signer must chain to an issuer anchor, whatever that may issue: it is kept in
/// [`IssuerMetadata::signer`].
///
/// # Errors
/// [`SignedMetadataError`].
pub fn verify_signed_metadata(
    body: &[u8],
    expected: &Identifier,
    anchors: &AnchorStore<Issuer>,
    now: Instant,
) -> Result<IssuerMetadata, SignedMetadataError> {
    use SignedMetadataError as Error;
    let text = std::str::from_utf8(body).map_err(|_| Error::Jwt(JwsError::Malformed))?;
    let jws = UnverifiedJws::parse_bounded(text.trim(), 2 * ISSUER_METADATA_MAX_BYTES).map_err(Error::Jwt)?;
    let chain = CertificateChain::from_der(jws.header().x5c()).map_err(|_| Error::NoChain)?;
    let chain = verify_chain(&chain, anchors, now, &ChainPolicy::role_only()).map_err(Error::Chain)?;
    let jws = jws.verify(chain.leaf_key(), SIGNED_METADATA_TYP).map_err(Error::Jwt)?;
    let payload = jws.claims().map_err(Error::Jwt)?;
    if claims::text(&payload, "sub") != Some(expected.as_str()) {
        return Err(Error::Subject);
    }
    let seconds = now.unix_seconds();
    let issued_at = claims::seconds(&payload, "iat").ok_or(Error::Time)?;
    let expired =
        payload.contains_key("exp") && claims::seconds(&payload, "exp").is_none_or(|end| end <= seconds);
    if issued_at > seconds.saturating_add(CLOCK_SKEW_SECONDS) || expired {
        return Err(Error::Time);
    }
    let metadata = IssuerMetadata::from_value(Value::Object(payload), expected).map_err(Error::Malformed)?;
    Ok(IssuerMetadata { signer: Some(chain), ..metadata })
}

/// Signs an issuer's metadata; `chain` has no anchor in it (HA-5).
///
/// # Errors
/// The key did not sign.
pub fn sign_issuer_metadata(
    metadata: &IssuerMetadata,
    now: Instant,
    chain: &CertificateChain,
    signer: &dyn Signer,
) -> Result<String, SigningFailed> {
    let mut payload = match metadata.to_json() {
        Value::Object(payload) => payload,
        _ => return Err(SigningFailed::Key),
    };
    payload.insert("sub".to_owned(), Value::from(metadata.issuer.as_str()));
    payload.insert("iat".to_owned(), Value::from(now.unix_seconds()));
    Ok(HeaderBuilder::new(SIGNED_METADATA_TYP).x5c(&chain.to_der()).sign_claims(&payload, signer)?)
}
