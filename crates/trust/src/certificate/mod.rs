//! X.509 certificates and chains as this product meets them: in `x5c` (RFC 7515 4.1.6), in `x5chain` (RFC 9360) and in
//! trust lists. RFC 5280 section 4; rules PK-1, PK-16, PK-17, PK-19 of `docs/rules/PK.md`.
//!
//! A [`Certificate`] here is parsed, not trusted: trust comes from [`crate::verify_chain`] alone.

pub mod builder;
mod chain;

pub use chain::{CertificateChain, ChainParseError, MAX_CHAIN_CERTIFICATES};

use std::fmt;
use std::sync::Arc;

use const_oid::AssociatedOid;
use crypto::PublicKey;
use der::{Decode, Encode};
use primitives::{Blame, Instant, Left, Refusal};
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, SubjectAltName,
    SubjectKeyIdentifier,
};

/// The longest certificate accepted, in bytes of DER (PK-1). Real ones stay under 2 KiB.
pub const MAX_CERTIFICATE_BYTES: usize = 16 * 1024;
/// The most extensions looked at in one certificate (PK-1).
const MAX_EXTENSIONS: usize = 64;
/// The longest name shown to people, in characters.
const MAX_DISPLAY_CHARACTERS: usize = 200;

/// Why bytes are not a certificate that this product reads.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CertificateError {
    /// Longer than [`MAX_CERTIFICATE_BYTES`].
    #[error("the certificate is longer than {MAX_CERTIFICATE_BYTES} bytes")]
    TooLong,
    /// Not the DER encoding of a certificate, or one of the extensions we read is malformed.
    #[error("the certificate is malformed")]
    Malformed,
    /// Not version 3 (PK-1).
    #[error("the certificate is not version 3")]
    NotVersion3,
    /// An extension appears twice (PK-19).
    #[error("an extension appears twice in the certificate")]
    ExtensionTwice,
    /// The public key is not a P-256 key, where one is needed.
    #[error("the certificate's key is not a P-256 key")]
    UnsupportedKey,
}

