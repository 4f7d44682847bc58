//! Disclosures: one claim of an object, or one element of an array, with its salt (RFC 9901 section 4.2).

use crypto::sha256;
use primitives::json::parse_strict;
use primitives::{Entropy, base64url};
use serde_json::Value;

use crate::error::{IssueError, ParseError};
use crate::limits::MAX_BYTES;

/// Bytes of randomness in a salt that we make: the 128 bits recommended by RFC 9901 section 9.3.
const SALT_BYTES: usize = 16;

/// Names that only convey digests and never claims (RFC 9901 sections 4.1 and 4.1.1).
pub(crate) const RESERVED_NAMES: [&str; 3] = ["_sd", "...", "_sd_alg"];

/// One disclosure, kept as it was received: its digest is over these characters, not over what they mean (SJ-7, SJ-32).
///
/// It holds a claim of the citizen: there is no `Debug`.
#[derive(Clone, PartialEq)]
pub struct Disclosure {
    encoded: String,
    digest: String,
    content: Content,
}

/// What a disclosure discloses.
#[derive(Clone, PartialEq)]
pub(crate) enum Content {
    /// A member of an object (three elements).
    Property {
        /// The member's name; never one of [`RESERVED_NAMES`].
        name: String,
        /// The member's value, in which further digests may stand.
        value: Value,
    },
    /// An element of an array (two elements).
    Element {
        /// The element, in which further digests may stand.
        value: Value,
    },
}

impl Disclosure {
    /// Reads one disclosure as received (SJ-7 to SJ-10).
    ///
    /// # Errors
    /// [`ParseError::Disclosure`] if it is not base64url without padding of a JSON array of two or three elements that
    /// begins with a string, or [`ParseError::ReservedName`] if it would disclose a claim named `_sd`, `...` or `_sd_alg`.
    pub fn parse(encoded: &str) -> Result<Self, ParseError> {
        let bytes = base64url::decode(encoded).map_err(|_| ParseError::Disclosure)?;
        let Ok(Value::Array(elements)) = parse_strict(&bytes, MAX_BYTES) else {
            return Err(ParseError::Disclosure);
        };
        let mut elements = elements.into_iter();
        let content = match (elements.next(), elements.next(), elements.next(), elements.next()) {
            (Some(Value::String(_)), Some(Value::String(name)), Some(value), None) => {
                if RESERVED_NAMES.contains(&name.as_str()) {
                    return Err(ParseError::ReservedName);
                }
                Content::Property { name, value }
            }
            (Some(Value::String(_)), Some(value), None, None) => Content::Element { value },
            _ => return Err(ParseError::Disclosure),
        };
        Ok(Self { encoded: encoded.to_owned(), digest: digest(encoded), content })
    }

    /// Makes the disclosure of an object's member, with a fresh salt (SJ-18).
    pub(crate) fn of_property(name: &str, value: Value, entropy: &dyn Entropy) -> Result<Self, IssueError> {
        let array = Value::Array(vec![salt(entropy)?, Value::String(name.to_owned()), value.clone()]);
        Ok(Self::made(&array, Content::Property { name: name.to_owned(), value }))
    }

    /// Makes the disclosure of an array's element, with a fresh salt (SJ-18).
    pub(crate) fn of_element(value: Value, entropy: &dyn Entropy) -> Result<Self, IssueError> {
        let array = Value::Array(vec![salt(entropy)?, value.clone()]);
        Ok(Self::made(&array, Content::Element { value }))
    }

    fn made(array: &Value, content: Content) -> Self {
        let encoded = base64url::encode(array.to_string().as_bytes());
        Self { digest: digest(&encoded), encoded, content }
    }

    /// The disclosure as it travels: base64url, as received.
    #[must_use]
    pub fn encoded(&self) -> &str {
        &self.encoded
    }

    /// The base64url SHA-256 of [`Self::encoded`], as it stands in `_sd` or `...`.
    #[must_use]
    pub fn digest(&self) -> &str {
        &self.digest
    }

    pub(crate) fn content(&self) -> &Content {
        &self.content
    }

    /// The claim's name, or `None` for an element of an array.
    #[must_use]
    pub fn name(&self) -> Option<&str> {
        match &self.content {
            Content::Property { name, .. } => Some(name),
            Content::Element { .. } => None,
        }
    }

    /// The disclosed value, in which digests of further disclosures may stand.
    #[must_use]
    pub fn value(&self) -> &Value {
        match &self.content {
            Content::Property { value, .. } | Content::Element { value } => value,
        }
    }
}

/// The base64url SHA-256 over the characters of a disclosure, or of a whole presented SD-JWT (SJ-7, SJ-29).
pub(crate) fn digest(text: &str) -> String {
    base64url::encode(&sha256(text.as_bytes()))
}

fn salt(entropy: &dyn Entropy) -> Result<Value, IssueError> {
    let mut bytes = [0; SALT_BYTES];
    entropy.fill(&mut bytes).map_err(IssueError::Entropy)?;
    Ok(Value::String(base64url::encode(&bytes)))
}

/// A digest that no disclosure has: the SHA-256 of fresh random bytes (SJ-20).
pub(crate) fn decoy(entropy: &dyn Entropy) -> Result<String, IssueError> {
    let mut bytes = [0; 32];
    entropy.fill(&mut bytes).map_err(IssueError::Entropy)?;
    Ok(base64url::encode(&sha256(&bytes)))
}
