//! Requests as a verifier makes them (OpenID4VP 1.0 sections 5, 5.9, 5.10; HAIP 1.0 section 5): fresh `nonce` and `state` and a fresh
//! encryption key for each, signed with `x5c` without the anchor.

use crypto::jwe::Jwe;
use crypto::jws::HeaderBuilder;
use crypto::{PrivateKey, PublicJwk, SecretVec, Signer};
use dcql::Query;
use mdoc::SessionTranscript;
use primitives::http::Response;
use primitives::{Entropy, Instant};
use serde_json::{Map, Value, json};
use trust::CertificateChain;
use trust::registration::REGISTRATION_FORMAT;
use url::Url;

use super::error::{BuildError, ResponseError};
use crate::client::{ClientId, ClientIdPrefix};
use crate::dc_api::Origin;
use crate::holder::{REQUEST_OBJECT_TYPE, STATIC_DISCOVERY_AUDIENCE};
use crate::limits;
use crate::screen::{self, ScreenMode};
use crate::transaction::{self, Transaction, TransactionType};
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
    pub(crate) identity: ClientIdentity,
    pub(crate) query: Query,
    response_uri: String,
    registration: Option<String>,
    encrypted: bool,
    lifetime_seconds: i64,
    loopback_http: bool,
    /// The origin that asks over the Digital Credentials API.
    pub(crate) origin: Option<String>,
    /// Whether a screen asks, and the answer is shown.
    pub(crate) on_screen: bool,
    transactions: Vec<(TransactionType, Vec<String>, Map<String, Value>)>,
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
            origin: None,
            on_screen: false,
            transactions: Vec::new(),
        }
    }

    /// Asks the person to approve a transaction of this type together with the presentation of any one of these Credential Queries
    /// (VP-T1). `details` are the type's own members.
    #[must_use]
    pub fn transaction(
        mut self,
        kind: TransactionType,
        credential_ids: impl IntoIterator<Item = impl Into<String>>,
        details: Map<String, Value>,
    ) -> Self {
        self.transactions.push((kind, credential_ids.into_iter().map(Into::into).collect(), details));
        self
    }

    /// Sends a signed registration along in `verifier_info` ([`trust::registration::Registration::sign`]).
    #[must_use]
    pub fn registration(mut self, signed: impl Into<String>) -> Self {
        self.registration = Some(signed.into());
        self
    }

    /// Asks for the answer by `direct_post`, without encryption. An answer that is shown on a screen is encrypted whatever this says.
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
        let origin = match &self.origin {
            None => None,
            Some(origin) => Some(Origin::parse(origin, self.loopback_http).ok_or(BuildError::Address)?),
        };
        if self.on_screen {
            self.check_screen()?;
        }
        let response_url = match &origin {
            Some(_) => None,
            None if self.on_screen => None,
            None => Some(uri::endpoint(&self.response_uri, self.loopback_http).ok_or(BuildError::Address)?),
        };
        let client_id = match &self.identity {
            ClientIdentity::X509Hash(chain) => {
                format!("x509_hash:{}", primitives::base64url::encode(&chain.leaf().hash()))
            }
            ClientIdentity::X509SanDns { name, chain } => {
                if !chain.leaf().names_dns(name) {
                    return Err(BuildError::Identity);
                }
                if response_url.is_some_and(|url| url.host_str() != Some(name.as_str())) {
                    return Err(BuildError::Address);
                }
                format!("x509_san_dns:{name}")
            }
            ClientIdentity::RedirectUri => match &origin {
                None => format!("redirect_uri:{}", self.response_uri),
                Some(origin) => origin.audience(),
            },
        };
        let client_id = ClientId::new(client_id).ok_or(BuildError::ClientId)?;
        let decryption = match self.encrypted || self.on_screen {
            false => None,
            true => Some(EncryptionKey::generate(entropy)?),
        };
        let texts: Vec<String> = self
            .transactions
            .iter()
            .map(|(kind, ids, details)| transaction::encode(kind.name, ids, details))
            .collect();
        let types: Vec<TransactionType> = self.transactions.iter().map(|(kind, ..)| *kind).collect();
        let transactions = match texts.is_empty() {
            true => Vec::new(),
            false => {
                transaction::read(&texts.into(), &types, &self.query).map_err(|_| BuildError::Transaction)?
            }
        };
        let session = Session {
            client_id,
            nonce: crypto::random::token(entropy)?,
            state: crypto::random::token(entropy)?,
            reply_to: match origin {
                _ if self.on_screen => ReplyTo::Screen(ScreenMode::Request),
                None => ReplyTo::ResponseUri(self.response_uri),
                Some(origin) => ReplyTo::Origin(origin),
            },
            transactions,
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

    /// What was encrypted to this key.
    pub(crate) fn decrypt(&self, jwe: &str) -> Result<SecretVec, ResponseError> {
        let jwe = Jwe::parse(jwe).map_err(|_| ResponseError::Decryption)?;
        if jwe.kid().is_some_and(|kid| self.public.kid() != Some(kid)) {
            return Err(ResponseError::Decryption);
        }
        jwe.decrypt(&self.private).map_err(|_| ResponseError::Decryption)
    }
}

