//! `private_key_jwt`: the assertion of a registered client, one refusal for each check; and which authentication is chosen.

use std::collections::BTreeMap;
use std::sync::Arc;

use crate::common::*;
use crypto::jws::{HeaderBuilder, JwsError, UnverifiedJws};
use crypto::{PrivateKey, Signer};
use openid4vci::client_assertion::{
    self, ClientAssertionError, Expectation, LIFETIME_MAX_SECONDS, PARAMETER, RegisteredClients, TYPE,
    TYPE_PARAMETER,
};
use openid4vci::holder::*;
use openid4vci::issuer::*;
use openid4vci::metadata::ServerMetadata;
use openid4vci::oauth::OAuthErrorCode;
use openid4vci::replay::ReplayMemory;
use primitives::base64url;
use primitives::http::Request;
use serde_json::{Map, Value, json};
use url::{Url, form_urlencoded};

const NAME: &str = "wallet-of-the-library";

/// An assertion as a server sees it, to be altered.
struct Asserted {
    world: World,
    header: HeaderBuilder,
    claims: Map<String, Value>,
    signer: PrivateKey,
    clients: RegisteredClients,
    fields: BTreeMap<String, String>,
}

impl Asserted {
    fn new() -> Self {
        let world = World::new();
        let signer = PrivateKey::generate(&world.entropy).unwrap();
        let mut clients = RegisteredClients::default();
        // a client may have several keys
        clients.register(NAME, PrivateKey::generate(&world.entropy).unwrap().public_key());
        clients.register(NAME, signer.public_key());
        clients.register("another", PrivateKey::generate(&world.entropy).unwrap().public_key());
        let seconds = now().unix_seconds();
        let claims = json!({
            "iss": NAME, "sub": NAME, "aud": ISSUER, "jti": "j", "iat": seconds, "exp": seconds + 60,
        });
        Self {
            header: HeaderBuilder::new("JWT"),
            claims: claims.as_object().unwrap().clone(),
            signer,
            clients,
            fields: BTreeMap::from([
                (TYPE_PARAMETER.to_owned(), TYPE.to_owned()),
                ("client_id".to_owned(), NAME.to_owned()),
            ]),
            world,
        }
    }

    fn check_with(&self, replay: &mut ReplayMemory) -> Result<(), ClientAssertionError> {
        let mut form = self.fields.clone();
        let assertion = self.header.clone().sign_claims(&self.claims, &self.signer).unwrap();
        form.entry(PARAMETER.to_owned()).or_insert(assertion);
        let expectation = Expectation { server: ISSUER, clients: &self.clients, now: now() };
        let client = client_assertion::verify(&form, &expectation, replay)?;
        assert_eq!((client.client_id(), client.key()), (NAME, &self.signer.public_key()));
        Ok(())
    }

    fn check(&self) -> Result<(), ClientAssertionError> {
        self.check_with(&mut ReplayMemory::default())
    }
}

fn altered(alter: impl FnOnce(&mut Asserted)) -> Result<(), ClientAssertionError> {
    let mut case = Asserted::new();
    alter(&mut case);
    case.check()
}

