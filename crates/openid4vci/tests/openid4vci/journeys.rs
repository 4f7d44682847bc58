//! Both sides in one process: from an offer to verified copies.

use crate::common::*;
use openid4vci::holder::*;
use openid4vci::oauth::OAuthErrorCode;
use openid4vci::offer::OfferSource;
use primitives::Refusal;
use primitives::http::Response;
use serde_json::{Value, json};
use url::Url;

fn received(issued: Issued) -> (Authorized, ReceivedCopies) {
    match issued.outcome {
        Outcome::Received(copies) => (issued.authorized, *copies),
        Outcome::Deferred(_) => panic!("deferred"),
    }
}

fn request(world: &mut World, authorized: Authorized, keys: usize) -> Result<Issued, CredentialFailure> {
    let paper = authorized.papers()[0].clone();
    let keys = world.keys(keys);
    let exchange = authorized.request_credential(&paper, keys, None, &world.context())?;
    world.drive(exchange)
}

fn statuses(world: &World, path: &str) -> Vec<u16> {
    world.log.iter().filter(|(at, _)| at == path).map(|(_, status)| *status).collect()
}

// rule: CI-9, CI-11, CI-12, CI-15, DP-17
#[test]
fn two_papers_of_both_formats_by_pre_authorized_code_with_transaction_code() {
    let mut world = World::new();
    let offer = world.offer(&["resident", "licence"], Some("4711"));
    let OfferSource::ByValue(offer) = OfferSource::parse(&offer.link("openid-credential-offer")).unwrap()
    else {
        panic!("by value");
    };
    let resolved = world.resolve(offer);
    assert_eq!(resolved.transaction_code().unwrap().length, Some(4));
    let client = world.client();
    let authorized = world.drive(resolved.pre_authorized(client, &[], Some("4711")).unwrap()).unwrap();
    assert_eq!(statuses(&world, "/token"), [400, 200], "the server's nonce was demanded once");

    let papers = authorized.papers().to_vec();
    assert_eq!(papers.len(), 2);
    let mut authorized = authorized;
    for paper in &papers {
        let keys = world.keys(3);
        let exchange = authorized.request_credential(paper, keys, None, &world.context()).unwrap();
        let (next, copies) = received(world.drive(exchange).unwrap());
        assert_eq!(copies.copies.as_slice().len(), 3);
        assert!(copies.unused_key_references.is_empty());
        assert_eq!(copies.paper, *paper);
        let notification = copies.notification.unwrap();
        world.drive(notification.notify(NotificationEvent::CredentialAccepted, None)).unwrap();
        authorized = next;
    }
    assert_eq!(world.notifications.len(), 2);
    assert_eq!(statuses(&world, "/credential"), [200, 200], "the nonce endpoint gave the DPoP nonce");
}

// rule: CI-8, CI-7, HA-2
#[test]
fn a_paper_by_authorization_code() {
    let mut world = World::new();
    let resolved = world.resolve(world.code_offer(&["resident"]));
    let client = world.client();
    let pushed =
        resolved.authorization_code(client, &[], Url::parse(REDIRECT).unwrap(), &world.context()).unwrap();
    let waiting = world.drive(pushed).unwrap();
    let names: Vec<String> = waiting.page().query_pairs().map(|(name, _)| name.into_owned()).collect();
    assert_eq!(names, ["client_id", "request_uri"], "nothing else travels through the browser");
    assert_eq!(world.pushed.values().next().unwrap().issuer_state(), Some("context"));
    let par = world.sent.iter().find(|it| it.url.path() == "/par").unwrap();
    let body = String::from_utf8(par.body.clone()).unwrap();
    assert!(body.contains("scope=resident") && body.contains("code_challenge_method=S256"));
    let back = world.browse(&waiting.page().clone(), true);
    let authorized = world.drive(waiting.receive(&back).unwrap()).unwrap();
    let (_, copies) = received(request(&mut world, authorized, 1).unwrap());
    assert_eq!(copies.copies.as_slice().len(), 1);
}

// rule: CI-8
#[test]
fn a_declined_authorization_is_the_persons_word() {
    let mut world = World::new();
    let resolved = world.resolve(world.code_offer(&["resident"]));
    let client = world.client();
    let redirect = Url::parse(REDIRECT).unwrap();
    let pushed = resolved.authorization_code(client, &[], redirect, &world.context()).unwrap();
    let waiting = world.drive(pushed).unwrap();
    let back = world.browse(&waiting.page().clone(), false);
    assert_eq!(waiting.receive(&back).unwrap_err(), AuthorizationError::Denied);
    assert!(statuses(&world, "/token").is_empty());
}

