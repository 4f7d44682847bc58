//! Answers to queries that share a credential, and to queries that ask for no holder binding (VP-D3, VP-D8, VP-R7).

mod discarded;

use crate::support::*;
use crypto::Signer as _;
use crypto::jws::UnverifiedJws;
use dcql::{Holding, Query};
use openid4vp::holder::{Copy, RequestError};
use openid4vp::verifier::{Outcome, PreparedRequest, ResponseError, VerifiedAnswer};
use primitives::ClaimPath;
use sd_jwt_vc::{KeyBinding, TransactionData, UnverifiedSdJwtVc, VcPolicy, VerifiedSdJwtVc};
use serde_json::{Map, Value, json};
use test_world::verified_card;

/// A request whose answer may come in the clear, and its parameters.
fn asked(world: &World, query: Query) -> (PreparedRequest, Map<String, Value>) {
    let prepared = world.builder(query).unencrypted().build(world.now, &world.entropy).unwrap();
    let object = prepared.request_object(&world.signer()).unwrap();
    let claims = UnverifiedJws::parse(&object).unwrap().dangerous_claims().unwrap();
    (prepared, claims)
}

fn judge(
    world: &World,
    prepared: &PreparedRequest,
    claims: &Map<String, Value>,
    vp_token: &Value,
) -> Result<VerifiedAnswer, ResponseError> {
    let body = url::form_urlencoded::Serializer::new(String::new())
        .append_pair("vp_token", &vp_token.to_string())
        .append_pair("state", claims["state"].as_str().unwrap())
        .finish();
    match prepared.session().validate(body.as_bytes(), &world.issuers, world.now)? {
        Outcome::Verified(answer) => Ok(answer),
        Outcome::Refused { error } => panic!("{error}"),
    }
}

fn post(
    world: &World,
    prepared: &PreparedRequest,
    claims: &Map<String, Value>,
    vp_token: &Value,
) -> VerifiedAnswer {
    judge(world, prepared, claims, vp_token).unwrap()
}

fn present(world: &World, card: &VerifiedSdJwtVc, claims: &Map<String, Value>, names: &[&str]) -> String {
    let paths: Vec<ClaimPath> = names.iter().map(|name| ClaimPath::top_level(*name)).collect();
    let binding = KeyBinding {
        audience: claims["client_id"].as_str().unwrap(),
        nonce: claims["nonce"].as_str().unwrap(),
        issued_at: world.now,
        transaction_data: TransactionData::default(),
    };
    card.select(&paths).unwrap().with_key_binding(&binding, &world.holder_key).unwrap()
}

/// The name by one query, the birthday by another, of the same type of card.
fn name_and_birth() -> Query {
    let one = |id: &str, claim: &str| {
        json!({
            "id": id, "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": [{ "path": [claim] }]
        })
    };
    query(json!({ "credentials": [one("a", "name"), one("b", "birth")] }))
}

fn beyond(answer: &VerifiedAnswer) -> Vec<(String, Vec<String>)> {
    let of = |one: &openid4vp::verifier::VerifiedPresentation| {
        (one.query.as_str().to_owned(), one.over_delivered.iter().map(ToString::to_string).collect())
    };
    answer.presentations.iter().map(of).collect()
}

// rule: VP-D3
#[test]
fn one_credential_may_carry_what_several_queries_ask_of_it_and_no_more() {
    let world = World::new();
    let (prepared, claims) = asked(&world, name_and_birth());
    let both = present(&world, &world.card, &claims, &["name", "birth"]);
    let nothing = |id: &str| (id.to_owned(), Vec::new());

    let answer = post(&world, &prepared, &claims, &json!({ "a": [both.as_str()], "b": [both.as_str()] }));
    assert_eq!(beyond(&answer), [nothing("a"), nothing("b")]);
    // What no query asks is beyond both.
    let more = present(&world, &world.card, &claims, &["name", "birth", "nationalities"]);
    let answer = post(&world, &prepared, &claims, &json!({ "a": [more.as_str()], "b": [more.as_str()] }));
    assert!(beyond(&answer).iter().all(|(_, paths)| paths.iter().all(|path| path.contains("nationalities"))));
    assert!(beyond(&answer).iter().all(|(_, paths)| !paths.is_empty()));
    // Only the first holds the other's claim, which the other got as well.
    let birth = present(&world, &world.card, &claims, &["birth"]);
    let answer = post(&world, &prepared, &claims, &json!({ "a": [both.as_str()], "b": [birth.as_str()] }));
    assert_eq!(beyond(&answer), [nothing("a"), nothing("b")]);
}

