//! Independent implementations issue to the wallet and verify it (`tests/peers`, `docs/peers.md`): its requests, proofs and
//! presentations are judged by somebody else's code, and what somebody else's code made is judged by the wallet.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "peers/world.rs"]
mod world;

use serde_json::{Value, json};
use world::{ACKNOWLEDGED, World};

fn both(house: &str) -> Value {
    json!({ "house": house, "configurations": ["card-sd-jwt", "card-mdoc"] })
}

fn with(mut order: Value, name: &str, value: Value) -> Value {
    order[name] = value;
    order
}

// rule: CI-3, CI-4, CI-5, CI-9, CI-11, CI-14, CI-15, CI-16, CI-20, CI-23, ST-10
#[test]
fn a_peer_issues_for_a_pre_authorized_code_and_a_transaction_code() {
    let mut world = World::new();
    let (id, offer) = world.offer(with(both("plain"), "txCode", json!("4711")));
    let wrong = world.wallet(&["accept", &offer, "--yes", "--tx-code", "1234"]);
    assert_eq!(
        (wrong.exit, &wrong.json["error"]["code"]),
        (2, &json!("transaction_code_wrong")),
        "{}",
        wrong.json
    );
    let said = world.wallet(&["accept", &offer, "--yes", "--tx-code", "4711"]);
    assert_eq!(said.ok()["papers"].as_array().unwrap().len(), 2);

    let report = world.report(&id);
    assert_eq!(report["token"]["clientId"], Value::Null, "a wallet without a name needs none");
    assert_eq!(report["token"]["attested"], false, "nor shows it what nobody asks for");
    assert!(report["statusQuestions"].as_u64().unwrap() > 0, "{report}");
    assert!(report["signedMetadata"].as_u64().unwrap() > 0, "{report}");
    let credentials = report["credentials"].as_array().unwrap();
    assert_eq!(credentials.len(), 2);
    for credential in credentials {
        // Two copies in another order than their proofs.
        assert_eq!((&credential["proofs"], &credential["event"]), (&json!(2), &json!("credential_accepted")));
    }
    let list = world.wallet(&["list"]);
    let names = list.ok().to_string();
    assert_eq!(names.matches("Naru library card").count(), 2, "{names}");
}

// rule: CI-1, CI-7, CI-8, CI-10, CI-12, HA-2, HA-3
#[test]
fn a_peer_issues_for_an_authorization_code_to_an_attested_wallet() {
    let mut world = World::new();
    let (id, offer) = world.offer(with(both("haip"), "byReference", json!(true)));
    assert!(offer.contains("credential_offer_uri="), "{offer}");
    let said = world.wallet(&["accept", &offer, "--yes"]);
    assert_eq!(said.ok()["papers"].as_array().unwrap().len(), 2);
    let report = world.report(&id);
    assert_eq!(report["pushed"]["clientId"], "https://wallet.peers.example");
    assert_eq!(report["pushed"]["dpop_jkt"], true);
    assert_eq!(
        report["page"],
        json!(["client_id", "request_uri"]),
        "nothing else travels through the browser"
    );
    assert_eq!(report["token"]["attested"], true);
    assert_eq!(report["credentials"].as_array().unwrap().len(), 2);
}

// rule: CI-24
#[test]
fn a_peer_issues_with_encrypted_requests_and_answers() {
    let mut world = World::new();
    let (id, offer) = world.offer(both("sealed"));
    world.wallet(&["accept", &offer, "--yes"]).ok();
    let report = world.report(&id);
    assert!(report["credentials"].as_array().unwrap().iter().all(|one| one["sealed"] == true), "{report}");
    let (_, plain) = world.offer(with(both("sealed"), "spoiled", json!("plaintext")));
    assert_eq!(world.wallet(&["accept", &plain, "--yes"]).json["error"]["rule"], "CI-24");
}

// rule: CI-17, CI-18, HA-4
#[test]
fn a_peer_issues_to_attested_keys_and_demands_no_more_than_they_are() {
    let mut world = World::new();
    for (configuration, kind, proofs) in [("card-attested", "jwt", 2), ("card-attestation", "attestation", 1)]
    {
        let (id, offer) = world.offer(json!({ "house": "plain", "configurations": [configuration] }));
        let said = world.wallet(&["accept", &offer, "--yes"]);
        assert_eq!(said.ok()["papers"].as_array().unwrap().len(), 1, "{}", said.json);
        let credential = &world.report(&id)["credentials"][0];
        assert_eq!(
            (&credential["kind"], &credential["proofs"], &credential["attestedKeys"], &credential["event"]),
            (&json!(kind), &json!(proofs), &json!(2), &json!("credential_accepted")),
            "{configuration}"
        );
    }
    // Software keys are not said to be hardware: nothing is asked for.
    let (id, offer) = world.offer(json!({ "house": "plain", "configurations": ["card-hardware"] }));
    let said = world.wallet(&["accept", &offer, "--yes"]);
    let error = &said.json["error"];
    assert_eq!((&error["code"], &error["left"]), (&json!("key_storage_too_weak"), &json!(false)));
    assert_eq!(world.report(&id)["credentials"], json!([]));
}

