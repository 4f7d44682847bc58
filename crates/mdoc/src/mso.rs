//! `MobileSecurityObject`: what the issuer signed about the elements and the device key (ISO/IEC 18013-5 9.1.2.4; MD-7 to MD-12).

use std::collections::BTreeMap;

use crypto::{PublicKey, cose};
use primitives::Instant;
use trust::status::StatusReference;

use crate::cbor::{CborError, DATE_TIME, Item, STRUCTURE_BOUNDS, write};

/// Digests in one security object, at most.
pub const MAX_DIGESTS: usize = 4096;

/// A digest id that is read is below this. ISO/IEC 18013-5 9.1.2.4 says 2^31, which what we issue keeps; an issuer in production uses all
/// 32 bits, and nothing here depends on the size.
pub const DIGEST_ID_END: u64 = 1 << 32;

/// `digestAlgorithm` (MD-8).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DigestAlgorithm {
    /// SHA-256, what we issue.
    Sha256,
    /// SHA-384, read from foreign issuers.
    Sha384,
    /// SHA-512, read from foreign issuers.
    Sha512,
}

impl DigestAlgorithm {
    fn named(name: &str) -> Option<Self> {
        match name {
            "SHA-256" => Some(Self::Sha256),
            "SHA-384" => Some(Self::Sha384),
            "SHA-512" => Some(Self::Sha512),
            _ => None,
        }
    }

    /// The name in the security object.
    #[must_use]
    pub fn name(self) -> &'static str {
        match self {
            Self::Sha256 => "SHA-256",
            Self::Sha384 => "SHA-384",
            Self::Sha512 => "SHA-512",
        }
    }

    /// Bytes of a digest.
    #[must_use]
    pub fn length(self) -> usize {
        match self {
            Self::Sha256 => 32,
            Self::Sha384 => 48,
            Self::Sha512 => 64,
        }
    }

    pub(crate) fn digest(self, bytes: &[u8]) -> Vec<u8> {
        match self {
            Self::Sha256 => crypto::sha256(bytes).to_vec(),
            Self::Sha384 => crypto::sha384(bytes).to_vec(),
            Self::Sha512 => crypto::sha512(bytes).to_vec(),
        }
    }
}

/// `validityInfo` (MD-11).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Validity {
    /// When the issuer signed.
    pub signed: Instant,
    /// From when the mdoc may be accepted.
    pub valid_from: Instant,
    /// Until when, this second included.
    pub valid_until: Instant,
    /// When the issuer expects to sign anew.
    pub expected_update: Option<Instant>,
}

impl Validity {
    /// Whether the three times follow each other as MD-11 asks.
    #[must_use]
    pub fn is_ordered(&self) -> bool {
        self.signed <= self.valid_from && self.valid_from < self.valid_until
    }
}

/// `keyAuthorizations`: which elements the device key may sign by itself (MD-10). Empty: none.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct KeyAuthorizations {
    /// Whole name spaces.
    pub name_spaces: Vec<String>,
    /// Single elements by name space.
    pub data_elements: BTreeMap<String, Vec<String>>,
}

impl KeyAuthorizations {
    /// Whether the device may sign this element.
    #[must_use]
    pub fn allow(&self, name_space: &str, element: &str) -> bool {
        self.name_spaces.iter().any(|name| name == name_space)
            || self
                .data_elements
                .get(name_space)
                .is_some_and(|elements| elements.iter().any(|name| name == element))
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.name_spaces.is_empty() && self.data_elements.is_empty()
    }

    /// Whether no name space stands both whole and by elements.
    pub(crate) fn is_consistent(&self) -> bool {
        !self.data_elements.keys().any(|name_space| self.name_spaces.contains(name_space))
    }
}

/// The security object, parsed and not yet verified.
#[derive(Clone, PartialEq, Eq, Debug)]
pub struct MobileSecurityObject {
    /// How the elements were digested.
    pub digest_algorithm: DigestAlgorithm,
    /// Digests by name space and digest id.
    pub value_digests: BTreeMap<String, BTreeMap<u64, Vec<u8>>>,
    /// The key that must sign each presentation.
    pub device_key: PublicKey,
    /// What that key may add by itself.
    pub key_authorizations: KeyAuthorizations,
    /// The type of the document.
    pub doc_type: String,
    /// When it was signed and when it is valid.
    pub validity: Validity,
    /// Where it says whether it was revoked.
    pub status: Option<StatusReference>,
}

