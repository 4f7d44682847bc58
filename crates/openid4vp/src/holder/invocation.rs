//! From a link to the parameters of a request: by value, by `request`, or by `request_uri` with `get` or `post` (OpenID4VP 1.0 sections 5,
//! 5.10, 13.1; RFC 9101; VP-R9 to VP-R11).

use primitives::http::{Request, Response};
use primitives::{Entropy, json};
use serde_json::{Value, json};
use url::Url;

use super::did::DidDocument;
use super::error::RequestError;
use super::parameters::{JSON_PARAMETERS, RawParameters, client_id, text};
use crate::client::{ClientId, ClientIdPrefix};
use crate::limits;
use crate::transaction::TransactionType;
use crate::uri;

/// The media type of a request object (RFC 9101 section 9.4.1).
pub(crate) const REQUEST_OBJECT_TYPE: &str = "oauth-authz-req+jwt";

/// What happens to a request whose sender is not authenticated.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Unauthenticated {
    /// It is refused.
    Refuse,
    /// It is shown as unauthenticated, and the person decides.
    Warn,
}

/// What the profile allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Policy {
    /// Unsigned requests, and those signed with a DID that the profile does not know.
    pub unauthenticated: Unauthenticated,
    /// Whether http is allowed where the host is loopback.
    pub loopback_http: bool,
    /// The types of transactions that can be shown to the person, and so approved; every other one refuses the request (VP-T1).
    pub transactions: &'static [TransactionType],
    /// Whether an unsigned request object may lack `typ`, which section 5 forbids and a well-known test tool leaves out. Of a signed one
    /// it is required whatever this says.
    pub untyped_unsigned: bool,
}

impl Policy {
    /// The strictest policy: signed requests and https only, and no transaction.
    pub const STRICT: Self = Self {
        unauthenticated: Unauthenticated::Refuse,
        loopback_http: false,
        untyped_unsigned: false,
        transactions: &[],
    };
}

/// A link that is a request for a presentation, read but with nothing fetched.
#[derive(Debug, Clone)]
pub struct Invocation {
    client_id: ClientId,
    source: Source,
    policy: Policy,
}

#[derive(Debug, Clone)]
enum Source {
    Parameters(RawParameters),
    Object(String),
    Reference { uri: Url, post: bool },
}

/// What comes after reading a link.
#[derive(Debug)]
pub enum Next {
    /// The request is complete.
    Request(Box<UnauthenticatedRequest>),
    /// It has to be fetched.
    Fetch(FetchRequestObject),
}

impl Invocation {
    /// Reads a link of any scheme (`openid4vp://`, `haip-vp://`, `eudi-openid4vp://`, a claimed https address, ...) or the bare query.
    ///
    /// # Errors
    /// A [`RequestError`] (VP-C1, VP-R9, VP-R10); nothing was sent.
    pub fn parse(link: &str, policy: &Policy) -> Result<Self, RequestError> {
        let link = link.trim();
        if link.len() > limits::MAX_INVOCATION_BYTES {
            return Err(RequestError::Invocation);
        }
        let link = link.split('#').next().unwrap_or(link);
        let query = link.split_once('?').map_or(link, |(_, query)| query);
        let mut raw = RawParameters::new();
        for (name, value) in uri::parameters(query).ok_or(RequestError::Invocation)? {
            let value = match JSON_PARAMETERS.contains(&name.as_str()) {
                false => Value::String(value),
                true => json::parse_strict(value.as_bytes(), limits::MAX_INVOCATION_BYTES)
                    .map_err(|_| RequestError::Invocation)?,
            };
            raw.insert(name, value);
        }
        let client_id = client_id(&raw)?;
        let post = match (text(&raw, "request_uri_method"), raw.contains_key("request_uri")) {
            (None | Some("get"), true) | (None, false) => false,
            (Some("post"), true) => true,
            _ => return Err(RequestError::RequestUriMethod),
        };
        let source = match (text(&raw, "request"), text(&raw, "request_uri")) {
            (Some(_), Some(_)) => return Err(RequestError::AmbiguousRequestObject),
            (Some(object), None) => Source::Object(object.to_owned()),
            (None, Some(address)) => {
                let uri = uri::endpoint(address, policy.loopback_http).ok_or(RequestError::RequestUri)?;
                Source::Reference { uri, post }
            }
            (None, None) => Source::Parameters(raw),
        };
        Ok(Self { client_id, source, policy: *policy })
    }

    /// Who the link says it comes from. Nothing vouches for it.
    pub fn claimed_client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// The host that would be asked for the request; `None` if nothing has to be fetched.
    pub fn fetch_host(&self) -> Option<&str> {
        match &self.source {
            Source::Reference { uri, .. } => uri.host_str(),
            Source::Object(_) | Source::Parameters(_) => None,
        }
    }