// rule: HA-3
#[test]
fn an_assertion_that_does_not_hold_is_refused() {
    use ClientAssertionError as Error;
    let seconds = now().unix_seconds();
    let set =
        |name: &'static str, value: Value| altered(move |it| drop(it.claims.insert(name.into(), value)));
    let without = |name: &'static str| altered(move |it| drop(it.claims.shift_remove(name)));
    assert_eq!(Asserted::new().check(), Ok(()));
    assert_eq!(altered(|it| drop(it.fields.remove("client_id"))), Ok(()), "the assertion names the client");
    assert_eq!(altered(|it| it.header = HeaderBuilder::without_type()), Ok(()));
    assert_eq!(altered(|it| it.header = HeaderBuilder::new("client-authentication+jwt")), Ok(()));
    // what it is
    assert_eq!(altered(|it| drop(it.fields.remove(TYPE_PARAMETER))), Err(Error::Type));
    let saml = altered(|it| {
        let saml = "urn:ietf:params:oauth:client-assertion-type:saml2-bearer";
        it.fields.insert(TYPE_PARAMETER.into(), saml.into());
    });
    assert_eq!(saml, Err(Error::Type));
    let other = altered(|it| it.header = HeaderBuilder::new("openid4vci-proof+jwt"));
    assert_eq!(other, Err(Error::Jwt(JwsError::Type)));
    let garbage = altered(|it| drop(it.fields.insert(PARAMETER.into(), "x".into())));
    assert!(matches!(garbage, Err(Error::Jwt(_))));
    // by whom
    let forged = altered(|it| it.signer = PrivateKey::generate(&it.world.entropy).unwrap());
    assert_eq!(forged, Err(Error::Jwt(JwsError::Signature)));
    assert_eq!(set("iss", json!("another")), Err(Error::Names));
    assert_eq!(without("iss"), Err(Error::Names));
    assert_eq!(without("sub"), Err(Error::Names));
    assert_eq!(altered(|it| drop(it.fields.insert("client_id".into(), "another".into()))), Err(Error::Names));
    let as_another = altered(|it| {
        it.fields.remove("client_id");
        it.claims.insert("iss".into(), json!("another"));
        it.claims.insert("sub".into(), json!("another"));
    });
    assert_eq!(as_another, Err(Error::Jwt(JwsError::Signature)), "another client's key");
    assert_eq!(altered(|it| it.clients = RegisteredClients::default()), Err(Error::Unknown));
    // for whom
    assert_eq!(set("aud", json!("https://garam.example/token")), Err(Error::Audience));
    assert_eq!(set("aud", json!([ISSUER])), Err(Error::Audience), "a string, so FAPI 2.0");
    assert_eq!(without("aud"), Err(Error::Audience));
    // when
    assert_eq!(without("exp"), Err(Error::Time));
    assert_eq!(set("exp", json!(seconds)), Err(Error::Time));
    assert_eq!(set("exp", json!(seconds + LIFETIME_MAX_SECONDS + 1)), Err(Error::Time));
    assert_eq!(set("iat", json!(seconds + 301)), Err(Error::Time));
    assert_eq!(set("nbf", json!(seconds + 301)), Err(Error::Time));
    assert_eq!(set("nbf", json!("now")), Err(Error::Time));
    for (name, value) in [
        ("exp", seconds + 1),
        ("exp", seconds + LIFETIME_MAX_SECONDS),
        ("iat", seconds + 300),
        ("nbf", seconds + 300),
    ] {
        assert_eq!(set(name, json!(value)), Ok(()), "{name}");
    }
    // once
    assert_eq!(without("jti"), Err(Error::Replayed));
    assert_eq!(set("jti", json!("")), Err(Error::Replayed));
    let case = Asserted::new();
    let mut replay = ReplayMemory::default();
    assert_eq!(case.check_with(&mut replay), Ok(()));
    assert_eq!(case.check_with(&mut replay), Err(Error::Replayed));
}

/// A world whose server knows one client, and that client.
fn known() -> (World, PrivateKey) {
    let mut world = World::new();
    let key = PrivateKey::generate(&world.entropy).unwrap();
    world.gate.register_client(NAME, key.public_key());
    (world, key)
}

fn fields(request: &Request) -> BTreeMap<String, String> {
    form_urlencoded::parse(&request.body).into_owned().collect()
}

fn assertion(request: &Request) -> Map<String, Value> {
    UnverifiedJws::parse(&fields(request)[PARAMETER]).unwrap().dangerous_claims().unwrap()
}

// rule: HA-3
#[test]
fn a_registered_client_asserts_itself_anew_at_both_endpoints() {
    let (mut world, key) = known();
    let offer = world.code_offer(&["resident"]);
    let resolved = world.resolve(offer);
    let client = Client::registered(NAME.into(), Arc::new(key.clone()), world.dpop_key());
    let redirect = Url::parse(REDIRECT).unwrap();
    let pushed = resolved.authorization_code(client, &[], redirect, &world.context()).unwrap();
    let awaiting = world.drive(pushed).unwrap();
    let back = world.browse(&awaiting.page().clone(), true);
    let authorized = world.drive(awaiting.receive(&back).unwrap()).unwrap();
    let paper = authorized.papers()[0].clone();
    let keys = world.keys(1);
    let exchange = authorized.request_credential(&paper, keys, None, &world.context()).unwrap();
    world.drive(exchange).unwrap();
    let asked: Vec<&Request> =
        world.sent.iter().filter(|it| matches!(it.url.path(), "/par" | "/token")).collect();
    // the token endpoint is asked again with a DPoP nonce, and each time with another assertion
    assert_eq!(asked.len(), 3);
    let mut ids = Vec::new();
    for request in &asked {
        let claims = assertion(request);
        assert_eq!(
            (&claims["aud"], &claims["iss"], &claims["sub"]),
            (&json!(ISSUER), &json!(NAME), &json!(NAME))
        );
        assert!(claims.contains_key("exp") && claims.contains_key("iat"));
        assert_eq!(fields(request)[TYPE_PARAMETER], TYPE);
        assert!(request.header("oauth-client-attestation").is_none());
        let header = UnverifiedJws::parse(&fields(request)[PARAMETER]).unwrap();
        // the thumbprint of RFC 7638, by which a server knows the key without being told of the wallet's names
        let thumbprint = base64url::encode(&key.public_key().thumbprint());
        assert_eq!(header.header().kid(), Some(thumbprint.as_str()));
        assert_eq!(client_assertion::key_id(&key.public_key()), thumbprint);
        ids.push(claims["jti"].clone());
    }
    ids.dedup();
    assert_eq!(ids.len(), 3);
    assert!(world.sent.iter().all(|it| it.url.path() != "/challenge"), "challenges are for attestations");
}

