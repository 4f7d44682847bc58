//! What several registrations state of a request: each of the queries that it speaks of, and nothing of the others.

use openid4vp::verifier::RequestSigner;
use serde_json::{Value, json};
use trust::registration::Registration;
use wallet::view::*;

use crate::world::*;

/// A request of the verifier with these registrations, each with the queries that it is said to speak of.
fn request(world: &World, query: Value, registrations: &[(&Registration, Option<&[&str]>)]) -> String {
    let (id, link) = world.request_by(query, None, |builder| builder);
    world.server(|server| {
        let signer = RequestSigner { chain: &server.verifier.chain, signer: &server.verifier.key };
        let object = server.requests[&id].0.request_object(&signer).unwrap();
        let mut claims = crypto::jws::UnverifiedJws::parse(&object).unwrap().dangerous_claims().unwrap();
        let entry = |(registration, queries): &(&Registration, Option<&[&str]>)| {
            let signed = registration.sign(&server.registrar.chain, &server.registrar.key).unwrap();
            let mut entry = json!({ "format": "registration_cert", "data": signed });
            if let Some(queries) = queries {
                entry["credential_ids"] = json!(queries);
            }
            entry
        };
        claims.insert("verifier_info".to_owned(), registrations.iter().map(entry).collect());
        let header =
            crypto::jws::HeaderBuilder::new("oauth-authz-req+jwt").x5c(&server.verifier.chain.to_der());
        let object = header.sign_claims(&claims, &server.verifier.key).unwrap();
        server.requests.get_mut(&id).unwrap().1 = Some(object);
    });
    // Fetched by GET, as no wallet nonce can be in an object that was made before.
    link.replace("&request_uri_method=post", "")
}

/// The card is asked for, and a notice beside it that need not be shown.
fn card_and_bill() -> Value {
    let mut asked = query(&[
        credential("x", NOTICE, &[&["payer"]]),
        credential("card", RESIDENT, &[&["name"], &["birth"]]),
    ]);
    asked["credential_sets"] = json!([{ "options": [["card"]] }, { "options": [["x"]], "required": false }]);
    asked
}

/// One that is harmless, and one that is not: without an end, without what refusing means.
fn harmless_and_other(world: &World) -> (Registration, Registration) {
    let harmless = world.registration(&[(NOTICE, &[&["payer"]])]);
    let other = Registration {
        name: text("나눔 광고", "Nanum Ads"),
        purpose: text("광고", "advertising"),
        retention: Some(text("무기한", "for ever")),
        consequences_of_refusal: None,
        ..world.registration(&[(RESIDENT, &[&["name"], &["birth"]])])
    };
    (harmless, other)
}

fn said_of(line: &Line) -> Vec<(Vec<String>, Option<String>)> {
    let part = |part: &LinePart| (part.papers.iter().map(said).collect(), part.text.as_ref().map(said));
    line.parts.iter().map(part).collect()
}

const CARD: &str = "모바일 주민등록증 (성명, 생년월일)";

// rule: VP-R13
#[test]
fn a_harmless_registration_of_another_query_hides_nothing() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (harmless, other) = harmless_and_other(&world);
        let registrations = [(&harmless, Some(["x"].as_slice())), (&other, Some(["card"].as_slice()))];
        // The notice is not held, and nothing is asked but the card.
        let consent = world.consent(&request(&world, card_and_bill(), &registrations)).await;
        let line = |line: &Line| line.text.as_ref().map(said);
        assert_eq!(line(&consent.lines.purpose).as_deref(), Some("광고"));
        assert_eq!(line(&consent.lines.retention).as_deref(), Some("무기한"));
        assert!(!consent.lines.refusal.is_stated());
        assert_eq!(consent.must_acknowledge, [Acknowledgement::Refusal]);
        assert!(consent.warnings.iter().any(|warning| matches!(warning, Warning::NoRetentionLimit)));
        // Whoever asks by two names is shown by both.
        assert_eq!(consent.recipient.name.as_ref().map(said).as_deref(), Some("가람 대여점 / 나눔 광고"));
        world.sent(&consent).await;
        let told = world.history().remove(0);
        assert_eq!(told.purpose.as_ref().map(said).as_deref(), Some("광고"));
        assert_eq!(told.retention.as_ref().map(said).as_deref(), Some("무기한"));
        assert_eq!(told.party.as_ref().map(said).as_deref(), Some("가람 대여점 / 나눔 광고"));
    });
}

