//! The credential offer: by value, by reference, and as an issuer writes it.
//!
//! Clauses: OpenID4VCI 1.0 section 4.1; CI-1, CI-2; HAIP 1.0 section 4.2 (`haip-vci://`). An offer is a stranger's word (section 13.5): nothing in it
//! is trusted until the issuer's metadata and the issued credentials are verified.

use std::collections::BTreeMap;

use primitives::http::{Request, Response};
use primitives::{Blame, Left, Refusal, UniqueNonEmpty};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::{Url, form_urlencoded};

use crate::http::{self, AnswerError};
use crate::wire::{self, Endpoint, Identifier, OFFER_MAX_BYTES, WireError};

/// Most credential configurations in one offer.
pub const OFFER_CONFIGURATIONS_MAX: usize = 64;
/// Longest guidance for the transaction code, in characters (section 4.1.1).
pub const TX_CODE_DESCRIPTION_MAX: usize = 300;
/// Longest transaction code that a wallet will ask for, in characters.
pub const TX_CODE_LENGTH_MAX: u32 = 64;
/// The grant type of the pre-authorized code flow.
pub const PRE_AUTHORIZED_CODE_GRANT: &str = "urn:ietf:params:oauth:grant-type:pre-authorized_code";
/// The grant type of the authorization code flow.
pub const AUTHORIZATION_CODE_GRANT: &str = "authorization_code";
/// The grant type of refresh tokens (CI-13).
pub const REFRESH_TOKEN_GRANT: &str = "refresh_token";

/// The offer as it stands on the wire.
#[derive(Debug, Clone, Serialize, Deserialize)]
struct OfferWire {
    credential_issuer: String,
    credential_configuration_ids: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    grants: Option<BTreeMap<String, Value>>,
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
struct AuthorizationCodeWire {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    issuer_state: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authorization_server: Option<String>,
}

#[derive(Clone, Serialize, Deserialize)]
struct PreAuthorizedWire {
    #[serde(rename = "pre-authorized_code")]
    pre_authorized_code: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    tx_code: Option<TransactionCodeWire>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    authorization_server: Option<String>,
}

#[derive(Clone, Default, Serialize, Deserialize)]
struct TransactionCodeWire {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    input_mode: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    length: Option<u32>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
}

/// What a link, a file or a picture held: an offer, or where it is.
#[derive(Debug, Clone)]
pub enum OfferSource {
    /// The offer itself (`credential_offer`).
    ByValue(CredentialOffer),
    /// Its address (`credential_offer_uri`); nothing is fetched until [`OfferFetch::request`] is sent.
    ByReference(OfferFetch),
}

impl OfferSource {
    /// Parses a link of any scheme (`openid-credential-offer://`, `haip-vci://`, https), or a bare JSON offer.
    ///
    /// # Errors
    /// [`OfferError`], where nothing has been sent (CI-1).
    pub fn parse(text: &str) -> Result<Self, OfferError> {
        let text = text.trim();
        if text.len() > OFFER_MAX_BYTES {
            return Err(WireError::TooLong { max: OFFER_MAX_BYTES }.into());
        }
        if text.starts_with('{') {
            return CredentialOffer::from_json(text.as_bytes()).map(Self::ByValue);
        }
        let Some((_, query)) = text.split_once('?') else { return Err(OfferError::NotAnOffer) };
        if Url::parse(text).is_err() {
            return Err(OfferError::NotAnOffer);
        }
        let query = query.split('#').next().unwrap_or("");
        // a raw `+` is a plus here, not a space: configuration ids hold `dc+sd-jwt`
        let query = query.replace('+', "%2B");
        let (mut value, mut reference) = (None, None);
        for (name, content) in form_urlencoded::parse(query.as_bytes()) {
            let slot = match name.as_ref() {
                "credential_offer" => &mut value,
                "credential_offer_uri" => &mut reference,
                _ => continue,
            };
            if slot.replace(content.into_owned()).is_some() {
                return Err(OfferError::Ambiguous);
            }
        }
        match (value, reference) {
            (Some(value), None) => CredentialOffer::from_json(value.as_bytes()).map(Self::ByValue),
            (None, Some(uri)) => {
                Ok(Self::ByReference(OfferFetch { uri: Endpoint::parse(&uri, "credential_offer_uri")? }))
            }
            (Some(_), Some(_)) => Err(OfferError::Ambiguous),
            (None, None) => Err(OfferError::NotAnOffer),
        }
    }
}

/// An offer that is still to be fetched (section 4.1.3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct OfferFetch {
    uri: Endpoint,
}

