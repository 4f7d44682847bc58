//! What a desk without a network says of honest answers: every mode, both formats, every age.

use std::sync::Arc;

use crate::offline::*;
use primitives::{LocalizedText, Refusal as _};
use serde_json::json;
use trust::status::StatusState;
use verifier::offline::*;
use verifier::{Binding, Outcome};

// rule: OQ-1, OQ-30
#[test]
fn an_honest_answer_is_green_where_somebody_asked_and_amber_where_nobody_did() {
    for holds in [Holds::SdJwt, Holds::Mdoc] {
        for (mode, outcome) in [
            (Mode::Request, Outcome::Confirmed),
            (Mode::Code, Outcome::Confirmed),
            (Mode::OneWay, Outcome::ConfirmedWeak),
        ] {
            let world = World::new();
            let shown = world.check(AGE, mode, holds);
            let codes = codes(&shown);
            assert_eq!(shown.verdict.outcome, outcome, "{mode:?} {holds:?} {codes:?}");
            assert_eq!(codes.is_empty(), outcome == Outcome::Confirmed);
            assert_eq!(shown.verdict.binding, Binding::OnScreen);
            let [answer] = shown.verdict.answers.as_slice() else { panic!("one answer") };
            assert_eq!((answer.caption.ko.as_str(), &answer.value), ("만 19세 이상", &json!(true)));
            let [paper] = shown.verdict.papers.as_slice() else { panic!("one paper") };
            assert_eq!((paper.title.ko.as_str(), paper.issuer.as_str()), ("모바일 주민등록증", "Issuer"));
            assert!(paper.holder_bound);
            // What stayed hidden is named by its caption, and what came is not.
            assert_eq!(shown.not_received, captions_but(&["ageOver19"]));
            assert!(!shown.to_json().to_string().contains("이도담"));
            assert_eq!(world.desk.count().checks, 1);
        }
    }
}

/// What the card holds by the catalogue, each caption once, but for this claim.
fn captions_but(path: &[&str]) -> Vec<LocalizedText> {
    let card = civic::Catalogue.by_vct(VCT).unwrap();
    let mut captions = Vec::new();
    for caption in
        card.claims.iter().filter(|claim| claim.path != path).map(|claim| claim.caption.localized())
    {
        if !captions.contains(&caption) {
            captions.push(caption);
        }
    }
    assert!(captions.len() > 3);
    captions
}

// rule: OQ-5
#[test]
fn a_question_that_identifies_is_asked_by_a_signed_request_only() {
    let world = World::new();
    for mode in [Mode::Code, Mode::OneWay] {
        assert_eq!(world.desk.begin(WHO, mode).unwrap_err(), BeginError::Identifying);
    }
    let who = world.desk.questions().iter().find(|one| one.id == WHO).unwrap();
    assert_eq!(world.desk.modes(who), [Mode::Request]);
    let shown = world.check(WHO, Mode::Request, Holds::SdJwt);
    assert_eq!(shown.verdict.outcome, Outcome::Confirmed);
    assert_eq!(shown.verdict.answers[0].value, json!("이도담"));
    assert!(!shown.not_received.is_empty());
    assert_eq!(world.desk.begin("nothing", Mode::Code).unwrap_err(), BeginError::Question);
    let keyless = World::with(|settings| settings.identity = None);
    assert_eq!(keyless.desk.begin(AGE, Mode::Request).unwrap_err(), BeginError::NoIdentity);
    assert_eq!(keyless.desk.modes(&keyless.desk.questions()[0]), [Mode::Code, Mode::OneWay]);
}