/// Why a security object is not one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SecurityObjectError {
    /// Not CBOR within bounds (MD-1, MD-2).
    #[error("the mobile security object is not readable: {0}")]
    Cbor(#[from] CborError),
    /// The payload is not a tag 24 around the object (MD-7).
    #[error("the mobile security object is not embedded as tag 24")]
    NotEmbedded,
    /// A member is absent or of another type; names the member.
    #[error("the mobile security object has no valid {0}")]
    Member(&'static str),
    /// `version` has another major number (MD-7).
    #[error("the mobile security object has an unknown version")]
    Version,
    /// `digestAlgorithm` is none of SHA-256, SHA-384, SHA-512 (MD-8).
    #[error("the digest algorithm is unknown")]
    DigestAlgorithm,
    /// A digest of another length than the algorithm's (MD-8).
    #[error("a digest has the wrong length")]
    DigestLength,
    /// The device key is not a point of P-256 (MD-9).
    #[error("the device key is not a key on P-256")]
    DeviceKey,
    /// A name space is authorised whole and by elements (MD-10).
    #[error("the key authorisations contradict each other")]
    KeyAuthorizations,
    /// A time is missing, is not in UTC, or the times are out of order (MD-11).
    #[error("the validity is missing or contradicts itself")]
    Validity,
    /// A `status` without a usable `status_list` (MD-12).
    #[error("the status is of a kind that cannot be checked")]
    Status,
}

impl SecurityObjectError {
    pub(crate) fn rule(self) -> &'static str {
        match self {
            Self::Cbor(CborError::DuplicateKey) => "MD-2",
            Self::Cbor(_) => "MD-1",
            Self::NotEmbedded | Self::Member(_) | Self::Version => "MD-7",
            Self::DigestAlgorithm | Self::DigestLength => "MD-8",
            Self::DeviceKey => "MD-9",
            Self::KeyAuthorizations => "MD-10",
            Self::Validity => "MD-11",
            Self::Status => "MD-12",
        }
    }
}

impl MobileSecurityObject {
    /// Reads the payload of `issuerAuth`, `MobileSecurityObjectBytes`.
    ///
    /// # Errors
    /// [`SecurityObjectError`], see its variants.
    pub fn parse(payload: &[u8]) -> Result<Self, SecurityObjectError> {
        let embedded = Item::parse(payload, STRUCTURE_BOUNDS)?;
        let encoded = embedded.as_embedded().ok_or(SecurityObjectError::NotEmbedded)?;
        let object = Item::parse(encoded, STRUCTURE_BOUNDS)?;
        let member = |name: &'static str| object.member(name).ok_or(SecurityObjectError::Member(name));
        let text = |name: &'static str| member(name)?.as_text().ok_or(SecurityObjectError::Member(name));

        if !crate::is_version_1(text("version")?) {
            return Err(SecurityObjectError::Version);
        }
        let digest_algorithm =
            DigestAlgorithm::named(text("digestAlgorithm")?).ok_or(SecurityObjectError::DigestAlgorithm)?;
        let key_info = member("deviceKeyInfo")?;
        let device_key = key_info.member("deviceKey").ok_or(SecurityObjectError::Member("deviceKey"))?;
        Ok(Self {
            digest_algorithm,
            value_digests: parse_digests(member("valueDigests")?, digest_algorithm)?,
            device_key: device_key
                .to_value()
                .and_then(|key| cose::key_from_value(&key).ok())
                .ok_or(SecurityObjectError::DeviceKey)?,
            key_authorizations: match key_info.member("keyAuthorizations") {
                Some(item) => parse_authorizations(item)?,
                None => KeyAuthorizations::default(),
            },
            doc_type: text("docType")?.to_owned(),
            validity: parse_validity(member("validityInfo")?)?,
            status: match object.member("status") {
                Some(item) => Some(
                    item.to_value()
                        .and_then(|status| StatusReference::from_cbor(&status).ok())
                        .ok_or(SecurityObjectError::Status)?,
                ),
                None => None,
            },
        })
    }

    /// `MobileSecurityObjectBytes`, to be signed.
    pub(crate) fn encode(&self) -> Vec<u8> {
        let mut out = Vec::new();
        write::map(&mut out, 6 + usize::from(self.status.is_some()));
        write::text(&mut out, "version");
        write::text(&mut out, "1.0");
        write::text(&mut out, "digestAlgorithm");
        write::text(&mut out, self.digest_algorithm.name());
        write::text(&mut out, "valueDigests");
        write::map(&mut out, self.value_digests.len());
        for (name_space, digests) in &self.value_digests {
            write::text(&mut out, name_space);
            write::map(&mut out, digests.len());
            for (id, digest) in digests {
                write::unsigned(&mut out, *id);
                write::bytes(&mut out, digest);
            }
        }
        write::text(&mut out, "deviceKeyInfo");
        write::map(&mut out, 1 + usize::from(!self.key_authorizations.is_empty()));
        write::text(&mut out, "deviceKey");
        write::value(&mut out, &cose::key_to_value(&self.device_key));
        self.write_authorizations(&mut out);
        write::text(&mut out, "docType");
        write::text(&mut out, &self.doc_type);
        write::text(&mut out, "validityInfo");
        self.write_validity(&mut out);
        if let Some(status) = &self.status {
            write::text(&mut out, "status");
            write::value(&mut out, &status.to_cbor());
        }
        let mut embedded = Vec::new();
        write::embedded(&mut embedded, &out);
        embedded
    }

