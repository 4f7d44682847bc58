//! Making certificates: roots, intermediates and leaves for the demo government and for tests. RFC 5280 section 4.
//!
//! The builder makes what RFC 5280 asks for; each part can be set otherwise, so that a test can make the certificate
//! that must be refused. Serial numbers come from [`primitives::Entropy`].

use const_oid::AssociatedOid;
use crypto::{PublicKey, Signer};
use der::asn1::{Any, BitString, Ia5String, ObjectIdentifier, OctetString, SetOfVec};
use der::flagset::FlagSet;
use der::{Decode, Encode, Sequence, Tag};
use primitives::{Blame, Entropy, Instant, Left, Refusal};
use x509_cert::attr::AttributeTypeAndValue;
use x509_cert::ext::Extension;
use x509_cert::ext::pkix::constraints::name::GeneralSubtree;
use x509_cert::ext::pkix::name::GeneralName;
use x509_cert::ext::pkix::{
    AuthorityKeyIdentifier, BasicConstraints, ExtendedKeyUsage, KeyUsage, NameConstraints, SubjectAltName,
    SubjectKeyIdentifier,
};
use x509_cert::time::{Time, Validity as X509Validity};

pub use x509_cert::ext::pkix::KeyUsages;

use super::Certificate;

/// `anyExtendedKeyUsage` (RFC 5280 4.2.1.12).
pub(crate) const ANY_PURPOSE: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.29.37.0");
const ECDSA_WITH_SHA256: ObjectIdentifier = ObjectIdentifier::new_unwrap("1.2.840.10045.4.3.2");
const COMMON_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.3");
const COUNTRY_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.6");
const ORGANISATION_NAME: ObjectIdentifier = ObjectIdentifier::new_unwrap("2.5.4.10");
/// The length of a serial number, in bytes: at most 20 by RFC 5280 4.1.2.2, at least 8 by good practice.
const SERIAL_BYTES: usize = 16;

/// What a certificate's key is for (extended key usage, RFC 5280 4.2.1.12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// Signing mdocs (ISO/IEC 18013-5 B.1.4): 1.0.18013.5.1.2.
    MdocDocumentSigner,
    /// Asking for mdocs (ISO/IEC 18013-5 B.1.7): 1.0.18013.5.1.6.
    MdocReader,
    /// TLS server: 1.3.6.1.5.5.7.3.1.
    ServerAuthentication,
    /// TLS client: 1.3.6.1.5.5.7.3.2.
    ClientAuthentication,
}

impl Purpose {
    /// The object identifier.
    #[must_use]
    pub fn oid(&self) -> ObjectIdentifier {
        match self {
            Self::MdocDocumentSigner => ObjectIdentifier::new_unwrap("1.0.18013.5.1.2"),
            Self::MdocReader => ObjectIdentifier::new_unwrap("1.0.18013.5.1.6"),
            Self::ServerAuthentication => ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.1"),
            Self::ClientAuthentication => ObjectIdentifier::new_unwrap("1.3.6.1.5.5.7.3.2"),
        }
    }
}

/// The name of a certificate's subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Subject {
    common_name: String,
    organisation: Option<String>,
    country: Option<String>,
}

impl Subject {
    /// A subject with a common name.
    #[must_use]
    pub fn new(common_name: impl Into<String>) -> Self {
        Self { common_name: common_name.into(), organisation: None, country: None }
    }

    /// With an organisation: the name that people are shown.
    #[must_use]
    pub fn organisation(mut self, name: impl Into<String>) -> Self {
        self.organisation = Some(name.into());
        self
    }

    /// With a country, two capital letters (ISO 3166-1 alpha-2).
    #[must_use]
    pub fn country(mut self, code: impl Into<String>) -> Self {
        self.country = Some(code.into());
        self
    }

