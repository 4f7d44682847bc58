//! Parties of the demo government's certificates: authorities and signers, each in a file of its own (PKCS#8 PEM and
//! certificates, for the user alone), made at the first start and kept, so that papers stay valid.

use std::path::Path;

use crypto::{PrivateKey, PublicKey, Signer as _, SystemEntropy};
use primitives::Instant;
use trust::certificate::builder::{BuildError, CertificateBuilder, Purpose, Subject, Validity};
use trust::{Certificate, CertificateChain};
use vault::files;

use crate::error::GovernmentError;

/// A root and an intermediate are valid for twenty and ten years.
const ROOT_DAYS: i64 = 20 * 365;
const INTERMEDIATE_DAYS: i64 = 10 * 365;
/// A little of the past, in seconds: what is signed "as of this morning" lies within the certificate's validity.
const BEFORE_SECONDS: i64 = 3 * 24 * 60 * 60;
/// The largest file of a party, in bytes.
const MAX_BUNDLE_BYTES: u64 = 64 * 1024;
const DAY_SECONDS: i64 = 24 * 60 * 60;
/// Fictional country of the demo; user-assigned in ISO 3166-1.
const COUNTRY: &str = "XN";

/// A root, or an intermediate below one.
#[derive(Clone)]
pub struct Authority {
    /// Its key.
    pub key: PrivateKey,
    /// Its certificate.
    pub certificate: Certificate,
}

/// A key with its chain, the leaf first and without the anchor (HA-9).
#[derive(Clone)]
pub struct Party {
    /// Its key.
    pub key: PrivateKey,
    /// Its chain.
    pub chain: CertificateChain,
}

/// What a leaf certificate says.
#[derive(Debug, Clone)]
pub(crate) struct LeafSpec {
    /// The common name.
    pub(crate) common_name: String,
    /// The organisation: the name that people are shown.
    pub(crate) organisation: String,
    /// The names in the subject alternative name.
    pub(crate) dns_names: Vec<String>,
    /// What the key is for.
    pub(crate) purpose: Option<Purpose>,
    /// How long it is valid, in days.
    pub(crate) days: i64,
    /// It is renewed when it ends in fewer days than this.
    pub(crate) renew_days: i64,
}

/// The folder with the parties' files.
pub(crate) struct Bundles<'a> {
    /// The folder.
    pub(crate) folder: &'a Path,
    /// Now.
    pub(crate) now: Instant,
}

