//! What a server has to be given of the clients that the profile names, so that it knows this wallet (HA-3).

use crypto::Signer as _;
use openid4vci::client_assertion::key_id;
use serde_json::{Value, json};

use crate::app::Wallet;
use crate::error::WalletError;

/// A registration, as its server needs it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ClientRegistration {
    /// The server.
    pub server: String,
    /// The `client_id` there.
    pub client_id: String,
    /// The public keys as a JWK set; `None` where the server knows the client by its name alone.
    pub keys: Option<Value>,
}

impl Wallet {
    /// The clients that the profile names, with the public keys that are this wallet's own.
    ///
    /// # Errors
    /// [`WalletError::Locked`]: the keys are derived from the wallet secret.
    pub fn registered_clients(&self) -> Result<Vec<ClientRegistration>, WalletError> {
        self.state().unlocked()?;
        let registration = |client: &crate::profile::RegisteredClient| {
            let keys = match client.key {
                None => None,
                Some(_) => {
                    let key = self.registered_key(client)?.public_key();
                    let jwk = key.to_jwk().with_alg("ES256").with_use("sig").with_kid(key_id(&key));
                    Some(json!({ "keys": [jwk.to_value()] }))
                }
            };
            Ok(ClientRegistration {
                server: client.server.as_str().to_owned(),
                client_id: client.client_id.clone(),
                keys,
            })
        };
        self.profile.clients.iter().map(registration).collect()
    }
}
