//! Nonce, key proofs and the credential request.
//!
//! Clauses: OpenID4VCI 1.0 sections 7, 8 and 10; CI-10, CI-14 to CI-18, CI-20 to CI-22, CI-24.

use std::sync::Arc;

use primitives::http::{Request, Response};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::access::{Access, Authorized, PaperRequest};
use super::deferred::DeferredSession;
use super::proofs::KeyMaterial;
use super::received::ExpectedPaper;
use super::{
    Context, CredentialError, Exchange, HolderKey, HolderKeys, KeyAttestor, NotificationTicket,
    ReceivedCopies, SigningFailed, Step,
};
use crate::encryption::{Encryption, EncryptionOffer, NoEncryption};
use crate::http::{self, AnswerError};
use crate::key_proof::ProofContent;
use crate::oauth::{self, OAuthErrorCode};
use crate::wire::{self, CREDENTIAL_ANSWER_MAX_BYTES, SMALL_ANSWER_MAX_BYTES, WireError};

/// Most credentials that are looked at in one response.
const CREDENTIALS_MAX: usize = 200;
/// Longest interval that a deferred response may ask for, in seconds: 90 days.
const INTERVAL_MAX_SECONDS: u64 = 90 * 24 * 3600;

/// Waits for a nonce, for the attestation of the keys where there is to be one, then for the credentials.
#[derive(Clone)]
pub struct CredentialExchange {
    authorized: Authorized,
    paper: PaperRequest,
    expected: ExpectedPaper,
    keys: KeyMaterial,
    encryption: Encryption,
    phase: Phase,
    c_nonce: Option<String>,
    c_nonce_refused: bool,
    dpop_nonce_demanded: bool,
}

#[derive(Clone)]
enum Phase {
    Nonce,
    Attestation(Box<Request>),
    Credential,
}

impl std::fmt::Debug for CredentialExchange {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("CredentialExchange").field("paper", &self.paper).finish_non_exhaustive()
    }
}

/// What came of a credential request; the token still fetches the other papers.
#[derive(Debug)]
pub struct Issued {
    /// For the next paper.
    pub authorized: Authorized,
    /// What came.
    pub outcome: Outcome,
}

/// Copies now, or later.
#[derive(Debug)]
pub enum Outcome {
    /// Verified copies.
    Received(Box<ReceivedCopies>),
    /// The issuer needs time: store the session, ask again not before [`DeferredSession::ready_at`].
    Deferred(Box<DeferredSession>),
}

/// A paper that was not received. Nothing of it is kept.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct CredentialFailure {
    /// Why.
    pub error: CredentialError,
    /// For the other papers.
    pub authorized: Box<Authorized>,
    /// With which the issuer is told of a refused paper (CI-23), if it wants to know.
    pub notification: Option<Box<NotificationTicket>>,
}

#[derive(Deserialize)]
struct NonceWire {
    c_nonce: String,
}

/// A credential response, immediate or deferred.
#[derive(Deserialize)]
pub(super) struct CredentialWire {
    pub(super) credentials: Option<Vec<CredentialEntryWire>>,
    pub(super) transaction_id: Option<String>,
    pub(super) interval: Option<f64>,
    pub(super) notification_id: Option<String>,
}

#[derive(Deserialize)]
pub(super) struct CredentialEntryWire {
    pub(super) credential: String,
}

impl Authorized {
    /// Asks for one paper, with one copy for each key.
    ///
    /// # Errors
    /// [`CredentialError`], where nothing has been sent: the paper is not among [`Authorized::papers`], there are more keys than the issuer takes, or the same
    /// key twice (CI-15), the issuer demands more of the keys than can be attested (CI-18), or requires an encryption that this wallet cannot.
    pub fn request_credential(
        self,
        paper: &PaperRequest,
        keys: HolderKeys,
        attestor: Option<Arc<dyn KeyAttestor>>,
        context: &Context<'_>,
    ) -> Result<CredentialExchange, CredentialFailure> {
        self.request(paper, keys.into_vec(), attestor, context)
    }

