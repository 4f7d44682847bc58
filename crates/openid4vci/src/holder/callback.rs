//! The browser's way back.
//!
//! Clauses: RFC 6749 section 4.1.2, RFC 9207 section 2.4; CI-8: `state` and `iss` are checked before anything is sent to the token endpoint.

use crypto::constant_time_eq;
use primitives::Instant;
use url::{Url, form_urlencoded};

use super::authorization::Session;
use super::{AuthorizationError, TokenExchange};
use crate::challenge::Challenge;
use crate::http::AnswerError;
use crate::oauth::{OAuthError, OAuthErrorCode};
use crate::wire;

/// Longest query of a callback, in bytes.
const CALLBACK_MAX_BYTES: usize = 32 * 1024;

/// Waits for the browser to come back with a code.
#[derive(Debug, Clone)]
pub struct AwaitingCallback {
    pub(super) session: Box<Session>,
    pub(super) page: Url,
    pub(super) expires_at: Instant,
    pub(super) challenge: Challenge,
}

/// The parameters of an authorization response that count.
#[derive(Default)]
struct Callback {
    code: Option<String>,
    state: Option<String>,
    iss: Option<String>,
    error: Option<String>,
}

impl AwaitingCallback {
    /// The page to open: the authorization endpoint with `client_id` and `request_uri`, and nothing else.
    #[must_use]
    pub fn page(&self) -> &Url {
        &self.page
    }

    /// Where the answer is awaited.
    #[must_use]
    pub fn redirect_uri(&self) -> &Url {
        &self.session.redirect_uri
    }

    /// Until when the page can be opened.
    #[must_use]
    pub fn expires_at(&self) -> Instant {
        self.expires_at
    }

    /// Whether this callback is the answer to this session: so that several sessions can share a listener. Decides nothing else.
    #[must_use]
    pub fn recognises(&self, callback: &Url) -> bool {
        parse(callback).is_some_and(|it| it.state.as_deref() == Some(&self.session.state))
    }

    /// Takes the address that the browser came back with. Nothing is sent before `state` and `iss` hold.
    ///
    /// # Errors
    /// [`AuthorizationError`]; a callback of someone else (`Callback*`) is given back with the session in it by cloning beforehand, which is
    /// cheap, so that a stray page cannot end the session.
    pub fn receive(self, callback: &Url) -> Result<TokenExchange, AuthorizationError> {
        let same_place = callback.scheme() == self.session.redirect_uri.scheme()
            && callback.authority() == self.session.redirect_uri.authority()
            && callback.path() == self.session.redirect_uri.path();
        if !same_place {
            return Err(AuthorizationError::CallbackMalformed);
        }
        let answer = parse(callback).ok_or(AuthorizationError::CallbackMalformed)?;
        let state = answer.state.as_deref().unwrap_or("");
        if !constant_time_eq(state.as_bytes(), self.session.state.as_bytes()) {
            return Err(AuthorizationError::CallbackState);
        }
        // demanded even where the server does not announce it: it is what stops a mix-up (HA-2)
        if answer.iss.as_deref() != Some(self.session.resolved.server.issuer.as_str()) {
            return Err(AuthorizationError::CallbackIssuer);
        }
        if let Some(error) = answer.error {
            let code = OAuthErrorCode::from_wire(&error);
            if code == OAuthErrorCode::AccessDenied {
                return Err(AuthorizationError::Denied);
            }
            return Err(AnswerError::Refused(OAuthError { code, status: 302 }).into());
        }
        let code = answer.code.ok_or(AuthorizationError::CallbackMalformed)?;
        let code = wire::opaque(code, "code").map_err(|_| AuthorizationError::CallbackMalformed)?;
        Ok(self.redeem(code))
    }
}

/// Reads the query; a parameter that counts and stands twice spoils it (RFC 6749 section 3.1).
fn parse(callback: &Url) -> Option<Callback> {
    let query = callback.query().unwrap_or("");
    if query.len() > CALLBACK_MAX_BYTES {
        return None;
    }
    let mut answer = Callback::default();
    for (name, value) in form_urlencoded::parse(query.as_bytes()) {
        let slot = match name.as_ref() {
            "code" => &mut answer.code,
            "state" => &mut answer.state,
            "iss" => &mut answer.iss,
            "error" => &mut answer.error,
            _ => continue,
        };
        if slot.replace(value.into_owned()).is_some() {
            return None;
        }
    }
    (answer.code.is_some() != answer.error.is_some()).then_some(answer)
}
