//! The challenge that a server wants in the proof of a wallet attestation.
//!
//! Clauses: draft-ietf-oauth-attestation-based-client-auth-07 sections 6.2 and 8; CI-12. A challenge is fetched where the server has an endpoint for it, taken
//! from an answer that brings one for the next proof, and where the server demands another one, it is had once more from that answer or the endpoint.

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
    /// The value came with an answer, for the next proof.
    given: bool,
}

#[derive(Deserialize)]
struct ChallengeWire {
    attestation_challenge: String,
}

impl Challenge {
    /// A challenge is fetched first if the client has an attestation and the server an endpoint.
    pub(crate) fn needed(client: &Client, server: &ServerMetadata) -> Self {
        let fetch = client.is_attested() && server.challenge_endpoint.is_some();
        Self { fetch, value: None, demanded: false, given: false }
    }

    /// For the next step at the same server: fetched anew where there is an endpoint, since challenges may be used once.
    pub(crate) fn fresh(self, client: &Client, server: &ServerMetadata) -> Self {
        let value = self.value;
        let fetch = Self::needed(client, server).fetch && !self.given;
        Self { fetch, value: value.filter(|_| !fetch), demanded: false, given: false }
    }

    /// Keeps a challenge that an answer brings for the next proof.
    pub(crate) fn learn(self, response: &Response) -> Self {
        match challenge_of(response) {
            None => self,
            Some(value) => Self { value: Some(value), given: true, ..self },
        }
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
        let fetch = Self::needed(client, server).fetch && !self.given;
        Self { fetch, given: false, ..self.clone() }
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
        Ok(Ok(Self { fetch: false, value: Some(value), ..self }))
    }

    /// With the challenge that the server demands, if it gave one or has an endpoint, and this is its first demand.
    pub(crate) fn demanded(
        &self,
        refused: OAuthError,
        response: &Response,
        client: &Client,
        server: &ServerMetadata,
    ) -> Option<Self> {
        if refused.code != OAuthErrorCode::UseAttestationChallenge || self.demanded {
            return None;
        }
        let value = challenge_of(response);
        let fetch = value.is_none() && Self::needed(client, server).fetch;
        (value.is_some() || fetch).then_some(Self { fetch, value, demanded: true, given: false })
    }
}

/// The challenge that stands in an answer's field, once.
fn challenge_of(response: &Response) -> Option<String> {
    let value = http::single_header(&response.headers, CHALLENGE_HEADER)?;
    wire::opaque(value.to_owned(), CHALLENGE_HEADER).ok()
}
