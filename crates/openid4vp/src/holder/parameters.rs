//! The parameters of a request, validated together (OpenID4VP 1.0 sections 5.1 to 5.8 and 8.2; VP-R4 to VP-R8, VP-R12, VP-R14, VP-T1).
//!
//! Which client may use which `response_uri` is decided in [`super::authenticate`].

use dcql::{CredentialQuery, Format, Query};
use serde_json::{Map, Value};
use url::Url;

use super::error::RequestError;
use super::invocation::Policy;
use crate::client::ClientId;
use crate::limits;
use crate::metadata::{ClientMetadata, ResponseEncryption};
use crate::screen;
use crate::transaction::{self, Transaction};
use crate::uri;

/// The parameters of one request as JSON, from the link or from the request object; nothing is checked yet.
pub(crate) type RawParameters = Map<String, Value>;

/// Parameters whose values are JSON and travel as text in a link (section 5.1).
pub(crate) const JSON_PARAMETERS: [&str; 4] =
    ["dcql_query", "client_metadata", "verifier_info", "transaction_data"];

/// One entry of `verifier_info` (section 5.11).
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct VerifierInfo {
    pub(crate) format: String,
    pub(crate) data: Value,
    /// `credential_ids`: the Credential Queries that it is about; `None`: all.
    pub(crate) queries: Option<Vec<String>>,
}

/// How a request came, and with it which response modes it may ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Transport {
    /// By a link; the answer is posted.
    DirectPost,
    /// Over the Digital Credentials API; the answer goes back the same way (VP-A4).
    DcApi,
    /// From a screen, by value; the answer is shown (OQ-1).
    Screen,
}

/// Parameters that follow every rule that can be checked without knowing who sent them.
#[derive(Debug, Clone)]
pub(crate) struct Parameters {
    pub(crate) nonce: String,
    pub(crate) state: Option<String>,
    /// As in the request, never written anew: the handover is made of it (VP-H3).
    pub(crate) response_uri: Option<String>,
    pub(crate) encryption: Option<ResponseEncryption>,
    pub(crate) formats: Formats,
    pub(crate) query: Query,
    pub(crate) verifier_info: Vec<VerifierInfo>,
    pub(crate) transactions: Vec<Transaction>,
}

impl Parameters {
    pub(crate) fn validate(
        raw: &RawParameters,
        transport: Transport,
        registered: Option<&ClientMetadata>,
        policy: &Policy,
    ) -> Result<Self, RequestError> {
        if text(raw, "response_type") != Some("vp_token") {
            return Err(RequestError::ResponseType);
        }
        let encrypted = match (transport, text(raw, "response_mode")) {
            (Transport::DirectPost, Some("direct_post")) | (Transport::DcApi, Some("dc_api")) => false,
            (Transport::DirectPost, Some("direct_post.jwt")) | (Transport::DcApi, Some("dc_api.jwt")) => true,
            (Transport::Screen, Some(screen::RESPONSE_MODE)) => true,
            _ => return Err(RequestError::ResponseMode),
        };
        if transport != Transport::DcApi && raw.contains_key("redirect_uri") {
            return Err(RequestError::RedirectUriPresent);
        }
        let nonce = text(raw, "nonce").filter(|nonce| uri::is_url_safe_token(nonce));
        let nonce = nonce.ok_or(RequestError::Nonce)?.to_owned();
        let query = query(raw)?;
        let transactions = match raw.get("transaction_data") {
            None => Vec::new(),
            Some(value) => {
                transaction::read(value, policy.transactions, &query).map_err(|fault| match fault {
                    transaction::Fault::Malformed => RequestError::TransactionDataMalformed,
                    transaction::Fault::Unsupported => RequestError::TransactionDataUnsupported,
                    transaction::Fault::Credentials => RequestError::TransactionDataCredentials,
                })?
            }
        };
        // Appendix A.2: over the Digital Credentials API there is no `state`, and what is called so is not looked at.
        let state = match transport {
            Transport::DirectPost => state(raw, &query)?,
            Transport::DcApi => None,
            // Nothing carries it back.
            Transport::Screen if raw.contains_key("state") => return Err(RequestError::State),
            Transport::Screen => state(raw, &query)?,
        };
        let metadata = match (registered, raw.get("client_metadata")) {
            (Some(registered), _) => registered.clone(),
            (None, None) => ClientMetadata::default(),
            (None, Some(value)) => ClientMetadata::parse(value).map_err(|_| RequestError::ClientMetadata)?,
        };
        let formats = Formats::of(&query, &metadata);
        // What the verifier itself would not take answers nothing (VP-H6).
        let query = query.without_formats(|format| !metadata.accepts(format.as_str()));
        let encryption = match encrypted {
            false => None,
            true => Some(metadata.response_encryption().ok_or(RequestError::Encryption)?),
        };
        let response_uri = match raw.get("response_uri") {
            Some(_) if transport == Transport::DcApi => None,
            // An answer that is shown goes to no address, and one that names both is not understood.
            Some(_) if transport == Transport::Screen => return Err(RequestError::ResponseUri),
            None => None,
            Some(Value::String(address)) => Some(address.clone()),
            Some(_) => return Err(RequestError::ResponseUri),
        };
        Ok(Self {
            nonce,
            state,
            response_uri,
            encryption,
            formats,
            query,
            verifier_info: verifier_info(raw)?,
            transactions,
        })
    }