// rule: CI-8
#[test]
fn a_callback_is_refused_before_the_token_endpoint_is_called() {
    let mut world = World::new();
    let resolved = world.resolve(world.code_offer(&["resident"]));
    let client = world.client();
    let redirect = Url::parse(REDIRECT).unwrap();
    let pushed = resolved.authorization_code(client, &[], redirect, &world.context()).unwrap();
    let waiting = world.drive(pushed).unwrap();
    let back = world.browse(&waiting.page().clone(), true);
    let altered = |name: &str, value: Option<&str>| {
        let mut url = back.clone();
        let pairs: Vec<(String, String)> = back
            .query_pairs()
            .filter_map(|(key, old)| match (key == name, value) {
                (true, None) => None,
                (true, Some(value)) => Some((key.into_owned(), value.to_owned())),
                (false, _) => Some((key.into_owned(), old.into_owned())),
            })
            .collect();
        url.query_pairs_mut().clear().extend_pairs(pairs);
        waiting.clone().receive(&url).unwrap_err()
    };
    assert_eq!(altered("state", Some("other")), AuthorizationError::CallbackState);
    assert_eq!(altered("state", None), AuthorizationError::CallbackState);
    assert_eq!(altered("iss", Some("https://other.example")), AuthorizationError::CallbackIssuer);
    assert_eq!(altered("iss", None), AuthorizationError::CallbackIssuer);
    assert_eq!(altered("code", None), AuthorizationError::CallbackMalformed);
    let mut twice = back.clone();
    twice.query_pairs_mut().append_pair("code", "another");
    assert_eq!(waiting.clone().receive(&twice).unwrap_err(), AuthorizationError::CallbackMalformed);
    let mut elsewhere = back.clone();
    elsewhere.set_path("/other");
    assert_eq!(waiting.clone().receive(&elsewhere).unwrap_err(), AuthorizationError::CallbackMalformed);
    assert!(waiting.receive(&back).is_ok());
    assert!(statuses(&world, "/token").is_empty());
}

// rule: CI-20
#[test]
fn a_batch_may_come_reversed_and_shorter() {
    let mut world = World::new();
    let authorized = world.authorized(&["licence"]);
    world.mode = Mode { reversed: true, one_fewer: true, ..Mode::default() };
    let (_, copies) = received(request(&mut world, authorized, 3).unwrap());
    let references: Vec<&str> =
        copies.copies.as_slice().iter().filter_map(ReceivedCopy::key_reference).collect();
    assert_eq!(references, ["key-2", "key-1"]);
    assert_eq!(copies.unused_key_references, ["key-0"]);
    for copy in copies.copies.as_slice() {
        let VerifiedCredential::Mdoc(mdoc) = copy.credential() else { panic!("mdoc") };
        assert_eq!(Some(mdoc.device_key()), copy.holder_key());
    }
}

fn refused(id: &str, mode: Mode) -> (World, CredentialFailure) {
    let mut world = World::new();
    let authorized = world.authorized(&[id]);
    world.mode = mode;
    let failure = request(&mut world, authorized, 2).unwrap_err();
    (world, failure)
}

fn paper_refused(id: &str, mode: Mode) -> PaperRefused {
    let (_, failure) = refused(id, mode);
    match failure.error {
        CredentialError::Refused(refused) => refused,
        other => panic!("{other:?}"),
    }
}

// rule: CI-20
#[test]
fn a_credential_bound_to_a_foreign_key_refuses_the_whole_paper() {
    for id in ["resident", "licence"] {
        let mode = Mode { foreign_key: true, ..Mode::default() };
        assert_eq!(paper_refused(id, mode), PaperRefused::ForeignKey, "{id}");
    }
}

// rule: CI-20, SV-10
#[test]
fn a_credential_bound_to_no_key_refuses_the_whole_paper_where_a_key_was_proven() {
    let mode = Mode { unbound: true, ..Mode::default() };
    let refused = paper_refused("resident", mode);
    assert_eq!(refused, PaperRefused::SdJwt(sd_jwt_vc::VerifyError::NotBound));
}

