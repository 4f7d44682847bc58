//! The key attestation as an issuer checks it: one refusal for each check, alone and inside a credential request.

use std::sync::Arc;

use crate::common::provider::*;
use crate::common::*;
use crypto::jws::{HeaderBuilder, UnverifiedJws};
use crypto::{PrivateKey, PublicKey, Signer};
use openid4vci::holder::*;
use openid4vci::issuer::*;
use openid4vci::key_attestation::{self, Expectation, KeyAttestationError};
use openid4vci::metadata::{KeyAttestationPower, KeyAttestationRequirement};
use openid4vci::oauth::OAuthErrorCode;
use serde_json::{Map, Value, json};

/// An attestation as an issuer sees it, to be altered.
struct Attested {
    world: World,
    header: HeaderBuilder,
    claims: Map<String, Value>,
    signer: PrivateKey,
    requirement: KeyAttestationRequirement,
    expires: bool,
}

impl Attested {
    fn new() -> Self {
        let world = World::new();
        let keys: Vec<Value> = (0..2)
            .map(|_| PrivateKey::generate(&world.entropy).unwrap().public_key().to_jwk().to_value())
            .collect();
        let seconds = now().unix_seconds();
        let claims = json!({
            "iat": seconds, "exp": seconds + 60, "attested_keys": keys, "nonce": "n",
            "key_storage": ["iso_18045_moderate", "iso_18045_basic"],
            "user_authentication": ["iso_18045_basic"],
        });
        Self {
            header: HeaderBuilder::new(key_attestation::TYP).x5c(&world.provider.chain.to_der()),
            claims: claims.as_object().unwrap().clone(),
            signer: world.provider.key.clone(),
            requirement: KeyAttestationRequirement::default(),
            expires: true,
            world,
        }
    }

    fn check(&self) -> Result<usize, KeyAttestationError> {
        let jwt = self.header.clone().sign_claims(&self.claims, &self.signer).unwrap();
        let expectation = Expectation {
            providers: self.world.gate.providers(),
            requirement: &self.requirement,
            expires: self.expires,
            now: now(),
        };
        let verified = key_attestation::verify(&jwt, &expectation)?;
        assert_eq!(verified.nonce(), Some("n"));
        Ok(verified.keys().len())
    }
}

fn altered(alter: impl FnOnce(&mut Attested)) -> Result<usize, KeyAttestationError> {
    let mut case = Attested::new();
    alter(&mut case);
    case.check()
}