    fn write_authorizations(&self, out: &mut Vec<u8>) {
        let authorizations = &self.key_authorizations;
        if authorizations.is_empty() {
            return;
        }
        let whole = !authorizations.name_spaces.is_empty();
        let single = !authorizations.data_elements.is_empty();
        write::text(out, "keyAuthorizations");
        write::map(out, usize::from(whole) + usize::from(single));
        if whole {
            write::text(out, "nameSpaces");
            write_texts(out, &authorizations.name_spaces);
        }
        if single {
            write::text(out, "dataElements");
            write::map(out, authorizations.data_elements.len());
            for (name_space, elements) in &authorizations.data_elements {
                write::text(out, name_space);
                write_texts(out, elements);
            }
        }
    }

    fn write_validity(&self, out: &mut Vec<u8>) {
        let validity = &self.validity;
        let mut times = vec![
            ("signed", validity.signed),
            ("validFrom", validity.valid_from),
            ("validUntil", validity.valid_until),
        ];
        times.extend(validity.expected_update.map(|time| ("expectedUpdate", time)));
        write::map(out, times.len());
        for (name, time) in times {
            write::text(out, name);
            crate::element::write_date_time(out, time);
        }
    }
}

fn write_texts(out: &mut Vec<u8>, texts: &[String]) {
    write::array(out, texts.len());
    for text in texts {
        write::text(out, text);
    }
}

type Digests = BTreeMap<String, BTreeMap<u64, Vec<u8>>>;

fn parse_digests(item: &Item<'_>, algorithm: DigestAlgorithm) -> Result<Digests, SecurityObjectError> {
    const WRONG: SecurityObjectError = SecurityObjectError::Member("valueDigests");
    let name_spaces = item.as_map().filter(|entries| !entries.is_empty());
    let mut value_digests = Digests::new();
    let mut count = 0_usize;
    for (name, digests) in name_spaces.ok_or(WRONG)? {
        let mut of_name_space = BTreeMap::new();
        for (id, digest) in digests.as_map().ok_or(WRONG)? {
            count += 1;
            let id = id.as_integer().and_then(|id| u64::try_from(id).ok());
            let id = id.filter(|id| *id < DIGEST_ID_END && count <= MAX_DIGESTS);
            let digest = digest.as_bytes().ok_or(WRONG)?;
            if digest.len() != algorithm.length() {
                return Err(SecurityObjectError::DigestLength);
            }
            of_name_space.insert(id.ok_or(WRONG)?, digest.to_vec());
        }
        value_digests.insert(name.as_text().ok_or(WRONG)?.to_owned(), of_name_space);
    }
    Ok(value_digests)
}

fn parse_authorizations(item: &Item<'_>) -> Result<KeyAuthorizations, SecurityObjectError> {
    const WRONG: SecurityObjectError = SecurityObjectError::Member("keyAuthorizations");
    let texts = |item: &Item<'_>| -> Option<Vec<String>> {
        let items = item.as_array()?.iter();
        items.map(|item| item.as_text().map(str::to_owned)).collect()
    };
    if item.as_map().is_none() {
        return Err(WRONG);
    }
    let mut authorizations = KeyAuthorizations::default();
    if let Some(name_spaces) = item.member("nameSpaces") {
        authorizations.name_spaces = texts(name_spaces).ok_or(WRONG)?;
    }
    if let Some(elements) = item.member("dataElements") {
        for (name_space, names) in elements.as_map().ok_or(WRONG)? {
            let name_space = name_space.as_text().ok_or(WRONG)?.to_owned();
            authorizations.data_elements.insert(name_space, texts(names).ok_or(WRONG)?);
        }
    }
    if authorizations.is_consistent() {
        Ok(authorizations)
    } else {
        Err(SecurityObjectError::KeyAuthorizations)
    }
}

fn parse_validity(item: &Item<'_>) -> Result<Validity, SecurityObjectError> {
    let time = |name: &str| {
        item.member(name).map(|item| parse_date_time(item).ok_or(SecurityObjectError::Validity)).transpose()
    };
    let validity = Validity {
        signed: time("signed")?.ok_or(SecurityObjectError::Validity)?,
        valid_from: time("validFrom")?.ok_or(SecurityObjectError::Validity)?,
        valid_until: time("validUntil")?.ok_or(SecurityObjectError::Validity)?,
        expected_update: time("expectedUpdate")?,
    };
    if validity.is_ordered() { Ok(validity) } else { Err(SecurityObjectError::Validity) }
}

/// A `tdate` in UTC. Fractions of a second, which ISO/IEC 18013-5 forbids and some issuers write, are dropped.
fn parse_date_time(item: &Item<'_>) -> Option<Instant> {
    let text = item.as_tagged(DATE_TIME)?.as_text()?;
    Instant::parse_rfc3339(text).ok().filter(|_| text.ends_with('Z'))
}