    /// Asks for one paper that is bound to no key: no proof is sent (CI-15).
    ///
    /// # Errors
    /// As [`Authorized::request_credential`]; [`CredentialError::KeysMisfit`] if the paper is bound to keys.
    pub fn request_unbound_credential(
        self,
        paper: &PaperRequest,
        context: &Context<'_>,
    ) -> Result<CredentialExchange, CredentialFailure> {
        self.request(paper, Vec::new(), None, context)
    }

    fn request(
        self,
        paper: &PaperRequest,
        keys: Vec<HolderKey>,
        attestor: Option<Arc<dyn KeyAttestor>>,
        context: &Context<'_>,
    ) -> Result<CredentialExchange, CredentialFailure> {
        match self.prepare(paper, keys, attestor, context) {
            Err(error) => Err(CredentialFailure { error, authorized: Box::new(self), notification: None }),
            Ok((expected, keys, encryption)) => {
                let has_endpoint = self.issuer.nonce_endpoint.is_some();
                let exchange = CredentialExchange {
                    paper: paper.clone(),
                    authorized: self,
                    expected,
                    keys,
                    encryption,
                    phase: Phase::Nonce,
                    c_nonce: None,
                    c_nonce_refused: false,
                    dpop_nonce_demanded: false,
                };
                if has_endpoint { Ok(exchange) } else { exchange.with_nonce(None, context) }
            }
        }
    }

    fn prepare(
        &self,
        paper: &PaperRequest,
        keys: Vec<HolderKey>,
        attestor: Option<Arc<dyn KeyAttestor>>,
        context: &Context<'_>,
    ) -> Result<(ExpectedPaper, KeyMaterial, Encryption), CredentialError> {
        let configuration = self.configuration(paper).filter(|_| self.papers.contains(paper));
        let configuration = configuration.ok_or(CredentialError::PaperNotAuthorized)?;
        let keys = KeyMaterial::new(keys, attestor, &configuration.proof, self.issuer.batch_size)?;
        let encryption = Encryption::agreed(&EncryptionOffer::of(&self.issuer), context.entropy)
            .map_err(encryption_error)?;
        let expected = ExpectedPaper {
            configuration_id: paper.configuration_id.clone(),
            credential_identifier: paper.credential_identifier.clone(),
            credential_type: configuration.credential_type.clone(),
            keys: keys.expected(),
        };
        Ok((expected, keys, encryption))
    }
}

pub(super) fn encryption_error(error: NoEncryption) -> CredentialError {
    match error {
        NoEncryption::Unsupported => CredentialError::EncryptionUnsupported,
        NoEncryption::Entropy => CredentialError::Signing(SigningFailed::Entropy),
    }
}

impl CredentialExchange {
    fn body(&self, context: &Context<'_>) -> Result<Value, CredentialError> {
        let content = ProofContent {
            issuer: self.authorized.issuer.issuer.as_str(),
            nonce: self.c_nonce.as_deref(),
            client_id: self.authorized.client_id.as_deref(),
            key_attestation: None,
            now: context.now,
        };
        let mut body = Map::new();
        // one of the two, never both (CI-10)
        match &self.paper.credential_identifier {
            Some(identifier) => body.insert("credential_identifier".to_owned(), json!(identifier)),
            None => body.insert("credential_configuration_id".to_owned(), json!(self.paper.configuration_id)),
        };
        if let Some(proofs) = self.keys.proofs(&content)? {
            body.insert("proofs".to_owned(), proofs);
        }
        if let Some(parameters) = self.encryption.response_parameters() {
            body.insert("credential_response_encryption".to_owned(), parameters);
        }
        Ok(Value::Object(body))
    }

    fn fail(self, error: impl Into<CredentialError>) -> CredentialFailure {
        CredentialFailure { error: error.into(), authorized: Box::new(self.authorized), notification: None }
    }