// rule: CI-22
#[test]
fn a_peer_issues_later_and_an_outage_meanwhile_loses_nothing() {
    let mut world = World::new();
    let (id, offer) = world.offer(with(both("plain"), "deferred", json!(["card-mdoc"])));
    let said = world.wallet(&["accept", &offer, "--yes", "--wait", "20"]);
    assert_eq!(said.ok()["status"], "done", "{}", said.json);
    assert_eq!(said.ok()["papers"].as_array().unwrap().len(), 2);
    let report = world.report(&id);
    let deferred =
        report["credentials"].as_array().unwrap().iter().find(|one| one["deferred"] == true).unwrap();
    assert_eq!(deferred["event"], "credential_accepted");
}

// rule: VP-R9, VP-R10, VP-C3, VP-C4, VP-D2, VP-D3, VP-S1, VP-S4, VP-H3, HA-6, HA-7, HA-9, SJ-23, MD-27, MD-30
#[test]
fn a_peer_verifies_what_it_asked_for_and_nothing_else_was_sent() {
    let mut world = World::new();
    world.hold_both();
    let forms = [
        ("x509_hash", "post", "direct_post.jwt"),
        ("x509_san_dns", "get", "direct_post.jwt"),
        ("x509_hash", "get", "direct_post"),
    ];
    for (prefix, method, mode) in forms {
        let order = json!({ "prefix": prefix, "method": method, "mode": mode, "query": world.query() });
        let (id, request) = world.request(order);
        let said = world.wallet(&[&["present", &request, "--yes"], &ACKNOWLEDGED[..]].concat());
        assert_eq!(
            (&said.ok()["status"], &said.ok()["itemCount"]),
            (&json!("sent"), &json!(5)),
            "{}",
            said.json
        );

        let verdict = world.verdict(&id, |verdict| verdict["pageOpened"] == true);
        assert_eq!(verdict["state"], "valid", "{verdict}");
        assert_eq!(verdict["pageOpened"], true, "the page of the answer is opened");
        assert_eq!(verdict["answersTheQuery"], true);
        assert_eq!(verdict["walletNonce"], method == "post");
        assert_eq!(
            verdict["encrypted"],
            if mode == "direct_post.jwt" { json!("A256GCM") } else { Value::Null }
        );

        let card = &verdict["presentations"]["card"][0];
        assert_eq!(card["disclosed"], json!(["[]", "address", "city", "given_name"]));
        assert_eq!(card["claims"]["branches"], json!(["강변"]));
        assert_eq!(card["claims"]["address"], json!({ "city": "가람시" }));
        let mobile = &verdict["presentations"]["mobile"][0];
        assert_eq!(mobile["disclosed"], json!(["adult", "given_name"]));
        for (presentation, changes) in [(card, 8), (mobile, 6)] {
            let refused = presentation["refused"].as_object().unwrap();
            assert_eq!(refused.len(), changes, "{refused:?}");
            assert!(
                refused.values().all(|value| value == true),
                "the judge took a changed copy: {refused:?}"
            );
        }

        let again = world.wallet(&[&["present", &request, "--yes"], &ACKNOWLEDGED[..]].concat());
        assert_eq!(again.refused(), "request_already_answered");
    }
}

