//! An access token, the key that it is bound to, and what it may fetch.
//!
//! Clauses: RFC 9449 section 7; OpenID4VCI 1.0 sections 3.3.4 and 8.2; CI-10, CI-11, DP-12, DP-18, DP-20.

use std::fmt;

use primitives::Instant;
use primitives::http::{Request, Response};
use serde::{Deserialize, Serialize};

use super::{Context, DpopKey, ResolvedOffer, SigningFailed};
use crate::dpop::{self, Target};
use crate::metadata::{Configuration, IssuerMetadata};
use crate::oauth::{OAuthError, OAuthErrorCode};

/// How the token is sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(super) enum Scheme {
    Dpop,
    Bearer,
}

/// A token with its key.
#[derive(Clone)]
pub(super) struct Access {
    /// The authorization server that issued it; not known of what an earlier version stored.
    pub(super) server: Option<String>,
    pub(super) token: String,
    pub(super) scheme: Scheme,
    pub(super) dpop: DpopKey,
    /// The issuer's last DPoP nonce.
    pub(super) nonce: Option<String>,
    pub(super) expires_at: Option<Instant>,
    pub(super) refresh_token: Option<String>,
}

impl fmt::Debug for Access {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Access")
            .field("scheme", &self.scheme)
            .field("expires_at", &self.expires_at)
            .finish_non_exhaustive()
    }
}

impl Access {
    /// Adds token and proof.
    pub(super) fn authorize(
        &self,
        request: Request,
        context: &Context<'_>,
    ) -> Result<Request, SigningFailed> {
        if self.scheme == Scheme::Bearer {
            return Ok(request.with_header("authorization", format!("Bearer {}", self.token)));
        }
        let target = Target { method: request.method, url: &request.url };
        let signer = self.dpop.signer.as_ref();
        let nonce = self.nonce.as_deref();
        let proof = dpop::proof(signer, &target, nonce, Some(&self.token), context.now, context.entropy)?;
        Ok(request
            .with_header("authorization", format!("DPoP {}", self.token))
            .with_header(dpop::HEADER, proof))
    }

    /// Keeps a nonce that an answer carries (DP-18); whether there was one.
    pub(super) fn learn(&mut self, response: &Response) -> bool {
        match dpop::nonce_of(response) {
            None => false,
            Some(nonce) => {
                self.nonce = Some(nonce);
                true
            }
        }
    }

    /// Whether a refusal is the demand of a nonce that was given with it (DP-17: 401 at a resource; a server that says 400 is understood).
    pub(super) fn demands_nonce(refused: OAuthError, learned: bool) -> bool {
        refused.code == OAuthErrorCode::UseDpopNonce && learned && matches!(refused.status, 400 | 401)
    }

    pub(super) fn to_stored(&self) -> StoredAccess {
        StoredAccess {
            server: self.server.clone(),
            token: self.token.clone(),
            scheme: self.scheme,
            dpop_key: self.dpop.reference.clone(),
            nonce: self.nonce.clone(),
            expires_at: self.expires_at.map(Instant::unix_seconds),
            refresh_token: self.refresh_token.clone(),
        }
    }

    /// `None` if this is not the key that the token is bound to.
    pub(super) fn from_stored(stored: StoredAccess, dpop: DpopKey) -> Option<Self> {
        (stored.dpop_key == dpop.reference).then_some(Self {
            server: stored.server,
            token: stored.token,
            scheme: stored.scheme,
            dpop,
            nonce: stored.nonce,
            expires_at: stored.expires_at.map(Instant::from_unix_seconds),
            refresh_token: stored.refresh_token,
        })
    }
}

/// A token as it is written into the vault: made for that purpose, and for nothing else. It holds secrets: no `Debug` of them.
#[derive(Clone, Serialize, Deserialize)]
pub struct StoredAccess {
    #[serde(default, skip_serializing_if = "Option::is_none")]
    server: Option<String>,
    token: String,
    scheme: Scheme,
    dpop_key: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    nonce: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    expires_at: Option<i64>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    refresh_token: Option<String>,
}

