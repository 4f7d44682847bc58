//! Who may ask, what may not be asked, and the silence that everything else meets.

use openid4vp::verifier::ClientIdentity;
use serde_json::{Value, json};
use wallet::view::*;

use crate::world::*;

/// A request object of these claims, signed by `party`.
fn object(party: &Party, claims: &serde_json::Map<String, Value>, typ: &str) -> String {
    crypto::jws::HeaderBuilder::new(typ).x5c(&party.chain.to_der()).sign_claims(claims, &party.key).unwrap()
}

// rule: VP-R1, VP-R5, VP-R9, VP-R12, VP-R14, VP-T1, VP-C4
#[test]
fn a_request_that_is_not_authentic_or_well_formed_is_refused_in_silence() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        type Change = fn(&mut serde_json::Map<String, Value>);
        let changes: [(&str, Change); 12] = [
            ("nonce", |claims| drop(claims.remove("nonce"))),
            ("nonce", |claims| drop(claims.insert("nonce".into(), json!("a b")))),
            ("client", |claims| drop(claims.insert("client_id".into(), json!("x509_hash:AAAA")))),
            ("prefix", |claims| drop(claims.insert("client_id".into(), json!("origin:https://a")))),
            ("audience", |claims| drop(claims.insert("aud".into(), json!("https://elsewhere")))),
            ("redirect", |claims| {
                drop(claims.insert("redirect_uri".into(), json!("https://verifier.example/r")))
            }),
            ("transaction data", |claims| drop(claims.insert("transaction_data".into(), json!(["e30"])))),
            ("no query", |claims| drop(claims.remove("dcql_query"))),
            ("both", |claims| drop(claims.insert("scope".into(), json!("a")))),
            ("response", |claims| {
                drop(claims.insert("response_uri".into(), json!("http://verifier.example/r")))
            }),
            ("mode", |claims| drop(claims.insert("response_mode".into(), json!("query")))),
            ("expired", |claims| drop(claims.insert("exp".into(), json!(START - 3600)))),
        ];
        let mut refused = 0;
        let mut check = async |object: String, what: &str| {
            let (id, link) = world.request(name_query());
            world.server(|server| server.requests.get_mut(&id).unwrap().1 = Some(object));
            // Fetched by GET, as no wallet nonce can be in an object that was made before.
            let link = link.replace("&request_uri_method=post", "");
            let refusal = world.started_refusal(&link).await;
            assert!(!refusal.can_tell && refusal.session_id.is_none() && !refusal.left, "{what}");
            assert_eq!(world.net.calls("/response"), 0, "{what}");
            refused += 1;
            let line = world.history().remove(0);
            assert_eq!(line.code.as_deref(), Some(refusal.code.as_str()), "{what}");
            assert_eq!(line.rule, refusal.rule, "{what}");
            assert_eq!(line.kind, HistoryKind::Refused, "{what}");
        };
        let (id, _) = world.request(name_query());
        let (verifier, stranger) = world.server(|server| (server.verifier.clone(), server.stranger.clone()));
        let claims = world.server(|server| {
            let signer = openid4vp::verifier::RequestSigner {
                chain: &server.verifier.chain,
                signer: &server.verifier.key,
            };
            let object = server.requests[&id].0.request_object(&signer).unwrap();
            crypto::jws::UnverifiedJws::parse(&object).unwrap().dangerous_claims().unwrap()
        });
        for (what, change) in changes {
            let mut changed = claims.clone();
            change(&mut changed);
            check(object(&verifier, &changed, "oauth-authz-req+jwt"), what).await;
        }
        check(object(&verifier, &claims, "JWT"), "type").await;
        check(object(&stranger, &claims, "oauth-authz-req+jwt"), "stranger").await;
        let mut broken = object(&verifier, &claims, "oauth-authz-req+jwt");
        let last = if broken.pop() == Some('A') { 'Q' } else { 'A' };
        broken.push(last);
        check(broken, "signature").await;
        check("rubbish".to_owned(), "rubbish").await;
        assert_eq!(refused, 16);
    });
}