// rule: CI-22, CI-23
#[test]
fn what_is_stored_goes_on_with_a_newer_token() {
    let kept = |deferred: bool| {
        let mut world = World::new();
        world.entropy = primitives::test_support::SequenceEntropy::new(if deferred { 41 } else { 42 });
        let authorized = world.authorized(&["resident"]);
        world.mode.deferred = deferred;
        request(&mut world, authorized, 1).unwrap().outcome
    };
    let (Outcome::Deferred(session), Outcome::Received(copies)) = (kept(true), kept(false)) else {
        panic!("one of each")
    };
    let (session, ticket) = (session.to_stored(), copies.notification.unwrap().to_stored());
    let json = |access: &StoredAccess| serde_json::to_value(access).unwrap();
    let (of_session, of_ticket) = (json(session.access()), json(ticket.access()));
    assert_ne!(of_session, of_ticket);
    let newer = (session.access().clone(), ticket.access().clone());
    assert_eq!(json(session.with_access(newer.1).access()), of_ticket);
    assert_eq!(json(ticket.with_access(newer.0).access()), of_session);
}

// rule: SV-8
#[test]
fn a_credential_is_its_signers_whomever_it_names() {
    let names = Some("https://another.example/city");
    let mut world = World::new();
    let authorized = world.authorized(&["resident"]);
    world.mode = Mode { names, ..Mode::default() };
    let (_, copies) = received(request(&mut world, authorized, 1).unwrap());
    let credential = copies.copies.first().credential();
    assert_eq!(credential.issuer().leaf(), world.issuer_party.chain.leaf());
    // Naming one that is trusted makes nobody trusted.
    let mode = Mode { names: Some("https://garam.example"), untrusted_signer: true, ..Mode::default() };
    let refused = paper_refused("resident", mode);
    assert!(matches!(refused, PaperRefused::SdJwt(sd_jwt_vc::VerifyError::Chain(_))));
}

// rule: CI-20
#[test]
fn two_credentials_bound_to_one_key_refuse_the_whole_paper() {
    let mode = Mode { same_key: true, ..Mode::default() };
    assert_eq!(paper_refused("resident", mode), PaperRefused::KeyTwice);
}

// rule: CI-20
#[test]
fn more_credentials_than_keys_refuse_the_whole_paper() {
    let mode = Mode { one_too_many: true, ..Mode::default() };
    assert_eq!(paper_refused("resident", mode), PaperRefused::TooMany);
}

// rule: CI-20
#[test]
fn no_credential_at_all_is_refused() {
    let mut world = World::new();
    let authorized = world.authorized(&["resident"]);
    let paper = authorized.papers()[0].clone();
    let keys = world.keys(1);
    let exchange = authorized.request_credential(&paper, keys, None, &world.context()).unwrap();
    let failure = world.drive_altered(exchange, |request, response| match request.url.path() {
        "/credential" => Response::of_json(200, &json!({ "credentials": [] })),
        _ => response,
    });
    assert_eq!(failure.unwrap_err().error, CredentialError::Refused(PaperRefused::Empty));
}

// rule: CI-20
#[test]
fn another_type_than_offered_is_refused_even_if_the_issuer_may_issue_it() {
    let mut world = World::new();
    let entitled = trust::IssuerEntitlements::any_for_developer_profile();
    let anchor = trust::TrustAnchor::for_issuer(world.issuer_party.root.clone(), entitled).unwrap();
    world.anchors.add(anchor);
    let authorized = world.authorized(&["resident"]);
    world.mode.other_type = true;
    let failure = request(&mut world, authorized, 1).unwrap_err();
    assert_eq!(failure.error, CredentialError::Refused(PaperRefused::OtherType));
    let (_, failure) = refused("licence", Mode { other_type: true, ..Mode::default() });
    assert!(matches!(failure.error, CredentialError::Refused(PaperRefused::Mdoc(_))));
}

// rule: CI-20
#[test]
fn a_paper_by_an_unknown_issuer_is_refused() {
    for (id, code) in [("resident", "sd_jwt_vc_issuer_untrusted"), ("licence", "chain_anchor_unknown")] {
        let (_, failure) = refused(id, Mode { untrusted_signer: true, ..Mode::default() });
        assert_eq!(failure.error.code(), code);
    }
}

// rule: CI-23
#[test]
fn a_refused_paper_can_be_told_and_the_token_still_serves() {
    let (mut world, failure) = refused("resident", Mode { foreign_key: true, ..Mode::default() });
    let ticket = failure.notification.unwrap();
    world.drive(ticket.notify(NotificationEvent::CredentialFailure, Some("키 \"foreign\" key\\"))).unwrap();
    assert_eq!(world.notifications[0].event, NotificationEvent::CredentialFailure);
    assert_eq!(world.notifications[0].description.as_deref(), Some(" foreign key"));
    world.mode = Mode::default();
    assert!(request(&mut world, *failure.authorized, 1).is_ok());
}

