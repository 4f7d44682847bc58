//! Trust lists in the shape of ETSI TS 119 602 (lists of trusted entities, LoTE), signed, numbered and dated: who may
//! issue, ask, attest and speak for a status. Rules TL-1 to TL-14.
//!
//! The publisher's side: [`TrustList::sign`]. The reader's side: [`SignedTrustList::parse`],
//! [`SignedTrustList::verify`], [`VerifiedTrustList::anchors`].

mod wire;

use std::collections::BTreeSet;

use crypto::Signer;
use crypto::jws::{HeaderBuilder, JwsError, UnverifiedJws};
use primitives::{Blame, Instant, Left, LocalizedText, Refusal};

use crate::CLOCK_LEEWAY_SECONDS;
use crate::anchor::{AnchorError, AnchorStore, TrustAnchor};
use crate::certificate::{Certificate, CertificateChain, CertificateError, ChainParseError};
use crate::entitlement::{CredentialType, IssuerEntitlements};
use crate::role::{Issuer, Registrar, StatusScope, StatusSigner, TrustListSigner, Verifier, WalletProvider};
use crate::verify::{ChainError, ChainPolicy, verify_chain};

/// `typ` of a trust list (TL-2).
pub const TRUST_LIST_TYPE: &str = "lote+jwt";
/// The longest trust list read, in bytes (TL-12). `crypto` reads payloads up to 1 MiB unless told otherwise.
pub const MAX_TRUST_LIST_BYTES: usize = 2 * 1024 * 1024;
/// The most entities of a list (TL-12).
pub const MAX_ENTITIES: usize = 512;
/// The most services of an entity (TL-12).
pub const MAX_SERVICES: usize = 32;
/// The most certificates of a service (TL-12).
pub const MAX_CERTIFICATES: usize = 8;
/// The most types of an issuer, and the most anchors of a status signer (TL-12).
pub const MAX_TYPES: usize = 256;

/// Why a trust list is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TrustListError {
    /// Longer or larger than a list may be (TL-12).
    #[error("the trust list is too long")]
    TooLong,
    /// Not a JWS, or not of the shape of a trust list.
    #[error("the trust list is malformed")]
    Malformed,
    /// The type is not that of a trust list (TL-2).
    #[error("the token is not a trust list")]
    Type,
    /// No certificate chain says who signed (TL-1).
    #[error("the trust list does not say who signed it")]
    NoCertificates,
    /// The signer's chain cannot be read.
    #[error(transparent)]
    Certificates(#[from] ChainParseError),
    /// The signer may not sign trust lists (TL-3).
    #[error("the trust list is signed by a party that may not: {0}")]
    Signer(#[from] ChainError),
    /// The signature does not verify, or is not ES256 (TL-1).
    #[error("the trust list's signature is invalid")]
    Signature,
    /// A version of the shape that is not known here (TL-4).
    #[error("the trust list has an unknown version")]
    Version,
    /// Another kind of list (TL-14): however new its number, it takes the place of none of ours.
    #[error("the trust list is of another kind")]
    Kind,
    /// Older than the list accepted before, or another list under the same number (TL-5).
    #[error("the trust list is older than the one accepted before")]
    Rollback,
    /// Issued in the future (TL-6).
    #[error("the trust list is not valid yet")]
    NotYetValid,
    /// Past its next update (TL-7).
    #[error("the trust list has expired")]
    Expired,
    /// A critical extension that is not understood (TL-10).
    #[error("the trust list has a critical extension that is not understood")]
    CriticalExtension,
    /// An entry's certificate cannot be an anchor (TL-12).
    #[error("a certificate of the trust list cannot be an anchor: {0}")]
    Anchor(#[from] AnchorError),
    /// The list could not be signed.
    #[error("the trust list could not be signed")]
    Signing,
}

impl Refusal for TrustListError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "trust_list_too_long",
            Self::Malformed => "trust_list_malformed",
            Self::Type => "trust_list_type",
            Self::NoCertificates => "trust_list_without_chain",
            Self::Certificates(error) => error.code(),
            Self::Signer(_) => "trust_list_signer_not_allowed",
            Self::Signature => "trust_list_signature_invalid",
            Self::Version => "trust_list_version",
            Self::Kind => "trust_list_kind",
            Self::Rollback => "trust_list_rollback",
            Self::NotYetValid => "trust_list_not_yet_valid",
            Self::Expired => "trust_list_expired",
            Self::CriticalExtension => "trust_list_critical_extension",
            Self::Anchor(_) => "trust_list_anchor",
            Self::Signing => "signing_failed",
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::NoCertificates | Self::Signature | Self::Malformed => "TL-1",
            Self::Type => "TL-2",
            Self::Signer(_) => "TL-3",
            Self::Version => "TL-4",
            Self::Rollback => "TL-5",
            Self::NotYetValid => "TL-6",
            Self::Expired => "TL-7",
            Self::CriticalExtension => "TL-10",
            Self::TooLong | Self::Anchor(_) => "TL-12",
            Self::Kind => "TL-14",
            Self::Certificates(error) => error.rule(),
            Self::Signing => "",
        }
    }
    /// Nobody whom a citizen deals with made the list: it is our own configuration that is not to be had.
    fn blame(&self) -> Blame {
        Blame::Application
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

impl From<CertificateError> for TrustListError {
    fn from(error: CertificateError) -> Self {
        Self::Anchor(AnchorError::Certificate(error))
    }
}

/// What a listed service's anchors are for. Signers of trust lists are never listed: they come with the profile (TL-3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ServiceRole {
    /// Issues these types of credentials (TL-9); those of formats that are not known here are left out.
    Issuer(BTreeSet<CredentialType>),
    /// Asks for presentations.
    Verifier,
    /// Attests wallets and their keys.
    WalletProvider,
    /// Signs status lists for these issuer anchors (TL-13).
    StatusSigner(StatusScope),
    /// Signs registrations of verifiers.
    Registrar,
    /// A type that is not known here: makes no anchor (TL-8).
    Unknown(String),
}

