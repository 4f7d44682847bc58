//! From a chain as sent to a chain that holds: RFC 5280 section 6 by `rustls-webpki`, and beside it what that library
//! leaves open (key usage, the anchor's own dates and path length, key identifiers) and what HAIP 1.0 adds (HA-4, HA-6,
//! HA-9). Rules PK-2 to PK-15.

use std::time::Duration;

use const_oid::ObjectIdentifier;
use crypto::PublicKey;
use primitives::{Blame, Instant, Left, Refusal};
use rustls_pki_types::{CertificateDer, UnixTime};
use webpki::{EndEntityCert, ExtendedKeyUsageValidator, KeyPurposeIdIter};

use crate::anchor::{AnchorStore, TrustAnchor};
use crate::certificate::builder::{ANY_PURPOSE, Purpose};
use crate::certificate::{Certificate, CertificateChain};
use crate::entitlement::CredentialType;
use crate::role::{Issuer, Role, RoleName, Verifier};

/// What is wrong with a chain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum ChainFault {
    /// No anchor of the role certifies the chain (PK-15), or the signature that should link them does not verify.
    #[error("no trust anchor for this role certifies the chain")]
    UnknownAnchor,
    /// A signature inside the chain does not verify, or its algorithm is not accepted (PK-2).
    #[error("a signature in the chain does not verify")]
    Signature,
    /// A certificate's validity has ended (PK-3).
    #[error("a certificate of the chain has expired")]
    Expired,
    /// A certificate's validity has not begun (PK-3).
    #[error("a certificate of the chain is not valid yet")]
    NotYetValid,
    /// A certificate above the leaf is not one of an authority (PK-4).
    #[error("a certificate above the leaf is not that of an authority")]
    NotAuthority,
    /// The leaf is a certificate of an authority (PK-4).
    #[error("the leaf is the certificate of an authority")]
    LeafIsAuthority,
    /// A path length constraint is broken (PK-5).
    #[error("the chain is longer than one of its authorities allows")]
    PathLength,
    /// The leaf's `keyUsage` lacks `digitalSignature` or is absent (PK-6).
    #[error("the leaf's key may not sign documents")]
    LeafKeyUsage,
    /// The `keyUsage` of a certificate above the leaf lacks `keyCertSign` or is absent (PK-7).
    #[error("the key of a certificate above the leaf may not sign certificates")]
    AuthorityKeyUsage,
    /// The extended key usage does not fit (PK-8).
    #[error("a certificate of the chain is made for another purpose")]
    Purpose,
    /// A name constraint is broken (PK-9).
    #[error("the chain breaks a name constraint")]
    NameConstraint,
    /// A critical extension is not understood (PK-10).
    #[error("a critical extension is not understood")]
    CriticalExtension,
    /// The anchor is inside the chain (PK-11).
    #[error("the trust anchor is inside the chain")]
    AnchorInChain,
    /// The leaf is self-signed (PK-12).
    #[error("the leaf certificate is self-signed")]
    SelfSignedLeaf,
    /// The chain is out of order, has a gap, or carries what it does not use (PK-13).
    #[error("the chain is not in order")]
    Order,
    /// `authorityKeyIdentifier` and the issuer's `subjectKeyIdentifier` differ (PK-14).
    #[error("a key identifier in the chain does not fit")]
    KeyIdentifier,
    /// The leaf's key is not a P-256 key.
    #[error("the leaf's key is not a P-256 key")]
    UnsupportedKey,
    /// Something in a certificate is malformed in a way that only validation sees (PK-1).
    #[error("a certificate of the chain is malformed")]
    Malformed,
}

/// A chain that does not hold, and the role it was to hold for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("{fault}")]
pub struct ChainError {
    /// The role asked for.
    pub role: RoleName,
    /// What is wrong.
    pub fault: ChainFault,
}

