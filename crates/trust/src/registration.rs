//! The signed registration of a verifier: who asks, for what, what is kept and for how long, and what refusing means.
//! It travels in `verifier_info` (OpenID4VP 1.0 sections 5.1 and 5.11) and is signed by a registrar, so that the five
//! lines of the consent screen come from somebody else than the one who asks. Rules PK-20 to PK-22, VP-R13.
//!
//! The shape follows the registration certificates of ETSI TS 119 475, with the statements that Korean law asks for.

use crypto::Signer;
use crypto::jws::{HeaderBuilder, JwsError, UnverifiedJws};
use primitives::{Blame, ClaimPath, Instant, Left, LocalizedText, Refusal};
use serde::{Deserialize, Serialize};

use crate::CLOCK_LEEWAY_SECONDS;
use crate::anchor::AnchorStore;
use crate::certificate::{Certificate, CertificateChain, ChainParseError};
use crate::entitlement::CredentialType;
use crate::role::{Registrar, Verifier};
use crate::verify::{ChainError, ChainPolicy, VerifiedChain, verify_chain};

/// `typ` of a registration (PK-20).
pub const REGISTRATION_TYPE: &str = "rc-rp+jwt";
/// `format` of a registration in `verifier_info`.
pub const REGISTRATION_FORMAT: &str = "registration_cert";
/// The longest registration read, in bytes.
pub const MAX_REGISTRATION_BYTES: usize = 64 * 1024;
/// The most items a registration may list, and the most paths of one item.
pub const MAX_REGISTERED: usize = 128;
/// The longest text for people, in characters.
pub const MAX_TEXT_CHARACTERS: usize = 1000;

/// Why a registration does not count.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// Longer than [`MAX_REGISTRATION_BYTES`], or with more than it may list.
    #[error("the registration is too long")]
    TooLong,
    /// Not a JWT, or a claim is missing or of the wrong kind.
    #[error("the registration is malformed")]
    Malformed,
    /// The type is not that of a registration (PK-20).
    #[error("the token is not a registration")]
    Type,
    /// No certificate chain says who signed (PK-20).
    #[error("the registration does not say who signed it")]
    NoCertificates,
    /// The chain cannot be read.
    #[error(transparent)]
    Certificates(#[from] ChainParseError),
    /// The signer is no registrar (PK-20).
    #[error("the registration is not signed by a registrar: {0}")]
    Signer(#[from] ChainError),
    /// The signature does not verify, or is not ES256 (PK-20).
    #[error("the registration's signature is invalid")]
    Signature,
    /// It is the registration of somebody else (PK-21).
    #[error("the registration is that of another verifier")]
    OtherVerifier,
    /// `iat` lies in the future (PK-22).
    #[error("the registration is not valid yet")]
    NotYetValid,
    /// `exp` is past (PK-22).
    #[error("the registration has expired")]
    Expired,
    /// The registrar could not sign.
    #[error("the registration could not be signed")]
    Signing,
}

impl RegistrationError {
    /// Whether the registration is none that can be used here: no registrar that is known says it, or it is in no form that is understood.
    /// Nobody who counts is then known to have said anything false.
    #[must_use]
    pub fn is_unusable(&self) -> bool {
        matches!(
            self,
            Self::TooLong | Self::Malformed | Self::NoCertificates | Self::Certificates(_) | Self::Signer(_)
        )
    }
}

impl Refusal for RegistrationError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "registration_too_long",
            Self::Malformed => "registration_malformed",
            Self::Type => "registration_type",
            Self::NoCertificates => "registration_without_chain",
            Self::Certificates(error) => error.code(),
            Self::Signer(_) => "registration_signer_not_allowed",
            Self::Signature => "registration_signature_invalid",
            Self::OtherVerifier => "registration_of_another",
            Self::NotYetValid => "registration_not_yet_valid",
            Self::Expired => "registration_expired",
            Self::Signing => "signing_failed",
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::OtherVerifier => "PK-21",
            Self::NotYetValid | Self::Expired => "PK-22",
            Self::Certificates(error) => error.rule(),
            _ => "PK-20",
        }
    }
    fn blame(&self) -> Blame {
        match self {
            Self::Signing => Blame::Application,
            _ => Blame::Verifier,
        }
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// The verifier that a registration is for: its client identifier (PK-21).
#[derive(Debug, Clone, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(into = "String", try_from = "String")]
pub enum RegisteredVerifier {
    /// `x509_hash:` with the base64url SHA-256 of the verifier's certificate.
    X509Hash([u8; 32]),
    /// `x509_san_dns:` with a DNS name of the verifier's certificate.
    X509SanDns(String),
    /// A client identifier that something else than a certificate vouches for, whole, prefix included.
    ClientId(String),
}

impl RegisteredVerifier {
    /// The verifier with this certificate and no other.
    #[must_use]
    pub fn of_certificate(certificate: &Certificate) -> Self {
        Self::X509Hash(certificate.hash())
    }

    /// Whether the chain that authenticated the request is this verifier's.
    #[must_use]
    pub fn is(&self, verifier: &VerifiedChain<Verifier>) -> bool {
        match self {
            Self::X509Hash(hash) => verifier.leaf().hash() == *hash,
            Self::X509SanDns(name) => verifier.is_x509_san_dns(name),
            Self::ClientId(_) => false,
        }
    }
}

impl From<RegisteredVerifier> for String {
    fn from(verifier: RegisteredVerifier) -> Self {
        match verifier {
            RegisteredVerifier::X509Hash(hash) => {
                format!("x509_hash:{}", primitives::base64url::encode(&hash))
            }
            RegisteredVerifier::X509SanDns(name) => format!("x509_san_dns:{name}"),
            RegisteredVerifier::ClientId(id) => id,
        }
    }
}

/// A `sub` that is no client identifier of somebody who can be authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the registration names no verifier")]
pub struct NotAVerifier;

impl TryFrom<String> for RegisteredVerifier {
    type Error = NotAVerifier;

    fn try_from(value: String) -> Result<Self, NotAVerifier> {
        match value.split_once(':') {
            Some(("x509_hash", hash)) => {
                let bytes = primitives::base64url::decode(hash).map_err(|_| NotAVerifier)?;
                bytes.try_into().map(Self::X509Hash).map_err(|_| NotAVerifier)
            }
            Some(("x509_san_dns", name)) if !name.is_empty() => Ok(Self::X509SanDns(name.to_owned())),
            // An address signs nothing, and the others are nobody's.
            Some(("x509_san_dns" | "redirect_uri" | "origin", _)) => Err(NotAVerifier),
            _ if value.is_empty() => Err(NotAVerifier),
            _ => Ok(Self::ClientId(value)),
        }
    }
}

/// What a verifier is registered to ask of one type of credential.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RegisteredItem {
    /// The credential's format and type.
    #[serde(flatten)]
    pub credential: CredentialType,
    /// The claims it may ask for.
    pub claims: Vec<ClaimPath>,
}

