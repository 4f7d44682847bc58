//! Journeys of presenting: the verifiers of the demo government, the bad ones included.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod support;

use support::*;
use wallet::view::*;

/// Presents everything required and gives what was told, by caption, as the verifier has it.
async fn presented(stage: &Stage, verifier: &str) -> serde_json::Value {
    let asked = stage.asked(verifier).await;
    let consent = match stage.consent(&asked.link).await {
        PresentStarted::Consent(consent) => consent,
        PresentStarted::Refusal(refusal) => panic!("{verifier}: {} {:?}", refusal.code, refusal.rule),
    };
    if verifier == "v-petition" {
        // It signs nothing: each line that nobody vouches for takes a yes of its own.
        use Acknowledgement::{Purpose, Recipient, Refusal, Retention, Unauthenticated};
        assert_eq!(consent.must_acknowledge, [Recipient, Purpose, Retention, Refusal, Unauthenticated]);
        assert!(consent.lines.recipient.text.is_none());
    } else {
        assert_eq!(consent.must_acknowledge, [], "{verifier} states everything");
    }
    let selection = everything_required(&consent);
    let preview = stage.wallet().present_preview(&consent.session_id, &selection).unwrap();
    assert!(preview.missing.is_empty(), "{verifier}: {:?}", preview.missing);
    match stage.wallet().present_send(&consent.session_id, &selection).await.unwrap() {
        PresentSent::Sent(sent) => assert!(sent.opened_browser, "{verifier}"),
        PresentSent::Showing(_) => panic!("{verifier}: shown"),
        PresentSent::Refusal(refusal) => panic!("{verifier}: {} {:?}", refusal.code, refusal.rule),
    }
    let verdict = stage.verdict().await;
    assert_eq!(verdict["outcome"], "confirmed", "{verifier}: {verdict}");
    let told = verdict["answers"].as_array().unwrap().len();
    assert_eq!(
        told, preview.item_count,
        "{verifier} learns what stood on the screen: {}",
        verdict["answers"]
    );
    verdict
}

#[tokio::test(flavor = "multi_thread")]
async fn p1_satisfies_store_airport_clinic_rent_petition_and_library() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    stage.hold("p1", &["p1-register"]).await;
    stage.hold("p1", &["p1-income"]).await;
    stage.hold("p1", &["p1-lease"]).await;
    for verifier in ["v-store", "v-air", "v-clinic", "v-petition", "v-library"] {
        presented(&stage, verifier).await;
    }
    // Four papers in one answer.
    let verdict = presented(&stage, "v-rent").await;
    assert_eq!(verdict["papers"].as_array().unwrap().len(), 4);
    let history = stage.history();
    assert!(history[0].left && !history[0].items.is_empty() && history[0].purpose.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_store_learns_that_p1_is_of_age_and_no_birth_date() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    let verdict = presented(&stage, "v-store").await;
    let answers = verdict["answers"].as_array().unwrap();
    assert_eq!(answers.len(), 1, "{answers:?}");
    assert_eq!(answers[0]["value"], true);
    assert!(!verdict.to_string().contains("2001-0") && !verdict.to_string().contains("이도담"));
}