impl Refusal for ChainError {
    fn code(&self) -> &'static str {
        match self.fault {
            ChainFault::UnknownAnchor => "chain_anchor_unknown",
            ChainFault::Signature => "chain_signature_invalid",
            ChainFault::Expired => "chain_expired",
            ChainFault::NotYetValid => "chain_not_yet_valid",
            ChainFault::NotAuthority => "chain_not_authority",
            ChainFault::LeafIsAuthority => "chain_leaf_is_authority",
            ChainFault::PathLength => "chain_path_length",
            ChainFault::LeafKeyUsage => "chain_leaf_key_usage",
            ChainFault::AuthorityKeyUsage => "chain_authority_key_usage",
            ChainFault::Purpose => "chain_purpose",
            ChainFault::NameConstraint => "chain_name_constraint",
            ChainFault::CriticalExtension => "chain_critical_extension",
            ChainFault::AnchorInChain => "chain_contains_anchor",
            ChainFault::SelfSignedLeaf => "chain_leaf_self_signed",
            ChainFault::Order => "chain_order",
            ChainFault::KeyIdentifier => "chain_key_identifier",
            ChainFault::UnsupportedKey => "chain_key_unsupported",
            ChainFault::Malformed => "chain_malformed",
        }
    }
    fn rule(&self) -> &'static str {
        match self.fault {
            ChainFault::Malformed => "PK-1",
            ChainFault::Signature | ChainFault::UnsupportedKey => "PK-2",
            ChainFault::Expired | ChainFault::NotYetValid => "PK-3",
            ChainFault::NotAuthority | ChainFault::LeafIsAuthority => "PK-4",
            ChainFault::PathLength => "PK-5",
            ChainFault::LeafKeyUsage => "PK-6",
            ChainFault::AuthorityKeyUsage => "PK-7",
            ChainFault::Purpose => "PK-8",
            ChainFault::NameConstraint => "PK-9",
            ChainFault::CriticalExtension => "PK-10",
            ChainFault::AnchorInChain => "PK-11",
            ChainFault::SelfSignedLeaf => "PK-12",
            ChainFault::Order => "PK-13",
            ChainFault::KeyIdentifier => "PK-14",
            ChainFault::UnknownAnchor => "PK-15",
        }
    }
    fn blame(&self) -> Blame {
        self.role.blame()
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// An issuer that signs a type it is not entitled to (PK-18).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the issuer is not entitled to issue this type")]
pub struct NotEntitled;

impl Refusal for NotEntitled {
    fn code(&self) -> &'static str {
        "issuer_not_entitled"
    }
    fn rule(&self) -> &'static str {
        "PK-18"
    }
    fn blame(&self) -> Blame {
        Blame::Issuer
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// What a use of a chain asks beyond its role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct ChainPolicy {
    required_purpose: Option<Purpose>,
}

impl ChainPolicy {
    /// The role's own rules and no more.
    #[must_use]
    pub const fn role_only() -> Self {
        Self { required_purpose: None }
    }

    /// An mdoc's document signer: the leaf must carry the purpose 1.0.18013.5.1.2 (ISO/IEC 18013-5 B.1.4).
    #[must_use]
    pub const fn mdoc_document_signer() -> Self {
        Self { required_purpose: Some(Purpose::MdocDocumentSigner) }
    }
}

/// A chain that holds for the role `R`. Made by [`verify_chain`] alone.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedChain<R: Role> {
    chain: CertificateChain,
    anchor: TrustAnchor<R>,
    leaf_key: PublicKey,
}

impl<R: Role> VerifiedChain<R> {
    /// The leaf, whose key the verified signature is to be made with.
    #[must_use]
    pub fn leaf(&self) -> &Certificate {
        self.chain.leaf()
    }

    /// The leaf's key.
    #[must_use]
    pub fn leaf_key(&self) -> &PublicKey {
        &self.leaf_key
    }

    /// The chain as sent.
    #[must_use]
    pub fn chain(&self) -> &CertificateChain {
        &self.chain
    }

    /// The anchor that vouches for the chain, with what each of its certificates is allowed that does.
    #[must_use]
    pub fn anchor(&self) -> &TrustAnchor<R> {
        &self.anchor
    }
}

impl VerifiedChain<Issuer> {
    /// Whether this issuer may issue the type (PK-18). Ask before anything of the credential counts.
    ///
    /// # Errors
    /// [`NotEntitled`].
    pub fn may_issue(&self, wanted: &CredentialType) -> Result<(), NotEntitled> {
        if self.anchor.grant().allows(wanted) { Ok(()) } else { Err(NotEntitled) }
    }
}

impl VerifiedChain<Verifier> {
    /// Whether `value`, the rest of an `x509_hash:` client identifier, is this leaf's hash (VP-C4, PK-17).
    #[must_use]
    pub fn is_x509_hash(&self, value: &str) -> bool {
        primitives::base64url::encode(&self.leaf().hash()) == value
    }