    /// The next step. With `request_uri_method=post` a fresh `wallet_nonce` is drawn.
    ///
    /// # Errors
    /// [`RequestError::Entropy`].
    pub fn next(self, entropy: &dyn Entropy) -> Result<Next, RequestError> {
        let Self { client_id, source, policy } = self;
        let request = |form, wallet_nonce| {
            Next::Request(Box::new(UnauthenticatedRequest {
                client_id: client_id.clone(),
                form,
                wallet_nonce,
                did_document: None,
            }))
        };
        Ok(match source {
            Source::Parameters(raw) => request(Form::Parameters(raw), None),
            Source::Object(object) => request(Form::Object(object), None),
            Source::Reference { uri, post } => {
                let wallet_nonce = if post { Some(crypto::random::token(entropy)?) } else { None };
                Next::Fetch(FetchRequestObject { client_id, uri, wallet_nonce, policy })
            }
        })
    }
}

/// A request object that has to be fetched.
#[derive(Debug)]
pub struct FetchRequestObject {
    client_id: ClientId,
    uri: Url,
    wallet_nonce: Option<String>,
    policy: Policy,
}

impl FetchRequestObject {
    /// The HTTP request that fetches it. Redirects are not to be followed.
    pub fn request(&self) -> Request {
        let request = match &self.wallet_nonce {
            None => Request::get(self.uri.clone()),
            Some(nonce) => {
                let metadata = wallet_metadata(&self.client_id, &self.policy).to_string();
                let fields = [("wallet_metadata", metadata.as_str()), ("wallet_nonce", nonce.as_str())];
                Request::post_form(self.uri.clone(), fields)
            }
        };
        request
            .with_header("accept", format!("application/{REQUEST_OBJECT_TYPE}"))
            .with_max_response_bytes(limits::MAX_REQUEST_OBJECT_BYTES)
    }

    /// Takes the verifier's answer. Anything but 200 ends the process (VP-R9).
    ///
    /// # Errors
    /// A [`RequestError`].
    pub fn receive(self, response: &Response) -> Result<UnauthenticatedRequest, RequestError> {
        if response.status != 200 {
            return Err(RequestError::FetchStatus);
        }
        if response.body.len() > limits::MAX_REQUEST_OBJECT_BYTES {
            return Err(RequestError::RequestObject);
        }
        // RFC 9101 section 5.2.3 lets a server answer a GET with application/jwt.
        let content_type = response.content_type();
        let type_fits = match content_type.as_deref() {
            Some("application/oauth-authz-req+jwt") => true,
            Some("application/jwt") => self.wallet_nonce.is_none(),
            _ => false,
        };
        if !type_fits {
            return Err(RequestError::FetchContentType);
        }
        let object = std::str::from_utf8(&response.body).map_err(|_| RequestError::RequestObject)?;
        Ok(UnauthenticatedRequest {
            client_id: self.client_id,
            form: Form::Object(object.trim_end().to_owned()),
            wallet_nonce: self.wallet_nonce,
            did_document: None,
        })
    }
}

/// What the wallet tells of itself: the same for everybody (section 15.7) under one policy, and nothing about signed requests to a client
/// whose prefix precludes them (VP-R11).
fn wallet_metadata(client_id: &ClientId, policy: &Policy) -> Value {
    let unsigned = (policy.unauthenticated == Unauthenticated::Warn).then_some("redirect_uri");
    let signed =
        ["x509_hash", "x509_san_dns", "decentralized_identifier", "verifier_attestation", "pre-registered"];
    let prefixes: Vec<&str> = signed.into_iter().chain(unsigned).collect();
    let mut metadata = json!({
        "vp_formats_supported": {
            "dc+sd-jwt": { "sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"] },
            "mso_mdoc": { "issuerauth_alg_values": [-7, -9], "deviceauth_alg_values": [-7, -9] }
        },
        "client_id_prefixes_supported": prefixes,
        "response_types_supported": ["vp_token"],
        "response_modes_supported": ["direct_post", "direct_post.jwt"],
        "authorization_encryption_alg_values_supported": ["ECDH-ES"],
        "authorization_encryption_enc_values_supported": ["A128GCM", "A256GCM"]
    });
    if !matches!(client_id.prefix(), ClientIdPrefix::RedirectUri(_))
        && let Some(members) = metadata.as_object_mut()
    {
        members.insert("request_object_signing_alg_values_supported".to_owned(), json!(["ES256"]));
    }
    metadata
}

/// A request in full, from nobody knows whom. It can be authenticated and nothing else.
#[derive(Debug)]
pub struct UnauthenticatedRequest {
    pub(crate) client_id: ClientId,
    pub(crate) form: Form,
    pub(crate) wallet_nonce: Option<String>,
    /// What was fetched for a `did:web` client.
    pub(crate) did_document: Option<DidDocument>,
}

#[derive(Debug)]
pub(crate) enum Form {
    /// Unsigned, in the link itself.
    Parameters(RawParameters),
    /// A request object, signed or not.
    Object(String),
}