// rule: HA-3
#[test]
fn a_client_with_another_key_or_two_authentications_is_refused_at_both_endpoints() {
    let redeem = |key: Option<PrivateKey>, alter: &dyn Fn(&World, &mut Request)| {
        let (mut world, own) = known();
        let offer = world.offer(&["resident"], None);
        let resolved = world.resolve(offer);
        let client = Client::registered(NAME.into(), Arc::new(key.unwrap_or(own)), world.dpop_key());
        let exchange = resolved.pre_authorized(client, &[], None).unwrap();
        let mut request = exchange.request(&world.context()).unwrap();
        assert_eq!(request.url.path(), "/token");
        alter(&world, &mut request);
        let refusal = world.try_answer(&request).unwrap_err();
        (refusal.code, refusal.cause)
    };
    let stranger = PrivateKey::generate(&crypto::SystemEntropy).unwrap();
    let invalid = |why| (OAuthErrorCode::InvalidClient, RefusalCause::Assertion(why));
    assert_eq!(redeem(Some(stranger), &|_, _| ()), invalid(ClientAssertionError::Jwt(JwsError::Signature)));
    let attested_too = redeem(None, &|_, request| {
        request.headers.push(("OAuth-Client-Attestation".into(), "x".into()));
    });
    assert_eq!(attested_too, invalid(ClientAssertionError::Type));
    // without the assertion it is nobody
    let silent = redeem(None, &|_, request| {
        let left: Vec<(String, String)> =
            fields(request).into_iter().filter(|(name, _)| !name.starts_with("client_assertion")).collect();
        request.body =
            form_urlencoded::Serializer::new(String::new()).extend_pairs(left).finish().into_bytes();
    });
    assert_eq!(silent.0, OAuthErrorCode::InvalidClient);
}

// rule: CI-12, HA-3
#[test]
fn of_what_the_server_takes_and_the_wallet_has_the_same_is_always_used() {
    use ClientMethod::{Anonymous, PrivateKeyJwt, RegisteredName, WalletAttestation};
    let method = |methods: Value, registered, attestable| {
        let mut world = World::new();
        let mut json = server_json();
        json["token_endpoint_auth_methods_supported"] = methods;
        world.server = ServerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap();
        let offer = world.offer(&["resident"], None);
        world.resolve(offer).client_method(registered, attestable)
    };
    let (by_key, by_name) = (Some(Registration::PrivateKeyJwt), Some(Registration::Public));
    let all = || json!(["attest_jwt_client_auth", "private_key_jwt", "none"]);
    for (methods, registered, attestable, wanted) in [
        (all(), by_key, true, PrivateKeyJwt),
        (all(), by_name, true, RegisteredName),
        (all(), None, true, WalletAttestation),
        (all(), None, false, Anonymous),
        (json!(["attest_jwt_client_auth"]), by_key, true, WalletAttestation),
        (json!(["attest_jwt_client_auth"]), None, false, WalletAttestation),
        (json!(["private_key_jwt"]), by_name, false, Anonymous),
        (json!(["none"]), by_key, true, Anonymous),
        (json!(["client_secret_basic"]), None, true, Anonymous),
    ] {
        assert_eq!(method(methods.clone(), registered, attestable), wanted, "{methods} {registered:?}");
    }
}

// rule: CI-12, HA-3
#[test]
fn a_method_counts_with_an_algorithm_that_this_wallet_has() {
    let read = |alter: &dyn Fn(&mut Value)| {
        let mut json = server_json();
        json["token_endpoint_auth_methods_supported"] = json!(["attest_jwt_client_auth", "private_key_jwt"]);
        alter(&mut json);
        let server = ServerMetadata::from_json(json.to_string().as_bytes(), &identifier()).unwrap();
        let again = ServerMetadata::from_json(server.to_json().to_string().as_bytes(), &identifier());
        assert_eq!(again.as_ref(), Ok(&server), "what is published is read back");
        (server.client_attestation, server.private_key_jwt, server.public_clients)
    };
    assert_eq!(read(&|_| ()), (true, true, false));
    let only = |name: &'static str| read(&|it: &mut Value| it[name] = json!(["RS256"]));
    assert_eq!(only("token_endpoint_auth_signing_alg_values_supported"), (true, false, false));
    assert_eq!(only("client_attestation_signing_alg_values_supported"), (false, true, false));
    assert_eq!(only("client_attestation_pop_signing_alg_values_supported"), (false, true, false));
    let silent = |it: &mut Value| {
        it.as_object_mut().unwrap().shift_remove("token_endpoint_auth_methods_supported");
    };
    assert_eq!(read(&silent), (false, false, true));
}