/// A service of a trusted entity: what it does, and the authorities of its certificates.
#[derive(Debug, Clone, PartialEq)]
pub struct TrustedService {
    /// Its name.
    pub name: LocalizedText,
    /// What its anchors are for. Read of a service that is not granted, it may lack types and scope.
    pub role: ServiceRole,
    /// The authorities. Read of a service that makes no anchors, there may be none.
    pub certificates: Vec<Certificate>,
    /// Whether its status is `granted` (TL-11).
    pub granted: bool,
}

/// A trusted entity, such as an agency.
#[derive(Debug, Clone, PartialEq)]
pub struct TrustedEntity {
    /// Its name.
    pub name: LocalizedText,
    /// A page about it.
    pub information_uri: Option<String>,
    /// What it does.
    pub services: Vec<TrustedService>,
}

/// The content of a trust list.
#[derive(Debug, Clone, PartialEq)]
pub struct TrustList {
    /// From 1 up, larger with each issue (TL-5).
    pub sequence_number: u64,
    /// When it was issued (TL-6).
    pub issued_at: Instant,
    /// When the next one is issued at the latest (TL-7).
    pub next_update: Instant,
    /// Who operates the scheme.
    pub operator: LocalizedText,
    /// The scheme's name.
    pub scheme: LocalizedText,
    /// The country, two capital letters.
    pub territory: String,
    /// The entities.
    pub entities: Vec<TrustedEntity>,
}

impl TrustList {
    /// Signs the list with the signer's chain.
    ///
    /// # Errors
    /// [`TrustListError::TooLong`], [`TrustListError::Signing`].
    pub fn sign(&self, chain: &CertificateChain, signer: &dyn Signer) -> Result<String, TrustListError> {
        let payload = wire::encode(self).map_err(|_| TrustListError::Malformed)?;
        let compact = HeaderBuilder::new(TRUST_LIST_TYPE)
            .x5c(&chain.to_der())
            .sign(&payload, signer)
            .map_err(|_| TrustListError::Signing)?;
        if compact.len() > MAX_TRUST_LIST_BYTES { Err(TrustListError::TooLong) } else { Ok(compact) }
    }
}

/// The list accepted last: to be kept, so that an older one never replaces it (TL-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct AcceptedList {
    /// Its number.
    pub sequence_number: u64,
    /// SHA-256 of its payload.
    pub hash: [u8; 32],
}

/// A trust list as received: parsed, not verified.
#[derive(Clone)]
pub struct SignedTrustList {
    jws: UnverifiedJws,
}

impl SignedTrustList {
    /// Parses a list in the compact serialisation.
    ///
    /// # Errors
    /// [`TrustListError::TooLong`], [`TrustListError::Malformed`], [`TrustListError::Signature`] for another algorithm.
    pub fn parse(compact: &str) -> Result<Self, TrustListError> {
        let jws =
            UnverifiedJws::parse_bounded(compact.trim_ascii(), MAX_TRUST_LIST_BYTES).map_err(jws_fault)?;
        Ok(Self { jws })
    }