// rule: VP-C2
#[test]
fn an_unsigned_request_is_warned_of_or_refused_as_the_profile_says() {
    for word in ["warn", "refuse"] {
        let world = World::bare(|profile| profile["unauthenticatedVerifiers"] = json!(word));
        world.wallet.initialize().unwrap();
        run(async {
            world.receive(&["resident"]).await;
            let (_, link) = unsigned(&world);
            if word == "refuse" {
                let refusal = world.started_refusal(&link).await;
                assert!(refusal.session_id.is_none());
                return;
            }
            let consent = world.consent(&link).await;
            assert!(consent.recipient.trust == PartyTrust::Unauthenticated);
            assert!(consent.recipient.name.is_none());
            for what in [
                Acknowledgement::Recipient,
                Acknowledgement::Purpose,
                Acknowledgement::Retention,
                Acknowledgement::Refusal,
                Acknowledgement::Unauthenticated,
            ] {
                assert!(consent.must_acknowledge.contains(&what), "{what:?}");
                let mut choice = yes(&consent);
                choice.acknowledged.retain(|one| *one != what);
                let preview = world.wallet.present_preview(&consent.session_id, &choice).unwrap();
                assert_eq!(preview.missing, [Missing::Acknowledge { what }]);
                let not = world.wallet.present_send(&consent.session_id, &choice).await.unwrap();
                assert!(matches!(not, PresentSent::Refusal(_)));
            }
            assert_eq!(world.net.calls("/response"), 0);
            world.sent(&consent).await;
        });
    }
}

fn unsigned(world: &World) -> (String, String) {
    world.server(|server| {
        let id = format!("r{}", server.requests.len());
        let query = dcql::Query::from_value(name_query()).unwrap();
        let builder = openid4vp::verifier::RequestBuilder::new(
            ClientIdentity::RedirectUri,
            query,
            format!("https://{HOST}/response/{id}"),
        );
        let prepared = builder.build(primitives::Clock::now(&*server.clock), &entropy()).unwrap();
        let link = prepared.link_by_value("openid4vp").unwrap();
        server.requests.insert(id.clone(), (prepared, None));
        (id, link)
    })
}

// rule: VP-R8
#[test]
fn a_name_in_client_metadata_is_never_shown() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (id, link) = world.request_by(name_query(), None, |builder| builder);
        world.server(|server| {
            let signer = openid4vp::verifier::RequestSigner {
                chain: &server.verifier.chain,
                signer: &server.verifier.key,
            };
            let object_text = server.requests[&id].0.request_object(&signer).unwrap();
            let mut claims =
                crypto::jws::UnverifiedJws::parse(&object_text).unwrap().dangerous_claims().unwrap();
            claims["client_metadata"]["client_name"] = json!("National Tax Service");
            claims["client_metadata"]["logo_uri"] = json!("https://nts.example/logo");
            let changed = object(&server.verifier.clone(), &claims, "oauth-authz-req+jwt");
            server.requests.get_mut(&id).unwrap().1 = Some(changed);
        });
        let consent = world.consent(&link.replace("&request_uri_method=post", "")).await;
        let text = serde_json::to_string(&consent).unwrap();
        assert!(!text.contains("National Tax") && !text.contains("nts.example"));
        assert_eq!(consent.recipient.name.as_ref().map(said).as_deref(), Some("Verifier Ltd"));
        assert!(consent.recipient.trust == PartyTrust::Authenticated);
        assert!(consent.must_acknowledge.contains(&Acknowledgement::Unregistered));
    });
}

#[test]
fn the_resident_number_is_not_asked_without_a_law() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let ask = |name: &str| query(&[credential("card", RESIDENT, &[&["name"], &[name]])]);
        for name in ["ihidnum", "RRN", "residentRegistrationNumber"] {
            let (_, link) = world.request(ask(name));
            let refusal = world.started_refusal(&link).await;
            assert_eq!(refusal.code, "request_resident_number");
            assert!(!refusal.can_tell && refusal.blame == BlameView::Verifier);
        }
        assert_eq!(world.net.calls("/response"), 0);
        let registration = World::with_basis(world.registration(&[(RESIDENT, &[&["name"], &["ihidnum"]])]));
        let (_, link) = world.request_by(ask("ihidnum"), Some(registration), |builder| builder);
        // With a law it is an ordinary question, and nobody holds the number.
        assert_eq!(world.started_refusal(&link).await.code, "nothing_fits");
        // The masked number is an item as any other.
        let (_, link) = world.request(ask("ihidnumMasked"));
        world.consent(&link).await;
    });
}

