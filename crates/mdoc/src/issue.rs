//! Issuing (ISO/IEC 18013-5 9.1.2; OpenID4VCI 1.0 A.2; MD-23, MD-24).

use std::collections::{BTreeMap, BTreeSet};

use crypto::cose::Sign1Builder;
use crypto::{PublicKey, SignError, Signer};
use primitives::{Blame, Entropy, EntropyUnavailable, Left, Refusal};
use trust::CertificateChain;
use trust::status::StatusReference;

use crate::cbor::write;
use crate::element::{ElementValue, MAX_VALUE_NESTING};
use crate::issuer_signed::IssuerSigned;
use crate::mso::{DigestAlgorithm, KeyAuthorizations, MobileSecurityObject, Validity};

/// Elements in one mdoc that we issue, at most.
pub const MAX_ELEMENTS: usize = 512;

/// Bytes of `random` that we give each item; ISO asks for 16 at least.
const RANDOM_BYTES: usize = 32;

/// Why an mdoc was not issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// No element at all, or more than [`MAX_ELEMENTS`].
    #[error("an mdoc has between 1 and {MAX_ELEMENTS} elements")]
    ElementCount,
    /// The same element of a name space twice (MD-5).
    #[error("an element stands twice")]
    DuplicateElement,
    /// A value nested deeper than [`MAX_VALUE_NESTING`], or with the same key twice.
    #[error("the value of an element is nested too deeply or has a key twice")]
    Value,
    /// `keyAuthorizations` contradict each other (MD-10).
    #[error("the key authorisations contradict each other")]
    KeyAuthorizations,
    /// The times are out of order (MD-11), or `signed` is outside the validity of the signer's certificate (MD-20).
    #[error("the validity contradicts itself or the signer's certificate")]
    Validity,
    /// The signer's key is not that of the leaf certificate (MD-24).
    #[error("the signer's key is not that of its certificate")]
    WrongKey,
    /// The computer gives no randomness.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
    /// The signer did not sign.
    #[error(transparent)]
    Sign(#[from] SignError),
    /// The result is not one that we would accept ourselves: too large, for instance (MD-24).
    #[error("the mdoc would not be accepted")]
    NotAcceptable,
}