    /// Whether `name`, the rest of an `x509_san_dns:` client identifier, is among the leaf's DNS names (VP-C3, PK-16).
    #[must_use]
    pub fn is_x509_san_dns(&self, name: &str) -> bool {
        self.leaf().names_dns(name)
    }
}

/// Verifies that `chain` holds at `now` for the role `R`, up to one of `anchors` (PK-2 to PK-15).
///
/// The caller then verifies its signature with [`VerifiedChain::leaf_key`], and for an issuer asks
/// [`VerifiedChain::may_issue`].
///
/// # Errors
/// [`ChainError`] with the first fault found.
pub fn verify_chain<R: Role>(
    chain: &CertificateChain,
    anchors: &AnchorStore<R>,
    now: Instant,
    policy: &ChainPolicy,
) -> Result<VerifiedChain<R>, ChainError> {
    let refuse = |fault| ChainError { role: R::NAME, fault };

    if chain.iter().any(|one| anchors.iter().any(|anchor| anchor.certificate().is_same_party(one))) {
        return Err(refuse(ChainFault::AnchorInChain));
    }
    if chain.leaf().is_self_issued() {
        return Err(refuse(ChainFault::SelfSignedLeaf));
    }
    check_order(chain).map_err(refuse)?;

    let last = chain.above().last().unwrap_or_else(|| chain.leaf());
    let mut fault = ChainFault::UnknownAnchor;
    let mut vouching: Option<(TrustAnchor<R>, PublicKey)> = None;
    for anchor in anchors.iter().filter(|anchor| anchor.certificate().subject_der() == last.issuer_der()) {
        match check_path(chain, anchor, now, policy) {
            // A second one has the same name and key: the party's certificate was renewed, and what each entry allows counts.
            Ok(leaf_key) => {
                vouching = Some(match vouching.take() {
                    None => (anchor.clone(), leaf_key),
                    Some((first, leaf_key)) => (first.joined_by(anchor), leaf_key),
                });
            }
            Err(found) => fault = found,
        }
    }
    let (anchor, leaf_key) = vouching.ok_or_else(|| refuse(fault))?;
    Ok(VerifiedChain { chain: chain.clone(), anchor, leaf_key })
}

/// PK-13: names link. That every certificate is used, and so none is sent twice, is seen from the path found.
fn check_order(chain: &CertificateChain) -> Result<(), ChainFault> {
    let linked =
        chain.iter().zip(chain.above()).all(|(below, above)| below.issuer_der() == above.subject_der());
    if linked { Ok(()) } else { Err(ChainFault::Order) }
}

fn check_path<R: Role>(
    chain: &CertificateChain,
    anchor: &TrustAnchor<R>,
    now: Instant,
    policy: &ChainPolicy,
) -> Result<PublicKey, ChainFault> {
    check_with_webpki(chain, anchor.certificate(), now)?;
    check_anchor_itself(chain, anchor.certificate(), now)?;
    check_key_usage(chain)?;
    check_purposes::<R>(chain, policy)?;
    check_key_identifiers(chain, anchor.certificate())?;
    chain.leaf().public_key().map_err(|_| ChainFault::UnsupportedKey)
}

/// PK-2 to PK-5, PK-9, PK-10: signatures, dates, CA flags, path lengths, name constraints, critical extensions.
fn check_with_webpki(chain: &CertificateChain, anchor: &Certificate, now: Instant) -> Result<(), ChainFault> {
    let seconds = u64::try_from(now.unix_seconds()).map_err(|_| ChainFault::NotYetValid)?;
    let leaf = CertificateDer::from(chain.leaf().der());
    let above: Vec<CertificateDer<'_>> =
        chain.above().iter().map(|certificate| CertificateDer::from(certificate.der())).collect();
    let anchor = CertificateDer::from(anchor.der());
    let anchors = [webpki::anchor_from_trusted_cert(&anchor).map_err(fault_of)?];
    let leaf = EndEntityCert::try_from(&leaf).map_err(fault_of)?;
    let path = leaf
        .verify_for_usage(
            crypto::webpki_algorithms(),
            &anchors,
            &above,
            UnixTime::since_unix_epoch(Duration::from_secs(seconds)),
            PurposeIsOurs,
            None,
            None,
        )
        .map_err(fault_of)?;
    // PK-13: a certificate that the path does not need was not sent for our good.
    if path.intermediate_certificates().count() == above.len() { Ok(()) } else { Err(ChainFault::Order) }
}