    /// The address for the answer, if it is one that may be called at all.
    pub(crate) fn endpoint(address: &str, policy: &Policy) -> Result<Url, RequestError> {
        uri::endpoint(address, policy.loopback_http).ok_or(RequestError::ResponseUri)
    }
}

/// The client identifier of a set of parameters.
pub(crate) fn client_id(raw: &RawParameters) -> Result<ClientId, RequestError> {
    text(raw, "client_id").and_then(ClientId::new).ok_or(RequestError::ClientIdMissing)
}

pub(crate) fn text<'r>(raw: &'r RawParameters, name: &str) -> Option<&'r str> {
    raw.get(name).and_then(Value::as_str)
}

fn query(raw: &RawParameters) -> Result<Query, RequestError> {
    match (raw.get("dcql_query"), raw.contains_key("scope")) {
        (Some(query), false) => Ok(Query::from_value(query.clone())?),
        (None, true) => Err(RequestError::Scope),
        _ => Err(RequestError::QueryMissing),
    }
}

fn state(raw: &RawParameters, query: &Query) -> Result<Option<String>, RequestError> {
    match raw.get("state") {
        None if query.asks_without_holder_binding() => Err(RequestError::StateMissing),
        None => Ok(None),
        Some(Value::String(state)) if uri::is_url_safe_token(state) => Ok(Some(state.clone())),
        Some(_) => Err(RequestError::State),
    }
}

/// Whether what is asked for can be presented in the formats that both sides know (VP-H1, VP-H6, VP-S5).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Formats {
    /// As far as formats go.
    Presentable,
    /// The verifier itself excludes those that it asks for, and nothing is left that it has to be answered with.
    Excluded,
    /// None is one of this wallet's.
    Foreign,
}

impl Formats {
    /// Section 8.5 has an error for a wallet that supports none of the formats: what can be answered without those that the verifier
    /// excludes is.
    fn of(query: &Query, metadata: &ClientMetadata) -> Self {
        let is_foreign = |format: &Format| matches!(format, Format::Unsupported(_));
        let accepts = |credential: &CredentialQuery| metadata.accepts(credential.format.as_str());
        let mut asked = query.credentials().iter();
        let is_excluded =
            |credential: &CredentialQuery| !is_foreign(&credential.format) && !accepts(credential);
        let can = |credential: &CredentialQuery| !is_foreign(&credential.format) && accepts(credential);
        if asked.clone().any(is_excluded) && !query.is_answerable(can) {
            return Self::Excluded;
        }
        if asked.all(|credential| is_foreign(&credential.format)) { Self::Foreign } else { Self::Presentable }
    }
}

pub(crate) fn verifier_info(raw: &RawParameters) -> Result<Vec<VerifierInfo>, RequestError> {
    let Some(value) = raw.get("verifier_info") else { return Ok(Vec::new()) };
    let entries = value.as_array().filter(|entries| !entries.is_empty()).ok_or(RequestError::VerifierInfo)?;
    if entries.len() > limits::MAX_VERIFIER_INFO {
        return Err(RequestError::VerifierInfo);
    }
    entries
        .iter()
        .map(|entry| {
            let format = entry.get("format").and_then(Value::as_str).ok_or(RequestError::VerifierInfo)?;
            let data = entry.get("data").filter(|data| data.is_string() || data.is_object());
            let queries = match entry.get("credential_ids") {
                None => None,
                Some(Value::Array(ids)) if !ids.is_empty() => {
                    let ids = ids.iter().map(|id| id.as_str().map(str::to_owned));
                    Some(ids.collect::<Option<Vec<_>>>().ok_or(RequestError::VerifierInfo)?)
                }
                Some(_) => return Err(RequestError::VerifierInfo),
            };
            Ok(VerifierInfo {
                format: format.to_owned(),
                data: data.ok_or(RequestError::VerifierInfo)?.clone(),
                queries,
            })
        })
        .collect()
}
