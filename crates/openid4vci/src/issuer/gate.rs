//! What every protected request passes: the client's attestation or assertion and the DPoP proof, with nonces, challenges and the memory against replay.
//!
//! Clauses: RFC 9449 sections 4.3, 8, 9 and 11.1 (DP-1 to DP-14, DP-22); draft-ietf-oauth-attestation-based-client-auth-07 (CI-12);
//! RFC 7523 (HA-3).

use primitives::http::Response;
use primitives::{Entropy, Instant};
use serde_json::json;
use trust::{AnchorStore, WalletProvider};

use super::inbound::{Inbound, RefusalCause, ServerRefusal};
use crate::client_assertion::{self, ClientAssertionError, RegisteredClients};
use crate::client_attestation::{self, CHALLENGE_HEADER, ClientAttestationError, VerifiedClient};
use crate::dpop::{self, BoundToken, DpopError, Target, VerifiedProof};
use crate::http;
use crate::oauth::OAuthErrorCode;
use crate::replay::{NonceBook, ReplayMemory};
use crate::wire::Identifier;

/// Seconds after which a server gives a new DPoP nonce; the one before is still taken.
pub const DPOP_NONCE_SECONDS: i64 = 300;
/// Seconds that a challenge can be used.
pub const CHALLENGE_SECONDS: i64 = 300;

/// What a server demands of its clients.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct GatePolicy {
    /// A wallet attestation is required, or the assertion of a registered client (HA-3).
    pub require_attestation: bool,
    /// Attestation proofs must carry a challenge of this server.
    pub require_challenge: bool,
    /// DPoP proofs must carry a nonce of this server.
    pub require_dpop_nonce: bool,
}

/// A server's gate. It is kept in memory: after a restart, nonces are simply demanded anew.
#[derive(Debug, Clone)]
pub struct Gate {
    server: Identifier,
    policy: GatePolicy,
    providers: AnchorStore<WalletProvider>,
    clients: RegisteredClients,
    replay: ReplayMemory,
    challenges: NonceBook,
    // current, then the one before
    dpop_nonces: Vec<String>,
    dpop_nonce_until: Option<Instant>,
}

impl Gate {
    /// A gate of this server (its identifier is the audience of attestation proofs).
    #[must_use]
    pub fn new(server: Identifier, policy: GatePolicy, providers: AnchorStore<WalletProvider>) -> Self {
        Self {
            server,
            policy,
            providers,
            clients: RegisteredClients::default(),
            replay: ReplayMemory::default(),
            challenges: NonceBook::new(CHALLENGE_SECONDS),
            dpop_nonces: Vec::new(),
            dpop_nonce_until: None,
        }
    }

    /// Registers the key of a client that authenticates itself by `private_key_jwt`.
    pub fn register_client(&mut self, client_id: &str, key: crypto::PublicKey) {
        self.clients.register(client_id, key);
    }

    /// Whose attestations are believed.
    #[must_use]
    pub fn providers(&self) -> &AnchorStore<WalletProvider> {
        &self.providers
    }

    /// The DPoP nonce to send with every answer, if nonces are demanded.
    ///
    /// # Errors
    /// No randomness.
    pub fn dpop_nonce(
        &mut self,
        now: Instant,
        entropy: &dyn Entropy,
    ) -> Result<Option<String>, ServerRefusal> {
        if !self.policy.require_dpop_nonce {
            return Ok(None);
        }
        if self.dpop_nonce_until.is_none_or(|until| until <= now) {
            let nonce = crypto::random::token(entropy).map_err(|_| ServerRefusal::computer())?;
            // long unused, the one before is too old as well
            let stale = self.dpop_nonce_until.is_none_or(|until| until + DPOP_NONCE_SECONDS <= now);
            self.dpop_nonces.truncate(usize::from(!stale));
            self.dpop_nonces.insert(0, nonce);
            self.dpop_nonce_until = Some(now + DPOP_NONCE_SECONDS);
        }
        Ok(self.dpop_nonces.first().cloned())
    }

    /// The answer of the challenge endpoint.
    ///
    /// # Errors
    /// No randomness.
    pub fn challenge_response(
        &mut self,
        now: Instant,
        entropy: &dyn Entropy,
    ) -> Result<Response, ServerRefusal> {
        let challenge = self.challenges.issue(now, entropy).map_err(|_| ServerRefusal::computer())?;
        Ok(http::json_answer(200, &json!({ "attestation_challenge": challenge })))
    }