/// A card whose holder is described in one claim, with the number in it.
fn with_number(holder: Value, always: &[&'static str]) -> World {
    let world = World::new();
    world.server(|server| {
        let card = server.configurations.get_mut("resident").unwrap();
        card.claims = json!({ "name": "김하늘-fixture", "holder": holder });
        card.always = always.to_vec();
    });
    run(world.receive(&["resident"]));
    world
}

#[test]
fn the_resident_number_does_not_leave_without_a_law_wherever_it_stands() {
    let number = "880614-0123456";
    let named = json!({ "name": "김하늘-fixture", "rrn": number });
    for (holder, always, path) in [
        // Below what is asked for, beside it in one disclosure, in what every presentation shows.
        (named.clone(), &[][..], &["holder"][..]),
        (named.clone(), &[], &["holder", "name"]),
        (named, &["holder"], &["name"]),
        // Under a name that says nothing.
        (json!({ "name": "김하늘-fixture", "ids": [["시민", number]] }), &[], &["holder", "name"]),
        // As a number, also of somebody whose birth date begins with a zero.
        (json!({ "name": "김하늘-fixture", "no": 8_806_140_123_456_u64 }), &[], &["holder"]),
        (json!({ "name": "김하늘-fixture", "no": 103_054_123_456_u64 }), &[], &["holder"]),
    ] {
        let world = with_number(holder, always);
        let ask = || query(&[credential("card", RESIDENT, &[path])]);
        let registration = || world.registration(&[(RESIDENT, &[path])]);
        run(async {
            let (_, link) = world.request_by(ask(), Some(registration()), |builder| builder);
            let refusal = world.started_refusal(&link).await;
            // Not asked for by its name: nobody is blamed for asking.
            assert_eq!(refusal.code, "resident_number_withheld", "{path:?}");
            assert!(refusal.why == RefusalWhy::Withheld && refusal.blame == BlameView::You);
            assert_eq!(world.history()[0].code.as_deref(), Some("resident_number_withheld"));
            assert!(!refusal.can_tell && refusal.session_id.is_none());
            assert_eq!(world.net.calls("/response"), 0);
            let basis = World::with_basis(registration());
            let (_, link) = world.request_by(ask(), Some(basis), |builder| builder);
            let consent = world.consent(&link).await;
            world.sent(&consent).await;
        });
    }
}

#[test]
fn an_answer_without_the_resident_number_stays_and_what_is_kept_back_is_said() {
    let world = with_number(json!({ "rrn": "880614-0123456" }), &[]);
    let ask = query(&[json!({
        "id": "card", "format": "dc+sd-jwt", "meta": { "vct_values": [RESIDENT] },
        "claims": [{ "id": "h", "path": ["holder"] }, { "id": "n", "path": ["name"] }],
        "claim_sets": [["h", "n"], ["n"]],
    })]);
    run(async {
        let (_, link) = world.request(ask);
        let consent = world.consent(&link).await;
        assert!(matches!(&consent.warnings[0], Warning::ResidentNumber { captions } if captions.len() == 1));
        let items: Vec<String> =
            consent.queries[0].candidates[0].items.iter().map(|item| said(&item.caption)).collect();
        assert_eq!(items, ["성명"]);
        world.sent(&consent).await;
        assert!(!world.disclosed()[0].to_string().contains("880614"));
    });
}

#[test]
fn what_was_not_registered_takes_a_yes_of_its_own() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let registration = world.registration(&[(RESIDENT, &[&["name"]])]);
        let ask = query(&[credential("card", RESIDENT, &[&["name"], &["birth"]])]);
        let (_, link) = world.request_by(ask, Some(registration), |builder| builder);
        let consent = world.consent(&link).await;
        let over: Vec<String> = consent.queries[0].candidates[0]
            .items
            .iter()
            .filter(|item| item.over_asked)
            .map(|item| said(&item.caption))
            .collect();
        assert_eq!(over, ["생년월일"]);
        assert_eq!(consent.must_acknowledge, [Acknowledgement::OverAsked]);
    });
}
