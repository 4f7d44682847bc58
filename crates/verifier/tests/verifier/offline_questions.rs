//! The ready-made questions that certificates answer, judged at a desk: support by the certificate itself, taxes by "nothing owed".

use crate::offline::*;
use primitives::LocalizedText;
use serde_json::{Value, json};
use verifier::Outcome;
use verifier::offline::*;

const SUPPORT: &str = "livelihood-support";
const TAXES: &str = "tax-paid";

/// A query of the test's own for a paper of this type.
fn query(vct: &str, claims: Value) -> dcql::Query {
    let asked =
        json!({ "id": "q0", "format": "dc+sd-jwt", "meta": { "vct_values": [vct] }, "claims": claims });
    dcql::Query::from_value(json!({ "credentials": [asked] })).unwrap()
}

// rule: OQ-1, OQ-30
#[test]
fn support_is_confirmed_by_its_certificate_and_none_of_its_claims_is_told() {
    for (mode, outcome) in [
        (Mode::Request, Outcome::Confirmed),
        (Mode::Code, Outcome::Confirmed),
        (Mode::OneWay, Outcome::ConfirmedWeak),
    ] {
        let world = World::holding(livelihood(), |_| {});
        let shown = world.check(SUPPORT, mode, Holds::SdJwt);
        assert_eq!(shown.verdict.outcome, outcome, "{mode:?} {:?}", codes(&shown));
        // That the certificate is there is the answer, and a desk says so.
        let expected = Statement {
            caption: LocalizedText::new("기초생활 수급 자격", "Basic livelihood support"),
            value: LocalizedText::new("있음", "Yes"),
        };
        assert_eq!(shown.statement.as_ref(), Some(&expected));
        assert!(shown.verdict.answers.is_empty());
        let json = shown.to_json();
        assert_eq!(json["offline"]["statement"]["value"]["ko"], "있음");
        let not_received: Vec<&str> = shown.not_received.iter().map(|one| one.ko.as_str()).collect();
        assert!(not_received.contains(&"성명"), "{not_received:?}");
        assert!(!json.to_string().contains("최한결") && !json.to_string().contains("생계급여"));
    }
}

// rule: OQ-33
#[test]
fn one_claim_more_than_asked_is_not_read_where_none_was_asked_for() {
    let world = World::holding(livelihood(), |_| {});
    for claim in ["kinds", "name"] {
        let begun = world.desk.begin(SUPPORT, Mode::Code).unwrap();
        let more = query(livelihood().vct, json!([{ "path": [claim] }]));
        let request = world.by_code(begun.code.as_ref().unwrap(), more);
        let verdict = feed(&world.desk, &begun, &message(&world.answer(&request, Holds::SdJwt)));
        red(&verdict, "offline_more_than_asked");
        assert!(!verdict.to_json().to_string().contains("최한결"));
    }
}

// rule: OQ-33
#[test]
fn another_certificate_does_not_answer_for_support() {
    let world = World::holding(taxes(0), |_| {});
    let begun = world.desk.begin(SUPPORT, Mode::Code).unwrap();
    let request =
        world.by_code(begun.code.as_ref().unwrap(), query(taxes(0).vct, json!([{ "path": ["arrears"] }])));
    let verdict = feed(&world.desk, &begun, &message(&world.answer(&request, Holds::SdJwt)));
    red(&verdict, "presentation_type_mismatch");
}

// rule: OQ-1, OQ-30
#[test]
fn taxes_are_paid_where_the_certificate_says_that_nothing_is_owed() {
    for mode in [Mode::Request, Mode::Code, Mode::OneWay] {
        let world = World::holding(taxes(0), |_| {});
        let shown = world.check(TAXES, mode, Holds::SdJwt);
        assert_ne!(shown.verdict.outcome, Outcome::NotConfirmed, "{mode:?} {:?}", codes(&shown));
        let [answer] = shown.verdict.answers.as_slice() else { panic!("one answer") };
        assert_eq!((answer.caption.ko.as_str(), &answer.value), ("밀린 국세", &json!(0)));
        assert!(shown.statement.is_none());
        assert!(!shown.to_json().to_string().contains("정마루"));
    }
    // Of the two certificates each says which taxes it means.
    let question = Question::ready_made().into_iter().find(|one| one.id == TAXES).unwrap();
    let items: Vec<String> = question.items().into_iter().map(|item| item.ko).collect();
    assert_eq!(items, ["밀린 국세", "밀린 지방세"]);
}

// rule: OQ-33
#[test]
fn a_certificate_of_something_owed_is_no_answer() {
    let world = World::holding(taxes(1_200_000), |_| {});
    let begun = world.desk.begin(TAXES, Mode::Code).unwrap();
    // A wallet keeps such a certificate back; one that does not is not believed, and the amount is not read.
    let request =
        world.by_code(begun.code.as_ref().unwrap(), query(taxes(0).vct, json!([{ "path": ["arrears"] }])));
    let verdict = feed(&world.desk, &begun, &message(&world.answer(&request, Holds::SdJwt)));
    red(&verdict, "presentation_claims_missing");
    assert!(!verdict.to_json().to_string().contains("1200000"));
}