// rule: OQ-31
#[test]
fn the_age_of_the_status_list_is_green_amber_and_red() {
    for (age, outcome, code) in [
        (DAY, Outcome::Confirmed, None),
        (DAY + 1, Outcome::ConfirmedWeak, Some("status_stale")),
        (7 * DAY, Outcome::ConfirmedWeak, Some("status_stale")),
        (7 * DAY + 1, Outcome::NotConfirmed, Some("status_too_old")),
    ] {
        let world = World::new();
        world.clock.advance(age);
        let shown = world.check(AGE, Mode::Code, Holds::SdJwt);
        assert_eq!(shown.verdict.outcome, outcome, "{age}");
        assert_eq!(codes(&shown), code.into_iter().collect::<Vec<_>>(), "{age}");
        assert_eq!(shown.verdict.answers.is_empty(), outcome == Outcome::NotConfirmed);
        assert_eq!(shown.not_received.is_empty(), outcome == Outcome::NotConfirmed);
    }
}

// rule: OQ-31
#[test]
fn a_status_that_is_not_kept_is_amber_or_red_as_the_policy_says() {
    for (unknown_status, outcome, code) in [
        (UnknownStatus::Amber, Outcome::ConfirmedWeak, "status_unreachable"),
        (UnknownStatus::Red, Outcome::NotConfirmed, "status_not_kept"),
    ] {
        let world = World::with(|settings| settings.policy.unknown_status = unknown_status);
        world.lists.tokens.lock().unwrap().clear();
        let shown = world.check(AGE, Mode::Code, Holds::Mdoc);
        assert_eq!((shown.verdict.outcome, codes(&shown)), (outcome, vec![code]));
    }
}

// rule: OQ-31
#[test]
fn a_trust_list_counts_for_thirty_days_and_not_past_its_own_end() {
    for (age, end, outcome) in [
        (30 * DAY, None, Outcome::Confirmed),
        (30 * DAY + 1, None, Outcome::NotConfirmed),
        (DAY, Some(2 * DAY), Outcome::Confirmed),
        (DAY, Some(DAY), Outcome::NotConfirmed),
    ] {
        let world = World::new();
        let issued_at = world.now();
        world.lists.trust.lock().unwrap().trust_list = Some(TrustListDates {
            sequence_number: 1,
            issued_at,
            next_update: end.map(|end| issued_at + end),
        });
        world.clock.advance(age);
        world.keep(StatusState::Valid);
        let shown = world.check(AGE, Mode::Code, Holds::SdJwt);
        assert_eq!(shown.verdict.outcome, outcome, "{age} {end:?}");
        let red = outcome == Outcome::NotConfirmed;
        assert_eq!(codes(&shown).contains(&"trust_list_too_old"), red);
        assert_eq!(shown.trust_list.unwrap().grade == Grade::Red, red);
        assert_eq!(world.desk.ages().trust_list.unwrap().as_of, issued_at);
    }
}

// rule: OQ-34
#[test]
fn checks_are_bounded_in_number_and_time() {
    let world = World::with(|settings| settings.limits.checks = 2);
    let first = world.desk.begin(AGE, Mode::Code).unwrap();
    world.desk.begin(AGE, Mode::OneWay).unwrap();
    assert_eq!(world.desk.begin(AGE, Mode::Code).unwrap_err(), BeginError::Full);
    world.desk.stop(&first.id);
    assert_eq!(world.desk.seconds_left(&first.id).unwrap_err(), CheckError::Unknown);
    let third = world.desk.begin(AGE, Mode::Code).unwrap();
    assert_eq!(world.desk.seconds_left(&third.id).unwrap(), third.seconds_left);
    let shown = world.shown(&world.desk, &third, Holds::SdJwt);
    world.clock.advance(third.seconds_left);
    let text = frames(&shown).text(0);
    assert!(matches!(world.desk.feed(&third.id, &text), Err(CheckError::Expired)));
    world.desk.begin(AGE, Mode::Code).unwrap();
}

