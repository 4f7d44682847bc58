//! Who the wallet is to an authorization server: its DPoP key, and how it authenticates itself: by the attestation of a wallet provider, by the assertion
//! of a client that the server knows (`private_key_jwt`), or not at all.
//!
//! Clauses: draft-ietf-oauth-attestation-based-client-auth-07 sections 5 and 6; OpenID4VCI 1.0 appendix E; HAIP 1.0 section 4.4.1;
//! RFC 7523 section 2.2; CI-12, HA-3.

use std::fmt;
use std::sync::Arc;

use crypto::Signer;
use primitives::http::Request;

use super::{Context, ResolvedOffer, SigningFailed};
use crate::client_assertion;
use crate::client_attestation;
use crate::http;
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
    assertion: Option<AssertionKey>,
    pub(super) dpop: DpopKey,
}

/// The key that a server has of this client.
#[derive(Clone)]
struct AssertionKey(Arc<dyn Signer>);

impl fmt::Debug for AssertionKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("AssertionKey(..)")
    }
}

impl Client {
    /// A client that names itself by attestation alone.
    #[must_use]
    pub fn attested(attestation: ClientAttestation, dpop: DpopKey) -> Self {
        let client_id = Some(attestation.client_id.clone());
        Self { client_id, attestation: Some(attestation), assertion: None, dpop }
    }

    /// A public client with an agreed identifier.
    #[must_use]
    pub fn public(client_id: String, dpop: DpopKey) -> Self {
        Self { client_id: Some(client_id), attestation: None, assertion: None, dpop }
    }

    /// A client that the server knows by this name and this key (`private_key_jwt`).
    #[must_use]
    pub fn registered(client_id: String, key: Arc<dyn Signer>, dpop: DpopKey) -> Self {
        Self { client_id: Some(client_id), attestation: None, assertion: Some(AssertionKey(key)), dpop }
    }

    /// A client without a name: pre-authorized codes only, where the server takes them so.
    #[must_use]
    pub fn anonymous(dpop: DpopKey) -> Self {
        Self { client_id: None, attestation: None, assertion: None, dpop }
    }

    /// The attestation, if there is one.
    #[must_use]
    pub fn attestation(&self) -> Option<&ClientAttestation> {
        self.attestation.as_ref()
    }

    pub(crate) fn is_attested(&self) -> bool {
        self.attestation.is_some()
    }

    /// Adds the attestation and a fresh proof of its key for this server (CI-12), or a fresh assertion to the form (RFC 7523).
    pub(super) fn authenticate(
        &self,
        request: Request,
        server: &Identifier,
        challenge: Option<&str>,
        context: &Context<'_>,
    ) -> Result<Request, SigningFailed> {
        if let (Some(key), Some(client_id)) = (&self.assertion, &self.client_id) {
            let assertion = client_assertion::assertion(key.0.as_ref(), client_id, server.as_str(), context)?;
            let fields = [
                (client_assertion::TYPE_PARAMETER, client_assertion::TYPE),
                (client_assertion::PARAMETER, assertion.as_str()),
            ];
            return Ok(http::with_fields(request, &fields));
        }
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

/// How a client that the profile names is known to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Registration {
    /// By name and key.
    PrivateKeyJwt,
    /// By name alone.
    Public,
}

/// How the wallet names and authenticates itself to a server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClientMethod {
    /// As the client that the profile names, by its key.
    PrivateKeyJwt,
    /// As the client that the profile names, by its name alone.
    RegisteredName,
    /// By wallet attestation; there may be nobody who gives one.
    WalletAttestation,
    /// Not at all.
    Anonymous,
}

impl ResolvedOffer {
    /// How the wallet authenticates itself: by what the server takes and the wallet has, always in this order:
    ///
    /// 1. the registration that the profile names for this very server, if the server takes its method;
    /// 2. a wallet attestation, if the server takes it and there is somebody who gives one (HA-3);
    /// 3. nothing, if the server takes that;
    /// 4. a wallet attestation, if the server takes it: that there is nobody who gives one is said before anything is sent;
    /// 5. nothing: a pre-authorized code may be redeemed so, and without a name there is no authorization code flow.
    #[must_use]
    pub fn client_method(&self, registered: Option<Registration>, attestable: bool) -> ClientMethod {
        let server = &self.server;
        match registered {
            Some(Registration::PrivateKeyJwt) if server.private_key_jwt => ClientMethod::PrivateKeyJwt,
            Some(Registration::Public) if server.public_clients => ClientMethod::RegisteredName,
            _ if server.client_attestation && (attestable || !server.public_clients) => {
                ClientMethod::WalletAttestation
            }
            _ => ClientMethod::Anonymous,
        }
    }
}
