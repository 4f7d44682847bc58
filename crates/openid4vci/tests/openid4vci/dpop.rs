//! DPoP proofs: the vectors of RFC 9449, and a refusal for each check.

use crate::common::now;
use crypto::jws::{HeaderBuilder, JwsError};
use crypto::{PrivateKey, Signer, SystemEntropy};
use openid4vci::dpop::*;
use openid4vci::replay::ReplayMemory;
use primitives::Instant;
use primitives::http::Method;
use serde_json::{Map, Value, json};
use url::Url;

const TOKEN: &str = "token-1";

struct Case {
    key: PrivateKey,
    header: HeaderBuilder,
    payload: Map<String, Value>,
    url: Url,
}

impl Case {
    fn new() -> Self {
        let key = PrivateKey::generate(&SystemEntropy).unwrap();
        let header = HeaderBuilder::new(PROOF_TYP).jwk(&key.public_key().to_jwk());
        let payload = json!({
            "jti": "one", "htm": "POST", "htu": "https://a.example/credential",
            "iat": now().unix_seconds(), "nonce": "n", "ath": access_token_hash(TOKEN),
        });
        let url = Url::parse("https://a.example/credential?x=1").unwrap();
        Self { key, header, payload: payload.as_object().unwrap().clone(), url }
    }

    fn with(mut self, name: &str, value: Value) -> Self {
        self.payload.insert(name.into(), value);
        self
    }

    fn without(mut self, name: &str) -> Self {
        self.payload.shift_remove(name);
        self
    }

    fn proof(&self) -> String {
        self.header.clone().sign_claims(&self.payload, &self.key).unwrap()
    }

    fn check(&self) -> Result<VerifiedProof, DpopError> {
        self.check_headers(&[("DPoP".into(), self.proof())], &mut ReplayMemory::default())
    }

    fn check_headers(
        &self,
        headers: &[(String, String)],
        replay: &mut ReplayMemory,
    ) -> Result<VerifiedProof, DpopError> {
        let thumbprint = primitives::base64url::encode(&self.key.public_key().thumbprint());
        self.check_bound(headers, replay, &thumbprint)
    }

    fn check_bound(
        &self,
        headers: &[(String, String)],
        replay: &mut ReplayMemory,
        thumbprint: &str,
    ) -> Result<VerifiedProof, DpopError> {
        let nonces = ["old".to_owned(), "n".to_owned()];
        let expectation = Expectation {
            target: Target { method: Method::Post, url: &self.url },
            access: Some(BoundToken { token: TOKEN, thumbprint }),
            nonces: Some(&nonces),
            now: now(),
        };
        verify(headers, &expectation, replay)
    }
}

// rule: DP-9
#[test]
fn a_proof_that_holds_passes_whatever_the_query_and_the_default_port() {
    let case = Case::new();
    assert_eq!(case.check().unwrap().key(), &case.key.public_key());
    for same in ["HTTPS://A.example:443/credential", "https://a.example/x/../credential?y#z"] {
        assert!(Case::new().with("htu", json!(same)).check().is_ok(), "{same}");
    }
}

// rule: DP-1
#[test]
fn there_is_exactly_one_proof() {
    let case = Case::new();
    let header = ("DPoP".to_owned(), case.proof());
    let mut replay = ReplayMemory::default();
    assert_eq!(case.check_headers(&[], &mut replay), Err(DpopError::Count));
    assert_eq!(case.check_headers(&[header.clone(), header], &mut replay), Err(DpopError::Count));
}

// rule: DP-2
#[test]
fn a_proof_is_one_jwt_of_bounded_length() {
    let case = Case::new();
    let mut replay = ReplayMemory::default();
    for text in ["x".to_owned(), format!("{0},{0}", case.proof()), "a.".repeat(20_000)] {
        let refused = case.check_headers(&[("dpop".into(), text)], &mut replay);
        assert!(matches!(refused, Err(DpopError::Malformed(_))));
    }
}

// rule: DP-3
#[test]
fn every_claim_is_there() {
    for name in ["jti", "htm", "htu", "iat"] {
        assert_eq!(Case::new().without(name).check(), Err(DpopError::Claims), "{name}");
    }
    assert_eq!(Case::new().with("jti", json!("")).check(), Err(DpopError::Claims));
    assert!(Case::new().with("jti", json!("j".repeat(1024))).check().is_ok());
    assert_eq!(Case::new().with("jti", json!("j".repeat(1025))).check(), Err(DpopError::Claims));
    let mut case = Case::new();
    case.header = HeaderBuilder::new(PROOF_TYP);
    assert_eq!(case.check(), Err(DpopError::Claims));
}

// rule: DP-4
#[test]
fn another_typ_is_refused() {
    let mut case = Case::new();
    case.header = HeaderBuilder::new("jwt").jwk(&case.key.public_key().to_jwk());
    assert_eq!(case.check(), Err(DpopError::Malformed(JwsError::Type)));
}

// rule: DP-5
#[test]
fn another_algorithm_is_refused() {
    let case = Case::new();
    for alg in ["none", "HS256", "ES384"] {
        let header = json!({ "typ": PROOF_TYP, "alg": alg, "jwk": case.key.public_key().to_jwk() });
        let proof = case.proof();
        let rest = proof.split_once('.').unwrap().1;
        let forged = format!("{}.{rest}", primitives::base64url::encode(header.to_string().as_bytes()));
        let refused = case.check_headers(&[("dpop".into(), forged)], &mut ReplayMemory::default());
        assert_eq!(refused, Err(DpopError::Malformed(JwsError::Algorithm)), "{alg}");
    }
}