    fn encode(&self) -> der::Result<Any> {
        let attributes = [
            self.country.as_ref().map(|value| (COUNTRY_NAME, Tag::PrintableString, value)),
            self.organisation.as_ref().map(|value| (ORGANISATION_NAME, Tag::Utf8String, value)),
            Some((COMMON_NAME, Tag::Utf8String, &self.common_name)),
        ];
        let names: der::Result<Vec<_>> = attributes
            .into_iter()
            .flatten()
            .map(|(oid, tag, value)| {
                let value = Any::new(tag, value.as_bytes())?;
                SetOfVec::try_from(vec![AttributeTypeAndValue { oid, value }])
            })
            .collect();
        Any::from_der(&names?.to_der()?)
    }
}

/// The period in which a certificate is valid, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// `notBefore`.
    pub not_before: Instant,
    /// `notAfter`.
    pub not_after: Instant,
}

impl Validity {
    /// From `start` for a number of days.
    #[must_use]
    pub fn days(start: Instant, days: i64) -> Self {
        Self { not_before: start, not_after: start + days.saturating_mul(24 * 60 * 60) }
    }
}

/// Why a certificate could not be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BuildError {
    /// A value cannot be put into a certificate (a name too long, a date before 1970).
    #[error("a value does not fit into a certificate")]
    Value,
    /// The signer did not sign.
    #[error("the certificate could not be signed")]
    Signing,
    /// No randomness for the serial number.
    #[error("no randomness for the serial number")]
    Entropy,
}

