//! A pre-authorized code, with or without a transaction code.
//!
//! Clauses: OpenID4VCI 1.0 sections 3.5, 6 and 13.6; CI-9.

use crypto::{constant_time_eq, sha256};
use primitives::{Entropy, Instant};
use serde::{Deserialize, Serialize};

use super::inbound::{RefusalCause, ServerRefusal};
use super::token::{Granted, TokenRequest};
use crate::client_attestation::VerifiedClient;

/// How often a transaction code may be typed wrong before the offer is void (section 13.6.3).
pub const TRANSACTION_CODE_ATTEMPTS: u32 = 5;

/// A stored transaction code: its hash, salted with the code of the offer, and the attempts left.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TransactionCodeSecret {
    hash: [u8; 32],
    attempts_left: u32,
}

/// A pre-authorized code and what it is good for. Single use: take it out of the store, redeem it, put back what a refusal returns.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PreAuthorizedGrant {
    code: String,
    granted: Granted,
    transaction_code: Option<TransactionCodeSecret>,
    anonymous: bool,
    expires_at: i64,
}

impl std::fmt::Debug for PreAuthorizedGrant {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("PreAuthorizedGrant").field("expires_at", &self.expires_at).finish_non_exhaustive()
    }
}

fn transaction_code_hash(code: &str, transaction_code: &str) -> [u8; 32] {
    sha256(format!("{code}\0{transaction_code}").as_bytes())
}

impl PreAuthorizedGrant {
    /// A fresh code for these configurations of this subject; `anonymous` if clients without a name may redeem it.
    ///
    /// # Errors
    /// No randomness.
    pub fn issue(
        granted: Granted,
        transaction_code: Option<&str>,
        anonymous: bool,
        lifetime_seconds: i64,
        now: Instant,
        entropy: &dyn Entropy,
    ) -> Result<Self, ServerRefusal> {
        let code = crypto::random::token(entropy).map_err(|_| ServerRefusal::computer())?;
        let transaction_code = transaction_code.map(|text| TransactionCodeSecret {
            hash: transaction_code_hash(&code, text),
            attempts_left: TRANSACTION_CODE_ATTEMPTS,
        });
        let expires_at = (now + lifetime_seconds).unix_seconds();
        Ok(Self { code, granted, transaction_code, anonymous, expires_at })
    }

    /// The code, for the offer and as the key in the store.
    #[must_use]
    pub fn code(&self) -> &str {
        &self.code
    }

    /// What it is good for.
    #[must_use]
    pub fn granted(&self) -> &Granted {
        &self.granted
    }

    /// When it ends.
    #[must_use]
    pub fn expires_at(&self) -> Instant {
        Instant::from_unix_seconds(self.expires_at)
    }

    /// Redeems the code.
    ///
    /// # Errors
    /// The refusal, and the grant to put back where another attempt is allowed.
    pub fn redeem(
        mut self,
        request: &TokenRequest,
        client: Option<&VerifiedClient>,
        now: Instant,
    ) -> Result<Granted, (Option<Box<Self>>, ServerRefusal)> {
        use crate::oauth::OAuthErrorCode::InvalidClient;
        let TokenRequest::PreAuthorized { code, transaction_code, client_id } = request else {
            return Err((Some(Box::new(self)), ServerRefusal::bad_request(RefusalCause::GrantType)));
        };
        if now.unix_seconds() >= self.expires_at || !constant_time_eq(code.as_bytes(), self.code.as_bytes()) {
            return Err((None, ServerRefusal::invalid_grant(RefusalCause::UnknownOrExpired)));
        }
        let named = client.map(VerifiedClient::client_id).or(client_id.as_deref());
        let mismatch = matches!((client, client_id), (Some(client), Some(id)) if client.client_id() != id);
        if mismatch || (named.is_none() && !self.anonymous) {
            return Err((
                Some(Box::new(self)),
                ServerRefusal::new(400, InvalidClient, RefusalCause::Client(None)),
            ));
        }
        match (&mut self.transaction_code, transaction_code) {
            (None, None) => {}
            (None, Some(_)) | (Some(_), None) => {
                return Err((
                    Some(Box::new(self)),
                    ServerRefusal::bad_request(RefusalCause::TransactionCode),
                ));
            }
            (Some(secret), Some(typed)) => {
                if !constant_time_eq(&secret.hash, &transaction_code_hash(&self.code, typed)) {
                    secret.attempts_left = secret.attempts_left.saturating_sub(1);
                    let again = secret.attempts_left > 0;
                    let refusal = ServerRefusal::invalid_grant(RefusalCause::TransactionCode);
                    return Err((again.then(|| Box::new(self)), refusal));
                }
            }
        }
        let client_id = named.map(str::to_owned);
        Ok(Granted { client_id, ..self.granted })
    }
}