// rule: CI-14, CI-21
#[test]
fn an_invalid_nonce_is_fetched_anew_once() {
    let mut world = World::new();
    let authorized = world.authorized(&["resident"]);
    world.mode.forget_nonces = 1;
    assert!(request(&mut world, authorized, 1).is_ok());
    assert_eq!(statuses(&world, "/credential"), [400, 200]);

    let mut world = World::new();
    let authorized = world.authorized(&["resident"]);
    world.mode.forget_nonces = 2;
    let failure = request(&mut world, authorized, 1).unwrap_err();
    assert_eq!(failure.error.code(), OAuthErrorCode::InvalidNonce.stable_code());
    assert_eq!(statuses(&world, "/credential"), [400, 400]);
}

// rule: CI-10
#[test]
fn credential_identifiers_are_used_instead_of_the_configuration() {
    let mut world = World::new();
    world.mode.identifiers = true;
    let authorized = world.authorized(&["resident"]);
    assert_eq!(authorized.papers()[0].credential_identifier.as_deref(), Some("resident-2026"));
    request(&mut world, authorized, 1).unwrap();
    let sent = world.sent.iter().find(|it| it.url.path() == "/credential").unwrap();
    let body: Value = serde_json::from_slice(&sent.body).unwrap();
    assert_eq!(body["credential_identifier"], "resident-2026");
    assert!(body.get("credential_configuration_id").is_none());
}

// rule: CI-22
#[test]
fn a_deferred_paper_is_stored_resumed_and_fetched() {
    let mut world = World::new();
    let offer = world.offer(&["licence"], None);
    let resolved = world.resolve(offer);
    let dpop = world.dpop_key();
    let client = Client::attested(world.client().attestation().unwrap().clone(), dpop.clone());
    let authorized = world.drive(resolved.pre_authorized(client, &[], None).unwrap()).unwrap();
    world.mode.deferred = true;
    let issued = request(&mut world, authorized, 2).unwrap();
    let Outcome::Deferred(session) = issued.outcome else { panic!("deferred") };
    assert_eq!(session.ready_at(), now() + 60);

    let stored = serde_json::to_string(&session.to_stored()).unwrap();
    let stored: StoredDeferredSession = serde_json::from_str(&stored).unwrap();
    assert_eq!(stored.holder_key_references().collect::<Vec<_>>(), ["key-0", "key-1"]);
    assert_eq!(stored.dpop_key_reference(), "dpop-1");
    let other =
        DpopKey::new(std::sync::Arc::new(crypto::PrivateKey::generate(&world.entropy).unwrap()), "x".into());
    let wrong = DeferredSession::resume(stored.clone(), other).unwrap_err();
    assert_eq!(wrong, CredentialError::StoredSession);
    let session = DeferredSession::resume(stored, dpop).unwrap();

    let DeferredOutcome::Pending(session) =
        world.drive(session.poll(&crypto::SystemEntropy).unwrap()).unwrap()
    else {
        panic!("pending")
    };
    assert_eq!(session.ready_at(), now() + 90, "as the last answer has it");
    world.mode.deferred = false;
    world.mode.deny = true;
    let denied = world.drive(session.clone().poll(&crypto::SystemEntropy).unwrap()).unwrap_err();
    assert!(denied.session.is_none(), "a paper that is denied does not come");
    assert_eq!(denied.error, CredentialError::Denied);
    world.mode.deny = false;
    let DeferredOutcome::Received(copies) =
        world.drive(session.clone().poll(&crypto::SystemEntropy).unwrap()).unwrap()
    else {
        panic!("copies")
    };
    assert_eq!(copies.copies.as_slice().len(), 2);
    let over = world.drive(session.poll(&crypto::SystemEntropy).unwrap()).unwrap_err();
    assert!(over.session.is_none(), "an unknown transaction ends the session");
    assert_eq!(over.error.code(), OAuthErrorCode::InvalidTransactionId.stable_code());
}

// rule: CI-21
#[test]
fn a_denied_paper_is_final() {
    let (_, failure) = refused("resident", Mode { deny: true, ..Mode::default() });
    assert_eq!(failure.error, CredentialError::Denied);
}