impl StoredAccess {
    /// The wallet's reference to the DPoP key, to make the [`DpopKey`] again.
    #[must_use]
    pub fn dpop_key_reference(&self) -> &str {
        &self.dpop_key
    }
}

impl StoredAccess {
    /// Whether it has ended, as far as the server said.
    #[must_use]
    pub fn has_ended(&self, now: Instant) -> bool {
        self.expires_at.is_some_and(|at| at <= now.unix_seconds())
    }

    /// Whether this is that token, whatever else is known of either.
    #[must_use]
    pub fn is_same_token(&self, other: &Self) -> bool {
        self.token == other.token
    }

    /// The identifier of the authorization server that issued it, if it was stored.
    pub(super) fn server(&self) -> Option<&str> {
        self.server.as_deref()
    }

    /// Whether copies can be fetched anew with it (CI-13).
    #[must_use]
    pub fn can_refresh(&self) -> bool {
        self.refresh_token.is_some()
    }
}

impl fmt::Debug for StoredAccess {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("StoredAccess").field("dpop_key", &self.dpop_key).finish_non_exhaustive()
    }
}

/// One paper that can be asked for.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperRequest {
    /// Its configuration.
    pub configuration_id: String,
    /// Its dataset, where the server named datasets (CI-10): then this goes into the request, else the configuration, never both.
    pub credential_identifier: Option<String>,
}

/// The wallet may fetch papers.
#[derive(Debug, Clone)]
pub struct Authorized {
    pub(super) issuer: Box<IssuerMetadata>,
    pub(super) access: Access,
    pub(super) client_id: Option<String>,
    pub(super) papers: Vec<PaperRequest>,
}

impl Authorized {
    pub(super) fn new(
        resolved: ResolvedOffer,
        access: Access,
        client_id: Option<String>,
        configuration_ids: Vec<String>,
        identifiers: Vec<(String, String)>,
    ) -> Self {
        let papers = if identifiers.is_empty() {
            let paper = |configuration_id| PaperRequest { configuration_id, credential_identifier: None };
            configuration_ids.into_iter().map(paper).collect()
        } else {
            let paper = |(configuration_id, identifier)| PaperRequest {
                configuration_id,
                credential_identifier: Some(identifier),
            };
            identifiers.into_iter().map(paper).collect()
        };
        Self { issuer: Box::new(resolved.issuer), access, client_id, papers }
    }

    /// The same grant for one paper that came by it before (CI-13): with what the token answer says of it now or, where that says nothing, as it
    /// was asked for then. `None` if the token no longer reaches to it.
    #[must_use]
    pub fn renewing(mut self, paper: &PaperRequest) -> Option<Self> {
        let of_configuration: Vec<&PaperRequest> =
            self.papers.iter().filter(|it| it.configuration_id == paper.configuration_id).collect();
        let silent = of_configuration.iter().all(|it| it.credential_identifier.is_none());
        let renewed = match of_configuration.as_slice() {
            [] => return None,
            named if named.contains(&paper) => paper.clone(),
            _ if silent => paper.clone(),
            // the datasets have other names by now; with one there is no doubt
            [only] if paper.credential_identifier.is_none() => (*only).clone(),
            _ => return None,
        };
        self.papers = vec![renewed];
        Some(self)
    }

    /// The papers that can be asked for, one request each.
    #[must_use]
    pub fn papers(&self) -> &[PaperRequest] {
        &self.papers
    }

    /// The configuration of a paper.
    #[must_use]
    pub fn configuration(&self, paper: &PaperRequest) -> Option<&Configuration> {
        self.issuer.usable(&paper.configuration_id)
    }

    /// The issuer's metadata.
    #[must_use]
    pub fn issuer(&self) -> &IssuerMetadata {
        &self.issuer
    }

    /// Most copies in one request (CI-15).
    #[must_use]
    pub fn batch_size(&self) -> u32 {
        self.issuer.batch_size
    }

    /// When the token ends, if the server said so.
    #[must_use]
    pub fn expires_at(&self) -> Option<Instant> {
        self.access.expires_at
    }

    /// The token as it is stored for later.
    #[must_use]
    pub fn stored_access(&self) -> StoredAccess {
        self.access.to_stored()
    }
}
