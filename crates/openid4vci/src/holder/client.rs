//! Who the wallet is to an authorization server: its DPoP key, and its attestation if a wallet provider gave one.
//!
//! Clauses: draft-ietf-oauth-attestation-based-client-auth-07 sections 5 and 6; OpenID4VCI 1.0 appendix E; HAIP 1.0 section 4.4.1; CI-12, HA-3.

use std::fmt;
use std::sync::Arc;

use crypto::Signer;
use primitives::http::Request;

use super::{Context, SigningFailed};
use crate::client_attestation;
use crate::wire::Identifier;

/// The key that access tokens are bound to: fresh for each issuer.
#[derive(Clone)]
pub struct DpopKey {
    pub(super) signer: Arc<dyn Signer>,
    pub(super) reference: String,
}

impl DpopKey {
    /// A key and the reference under which the wallet finds it again for deferred papers and notifications.
    #[must_use]
    pub fn new(signer: Arc<dyn Signer>, reference: String) -> Self {
        Self { signer, reference }
    }
}

impl fmt::Debug for DpopKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("DpopKey").field("reference", &self.reference).finish_non_exhaustive()
    }
}

/// A wallet attestation and the key that it names. One attestation for one issuer (HA-3).
#[derive(Clone)]
pub struct ClientAttestation {
    pub(super) jwt: String,
    pub(super) client_id: String,
    pub(super) signer: Arc<dyn Signer>,
}

impl ClientAttestation {
    /// An attestation as the wallet provider gave it, with the signer of its `cnf` key. The `client_id` is the attestation's `sub`.
    ///
    /// # Errors
    /// [`SigningFailed::Attestation`] if it is not an attestation for this signer's key.
    pub fn new(jwt: String, signer: Arc<dyn Signer>) -> Result<Self, SigningFailed> {
        let client_id = client_attestation::subject_for_key(&jwt, &signer.public_key())
            .ok_or(SigningFailed::Attestation)?;
        Ok(Self { jwt, client_id, signer })
    }

    /// The `client_id`, shared by all instances of this wallet.
    #[must_use]
    pub fn client_id(&self) -> &str {
        &self.client_id
    }
}

impl fmt::Debug for ClientAttestation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ClientAttestation").field("client_id", &self.client_id).finish_non_exhaustive()
    }
}

/// Who the wallet is in one issuance.
#[derive(Debug, Clone)]
pub struct Client {
    pub(super) client_id: Option<String>,
    pub(super) attestation: Option<ClientAttestation>,
    pub(super) dpop: DpopKey,
}

impl Client {
    /// A client that names itself by attestation alone.
    #[must_use]
    pub fn attested(attestation: ClientAttestation, dpop: DpopKey) -> Self {
        Self { client_id: Some(attestation.client_id.clone()), attestation: Some(attestation), dpop }
    }

    /// A public client with an agreed identifier.
    #[must_use]
    pub fn public(client_id: String, dpop: DpopKey) -> Self {
        Self { client_id: Some(client_id), attestation: None, dpop }
    }

    /// A client without a name: pre-authorized codes only, where the server takes them so.
    #[must_use]
    pub fn anonymous(dpop: DpopKey) -> Self {
        Self { client_id: None, attestation: None, dpop }
    }

    /// The attestation, if there is one.
    #[must_use]
    pub fn attestation(&self) -> Option<&ClientAttestation> {
        self.attestation.as_ref()
    }

    pub(crate) fn is_attested(&self) -> bool {
        self.attestation.is_some()
    }

    /// Adds the attestation and a fresh proof of its key for this server (CI-12).
    pub(super) fn authenticate(
        &self,
        request: Request,
        server: &Identifier,
        challenge: Option<&str>,
        context: &Context<'_>,
    ) -> Result<Request, SigningFailed> {
        let Some(attestation) = &self.attestation else { return Ok(request) };
        let proof = client_attestation::proof(
            attestation.signer.as_ref(),
            &attestation.client_id,
            server.as_str(),
            challenge,
            context,
        )?;
        Ok(request
            .with_header(client_attestation::HEADER, attestation.jwt.clone())
            .with_header(client_attestation::PROOF_HEADER, proof))
    }
}