impl Refusal for CertificateError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "certificate_too_long",
            Self::Malformed => "certificate_malformed",
            Self::NotVersion3 => "certificate_not_version_3",
            Self::ExtensionTwice => "certificate_extension_twice",
            Self::UnsupportedKey => "certificate_key_unsupported",
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::TooLong | Self::Malformed | Self::NotVersion3 => "PK-1",
            Self::ExtensionTwice => "PK-19",
            Self::UnsupportedKey => "PK-2",
        }
    }
    /// Who sent the certificate is known to the caller only; a certificate that came with an issuer's paper is meant here.
    fn blame(&self) -> Blame {
        Blame::Issuer
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// One parsed certificate, cheap to clone. It proves nothing by itself.
#[derive(Clone)]
pub struct Certificate {
    inner: Arc<Inner>,
}

struct Inner {
    der: Vec<u8>,
    subject: Vec<u8>,
    issuer: Vec<u8>,
    public_key_info: Vec<u8>,
    organisation: Option<String>,
    common_name: Option<String>,
    not_before: Instant,
    not_after: Instant,
    basic_constraints: Option<BasicConstraints>,
    key_usage: Option<KeyUsage>,
    purposes: Option<Vec<der::asn1::ObjectIdentifier>>,
    dns_names: Vec<String>,
    authority_key_id: Option<Vec<u8>>,
    subject_key_id: Option<Vec<u8>>,
}

impl Certificate {
    /// Reads one DER certificate (PK-1, PK-19).
    ///
    /// # Errors
    /// [`CertificateError`] when the bytes are too long, malformed, not version 3 or repeat an extension.
    pub fn from_der(bytes: &[u8]) -> Result<Self, CertificateError> {
        if bytes.len() > MAX_CERTIFICATE_BYTES {
            return Err(CertificateError::TooLong);
        }
        let malformed = |_| CertificateError::Malformed;
        let parsed = x509_cert::Certificate::from_der(bytes).map_err(malformed)?;
        let body = parsed.tbs_certificate();
        if body.version() != x509_cert::certificate::Version::V3 {
            return Err(CertificateError::NotVersion3);
        }
        let extensions = body.extensions().map(Vec::as_slice).unwrap_or_default();
        if extensions.len() > MAX_EXTENSIONS {
            return Err(CertificateError::Malformed);
        }
        let mut seen = std::collections::BTreeSet::new();
        if !extensions.iter().all(|extension| seen.insert(extension.extn_id)) {
            return Err(CertificateError::ExtensionTwice);
        }
        let dns_names = extension::<SubjectAltName>(body)?
            .map(|names| names.0)
            .unwrap_or_default()
            .into_iter()
            .filter_map(|name| match name {
                GeneralName::DnsName(name) => Some(name.as_str().to_owned()),
                _ => None,
            })
            .collect();
        let subject = body.subject();
        Ok(Self {
            inner: Arc::new(Inner {
                der: bytes.to_vec(),
                subject: subject.to_der().map_err(malformed)?,
                issuer: body.issuer().to_der().map_err(malformed)?,
                public_key_info: body.subject_public_key_info().to_der().map_err(malformed)?,
                organisation: subject
                    .organization()
                    .ok()
                    .flatten()
                    .and_then(|name| displayable(&name.value())),
                common_name: subject.common_name().ok().flatten().and_then(|name| displayable(&name.value())),
                not_before: instant(body.validity().not_before)?,
                not_after: instant(body.validity().not_after)?,
                basic_constraints: extension::<BasicConstraints>(body)?,
                key_usage: extension::<KeyUsage>(body)?,
                purposes: extension::<ExtendedKeyUsage>(body)?.map(|usage| usage.0),
                dns_names,
                authority_key_id: extension::<AuthorityKeyIdentifier>(body)?
                    .and_then(|id| id.key_identifier)
                    .map(|id| id.as_bytes().to_vec()),
                subject_key_id: extension::<SubjectKeyIdentifier>(body)?.map(|id| id.0.as_bytes().to_vec()),
            }),
        })
    }

    /// Reads one certificate in PEM (RFC 7468, label `CERTIFICATE`): how a profile's file names its anchors.
    ///
    /// # Errors
    /// [`CertificateError`], as [`Self::from_der`]; [`CertificateError::Malformed`] for anything but one PEM certificate.
    pub fn from_pem(text: &str) -> Result<Self, CertificateError> {
        if text.len() > MAX_CERTIFICATE_BYTES * 2 {
            return Err(CertificateError::TooLong);
        }
        match der::Document::from_pem(text.trim_ascii()) {
            Ok(("CERTIFICATE", document)) => Self::from_der(document.as_bytes()),
            _ => Err(CertificateError::Malformed),
        }
    }

    /// The certificate in PEM.
    ///
    /// # Errors
    /// [`CertificateError::Malformed`]; does not happen for a certificate that was read.
    pub fn to_pem(&self) -> Result<String, CertificateError> {
        let document = der::Document::try_from(self.der()).map_err(|_| CertificateError::Malformed)?;
        document.to_pem("CERTIFICATE", der::pem::LineEnding::LF).map_err(|_| CertificateError::Malformed)
    }

    /// The DER encoding, byte for byte as received.
    #[must_use]
    pub fn der(&self) -> &[u8] {
        &self.inner.der
    }

    /// SHA-256 of the whole DER encoding: what `x509_hash:` and trust lists name a certificate by (PK-17).
    #[must_use]
    pub fn hash(&self) -> [u8; 32] {
        crypto::sha256(&self.inner.der)
    }

    /// The subject's public key.
    ///
    /// # Errors
    /// [`CertificateError::UnsupportedKey`] when it is not a P-256 key (an authority above the leaf may well have another).
    pub fn public_key(&self) -> Result<PublicKey, CertificateError> {
        PublicKey::from_spki_der(&self.inner.public_key_info).map_err(|_| CertificateError::UnsupportedKey)
    }

    /// The subject's organisation, for people. `None` when absent, longer than 200 characters, or with characters that
    /// could make it look like another name (controls, direction overrides).
    #[must_use]
    pub fn organisation(&self) -> Option<&str> {
        self.inner.organisation.as_deref()
    }

    /// The subject's common name, for people, under the same rules as [`Self::organisation`]. Never matched against anything.
    #[must_use]
    pub fn common_name(&self) -> Option<&str> {
        self.inner.common_name.as_deref()
    }

    /// The name to show for the subject: the organisation, else the common name.
    #[must_use]
    pub fn display_name(&self) -> Option<&str> {
        self.organisation().or_else(|| self.common_name())
    }

    /// The start of the validity period, inclusive.
    #[must_use]
    pub fn not_before(&self) -> Instant {
        self.inner.not_before
    }

    /// The end of the validity period, inclusive.
    #[must_use]
    pub fn not_after(&self) -> Instant {
        self.inner.not_after
    }

    /// Whether `now` lies in the validity period, both ends included (PK-3).
    #[must_use]
    pub fn is_valid_at(&self, now: Instant) -> bool {
        self.inner.not_before <= now && now <= self.inner.not_after
    }

    /// Whether a `dNSName` entry equals `name`: whole, without regard to ASCII case, without wildcards (PK-16).
    #[must_use]
    pub fn names_dns(&self, name: &str) -> bool {
        !name.is_empty() && self.inner.dns_names.iter().any(|entry| entry.eq_ignore_ascii_case(name))
    }

    /// `authorityKeyIdentifier.keyIdentifier`, what DCQL's `aki` names (VP-D9).
    #[must_use]
    pub fn authority_key_id(&self) -> Option<&[u8]> {
        self.inner.authority_key_id.as_deref()
    }

    /// `subjectKeyIdentifier`.
    #[must_use]
    pub fn subject_key_id(&self) -> Option<&[u8]> {
        self.inner.subject_key_id.as_deref()
    }

    /// Whether the subject is its own issuer, by name (PK-12).
    #[must_use]
    pub fn is_self_issued(&self) -> bool {
        self.inner.subject == self.inner.issuer
    }

    /// Whether `other` has the same subject and the same key: the identity of a trust anchor (RFC 5280 6.1.1 (d), PK-11).
    #[must_use]
    pub fn is_same_party(&self, other: &Self) -> bool {
        self.inner.subject == other.inner.subject && self.inner.public_key_info == other.inner.public_key_info
    }

    /// SHA-256 of what [`is_same_party`](Self::is_same_party) compares, for keeping things by it: a renewed certificate changes nothing.
    #[must_use]
    pub fn party(&self) -> [u8; 32] {
        crypto::sha256(&[&self.inner.subject[..], &self.inner.public_key_info].concat())
    }

    /// The subject's name, DER.
    #[must_use]
    pub fn subject_der(&self) -> &[u8] {
        &self.inner.subject
    }

    /// The issuer's name, DER.
    #[must_use]
    pub fn issuer_der(&self) -> &[u8] {
        &self.inner.issuer
    }

    pub(crate) fn is_authority(&self) -> bool {
        self.inner.basic_constraints.as_ref().is_some_and(|constraints| constraints.ca)
    }

    pub(crate) fn path_length(&self) -> Option<u8> {
        self.inner.basic_constraints.as_ref().and_then(|constraints| constraints.path_len_constraint)
    }

    pub(crate) fn may_sign_documents(&self) -> bool {
        self.inner.key_usage.as_ref().is_some_and(KeyUsage::digital_signature)
    }

    pub(crate) fn may_sign_certificates(&self) -> bool {
        self.inner.key_usage.as_ref().is_some_and(KeyUsage::key_cert_sign)
    }

    pub(crate) fn purposes(&self) -> Option<&[der::asn1::ObjectIdentifier]> {
        self.inner.purposes.as_deref()
    }
}

impl PartialEq for Certificate {
    fn eq(&self, other: &Self) -> bool {
        self.inner.der == other.inner.der
    }
}

impl Eq for Certificate {}

impl fmt::Debug for Certificate {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter
            .debug_struct("Certificate")
            .field("name", &self.display_name())
            .field("bytes", &self.inner.der.len())
            .finish()
    }
}

fn extension<'a, T>(body: &'a x509_cert::TbsCertificate) -> Result<Option<T>, CertificateError>
where
    T: Decode<'a> + AssociatedOid,
{
    match body.get_extension::<T>() {
        Ok(found) => Ok(found.map(|(_critical, value)| value)),
        Err(_) => Err(CertificateError::Malformed),
    }
}

fn instant(time: x509_cert::time::Time) -> Result<Instant, CertificateError> {
    i64::try_from(time.to_unix_duration().as_secs())
        .map(Instant::from_unix_seconds)
        .map_err(|_| CertificateError::Malformed)
}

/// Names come from foreign certificates and end on the consent screen: what could disguise a name is not shown at all.
fn displayable(name: &str) -> Option<String> {
    let name = name.trim();
    let disguises = |character: char| {
        character.is_control()
            || matches!(character, '\u{200B}'..='\u{200F}' | '\u{202A}'..='\u{202E}' | '\u{2060}'..='\u{206F}' | '\u{FEFF}')
    };
    let fits =
        !name.is_empty() && name.chars().count() <= MAX_DISPLAY_CHARACTERS && !name.chars().any(disguises);
    fits.then(|| name.to_owned())
}