    /// Verifies the list: signer, signature, number, dates, and every entry (TL-1 to TL-14).
    ///
    /// # Errors
    /// [`TrustListError`] with the first fault found.
    pub fn verify(
        &self,
        signers: &AnchorStore<TrustListSigner>,
        previous: Option<&AcceptedList>,
        now: Instant,
    ) -> Result<VerifiedTrustList, TrustListError> {
        let certificates = self.jws.header().x5c();
        if certificates.is_empty() {
            return Err(TrustListError::NoCertificates);
        }
        let chain = CertificateChain::from_der(certificates)?;
        let signer = verify_chain(&chain, signers, now, &ChainPolicy::role_only())?;
        let verified = self.jws.verify(signer.leaf_key(), TRUST_LIST_TYPE).map_err(jws_fault)?;
        let list = wire::decode(verified.payload())?;
        let hash = crypto::sha256(verified.payload());
        let older = previous.is_some_and(|previous| {
            list.sequence_number < previous.sequence_number
                || (list.sequence_number == previous.sequence_number && hash != previous.hash)
        });
        if older {
            return Err(TrustListError::Rollback);
        }
        if list.issued_at > now + CLOCK_LEEWAY_SECONDS {
            return Err(TrustListError::NotYetValid);
        }
        if list.next_update <= now {
            return Err(TrustListError::Expired);
        }
        let anchors = Anchors::of(&list)?;
        Ok(VerifiedTrustList { list, hash, anchors })
    }
}

/// A trust list that holds. Made by [`SignedTrustList::verify`] alone.
#[derive(Debug, Clone)]
pub struct VerifiedTrustList {
    list: TrustList,
    hash: [u8; 32],
    anchors: Anchors,
}

impl VerifiedTrustList {
    /// The content.
    #[must_use]
    pub fn list(&self) -> &TrustList {
        &self.list
    }

    /// What to keep, so that an older list never replaces this one (TL-5).
    #[must_use]
    pub fn accepted(&self) -> AcceptedList {
        AcceptedList { sequence_number: self.list.sequence_number, hash: self.hash }
    }

    /// The anchors that the list names, by role.
    #[must_use]
    pub fn anchors(&self) -> &Anchors {
        &self.anchors
    }
}

/// Anchors by role. Those that sign trust lists are not among them (TL-3).
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Anchors {
    /// Who issues, and which types.
    pub issuers: AnchorStore<Issuer>,
    /// Who asks.
    pub verifiers: AnchorStore<Verifier>,
    /// Who attests wallets.
    pub wallet_providers: AnchorStore<WalletProvider>,
    /// Who signs status lists, and for whom.
    pub status_signers: AnchorStore<StatusSigner>,
    /// Who registers verifiers.
    pub registrars: AnchorStore<Registrar>,
}

impl Anchors {
    /// TL-8, TL-9, TL-11 to TL-13.
    fn of(list: &TrustList) -> Result<Self, TrustListError> {
        let mut anchors = Self::default();
        let services = list.entities.iter().flat_map(|entity| &entity.services);
        for service in services.filter(|service| service.granted) {
            for certificate in service.certificates.iter().cloned() {
                match &service.role {
                    ServiceRole::Issuer(types) => {
                        let entitlements = IssuerEntitlements::types(types.iter().cloned());
                        anchors.issuers.add(TrustAnchor::for_issuer(certificate, entitlements)?);
                    }
                    ServiceRole::Verifier => anchors.verifiers.add(TrustAnchor::new(certificate)?),
                    ServiceRole::WalletProvider => {
                        anchors.wallet_providers.add(TrustAnchor::new(certificate)?)
                    }
                    ServiceRole::StatusSigner(scope) => {
                        let anchor = TrustAnchor::for_status_signer(certificate, scope.clone())?;
                        anchors.status_signers.add(anchor);
                    }
                    ServiceRole::Registrar => anchors.registrars.add(TrustAnchor::new(certificate)?),
                    ServiceRole::Unknown(_) => {}
                }
            }
        }
        Ok(anchors)
    }
}

fn jws_fault(error: JwsError) -> TrustListError {
    match error {
        JwsError::TooLarge => TrustListError::TooLong,
        JwsError::Type => TrustListError::Type,
        JwsError::Algorithm | JwsError::Signature => TrustListError::Signature,
        _ => TrustListError::Malformed,
    }
}
