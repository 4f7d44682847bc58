//! What wallets tell.
//!
//! Clauses: OpenID4VCI 1.0 section 11; CI-23. Telling the same again is no error: the caller answers 204 each time.

use serde::Deserialize;

use super::inbound::{Inbound, RefusalCause, ServerRefusal};
use crate::holder::NotificationEvent;
use crate::oauth::OAuthErrorCode;
use crate::wire::{self, SMALL_ANSWER_MAX_BYTES};

/// A notification, well-formed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notification {
    /// The identifier that the issuer gave.
    pub notification_id: String,
    /// What became of the paper.
    pub event: NotificationEvent,
    /// Developer text of the wallet.
    pub description: Option<String>,
}

#[derive(Deserialize)]
struct NotificationWire {
    notification_id: String,
    event: NotificationEvent,
    event_description: Option<String>,
}

impl Notification {
    /// Parses a notification.
    ///
    /// # Errors
    /// `invalid_notification_request`.
    pub fn parse(inbound: &Inbound<'_>) -> Result<Self, ServerRefusal> {
        let refused =
            || ServerRefusal::new(400, OAuthErrorCode::InvalidNotificationRequest, RefusalCause::Malformed);
        if inbound.media_type().as_deref() != Some("application/json") {
            return Err(refused());
        }
        let wire: NotificationWire =
            wire::json(inbound.body, SMALL_ANSWER_MAX_BYTES).map_err(|_| refused())?;
        let allowed = |it: char| matches!(it, '\x20'..='\x21' | '\x23'..='\x5b' | '\x5d'..='\x7e');
        if wire.event_description.as_ref().is_some_and(|text| !text.chars().all(allowed)) {
            return Err(refused());
        }
        Ok(Self {
            notification_id: wire.notification_id,
            event: wire.event,
            description: wire.event_description,
        })
    }
}
