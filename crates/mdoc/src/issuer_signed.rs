//! `IssuerSigned`: the elements and the issuer's signature, as an issuer gives them out and a holder keeps them
//! (ISO/IEC 18013-5 8.3.2.1.2.2, 9.1.2.4; MD-3 to MD-6).

use std::collections::HashSet;

use primitives::{Blame, Left, Refusal, base64url};
use serde_json::{Map, Value};

use crate::cbor::{CborError, Item, STRUCTURE_BOUNDS, write};
use crate::issuer_auth::{IssuerAuth, IssuerAuthError};
use crate::json;
use crate::mso::{DIGEST_ID_END, MobileSecurityObject, SecurityObjectError};

/// Bytes of `random` in an item, at least (ISO/IEC 18013-5 9.1.2.5).
pub const MIN_RANDOM_BYTES: usize = 16;

/// One element as the issuer signed it, with the bytes its digest covers.
///
/// No `Debug`: it holds a claim.
#[derive(Clone)]
pub(crate) struct SignedItem {
    /// `IssuerSignedItemBytes`, tag included, as received (MD-3).
    pub(crate) bytes: Vec<u8>,
    pub(crate) digest_id: u64,
    pub(crate) identifier: String,
    pub(crate) value: Value,
}

/// The elements of one name space.
#[derive(Clone)]
pub(crate) struct NameSpace {
    pub(crate) name: String,
    pub(crate) items: Vec<SignedItem>,
}

/// What an issuer signed, parsed and **not verified**: [`IssuerSigned::verify`] makes a [`crate::VerifiedMdoc`] of it.
///
/// No `Debug`: it holds claims.
#[derive(Clone)]
pub struct IssuerSigned {
    pub(crate) name_spaces: Vec<NameSpace>,
    pub(crate) issuer_auth: IssuerAuth,
    pub(crate) security_object: MobileSecurityObject,
}

