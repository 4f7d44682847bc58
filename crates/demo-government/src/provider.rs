//! The wallet provider: asked with a fresh key and its proof, it attests the wallet (draft-ietf-oauth-attestation-based-client-auth;
//! HA-3); asked with proofs of a batch of holder keys and an agency's nonce, it attests those keys, all in one (OpenID4VCI 1.0
//! appendix D; CI-18, HA-4). It learns neither the citizen nor the agency. It knows the wallet for one with software keys, and
//! says no more of them.

use std::sync::{Mutex, PoisonError};

use crypto::PublicKey;
use crypto::jws::UnverifiedJws;
use openid4vci::client_attestation::{self, AttestationContent};
use openid4vci::key_attestation::{self, ISO_18045_BASIC};
use openid4vci::replay::ReplayMemory;
use primitives::http::{Method, Request, Response, essence};
use primitives::json;
use serde_json::{Map, Value, json};

use crate::world::{WALLET_PROVIDER, World};

/// `typ` of the proof that a wallet sends.
const PROOF_TYPE: &str = "wallet-instance-proof+jwt";
/// `typ` of the proof of a holder key.
const KEY_PROOF_TYPE: &str = "wallet-key-proof+jwt";
/// The largest request, in bytes.
const MAX_REQUEST_BYTES: usize = 16 * 1024;
/// The most keys in one attestation.
const MAX_KEYS: usize = 20;
/// How far the proof's time may be from ours, in seconds.
const WINDOW_SECONDS: i64 = 300;
/// How long an attestation is valid, in seconds.
const LIFE_SECONDS: i64 = 24 * 60 * 60;
/// The `sub`, the same for every wallet.
pub const CLIENT_ID: &str = "citizen-wallet";

/// The path at which attestations are asked for.
pub(crate) const PATH: &str = "/attestation";

/// The path at which attestations of holder keys are asked for.
pub(crate) const KEYS_PATH: &str = "/key-attestation";
/// How long an attestation of keys is valid, in seconds: it is used at once.
const KEYS_LIFE_SECONDS: i64 = 600;

/// Proofs that were seen.
pub(crate) struct Provider {
    seen: Mutex<ReplayMemory>,
}

impl Provider {
    pub(crate) fn new() -> Self {
        Self { seen: Mutex::new(ReplayMemory::default()) }
    }

    /// Answers requests to `wallet-provider.localhost`.
    pub(crate) fn answer(&self, world: &World, request: &Request) -> Response {
        let (name, attested) = match (request.method, request.url.path()) {
            (Method::Post, PATH) => ("wallet_attestation", self.attest(world, request)),
            (Method::Post, KEYS_PATH) => ("key_attestation", self.attest_keys(world, request)),
            _ => return Response::new(404, ""),
        };
        match attested {
            Some(jwt) => {
                Response::of_json(200, &json!({ name: jwt })).with_header("cache-control", "no-store")
            }
            None => Response::of_json(400, &json!({ "error": "invalid_request" })),
        }
    }

    fn body(request: &Request) -> Option<Map<String, Value>> {
        let typed = request.header("content-type").map(essence).as_deref() == Some("application/json");
        json::parse_strict_object(&request.body, MAX_REQUEST_BYTES).ok().filter(|_| typed)
    }

    fn attest_keys(&self, world: &World, request: &Request) -> Option<String> {
        let body = Self::body(request)?;
        let nonce = body.get("nonce").map(|it| it.as_str().filter(|it| !it.is_empty()).ok_or(())).transpose();
        let nonce = nonce.ok()?;
        let proofs = body.get("key_proofs")?.as_array().filter(|it| (1..=MAX_KEYS).contains(&it.len()))?;
        let proven = |proof: &Value| {
            let (key, claims) = self.proven(world, proof.as_str()?, KEY_PROOF_TYPE, KEYS_PATH)?;
            // each key was proven for this request
            (claims.get("nonce").and_then(Value::as_str) == nonce).then_some(key)
        };
        let keys = proofs.iter().map(proven).collect::<Option<Vec<PublicKey>>>()?;
        let now = world.now();
        let content = key_attestation::Content {
            keys: &keys,
            nonce,
            key_storage: &[ISO_18045_BASIC],
            user_authentication: &[],
            issued_at: now,
            expires_at: now + KEYS_LIFE_SECONDS,
        };
        let party = &world.pki.wallet_provider;
        key_attestation::issue(&content, &party.chain, &party.key).ok()
    }

    fn attest(&self, world: &World, request: &Request) -> Option<String> {
        let body = Self::body(request)?;
        let (key, _) = self.proven(world, body.get("proof")?.as_str()?, PROOF_TYPE, PATH)?;
        let now = world.now();
        let provider = world.addresses.origin(WALLET_PROVIDER);
        let content = AttestationContent {
            provider: &provider,
            client_id: CLIENT_ID,
            wallet_name: Some("시민지갑 (시연용)"),
            key: &key,
            issued_at: now,
            expires_at: now + LIFE_SECONDS,
        };
        let party = &world.pki.wallet_provider;
        client_attestation::issue(&content, &party.chain, &party.key).ok()
    }

    /// The key whose holder made this proof, for this address of ours, now and once, and what it says.
    fn proven(
        &self,
        world: &World,
        proof: &str,
        typ: &str,
        path: &str,
    ) -> Option<(PublicKey, Map<String, Value>)> {
        let jws = UnverifiedJws::parse_bounded(proof, MAX_REQUEST_BYTES).ok()?;
        let key = *jws.header().jwk()?.key();
        let claims = jws.verify(&key, typ).ok()?.claims().ok()?;
        let address = format!("{}{path}", world.addresses.origin(WALLET_PROVIDER));
        if claims.get("aud").and_then(Value::as_str) != Some(address.as_str()) {
            return None;
        }
        let now = world.now();
        let issued_at = claims.get("iat").and_then(Value::as_i64)?;
        if now.unix_seconds().abs_diff(issued_at) > WINDOW_SECONDS.unsigned_abs() {
            return None;
        }
        let jti = claims.get("jti").and_then(Value::as_str).filter(|jti| !jti.is_empty())?;
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        let first = seen.first_time(&format!("{typ} {jti}"), now, now + 2 * WINDOW_SECONDS);
        first.then_some((key, claims))
    }
}