impl Bundles<'_> {
    fn read(&self, name: &str) -> Result<Option<(PrivateKey, Vec<Certificate>)>, GovernmentError> {
        let path = self.folder.join(format!("{name}.pem"));
        let Some(bytes) = files::read_bounded(&path, MAX_BUNDLE_BYTES)? else { return Ok(None) };
        let text = String::from_utf8(bytes).map_err(|_| GovernmentError::Damaged)?;
        parse(&text).map(Some).ok_or(GovernmentError::Damaged)
    }

    fn write(
        &self,
        name: &str,
        key: &PrivateKey,
        certificates: &[Certificate],
    ) -> Result<(), GovernmentError> {
        let pem = key.to_pkcs8_pem().map_err(|_| GovernmentError::Certificates)?;
        let mut text = String::from(pem.expose_str().ok_or(GovernmentError::Certificates)?);
        for certificate in certificates {
            text.push_str(&certificate.to_pem().map_err(|_| GovernmentError::Certificates)?);
        }
        Ok(files::write_atomically(self.folder, &format!("{name}.pem"), text.as_bytes())?)
    }

    /// The root of this name, made if it is not there.
    pub(crate) fn root(&self, name: &str, common_name: &str) -> Result<Authority, GovernmentError> {
        self.authority(name, common_name, None)
    }

    /// The intermediate of this name below `above`, made if it is not there.
    pub(crate) fn intermediate(
        &self,
        name: &str,
        common_name: &str,
        above: &Authority,
    ) -> Result<Authority, GovernmentError> {
        self.authority(name, common_name, Some(above))
    }

    fn authority(
        &self,
        name: &str,
        common_name: &str,
        above: Option<&Authority>,
    ) -> Result<Authority, GovernmentError> {
        if let Some((key, certificates)) = self.read(name)? {
            let certificate = certificates.into_iter().next().ok_or(GovernmentError::Damaged)?;
            return Ok(Authority { key, certificate });
        }
        let key = new_key()?;
        let days = if above.is_some() { INTERMEDIATE_DAYS } else { ROOT_DAYS };
        let validity = Validity::days(self.now - BEFORE_SECONDS, days);
        let builder = CertificateBuilder::authority(subject(common_name, "누리 시연국(시연)"), validity);
        let certificate = match above {
            None => builder.self_signed(&key, &SystemEntropy)?,
            Some(above) => builder.with_path_length(0).issued_by(
                &key.public_key(),
                &above.certificate,
                &above.key,
                &SystemEntropy,
            )?,
        };
        self.write(name, &key, std::slice::from_ref(&certificate))?;
        Ok(Authority { key, certificate })
    }

    /// The party of this name below `authority`, made if it is not there and renewed, with the same key, when it ends soon.
    /// `intermediate` is true where `authority` is not the anchor itself and belongs into the chain.
    pub(crate) fn leaf(
        &self,
        name: &str,
        authority: &Authority,
        intermediate: bool,
        spec: &LeafSpec,
    ) -> Result<Party, GovernmentError> {
        let kept = self.read(name)?;
        if let Some((key, certificates)) = &kept
            && let Some(leaf) = certificates.first()
            && leaf.not_after() > self.now + spec.renew_days * DAY_SECONDS
            && leaf.public_key().ok() == Some(key.public_key())
        {
            let chain = CertificateChain::new(certificates.clone()).map_err(|_| GovernmentError::Damaged)?;
            return Ok(Party { key: key.clone(), chain });
        }
        let key = match kept {
            Some((key, _)) => key,
            None => new_key()?,
        };
        let mut certificates = vec![leaf(&key.public_key(), authority, spec, self.now)?];
        if intermediate {
            certificates.push(authority.certificate.clone());
        }
        self.write(name, &key, &certificates)?;
        let chain = CertificateChain::new(certificates).map_err(|_| GovernmentError::Certificates)?;
        Ok(Party { key, chain })
    }
}

fn leaf(
    key: &PublicKey,
    authority: &Authority,
    spec: &LeafSpec,
    now: Instant,
) -> Result<Certificate, GovernmentError> {
    let validity = Validity::days(now - BEFORE_SECONDS, spec.days);
    let mut builder = CertificateBuilder::leaf(subject(&spec.common_name, &spec.organisation), validity);
    for name in &spec.dns_names {
        builder = builder.with_dns_name(name.clone());
    }
    if let Some(purpose) = spec.purpose {
        builder = builder.with_purpose(purpose);
    }
    Ok(builder.issued_by(key, &authority.certificate, &authority.key, &SystemEntropy)?)
}

fn new_key() -> Result<PrivateKey, GovernmentError> {
    PrivateKey::generate(&SystemEntropy).map_err(|_| GovernmentError::Certificates)
}

fn subject(common_name: &str, organisation: &str) -> Subject {
    Subject::new(common_name).organisation(organisation).country(COUNTRY)
}

/// A key and then certificates, as [`Bundles::write`] put them together.
fn parse(text: &str) -> Option<(PrivateKey, Vec<Certificate>)> {
    const CERTIFICATE: &str = "-----BEGIN CERTIFICATE-----";
    let mut parts = text.split(CERTIFICATE);
    let key = PrivateKey::from_pkcs8_pem(parts.next()?.trim()).ok()?;
    let certificates: Option<Vec<Certificate>> =
        parts.map(|part| Certificate::from_pem(&format!("{CERTIFICATE}{part}")).ok()).collect();
    certificates.filter(|certificates| !certificates.is_empty()).map(|certificates| (key, certificates))
}

impl From<BuildError> for GovernmentError {
    fn from(_: BuildError) -> Self {
        Self::Certificates
    }
}