// rule: VP-R13
#[test]
fn what_is_stated_of_one_paper_and_of_another_stands_beside_each_other() {
    let world = World::new();
    run(async {
        world.receive(&["resident", "notice"]).await;
        let (harmless, other) = harmless_and_other(&world);
        let registrations = [(&harmless, Some(["x"].as_slice())), (&other, Some(["card"].as_slice()))];
        let consent = world.consent(&request(&world, card_and_bill(), &registrations)).await;
        let bill = consent.lines.purpose.parts[0].papers.iter().map(said).collect::<Vec<_>>();
        assert_eq!(bill.len(), 1);
        let of = |bills: &str, cards: Option<&str>| {
            vec![(bill.clone(), Some(bills.to_owned())), (vec![CARD.to_owned()], cards.map(str::to_owned))]
        };
        assert_eq!(said_of(&consent.lines.purpose), of("나이 확인", Some("광고")));
        assert_eq!(said_of(&consent.lines.retention), of("30일", Some("무기한")));
        assert_eq!(said_of(&consent.lines.refusal), of("빌릴 수 없음", None));
        assert!(consent.lines.purpose.text.is_none() && consent.lines.purpose.is_stated());
        // What is not stated of one of them takes its own yes.
        assert_eq!(consent.must_acknowledge, [Acknowledgement::Refusal]);
        assert!(consent.warnings.iter().any(|warning| matches!(warning, Warning::NoRetentionLimit)));
        // The history says what was stated of what was told.
        let mut both = yes(&consent);
        let group = |necessity| consent.groups.iter().find(|group| group.necessity == necessity).unwrap();
        let optional = group(Necessity::Optional);
        both.options.insert(optional.id.clone(), Some(optional.options[0].id.clone()));
        let mut only = both.clone();
        only.options.insert(optional.id.clone(), None);
        let sent = world.wallet.present_send(&consent.session_id, &only).await.unwrap();
        assert!(matches!(sent, PresentSent::Sent(_)));
        assert_eq!(world.history()[0].purpose.as_ref().map(said).as_deref(), Some("광고"));
        let consent = world.consent(&request(&world, card_and_bill(), &registrations)).await;
        // The same choice on a screen of its own.
        let mut again = yes(&consent);
        again.options = both.options;
        let sent = world.wallet.present_send(&consent.session_id, &again).await.unwrap();
        assert!(matches!(sent, PresentSent::Sent(_)));
        let line = world.history().remove(0);
        let whole = format!("{}: 나이 확인 / {CARD}: 광고", bill[0]);
        assert_eq!(line.purpose.as_ref().map(said).as_deref(), Some(whole.as_str()));
        let whole = format!("{}: 30일 / {CARD}: 무기한", bill[0]);
        assert_eq!(line.retention.as_ref().map(said).as_deref(), Some(whole.as_str()));
        // Said no to, both.
        let consent = world.consent(&request(&world, card_and_bill(), &registrations)).await;
        world.wallet.present_decline(&consent.session_id, false).await.unwrap();
        let declined = world.history()[0].purpose.as_ref().map(said).unwrap();
        assert!(declined.contains("나이 확인") && declined.contains("광고"));
    });
}

// rule: VP-R13
#[test]
fn several_registrations_of_one_query_are_all_shown_and_none_speaks_for_what_nobody_registered() {
    let world = World::new();
    run(async {
        world.receive(&["resident", "notice"]).await;
        let (harmless, other) = harmless_and_other(&world);
        // Without identifiers a registration speaks of all that is asked (OpenID4VP 1.0 section 5.1).
        let both = [(&harmless, None), (&other, None)];
        let consent = world.consent(&request(&world, card_and_bill(), &both)).await;
        let all = |ko: &str| (Vec::new(), Some(ko.to_owned()));
        assert_eq!(said_of(&consent.lines.purpose), [all("나이 확인"), all("광고")]);
        assert_eq!(said_of(&consent.lines.refusal), [all("빌릴 수 없음"), (Vec::new(), None)]);
        assert_eq!(consent.must_acknowledge, [Acknowledgement::Refusal]);
        let alone = [(&harmless, Some(["x"].as_slice()))];
        let consent = world.consent(&request(&world, card_and_bill(), &alone)).await;
        let purpose = said_of(&consent.lines.purpose);
        assert_eq!(purpose[1], (vec![CARD.to_owned()], None));
        for what in [
            Acknowledgement::Purpose,
            Acknowledgement::Retention,
            Acknowledgement::Refusal,
            Acknowledgement::OverAsked,
        ] {
            assert!(consent.must_acknowledge.contains(&what), "{what:?}");
        }
    });
}