fn known_items<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Vec<RegisteredItem>, D::Error> {
    let items = Vec::<serde_json::Value>::deserialize(deserializer)?;
    Ok(items.into_iter().filter_map(|item| serde_json::from_value(item).ok()).collect())
}

/// What a registrar attests of a verifier. Each statement stands in Korean and English.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Registration {
    /// Whom it is for.
    #[serde(rename = "sub")]
    pub verifier: RegisteredVerifier,
    /// When it was signed.
    #[serde(rename = "iat")]
    pub issued_at: Instant,
    /// When it ends.
    #[serde(rename = "exp")]
    pub expires_at: Instant,
    /// 받는 자: the verifier's name.
    pub name: LocalizedText,
    /// 목적: what the items are used for.
    pub purpose: LocalizedText,
    /// 항목: what it may ask for. What is said of formats that are not known here is read as nothing, and then nothing of them is registered.
    #[serde(rename = "credentials", deserialize_with = "known_items")]
    pub items: Vec<RegisteredItem>,
    /// 보유·이용기간: how long the items are kept. `None` reads as "not stated".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub retention: Option<LocalizedText>,
    /// 거부할 권리와 불이익: what refusing means. `None` reads as "not stated".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub consequences_of_refusal: Option<LocalizedText>,
    /// The law or the agreement that the request rests on. `None` reads as "not stated".
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub legal_basis: Option<LocalizedText>,
    /// The law that lets this verifier process resident registration numbers (개인정보 보호법 제24조의2); consent is not
    /// enough, so without it a request for the number is refused.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub resident_number_basis: Option<LocalizedText>,
}

impl Registration {
    /// Signs the registration as a registrar; the result goes into `verifier_info` as `data`, with
    /// [`REGISTRATION_FORMAT`] as `format`.
    ///
    /// # Errors
    /// [`RegistrationError::TooLong`], [`RegistrationError::Signing`].
    pub fn sign(&self, chain: &CertificateChain, signer: &dyn Signer) -> Result<String, RegistrationError> {
        self.check_bounds()?;
        let claims = serde_json::to_vec(self).map_err(|_| RegistrationError::Malformed)?;
        HeaderBuilder::new(REGISTRATION_TYPE)
            .x5c(&chain.to_der())
            .sign(&claims, signer)
            .map_err(|_| RegistrationError::Signing)
    }

    /// Whether the verifier is registered to ask for the claim of the credential: the claim itself, or one that contains it.
    #[must_use]
    pub fn covers(&self, credential: &CredentialType, claim: &ClaimPath) -> bool {
        self.items
            .iter()
            .filter(|item| item.credential == *credential)
            .any(|item| item.claims.iter().any(|registered| claim.lies_within(registered)))
    }