// rule: CI-18, HA-4
#[test]
fn a_key_attestation_that_does_not_hold_is_refused() {
    use KeyAttestationError as Error;
    let seconds = now().unix_seconds();
    let set =
        |name: &'static str, value: Value| altered(move |it| drop(it.claims.insert(name.into(), value)));
    let without = |name: &'static str| altered(move |it| drop(it.claims.shift_remove(name)));
    assert_eq!(Attested::new().check(), Ok(2));
    // its type, its signature, its signer
    let typ = altered(|it| it.header = HeaderBuilder::new("JWT").x5c(&it.world.provider.chain.to_der()));
    assert!(matches!(typ, Err(Error::Jwt(_))));
    let signature = altered(|it| it.signer = PrivateKey::generate(&it.world.entropy).unwrap());
    assert!(matches!(signature, Err(Error::Jwt(_))));
    let stranger = altered(|it| {
        it.header = HeaderBuilder::new(key_attestation::TYP).x5c(&it.world.stranger.chain.to_der());
        it.signer = it.world.stranger.key.clone();
    });
    assert!(matches!(stranger, Err(Error::Chain(_))));
    let no_chain = altered(|it| it.header = HeaderBuilder::new(key_attestation::TYP));
    assert_eq!(no_chain, Err(Error::Incomplete));
    // HA-4: the anchor is not sent along
    let with_anchor = altered(|it| {
        let mut chain = it.world.provider.chain.to_der();
        chain.push(it.world.provider.root.der().to_vec());
        it.header = HeaderBuilder::new(key_attestation::TYP).x5c(&chain);
    });
    assert!(matches!(with_anchor, Err(Error::Chain(_))));
    // its times
    assert_eq!(without("iat"), Err(Error::Incomplete));
    assert_eq!(set("iat", json!(seconds + 301)), Err(Error::Expired));
    assert_eq!(set("iat", json!(seconds + 300)), Ok(2));
    assert_eq!(set("exp", json!(seconds + 1)), Ok(2));
    assert_eq!(without("exp"), Err(Error::Incomplete));
    assert_eq!(set("exp", json!(seconds)), Err(Error::Expired));
    assert_eq!(set("exp", json!("soon")), Err(Error::Incomplete));
    let alone = |it: &mut Attested| it.expires = false;
    assert_eq!(
        altered(|it| {
            alone(it);
            it.claims.shift_remove("exp");
        }),
        Ok(2),
        "without a jwt proof it need not end"
    );
    let ended = altered(|it| {
        alone(it);
        it.claims.insert("exp".into(), json!(seconds));
    });
    assert_eq!(ended, Err(Error::Expired), "but if it ends, that counts");
    // its keys
    assert_eq!(without("attested_keys"), Err(Error::Incomplete));
    assert_eq!(set("attested_keys", json!([])), Err(Error::Incomplete));
    let twice = altered(|it| {
        let key = it.claims["attested_keys"][0].clone();
        it.claims.insert("attested_keys".into(), json!([key, key]));
    });
    assert_eq!(twice, Err(Error::KeyTwice));
    let private = altered(|it| it.claims["attested_keys"][0]["d"] = json!("AAAA"));
    assert_eq!(private, Err(Error::Incomplete));
    let many = altered(|it| {
        let key = it.claims["attested_keys"][0].clone();
        it.claims.insert("attested_keys".into(), json!(vec![key; key_attestation::ATTESTED_KEYS_MAX + 1]));
    });
    assert_eq!(many, Err(Error::Incomplete));
    let most = altered(|it| {
        let key = it.claims["attested_keys"][0].clone();
        it.claims.insert("attested_keys".into(), json!(vec![key; key_attestation::ATTESTED_KEYS_MAX]));
    });
    assert_eq!(most, Err(Error::KeyTwice), "as many as there may be are looked at");
    // what it says of them
    let storage =
        |wanted: &str| altered(|it| it.requirement.key_storage = vec!["x".into(), wanted.to_owned()]);
    assert_eq!(storage("iso_18045_moderate"), Ok(2));
    assert_eq!(storage("iso_18045_high"), Err(Error::KeyStorage));
    let unsaid = altered(|it| {
        it.requirement.key_storage = vec!["iso_18045_basic".into()];
        it.claims.shift_remove("key_storage");
    });
    assert_eq!(unsaid, Err(Error::KeyStorage));
    let user = |wanted: &str| altered(|it| it.requirement.user_authentication = vec![wanted.to_owned()]);
    assert_eq!(user("iso_18045_basic"), Ok(2));
    assert_eq!(user("iso_18045_high"), Err(Error::UserAuthentication));
}

/// What the issuer says to a credential request whose body is altered.
fn refusal(
    mut world: World,
    alter: impl FnOnce(&World, &Provider, &mut Value),
) -> (OAuthErrorCode, RefusalCause) {
    let provider = Arc::new(Provider::of(&world));
    let mut exchange = exchange(&mut world, 2, provider.clone());
    while exchange.request(&world.context()).unwrap().url.path() != "/credential" {
        let request = exchange.request(&world.context()).unwrap();
        let response = world.answer(&request);
        let Step::Again(again) = exchange.receive(&response, &world.context()).unwrap() else { panic!() };
        exchange = again;
    }
    let mut request = exchange.request(&world.context()).unwrap();
    let mut body: Value = serde_json::from_slice(&request.body).unwrap();
    alter(&world, &provider, &mut body);
    request.body = body.to_string().into_bytes();
    let refusal = world.try_answer(&request).map(drop).unwrap_err();
    (refusal.code, refusal.cause)
}

fn key(world: &World) -> PrivateKey {
    PrivateKey::generate(&world.entropy).unwrap()
}