/// Where the answer comes from and what it is bound to.
pub(crate) enum ReplyTo {
    /// It is posted here; bound to the client identifier and this address.
    ResponseUri(String),
    /// It comes through the Digital Credentials API of a page of this origin; bound to the origin.
    Origin(Origin),
    /// The holder's screen shows it; bound to the client identifier, or the name of the question, and to its moment.
    Screen(ScreenMode),
}

/// What a verifier keeps between a request and its answer. It has no `Debug`: it holds the decryption key, `nonce` and `state`.
pub struct Session {
    pub(crate) client_id: ClientId,
    pub(crate) nonce: String,
    pub(crate) state: String,
    pub(crate) reply_to: ReplyTo,
    pub(crate) transactions: Vec<Transaction>,
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

    /// Whom a key binding has to name.
    pub(crate) fn audience(&self) -> String {
        match &self.reply_to {
            ReplyTo::ResponseUri(_) | ReplyTo::Screen(_) => self.client_id.as_str().to_owned(),
            ReplyTo::Origin(origin) => origin.audience(),
        }
    }

    /// What a device signature has to be over: made from what was asked, never from the response but for the moment that one on a screen
    /// names.
    pub(crate) fn transcript(&self, shown_at: Option<Instant>) -> SessionTranscript {
        let thumbprint = self.decryption.as_ref().map(|key| key.public.thumbprint());
        match &self.reply_to {
            ReplyTo::ResponseUri(address) => SessionTranscript::openid4vp_redirect(
                self.client_id.as_str(),
                &self.nonce,
                thumbprint.as_ref(),
                address,
            ),
            ReplyTo::Origin(origin) => {
                SessionTranscript::openid4vp_dc_api(origin.as_str(), &self.nonce, thumbprint.as_ref())
            }
            ReplyTo::Screen(_) => SessionTranscript::offline_qr(
                self.client_id.as_str(),
                &self.nonce,
                shown_at.unwrap_or(self.created_at),
                thumbprint.as_ref(),
            ),
        }
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

    /// The parameters, unsigned.
    pub(crate) fn payload(&self) -> &Map<String, Value> {
        &self.payload
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
        // A screen asks by value.
        if self.is_unsigned() || matches!(self.session.reply_to, ReplyTo::Screen(_)) {
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
    put("nonce", session.nonce.as_str().into());
    let encrypted = session.decryption.is_some();
    match &session.reply_to {
        ReplyTo::ResponseUri(address) => {
            put("response_mode", if encrypted { "direct_post.jwt" } else { "direct_post" }.into());
            put("response_uri", address.as_str().into());
            put("state", session.state.as_str().into());
        }
        ReplyTo::Origin(origin) => {
            put("response_mode", if encrypted { "dc_api.jwt" } else { "dc_api" }.into());
            put("expected_origins", json!([origin.as_str()]));
        }
        ReplyTo::Screen(_) => {
            put("response_mode", screen::RESPONSE_MODE.into());
        }
    }
    if !session.transactions.is_empty() {
        let texts: Vec<&str> = session.transactions.iter().map(Transaction::text).collect();
        put("transaction_data", texts.into());
    }
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
