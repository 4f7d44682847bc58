//! A wallet provider, and an issuer that asks for what it attests.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use crypto::jws::{HeaderBuilder, UnverifiedJws};
use crypto::{PrivateKey, PublicKey};
use openid4vci::holder::*;
use openid4vci::key_attestation::{self, Content, ISO_18045_BASIC};
use openid4vci::metadata::{IssuerMetadata, KeyAttestationPower};
use primitives::http::{Request, Response};
use serde_json::{Map, Value, json};
use trust::CertificateChain;

use super::{World, identifier, issuer_json, now};

/// Software keys under a keyring.
pub const SOFTWARE: KeyAttestationPower =
    KeyAttestationPower { available: true, key_storage: &[ISO_18045_BASIC], user_authentication: &[] };

pub type Alter = Arc<dyn Fn(&mut Map<String, Value>) + Send + Sync>;

/// A wallet provider: at once, or by a request.
pub struct Provider {
    pub chain: CertificateChain,
    pub key: PrivateKey,
    pub power: KeyAttestationPower,
    pub alter: Alter,
    pub by_request: bool,
    pub asked: AtomicUsize,
}

impl Provider {
    pub fn of(world: &World) -> Self {
        Self {
            chain: world.provider.chain.clone(),
            key: world.provider.key.clone(),
            power: SOFTWARE,
            alter: Arc::new(|_| ()),
            by_request: false,
            asked: AtomicUsize::new(0),
        }
    }

    pub fn attestation(&self, keys: &[PublicKey], nonce: Option<&str>) -> String {
        let content = Content {
            keys,
            nonce,
            key_storage: self.power.key_storage,
            user_authentication: self.power.user_authentication,
            issued_at: now(),
            expires_at: now() + 600,
        };
        let jwt = key_attestation::issue(&content, &self.chain, &self.key).unwrap();
        let mut claims = UnverifiedJws::parse(&jwt).unwrap().dangerous_claims().unwrap();
        (self.alter)(&mut claims);
        let header = HeaderBuilder::new(key_attestation::TYP).x5c(&self.chain.to_der());
        header.sign_claims(&claims, &self.key).unwrap()
    }
}

impl KeyAttestor for Provider {
    fn power(&self) -> KeyAttestationPower {
        self.power
    }

    fn ask(
        &self,
        keys: &[HolderKey],
        nonce: Option<&str>,
        _context: &Context<'_>,
    ) -> Result<Attesting, SigningFailed> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        let keys: Vec<PublicKey> = keys.iter().map(|key| key.signer().public_key()).collect();
        let attestation = self.attestation(&keys, nonce);
        if !self.by_request {
            return Ok(Attesting::Done(attestation));
        }
        let url = "https://provider.example/keys".parse().unwrap();
        Ok(Attesting::Ask(Box::new(Request::post_json(url, &json!({ "made": attestation })))))
    }

    fn answer(&self, response: &Response) -> Option<String> {
        response.json().ok()?.get("made")?.as_str().map(str::to_owned)
    }
}

pub fn es256(requirement: Option<Value>) -> Value {
    let mut proof = json!({ "proof_signing_alg_values_supported": ["ES256"] });
    if let Some(requirement) = requirement {
        proof["key_attestations_required"] = requirement;
    }
    proof
}

pub fn metadata(types: Value) -> IssuerMetadata {
    let mut json = issuer_json();
    json["credential_configurations_supported"]["resident"]["proof_types_supported"] = types;
    IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap()
}

pub fn world(types: Value) -> World {
    let mut world = World::new();
    world.metadata = metadata(types);
    world.policy.keys = SOFTWARE;
    world
}

pub fn by_jwt() -> World {
    world(json!({ "jwt": es256(Some(json!({}))) }))
}

pub fn by_attestation() -> World {
    world(json!({ "attestation": es256(None) }))
}

pub fn exchange(world: &mut World, keys: usize, provider: Arc<Provider>) -> CredentialExchange {
    let authorized = world.authorized(&["resident"]);
    let paper = authorized.papers()[0].clone();
    let keys = world.keys(keys);
    authorized.request_credential(&paper, keys, Some(provider), &world.context()).unwrap()
}