/// Extended key usage is judged in [`check_purposes`], for every certificate and by role.
struct PurposeIsOurs;

impl ExtendedKeyUsageValidator for PurposeIsOurs {
    fn validate(&self, _purposes: KeyPurposeIdIter<'_, '_>) -> Result<(), webpki::Error> {
        Ok(())
    }
}

/// PK-3, PK-5 for the anchor: webpki takes its name, key and name constraints, and no more.
fn check_anchor_itself(
    chain: &CertificateChain,
    anchor: &Certificate,
    now: Instant,
) -> Result<(), ChainFault> {
    if now < anchor.not_before() {
        return Err(ChainFault::NotYetValid);
    }
    if now > anchor.not_after() {
        return Err(ChainFault::Expired);
    }
    match anchor.path_length() {
        Some(allowed) if chain.above().len() > usize::from(allowed) => Err(ChainFault::PathLength),
        _ => Ok(()),
    }
}

/// PK-6, PK-7. The anchor's own key usage was checked when it became an anchor.
fn check_key_usage(chain: &CertificateChain) -> Result<(), ChainFault> {
    if !chain.leaf().may_sign_documents() {
        return Err(ChainFault::LeafKeyUsage);
    }
    if !chain.above().iter().all(Certificate::may_sign_certificates) {
        return Err(ChainFault::AuthorityKeyUsage);
    }
    Ok(())
}

/// PK-8. A certificate "for anything" does not have the purpose that a policy demands by name, but does not forbid it below.
fn check_purposes<R: Role>(chain: &CertificateChain, policy: &ChainPolicy) -> Result<(), ChainFault> {
    let fitting: Vec<ObjectIdentifier> = match policy.required_purpose {
        Some(required) => vec![required.oid()],
        None => R::PURPOSES.iter().map(Purpose::oid).collect(),
    };
    let fits = |purposes: &[ObjectIdentifier], any_counts: bool| {
        purposes.iter().any(|purpose| fitting.contains(purpose) || (any_counts && *purpose == ANY_PURPOSE))
    };
    let demanded = policy.required_purpose.is_some();
    let leaf_fits = chain.leaf().purposes().map_or(!demanded, |purposes| fits(purposes, !demanded));
    let above_fit =
        chain.above().iter().filter_map(Certificate::purposes).all(|purposes| fits(purposes, true));
    if leaf_fits && above_fit { Ok(()) } else { Err(ChainFault::Purpose) }
}

/// PK-14.
fn check_key_identifiers(chain: &CertificateChain, anchor: &Certificate) -> Result<(), ChainFault> {
    let issuers = chain.above().iter().chain(std::iter::once(anchor));
    let fits = chain.iter().zip(issuers).all(|(below, above)| {
        match (below.authority_key_id(), above.subject_key_id()) {
            (Some(named), Some(own)) => named == own,
            _ => true,
        }
    });
    if fits { Ok(()) } else { Err(ChainFault::KeyIdentifier) }
}

fn fault_of(error: webpki::Error) -> ChainFault {
    use webpki::Error;
    match error {
        Error::CertExpired { .. } => ChainFault::Expired,
        Error::CertNotValidYet { .. } => ChainFault::NotYetValid,
        Error::EndEntityUsedAsCa => ChainFault::NotAuthority,
        Error::CaUsedAsEndEntity => ChainFault::LeafIsAuthority,
        Error::PathLenConstraintViolated | Error::MaximumPathDepthExceeded => ChainFault::PathLength,
        Error::NameConstraintViolation => ChainFault::NameConstraint,
        Error::UnsupportedCriticalExtension => ChainFault::CriticalExtension,
        Error::InvalidSignatureForPublicKey
        | Error::SignatureAlgorithmMismatch
        | Error::UnsupportedSignatureAlgorithmContext(_)
        | Error::UnsupportedSignatureAlgorithmForPublicKeyContext(_) => ChainFault::Signature,
        Error::UnknownIssuer => ChainFault::UnknownAnchor,
        _ => ChainFault::Malformed,
    }
}