// rule: CI-9
#[test]
fn a_wrong_transaction_code_can_be_tried_again_until_the_offer_is_void() {
    let mut world = World::new();
    let offer = world.offer(&["resident"], Some("4711"));
    let resolved = world.resolve(offer);
    let client = world.client();
    let attempt = |world: &mut World, code: &str| {
        let exchange = resolved.clone().pre_authorized(client.clone(), &[], Some(code)).unwrap();
        world.drive(exchange).map(|_| ())
    };
    assert_eq!(attempt(&mut world, "0000"), Err(TokenError::TransactionCodeWrong));
    assert_eq!(attempt(&mut world, "4711"), Ok(()));
    assert_eq!(attempt(&mut world, "4711"), Err(TokenError::TransactionCodeWrong), "single use");

    let mut world = World::new();
    let offer = world.offer(&["resident"], Some("4711"));
    let resolved = world.resolve(offer);
    let client = world.client();
    for _ in 0..openid4vci::issuer::TRANSACTION_CODE_ATTEMPTS {
        let exchange = resolved.clone().pre_authorized(client.clone(), &[], Some("0000")).unwrap();
        assert!(world.drive(exchange).is_err());
    }
    let exchange = resolved.clone().pre_authorized(client, &[], Some("4711")).unwrap();
    assert!(world.drive(exchange).is_err(), "the attempts are used up");
}

// rule: CI-9
#[test]
fn a_transaction_code_is_sent_if_and_only_if_it_is_asked_for() {
    let mut world = World::new();
    let (plain, asked) = (world.offer(&["resident"], None), world.offer(&["resident"], Some("4711")));
    let (plain, asked) = (world.resolve(plain), world.resolve(asked));
    let error = |resolved: &ResolvedOffer, code: Option<&str>| {
        resolved.clone().pre_authorized(world.client(), &[], code).unwrap_err()
    };
    assert_eq!(error(&plain, Some("4711")), TokenError::TransactionCodeNotAsked);
    assert_eq!(error(&asked, None), TokenError::TransactionCodeMissing);
    assert_eq!(error(&asked, Some("471")), TokenError::TransactionCodeMisfit);
    assert_eq!(error(&asked, Some("47a1")), TokenError::TransactionCodeMisfit);
}

// rule: CI-15
#[test]
fn keys_are_distinct_and_no_more_than_the_batch() {
    let mut world = World::new();
    let authorized = world.authorized(&["resident"]);
    let paper = authorized.papers()[0].clone();
    let failure = authorized.request_credential(&paper, world.keys(6), None, &world.context()).unwrap_err();
    assert_eq!(failure.error, CredentialError::TooManyKeys);
    let mut keys = world.keys(1);
    let key = keys.first().clone();
    keys.push(key);
    let failure = failure.authorized.request_credential(&paper, keys, None, &world.context()).unwrap_err();
    assert_eq!(failure.error, CredentialError::SameKeyTwice);
}

// rule: CI-24
#[test]
fn a_response_that_must_be_encrypted_is_and_plain_text_is_refused() {
    let encrypted = |world: &mut World| {
        use crypto::Signer;
        let jwk = world.request_key.public_key().to_jwk().with_alg("ECDH-ES").with_use("enc").with_kid("r");
        let mut json = issuer_json();
        json["credential_request_encryption"] = json!({ "jwks": { "keys": [jwk] }, "enc_values_supported": ["A128GCM", "A256GCM"], "encryption_required": true });
        json["credential_response_encryption"] = json!({ "alg_values_supported": ["ECDH-ES"], "enc_values_supported": ["A256GCM"], "encryption_required": true });
        world.metadata =
            openid4vci::metadata::IssuerMetadata::from_json(json.to_string().as_bytes(), &identifier())
                .unwrap();
    };
    let mut world = World::new();
    encrypted(&mut world);
    let authorized = world.authorized(&["resident"]);
    let (authorized, copies) = received(request(&mut world, authorized, 2).unwrap());
    assert_eq!(copies.copies.as_slice().len(), 2);
    let sent = world.sent.iter().find(|it| it.url.path() == "/credential").unwrap();
    assert_eq!(sent.header("content-type"), Some("application/jwt"));

    let paper = authorized.papers()[0].clone();
    let keys = world.keys(1);
    let exchange = authorized.request_credential(&paper, keys, None, &world.context()).unwrap();
    let failure = world.drive_altered(exchange, |request, response| match request.url.path() {
        "/credential" => Response::of_json(200, &json!({ "credentials": [] })),
        _ => response,
    });
    assert_eq!(failure.unwrap_err().error, CredentialError::NotEncrypted);
}