    /// Who the client is; `None` for one without an attestation, where none is required.
    ///
    /// # Errors
    /// The attestation or its proof is refused, or a challenge is demanded.
    pub fn client(
        &mut self,
        inbound: &Inbound<'_>,
        now: Instant,
        entropy: &dyn Entropy,
    ) -> Result<Option<VerifiedClient>, ServerRefusal> {
        let names = [client_attestation::HEADER, client_attestation::PROOF_HEADER];
        let present =
            inbound.headers.iter().any(|(name, _)| names.iter().any(|it| name.eq_ignore_ascii_case(it)));
        if let Some(client) = self.asserted(inbound, present, now)? {
            return Ok(Some(client));
        }
        if !present && !self.policy.require_attestation {
            return Ok(None);
        }
        let expectation = client_attestation::Expectation {
            server: self.server.as_str(),
            providers: &self.providers,
            challenge: self.policy.require_challenge,
            now,
        };
        match client_attestation::verify(
            inbound.headers,
            &expectation,
            &mut self.challenges,
            &mut self.replay,
        ) {
            Ok(client) => Ok(Some(client)),
            Err(error @ ClientAttestationError::Challenge) => {
                let challenge = self.challenges.issue(now, entropy).map_err(|_| ServerRefusal::computer())?;
                let cause = RefusalCause::Client(Some(error));
                let refusal = ServerRefusal::new(400, OAuthErrorCode::UseAttestationChallenge, cause);
                Err(refusal.with_header(CHALLENGE_HEADER, challenge))
            }
            Err(error) => {
                // 400, since this client authentication has no scheme of HTTP (RFC 6749 section 5.2)
                let cause = RefusalCause::Client(Some(error));
                Err(ServerRefusal::new(400, OAuthErrorCode::InvalidClient, cause))
            }
        }
    }

    /// The registered client whose assertion stands in the form; `None` without one.
    fn asserted(
        &mut self,
        inbound: &Inbound<'_>,
        attested: bool,
        now: Instant,
    ) -> Result<Option<VerifiedClient>, ServerRefusal> {
        let names = [client_assertion::PARAMETER, client_assertion::TYPE_PARAMETER];
        let Ok(form) = inbound.form() else { return Ok(None) };
        if !names.iter().any(|name| form.contains_key(*name)) {
            return Ok(None);
        }
        let expectation =
            client_assertion::Expectation { server: self.server.as_str(), clients: &self.clients, now };
        // one authentication for a request (RFC 6749 section 2.3)
        let verified = match attested {
            true => Err(ClientAssertionError::Type),
            false => client_assertion::verify(&form, &expectation, &mut self.replay),
        };
        verified.map(Some).map_err(|error| {
            ServerRefusal::new(400, OAuthErrorCode::InvalidClient, RefusalCause::Assertion(error))
        })
    }

    /// The proof of a request; `access` at a resource (401), else at the token endpoint (400).
    ///
    /// # Errors
    /// The proof is refused, or a nonce is demanded; the refusal carries a fresh nonce.
    pub fn proof(
        &mut self,
        inbound: &Inbound<'_>,
        access: Option<BoundToken<'_>>,
        now: Instant,
        entropy: &dyn Entropy,
    ) -> Result<VerifiedProof, ServerRefusal> {
        let status = if access.is_some() { 401 } else { 400 };
        let nonce = self.dpop_nonce(now, entropy)?;
        let expectation = dpop::Expectation {
            target: Target { method: inbound.method, url: inbound.url },
            access,
            nonces: self.policy.require_dpop_nonce.then_some(self.dpop_nonces.as_slice()),
            now,
        };
        dpop::verify(inbound.headers, &expectation, &mut self.replay).map_err(|error| {
            let code = match error {
                DpopError::Nonce => OAuthErrorCode::UseDpopNonce,
                DpopError::TokenKey | DpopError::TokenHash => OAuthErrorCode::InvalidToken,
                _ => OAuthErrorCode::InvalidDpopProof,
            };
            ServerRefusal::new(status, code, RefusalCause::Dpop(error)).with_dpop_nonce(nonce)
        })
    }
}
