//! Payments and signatures that are approved together with a presentation, and requests that a browser hands over.

use civic::transaction::{self, Transaction};
use openid4vp::TransactionType;
use openid4vp::dc_api::Protocol;
use openid4vp::verifier::{ClientIdentity, Outcome, RequestSigner};
use serde_json::{Map, Value, json};
use wallet::view::*;

use crate::world::*;

pub const ORIGIN: &str = "https://verifier.example";

fn known(name: &'static str, element: &'static str) -> TransactionType {
    TransactionType { name, fits: |_| true, element: (transaction::NAME_SPACE, element) }
}

pub fn payment_type() -> TransactionType {
    known(transaction::PAYMENT, transaction::PAYMENT_ELEMENT)
}

fn signature_type() -> TransactionType {
    known(transaction::SIGNATURE, transaction::SIGNATURE_ELEMENT)
}

pub fn payment() -> Map<String, Value> {
    Transaction::Payment(transaction::Payment {
        payee: text("가람시(시연)", "Garam City (demo)"),
        title: text("자동차세 2기분", "Vehicle tax"),
        notice_number: "9999912026120000001".to_owned(),
        amount: 145_410,
        due: primitives::CivilDate::parse("2026-12-31").unwrap(),
    })
    .to_members()
}

fn signature() -> Map<String, Value> {
    Transaction::Signature(transaction::Signature {
        agency: text("누리국토부(시연)", "Ministry (demo)"),
        title: text("청년 월세 신청서", "Rent application"),
        number: "A-1".to_owned(),
        statement: text("사실임을 확인합니다.", "I confirm."),
        digest: [0xab; 32],
    })
    .to_members()
}

// rule: VP-T1, VP-T2, VP-T3
#[test]
fn a_payment_and_a_signature_are_shown_in_full_and_each_takes_its_own_yes() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (_, link) = world.request_by(name_query(), None, |builder| {
            let builder = builder.transaction(payment_type(), ["card"], payment());
            builder.transaction(signature_type(), ["card"], signature())
        });
        let consent = world.consent(&link).await;
        let [Approval::Payment { payee, title, notice_number, amount, due, overdue }, second] =
            consent.approvals.as_slice()
        else {
            panic!("not both")
        };
        assert_eq!((said(payee).as_str(), said(title).as_str()), ("가람시(시연)", "자동차세 2기분"));
        assert_eq!(
            (notice_number.as_str(), *amount, due.as_str()),
            ("9999912026120000001", 145_410, "2026-12-31")
        );
        assert!(*overdue, "the test's clock stands in 2027");
        let Approval::Signature { agency, title, number, statement, digest } = second else {
            panic!("no signature")
        };
        assert_eq!((said(agency).as_str(), said(title).as_str()), ("누리국토부(시연)", "청년 월세 신청서"));
        assert_eq!((number.as_str(), said(statement).as_str()), ("A-1", "사실임을 확인합니다."));
        assert_eq!(digest, &["abababab"; 8].join(" "));

        for left_out in [Acknowledgement::Payment, Acknowledgement::Signature] {
            assert!(consent.must_acknowledge.contains(&left_out));
            let mut selection = yes(&consent);
            selection.acknowledged.retain(|what| *what != left_out);
            let preview = world.wallet.present_preview(&consent.session_id, &selection).unwrap();
            assert_eq!(preview.missing, [Missing::Acknowledge { what: left_out }]);
            let sent = world.wallet.present_send(&consent.session_id, &selection).await.unwrap();
            assert!(matches!(sent, PresentSent::Refusal(refusal) if refusal.code == "choice_incomplete"));
        }
        assert_eq!(world.net.calls("/response"), 0);
        world.sent(&consent).await;
        world.server(|server| match &server.posted.last().unwrap().outcome {
            Ok(Outcome::Verified(answer)) => assert_eq!(answer.presentations[0].approved.len(), 2),
            _ => panic!("not verified"),
        });
        let line = world.history().remove(0);
        let items: Vec<String> = line.items.iter().map(said).collect();
        assert_eq!(items, ["성명"]);
        let approvals: Vec<String> = line.approvals.iter().map(said).collect();
        assert_eq!(approvals, ["고지서 납부 승인", "신청서 서명"]);
        assert_eq!(line.papers.len(), 1);
    });
}

