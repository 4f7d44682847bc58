//! Both sides in one process: what the verifier asks, the holder answers, and the verifier believes.

use crate::support::*;
use openid4vp::ClientIdPrefix;
use openid4vp::holder::{Invocation, Next, Policy, Unauthenticated};
use openid4vp::verifier::{ClientIdentity, Outcome, RequestBuilder, Session, VerifiedAnswer};
use primitives::http::Method;
use serde_json::json;
use url::Url;

fn verified(outcome: Outcome) -> VerifiedAnswer {
    match outcome {
        Outcome::Verified(answer) => answer,
        Outcome::Refused { error } => panic!("refused with {error}"),
    }
}

// rule: VP-S1, VP-S2, VP-S3, VP-H1, VP-H2, VP-H3, VP-R7, HA-6, HA-7
#[test]
fn an_sd_jwt_and_an_mdoc_are_asked_for_presented_and_believed() {
    let world = World::new();
    for encrypted in [true, false] {
        let builder = world.builder(both_query());
        let builder = if encrypted { builder } else { builder.unencrypted() };
        let prepared = builder.build(world.now, &world.entropy).unwrap();
        let request = world.receive(&prepared).unwrap();
        assert_eq!(request.client().id().as_str(), world.verifier.hash_id());
        assert_eq!(request.client().certified_name(), Some("Verifier"));
        assert!(request.client().is_authenticated());
        assert_eq!(request.encryption().is_some(), encrypted);

        let post = world.answer(&request, &[world.card_copy(), world.mdoc_copy()]);
        assert_eq!(post.method, Method::Post);
        assert_eq!(post.url.as_str(), RESPONSE_URI);
        assert_eq!(post.header("content-type"), Some("application/x-www-form-urlencoded"));
        let names: Vec<String> = form(&post).into_iter().map(|(name, _)| name).collect();
        assert_eq!(names, if encrypted { vec!["response"] } else { vec!["vp_token", "state"] });

        let answer = verified(prepared.session().validate(&post.body, &world.issuers, world.now).unwrap());
        assert_eq!(answer.presentations.len(), 2);
        let card = answer.of_query("card").next().unwrap();
        assert_eq!(card.claims["name"], json!("Hong"));
        assert!(card.claims.get("birth").is_none());
        assert!(card.claims.get("address").is_none());
        assert!(card.over_delivered.is_empty());
        assert!(card.holder_key.is_some());
        let mdoc = answer.of_query("mdoc").next().unwrap();
        assert_eq!(mdoc.claims, json!({ NAME_SPACE: { "name": "Hong" } }));
        assert!(mdoc.over_delivered.is_empty());
        assert!(answer.over_delivered.is_empty());
        assert!(answer.presentations.iter().all(|one| one.status.is_none()));
    }
}

// rule: VP-R10
#[test]
fn a_request_is_fetched_by_post_with_a_wallet_nonce() {
    let world = World::new();
    let prepared = world.prepare(card_query());
    let link = prepared.link_by_reference("haip-vp", REQUEST_URI, true).unwrap();
    let invocation = Invocation::parse(&link, &Policy::STRICT).unwrap();
    assert_eq!(invocation.fetch_host(), Some(HOST));
    let Next::Fetch(fetch) = invocation.next(&world.entropy).unwrap() else { panic!("nothing to fetch") };
    let request = fetch.request();
    assert_eq!(request.method, Method::Post);
    assert_eq!(request.header("accept"), Some("application/oauth-authz-req+jwt"));
    assert_eq!(request.header("content-type"), Some("application/x-www-form-urlencoded"));
    let object = prepared.handle_request_uri_post(&request.body, &world.signer()).unwrap();
    let received = fetch.receive(&object_response(&object)).unwrap();
    assert!(received.authenticate(&world.trust(), world.now, &Policy::STRICT).is_ok());
}

// rule: VP-C3
#[test]
fn a_name_in_the_certificate_identifies_the_client() {
    let world = World::new();
    let identity = ClientIdentity::X509SanDns { name: HOST.to_owned(), chain: world.verifier.chain.clone() };
    let prepared =
        RequestBuilder::new(identity, card_query(), RESPONSE_URI).build(world.now, &world.entropy).unwrap();
    let request = world.receive(&prepared).unwrap();
    assert_eq!(request.client().prefix(), ClientIdPrefix::X509SanDns(HOST.to_owned()));
    let post = world.answer(&request, &[world.card_copy()]);
    verified(prepared.session().validate(&post.body, &world.issuers, world.now).unwrap());
}

// rule: VP-C2
#[test]
fn an_unsigned_request_in_a_link_is_answered_where_the_profile_allows_it() {
    let world = World::new();
    let prepared = RequestBuilder::new(ClientIdentity::RedirectUri, both_query(), RESPONSE_URI)
        .build(world.now, &world.entropy)
        .unwrap();
    let link = prepared.link_by_value("openid4vp").unwrap();
    let policy = Policy { unauthenticated: Unauthenticated::Warn, ..Policy::STRICT };
    let Next::Request(request) = Invocation::parse(&link, &policy).unwrap().next(&world.entropy).unwrap()
    else {
        panic!("something to fetch")
    };
    let request = request.authenticate(&world.trust(), world.now, &policy).unwrap();
    assert!(!request.client().is_authenticated());
    assert_eq!(request.client().certified_name(), None);
    let post = world.answer(&request, &[world.card_copy(), world.mdoc_copy()]);
    verified(prepared.session().validate(&post.body, &world.issuers, world.now).unwrap());
}

