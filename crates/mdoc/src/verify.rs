//! Issuer data authentication (ISO/IEC 18013-5 9.3.1; MD-13 to MD-22), the same for the holder on receipt and for a verifier.

use crypto::PublicKey;
use primitives::{Blame, Instant, Left, Refusal};
use trust::status::StatusReference;
use trust::{
    AnchorStore, ChainError, ChainPolicy, CredentialType, Issuer, NotEntitled, VerifiedChain, verify_chain,
};

use crate::disclosure::{Disclosure, SelectionError};
use crate::issuer_signed::{Claims, IssuerSigned, IssuerSignedError, NameSpace};
use crate::mso::{MobileSecurityObject, Validity};

/// Seconds that the issuer's clock may be ahead of ours (MD-21). The end of validity has no such allowance.
pub const CLOCK_TOLERANCE_SECONDS: i64 = 60;

/// Why what the issuer signed does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssuerDataError {
    /// The security object names another doctype than the document or than what was offered (MD-19).
    #[error("the document type is not the one that was signed or asked for")]
    DocType,
    /// The certificates do not lead to an issuer's anchor, or the signer is no document signer (MD-13, MD-14).
    #[error(transparent)]
    Chain(#[from] ChainError),
    /// The issuer may not issue this doctype (MD-15).
    #[error(transparent)]
    NotEntitled(#[from] NotEntitled),
    /// The issuer's signature does not verify (MD-16).
    #[error("the issuer's signature does not verify")]
    Signature,
    /// An element's digest is not the signed one (MD-17).
    #[error("an element is not the one that was signed")]
    DigestMismatch,
    /// An element has no digest in the security object (MD-18).
    #[error("an element was never signed")]
    DigestMissing,
    /// Signed before or after the signer's certificate was valid (MD-20).
    #[error("the mdoc was signed outside the validity of the signer's certificate")]
    SignedOutsideCertificate,
    /// Before `validFrom` (MD-21).
    #[error("the mdoc is not valid yet")]
    NotYetValid,
    /// After `validUntil` (MD-22).
    #[error("the mdoc has expired")]
    Expired,
}

impl Refusal for IssuerDataError {
    fn code(&self) -> &'static str {
        match self {
            Self::DocType => "mdoc_doctype_mismatch",
            Self::Chain(error) => error.code(),
            Self::NotEntitled(error) => error.code(),
            Self::Signature => "mdoc_issuer_signature_invalid",
            Self::DigestMismatch => "mdoc_digest_mismatch",
            Self::DigestMissing => "mdoc_digest_missing",
            Self::SignedOutsideCertificate => "mdoc_signed_outside_certificate",
            Self::NotYetValid => "mdoc_not_yet_valid",
            Self::Expired => "mdoc_expired",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::DocType => "MD-19",
            Self::Chain(error) => error.rule(),
            Self::NotEntitled(_) => "MD-15",
            Self::Signature => "MD-16",
            Self::DigestMismatch => "MD-17",
            Self::DigestMissing => "MD-18",
            Self::SignedOutsideCertificate => "MD-20",
            Self::NotYetValid => "MD-21",
            Self::Expired => "MD-22",
        }
    }

    fn blame(&self) -> Blame {
        Blame::Issuer
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why a received mdoc is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MdocError {
    /// It cannot be read.
    #[error(transparent)]
    Malformed(#[from] IssuerSignedError),
    /// What the issuer signed does not count.
    #[error(transparent)]
    Issuer(#[from] IssuerDataError),
}

impl Refusal for MdocError {
    fn code(&self) -> &'static str {
        match self {
            Self::Malformed(error) => error.code(),
            Self::Issuer(error) => error.code(),
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Malformed(error) => error.rule(),
            Self::Issuer(error) => error.rule(),
        }
    }

    fn blame(&self) -> Blame {
        Blame::Issuer
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// An mdoc whose issuer, digests and validity were verified; made by [`IssuerSigned::verify`] alone.
///
/// No `Debug`: it holds claims.
#[derive(Clone)]
pub struct VerifiedMdoc {
    issuer_signed: IssuerSigned,
    issuer: VerifiedChain<Issuer>,
}

impl IssuerSigned {
    /// Verifies the mdoc as its holder received it. `expected_doc_type` is that of the credential configuration asked for (CI-20).
    /// Whether the device key is one of the holder's, the caller compares with [`VerifiedMdoc::device_key`]; whether the mdoc was
    /// revoked, with [`VerifiedMdoc::status`].
    ///
    /// # Errors
    /// [`IssuerDataError`], see its variants.
    pub fn verify(
        self,
        expected_doc_type: &str,
        anchors: &AnchorStore<Issuer>,
        now: Instant,
    ) -> Result<VerifiedMdoc, IssuerDataError> {
        let issuer = verify_issuer_data(&self, expected_doc_type, anchors, now)?;
        Ok(VerifiedMdoc { issuer_signed: self, issuer })
    }
}

impl VerifiedMdoc {
    /// The type of the document.
    #[must_use]
    pub fn doc_type(&self) -> &str {
        &self.issuer_signed.security_object.doc_type
    }

    /// All claims, as JSON by name space.
    #[must_use]
    pub fn claims(&self) -> Claims {
        self.issuer_signed.unverified_claims()
    }

    /// The key that must sign each presentation.
    #[must_use]
    pub fn device_key(&self) -> &PublicKey {
        &self.issuer_signed.security_object.device_key
    }

    /// When it was signed and when it is valid.
    #[must_use]
    pub fn validity(&self) -> Validity {
        self.issuer_signed.security_object.validity
    }

    /// Where it says whether it was revoked; not asked here.
    #[must_use]
    pub fn status(&self) -> Option<&StatusReference> {
        self.issuer_signed.security_object.status.as_ref()
    }

    /// The issuer's chain: name, anchor, key identifiers.
    #[must_use]
    pub fn issuer(&self) -> &VerifiedChain<Issuer> {
        &self.issuer
    }

    /// Whether every presentation shows more than what was chosen and what verifying it needs: members of its issuer's own in the headers, in
    /// the security object or in the device key. What the device may sign is left out, see [`MobileSecurityObject::key_authorizations`].
    #[must_use]
    pub fn says_more(&self) -> bool {
        crate::beside::says_more(&self.issuer_signed.issuer_auth)
    }

    /// The security object.
    #[must_use]
    pub fn security_object(&self) -> &MobileSecurityObject {
        &self.issuer_signed.security_object
    }

    /// What is stored and presented from.
    #[must_use]
    pub fn issuer_signed(&self) -> &IssuerSigned {
        &self.issuer_signed
    }

    /// Selects what a presentation would reveal, see [`IssuerSigned::select`].
    ///
    /// # Errors
    /// [`SelectionError::NotHeld`].
    pub fn select<'s>(
        &self,
        elements: impl IntoIterator<Item = (&'s str, &'s str)>,
    ) -> Result<Disclosure, SelectionError> {
        self.issuer_signed.select(elements)
    }
}

/// MD-13 to MD-22, in the order that blames the right party: who signs, may they, did they, is it this, is it now.
pub(crate) fn verify_issuer_data(
    issuer_signed: &IssuerSigned,
    doc_type: &str,
    anchors: &AnchorStore<Issuer>,
    now: Instant,
) -> Result<VerifiedChain<Issuer>, IssuerDataError> {
    let object = &issuer_signed.security_object;
    if object.doc_type != doc_type {
        return Err(IssuerDataError::DocType);
    }
    let chain =
        verify_chain(issuer_signed.issuer_auth.chain(), anchors, now, &ChainPolicy::mdoc_document_signer())?;
    chain.may_issue(&CredentialType::mdoc(&object.doc_type))?;
    issuer_signed.issuer_auth.verify(chain.leaf_key()).map_err(|_| IssuerDataError::Signature)?;
    verify_digests(&issuer_signed.name_spaces, object)?;
    verify_validity(object.validity, &chain, now)?;
    Ok(chain)
}

/// MD-17, MD-18: every item that is there, over the bytes it came in.
pub(crate) fn verify_digests(
    name_spaces: &[NameSpace],
    object: &MobileSecurityObject,
) -> Result<(), IssuerDataError> {
    for name_space in name_spaces {
        let digests = object.value_digests.get(&name_space.name).ok_or(IssuerDataError::DigestMissing)?;
        for item in &name_space.items {
            let signed = digests.get(&item.digest_id).ok_or(IssuerDataError::DigestMissing)?;
            // Both are public to whoever holds the document: no constant-time comparison is needed.
            if *signed != object.digest_algorithm.digest(&item.bytes) {
                return Err(IssuerDataError::DigestMismatch);
            }
        }
    }
    Ok(())
}

/// MD-20 to MD-22.
fn verify_validity(
    validity: Validity,
    chain: &VerifiedChain<Issuer>,
    now: Instant,
) -> Result<(), IssuerDataError> {
    if !chain.leaf().is_valid_at(validity.signed) {
        return Err(IssuerDataError::SignedOutsideCertificate);
    }
    if now + CLOCK_TOLERANCE_SECONDS < validity.valid_from {
        return Err(IssuerDataError::NotYetValid);
    }
    if now > validity.valid_until {
        return Err(IssuerDataError::Expired);
    }
    Ok(())
}
