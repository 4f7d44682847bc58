//! What a query may ask beyond names and types: authorities, several parts of one paper, no proof, places in lists.

use std::collections::BTreeSet;

use openid4vp::verifier::Outcome;
use serde_json::{Value, json};
use wallet::view::*;

use crate::world::*;

fn with(mut credential: Value, member: &str, value: Value) -> Value {
    credential[member] = value;
    credential
}

fn card() -> Value {
    credential("card", RESIDENT, &[&["name"]])
}

/// The same request by authorities, as the wallet begins it.
async fn started(world: &World, authorities: Value) -> PresentStarted {
    let (_, link) = world.request(query(&[with(card(), "trusted_authorities", authorities)]));
    world.start(&link).await
}

// rule: VP-D9, HA-6
#[test]
fn a_paper_of_another_authority_is_as_if_it_were_not_held() {
    let world = World::new();
    let own = world.server(|server| server.issuer.chain.authority_key_ids().remove(0));
    let own = primitives::base64url::encode(&own);
    run(async {
        world.receive(&["resident"]).await;
        let of_own = json!([{ "type": "openid_federation", "values": ["https://a.example"] }, { "type": "aki", "values": ["AAAA", own] }]);
        let PresentStarted::Consent(consent) = started(&world, of_own).await else { panic!("not offered") };
        assert_eq!(consent.queries[0].candidates.len(), 1);
        for authorities in [
            json!([{ "type": "aki", "values": ["AAAA"] }]),
            json!([{ "type": "etsi_tl", "values": ["https://list.example"] }]),
            json!([{ "type": "something", "values": [own] }]),
        ] {
            let other = started(&world, authorities).await;
            assert!(!matches!(other, PresentStarted::Consent(_)));
        }
        assert_eq!(world.net.calls("/response"), 0);
    });
}

// rule: VP-D3
#[test]
fn two_questions_about_one_paper_get_each_their_own_answer() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let both = query(&[
            credential("one", RESIDENT, &[&["name"]]),
            credential("two", RESIDENT, &[&["ageOver19"]]),
        ]);
        let (_, link) = world.request(both);
        let consent = world.consent(&link).await;
        let sent = world.sent(&consent).await;
        assert_eq!((sent.item_count, sent.paper_count), (2, 1));
        let told: Vec<BTreeSet<String>> =
            world.server(|server| match &server.posted.last().unwrap().outcome {
                Ok(Outcome::Verified(answer)) => {
                    assert!(answer.presentations.iter().all(|one| one.over_delivered.is_empty()));
                    let names = |one: &openid4vp::verifier::VerifiedPresentation| {
                        one.claims.as_object().unwrap().keys().cloned().collect()
                    };
                    answer.presentations.iter().map(names).collect()
                }
                _ => panic!("not verified"),
            });
        assert!(told[0].contains("name") && !told[0].contains("ageOver19"));
        assert!(told[1].contains("ageOver19") && !told[1].contains("name"));
    });
}

// rule: VP-D8, HA-9
#[test]
fn a_bound_paper_proves_itself_also_where_no_proof_is_asked_for() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let lax = with(card(), "require_cryptographic_holder_binding", false.into());
        let (_, link) = world.request(query(&[lax]));
        let consent = world.consent(&link).await;
        world.sent(&consent).await;
        world.server(|server| match &server.posted.last().unwrap().outcome {
            Ok(Outcome::Verified(answer)) => assert!(answer.presentations[0].holder_key.is_some()),
            _ => panic!("not verified"),
        });
    });
}

// rule: VP-D2, VP-D6
#[test]
fn a_paper_that_lacks_one_of_the_claims_is_not_offered_and_one_without_claims_tells_nothing() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (_, link) = world.request(query(&[credential("card", RESIDENT, &[&["name"], &["height"]])]));
        assert!(!matches!(world.start(&link).await, PresentStarted::Consent(_)));
        let mut none = card();
        none.as_object_mut().unwrap().remove("claims");
        let (_, link) = world.request(query(&[none]));
        let consent = world.consent(&link).await;
        world.sent(&consent).await;
        let told = world.disclosed().remove(0);
        assert!(["name", "birth", "address", "ageOver19"].iter().all(|name| told.get(name).is_none()));
    });
}

// rule: VP-D4, VP-S6
#[test]
fn another_value_and_no_such_claim_begin_alike() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let ask = async |claim: Value| {
            let (_, link) = world.request(query(&[with(card(), "claims", json!([claim]))]));
            world.start(&link).await
        };
        let fitting = ask(json!({ "path": ["name"], "values": ["x", "김하늘-fixture"] })).await;
        assert!(matches!(fitting, PresentStarted::Consent(_)));
        let kind = |started: &PresentStarted| std::mem::discriminant(started);
        let other = ask(json!({ "path": ["name"], "values": ["x"] })).await;
        let absent = ask(json!({ "path": ["height"] })).await;
        let misplaced = ask(json!({ "path": ["name", null] })).await;
        assert!(!matches!(other, PresentStarted::Consent(_)));
        assert!(kind(&other) == kind(&absent) && kind(&absent) == kind(&misplaced));
        assert_eq!(world.net.calls("/response"), 0);
    });
}

// rule: VP-D8, VP-R7
#[test]
fn a_paper_that_is_bound_to_no_key_answers_without_a_proof_where_none_is_asked_for() {
    let world = World::new();
    world.server(|server| server.proof_types.insert("resident".into(), Value::Null));
    run(async {
        world.receive(&["resident"]).await;
        // Where nothing is said, a proof is asked for.
        let (_, link) = world.request(query(&[card()]));
        assert!(!matches!(world.start(&link).await, PresentStarted::Consent(_)));
        let lax = with(card(), "require_cryptographic_holder_binding", false.into());
        let (_, link) = world.request(query(&[lax]));
        let consent = world.consent(&link).await;
        let sent = world.sent(&consent).await;
        assert_eq!((sent.item_count, sent.paper_count), (1, 1));
        world.server(|server| match &server.posted.last().unwrap().outcome {
            Ok(Outcome::Verified(answer)) => {
                assert!(answer.presentations[0].holder_key.is_none());
                assert!(answer.presentations[0].claims.get("name").is_some());
                assert!(answer.presentations[0].claims.get("birth").is_none());
            }
            _ => panic!("not verified"),
        });
    });
}
