//! Who the wallet is for an issuer, and the keys of the copies that it asks for.
//!
//! The keys by which a server knows this wallet are fresh for each issuance and kept with what it grants, so that copies can be fetched anew
//! under the same name (RFC 9449 section 5; draft-ietf-oauth-attestation-based-client-auth-07, binding of refresh tokens).

use std::sync::Arc;

use crypto::PrivateKey;
use crypto::derive::Purpose;
use openid4vci::holder::{
    Authorized, Client, ClientMethod, Context, CredentialExchange, CredentialFailure, DpopKey, HolderKey,
    PaperRequest, Registration, ResolvedOffer,
};
use openid4vci::metadata::ProofSupport;
use primitives::NonEmpty;
use serde::{Deserialize, Serialize};
use vault::{SessionId, StoreError};

use super::COPIES_WANTED;
use crate::app::Wallet;
use crate::error::WalletError;
use crate::flow::Fault;
use crate::profile::RegisteredClient;

/// The salts of the keys by which a server knows this wallet.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct ClientKeys {
    dpop: String,
    attestation: String,
}

impl Wallet {
    /// Fresh keys for one issuance.
    pub(super) fn fresh_client_keys(&self) -> Result<ClientKeys, Fault> {
        let salt = || {
            let mut salt = [0u8; 32];
            self.ports.entropy.fill(&mut salt).map_err(|error| Fault::Wallet(error.into()))?;
            Ok::<_, Fault>(primitives::base64url::encode(&salt))
        };
        Ok(ClientKeys { dpop: salt()?, attestation: salt()? })
    }

    /// Who the wallet is for this issuer: the client that the profile names for its server, an attested wallet, or nobody in particular (HA-3).
    pub(super) async fn client(&self, resolved: &ResolvedOffer, keys: &ClientKeys) -> Result<Client, Fault> {
        let dpop = self.known_session_key(&keys.dpop)?;
        let known = self.profile.clients.iter().find(|it| it.server == resolved.server().issuer);
        let registration =
            known.map(|it| if it.key.is_some() { Registration::PrivateKeyJwt } else { Registration::Public });
        let attestable = self.profile.wallet_provider.is_some();
        match (resolved.client_method(registration, attestable), known) {
            (ClientMethod::PrivateKeyJwt, Some(known)) => {
                let key = self.registered_key(known).map_err(Fault::Wallet)?;
                Ok(Client::registered(known.client_id.clone(), Arc::new(key), dpop))
            }
            (ClientMethod::RegisteredName, Some(known)) => Ok(Client::public(known.client_id.clone(), dpop)),
            (ClientMethod::WalletAttestation, _) => {
                let key = self.session_key(Purpose::Attestation, &keys.attestation)?;
                Ok(Client::attested(self.attest(key).await?, dpop))
            }
            _ => Ok(Client::anonymous(dpop)),
        }
    }

    /// Asks for one paper: with fresh keys, attested where the issuer demands it, or with none for what is bound to none.
    pub(super) fn ask_for(
        &self,
        authorized: Authorized,
        paper: &PaperRequest,
        session: SessionId,
        context: &Context<'_>,
    ) -> Result<Result<CredentialExchange, CredentialFailure>, Fault> {
        let unbound = authorized.configuration(paper).is_some_and(|it| it.proof == ProofSupport::Unbound);
        if unbound {
            return Ok(authorized.request_unbound_credential(paper, context));
        }
        let keys = self.holder_keys(&authorized, session)?;
        Ok(authorized.request_credential(paper, keys, self.key_attestor(), context))
    }

    /// The key by which a server knows this wallet. It is derived from the wallet secret, the server and the name of the key, and is the same as long as the
    /// profile names it: the server was given its public half beforehand.
    pub(crate) fn registered_key(&self, client: &RegisteredClient) -> Result<PrivateKey, WalletError> {
        let name = client.key.as_deref().unwrap_or_default();
        // the salt of a key that has to be found again without being stored
        let salt = crypto::sha256(format!("client key\0{}\0{name}", client.server.as_str()).as_bytes());
        let mut state = self.state();
        Ok(state.unlocked()?.session_key(Purpose::ClientAuthentication, &salt))
    }

    /// The DPoP key of a stored session, from the salt that is its reference.
    pub(crate) fn known_session_key(&self, reference: &str) -> Result<DpopKey, Fault> {
        Ok(DpopKey::new(self.session_key(Purpose::Dpop, reference)?, reference.to_owned()))
    }

    /// A key of a session, from the salt that is its reference.
    fn session_key(&self, purpose: Purpose, reference: &str) -> Result<Arc<PrivateKey>, Fault> {
        let salt: [u8; 32] = primitives::base64url::decode(reference)
            .ok()
            .and_then(|salt| salt.try_into().ok())
            .ok_or_else(|| Fault::Wallet(StoreError::Damaged.into()))?;
        let mut state = self.state();
        let vault = state.unlocked().map_err(Fault::Wallet)?;
        Ok(Arc::new(vault.session_key(purpose, &salt)))
    }

    /// Fresh holder keys for the copies of one paper, durable before any proof is made with them.
    pub(super) fn holder_keys(
        &self,
        authorized: &Authorized,
        session: SessionId,
    ) -> Result<NonEmpty<HolderKey>, Fault> {
        let count = authorized.batch_size().clamp(1, COPIES_WANTED) as usize;
        let (entropy, now) = (Arc::clone(&self.ports.entropy), self.now());
        let reserved = self
            .transaction(|transaction| transaction.reserve_keys(session, count, entropy.as_ref(), now))
            .map_err(Fault::Wallet)?;
        let mut state = self.state();
        let vault = state.unlocked().map_err(Fault::Wallet)?;
        let keys = reserved
            .into_iter()
            .map(|reserved| {
                let key = vault.holder_key(&reserved.key_ref)?;
                Ok(HolderKey::new(Arc::new(key), reserved.id.to_string()))
            })
            .collect::<Result<Vec<_>, StoreError>>()
            .map_err(|error| Fault::Wallet(error.into()))?;
        NonEmpty::new(keys).map_err(|_| Fault::Wallet(WalletError::Store(StoreError::NoRandomness)))
    }
}
