//! Access tokens, bound to a key.
//!
//! Clauses: RFC 9449 sections 5 to 7; OpenID4VCI 1.0 section 6.2; CI-10, CI-11, DP-12, DP-13, DP-20.

use crypto::{constant_time_eq, sha256};
use primitives::http::Response;
use primitives::{Entropy, Instant, base64url};
use serde::{Deserialize, Serialize};
use serde_json::json;

use super::gate::Gate;
use super::inbound::{Inbound, RefusalCause, ServerRefusal};
use super::token::Granted;
use crate::dpop::{self, BoundToken, VerifiedProof};
use crate::http;
use crate::oauth::OAuthErrorCode;

/// What the issuer keeps of an access token: never the token. Stored under its [`AccessToken::key`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AccessToken {
    key: String,
    thumbprint: String,
    granted: Granted,
    expires_at: i64,
}

fn key_of(token: &str) -> String {
    base64url::encode(&sha256(token.as_bytes()))
}

impl AccessToken {
    /// A fresh token for what was granted, bound to the key of the proof, and the answer that carries it.
    ///
    /// # Errors
    /// No randomness.
    pub fn issue(
        granted: Granted,
        proof: &VerifiedProof,
        lifetime_seconds: i64,
        gate: &mut Gate,
        now: Instant,
        entropy: &dyn Entropy,
    ) -> Result<(Self, Response), ServerRefusal> {
        let token = crypto::random::token(entropy).map_err(|_| ServerRefusal::computer())?;
        let mut body = json!({ "access_token": token, "token_type": "DPoP", "expires_in": lifetime_seconds });
        if !granted.credential_identifiers.is_empty() {
            let detail = |id: &String| {
                let pairs =
                    granted.credential_identifiers.iter().filter(|(configuration, _)| configuration == id);
                let identifiers: Vec<&String> = pairs.map(|(_, identifier)| identifier).collect();
                json!({ "type": "openid_credential", "credential_configuration_id": id, "credential_identifiers": identifiers })
            };
            let details: serde_json::Value = granted.configuration_ids.iter().map(detail).collect();
            if let Some(object) = body.as_object_mut() {
                object.insert("authorization_details".to_owned(), details);
            }
        }
        let response = http::json_answer(200, &body);
        let response = match gate.dpop_nonce(now, entropy)? {
            Some(nonce) => response.with_header(dpop::NONCE_HEADER, nonce),
            None => response,
        };
        let access = Self {
            key: key_of(&token),
            thumbprint: proof.thumbprint(),
            granted,
            expires_at: (now + lifetime_seconds).unix_seconds(),
        };
        Ok((access, response))
    }

    /// The key in the store: the hash of the token.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// What it fetches.
    #[must_use]
    pub fn granted(&self) -> &Granted {
        &self.granted
    }

    /// When it ends.
    #[must_use]
    pub fn expires_at(&self) -> Instant {
        Instant::from_unix_seconds(self.expires_at)
    }

    /// The key under which the token of a request is stored.
    ///
    /// # Errors
    /// No token, or one under another scheme than DPoP (DP-20).
    pub fn key_of_request(inbound: &Inbound<'_>) -> Result<String, ServerRefusal> {
        token_of(inbound).map(key_of)
    }

    /// The refusal of a token that is not in the store.
    #[must_use]
    pub fn unknown() -> ServerRefusal {
        ServerRefusal::new(401, OAuthErrorCode::InvalidToken, RefusalCause::UnknownOrExpired)
    }

    /// Whether the request may pass: this token, not expired, with a proof of its key.
    ///
    /// # Errors
    /// The refusal to send.
    pub fn authorize(
        &self,
        gate: &mut Gate,
        inbound: &Inbound<'_>,
        now: Instant,
        entropy: &dyn Entropy,
    ) -> Result<(), ServerRefusal> {
        let token = token_of(inbound)?;
        let expired = now.unix_seconds() >= self.expires_at;
        if expired || !constant_time_eq(key_of(token).as_bytes(), self.key.as_bytes()) {
            return Err(Self::unknown());
        }
        let bound = BoundToken { token, thumbprint: &self.thumbprint };
        gate.proof(inbound, Some(bound), now, entropy).map(|_| ())
    }
}

fn token_of<'a>(inbound: &Inbound<'a>) -> Result<&'a str, ServerRefusal> {
    let refused = |cause| ServerRefusal::new(401, OAuthErrorCode::InvalidToken, cause);
    let value = http::single_header(inbound.headers, "authorization");
    let (scheme, token) =
        value.and_then(|it| it.split_once(' ')).ok_or_else(|| refused(RefusalCause::Malformed))?;
    if !scheme.eq_ignore_ascii_case("DPoP") {
        return Err(refused(RefusalCause::Scheme));
    }
    Ok(token.trim())
}
