//! The reference from a credential to its place in a status list: section 6 of the draft; ST-1.

use crypto::cbor::Value as Cbor;
use primitives::{Blame, Left, Refusal};
use serde_json::Value as Json;
use url::Url;

use super::cbor;

/// The longest `uri` accepted, in bytes.
const MAX_URI_BYTES: usize = 2048;

/// Why a `status` claim does not refer to a status list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum StatusReferenceError {
    /// There is a `status`, but by another mechanism than `status_list` (HA-9).
    #[error("the credential's status uses another mechanism than a status list")]
    OtherMechanism,
    /// `status_list`, its `idx` or its `uri` is missing or malformed.
    #[error("the credential's reference to a status list is malformed")]
    Malformed,
}

impl Refusal for StatusReferenceError {
    fn code(&self) -> &'static str {
        match self {
            Self::OtherMechanism => "status_mechanism_unsupported",
            Self::Malformed => "status_reference_malformed",
        }
    }
    fn rule(&self) -> &'static str {
        "ST-1"
    }
    fn blame(&self) -> Blame {
        Blame::Issuer
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Where a credential's status stands: the address of a status list token, and an index in its list.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct StatusReference {
    uri: String,
    index: u64,
}

impl StatusReference {
    /// A reference. The `uri` must be an absolute URI of at most 2048 bytes; it is kept as written, since `sub` is
    /// compared with it as a string.
    ///
    /// # Errors
    /// [`StatusReferenceError::Malformed`].
    pub fn new(uri: impl Into<String>, index: u64) -> Result<Self, StatusReferenceError> {
        let uri = uri.into();
        let written_as_uri = uri.len() <= MAX_URI_BYTES && uri.bytes().all(|byte| byte.is_ascii_graphic());
        if !written_as_uri || Url::parse(&uri).is_err() {
            return Err(StatusReferenceError::Malformed);
        }
        Ok(Self { uri, index })
    }

    /// Reads the value of a JSON `status` claim (section 6.2).
    ///
    /// # Errors
    /// [`StatusReferenceError`].
    pub fn from_json(status: &Json) -> Result<Self, StatusReferenceError> {
        let status = status.as_object().ok_or(StatusReferenceError::Malformed)?;
        let list = status.get("status_list").ok_or(StatusReferenceError::OtherMechanism)?;
        let index = list.get("idx").and_then(Json::as_u64).ok_or(StatusReferenceError::Malformed)?;
        let uri = list.get("uri").and_then(Json::as_str).ok_or(StatusReferenceError::Malformed)?;
        Self::new(uri, index)
    }

    /// Reads the value of a CBOR `status` claim (section 6.3): CWT claim 65535, or `status` of a mobile security object.
    ///
    /// # Errors
    /// [`StatusReferenceError`].
    pub fn from_cbor(status: &Cbor) -> Result<Self, StatusReferenceError> {
        if !status.is_map() {
            return Err(StatusReferenceError::Malformed);
        }
        let malformed = |_| StatusReferenceError::Malformed;
        let list = cbor::text_entry(status, "status_list").map_err(malformed)?;
        let list = list.ok_or(StatusReferenceError::OtherMechanism)?;
        let entry = |name| match cbor::text_entry(list, name) {
            Ok(Some(value)) => Ok(value),
            _ => Err(StatusReferenceError::Malformed),
        };
        let index = cbor::unsigned(entry("idx")?).ok_or(StatusReferenceError::Malformed)?;
        let uri = entry("uri")?.as_text().ok_or(StatusReferenceError::Malformed)?;
        Self::new(uri, index)
    }

    /// The JSON value for a credential's `status` claim.
    #[must_use]
    pub fn to_json(&self) -> Json {
        serde_json::json!({ "status_list": { "idx": self.index, "uri": self.uri } })
    }

    /// The CBOR value for a credential's `status`.
    #[must_use]
    pub fn to_cbor(&self) -> Cbor {
        let list = Cbor::Map(vec![
            (Cbor::Text("idx".to_owned()), Cbor::Integer(self.index.into())),
            (Cbor::Text("uri".to_owned()), Cbor::Text(self.uri.clone())),
        ]);
        Cbor::Map(vec![(Cbor::Text("status_list".to_owned()), list)])
    }

    /// The address of the status list token, as written.
    #[must_use]
    pub fn uri(&self) -> &str {
        &self.uri
    }

    /// The place in the list.
    #[must_use]
    pub fn index(&self) -> u64 {
        self.index
    }
}