// rule: VP-D3
#[test]
fn what_another_credential_was_asked_for_is_beyond_this_one() {
    let world = World::new();
    let (prepared, claims) = asked(&world, name_and_birth());
    let second = issue_card(&world.issuer, Some(&world.holder_key), &world.entropy, world.now);
    let second = verified_card(&second, &world.issuers, world.now);
    let both = present(&world, &world.card, &claims, &["name", "birth"]);
    let birth = present(&world, &second, &claims, &["birth"]);
    let answer = post(&world, &prepared, &claims, &json!({ "a": [both.as_str()], "b": [birth.as_str()] }));
    assert_eq!(beyond(&answer)[0].1, [r#"["birth"]"#]);
    assert!(beyond(&answer)[1].1.is_empty());
}

// rule: VP-D3
#[test]
fn the_holder_sends_each_query_what_it_asked_and_nothing_of_the_other() {
    let world = World::new();
    let prepared = world.prepare(name_and_birth());
    let request = world.receive(&prepared).unwrap();
    let post = world.answer(&request, &[world.card_copy(), world.card_copy()]);
    let Outcome::Verified(answer) =
        prepared.session().validate(&post.body, &world.issuers, world.now).unwrap()
    else {
        panic!("refused")
    };
    for (id, own, other) in [("a", "name", "birth"), ("b", "birth", "name")] {
        let presentation = answer.of_query(id).next().unwrap();
        assert!(presentation.claims.get(own).is_some() && presentation.claims.get(other).is_none(), "{id}");
    }
}

// rule: VP-D8, VP-R7
#[test]
fn a_credential_that_is_bound_to_no_key_is_presented_without_a_proof_where_none_is_asked_for() {
    let world = World::new();
    let text = issue_card(&world.issuer, None, &world.entropy, world.now);
    let policy = VcPolicy { require_holder_key: false, ..VcPolicy::default() };
    let unbound =
        UnverifiedSdJwtVc::parse(&text).unwrap().verify(&world.issuers, world.now, &policy).unwrap();
    let asked = |binding: Option<bool>| {
        let mut credential = json!({
            "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] }, "claims": [{ "path": ["name"] }]
        });
        if let Some(binding) = binding {
            credential["require_cryptographic_holder_binding"] = binding.into();
        }
        query(json!({ "credentials": [credential] }))
    };
    let [card, _] = world.holdings();
    let holding = Holding { holder_binding: false, ..card };

    // By default, and where it is said, a proof is needed, and this card has none to give.
    for binding in [None, Some(true)] {
        let request = world.receive(&world.prepare(asked(binding))).unwrap();
        assert!(!request.solve(&[holding]).fits());
    }
    let prepared = world.prepare(asked(Some(false)));
    let request = world.receive(&prepared).unwrap();
    let solution = request.solve(&[holding]);
    let selection = solution.required_only().unwrap();
    let copies = [Copy::SdJwtVc { credential: &unbound, signer: None }];
    let response = request.respond(&solution, &selection, &copies, world.now, &world.entropy).unwrap();
    assert!(!response.disclosures()[0].holder_binding);
    let body = response.into_delivery().into_post().unwrap().body;
    let outcome = prepared.session().validate(&body, &world.issuers, world.now).unwrap();
    let Outcome::Verified(answer) = outcome else { panic!("refused") };
    assert!(answer.presentations[0].holder_key.is_none());
    assert_eq!(answer.presentations[0].claims["name"], "Hong");
    assert!(answer.presentations[0].claims.get("birth").is_none());

    // Nothing but `state` ties such an answer to its request, so it must be there.
    let mut claims = world.claims();
    claims.insert("dcql_query".to_owned(), serde_json::to_value(asked(Some(false)).as_wire()).unwrap());
    claims.remove("state");
    assert_eq!(world.receive_claims(&claims).err(), Some(RequestError::StateMissing));
}

// rule: VP-D8
#[test]
fn a_bound_credential_proves_itself_although_nobody_asks() {
    let world = World::new();
    let asked = query(json!({ "credentials": [{
        "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [VCT] },
        "require_cryptographic_holder_binding": false
    }] }));
    let prepared = world.prepare(asked);
    let request = world.receive(&prepared).unwrap();
    let post = world.answer(&request, &[world.card_copy()]);
    let Outcome::Verified(answer) =
        prepared.session().validate(&post.body, &world.issuers, world.now).unwrap()
    else {
        panic!("refused")
    };
    assert!(answer.presentations[0].holder_key.is_some());
}
