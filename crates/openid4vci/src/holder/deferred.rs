//! A paper that the issuer needs time for: a session that is stored and resumed.
//!
//! Clauses: OpenID4VCI 1.0 sections 9 and 10; CI-22, CI-24: each time it is asked for with a fresh key for the response, so that none has to be kept.

use primitives::http::{Request, Response};
use primitives::{Entropy, Instant};
use serde::{Deserialize, Serialize};
use serde_json::json;
use trust::CredentialType;

use super::access::{Access, Authorized};
use super::credential::{self, Answer};
use super::received::{ExpectedPaper, StoredArrival};
use super::{
    Context, CredentialError, DpopKey, Exchange, NotificationTicket, PaperRequest, ReceivedCopies, Step,
    StoredAccess,
};
use crate::encryption::{Encryption, EncryptionOffer};
use crate::http::AnswerError;
use crate::metadata::IssuerMetadata;
use crate::oauth::{self, OAuthErrorCode};
use crate::wire::Endpoint;

/// A paper that is awaited.
#[derive(Debug, Clone)]
pub struct DeferredSession {
    endpoint: Endpoint,
    notification_endpoint: Option<Endpoint>,
    transaction_id: String,
    ready_at: Instant,
    expected: ExpectedPaper,
    access: Access,
    encryption: EncryptionOffer,
}

/// A [`DeferredSession`] as it is written into the vault. It holds the access token: no `Debug` of it.
#[derive(Clone, Serialize, Deserialize)]
pub struct StoredDeferredSession {
    version: u32,
    endpoint: String,
    notification_endpoint: Option<String>,
    transaction_id: String,
    ready_at: i64,
    expected: ExpectedPaper,
    access: StoredAccess,
    /// What the issuer said of encryption when it deferred; absent in sessions of issuers that said nothing.
    #[serde(default)]
    encryption: EncryptionOffer,
}

const STORED_VERSION: u32 = 1;

impl std::fmt::Debug for StoredDeferredSession {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("StoredDeferredSession").field("ready_at", &self.ready_at).finish_non_exhaustive()
    }
}

impl StoredDeferredSession {
    /// The wallet's reference to the DPoP key that the session needs.
    #[must_use]
    pub fn dpop_key_reference(&self) -> &str {
        self.access.dpop_key_reference()
    }

    /// What the paper is.
    #[must_use]
    pub fn credential_type(&self) -> &CredentialType {
        &self.expected.credential_type
    }

    /// The token that it is asked for with.
    #[must_use]
    pub fn access(&self) -> &StoredAccess {
        &self.access
    }

    /// The same with a newer token of the same grant (section 9: one that is valid).
    #[must_use]
    pub fn with_access(self, access: StoredAccess) -> Self {
        Self { access, ..self }
    }

    /// The same with what the issuer says of encryption by now: its keys may be others than when it deferred (section 9.1 takes them from its
    /// metadata).
    #[must_use]
    pub fn with_encryption_of(self, issuer: &IssuerMetadata) -> Self {
        Self { encryption: EncryptionOffer::of(issuer), ..self }
    }

    /// The wallet's references to the holder keys that the session waits for: not to be deleted before it ends.
    pub fn holder_key_references(&self) -> impl Iterator<Item = &str> {
        self.expected.keys.iter().map(|key| key.reference.as_str())
    }

    /// From when on it may be asked for again.
    #[must_use]
    pub fn ready_at(&self) -> Instant {
        Instant::from_unix_seconds(self.ready_at)
    }
}

impl DeferredSession {
    /// `None` without an endpoint.
    pub(super) fn new(
        authorized: &Authorized,
        expected: ExpectedPaper,
        transaction_id: String,
        ready_at: Instant,
    ) -> Option<Self> {
        let issuer = &authorized.issuer;
        Some(Self {
            endpoint: issuer.deferred_credential_endpoint.clone()?,
            notification_endpoint: issuer.notification_endpoint.clone(),
            transaction_id,
            ready_at,
            expected,
            access: authorized.access.clone(),
            encryption: EncryptionOffer::of(issuer),
        })
    }

    /// The paper that is awaited.
    #[must_use]
    pub fn paper(&self) -> PaperRequest {
        PaperRequest {
            configuration_id: self.expected.configuration_id.clone(),
            credential_identifier: self.expected.credential_identifier.clone(),
        }
    }

    /// From when on it may be asked for again.
    #[must_use]
    pub fn ready_at(&self) -> Instant {
        self.ready_at
    }

    /// The session as it is stored.
    #[must_use]
    pub fn to_stored(&self) -> StoredDeferredSession {
        StoredDeferredSession {
            version: STORED_VERSION,
            endpoint: self.endpoint.url().to_string(),
            notification_endpoint: self.notification_endpoint.as_ref().map(|it| it.url().to_string()),
            transaction_id: self.transaction_id.clone(),
            ready_at: self.ready_at.unix_seconds(),
            expected: self.expected.clone(),
            access: self.access.to_stored(),
            encryption: self.encryption.clone(),
        }
    }

    /// Resumes a stored session with the DPoP key that it names.
    ///
    /// # Errors
    /// [`CredentialError::StoredSession`] if it is of another version, malformed, or this is another key.
    pub fn resume(stored: StoredDeferredSession, dpop: DpopKey) -> Result<Self, CredentialError> {
        if stored.version != STORED_VERSION {
            return Err(CredentialError::StoredSession);
        }
        let endpoint =
            |text: &str| Endpoint::parse(text, "endpoint").map_err(|_| CredentialError::StoredSession);
        Ok(Self {
            endpoint: endpoint(&stored.endpoint)?,
            notification_endpoint: stored.notification_endpoint.as_deref().map(endpoint).transpose()?,
            transaction_id: stored.transaction_id,
            ready_at: Instant::from_unix_seconds(stored.ready_at),
            expected: stored.expected,
            access: Access::from_stored(stored.access, dpop).ok_or(CredentialError::StoredSession)?,
            encryption: stored.encryption,
        })
    }

