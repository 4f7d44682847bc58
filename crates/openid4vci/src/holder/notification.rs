//! Telling the issuer what became of a paper.
//!
//! Clauses: OpenID4VCI 1.0 section 11; CI-23. A notification that fails changes nothing for the citizen.

use primitives::http::{Request, Response};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::access::Access;
use super::{Context, DpopKey, Exchange, NotificationError, Step, StoredAccess};
use crate::http::AnswerError;
use crate::oauth;
use crate::wire::{Endpoint, SMALL_ANSWER_MAX_BYTES};

/// What became of a paper.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NotificationEvent {
    /// Every copy was stored.
    CredentialAccepted,
    /// The paper, or one of its copies, was refused or could not be stored.
    CredentialFailure,
    /// The citizen did not want it.
    CredentialDeleted,
}

impl NotificationEvent {
    /// The word on the wire.
    #[must_use]
    pub fn as_wire(self) -> &'static str {
        match self {
            Self::CredentialAccepted => "credential_accepted",
            Self::CredentialFailure => "credential_failure",
            Self::CredentialDeleted => "credential_deleted",
        }
    }
}

/// What is needed to tell the issuer, later too.
#[derive(Debug, Clone)]
pub struct NotificationTicket {
    endpoint: Endpoint,
    notification_id: String,
    access: Access,
}

/// A [`NotificationTicket`] as it is written into the vault.
#[derive(Clone, Serialize, Deserialize)]
pub struct StoredNotificationTicket {
    endpoint: String,
    notification_id: String,
    access: StoredAccess,
}

impl StoredNotificationTicket {
    /// The wallet's reference to the DPoP key that the ticket needs.
    #[must_use]
    pub fn dpop_key_reference(&self) -> &str {
        self.access.dpop_key_reference()
    }
}

impl StoredNotificationTicket {
    /// The token that it would be told with.
    #[must_use]
    pub fn access(&self) -> &StoredAccess {
        &self.access
    }

    /// The same with a newer token of the same grant.
    #[must_use]
    pub fn with_access(self, access: StoredAccess) -> Self {
        Self { access, ..self }
    }
}

impl NotificationTicket {
    /// `None` if the issuer has no endpoint or gave no identifier.
    pub(super) fn new(endpoint: Option<&Endpoint>, id: Option<String>, access: &Access) -> Option<Self> {
        Some(Self { endpoint: endpoint?.clone(), notification_id: id?, access: access.clone() })
    }

    /// Tells the issuer. `description` is cut down to the characters that section 11.1 allows.
    #[must_use]
    pub fn notify(self, event: NotificationEvent, description: Option<&str>) -> NotificationExchange {
        let allowed = |it: &char| matches!(*it, '\x20'..='\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e');
        let description = description.map(|text| text.chars().filter(allowed).take(200).collect());
        NotificationExchange { ticket: self, event, description, dpop_nonce_demanded: false }
    }

    /// The ticket as it is stored.
    #[must_use]
    pub fn to_stored(&self) -> StoredNotificationTicket {
        StoredNotificationTicket {
            endpoint: self.endpoint.url().to_string(),
            notification_id: self.notification_id.clone(),
            access: self.access.to_stored(),
        }
    }

    /// Resumes a stored ticket; `None` if it is malformed or this is another DPoP key.
    #[must_use]
    pub fn resume(stored: StoredNotificationTicket, dpop: DpopKey) -> Option<Self> {
        Some(Self {
            endpoint: Endpoint::parse(&stored.endpoint, "endpoint").ok()?,
            notification_id: stored.notification_id,
            access: Access::from_stored(stored.access, dpop)?,
        })
    }
}

/// Waits for the answer to a notification.
#[derive(Debug, Clone)]
pub struct NotificationExchange {
    ticket: NotificationTicket,
    event: NotificationEvent,
    description: Option<String>,
    dpop_nonce_demanded: bool,
}

impl Exchange for NotificationExchange {
    type Next = ();
    type Error = NotificationError;

    fn request(&self, context: &Context<'_>) -> Result<Request, NotificationError> {
        let mut body =
            json!({ "notification_id": self.ticket.notification_id, "event": self.event.as_wire() });
        if let (Some(text), Some(object)) = (&self.description, body.as_object_mut()) {
            object.insert("event_description".to_owned(), json!(text));
        }
        let request = Request::post_json(self.ticket.endpoint.url().clone(), &body)
            .with_max_response_bytes(SMALL_ANSWER_MAX_BYTES);
        Ok(self.ticket.access.authorize(request, context)?)
    }

    fn receive(
        mut self,
        response: &Response,
        _context: &Context<'_>,
    ) -> Result<Step<Self, ()>, NotificationError> {
        let learned = self.ticket.access.learn(response);
        if response.is_success() {
            return Ok(Step::Done(()));
        }
        let Some(refused) = oauth::refusal(response) else {
            return Err(AnswerError::Status(response.status).into());
        };
        if Access::demands_nonce(refused, learned) && !self.dpop_nonce_demanded {
            self.dpop_nonce_demanded = true;
            return Ok(Step::Again(self));
        }
        Err(AnswerError::Refused(refused).into())
    }
}