/// Why bytes are not an `IssuerSigned`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssuerSignedError {
    /// Not base64url without padding, or too long.
    #[error("the mdoc is not base64url")]
    NotBase64Url,
    /// Not CBOR within bounds (MD-1, MD-2).
    #[error("the mdoc is not readable: {0}")]
    Cbor(#[from] CborError),
    /// A member is absent or of another type; names the member.
    #[error("the mdoc has no valid {0}")]
    Member(&'static str),
    /// An item without one of its four members, or with a wrong one; names it (MD-4).
    #[error("an element of the mdoc has no valid {0}")]
    Element(&'static str),
    /// The random of an item is shorter than [`MIN_RANDOM_BYTES`] (MD-4).
    #[error("the random of an element is too short")]
    ShortRandom,
    /// A name space, element or digest id stands twice (MD-5).
    #[error("an element or digest id stands twice in a name space")]
    Duplicate,
    /// A value that has no unambiguous JSON (MD-33).
    #[error("the value of an element has two keys that are the same in JSON")]
    AmbiguousValue,
    /// `issuerAuth` is not the COSE_Sign1 that is read here (MD-6).
    #[error(transparent)]
    IssuerAuth(#[from] IssuerAuthError),
    /// The signed object is not one (MD-7 to MD-12).
    #[error(transparent)]
    SecurityObject(#[from] SecurityObjectError),
}

impl Refusal for IssuerSignedError {
    fn rule(&self) -> &'static str {
        match self {
            Self::NotBase64Url => "CI-20",
            Self::Cbor(CborError::DuplicateKey) => "MD-2",
            Self::Cbor(_) => "MD-1",
            Self::Member(_) | Self::Element(_) | Self::ShortRandom => "MD-4",
            Self::Duplicate => "MD-5",
            Self::AmbiguousValue => "MD-33",
            Self::IssuerAuth(_) => "MD-6",
            Self::SecurityObject(error) => error.rule(),
        }
    }

    fn code(&self) -> &'static str {
        match self {
            Self::Cbor(CborError::DuplicateKey) | Self::Duplicate => "mdoc_element_twice",
            Self::SecurityObject(SecurityObjectError::Status) => "mdoc_status_unsupported",
            Self::SecurityObject(SecurityObjectError::DeviceKey) => "mdoc_device_key_unsupported",
            Self::SecurityObject(SecurityObjectError::DigestAlgorithm) => "mdoc_digest_algorithm_unsupported",
            Self::IssuerAuth(IssuerAuthError::Algorithm) => "mdoc_signature_algorithm_unsupported",
            _ => "mdoc_malformed",
        }
    }

    fn blame(&self) -> Blame {
        Blame::Issuer
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

impl IssuerSigned {
    /// Reads the CBOR, as stored or received.
    ///
    /// # Errors
    /// [`IssuerSignedError`], see its variants.
    pub fn parse(bytes: &[u8]) -> Result<Self, IssuerSignedError> {
        Self::from_item(&Item::parse(bytes, STRUCTURE_BOUNDS)?)
    }

    /// Reads what a credential response carries (OpenID4VCI 1.0 A.2.4, CI-20): base64url without padding.
    ///
    /// # Errors
    /// [`IssuerSignedError`], see its variants.
    pub fn parse_base64url(text: &str) -> Result<Self, IssuerSignedError> {
        Self::parse(&crate::decode_base64url(text).ok_or(IssuerSignedError::NotBase64Url)?)
    }

    pub(crate) fn from_item(item: &Item<'_>) -> Result<Self, IssuerSignedError> {
        if item.as_map().is_none() {
            return Err(IssuerSignedError::Member("IssuerSigned"));
        }
        let issuer_auth = item.member("issuerAuth").ok_or(IssuerSignedError::Member("issuerAuth"))?;
        let issuer_auth = IssuerAuth::parse(issuer_auth.raw)?;
        let security_object = MobileSecurityObject::parse(issuer_auth.payload())?;
        let name_spaces = match item.member("nameSpaces") {
            Some(item) => parse_name_spaces(item)?,
            None => Vec::new(),
        };
        Ok(Self { name_spaces, issuer_auth, security_object })
    }

    /// The CBOR: items and `issuerAuth` byte for byte as they came (MD-3).
    #[must_use]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut out = Vec::new();
        write_issuer_signed(&mut out, &self.name_spaces, &self.issuer_auth);
        out
    }

    /// The same as a credential response carries it (CI-20).
    #[must_use]
    pub fn to_base64url(&self) -> String {
        base64url::encode(&self.to_bytes())
    }

    /// What the security object says. Until [`verify`](Self::verify) succeeded, anybody may have written it.
    #[must_use]
    pub fn unverified_security_object(&self) -> &MobileSecurityObject {
        &self.security_object
    }

    /// The claims as they stand there, for a copy that was verified when it was received and now comes out of the holder's own store.
    /// Until [`verify`](Self::verify) succeeded, anybody may have written them.
    #[must_use]
    pub fn unverified_claims(&self) -> Claims {
        Claims::of(&self.name_spaces)
    }
}

pub(crate) fn write_issuer_signed(out: &mut Vec<u8>, name_spaces: &[NameSpace], issuer_auth: &IssuerAuth) {
    write::map(out, 1 + usize::from(!name_spaces.is_empty()));
    if !name_spaces.is_empty() {
        write::text(out, "nameSpaces");
        write::map(out, name_spaces.len());
        for name_space in name_spaces {
            write::text(out, &name_space.name);
            write::array(out, name_space.items.len());
            for item in &name_space.items {
                out.extend_from_slice(&item.bytes);
            }
        }
    }
    write::text(out, "issuerAuth");
    out.extend_from_slice(issuer_auth.as_bytes());
}

fn parse_name_spaces(item: &Item<'_>) -> Result<Vec<NameSpace>, IssuerSignedError> {
    const WRONG: IssuerSignedError = IssuerSignedError::Member("nameSpaces");
    let mut name_spaces = Vec::new();
    for (name, items) in item.as_map().ok_or(WRONG)? {
        let items = items.as_array().ok_or(WRONG)?;
        // Some wallets answer a query without claims with an empty list instead of leaving the name space out: it discloses nothing.
        if items.is_empty() {
            continue;
        }
        let items = items.iter().map(parse_signed_item).collect::<Result<Vec<_>, _>>()?;
        let (mut ids, mut identifiers) = (HashSet::new(), HashSet::new());
        if !items.iter().all(|item| ids.insert(item.digest_id) && identifiers.insert(&item.identifier)) {
            return Err(IssuerSignedError::Duplicate);
        }
        name_spaces.push(NameSpace { name: name.as_text().ok_or(WRONG)?.to_owned(), items });
    }
    Ok(name_spaces)
}

fn parse_signed_item(item: &Item<'_>) -> Result<SignedItem, IssuerSignedError> {
    use IssuerSignedError::{AmbiguousValue, Element, ShortRandom};
    let encoded = item.as_embedded().ok_or(Element("tag 24"))?;
    let content = Item::parse(encoded, STRUCTURE_BOUNDS)?;
    let digest_id = content.member("digestID").and_then(Item::as_integer);
    let digest_id = digest_id.and_then(|id| u64::try_from(id).ok()).filter(|id| *id < DIGEST_ID_END);
    let random = content.member("random").and_then(Item::as_bytes).ok_or(Element("random"))?;
    if random.len() < MIN_RANDOM_BYTES {
        return Err(ShortRandom);
    }
    let identifier = content.member("elementIdentifier").and_then(Item::as_text);
    let value = content.member("elementValue").ok_or(Element("elementValue"))?;
    Ok(SignedItem {
        bytes: item.raw.to_vec(),
        digest_id: digest_id.ok_or(Element("digestID"))?,
        identifier: identifier.ok_or(Element("elementIdentifier"))?.to_owned(),
        value: json::from_cbor(value).map_err(|_| AmbiguousValue)?,
    })
}

/// Element values as JSON: an object of name spaces, each an object of elements (MD-33). The order is that of the document.
///
/// No `Debug` and no `Serialize`: it holds claims. `PartialEq` for tests.
#[derive(Clone, PartialEq)]
pub struct Claims(Map<String, Value>);

impl Claims {
    pub(crate) fn of(name_spaces: &[NameSpace]) -> Self {
        let mut claims = Self::none();
        for name_space in name_spaces {
            for item in &name_space.items {
                claims.insert(&name_space.name, &item.identifier, item.value.clone());
            }
        }
        claims
    }

    pub(crate) fn none() -> Self {
        Self(Map::new())
    }

    pub(crate) fn insert(&mut self, name_space: &str, element: &str, value: Value) {
        let elements = self.0.entry(name_space).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(elements) = elements {
            elements.insert(element.to_owned(), value);
        }
    }

    /// The object, as DCQL's claim queries see it (path: name space, element).
    #[must_use]
    pub fn as_json(&self) -> &Map<String, Value> {
        &self.0
    }

    /// The object, given away.
    #[must_use]
    pub fn into_json(self) -> Value {
        Value::Object(self.0)
    }

    /// One value.
    #[must_use]
    pub fn value(&self, name_space: &str, element: &str) -> Option<&Value> {
        self.0.get(name_space)?.get(element)
    }

    /// Name space, element and value of each, in order.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &str, &Value)> {
        self.0.iter().flat_map(|(name_space, elements)| {
            let elements = elements.as_object().into_iter().flatten();
            elements.map(move |(element, value)| (name_space.as_str(), element.as_str(), value))
        })
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}