    /// Takes what came before and was kept, without asking for it again: it is verified as it was when it came.
    ///
    /// # Errors
    /// The paper is refused by now; with that the session is over.
    pub fn receive_kept(
        self,
        arrival: StoredArrival,
        context: &Context<'_>,
    ) -> Result<ReceivedCopies, DeferredFailure> {
        let StoredArrival { credentials, notification } = arrival;
        let dpop = self.access.dpop;
        let ticket = notification.and_then(|ticket| NotificationTicket::resume(ticket, dpop));
        let copies = self.expected.verify(credentials, ticket.clone(), context);
        copies.map_err(|error| DeferredExchange::over(error.into(), ticket))
    }

    /// Asks again, with a response key that is made for this one time.
    ///
    /// # Errors
    /// No randomness, or the issuer requires an encryption that this wallet cannot; nothing has been sent.
    pub fn poll(self, entropy: &dyn Entropy) -> Result<DeferredExchange, DeferredFailure> {
        match Encryption::agreed(&self.encryption, entropy) {
            Ok(encryption) => Ok(DeferredExchange { session: self, encryption, dpop_nonce_demanded: false }),
            Err(error) => Err(DeferredFailure {
                error: credential::encryption_error(error),
                session: Some(Box::new(self)),
                notification: None,
            }),
        }
    }
}

/// Waits for the answer of the deferred endpoint.
#[derive(Debug, Clone)]
pub struct DeferredExchange {
    session: DeferredSession,
    encryption: Encryption,
    dpop_nonce_demanded: bool,
}

/// What came of asking again.
#[derive(Debug)]
pub enum DeferredOutcome {
    /// The copies, verified.
    Received(Box<ReceivedCopies>),
    /// Not yet.
    Pending(Box<DeferredSession>),
}

/// A deferred paper that was not received.
#[derive(Debug, thiserror::Error)]
#[error("{error}")]
pub struct DeferredFailure {
    /// Why.
    pub error: CredentialError,
    /// The session, unless it is over (CI-22: denied, an unknown transaction, or a refused paper).
    pub session: Option<Box<DeferredSession>>,
    /// With which the issuer is told of a refused paper.
    pub notification: Option<Box<NotificationTicket>>,
}

impl DeferredExchange {
    fn fail(self, error: impl Into<CredentialError>) -> DeferredFailure {
        DeferredFailure { error: error.into(), session: Some(Box::new(self.session)), notification: None }
    }

    fn over(error: CredentialError, notification: Option<NotificationTicket>) -> DeferredFailure {
        DeferredFailure { error, session: None, notification: notification.map(Box::new) }
    }
}

impl Exchange for DeferredExchange {
    type Next = DeferredOutcome;
    type Error = DeferredFailure;

    fn request(&self, context: &Context<'_>) -> Result<Request, DeferredFailure> {
        let session = &self.session;
        let mut body = json!({ "transaction_id": session.transaction_id });
        if let (Some(parameters), Some(object)) =
            (self.encryption.response_parameters(), body.as_object_mut())
        {
            object.insert("credential_response_encryption".to_owned(), parameters);
        }
        let sealed = self.encryption.seal(body.to_string().into_bytes(), context.entropy);
        let (body, media_type) = match sealed {
            Ok(sealed) => sealed,
            Err(error) => return Err(self.clone().fail(credential::encryption_error(error))),
        };
        let request = credential::post(session.endpoint.url(), body, media_type);
        session.access.authorize(request, context).map_err(|error| self.clone().fail(error))
    }

    fn receive(
        mut self,
        response: &Response,
        context: &Context<'_>,
    ) -> Result<Step<Self, DeferredOutcome>, DeferredFailure> {
        let learned = self.session.access.learn(response);
        if let Some(refused) = oauth::refusal(response) {
            if Access::demands_nonce(refused, learned) && !self.dpop_nonce_demanded {
                self.dpop_nonce_demanded = true;
                return Ok(Step::Again(self));
            }
            return Err(match refused.code {
                OAuthErrorCode::CredentialRequestDenied => Self::over(CredentialError::Denied, None),
                OAuthErrorCode::InvalidTransactionId => {
                    Self::over(AnswerError::Refused(refused).into(), None)
                }
                _ => self.fail(AnswerError::Refused(refused)),
            });
        }
        let answer = credential::read(response, &self.encryption)
            .and_then(|wire| Ok(credential::settle(response.status, wire)?));
        match answer {
            Err(error) => Err(self.fail(error)),
            Ok(Answer::Pending { transaction_id, interval }) => {
                if transaction_id != self.session.transaction_id {
                    return Err(self.fail(CredentialError::TransactionChanged));
                }
                let ready_at = context.now + interval;
                let session = DeferredSession { ready_at, ..self.session };
                Ok(Step::Done(DeferredOutcome::Pending(Box::new(session))))
            }
            Ok(Answer::Credentials { credentials, notification_id }) => {
                let session = self.session;
                let endpoint = session.notification_endpoint.as_ref();
                let ticket = NotificationTicket::new(endpoint, notification_id, &session.access);
                match session.expected.verify(credentials, ticket.clone(), context) {
                    Ok(copies) => Ok(Step::Done(DeferredOutcome::Received(Box::new(copies)))),
                    Err(error) => Err(Self::over(error.into(), ticket)),
                }
            }
        }
    }
}