// rule: VP-S5, VP-S6
#[test]
fn declining_says_access_denied_and_no_more() {
    let world = World::new();
    for encrypted in [true, false] {
        let builder = world.builder(card_query());
        let builder = if encrypted { builder } else { builder.unencrypted() };
        let prepared = builder.build(world.now, &world.entropy).unwrap();
        let request = world.receive(&prepared).unwrap();
        let post = request.decline(&world.entropy).into_post().unwrap();
        assert_eq!(post.url.as_str(), RESPONSE_URI);
        if !encrypted {
            let state = form(&post).into_iter().find(|(name, _)| name == "state").unwrap().1;
            assert_eq!(post.body, format!("error=access_denied&state={state}").into_bytes());
        }
        let outcome = prepared.session().validate(&post.body, &world.issuers, world.now).unwrap();
        assert!(matches!(outcome, Outcome::Refused { error } if error == "access_denied"));
    }
}

// rule: VP-S3
#[test]
fn a_refusal_that_cannot_be_encrypted_goes_as_it_is() {
    let world = World::new();
    let prepared = world.prepare(card_query());
    let request = world.receive(&prepared).unwrap();
    world.entropy.fail();
    let post = request.decline(&world.entropy).into_post().unwrap();
    assert_eq!(form(&post)[0], ("error".to_owned(), "access_denied".to_owned()));
    let outcome = prepared.session().validate(&post.body, &world.issuers, world.now).unwrap();
    assert!(matches!(outcome, Outcome::Refused { error } if error == "access_denied"));
}

// rule: VP-S2
#[test]
fn the_page_to_continue_at_comes_back() {
    let world = World::new();
    let request = world.receive(&world.prepare(card_query())).unwrap();
    let page = Url::parse("https://verifier.example/done#response_code=1").unwrap();
    let answer = request.receive_answer(&Session::reply(Some(&page)), &Policy::STRICT).unwrap();
    assert_eq!(answer.redirect_uri, Some(page));
    let answer = request.receive_answer(&Session::reply(None), &Policy::STRICT).unwrap();
    assert_eq!(answer.redirect_uri, None);
}

#[test]
fn the_replay_key_is_that_of_the_request_and_not_of_its_delivery() {
    let world = World::new();
    let prepared = world.prepare(card_query());
    let first = world.receive(&prepared).unwrap().replay_key();
    assert_eq!(world.receive(&prepared).unwrap().replay_key(), first);
    assert_ne!(world.receive(&world.prepare(card_query())).unwrap().replay_key(), first);
}

// rule: VP-R13
#[test]
fn a_registration_is_verified_and_compared_item_by_item() {
    let world = World::new();
    let signed = world.sign_registration(&world.registration());
    let receive = |query| {
        let prepared = world.builder(query).registration(&signed).build(world.now, &world.entropy).unwrap();
        world.receive(&prepared).unwrap()
    };
    let request = receive(both_query());
    assert_eq!(request.registrations().next().unwrap().registration().name.en, "name");
    assert_eq!(request.over_asked(), Some(Vec::new()));

    let over = query(json!({ "credentials": [
        { "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] },
          "claims": [{ "path": ["name"] }, { "path": ["birth"] }, { "path": ["address"] }] },
        { "id": "other", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:other"] } },
        { "id": "any", "format": "dc+sd-jwt", "meta": {}, "claims": [{ "path": ["name"] }] },
        { "id": "w3c", "format": "ldp_vc", "meta": {}, "claims": [{ "path": ["name"] }] }
    ] }));
    let over_asked: Vec<String> = receive(over)
        .over_asked()
        .unwrap()
        .iter()
        .map(|one| {
            format!("{} {}", one.query, one.claim.as_ref().map(ToString::to_string).unwrap_or_default())
        })
        .collect();
    assert_eq!(over_asked, [r#"card ["birth"]"#, r#"card ["address"]"#, "other ", r#"any ["name"]"#]);
    assert_eq!(world.receive(&world.prepare(card_query())).unwrap().over_asked(), None);
}

// rule: VP-D7
#[test]
fn several_presentations_answer_where_multiple_allows_them() {
    let world = World::new();
    let asked = query(json!({ "credentials": [{
        "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "multiple": true
    }] }));
    let prepared = world.prepare(asked);
    let request = world.receive(&prepared).unwrap();
    let [card, mdoc] = world.holdings();
    let second = dcql::Holding { id: "second", ..card };
    let solution = request.solve(&[card, second, mdoc]);
    let mut selection = solution.required_only().unwrap();
    let pick = |holding: &str| dcql::Pick { holding: holding.to_owned(), combination: None };
    selection.picks.insert("card".to_owned(), vec![pick("card"), pick("second")]);
    let copies = [world.card_copy(), world.card_copy()];
    let response = request.respond(&solution, &selection, &copies, world.now, &world.entropy).unwrap();
    assert_eq!(response.disclosures().len(), 2);
    let body = response.into_delivery().into_post().unwrap().body;
    let outcome = prepared.session().validate(&body, &world.issuers, world.now).unwrap();
    assert_eq!(verified(outcome).of_query("card").count(), 2);
}