// rule: DP-6
#[test]
fn a_false_signature_is_refused() {
    let mut case = Case::new();
    let other = PrivateKey::generate(&SystemEntropy).unwrap();
    case.header = HeaderBuilder::new(PROOF_TYP).jwk(&other.public_key().to_jwk());
    assert_eq!(case.check(), Err(DpopError::Signature));
}

// rule: DP-7
#[test]
fn a_private_key_in_the_header_is_refused() {
    let mut case = Case::new();
    let mut jwk = case.key.public_key().to_jwk().to_value();
    jwk["d"] = json!("AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAE");
    case.header = HeaderBuilder::new(PROOF_TYP).member("jwk", jwk);
    assert_eq!(case.check(), Err(DpopError::Malformed(JwsError::HeaderKey)));
}

// rule: DP-8
#[test]
fn another_method_is_refused() {
    assert_eq!(Case::new().with("htm", json!("GET")).check(), Err(DpopError::Method));
    assert_eq!(Case::new().with("htm", json!("post")).check(), Err(DpopError::Method));
}

// rule: DP-9
#[test]
fn another_address_is_refused() {
    for other in ["https://b.example/credential", "https://a.example/", "http://a.example/credential", "x"] {
        assert_eq!(Case::new().with("htu", json!(other)).check(), Err(DpopError::Address), "{other}");
    }
}

// rule: DP-10
#[test]
fn a_missing_or_unknown_nonce_is_refused() {
    assert_eq!(Case::new().without("nonce").check(), Err(DpopError::Nonce));
    assert_eq!(Case::new().with("nonce", json!("other")).check(), Err(DpopError::Nonce));
    assert!(Case::new().with("nonce", json!("old")).check().is_ok());
}

// rule: DP-11
#[test]
fn a_proof_of_another_time_is_refused() {
    let at = |offset: i64| Case::new().with("iat", json!(now().unix_seconds() + offset)).check();
    assert!(at(IAT_WINDOW_SECONDS).is_ok() && at(-IAT_WINDOW_SECONDS).is_ok());
    assert_eq!(at(IAT_WINDOW_SECONDS + 1), Err(DpopError::Time));
    assert_eq!(at(-IAT_WINDOW_SECONDS - 1), Err(DpopError::Time));
    assert_eq!(Case::new().with("iat", json!(i64::MIN)).check(), Err(DpopError::Time));
}

// rule: DP-12
#[test]
fn a_missing_or_other_token_hash_is_refused() {
    assert_eq!(Case::new().without("ath").check(), Err(DpopError::TokenHash));
    let other = Case::new().with("ath", json!(access_token_hash("other")));
    assert_eq!(other.check(), Err(DpopError::TokenHash));
}

// rule: DP-13
#[test]
fn a_proof_by_another_key_than_the_tokens_is_refused() {
    let case = Case::new();
    let headers = [("dpop".to_owned(), case.proof())];
    let other = primitives::base64url::encode(&[7; 32]);
    let refused = case.check_bound(&headers, &mut ReplayMemory::default(), &other);
    assert_eq!(refused, Err(DpopError::TokenKey));
}

// rule: DP-14
#[test]
fn a_proof_is_taken_once() {
    let case = Case::new();
    let headers = [("dpop".to_owned(), case.proof())];
    let mut replay = ReplayMemory::default();
    assert!(case.check_headers(&headers, &mut replay).is_ok());
    assert_eq!(case.check_headers(&headers, &mut replay), Err(DpopError::Replayed));
}

// rule: DP-15, DP-16
#[test]
fn the_holders_proof_passes_and_is_never_the_same() {
    let case = Case::new();
    let target = Target { method: Method::Post, url: &case.url };
    let make = || proof(&case.key, &target, Some("n"), Some(TOKEN), now(), &SystemEntropy).unwrap();
    let (first, second) = (make(), make());
    let claims = |it: &str| crypto::jws::UnverifiedJws::parse(it).unwrap().dangerous_claims().unwrap();
    assert_ne!(claims(&first)["jti"], claims(&second)["jti"]);
    assert!(claims(&first)["jti"].as_str().unwrap().len() >= 16);
    assert_eq!(claims(&first)["htu"], "https://a.example/credential");
    let mut replay = ReplayMemory::default();
    assert!(case.check_headers(&[("dpop".into(), first)], &mut replay).is_ok());
    assert!(case.check_headers(&[("dpop".into(), second)], &mut replay).is_ok());
}

// rule: DP-6, DP-12, DP-13
#[test]
fn the_proofs_of_rfc_9449_hold() {
    let Some(file) = crate::vectors::read("jose/dpop.json") else { return };
    assert_eq!(access_token_hash(file["access_token"].as_str().unwrap()), file["ath"].as_str().unwrap());
    let cases = file["cases"].as_array().unwrap();
    let mut run = 0;
    for case in cases {
        let payload = &case["payload"];
        let url = Url::parse(payload["htu"].as_str().unwrap()).unwrap();
        let method = if payload["htm"] == "POST" { Method::Post } else { Method::Get };
        let token = case["access_token"].as_str();
        let expectation = Expectation {
            target: Target { method, url: &url },
            access: token.map(|token| BoundToken { token, thumbprint: file["jkt"].as_str().unwrap() }),
            nonces: None,
            now: Instant::from_unix_seconds(payload["iat"].as_i64().unwrap()),
        };
        let headers = [("DPoP".to_owned(), case["proof"].as_str().unwrap().to_owned())];
        let proof = verify(&headers, &expectation, &mut ReplayMemory::default()).unwrap();
        assert_eq!(proof.thumbprint(), case["jkt"].as_str().unwrap());
        run += 1;
    }
    assert!(run > 0);
}