// rule: VP-D1, VP-D2, VP-D4, VP-D5, VP-D6, VP-D7, VP-D9, HA-6
#[test]
fn a_peer_reads_the_query_language_as_the_wallet_does() {
    let mut world = World::new();
    let [card, _] = world.hold_both();
    assert_eq!(world.hold_both()[0], card, "the same card again takes the place of the one that is held");
    let [second, _] = world.hold_both_with("L-2031-0078");
    let (vct, doctype) = (world.issuer.text("vct").to_owned(), world.issuer.text("doctype").to_owned());
    let authority = world.issuer.text("authority").to_owned();
    let card_query = |more: Value| {
        let mut query = json!({ "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [vct] } });
        query.as_object_mut().unwrap().extend(more.as_object().unwrap().clone());
        query
    };
    let mobile = json!({
        "id": "mobile", "format": "mso_mdoc", "meta": { "doctype_value": doctype },
        "claims": [{ "path": [doctype, "card_number"], "intent_to_retain": true }],
    });
    let claims = json!([
        { "id": "name", "path": ["given_name"] }, { "id": "phone", "path": ["phone"] }, { "id": "adult", "path": ["adult"] },
    ]);
    // The query, the words that choose, and what is disclosed of each query: `None` where nothing fits.
    let one = format!("card={card}");
    let choose = ["--choose", one.as_str()];
    let other = format!("card={second}");
    let cases = [
        (json!([card_query(json!({}))]), Value::Null, &choose[..], Some(json!({ "card": [[]] }))),
        (
            json!([card_query(json!({ "claims": [{ "path": ["branches", null] }] }))]),
            Value::Null,
            &choose,
            Some(json!({ "card": [["[]", "[]", "[]"]] })),
        ),
        (
            json!([card_query(
                json!({ "claims": claims, "claim_sets": [["name", "phone"], ["adult"], ["name"]] })
            )]),
            Value::Null,
            &choose,
            Some(json!({ "card": [["adult"]] })),
        ),
        (
            json!([card_query(
                json!({ "claims": [{ "path": ["address", "city"], "values": ["서울시", "가람시"] }] })
            )]),
            Value::Null,
            &choose,
            Some(json!({ "card": [["address", "city"]] })),
        ),
        (
            json!([card_query(json!({ "claims": [{ "path": ["address", "city"], "values": ["서울시"] }] }))]),
            Value::Null,
            &[],
            None,
        ),
        (
            json!([card_query(json!({ "claims": [{ "path": ["adult"] }], "multiple": true }))]),
            Value::Null,
            &["--choose", &one, "--choose", &other],
            Some(json!({ "card": [["adult"], ["adult"]] })),
        ),
        (
            json!([card_query(
                json!({ "claims": [{ "path": ["adult"] }], "trusted_authorities": [{ "type": "aki", "values": [authority] }] })
            )]),
            Value::Null,
            &choose,
            Some(json!({ "card": [["adult"]] })),
        ),
        (
            json!([card_query(
                json!({ "trusted_authorities": [{ "type": "aki", "values": ["c29tZWJvZHkgZWxzZQ"] }] })
            )]),
            Value::Null,
            &[],
            None,
        ),
        // One of two papers; a paper that nobody has is no reason, and what is optional is not taken by `--yes`.
        (
            json!([
                card_query(json!({ "claims": [{ "path": ["given_name"] }] })),
                { "id": "none", "format": "dc+sd-jwt", "meta": { "vct_values": ["urn:nobody"] } },
                mobile,
            ]),
            json!([{ "options": [["none"], ["card"]] }, { "options": [["mobile"]], "required": false }]),
            &choose,
            Some(json!({ "card": [["given_name"]] })),
        ),
    ];
    for (credentials, sets, words, expected) in cases {
        let mut query = json!({ "credentials": credentials });
        if !sets.is_null() {
            query["credential_sets"] = sets;
        }
        let order = json!({ "prefix": "x509_hash", "method": "get", "mode": "direct_post", "query": query });
        let (id, request) = world.request(order);
        let said =
            world.wallet(&[&["present", request.as_str(), "--yes"], words, &ACKNOWLEDGED[..]].concat());
        let Some(expected) = expected else {
            assert_eq!(said.json["error"]["code"], "nothing_fits", "{query}");
            continue;
        };
        assert_eq!(said.exit, 0, "{query}: {}", said.json);
        let verdict = world.verdict(&id, |verdict| verdict["state"] != "waiting");
        assert_eq!(
            (&verdict["state"], &verdict["answersTheQuery"]),
            (&json!("valid"), &json!(true)),
            "{query}: {verdict}"
        );
        let disclosed: serde_json::Map<String, Value> = verdict["presentations"]
            .as_object()
            .unwrap()
            .iter()
            .map(|(id, all)| {
                (id.clone(), all.as_array().unwrap().iter().map(|one| one["disclosed"].clone()).collect())
            })
            .collect();
        assert_eq!(Value::Object(disclosed), expected, "{query}");
    }
}

// rule: VP-S6, VP-D6
#[test]
fn a_peer_that_asks_for_what_is_not_held_hears_access_denied_and_no_more() {
    let mut world = World::new();
    let order =
        json!({ "prefix": "x509_hash", "method": "get", "mode": "direct_post.jwt", "query": world.query() });
    let (id, request) = world.request(order.clone());
    assert_eq!(world.wallet(&["present", &request]).json["error"]["code"], "nothing_fits");
    assert_eq!(world.verdict(&id, |_| true)["state"], "waiting", "no error leaves before the citizen acts");

    let (id, request) = world.request(order);
    assert_eq!(world.wallet(&["present", &request, "--yes"]).json["error"]["code"], "nothing_fits");
    let verdict = world.verdict(&id, |verdict| verdict["state"] == "declined");
    assert_eq!(
        (&verdict["error"], &verdict["fields"]),
        (&json!("access_denied"), &json!(["error", "state"])),
        "{verdict}"
    );
    assert_eq!(verdict["stateEchoed"], true);
}

// rule: CI-20, PK-11, SV-6, SJ-17, MD-19, MD-22, ST-10
#[test]
fn what_a_peer_issued_wrongly_is_refused_and_the_peer_is_told() {
    let mut world = World::new();
    let spoiled = [
        ("foreignKey", "card-sd-jwt", "CI-20"),
        ("foreignKey", "card-mdoc", "CI-20"),
        ("anchorInChain", "card-sd-jwt", "SV-6"),
        ("anchorInChain", "card-mdoc", "PK-11"),
        ("otherType", "card-sd-jwt", "CI-20"),
        ("otherType", "card-mdoc", "MD-19"),
        ("expired", "card-sd-jwt", "SJ-17"),
        ("expired", "card-mdoc", "MD-22"),
        ("revoked", "card-sd-jwt", "ST-10"),
    ];
    for (how, configuration, rule) in spoiled {
        let (id, offer) =
            world.offer(json!({ "house": "plain", "configurations": [configuration], "spoiled": how }));
        let said = world.wallet(&["accept", &offer, "--yes"]);
        assert_eq!(
            (said.exit, &said.json["error"]["rule"]),
            (3, &json!(rule)),
            "{how} {configuration}: {}",
            said.json
        );
        assert_eq!(
            world.report(&id)["credentials"][0]["event"],
            "credential_failure",
            "{how} {configuration}"
        );
    }
    assert!(world.holds_nothing(), "nothing is stored of a failed issuance");
}

// rule: CI-4, PK-15, SV-6, MD-13, VP-C4
#[test]
fn peers_that_the_profile_does_not_name_are_refused() {
    // The anchors stand under each other's role: an anchor for verifiers makes no issuer.
    let mut world = World::with_profile(|profile| {
        let anchors = &mut profile["anchors"];
        let (issuer, verifier) =
            (anchors["issuers"][0]["certificate"].take(), anchors["verifiers"][0].take());
        *anchors = json!({ "issuers": [{ "certificate": verifier, "types": ["*"] }], "verifiers": [issuer] });
    });
    let refusals = [
        ("plain", "card-sd-jwt", "signed_metadata_untrusted"),
        ("sealed", "card-sd-jwt", "sd_jwt_vc_issuer_untrusted"),
        ("sealed", "card-mdoc", "chain_anchor_unknown"),
    ];
    for (house, configuration, code) in refusals {
        let (_, offer) = world.offer(json!({ "house": house, "configurations": [configuration] }));
        let said = world.wallet(&["accept", &offer, "--yes"]);
        assert_eq!((said.refused(), &said.json["error"]["blame"]), (code, &json!("issuer")));
    }
    assert!(world.holds_nothing(), "nothing is stored of a refused issuance");
    let order =
        json!({ "prefix": "x509_hash", "method": "get", "mode": "direct_post.jwt", "query": world.query() });
    let (id, request) = world.request(order);
    let said = world.wallet(&["present", &request, "--yes"]);
    assert_eq!((said.refused(), &said.json["error"]["blame"]), ("chain_anchor_unknown", &json!("verifier")));
    assert_eq!(world.verdict(&id, |_| true)["state"], "waiting", "nothing at all was posted");
}

// rule: ST-10
#[test]
fn a_status_that_a_peer_publishes_is_seen() {
    let mut world = World::new();
    let (id, offer) = world.offer(json!({ "house": "plain", "configurations": ["card-sd-jwt"] }));
    world.wallet(&["accept", &offer, "--yes"]).ok();
    world.issuer.ask(&json!({ "do": "revoke", "id": id }));

    // Who presents it all the same hears that it was not taken.
    let mut query = world.query();
    query["credentials"].as_array_mut().unwrap().truncate(1);
    let order = json!({ "prefix": "x509_hash", "method": "get", "mode": "direct_post.jwt", "query": query });
    let (id, request) = world.request(order);
    let said = world.wallet(&[&["present", &request, "--yes"], &ACKNOWLEDGED[..]].concat());
    assert_eq!((said.exit, &said.json["error"]["left"]), (5, &json!(true)), "{}", said.json);
    let verdict = world.verdict(&id, |verdict| verdict["state"] == "invalid");
    assert!(verdict["reason"].as_str().unwrap().contains("Status is not valid"), "{verdict}");

    let refreshed = world.wallet(&["refresh"]);
    assert_eq!(refreshed.ok()["changed"][0]["state"]["kind"], "revoked", "{}", refreshed.json);
}