#[tokio::test(flavor = "multi_thread")]
async fn p2_reduces_a_fine_and_p3_rides_with_the_least_telling_paper() {
    let stage = Stage::new().await;
    stage.hold("p2", &["p2-single"]).await;
    presented(&stage, "v-fine").await;
    let stage = Stage::new().await;
    stage.hold("p3", &["p3-resident"]).await;
    stage.hold("p3", &["p3-veteran"]).await;
    stage.hold("p3", &["p3-disability"]).await;
    presented(&stage, "v-metro").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn the_loan_cannot_be_answered_by_p4_and_learns_nothing_of_why() {
    let stage = Stage::new().await;
    stage.hold("p4", &["p4-taxcert"]).await;
    let asked = stage.asked("v-loan").await;
    let PresentStarted::Refusal(refusal) = stage.consent(&asked.link).await else {
        panic!("it was answered")
    };
    assert_eq!((refusal.code.as_str(), refusal.left, refusal.can_tell), ("nothing_fits", false, true));
    let before = stage.stage_of(&asked).await;
    assert_eq!(before["outcome"], serde_json::Value::Null, "nothing was posted: {before}");
    assert!(stage.wallet().present_decline(&refusal.session_id.unwrap(), true).await.unwrap());
    let after = stage.stage_of(&asked).await;
    assert_ne!(after["outcome"], "confirmed");
    assert_eq!(stage.history()[0].kind, HistoryKind::Declined);
}

// rule: VP-R13
#[tokio::test(flavor = "multi_thread")]
async fn what_goes_beyond_the_registration_is_marked_and_takes_a_yes_of_its_own() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    let asked = stage.asked("v-parcel").await;
    let PresentStarted::Consent(consent) = stage.consent(&asked.link).await else { panic!("it was refused") };
    assert!(consent.recipient.trust == PartyTrust::Registered);
    let items = &consent.queries[0].candidates[0].items;
    let marked: Vec<bool> = items.iter().map(|item| item.over_asked).collect();
    assert_eq!(marked.iter().filter(|marked| **marked).count(), 1, "one of three, and the others are not");
    assert_eq!(items.len(), 3);
    let over = items.iter().find(|item| item.over_asked).unwrap();
    assert_eq!(over.caption.en.as_deref(), Some("Date of birth"));
    assert!(
        consent
            .warnings
            .iter()
            .any(|warning| matches!(warning, Warning::OverAsked { captions } if captions.len() == 1))
    );
    assert_eq!(consent.must_acknowledge, [Acknowledgement::OverAsked]);
    let preview = stage.wallet().present_preview(&consent.session_id, &Selection::default()).unwrap();
    assert_eq!(preview.missing, [Missing::Acknowledge { what: Acknowledgement::OverAsked }]);
    let state = stage.stage_of(&asked).await;
    assert!(state["outcome"].is_null(), "nothing has left: {state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_shop_that_wants_the_resident_number_gets_nothing() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    let asked = stage.asked("v-bad1").await;
    let PresentStarted::Refusal(refusal) = stage.consent(&asked.link).await else { panic!("it was offered") };
    assert_eq!(
        (refusal.code.as_str(), refusal.blame, refusal.left),
        ("request_resident_number", BlameView::Verifier, false)
    );
    let state = stage.stage_of(&asked).await;
    assert!(state["stage"] == "fetched" && state["outcome"].is_null(), "{state}");
    assert_eq!(stage.history()[0].kind, HistoryKind::Refused);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_only_claims_to_be_the_library_is_refused_silently() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    let asked = stage.asked("v-bad2").await;
    let PresentStarted::Refusal(refusal) = stage.consent(&asked.link).await else {
        panic!("it was believed")
    };
    assert_eq!(
        (refusal.code.as_str(), refusal.rule.as_deref()),
        ("request_signature_invalid", Some("VP-C4"))
    );
    assert!(!refusal.left && !refusal.can_tell && refusal.session_id.is_none());
    let state = stage.stage_of(&asked).await;
    assert!(state["stage"] == "fetched" && state["outcome"].is_null(), "nothing is posted: {state}");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_no_is_told_only_when_the_citizen_says_so() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    for tell in [false, true] {
        let asked = stage.asked("v-library").await;
        let PresentStarted::Consent(consent) = stage.consent(&asked.link).await else { panic!("refused") };
        assert_eq!(stage.wallet().present_decline(&consent.session_id, tell).await.unwrap(), tell);
        let state = stage.stage_of(&asked).await;
        assert_eq!(state["outcome"].is_null(), !tell, "{state}");
        let line = &stage.history()[0];
        assert!(line.kind == HistoryKind::Declined && line.items.is_empty() && !line.left);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_verifiers_meet_two_copies_and_an_answered_request_is_not_answered_again() {
    let stage = Stage::new().await;
    let papers = stage.hold("p1", &["p1-resident"]).await;
    let left = |stage: &Stage| stage.wallet().paper(&papers[0].id).unwrap().trust.copies.left;
    assert_eq!(left(&stage), 5);
    let asked = stage.asked("v-library").await;
    for round in 0..2 {
        match stage.consent(&asked.link).await {
            PresentStarted::Consent(consent) if round == 0 => {
                let selection = everything_required(&consent);
                let sent = stage.wallet().present_send(&consent.session_id, &selection).await.unwrap();
                assert!(matches!(sent, PresentSent::Sent(_)));
            }
            PresentStarted::Refusal(refusal) if round == 1 => {
                assert!(!refusal.left, "{}", refusal.code);
            }
            _ => panic!("round {round}"),
        }
    }
    assert_eq!(left(&stage), 4);
    presented(&stage, "v-petition").await;
    assert_eq!(left(&stage), 3);
}

#[tokio::test(flavor = "multi_thread")]
async fn an_optional_item_goes_only_where_it_was_named() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    let asked = stage.asked("v-library").await;
    let PresentStarted::Consent(consent) = stage.consent(&asked.link).await else { panic!("refused") };
    let optional = consent.queries[0].candidates[0]
        .items
        .iter()
        .find(|item| item.necessity == Necessity::Optional)
        .expect("the telephone number");
    let mut selection = everything_required(&consent);
    let without = stage.wallet().present_preview(&consent.session_id, &selection).unwrap().item_count;
    selection.items.push(optional.id.clone());
    let sent = stage.wallet().present_send(&consent.session_id, &selection).await.unwrap();
    let PresentSent::Sent(sent) = sent else { panic!("not sent") };
    assert_eq!(sent.item_count, without + 1);
    assert_eq!(stage.verdict().await["answers"].as_array().unwrap().len(), without + 1);
}

#[tokio::test(flavor = "multi_thread")]
async fn a_verifier_that_is_down_gets_no_copy_and_the_wallet_goes_on() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    let asked = stage.asked("v-library").await;
    stage.government().stop_service("v-library").await.unwrap();
    let PresentStarted::Refusal(refusal) = stage.consent(&asked.link).await else { panic!("it answered") };
    assert_eq!((refusal.blame, refusal.left), (BlameView::Network, false), "{}", refusal.code);
    stage.government().start_service("v-library").await.unwrap();
    presented(&stage, "v-library").await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_card_held_as_mdoc_alone_is_presented_with_its_device_signature() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident.mdoc"]).await;
    let verdict = presented(&stage, "v-air").await;
    assert_eq!(verdict["papers"].as_array().unwrap().len(), 1, "{verdict}");
    assert!(verdict["papers"][0].to_string().contains("true"), "bound to its holder: {verdict}");
}