// rule: CI-15, CI-17, CI-18
#[test]
fn the_issuer_takes_the_proof_types_that_it_names_each_as_it_has_to_be() {
    use OAuthErrorCode::{InvalidNonce, InvalidProof};
    use RefusalCause::{KeyAttestation, Nonce, ProofCount};
    let count = (InvalidProof, ProofCount);
    assert_eq!(
        refusal(by_attestation(), |_, _, body| drop(body.as_object_mut().unwrap().shift_remove("proofs"))),
        count
    );
    assert_eq!(refusal(by_attestation(), |_, _, body| body["proofs"] = json!({})), count);
    let twice = refusal(by_attestation(), |_, _, body| {
        let one = body["proofs"]["attestation"][0].clone();
        body["proofs"]["attestation"] = json!([one, one]);
    });
    assert_eq!(twice, count);
    let both = refusal(by_attestation(), |_, _, body| body["proofs"]["jwt"] = json!(["x"]));
    assert_eq!(both, count);
    let as_jwt = refusal(by_attestation(), |_, _, body| {
        let one = body["proofs"]["attestation"][0].clone();
        body["proofs"] = json!({ "jwt": [one] });
    });
    assert_eq!(as_jwt, count, "a type that is not named");
    let as_attestation = refusal(by_jwt(), |_, provider, body| {
        body["proofs"] = json!({ "attestation": [provider.attestation(&[provider.key.public_key()], None)] });
    });
    assert_eq!(as_attestation, count);
    // the nonce of an attestation
    for nonce in [None, Some("old")] {
        let old = refusal(by_attestation(), |world, provider, body| {
            let made = provider.attestation(&[key(world).public_key()], nonce);
            body["proofs"]["attestation"] = json!([made]);
        });
        assert_eq!(old, (InvalidNonce, Nonce), "{nonce:?}");
    }
    // no more keys than the batch
    let many = refusal(by_attestation(), |world, provider, body| {
        let old = UnverifiedJws::parse(body["proofs"]["attestation"][0].as_str().unwrap()).unwrap();
        let nonce = old.dangerous_claims().unwrap()["nonce"].clone();
        let keys: Vec<PublicKey> = (0..6).map(|_| key(world).public_key()).collect();
        body["proofs"]["attestation"] = json!([provider.attestation(&keys, nonce.as_str())]);
    });
    assert_eq!(many, count);
    // what is demanded of the keys
    let demanding =
        world(json!({ "attestation": es256(Some(json!({ "key_storage": ["iso_18045_basic"] }))) }));
    let unsaid = refusal(demanding, |world, provider, body| {
        let old = UnverifiedJws::parse(body["proofs"]["attestation"][0].as_str().unwrap()).unwrap();
        let nonce = old.dangerous_claims().unwrap()["nonce"].clone();
        let silent = Provider { power: KeyAttestationPower::default(), ..Provider::of(world) };
        assert_eq!(provider.power, SOFTWARE);
        let made = silent.attestation(&[key(world).public_key()], nonce.as_str());
        body["proofs"]["attestation"] = json!([made]);
    });
    assert_eq!(unsaid, (InvalidProof, KeyAttestation(Some(KeyAttestationError::KeyStorage))));
}

/// A key proof with this attestation in its header, by this key.
fn proof_with(key: &PrivateKey, nonce: &str, attestation: Option<&str>) -> String {
    let content = openid4vci::key_proof::ProofContent {
        issuer: ISSUER,
        nonce: Some(nonce),
        client_id: None,
        key_attestation: attestation,
        now: now(),
    };
    openid4vci::key_proof::proof(key, &content).unwrap()
}

fn nonce_of(body: &Value) -> String {
    let proof = UnverifiedJws::parse_bounded(body["proofs"]["jwt"][0].as_str().unwrap(), 100_000).unwrap();
    proof.dangerous_claims().unwrap()["nonce"].as_str().unwrap().to_owned()
}

// rule: CI-18, HA-4
#[test]
fn a_jwt_proof_whose_key_is_not_attested_for_its_nonce_is_refused() {
    use KeyAttestationError as Error;
    let cause = |why| (OAuthErrorCode::InvalidProof, RefusalCause::KeyAttestation(why));
    let missing = refusal(by_jwt(), |world, _, body| {
        let nonce = nonce_of(body);
        body["proofs"]["jwt"] = json!([proof_with(&key(world), &nonce, None)]);
    });
    assert_eq!(missing, cause(None));
    let other_key = refusal(by_jwt(), |world, provider, body| {
        let nonce = nonce_of(body);
        let attestation = provider.attestation(&[key(world).public_key()], Some(&nonce));
        body["proofs"]["jwt"] = json!([proof_with(&key(world), &nonce, Some(&attestation))]);
    });
    assert_eq!(other_key, cause(Some(Error::OtherKey)));
    let old_nonce = refusal(by_jwt(), |world, provider, body| {
        let (own, nonce) = (key(world), nonce_of(body));
        let attestation = provider.attestation(&[own.public_key()], Some("old"));
        body["proofs"]["jwt"] = json!([proof_with(&own, &nonce, Some(&attestation))]);
    });
    assert_eq!(old_nonce, cause(Some(Error::Nonce)));
    let endless = refusal(by_jwt(), |world, provider, body| {
        let (own, nonce) = (key(world), nonce_of(body));
        let endless: Alter = Arc::new(|it| drop(it.shift_remove("exp")));
        let provider = Provider { alter: endless, key: provider.key.clone(), ..Provider::of(world) };
        let attestation = provider.attestation(&[own.public_key()], Some(&nonce));
        body["proofs"]["jwt"] = json!([proof_with(&own, &nonce, Some(&attestation))]);
    });
    assert_eq!(endless, cause(Some(Error::Incomplete)));
}