    /// A nonce, and perhaps the DPoP nonce with it (CI-14, HA-2).
    fn receive_nonce(
        mut self,
        response: &Response,
        context: &Context<'_>,
    ) -> Result<Self, CredentialFailure> {
        self.authorized.access.learn(response);
        let nonce = (|| {
            if !response.is_success() {
                return Err(AnswerError::Status(response.status));
            }
            http::expect_media_type(response, "application/json")?;
            let wire = wire::json::<NonceWire>(&response.body, SMALL_ANSWER_MAX_BYTES)?;
            Ok(wire::opaque(wire.c_nonce, "c_nonce")?)
        })();
        match nonce {
            Ok(nonce) => self.with_nonce(Some(nonce), context),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// The nonce is known, or there is none: the keys are attested for it if need be, then the request can go.
    fn with_nonce(
        mut self,
        c_nonce: Option<String>,
        context: &Context<'_>,
    ) -> Result<Self, CredentialFailure> {
        let phase = match self.keys.attest(c_nonce.as_deref(), context) {
            Ok(None) => Phase::Credential,
            Ok(Some(request)) => Phase::Attestation(Box::new(request)),
            Err(error) => return Err(self.fail(error)),
        };
        Ok(Self { c_nonce, phase, ..self })
    }

    fn receive_attestation(mut self, response: &Response) -> Result<Self, CredentialFailure> {
        let nonce = self.c_nonce.clone();
        match self.keys.attested(response, nonce.as_deref()) {
            Ok(()) => Ok(Self { phase: Phase::Credential, ..self }),
            Err(error) => Err(self.fail(error)),
        }
    }

    /// One retry for each kind of nonce, then the refusal stands.
    fn refused(mut self, refused: oauth::OAuthError, learned: bool) -> Result<Self, CredentialFailure> {
        if Access::demands_nonce(refused, learned) && !self.dpop_nonce_demanded {
            self.dpop_nonce_demanded = true;
            return Ok(self);
        }
        let has_endpoint = self.authorized.issuer.nonce_endpoint.is_some();
        if refused.code == OAuthErrorCode::InvalidNonce && has_endpoint && !self.c_nonce_refused {
            // the server's nonce for proofs of DPoP may be used up by now: it may demand another
            return Ok(Self {
                c_nonce_refused: true,
                dpop_nonce_demanded: false,
                phase: Phase::Nonce,
                ..self
            });
        }
        let error = match refused.code {
            OAuthErrorCode::CredentialRequestDenied => CredentialError::Denied,
            _ => AnswerError::Refused(refused).into(),
        };
        Err(self.fail(error))
    }
}

impl Exchange for CredentialExchange {
    type Next = Issued;
    type Error = CredentialFailure;

    fn request(&self, context: &Context<'_>) -> Result<Request, CredentialFailure> {
        let issuer = &self.authorized.issuer;
        match (&self.phase, &issuer.nonce_endpoint) {
            (Phase::Nonce, Some(endpoint)) => return Ok(http::post_empty(endpoint.url())),
            (Phase::Attestation(request), _) => return Ok((**request).clone()),
            _ => {}
        }
        let request = self.body(context).and_then(|body| {
            let sealed = self.encryption.seal(body.to_string().into_bytes(), context.entropy);
            let (body, media_type) = sealed.map_err(encryption_error)?;
            let request = post(issuer.credential_endpoint.url(), body, media_type);
            Ok(self.authorized.access.authorize(request, context)?)
        });
        request.map_err(|error| self.clone().fail(error))
    }

    fn receive(
        mut self,
        response: &Response,
        context: &Context<'_>,
    ) -> Result<Step<Self, Issued>, CredentialFailure> {
        match self.phase {
            Phase::Nonce => return self.receive_nonce(response, context).map(Step::Again),
            Phase::Attestation(_) => return self.receive_attestation(response).map(Step::Again),
            Phase::Credential => {}
        }
        let learned = self.authorized.access.learn(response);
        if let Some(refused) = oauth::refusal(response) {
            return self.refused(refused, learned).map(Step::Again);
        }
        let wire = match read(response, &self.encryption) {
            Ok(wire) => wire,
            Err(error) => return Err(self.fail(error)),
        };
        let Self { authorized, expected, .. } = self;
        let answer = match settle(response.status, wire) {
            Ok(answer) => answer,
            Err(error) => {
                let authorized = Box::new(authorized);
                return Err(CredentialFailure { error: error.into(), authorized, notification: None });
            }
        };
        match answer {
            Answer::Pending { transaction_id, interval } => {
                let ready_at = context.now + interval;
                match DeferredSession::new(&authorized, expected, transaction_id, ready_at) {
                    Some(session) => {
                        Ok(Step::Done(Issued { authorized, outcome: Outcome::Deferred(Box::new(session)) }))
                    }
                    None => Err(CredentialFailure {
                        error: CredentialError::NoDeferredEndpoint,
                        authorized: Box::new(authorized),
                        notification: None,
                    }),
                }
            }
            Answer::Credentials { credentials, notification_id } => {
                let endpoint = authorized.issuer.notification_endpoint.as_ref();
                let ticket = NotificationTicket::new(endpoint, notification_id, &authorized.access);
                match expected.verify(credentials, ticket.clone(), context) {
                    Ok(copies) => {
                        Ok(Step::Done(Issued { authorized, outcome: Outcome::Received(Box::new(copies)) }))
                    }
                    Err(error) => Err(CredentialFailure {
                        error: error.into(),
                        authorized: Box::new(authorized),
                        notification: ticket.map(Box::new),
                    }),
                }
            }
        }
    }
}

/// A POST to a protected endpoint of the issuer, before token and proof.
pub(super) fn post(url: &url::Url, body: Vec<u8>, media_type: &str) -> Request {
    Request::post(url.clone())
        .with_body(media_type, body)
        .with_header("accept", "application/json, application/jwt")
        .with_max_response_bytes(CREDENTIAL_ANSWER_MAX_BYTES)
}

/// Reads a response of the credential or the deferred endpoint, decrypting it if it was asked for encrypted.
pub(super) fn read(response: &Response, encryption: &Encryption) -> Result<CredentialWire, CredentialError> {
    if !matches!(response.status, 200 | 202) {
        return Err(AnswerError::Status(response.status).into());
    }
    if !encryption.expects_encrypted() {
        http::expect_media_type(response, "application/json")?;
        return Ok(wire::json(&response.body, CREDENTIAL_ANSWER_MAX_BYTES).map_err(AnswerError::from)?);
    }
    // plain text where encryption was asked for is refused (CI-24)
    if response.content_type().as_deref() != Some("application/jwt") {
        return Err(CredentialError::NotEncrypted);
    }
    let plain = encryption.open(&response.body).ok_or(CredentialError::Decryption)?;
    Ok(wire::json(plain.expose(), CREDENTIAL_ANSWER_MAX_BYTES).map_err(AnswerError::from)?)
}

/// A response that is one of the two that there are.
pub(super) enum Answer {
    Credentials { credentials: Vec<String>, notification_id: Option<String> },
    Pending { transaction_id: String, interval: i64 },
}

/// 200 with credentials, or 202 with a transaction (CI-20, CI-22); nothing between.
pub(super) fn settle(status: u16, wire: CredentialWire) -> Result<Answer, AnswerError> {
    match (status, wire.credentials, wire.transaction_id) {
        (200, Some(entries), None) => {
            if entries.len() > CREDENTIALS_MAX {
                return Err(WireError::Member("credentials").into());
            }
            let notification_id =
                wire.notification_id.map(|it| wire::identifying(it, "notification_id")).transpose()?;
            Ok(Answer::Credentials {
                credentials: entries.into_iter().map(|entry| entry.credential).collect(),
                notification_id,
            })
        }
        (202, None, Some(transaction_id)) => {
            let transaction_id = wire::identifying(transaction_id, "transaction_id")?;
            // a missing interval is tolerated: RFC 8628's five seconds
            let interval = wire.interval.unwrap_or(5.0);
            #[allow(clippy::cast_precision_loss)]
            let longest = INTERVAL_MAX_SECONDS as f64;
            if !(interval > 0.0 && interval <= longest) {
                return Err(WireError::Member("interval").into());
            }
            // bounded just above, fractions rounded up
            #[allow(clippy::cast_possible_truncation)]
            let interval = interval.ceil() as i64;
            Ok(Answer::Pending { transaction_id, interval })
        }
        (200, _, _) => Err(WireError::Member("credentials").into()),
        _ => Err(WireError::Member("transaction_id").into()),
    }
}