impl OfferFetch {
    /// The address, whose host is shown before anything is sent.
    #[must_use]
    pub fn url(&self) -> &Url {
        self.uri.url()
    }

    /// The request: https GET that asks for JSON.
    #[must_use]
    pub fn request(&self) -> Request {
        http::get(self.uri.url(), "application/json", OFFER_MAX_BYTES)
    }

    /// Reads the answer. Only `application/json` is an offer, never a JWT (CI-1).
    ///
    /// # Errors
    /// [`OfferError`].
    pub fn receive(self, response: &Response) -> Result<CredentialOffer, OfferError> {
        http::expect_status(response, 200)?;
        http::expect_media_type(response, "application/json")?;
        CredentialOffer::from_json(&response.body)
    }
}

/// A well-formed offer (CI-2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CredentialOffer {
    pub(crate) issuer: Identifier,
    pub(crate) configuration_ids: UniqueNonEmpty<String>,
    pub(crate) grants: Grants,
}

/// How an offer lets itself be taken.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Grants {
    /// `authorization_code`, if named.
    pub authorization_code: Option<AuthorizationCodeGrant>,
    /// The pre-authorized code, if named.
    pub pre_authorized_code: Option<PreAuthorizedCodeGrant>,
    /// No grant is named at all: the authorization server's metadata say what it takes (CI-2).
    pub unnamed: bool,
}

/// The parameters of the authorization code grant.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct AuthorizationCodeGrant {
    /// Sent on as it came (CI-2).
    pub issuer_state: Option<String>,
    /// Must be one of the issuer's `authorization_servers`.
    pub authorization_server: Option<Identifier>,
}

/// The parameters of the pre-authorized code grant.
#[derive(Clone, PartialEq, Eq)]
pub struct PreAuthorizedCodeGrant {
    pub(crate) code: String,
    /// What transaction code is asked for: also when the object was empty (CI-2, CI-9).
    pub tx_code: Option<TransactionCode>,
    /// Must be one of the issuer's `authorization_servers`.
    pub authorization_server: Option<Identifier>,
}

impl std::fmt::Debug for PreAuthorizedCodeGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreAuthorizedCodeGrant").field("tx_code", &self.tx_code).finish_non_exhaustive()
    }
}

/// What the transaction code that the citizen types looks like.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TransactionCode {
    /// Digits only, or any characters.
    pub input_mode: InputMode,
    /// Its length in characters, if known.
    pub length: Option<u32>,
    /// Where the citizen finds it: the issuer's word, at most 300 characters.
    pub description: Option<String>,
}

/// The characters of a transaction code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum InputMode {
    /// Digits only (default).
    #[default]
    Numeric,
    /// Any characters.
    Text,
}

impl TransactionCode {
    /// Whether what was typed can be the code. Refusing it here spares the citizen an attempt.
    #[must_use]
    pub fn fits(&self, typed: &str) -> bool {
        let length = typed.chars().count();
        let long_enough = match self.length {
            Some(expected) => u32::try_from(length).is_ok_and(|length| length == expected),
            None => length > 0 && u32::try_from(length).is_ok_and(|length| length <= TX_CODE_LENGTH_MAX),
        };
        long_enough && (self.input_mode == InputMode::Text || typed.chars().all(|c| c.is_ascii_digit()))
    }
}

impl CredentialOffer {
    /// Parses an offer object.
    ///
    /// # Errors
    /// [`OfferError`].
    pub fn from_json(bytes: &[u8]) -> Result<Self, OfferError> {
        Self::try_from(wire::json::<OfferWire>(bytes, OFFER_MAX_BYTES)?)
    }

    /// An offer as an issuer makes it.
    #[must_use]
    pub fn new(issuer: Identifier, configuration_ids: UniqueNonEmpty<String>, grants: Grants) -> Self {
        Self { issuer, configuration_ids, grants }
    }