// rule: VP-T1
#[test]
fn a_transaction_of_another_type_or_not_whole_is_refused_in_silence() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let mut incomplete = payment();
        incomplete.remove("amount");
        let mut more = payment();
        more.insert("fee".to_owned(), json!(1));
        let other = known("urn:other:payment", "other");
        for (kind, members, code) in [
            (other, payment(), "request_transaction_data_unsupported"),
            (payment_type(), incomplete, "request_transaction_data_malformed"),
            (payment_type(), more, "request_transaction_data_malformed"),
            (signature_type(), payment(), "request_transaction_data_malformed"),
        ] {
            let (_, link) =
                world.request_by(name_query(), None, |builder| builder.transaction(kind, ["card"], members));
            let refusal = world.started_refusal(&link).await;
            assert_eq!(refusal.code, code);
            assert_eq!(refusal.rule.as_deref(), Some("VP-T1"));
            assert!(!refusal.can_tell && refusal.session_id.is_none() && !refusal.left);
            assert_eq!(world.history().remove(0).code.as_deref(), Some(code));
        }
        assert_eq!(world.net.calls("/response"), 0);
    });
}

// rule: VP-T4
#[test]
fn a_mobile_document_that_may_not_approve_is_not_offered() {
    let world = World::new();
    run(async {
        world.receive(&["resident_mdoc"]).await;
        let ask = || {
            query(&[json!({ "id": "card", "format": "mso_mdoc",
                "meta": { "doctype_value": "kr.example.nuri.resident.1" },
                "claims": [{ "path": [NAME_SPACE, "name"] }] })])
        };
        let (_, link) = world.request_by(ask(), None, |builder| builder);
        assert!(world.consent(&link).await.approvals.is_empty());
        let (_, link) =
            world.request_by(ask(), None, |builder| builder.transaction(payment_type(), ["card"], payment()));
        assert_eq!(world.started_refusal(&link).await.code, "nothing_fits");
    });
}

// ───────────── requests that a browser hands over ─────────────

/// A request of this protocol; the session is kept under the number.
fn handed(world: &World, protocol: Protocol) -> (String, Vec<u8>) {
    let (id, _) = world.request_by(name_query(), None, |builder| match protocol {
        Protocol::Unsigned => builder.identified_by(ClientIdentity::RedirectUri).over_dc_api(ORIGIN),
        _ => builder.over_dc_api(ORIGIN),
    });
    let entry = world.server(|server| {
        let prepared = &server.requests[&id].0;
        let signer = RequestSigner { chain: &server.verifier.chain, signer: &server.verifier.key };
        match protocol {
            Protocol::Unsigned => prepared.dc_api_unsigned(),
            Protocol::Signed => prepared.dc_api_signed(&signer),
            Protocol::MultiSigned => prepared
                .dc_api_multi_signed(&[openid4vp::verifier::DcApiSigner { signer, registration: None }]),
        }
        .unwrap()
    });
    (id, json!({ "digital": { "requests": [entry] } }).to_string().into_bytes())
}

async fn start(world: &World, request: &[u8], origin: &str) -> PresentStarted {
    world.wallet.present_start_dc_api(request, origin).await.unwrap()
}

async fn consent(world: &World, request: &[u8]) -> Consent {
    match start(world, request, ORIGIN).await {
        PresentStarted::Consent(consent) => *consent,
        PresentStarted::Refusal(refusal) => panic!("refused: {} {:?}", refusal.code, refusal.rule),
    }
}