impl Refusal for IssueError {
    fn code(&self) -> &'static str {
        match self {
            Self::ElementCount => "mdoc_issue_element_count",
            Self::DuplicateElement => "mdoc_issue_element_twice",
            Self::Value => "mdoc_issue_value",
            Self::KeyAuthorizations => "mdoc_issue_key_authorizations",
            Self::Validity => "mdoc_issue_validity",
            Self::WrongKey => "mdoc_issue_wrong_key",
            Self::Entropy(error) => error.code(),
            Self::Sign(error) => error.code(),
            Self::NotAcceptable => "mdoc_issue_not_acceptable",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::DuplicateElement => "MD-5",
            Self::KeyAuthorizations => "MD-10",
            Self::Validity => "MD-11",
            Self::Entropy(error) => error.rule(),
            Self::Sign(error) => error.rule(),
            Self::ElementCount | Self::Value | Self::WrongKey | Self::NotAcceptable => "MD-24",
        }
    }

    fn blame(&self) -> Blame {
        match self {
            Self::Entropy(error) => error.blame(),
            Self::Sign(error) => error.blame(),
            _ => Blame::Application,
        }
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// An mdoc to be issued: everything but the device key, so that a batch is [`Issuance::sign`] once for each key.
///
/// No `Debug`: it holds claims.
#[derive(Clone)]
pub struct Issuance {
    doc_type: String,
    validity: Validity,
    name_spaces: Vec<(String, Vec<(String, ElementValue)>)>,
    key_authorizations: KeyAuthorizations,
    status: Option<StatusReference>,
}

impl Issuance {
    /// An mdoc of this doctype, without elements yet.
    #[must_use]
    pub fn new(doc_type: impl Into<String>, validity: Validity) -> Self {
        Self {
            doc_type: doc_type.into(),
            validity,
            name_spaces: Vec::new(),
            key_authorizations: KeyAuthorizations::default(),
            status: None,
        }
    }

    /// Adds an element.
    #[must_use]
    pub fn element(mut self, name_space: &str, identifier: impl Into<String>, value: ElementValue) -> Self {
        let element = (identifier.into(), value);
        match self.name_spaces.iter_mut().find(|(name, _)| name == name_space) {
            Some((_, elements)) => elements.push(element),
            None => self.name_spaces.push((name_space.to_owned(), vec![element])),
        }
        self
    }

    /// Sets what the device key may sign by itself (VP-T4). Default: nothing.
    #[must_use]
    pub fn key_authorizations(mut self, authorizations: KeyAuthorizations) -> Self {
        self.key_authorizations = authorizations;
        self
    }

    /// Sets where it is told whether this mdoc was revoked. Each copy of a batch has a place of its own, or the list would link them.
    #[must_use]
    pub fn status(mut self, reference: StatusReference) -> Self {
        self.status = Some(reference);
        self
    }

    /// Signs for one device key. `chain` has the document signer first and no anchor (HA-9).
    ///
    /// # Errors
    /// [`IssueError`], see its variants.
    pub fn sign(
        &self,
        device_key: &PublicKey,
        signer: &dyn Signer,
        chain: &CertificateChain,
        entropy: &dyn Entropy,
    ) -> Result<IssuerSigned, IssueError> {
        self.check()?;
        let leaf = chain.leaf();
        if leaf.public_key().ok() != Some(signer.public_key()) {
            return Err(IssueError::WrongKey);
        }
        if !self.validity.is_ordered() || !leaf.is_valid_at(self.validity.signed) {
            return Err(IssueError::Validity);
        }

        let mut value_digests = BTreeMap::new();
        let mut items = Vec::new();
        for (name_space, elements) in &self.name_spaces {
            let mut digests = BTreeMap::new();
            let mut encoded = Vec::new();
            let ids = shuffled_ids(elements.len(), entropy)?;
            for ((identifier, value), id) in elements.iter().zip(ids) {
                let item = encode_item(id, identifier, value, entropy)?;
                digests.insert(id, DigestAlgorithm::Sha256.digest(&item));
                encoded.push(item);
            }
            value_digests.insert(name_space.clone(), digests);
            items.push((name_space, encoded));
        }
        let object = MobileSecurityObject {
            digest_algorithm: DigestAlgorithm::Sha256,
            value_digests,
            device_key: *device_key,
            key_authorizations: self.key_authorizations.clone(),
            doc_type: self.doc_type.clone(),
            validity: self.validity,
            status: self.status.clone(),
        };
        let issuer_auth = Sign1Builder::new().x5chain(&chain.to_der()).sign(signer, &object.encode(), &[])?;

        let mut out = Vec::new();
        write::map(&mut out, 2);
        write::text(&mut out, "nameSpaces");
        write::map(&mut out, items.len());
        for (name_space, encoded) in items {
            write::text(&mut out, name_space);
            write::array(&mut out, encoded.len());
            for item in encoded {
                out.extend_from_slice(&item);
            }
        }
        write::text(&mut out, "issuerAuth");
        out.extend_from_slice(&issuer_auth.to_bytes());
        // Read back what was written: what we issue is never something that we would refuse.
        IssuerSigned::parse(&out).map_err(|_| IssueError::NotAcceptable)
    }

    fn check(&self) -> Result<(), IssueError> {
        let count: usize = self.name_spaces.iter().map(|(_, elements)| elements.len()).sum();
        if count == 0 || count > MAX_ELEMENTS {
            return Err(IssueError::ElementCount);
        }
        for (_, elements) in &self.name_spaces {
            let mut seen = BTreeSet::new();
            if !elements.iter().all(|(identifier, _)| seen.insert(identifier)) {
                return Err(IssueError::DuplicateElement);
            }
            if elements.iter().any(|(_, value)| value.nesting() > MAX_VALUE_NESTING) {
                return Err(IssueError::Value);
            }
        }
        if self.key_authorizations.is_consistent() { Ok(()) } else { Err(IssueError::KeyAuthorizations) }
    }
}

/// `IssuerSignedItemBytes` (9.1.2.5).
fn encode_item(
    digest_id: u64,
    identifier: &str,
    value: &ElementValue,
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, EntropyUnavailable> {
    let mut random = [0_u8; RANDOM_BYTES];
    entropy.fill(&mut random)?;
    let mut item = Vec::new();
    write::map(&mut item, 4);
    write::text(&mut item, "digestID");
    write::unsigned(&mut item, digest_id);
    write::text(&mut item, "random");
    write::bytes(&mut item, &random);
    write::text(&mut item, "elementIdentifier");
    write::text(&mut item, identifier);
    write::text(&mut item, "elementValue");
    value.write(&mut item);
    let mut embedded = Vec::new();
    write::embedded(&mut embedded, &item);
    Ok(embedded)
}

/// The numbers below `count` in random order: the id of a disclosed element then does not tell which others exist (MD-23).
fn shuffled_ids(count: usize, entropy: &dyn Entropy) -> Result<Vec<u64>, EntropyUnavailable> {
    let mut keyed = Vec::new();
    for id in 0..count as u64 {
        let mut key = [0_u8; 16];
        entropy.fill(&mut key)?;
        keyed.push((key, id));
    }
    keyed.sort_unstable();
    Ok(keyed.into_iter().map(|(_, id)| id).collect())
}
