//! A party that signs requests with a key of its own, whatever vouches for it.

use crypto::jws::HeaderBuilder;
use crypto::{PrivateKey, PublicJwk, Signer};
use openid4vp::holder::{AuthenticatedRequest, Policy, RequestError as E, Unauthenticated};
use primitives::{LocalizedText, base64url};
use serde_json::{Value, json};

use super::{World, link};

pub const WARN: Policy = Policy { unauthenticated: Unauthenticated::Warn, ..Policy::STRICT };
pub const TYPE: &str = "oauth-authz-req+jwt";

pub struct Signs {
    pub world: World,
    pub key: PrivateKey,
}

impl Signs {
    pub fn new() -> Self {
        let world = World { policy: WARN, ..World::new() };
        let key = PrivateKey::generate(&world.entropy).unwrap();
        Self { world, key }
    }

    pub fn jwk(&self) -> Value {
        PublicJwk::new(self.key.public_key()).to_value()
    }

    pub fn did_jwk(&self) -> String {
        format!("did:jwk:{}", base64url::encode(self.jwk().to_string().as_bytes()))
    }

    /// The claims of a good request of this client.
    pub fn claims(&self, client_id: &str, changes: Value) -> serde_json::Map<String, Value> {
        let mut claims = self.world.claims();
        claims.insert("client_id".to_owned(), json!(client_id));
        for (name, value) in changes.as_object().unwrap() {
            match value {
                Value::Null => claims.remove(name),
                value => claims.insert(name.clone(), value.clone()),
            };
        }
        claims
    }

    pub fn receive(
        &self,
        client_id: &str,
        header: HeaderBuilder,
        key: &PrivateKey,
    ) -> Result<AuthenticatedRequest, E> {
        self.receive_with(client_id, header, key, json!({}))
    }

    pub fn receive_with(
        &self,
        client_id: &str,
        header: HeaderBuilder,
        key: &PrivateKey,
        changes: Value,
    ) -> Result<AuthenticatedRequest, E> {
        let object = header.sign_claims(&self.claims(client_id, changes), key).unwrap();
        self.world.receive_object(&link(client_id), &object)
    }

    pub fn did(&self, did: &str, kid: &str) -> Result<AuthenticatedRequest, E> {
        self.receive(&format!("decentralized_identifier:{did}"), HeaderBuilder::new(TYPE).kid(kid), &self.key)
    }
}

pub fn name(text: &str) -> LocalizedText {
    LocalizedText::new(text, text)
}
