//! The challenge that a server wants in the proof of a wallet attestation.
//!
//! Clauses: draft-ietf-oauth-attestation-based-client-auth-07 sections 6.2 and 8; CI-12. A challenge is fetched where the server has an endpoint for it, and taken
//! from the answer where the server demands one there, once.

use primitives::http::{Request, Response};
use serde::Deserialize;

use crate::client_attestation::CHALLENGE_HEADER;
use crate::holder::Client;
use crate::http::{self, AnswerError};
use crate::metadata::ServerMetadata;
use crate::oauth::{OAuthError, OAuthErrorCode};
use crate::wire::{self, SMALL_ANSWER_MAX_BYTES};

/// What is known of the server's challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Challenge {
    fetch: bool,
    value: Option<String>,
    demanded: bool,
}

#[derive(Deserialize)]
struct ChallengeWire {
    attestation_challenge: String,
}

impl Challenge {
    /// A challenge is fetched first if the client has an attestation and the server an endpoint.
    pub(crate) fn needed(client: &Client, server: &ServerMetadata) -> Self {
        let fetch = client.is_attested() && server.challenge_endpoint.is_some();
        Self { fetch, value: None, demanded: false }
    }

    /// For the next step at the same server: fetched anew where there is an endpoint, since challenges may be used once.
    pub(crate) fn fresh(self, client: &Client, server: &ServerMetadata) -> Self {
        let value = self.value;
        let fetch = Self::needed(client, server).fetch;
        Self { fetch, value: value.filter(|_| !fetch), demanded: false }
    }

    /// The challenge to put into the proof.
    pub(crate) fn value(&self) -> Option<&str> {
        self.value.as_deref()
    }

    /// The request for a challenge, if one is to be fetched now.
    pub(crate) fn request(&self, server: &ServerMetadata) -> Option<Request> {
        let endpoint = server.challenge_endpoint.as_ref().filter(|_| self.fetch)?;
        Some(http::post_empty(endpoint.url()))
    }

    /// For a retry of the same step: where challenges are fetched, another one.
    pub(crate) fn again(&self, client: &Client, server: &ServerMetadata) -> Self {
        Self { fetch: Self::needed(client, server).fetch, ..self.clone() }
    }

    /// `Ok` if the answer was a challenge, `Err` with itself if the answer belongs to the step.
    pub(crate) fn receive(self, response: &Response) -> Result<Result<Self, Self>, AnswerError> {
        if !self.fetch {
            return Ok(Err(self));
        }
        http::expect_status(response, 200)?;
        http::expect_media_type(response, "application/json")?;
        let wire = wire::json::<ChallengeWire>(&response.body, SMALL_ANSWER_MAX_BYTES)?;
        let value = wire::opaque(wire.attestation_challenge, "attestation_challenge")?;
        Ok(Ok(Self { fetch: false, value: Some(value), demanded: self.demanded }))
    }

    /// With the challenge that the server demands, if it gave one and this is its first demand.
    pub(crate) fn demanded(&self, refused: OAuthError, response: &Response) -> Option<Self> {
        if refused.code != OAuthErrorCode::UseAttestationChallenge || self.demanded {
            return None;
        }
        let value = http::single_header(&response.headers, CHALLENGE_HEADER)?;
        let value = wire::opaque(value.to_owned(), CHALLENGE_HEADER).ok()?;
        Some(Self { fetch: false, value: Some(value), demanded: true })
    }
}
