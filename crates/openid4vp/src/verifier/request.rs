//! Requests as a verifier makes them (OpenID4VP 1.0 sections 5, 5.9, 5.10; HAIP 1.0 section 5): fresh `nonce` and `state` and a fresh
//! encryption key for each, signed with `x5c` without the anchor.

use crypto::jws::HeaderBuilder;
use crypto::{PrivateKey, PublicJwk, Signer};
use dcql::Query;
use primitives::http::Response;
use primitives::{Entropy, Instant};
use serde_json::{Map, Value, json};
use trust::CertificateChain;
use trust::registration::REGISTRATION_FORMAT;
use url::Url;

use super::error::BuildError;
use crate::client::{ClientId, ClientIdPrefix};
use crate::holder::{REQUEST_OBJECT_TYPE, STATIC_DISCOVERY_AUDIENCE};
use crate::limits;
use crate::uri;

/// How long a request can be answered unless the builder says otherwise, in seconds.
pub const DEFAULT_LIFETIME_SECONDS: i64 = 600;

/// Who the verifier says it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ClientIdentity {
    /// `x509_hash:` of the leaf of this chain (HA-6).
    X509Hash(CertificateChain),
    /// `x509_san_dns:` with this name of the chain's leaf; `response_uri` must be on this host.
    X509SanDns {
        /// The DNS name.
        name: String,
        /// The chain, leaf first, without the anchor.
        chain: CertificateChain,
    },
    /// `redirect_uri:` with the response URI; the request is not signed.
    RedirectUri,
}

/// The key that signs requests, with its chain.
#[derive(Clone, Copy)]
pub struct RequestSigner<'a> {
    /// The chain, leaf first, without the anchor.
    pub chain: &'a CertificateChain,
    /// The leaf's key.
    pub signer: &'a dyn Signer,
}

/// What a request will say.
#[derive(Debug, Clone)]
pub struct RequestBuilder {
    identity: ClientIdentity,
    query: Query,
    response_uri: String,
    registration: Option<String>,
    encrypted: bool,
    lifetime_seconds: i64,
    loopback_http: bool,
}

impl RequestBuilder {
    /// A request of `query`, to be answered encrypted at `response_uri`.
    pub fn new(identity: ClientIdentity, query: Query, response_uri: impl Into<String>) -> Self {
        Self {
            identity,
            query,
            response_uri: response_uri.into(),
            registration: None,
            encrypted: true,
            lifetime_seconds: DEFAULT_LIFETIME_SECONDS,
            loopback_http: false,
        }
    }

    /// Sends a signed registration along in `verifier_info` ([`trust::registration::Registration::sign`]).
    #[must_use]
    pub fn registration(mut self, signed: impl Into<String>) -> Self {
        self.registration = Some(signed.into());
        self
    }

    /// Asks for the answer by `direct_post`, without encryption.
    #[must_use]
    pub fn unencrypted(mut self) -> Self {
        self.encrypted = false;
        self
    }

    /// How long the request can be answered, in seconds.
    #[must_use]
    pub fn lifetime_seconds(mut self, seconds: i64) -> Self {
        self.lifetime_seconds = seconds;
        self
    }

    /// Allows http where `response_uri` is on loopback.
    #[must_use]
    pub fn allow_loopback_http(mut self) -> Self {
        self.loopback_http = true;
        self
    }

    /// Draws `nonce`, `state` and the encryption key, and makes the request.
    ///
    /// # Errors
    /// A [`BuildError`].
    pub fn build(self, now: Instant, entropy: &dyn Entropy) -> Result<PreparedRequest, BuildError> {
        let response_url =
            uri::endpoint(&self.response_uri, self.loopback_http).ok_or(BuildError::Address)?;
        let client_id = match &self.identity {
            ClientIdentity::X509Hash(chain) => {
                format!("x509_hash:{}", primitives::base64url::encode(&chain.leaf().hash()))
            }
            ClientIdentity::X509SanDns { name, chain } => {
                if !chain.leaf().names_dns(name) {
                    return Err(BuildError::Identity);
                }
                if response_url.host_str() != Some(name.as_str()) {
                    return Err(BuildError::Address);
                }
                format!("x509_san_dns:{name}")
            }
            ClientIdentity::RedirectUri => format!("redirect_uri:{}", self.response_uri),
        };
        let client_id = ClientId::new(client_id).ok_or(BuildError::ClientId)?;
        let decryption = match self.encrypted {
            false => None,
            true => Some(EncryptionKey::generate(entropy)?),
        };
        let session = Session {
            client_id,
            nonce: crypto::random::token(entropy)?,
            state: crypto::random::token(entropy)?,
            response_uri: self.response_uri,
            query: self.query,
            decryption,
            created_at: now,
            expires_at: now + self.lifetime_seconds,
        };
        let payload = payload(&session, self.registration.as_deref());
        Ok(PreparedRequest { session, payload })
    }
}