    /// What a wallet asks itself for, to fetch copies anew of papers that it has (CI-13).
    #[must_use]
    pub fn renewal(issuer: Identifier, configuration_ids: UniqueNonEmpty<String>) -> Self {
        Self::new(issuer, configuration_ids, Grants { unnamed: true, ..Grants::default() })
    }

    /// The credential issuer's identifier.
    #[must_use]
    pub fn issuer(&self) -> &Identifier {
        &self.issuer
    }

    /// The offered configurations, in the issuer's order.
    #[must_use]
    pub fn configuration_ids(&self) -> &[String] {
        self.configuration_ids.as_slice()
    }

    /// How it can be taken.
    #[must_use]
    pub fn grants(&self) -> &Grants {
        &self.grants
    }

    /// The offer object.
    #[must_use]
    pub fn to_json(&self) -> Value {
        let text = |value: &Option<Identifier>| value.as_ref().map(|it| it.as_str().to_owned());
        let mut grants = serde_json::Map::new();
        if let Some(grant) = &self.grants.authorization_code {
            let mut object = serde_json::Map::new();
            insert(&mut object, "issuer_state", grant.issuer_state.clone());
            insert(&mut object, "authorization_server", text(&grant.authorization_server));
            grants.insert(AUTHORIZATION_CODE_GRANT.to_owned(), Value::Object(object));
        }
        if let Some(grant) = &self.grants.pre_authorized_code {
            let mut object = serde_json::Map::new();
            insert(&mut object, "pre-authorized_code", Some(grant.code.clone()));
            if let Some(code) = &grant.tx_code {
                let mut tx_code = serde_json::Map::new();
                let mode = if code.input_mode == InputMode::Text { "text" } else { "numeric" };
                insert(&mut tx_code, "input_mode", Some(mode.to_owned()));
                if let Some(length) = code.length {
                    tx_code.insert("length".to_owned(), Value::from(length));
                }
                insert(&mut tx_code, "description", code.description.clone());
                object.insert("tx_code".to_owned(), Value::Object(tx_code));
            }
            insert(&mut object, "authorization_server", text(&grant.authorization_server));
            grants.insert(PRE_AUTHORIZED_CODE_GRANT.to_owned(), Value::Object(object));
        }
        let mut offer = serde_json::Map::new();
        insert(&mut offer, "credential_issuer", Some(self.issuer.as_str().to_owned()));
        offer.insert(
            "credential_configuration_ids".to_owned(),
            Value::from(self.configuration_ids().to_vec()),
        );
        if !grants.is_empty() {
            offer.insert("grants".to_owned(), Value::Object(grants));
        }
        Value::Object(offer)
    }

    /// A link that carries the offer by value.
    #[must_use]
    pub fn link(&self, scheme: &str) -> String {
        link(scheme, "credential_offer", &self.to_json().to_string())
    }

    /// A link that carries the offer by reference: short enough for a QR code.
    #[must_use]
    pub fn link_by_reference(scheme: &str, uri: &Url) -> String {
        link(scheme, "credential_offer_uri", uri.as_str())
    }
}

impl PreAuthorizedCodeGrant {
    /// A grant as an issuer makes it.
    #[must_use]
    pub fn new(code: String, tx_code: Option<TransactionCode>) -> Self {
        Self { code, tx_code, authorization_server: None }
    }
}

fn insert(object: &mut serde_json::Map<String, Value>, name: &str, value: Option<String>) {
    if let Some(value) = value {
        object.insert(name.to_owned(), Value::String(value));
    }
}

fn link(scheme: &str, name: &str, value: &str) -> String {
    let query = form_urlencoded::Serializer::new(String::new()).append_pair(name, value).finish();
    // spaces as %20: some readers of links take `+` for a plus, as this one does
    format!("{scheme}://?{}", query.replace('+', "%20"))
}

impl TryFrom<OfferWire> for CredentialOffer {
    type Error = OfferError;