impl Refusal for BuildError {
    fn code(&self) -> &'static str {
        match self {
            Self::Value => "certificate_value",
            Self::Signing => "certificate_signing",
            Self::Entropy => "entropy_unavailable",
        }
    }
    fn rule(&self) -> &'static str {
        ""
    }
    fn blame(&self) -> Blame {
        match self {
            Self::Value | Self::Signing => Blame::Application,
            Self::Entropy => Blame::Computer,
        }
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// A certificate in the making.
#[derive(Debug, Clone)]
pub struct CertificateBuilder {
    subject: Subject,
    validity: Validity,
    authority: Option<bool>,
    path_length: Option<u8>,
    key_usage: Option<FlagSet<KeyUsages>>,
    purposes: Vec<ObjectIdentifier>,
    purposes_critical: bool,
    dns_names: Vec<String>,
    permitted_dns: Vec<String>,
    authority_key_id: Option<Vec<u8>>,
    further: Vec<(ObjectIdentifier, bool, Vec<u8>)>,
}

impl CertificateBuilder {
    /// An authority, root or intermediate: `cA` true, `keyCertSign` and `cRLSign`.
    #[must_use]
    pub fn authority(subject: Subject, validity: Validity) -> Self {
        Self {
            authority: Some(true),
            key_usage: Some(KeyUsages::KeyCertSign | KeyUsages::CRLSign),
            ..Self::leaf(subject, validity)
        }
    }

    /// A leaf that signs documents: no `basicConstraints`, `digitalSignature`.
    #[must_use]
    pub fn leaf(subject: Subject, validity: Validity) -> Self {
        Self {
            subject,
            validity,
            authority: None,
            path_length: None,
            key_usage: Some(KeyUsages::DigitalSignature.into()),
            purposes: Vec::new(),
            purposes_critical: false,
            dns_names: Vec::new(),
            permitted_dns: Vec::new(),
            authority_key_id: None,
            further: Vec::new(),
        }
    }

    /// Sets `cA`.
    #[must_use]
    pub fn with_authority(mut self, authority: bool) -> Self {
        self.authority = Some(authority);
        self
    }

    /// Sets `pathLenConstraint`: how many authorities may stand between this one and a leaf.
    #[must_use]
    pub fn with_path_length(mut self, authorities: u8) -> Self {
        self.path_length = Some(authorities);
        self
    }

    /// Sets `keyUsage`, or leaves it out.
    #[must_use]
    pub fn with_key_usage(mut self, usages: Option<FlagSet<KeyUsages>>) -> Self {
        self.key_usage = usages;
        self
    }

    /// Adds an extended key usage. That of an mdoc document signer makes the extension critical, as ISO asks.
    #[must_use]
    pub fn with_purpose(mut self, purpose: Purpose) -> Self {
        self.purposes_critical |= purpose == Purpose::MdocDocumentSigner || purpose == Purpose::MdocReader;
        self.purposes.push(purpose.oid());
        self
    }

    /// Adds a `dNSName` to the subject alternative name.
    #[must_use]
    pub fn with_dns_name(mut self, name: impl Into<String>) -> Self {
        self.dns_names.push(name.into());
        self
    }

    /// Adds a permitted `dNSName` subtree to the name constraints.
    #[must_use]
    pub fn with_permitted_dns(mut self, subtree: impl Into<String>) -> Self {
        self.permitted_dns.push(subtree.into());
        self
    }

    /// Sets `authorityKeyIdentifier` to something else than the issuer's `subjectKeyIdentifier`.
    #[must_use]
    pub fn with_authority_key_id(mut self, id: Vec<u8>) -> Self {
        self.authority_key_id = Some(id);
        self
    }

    /// Adds any other extension: object identifier, criticality, DER value.
    #[must_use]
    pub fn with_extension(mut self, oid: ObjectIdentifier, critical: bool, value: Vec<u8>) -> Self {
        self.further.push((oid, critical, value));
        self
    }

    /// Signs the certificate with the subject's own key: a root.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn self_signed(self, key: &dyn Signer, entropy: &dyn Entropy) -> Result<Certificate, BuildError> {
        let subject = self.subject.encode().map_err(value)?;
        let public_key = key.public_key();
        let key_id = key_id(&public_key)?;
        self.sign(&public_key, subject, key_id, key, entropy)
    }

    /// Signs the certificate of `subject_key` as the authority `issuer`, whose key is `issuer_key`.
    ///
    /// # Errors
    /// [`BuildError`].
    pub fn issued_by(
        self,
        subject_key: &PublicKey,
        issuer: &Certificate,
        issuer_key: &dyn Signer,
        entropy: &dyn Entropy,
    ) -> Result<Certificate, BuildError> {
        let issuer_name = Any::from_der(issuer.subject_der()).map_err(value)?;
        let issuer_key_id = match issuer.subject_key_id() {
            Some(id) => id.to_vec(),
            None => key_id(&issuer_key.public_key())?,
        };
        self.sign(subject_key, issuer_name, issuer_key_id, issuer_key, entropy)
    }

    fn sign(
        self,
        subject_key: &PublicKey,
        issuer_name: Any,
        issuer_key_id: Vec<u8>,
        signer: &dyn Signer,
        entropy: &dyn Entropy,
    ) -> Result<Certificate, BuildError> {
        let mut serial = [0_u8; SERIAL_BYTES];
        entropy.fill(&mut serial).map_err(|_| BuildError::Entropy)?;
        // The number is to be positive and of full length, so that no leading zero is dropped.
        serial[0] = (serial[0] & 0x7f) | 0x40;
        let body = Body {
            version: 2,
            serial_number: Any::new(Tag::Integer, serial.as_slice()).map_err(value)?,
            signature: algorithm(),
            issuer: issuer_name,
            validity: X509Validity::new(time(self.validity.not_before)?, time(self.validity.not_after)?),
            subject: self.subject.encode().map_err(value)?,
            public_key_info: Any::from_der(&spki(subject_key)?).map_err(value)?,
            extensions: self.extensions(key_id(subject_key)?, issuer_key_id).map_err(value)?,
        };
        let to_sign = body.to_der().map_err(value)?;
        let signature = signer.sign(&to_sign).map_err(|_| BuildError::Signing)?;
        let signature = signature.to_der().map_err(|_| BuildError::Signing)?;
        let whole = Signed {
            body: Any::from_der(&to_sign).map_err(value)?,
            algorithm: algorithm(),
            signature: BitString::from_bytes(&signature).map_err(value)?,
        };
        Certificate::from_der(&whole.to_der().map_err(value)?).map_err(|_| BuildError::Value)
    }

    fn extensions(&self, subject_key_id: Vec<u8>, issuer_key_id: Vec<u8>) -> der::Result<Vec<Extension>> {
        let mut extensions = Vec::new();
        if let Some(ca) = self.authority {
            let constraints = BasicConstraints { ca, path_len_constraint: self.path_length };
            extensions.push(extension(&constraints, true)?);
        }
        if let Some(usages) = self.key_usage {
            extensions.push(extension(&KeyUsage(usages), true)?);
        }
        extensions.push(extension(&SubjectKeyIdentifier(OctetString::new(subject_key_id)?), false)?);
        let authority = AuthorityKeyIdentifier {
            key_identifier: Some(OctetString::new(self.authority_key_id.clone().unwrap_or(issuer_key_id))?),
            authority_cert_issuer: None,
            authority_cert_serial_number: None,
        };
        extensions.push(extension(&authority, false)?);
        if !self.purposes.is_empty() {
            extensions.push(extension(&ExtendedKeyUsage(self.purposes.clone()), self.purposes_critical)?);
        }
        if !self.dns_names.is_empty() {
            let names: der::Result<Vec<_>> = self.dns_names.iter().map(|name| dns_name(name)).collect();
            extensions.push(extension(&SubjectAltName(names?), false)?);
        }
        if !self.permitted_dns.is_empty() {
            let subtrees: der::Result<Vec<_>> = self
                .permitted_dns
                .iter()
                .map(|name| Ok(GeneralSubtree { base: dns_name(name)?, minimum: 0, maximum: None }))
                .collect();
            let constraints =
                NameConstraints { permitted_subtrees: Some(subtrees?), excluded_subtrees: None };
            extensions.push(extension(&constraints, true)?);
        }
        for (oid, critical, bytes) in &self.further {
            extensions.push(Extension {
                extn_id: *oid,
                critical: *critical,
                extn_value: OctetString::new(bytes.as_slice())?,
            });
        }
        Ok(extensions)
    }
}