    fn check_bounds(&self) -> Result<(), RegistrationError> {
        let optional =
            [&self.retention, &self.consequences_of_refusal, &self.legal_basis, &self.resident_number_basis];
        let texts = [&self.name, &self.purpose].into_iter().chain(optional.into_iter().flatten());
        let fits = |text: &str| text.chars().count() <= MAX_TEXT_CHARACTERS;
        let all_fit = texts.into_iter().all(|text| fits(&text.ko) && fits(&text.en))
            && self.items.len() <= MAX_REGISTERED
            && self.items.iter().all(|item| item.claims.len() <= MAX_REGISTERED);
        if all_fit { Ok(()) } else { Err(RegistrationError::TooLong) }
    }
}

/// A registration as received: parsed, not verified.
#[derive(Clone)]
pub struct SignedRegistration {
    jws: UnverifiedJws,
}

impl SignedRegistration {
    /// Parses a registration in the compact serialisation.
    ///
    /// # Errors
    /// [`RegistrationError::TooLong`], [`RegistrationError::Malformed`], [`RegistrationError::Signature`] for another algorithm.
    pub fn parse(compact: &str) -> Result<Self, RegistrationError> {
        let jws = UnverifiedJws::parse_bounded(compact, MAX_REGISTRATION_BYTES).map_err(jws_fault)?;
        Ok(Self { jws })
    }

    /// Verifies that a registrar registered the verifier that signed the request (PK-20 to PK-22).
    ///
    /// # Errors
    /// [`RegistrationError`] with the first fault found.
    pub fn verify(
        &self,
        verifier: &VerifiedChain<Verifier>,
        registrars: &AnchorStore<Registrar>,
        now: Instant,
    ) -> Result<VerifiedRegistration, RegistrationError> {
        self.verify_for(|registered| registered.is(verifier), registrars, now)
    }

    /// As [`verify`](Self::verify), for a client that something else than a certificate vouches for: the caller has authenticated this
    /// client identifier.
    ///
    /// # Errors
    /// [`RegistrationError`] with the first fault found.
    pub fn verify_for_client(
        &self,
        client_id: &str,
        registrars: &AnchorStore<Registrar>,
        now: Instant,
    ) -> Result<VerifiedRegistration, RegistrationError> {
        let is = |registered: &RegisteredVerifier| matches!(registered, RegisteredVerifier::ClientId(id) if id == client_id);
        self.verify_for(is, registrars, now)
    }

    fn verify_for(
        &self,
        is_for: impl Fn(&RegisteredVerifier) -> bool,
        registrars: &AnchorStore<Registrar>,
        now: Instant,
    ) -> Result<VerifiedRegistration, RegistrationError> {
        let certificates = self.jws.header().x5c();
        if certificates.is_empty() {
            return Err(RegistrationError::NoCertificates);
        }
        let chain = CertificateChain::from_der(certificates)?;
        let registrar = verify_chain(&chain, registrars, now, &ChainPolicy::role_only())?;
        let verified = self.jws.verify(registrar.leaf_key(), REGISTRATION_TYPE).map_err(jws_fault)?;
        let claims = verified.claims().map_err(jws_fault)?;
        let registration: Registration = serde_json::from_value(serde_json::Value::Object(claims))
            .map_err(|_| RegistrationError::Malformed)?;
        registration.check_bounds()?;
        if !is_for(&registration.verifier) {
            return Err(RegistrationError::OtherVerifier);
        }
        if registration.issued_at > now + CLOCK_LEEWAY_SECONDS {
            return Err(RegistrationError::NotYetValid);
        }
        if registration.expires_at <= now {
            return Err(RegistrationError::Expired);
        }
        Ok(VerifiedRegistration { registration, registrar })
    }
}

/// A registration that a registrar signed for the verifier at hand. Made by [`SignedRegistration::verify`] alone.
#[derive(Debug, Clone)]
pub struct VerifiedRegistration {
    registration: Registration,
    registrar: VerifiedChain<Registrar>,
}

impl VerifiedRegistration {
    /// What is attested.
    #[must_use]
    pub fn registration(&self) -> &Registration {
        &self.registration
    }

    /// Who attests it.
    #[must_use]
    pub fn registrar(&self) -> &VerifiedChain<Registrar> {
        &self.registrar
    }
}

fn jws_fault(error: JwsError) -> RegistrationError {
    match error {
        JwsError::TooLarge => RegistrationError::TooLong,
        JwsError::Type => RegistrationError::Type,
        JwsError::Algorithm | JwsError::Signature => RegistrationError::Signature,
        _ => RegistrationError::Malformed,
    }
}
