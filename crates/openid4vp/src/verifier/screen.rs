//! Questions on a screen, and what an answer proves that was shown on one (house, `docs/offline-qr.md`; OQ-1 to OQ-5).

use crypto::SecretVec;
use dcql::Query;
use primitives::Instant;
use serde_json::{Map, Value};
use trust::{AnchorStore, Issuer};

use super::error::{BuildError, ResponseError};
use super::request::{ClientIdentity, ReplyTo, RequestBuilder, Session};
use super::validate::VerifiedAnswer;
use crate::screen::{CLOCK_SKEW_SECONDS, OfflineBinding, PROOF_SECONDS, ScreenMode};

impl RequestBuilder {
    /// A request of `query` that a screen shows, to be answered on the holder's screen: signed, by value
    /// ([`PreparedRequest::request_object`](super::PreparedRequest::request_object)), without any address, the answer always encrypted.
    #[must_use]
    pub fn for_screen(identity: ClientIdentity, query: Query) -> Self {
        let mut builder = Self::new(identity, query, "");
        builder.on_screen = true;
        builder
    }

    /// OQ-4: signed, and with the holder's proof, since there is no `state`.
    pub(crate) fn check_screen(&self) -> Result<(), BuildError> {
        if self.identity == ClientIdentity::RedirectUri {
            return Err(BuildError::Signing);
        }
        check_binding(&self.query)
    }
}

fn check_binding(query: &Query) -> Result<(), BuildError> {
    if query.asks_without_holder_binding() { Err(BuildError::HolderBinding) } else { Ok(()) }
}

impl Session {
    /// The session of a question that nobody signed: asked by a short code, or of an answer that came one-way, whose message carries the
    /// nonce. Answers are taken from `now` for `lifetime_seconds`.
    ///
    /// # Errors
    /// [`BuildError::HolderBinding`] where the query does without the holder's proof: nothing else would bind the answer.
    pub fn for_offline_question(
        query: Query,
        binding: OfflineBinding,
        now: Instant,
        lifetime_seconds: i64,
    ) -> Result<Self, BuildError> {
        check_binding(&query)?;
        Ok(Self {
            client_id: binding.audience,
            nonce: binding.nonce,
            state: String::new(),
            reply_to: ReplyTo::Screen(binding.mode),
            transactions: Vec::new(),
            query,
            decryption: None,
            created_at: now,
            expires_at: now + lifetime_seconds,
        })
    }

    /// How it was asked, if the answer is shown on a screen; `None`: it comes another way.
    pub fn screen(&self) -> Option<ScreenMode> {
        match self.reply_to {
            ReplyTo::Screen(mode) => Some(mode),
            ReplyTo::ResponseUri(_) | ReplyTo::Origin(_) => None,
        }
    }

    /// Decrypts the body of a message that was shown on a screen to who asked by a signed request: a JWE in compact serialisation.
    ///
    /// # Errors
    /// [`ResponseError::Channel`], [`ResponseError::Decryption`].
    pub fn decrypt_screen(&self, jwe: &str) -> Result<SecretVec, ResponseError> {
        self.screen().ok_or(ResponseError::Channel)?;
        self.decryption.as_ref().ok_or(ResponseError::Decryption)?.decrypt(jwe)
    }

    /// Validates what was shown on a screen: the presentations of the message, and the moment that it names. Every proof has to be made for
    /// this client or question, nonce and moment, and counts for [`PROOF_SECONDS`].
    ///
    /// # Errors
    /// A [`ResponseError`]; nothing of the answer is then to be used.
    pub fn validate_screen(
        &self,
        vp_token: &Map<String, Value>,
        issued_at: Instant,
        issuers: &AnchorStore<Issuer>,
        now: Instant,
    ) -> Result<VerifiedAnswer, ResponseError> {
        self.screen().ok_or(ResponseError::Channel)?;
        if now > self.expires_at {
            return Err(ResponseError::Expired);
        }
        if issued_at > now + CLOCK_SKEW_SECONDS {
            return Err(ResponseError::ProofInFuture);
        }
        if now > issued_at + PROOF_SECONDS {
            return Err(ResponseError::ProofTooOld);
        }
        self.verify(vp_token, Some(issued_at), issuers, now)
    }
}
