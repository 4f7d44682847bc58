//! The wallet provider: asked with a fresh key and its proof, it attests the wallet (draft-ietf-oauth-attestation-based-client-auth;
//! HA-3). It learns neither the citizen nor the agency.

use std::sync::{Mutex, PoisonError};

use crypto::PublicKey;
use crypto::jws::UnverifiedJws;
use openid4vci::client_attestation::{self, AttestationContent};
use openid4vci::replay::ReplayMemory;
use primitives::http::{Method, Request, Response, essence};
use primitives::json;
use serde_json::{Value, json};

use crate::world::{WALLET_PROVIDER, World};

/// `typ` of the proof that a wallet sends.
const PROOF_TYPE: &str = "wallet-instance-proof+jwt";
/// The largest request, in bytes.
const MAX_REQUEST_BYTES: usize = 16 * 1024;
/// How far the proof's time may be from ours, in seconds.
const WINDOW_SECONDS: i64 = 300;
/// How long an attestation is valid, in seconds.
const LIFE_SECONDS: i64 = 24 * 60 * 60;
/// The `sub`, the same for every wallet.
pub const CLIENT_ID: &str = "citizen-wallet";

/// The path at which attestations are asked for.
pub(crate) const PATH: &str = "/attestation";

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
        if request.url.path() != PATH || request.method != Method::Post {
            return Response::new(404, "");
        }
        match self.attest(world, request) {
            Some(jwt) => Response::of_json(200, &json!({ "wallet_attestation": jwt }))
                .with_header("cache-control", "no-store"),
            None => Response::of_json(400, &json!({ "error": "invalid_request" })),
        }
    }

    fn attest(&self, world: &World, request: &Request) -> Option<String> {
        if request.header("content-type").map(essence).as_deref() != Some("application/json") {
            return None;
        }
        let body = json::parse_strict_object(&request.body, MAX_REQUEST_BYTES).ok()?;
        let key = self.proven(world, body.get("proof")?.as_str()?)?;
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

    /// The key whose holder made this proof, for us, now and once.
    fn proven(&self, world: &World, proof: &str) -> Option<PublicKey> {
        let jws = UnverifiedJws::parse_bounded(proof, MAX_REQUEST_BYTES).ok()?;
        let key = *jws.header().jwk()?.key();
        let claims = jws.verify(&key, PROOF_TYPE).ok()?.claims().ok()?;
        let address = format!("{}{PATH}", world.addresses.origin(WALLET_PROVIDER));
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
        seen.first_time(jti, now, now + 2 * WINDOW_SECONDS).then_some(key)
    }
}