/// The key that one answer is encrypted to.
pub(crate) struct EncryptionKey {
    pub(crate) private: PrivateKey,
    pub(crate) public: PublicJwk,
}

impl EncryptionKey {
    fn generate(entropy: &dyn Entropy) -> Result<Self, BuildError> {
        let private = PrivateKey::generate(entropy)?;
        let public = PublicJwk::new(private.public_key());
        let kid = public.thumbprint_base64url();
        Ok(Self { private, public: public.with_kid(kid).with_alg("ECDH-ES").with_use("enc") })
    }
}

/// What a verifier keeps between a request and its answer. It has no `Debug`: it holds the decryption key, `nonce` and `state`.
pub struct Session {
    pub(crate) client_id: ClientId,
    pub(crate) nonce: String,
    pub(crate) state: String,
    pub(crate) response_uri: String,
    pub(crate) query: Query,
    pub(crate) decryption: Option<EncryptionKey>,
    pub(crate) created_at: Instant,
    pub(crate) expires_at: Instant,
}

impl Session {
    /// The client identifier of the request.
    pub fn client_id(&self) -> &ClientId {
        &self.client_id
    }

    /// What was asked.
    pub fn query(&self) -> &Query {
        &self.query
    }

    /// The last moment at which an answer is taken.
    pub fn expires_at(&self) -> Instant {
        self.expires_at
    }

    /// The reply to an answer or a refusal that was taken: 200, and the page to continue at (VP-S2). The page's address carries a fresh
    /// `response_code` of the caller's.
    pub fn reply(redirect_uri: Option<&Url>) -> Response {
        let body = match redirect_uri {
            None => json!({}),
            Some(page) => json!({ "redirect_uri": page.as_str() }),
        };
        Response::of_json(200, &body).with_header("cache-control", "no-store")
    }
}

/// A request that can be handed out. It has no `Debug`, as its session has none.
pub struct PreparedRequest {
    session: Session,
    payload: Map<String, Value>,
}

impl PreparedRequest {
    /// The session.
    pub fn session(&self) -> &Session {
        &self.session
    }

    /// The session, to be kept when the request is no longer handed out.
    pub fn into_session(self) -> Session {
        self.session
    }

    /// The signed request object, for a `GET` of `request_uri`. Its media type is `application/oauth-authz-req+jwt`.
    ///
    /// # Errors
    /// [`BuildError::Signing`] for `redirect_uri:`; [`BuildError::Identity`], [`BuildError::Sign`].
    pub fn request_object(&self, signer: &RequestSigner<'_>) -> Result<String, BuildError> {
        self.sign(self.payload.clone(), signer)
    }

    /// The signed request object for a `POST` of `request_uri` with this body: its `wallet_nonce` goes in, everything else is
    /// ignored (VP-R10).
    ///
    /// # Errors
    /// As [`request_object`](Self::request_object), and [`BuildError::WalletPost`].
    pub fn handle_request_uri_post(
        &self,
        body: &[u8],
        signer: &RequestSigner<'_>,
    ) -> Result<String, BuildError> {
        if body.len() > limits::MAX_REQUEST_OBJECT_BYTES {
            return Err(BuildError::WalletPost);
        }
        let mut nonces = url::form_urlencoded::parse(body).filter(|(name, _)| name == "wallet_nonce");
        let nonce = nonces.next().map(|(_, nonce)| nonce.into_owned());
        if nonces.next().is_some() {
            return Err(BuildError::WalletPost);
        }
        let mut payload = self.payload.clone();
        if let Some(nonce) = nonce {
            if nonce.is_empty() || nonce.len() > limits::MAX_TOKEN_BYTES {
                return Err(BuildError::WalletPost);
            }
            payload.insert("wallet_nonce".to_owned(), Value::String(nonce));
        }
        self.sign(payload, signer)
    }

