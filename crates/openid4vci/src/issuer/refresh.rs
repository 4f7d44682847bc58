//! Refresh tokens: copies are fetched anew without asking the person again.
//!
//! Clauses: RFC 6749 section 6, RFC 9449 section 5, OpenID4VCI 1.0 section 13.5; CI-13. Bound to the DPoP key and, for an attested client, to its name.

use crypto::{constant_time_eq, sha256};
use primitives::http::Response;
use primitives::{Entropy, Instant, base64url};
use serde::{Deserialize, Serialize};
use serde_json::Value;

use super::inbound::{RefusalCause, ServerRefusal};
use super::token::{Granted, TokenRequest};
use crate::client_attestation::VerifiedClient;
use crate::dpop::VerifiedProof;

/// What the issuer keeps of a refresh token: never the token. Stored under its [`RefreshToken::key`], until it expires or is withdrawn.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RefreshToken {
    key: String,
    thumbprint: String,
    granted: Granted,
    expires_at: i64,
}

impl RefreshToken {
    /// Puts a fresh refresh token into a token response.
    ///
    /// # Errors
    /// No randomness, or the response is no token response.
    pub fn attach(
        granted: Granted,
        proof: &VerifiedProof,
        lifetime_seconds: i64,
        mut response: Response,
        now: Instant,
        entropy: &dyn Entropy,
    ) -> Result<(Self, Response), ServerRefusal> {
        let token = crypto::random::token(entropy).map_err(|_| ServerRefusal::computer())?;
        let mut body = response.json().map_err(|_| ServerRefusal::computer())?;
        let object = body.as_object_mut().ok_or_else(ServerRefusal::computer)?;
        object.insert("refresh_token".to_owned(), Value::from(token.as_str()));
        response.body = body.to_string().into_bytes();
        let refresh = Self {
            key: Self::key_of(&token),
            thumbprint: proof.thumbprint(),
            granted,
            expires_at: (now + lifetime_seconds).unix_seconds(),
        };
        Ok((refresh, response))
    }

    /// The key in the store: the hash of the token.
    #[must_use]
    pub fn key(&self) -> &str {
        &self.key
    }

    /// The key under which a token is stored.
    #[must_use]
    pub fn key_of(token: &str) -> String {
        base64url::encode(&sha256(token.as_bytes()))
    }

    /// Grants the same again, to the same client and key. The token stays good (FAPI 2.0 section 5.3.2.1: no rotation).
    ///
    /// # Errors
    /// The refusal to send.
    pub fn redeem(
        &self,
        request: &TokenRequest,
        client: Option<&VerifiedClient>,
        proof: &VerifiedProof,
        now: Instant,
    ) -> Result<Granted, ServerRefusal> {
        let TokenRequest::Refresh { refresh_token, client_id } = request else {
            return Err(ServerRefusal::bad_request(RefusalCause::GrantType));
        };
        let known = constant_time_eq(Self::key_of(refresh_token).as_bytes(), self.key.as_bytes());
        if !known || now.unix_seconds() >= self.expires_at {
            return Err(ServerRefusal::invalid_grant(RefusalCause::UnknownOrExpired));
        }
        let named = client.map(VerifiedClient::client_id).or(client_id.as_deref());
        if named != self.granted.client_id.as_deref() {
            return Err(ServerRefusal::invalid_grant(RefusalCause::Client(None)));
        }
        if proof.thumbprint() != self.thumbprint {
            return Err(ServerRefusal::invalid_grant(RefusalCause::CodeKey));
        }
        Ok(self.granted.clone())
    }
}