    fn try_from(wire: OfferWire) -> Result<Self, OfferError> {
        let issuer = Identifier::parse(&wire.credential_issuer, "credential_issuer")?;
        const IDS: &str = "credential_configuration_ids";
        if wire.credential_configuration_ids.len() > OFFER_CONFIGURATIONS_MAX {
            return Err(WireError::Member(IDS).into());
        }
        let ids = wire.credential_configuration_ids;
        let ids = ids.into_iter().map(|id| wire::identifying(id, IDS)).collect::<Result<Vec<_>, _>>()?;
        let configuration_ids = UniqueNonEmpty::new(ids).map_err(|_| WireError::Member(IDS))?;
        Ok(Self { issuer, configuration_ids, grants: grants(wire.grants.unwrap_or_default())? })
    }
}

fn grants(mut wire: BTreeMap<String, Value>) -> Result<Grants, OfferError> {
    if wire.is_empty() {
        return Ok(Grants { unnamed: true, ..Grants::default() });
    }
    let authorization_code = match wire.remove(AUTHORIZATION_CODE_GRANT) {
        None => None,
        Some(value) => {
            let grant: AuthorizationCodeWire = serde_json::from_value(value).map_err(|_| WireError::Shape)?;
            Some(AuthorizationCodeGrant {
                issuer_state: grant.issuer_state.map(|it| wire::opaque(it, "issuer_state")).transpose()?,
                authorization_server: server(grant.authorization_server)?,
            })
        }
    };
    let pre_authorized_code = match wire.remove(PRE_AUTHORIZED_CODE_GRANT) {
        None => None,
        Some(value) => {
            let grant: PreAuthorizedWire = serde_json::from_value(value).map_err(|_| WireError::Shape)?;
            Some(PreAuthorizedCodeGrant {
                code: wire::opaque(grant.pre_authorized_code, "pre-authorized_code")?,
                tx_code: grant.tx_code.map(TransactionCode::try_from).transpose()?,
                authorization_server: server(grant.authorization_server)?,
            })
        }
    };
    if authorization_code.is_none() && pre_authorized_code.is_none() {
        return Err(OfferError::NoKnownGrant);
    }
    Ok(Grants { authorization_code, pre_authorized_code, unnamed: false })
}

fn server(text: Option<String>) -> Result<Option<Identifier>, WireError> {
    text.map(|text| Identifier::parse(&text, "authorization_server")).transpose()
}

impl TryFrom<TransactionCodeWire> for TransactionCode {
    type Error = WireError;

    fn try_from(wire: TransactionCodeWire) -> Result<Self, WireError> {
        let input_mode = match wire.input_mode.as_deref() {
            None | Some("numeric") => InputMode::Numeric,
            Some("text") => InputMode::Text,
            Some(_) => return Err(WireError::Member("input_mode")),
        };
        if wire.length.is_some_and(|length| length == 0 || length > TX_CODE_LENGTH_MAX) {
            return Err(WireError::Member("length"));
        }
        let description = wire.description;
        if description.as_ref().is_some_and(|it| it.chars().count() > TX_CODE_DESCRIPTION_MAX) {
            return Err(WireError::Member("description"));
        }
        Ok(Self { input_mode, length: wire.length, description })
    }
}

/// Why something is not an offer that can be taken. Nothing of the citizen's has left.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OfferError {
    /// Neither a link with an offer nor an offer object.
    #[error("this is not a credential offer")]
    NotAnOffer,
    /// Both `credential_offer` and `credential_offer_uri`, or one of them twice.
    #[error("the link names more than one offer")]
    Ambiguous,
    /// The offer's JSON breaks section 4.1.1.
    #[error("the offer is malformed: {0}")]
    Malformed(#[from] WireError),
    /// Every named grant is unknown to this wallet.
    #[error("the offer names no grant that this wallet knows")]
    NoKnownGrant,
    /// The address of the offer answered with something else.
    #[error("the offer could not be fetched: {0}")]
    Answer(#[from] AnswerError),
}

impl Refusal for OfferError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotAnOffer => "offer_not_an_offer",
            Self::Ambiguous => "offer_ambiguous",
            Self::Malformed(_) => "offer_malformed",
            Self::NoKnownGrant => "offer_grant_unsupported",
            Self::Answer(error) => error.code(),
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::NotAnOffer | Self::Ambiguous | Self::Answer(_) => "CI-1",
            Self::Malformed(_) | Self::NoKnownGrant => "CI-2",
        }
    }

    fn blame(&self) -> Blame {
        Blame::Issuer
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}