#[derive(Sequence)]
struct Body {
    #[asn1(context_specific = "0", tag_mode = "EXPLICIT")]
    version: u8,
    serial_number: Any,
    signature: AlgorithmIdentifier,
    issuer: Any,
    validity: X509Validity,
    subject: Any,
    public_key_info: Any,
    #[asn1(context_specific = "3", tag_mode = "EXPLICIT")]
    extensions: Vec<Extension>,
}

#[derive(Sequence)]
struct AlgorithmIdentifier {
    algorithm: ObjectIdentifier,
}

#[derive(Sequence)]
struct Signed {
    body: Any,
    algorithm: AlgorithmIdentifier,
    signature: BitString,
}

fn algorithm() -> AlgorithmIdentifier {
    AlgorithmIdentifier { algorithm: ECDSA_WITH_SHA256 }
}

fn value(_: der::Error) -> BuildError {
    BuildError::Value
}

fn extension<T: AssociatedOid + Encode>(content: &T, critical: bool) -> der::Result<Extension> {
    Ok(Extension { extn_id: T::OID, critical, extn_value: OctetString::new(content.to_der()?)? })
}

fn dns_name(name: &str) -> der::Result<GeneralName> {
    Ok(GeneralName::DnsName(Ia5String::new(name)?))
}

fn time(instant: Instant) -> Result<Time, BuildError> {
    let seconds = u64::try_from(instant.unix_seconds()).map_err(|_| BuildError::Value)?;
    let date = der::DateTime::from_unix_duration(std::time::Duration::from_secs(seconds)).map_err(value)?;
    // RFC 5280 4.1.2.5: UTCTime through 2049, GeneralizedTime after.
    if date.year() < 2050 {
        der::asn1::UtcTime::from_date_time(date).map(Time::UtcTime).map_err(value)
    } else {
        Ok(Time::GeneralTime(der::asn1::GeneralizedTime::from_date_time(date)))
    }
}

/// The first 160 bits of SHA-256 over the public key: RFC 5280 4.2.1.2 leaves the method open.
fn key_id(key: &PublicKey) -> Result<Vec<u8>, BuildError> {
    Ok(crypto::sha256(&spki(key)?).iter().copied().take(20).collect())
}

fn spki(key: &PublicKey) -> Result<Vec<u8>, BuildError> {
    key.to_spki_der().map_err(|_| BuildError::Value)
}
