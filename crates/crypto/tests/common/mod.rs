//! Reading the shared vectors.
#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    clippy::print_stdout
)]

use serde_json::Value;

/// The vector file, or `None` with a line saying what was left out.
pub(crate) fn vectors(file: &str) -> Option<Value> {
    let folder = folder();
    match std::fs::read(format!("{folder}/{file}")) {
        Ok(bytes) => Some(serde_json::from_slice(&bytes).unwrap()),
        Err(_) => {
            println!("left out: all cases of {file} (vectors absent)");
            None
        }
    }
}

pub(crate) fn folder() -> String {
    std::env::var("CITIZEN_WALLET_VECTORS")
        .unwrap_or_else(|_| concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors").to_owned())
}

/// The private key of a vector's JWK. Shipped code never reads one.
pub(crate) fn private_key(jwk: &Value) -> crypto::PrivateKey {
    let scalar = primitives::base64url::decode(jwk["d"].as_str().unwrap()).unwrap();
    crypto::PrivateKey::from_scalar(&crypto::SecretBytes::from_slice(&scalar).unwrap()).unwrap()
}

/// The public half of a vector's JWK, which may be private.
pub(crate) fn public_jwk(jwk: &Value) -> Result<crypto::PublicJwk, crypto::jwk::JwkError> {
    let mut jwk = jwk.clone();
    jwk.as_object_mut().unwrap().remove("d");
    crypto::PublicJwk::from_value(&jwk)
}