// rule: VP-A1, VP-A4, HA-8
#[test]
fn a_request_of_a_browser_is_answered_to_the_browser_and_nothing_is_posted() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        for protocol in Protocol::ALL {
            let (id, request) = handed(&world, protocol);
            let consent = consent(&world, &request).await;
            let calls = world.net.calls("");
            assert_eq!(consent.recipient.host, ORIGIN);
            if protocol == Protocol::Unsigned {
                assert!(consent.recipient.trust == PartyTrust::Unauthenticated);
                assert!(consent.must_acknowledge.contains(&Acknowledgement::Unauthenticated));
            } else {
                assert_eq!(consent.recipient.name.as_ref().map(said).as_deref(), Some("Verifier Ltd"));
            }
            let (sent, answer) =
                world.wallet.present_send_to(&consent.session_id, &yes(&consent)).await.unwrap();
            let PresentSent::Sent(sent) = sent else { panic!("not sent") };
            assert_eq!((sent.item_count, sent.host.as_str()), (1, ORIGIN));
            let answer = answer.unwrap().to_json();
            assert_eq!(answer["protocol"], protocol.name());
            assert_eq!(world.net.calls(""), calls, "nothing was called");
            let outcome = world.server(|server| {
                let now = primitives::Clock::now(server.clock.as_ref());
                let session = server.requests[&id].0.session();
                session.validate_dc_api(answer.to_string().as_bytes(), &server.issuers, now)
            });
            let Ok(Outcome::Verified(answer)) = outcome else { panic!("not believed") };
            assert_eq!(answer.presentations[0].claims["name"], "김하늘-fixture");
            let line = world.history().remove(0);
            assert!(line.kind == HistoryKind::Presented && line.left);
            // A request that was answered is not answered again.
            let again = start(&world, &request, ORIGIN).await;
            assert!(matches!(again, PresentStarted::Refusal(it) if it.code == "request_already_answered"));
        }
    });
}

// rule: VP-A4, VP-S5, VP-S6
#[test]
fn a_no_to_a_browser_is_access_denied_whatever_the_reason() {
    let world = World::new();
    run(async {
        let (_, request) = handed(&world, Protocol::Signed);
        let PresentStarted::Refusal(missing) = start(&world, &request, ORIGIN).await else { panic!("held") };
        assert_eq!(missing.code, "nothing_fits");
        let session = missing.session_id.unwrap();
        let (told, nothing_held) = world.wallet.present_decline_to(&session, true).await.unwrap();
        assert!(told);
        world.receive(&["resident"]).await;
        let (_, request) = handed(&world, Protocol::Signed);
        let consent = consent(&world, &request).await;
        let (told, declined) = world.wallet.present_decline_to(&consent.session_id, true).await.unwrap();
        assert!(told);
        let expected = json!({ "protocol": "openid4vp-v1-signed", "data": { "error": "access_denied" } });
        assert_eq!(nothing_held.unwrap().to_json(), expected);
        assert_eq!(declined.unwrap().to_json(), expected);
        let (_, request) = handed(&world, Protocol::Signed);
        let PresentStarted::Consent(consent) = start(&world, &request, ORIGIN).await else {
            panic!("refused")
        };
        let (told, silent) = world.wallet.present_decline_to(&consent.session_id, false).await.unwrap();
        assert!(!told && silent.is_none());
    });
}

// rule: VP-A2
#[test]
fn a_request_of_a_browser_for_another_origin_is_refused_in_silence() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (_, request) = handed(&world, Protocol::Signed);
        for (origin, code) in [
            ("https://phisher.example", "request_origin_mismatch"),
            ("http://verifier.example", "request_origin_not_allowed"),
            ("javascript:alert(1)", "request_origin_not_allowed"),
        ] {
            let PresentStarted::Refusal(refusal) = start(&world, &request, origin).await else {
                panic!("shown")
            };
            assert_eq!(refusal.code, code);
            assert!(!refusal.can_tell && refusal.session_id.is_none());
            assert_eq!(world.history().remove(0).code.as_deref(), Some(code));
        }
    });
}
