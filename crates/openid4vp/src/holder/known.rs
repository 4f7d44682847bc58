//! The verifiers that a profile knows by name: clients registered in advance (OpenID4VP 1.0 section 5.9.2; VP-C1, VP-R8), DIDs (VP-C5), and
//! those who attest verifiers (VP-C6). What is not here is authenticated at best, and never entitled.

use crypto::{Jwks, PublicKey};
use primitives::LocalizedText;
use serde_json::Value;
use trust::{AnchorStore, Registrar};

use crate::client::{ClientId, ClientIdPrefix};
use crate::limits;
use crate::metadata::ClientMetadata;

/// Whom the profile knows beside the anchors. Empty by default: nobody.
#[derive(Debug, Clone, Default)]
pub struct KnownVerifiers {
    /// Clients registered in advance.
    pub clients: Vec<KnownClient>,
    /// DIDs that are known to belong to somebody.
    pub dids: Vec<KnownDid>,
    /// Those whose attestations are believed.
    pub attesters: Vec<Attester>,
}

/// Nobody is known by name.
pub(crate) static NOBODY: KnownVerifiers =
    KnownVerifiers { clients: Vec::new(), dids: Vec::new(), attesters: Vec::new() };

/// A client registered in advance.
#[derive(Debug, Clone)]
pub struct KnownClient {
    pub(crate) id: ClientId,
    pub(crate) name: LocalizedText,
    pub(crate) response_uris: Vec<String>,
    pub(crate) request_keys: Jwks,
    pub(crate) metadata: Option<ClientMetadata>,
}

/// A DID that belongs to somebody.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KnownDid {
    /// The DID, without the prefix of the client identifier.
    pub did: String,
    /// Whose it is.
    pub name: LocalizedText,
}

/// Somebody who attests verifiers.
#[derive(Debug, Clone)]
pub struct Attester {
    /// Its `iss`, compared character by character.
    pub issuer: String,
    /// What its attestations are signed with.
    pub keys: AttesterKeys,
}

/// What attestations are signed with.
#[derive(Debug, Clone)]
pub enum AttesterKeys {
    /// One of these keys, by `kid` if there are several.
    Keys(Jwks),
    /// The key of a certificate under one of these anchors, in `x5c`.
    Anchors(AnchorStore<Registrar>),
}

/// Why a client cannot be registered.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum KnownClientError {
    /// The identifier is empty, too long, or begins with a prefix that has a meaning of its own (section 5.9.2).
    #[error("the client identifier cannot be registered in advance")]
    ClientId,
    /// No address for answers, or more than [`limits::MAX_RESPONSE_URIS`].
    #[error("the client has no address for answers, or too many")]
    ResponseUris,
    /// The metadata is malformed.
    #[error("the metadata of the client is malformed")]
    Metadata,
}

impl KnownClient {
    /// Registers a client: its name, the only addresses that its answers may go to, the keys that its requests are signed with (none: it does
    /// not sign), and what else would stand in `client_metadata` (`None`: its requests say it).
    ///
    /// # Errors
    /// [`KnownClientError`].
    pub fn new(
        id: &str,
        name: LocalizedText,
        response_uris: Vec<String>,
        request_keys: Jwks,
        metadata: Option<&Value>,
    ) -> Result<Self, KnownClientError> {
        let id = ClientId::new(id).ok_or(KnownClientError::ClientId)?;
        if !matches!(id.prefix(), ClientIdPrefix::PreRegistered | ClientIdPrefix::Unknown) {
            return Err(KnownClientError::ClientId);
        }
        if response_uris.is_empty() || response_uris.len() > limits::MAX_RESPONSE_URIS {
            return Err(KnownClientError::ResponseUris);
        }
        let metadata = metadata.map(ClientMetadata::parse).transpose();
        let metadata = metadata.map_err(|_| KnownClientError::Metadata)?;
        Ok(Self { id, name, response_uris, request_keys, metadata })
    }

    /// Its whole client identifier.
    #[must_use]
    pub fn id(&self) -> &str {
        self.id.as_str()
    }

    /// Whether its requests are signed.
    #[must_use]
    pub fn signs(&self) -> bool {
        !self.request_keys.keys().is_empty()
    }
}

impl KnownVerifiers {
    pub(crate) fn client(&self, id: &ClientId) -> Option<&KnownClient> {
        self.clients.iter().find(|client| client.id == *id)
    }

    pub(crate) fn did(&self, did: &str) -> Option<&KnownDid> {
        self.dids.iter().find(|known| known.did == did)
    }

    pub(crate) fn attester(&self, issuer: &str) -> Option<&Attester> {
        self.attesters.iter().find(|attester| attester.issuer == issuer)
    }
}

/// The key of a set that verifies signatures: the one with that `kid`, or the only one where no `kid` says which.
pub(crate) fn chosen<'k>(keys: &'k Jwks, kid: Option<&str>) -> Option<&'k PublicKey> {
    let key = match (kid, keys.keys()) {
        (Some(kid), _) => keys.by_kid(kid)?,
        (None, [only]) => only,
        (None, _) => return None,
    };
    key.verification_key().ok()
}