    /// A link that names `request_uri`, with `request_uri_method=post` if so wanted. `scheme` without `://`, such as `openid4vp`.
    ///
    /// # Errors
    /// [`BuildError::Signing`] for `redirect_uri:`.
    pub fn link_by_reference(
        &self,
        scheme: &str,
        request_uri: &str,
        post: bool,
    ) -> Result<String, BuildError> {
        if self.is_unsigned() {
            return Err(BuildError::Signing);
        }
        let client_id = uri::encode_component(self.session.client_id.as_str());
        let request_uri = uri::encode_component(request_uri);
        let method = if post { "&request_uri_method=post" } else { "" };
        Ok(format!("{scheme}://?client_id={client_id}&request_uri={request_uri}{method}"))
    }

    /// A link that is the whole unsigned request.
    ///
    /// # Errors
    /// [`BuildError::Signing`] unless the client identifier is `redirect_uri:`.
    pub fn link_by_value(&self, scheme: &str) -> Result<String, BuildError> {
        if !self.is_unsigned() {
            return Err(BuildError::Signing);
        }
        let parameters: Vec<String> = self
            .payload
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "aud" | "iat" | "exp" | "iss"))
            .map(|(name, value)| {
                let text = value.as_str().map_or_else(|| value.to_string(), str::to_owned);
                format!("{name}={}", uri::encode_component(&text))
            })
            .collect();
        Ok(format!("{scheme}://?{}", parameters.join("&")))
    }

    fn is_unsigned(&self) -> bool {
        matches!(self.session.client_id.prefix(), ClientIdPrefix::RedirectUri(_))
    }

    fn sign(&self, payload: Map<String, Value>, signer: &RequestSigner<'_>) -> Result<String, BuildError> {
        let leaf = signer.chain.leaf();
        let belongs = match self.session.client_id.prefix() {
            ClientIdPrefix::X509Hash(hash) => primitives::base64url::encode(&leaf.hash()) == hash,
            ClientIdPrefix::X509SanDns(name) => leaf.names_dns(&name),
            _ => return Err(BuildError::Signing),
        };
        if !belongs || leaf.public_key().ok() != Some(signer.signer.public_key()) {
            return Err(BuildError::Identity);
        }
        let header = HeaderBuilder::new(REQUEST_OBJECT_TYPE).x5c(&signer.chain.to_der());
        Ok(header.sign_claims(&payload, signer.signer)?)
    }
}

fn payload(session: &Session, registration: Option<&str>) -> Map<String, Value> {
    let mut client_metadata = json!({
        "vp_formats_supported": {
            "dc+sd-jwt": { "sd-jwt_alg_values": ["ES256"], "kb-jwt_alg_values": ["ES256"] },
            "mso_mdoc": { "issuerauth_alg_values": [-7, -9], "deviceauth_alg_values": [-7, -9] }
        }
    });
    if let (Some(key), Some(members)) = (&session.decryption, client_metadata.as_object_mut()) {
        members.insert("jwks".to_owned(), json!({ "keys": [key.public.to_value()] }));
        members.insert("encrypted_response_enc_values_supported".to_owned(), json!(["A128GCM", "A256GCM"]));
    }
    let mut payload = Map::new();
    let mut put = |name: &str, value: Value| payload.insert(name.to_owned(), value);
    put("aud", STATIC_DISCOVERY_AUDIENCE.into());
    put("client_id", session.client_id.as_str().into());
    put("response_type", "vp_token".into());
    put("response_mode", if session.decryption.is_some() { "direct_post.jwt" } else { "direct_post" }.into());
    put("response_uri", session.response_uri.as_str().into());
    put("nonce", session.nonce.as_str().into());
    put("state", session.state.as_str().into());
    put("iat", session.created_at.unix_seconds().into());
    put("exp", session.expires_at.unix_seconds().into());
    // The wire types have string keys only; their JSON cannot fail.
    put("dcql_query", serde_json::to_value(session.query.as_wire()).unwrap_or(Value::Null));
    put("client_metadata", client_metadata);
    if let Some(registration) = registration {
        put("verifier_info", json!([{ "format": REGISTRATION_FORMAT, "data": registration }]));
    }
    payload
}