// rule: OQ-34
#[test]
fn checks_of_a_day_are_counted_and_nothing_else() {
    let world = World::new();
    for _ in 0..3 {
        world.check(AGE, Mode::Code, Holds::SdJwt);
        world.clock.advance(1);
    }
    // Begun and never answered: no check.
    world.desk.begin(AGE, Mode::Code).unwrap();
    assert_eq!(world.desk.count().checks, 3);
    world.clock.advance(DAY);
    assert_eq!(world.desk.count().checks, 0);
    world.check(AGE, Mode::Code, Holds::SdJwt);
    assert_eq!(world.desk.count().checks, 1);
}

#[test]
fn a_verdict_that_cannot_be_counted_says_so_and_stands() {
    struct FullDisk;
    impl DeskMemory for FullDisk {
        fn load(&self) -> Result<DeskRecord, MemoryError> {
            Ok(DeskRecord::default())
        }
        fn save(&self, _: &DeskRecord) -> Result<(), MemoryError> {
            Err(MemoryError::Unwritable)
        }
    }
    let mut world = World::new();
    let ports = ScreenPorts { memory: Arc::new(FullDisk), ..world.ports() };
    world.desk = ScreenDesk::new(world.desk.settings().clone(), ports).unwrap();
    let shown = world.check(AGE, Mode::Code, Holds::SdJwt);
    assert!(shown.not_counted);
    assert_eq!(shown.verdict.outcome, Outcome::Confirmed);
    assert_eq!(MemoryError::Unwritable.code(), "desk_memory_unwritable");
}

// rule: OQ-37
#[test]
fn a_receipt_says_when_and_what_was_found_and_nothing_of_anybody() {
    assert!(World::new().check(WHO, Mode::Request, Holds::SdJwt).receipt.is_none());
    let world = World::with(|settings| settings.receipts = true);
    let shown = world.check(WHO, Mode::Request, Holds::SdJwt);
    let receipt = shown.receipt.unwrap();
    let jws = crypto::jws::UnverifiedJws::parse(&receipt).unwrap();
    let key = crypto::Signer::public_key(&world.shop.key);
    let claims = jws.verify(&key, RECEIPT_TYPE).unwrap().claims().unwrap();
    let names: Vec<&str> = claims.keys().map(String::as_str).collect();
    assert_eq!(names, ["jti", "iat", "question", "mode", "outcome", "reasons"]);
    assert_eq!(claims["outcome"], json!("confirmed"));
    assert_eq!(claims["question"], json!(WHO));
    assert_eq!(claims["iat"], json!(world.now().unix_seconds()));
}

#[test]
fn several_codes_come_in_one_text_and_a_still_picture_is_one() {
    let world = World::new();
    let begun = world.desk.begin(AGE, Mode::Code).unwrap();
    let shown = world.shown(&world.desk, &begun, Holds::SdJwt);
    let frames = frames(&shown);
    let lines: Vec<String> = (0..u16::from(frames.count())).map(|at| frames.text(at)).collect();
    let Fed::Verdict(verdict) = world.desk.feed(&begun.id, &lines.join("\r\n")).unwrap() else { panic!() };
    assert_eq!(verdict.verdict.outcome, Outcome::Confirmed);
    let begun = world.desk.begin(AGE, Mode::Code).unwrap();
    let shown = world.shown(&world.desk, &begun, Holds::SdJwt);
    let still =
        offline_qr::Frames::new(offline_qr::Kind::Answer, &shown, FrameSize::Still, &crypto::SystemEntropy);
    let Fed::Verdict(verdict) = world.desk.feed(&begun.id, &still.unwrap().text(0)).unwrap() else {
        panic!()
    };
    assert_eq!(verdict.verdict.outcome, Outcome::Confirmed);
}

#[test]
fn every_ready_made_question_can_be_asked_and_says_what_it_asks_for() {
    let questions = Question::ready_made();
    assert_eq!(questions.len(), civic::questions::all().len());
    for question in &questions {
        assert!(!question.items().is_empty(), "{}", question.id);
        assert!(question.items().iter().all(|item| !item.ko.contains('.')), "{}", question.id);
    }
}
