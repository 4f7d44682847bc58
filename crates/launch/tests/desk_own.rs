//! 확인하기 with questions of one's own and signed receipts, beside the wallet that answers.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "support/desk.rs"]
mod beside;
mod support;

use std::sync::Arc;

use beside::*;
use launch::Desk;
use primitives::Refusal as _;
use support::*;
use verifier::offline::{DeskIdentity, Receipt};
use wallet::view::*;

fn draft() -> DeskDraft {
    DeskDraft {
        name: "도서관 회원이 될 수 있습니까?".to_owned(),
        purpose: "회원증 발급".to_owned(),
        paper: "MobileResidentCard".to_owned(),
        items: vec!["name".to_owned(), "address.sigungu".to_owned()],
    }
}

fn own(desk: &Desk) -> Vec<DeskQuestion> {
    desk.overview().unwrap().questions.into_iter().filter(|one| one.own).collect()
}

/// A desk with the key of the library's counter, and that key.
async fn with_key(stage: &Stage) -> (Desk, verifier::Identity) {
    let kit = stage.folder.path().join("kit");
    stage.government().desk_kit("v-air", &kit, 8480).await.unwrap();
    let files = files_of(&kit);
    let desk = Desk::new(Arc::clone(stage.wallet()));
    desk.import_identity(&files["verifier.json"], &files).unwrap();
    let read = |name: &str| files.get(name).cloned();
    let identity = DeskIdentity::of_configuration(&files["verifier.json"], &read).unwrap();
    (desk, identity.identity().unwrap())
}

// rule: OQ-4, OQ-5
#[tokio::test(flavor = "multi_thread")]
async fn a_question_of_ones_own_is_kept_in_the_vault_asked_by_a_signed_request_and_deleted() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    let bare = Desk::new(Arc::clone(stage.wallet()));
    assert_eq!(bare.add_question(draft()).unwrap_err().code(), "desk_identity_missing");
    assert!(own(&bare).is_empty());

    let (desk, _) = with_key(&stage).await;
    let wrong = DeskDraft { items: Vec::new(), ..draft() };
    assert_eq!(desk.add_question(wrong).unwrap_err().code(), "desk_own_empty");
    let waiting = desk.begin("age-over-19", ShownMode::Code).unwrap();
    desk.add_question(draft()).unwrap();
    // What was begun with the questions of before is over.
    assert_eq!(desk.text(&waiting.desk_id, "").err().unwrap().code(), "desk_check_unknown");
    let question = own(&desk).remove(0);
    assert_eq!((question.identifying, question.modes.as_slice()), (true, &[ShownMode::Request][..]));
    assert_eq!(question.purpose.as_ref().map(words), Some("회원증 발급"));
    assert_eq!(question.items.iter().map(words).collect::<Vec<_>>(), ["성명", "시·군·구"]);
    assert_eq!(desk.begin(&question.id, ShownMode::Code).err().unwrap().code(), "desk_question_identifying");
    stage.nothing_on_disk_says(&["도서관 회원이", "회원증 발급"]);

    // Locked and unlocked it is there, and so is the key.
    stage.wallet().lock();
    stage.wallet().unlock(None).unwrap();
    let begun = desk.begin(&question.id, ShownMode::Request).unwrap();
    let started = reads_request(&stage, &desk, &begun).await;
    let shown = showing(&stage, started).await;
    let verdict = read(&stage, &shown, &desk, &begun);
    let codes: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code.as_str()).collect();
    assert!(verdict.outcome == DeskOutcome::Confirmed, "{codes:?}");
    let answers: Vec<&str> = verdict.answers.iter().map(|answer| words(&answer.caption)).collect();
    assert_eq!(answers, ["성명", "시·군·구"]);
    assert!(verdict.answers.iter().any(|answer| words(&answer.value) == "이도담"));
    assert!(verdict.receipt.is_none(), "nobody switched receipts on");

    // Without the key it is there and cannot be asked; deleted it is gone.
    desk.forget_identity().unwrap();
    assert!(own(&desk)[0].modes.is_empty());
    assert_eq!(desk.begin(&question.id, ShownMode::Request).err().unwrap().code(), "desk_identity_missing");
    desk.remove_question(&question.id).unwrap();
    assert!(own(&desk).is_empty());
    assert_eq!(desk.remove_question(&question.id).unwrap_err().code(), "desk_question_unknown");
    assert_eq!(own(&Desk::new(Arc::clone(stage.wallet()))).len(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn the_catalogue_says_what_a_question_can_ask_for() {
    let papers = Desk::papers();
    let card = papers.iter().find(|paper| paper.key == "MobileResidentCard").unwrap();
    assert!(card.shelf == Shelf::Id && card.items.iter().any(|item| item.name == "address.sigungu"));
    assert!(card.items.iter().all(|item| !item.sensitive));
    assert!(papers.iter().any(|paper| paper.items.iter().any(|item| item.sensitive)));
}

// rule: OQ-37
#[tokio::test(flavor = "multi_thread")]
async fn receipts_are_off_until_switched_on_and_are_saved_as_they_were_signed() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    let bare = Desk::new(Arc::clone(stage.wallet()));
    assert_eq!(bare.switch_receipts(true).unwrap_err().code(), "desk_identity_missing");

    let (desk, identity) = with_key(&stage).await;
    assert!(!desk.overview().unwrap().receipts);
    desk.switch_receipts(true).unwrap();
    assert!(desk.overview().unwrap().receipts);
    // A new question does not switch them off.
    desk.add_question(draft()).unwrap();
    assert!(desk.overview().unwrap().receipts);
    let begun = desk.begin("own-1", ShownMode::Request).unwrap();
    let started = reads_request(&stage, &desk, &begun).await;
    let shown = showing(&stage, started).await;
    let verdict = read(&stage, &shown, &desk, &begun);
    let receipt = verdict.receipt.clone().unwrap();

    let folder = stage.folder.path().join("receipts");
    assert_eq!(desk.save_receipt(&receipt, &folder).unwrap_err().code(), "desk_receipt_unwritten");
    std::fs::create_dir(&folder).unwrap();
    let first = desk.save_receipt(&receipt, &folder).unwrap();
    let second = desk.save_receipt(&receipt, &folder).unwrap();
    assert!(first != second && first.extension().is_some_and(|end| end == "jwt"));
    for path in [&first, &second] {
        let saved = std::fs::read_to_string(path).unwrap();
        let read = Receipt::verify(&saved, &identity).unwrap();
        assert_eq!((read.question.as_str(), read.outcome.as_str()), ("own-1", "confirmed"));
        assert_eq!((read.mode.as_str(), read.at.unix_seconds()), ("request", verdict.at));
        let said: String = saved
            .split('.')
            .take(2)
            .map(|part| String::from_utf8_lossy(&primitives::base64url::decode(part).unwrap()).into_owned())
            .collect();
        assert!(!said.contains("이도담") && !said.contains("회원"), "{said}");
    }
    // Nothing else is written on the page's word.
    for other in ["", "x", "a.b.c", &receipt.replace('e', "f")] {
        assert_eq!(desk.save_receipt(other, &folder).unwrap_err().code(), "desk_receipt_unknown");
    }
    assert_eq!(std::fs::read_dir(&folder).unwrap().count(), 2);
    // The vault keeps none.
    stage.nothing_on_disk_says(&[receipt.rsplit('.').next().unwrap()]);

    // Off after a lock, at a new start, and for whoever comes with another key.
    stage.wallet().lock();
    stage.wallet().unlock(None).unwrap();
    assert!(!desk.overview().unwrap().receipts);
    desk.switch_receipts(true).unwrap();
    assert!(!Desk::new(Arc::clone(stage.wallet())).overview().unwrap().receipts);
    let kit = stage.folder.path().join("kit");
    let files = files_of(&kit);
    desk.import_identity(&files["verifier.json"], &files).unwrap();
    assert!(!desk.overview().unwrap().receipts);
}

// rule: OQ-32
#[tokio::test(flavor = "multi_thread")]
async fn a_record_that_is_not_readable_is_said_and_forgotten_and_closes_nothing() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    let kept = || stage.wallet().desk_setting("record").unwrap();
    for damaged in ["{", r#"{"version":2,"latestSigned":1,"day":null,"checks":7}"#] {
        stage.wallet().set_desk_setting("record", Some(damaged)).unwrap();
        let desk = Desk::new(Arc::clone(stage.wallet()));
        let overview = desk.overview().unwrap();
        let said: Vec<_> = overview.unreadable.iter().map(|one| (one.kept, one.code.as_str())).collect();
        assert!(said == [(DeskKept::Record, "desk_memory_unreadable")]);
        let begun = desk.begin("age-over-19", ShownMode::Code).unwrap();
        let started = stage.wallet().present_by_code(begun.code.as_ref().unwrap()).unwrap();
        let shown = showing(&stage, started).await;
        assert!(read(&stage, &shown, &desk, &begun).outcome != DeskOutcome::NotConfirmed);
        // It is counted, and nothing is written over what could not be read.
        assert_eq!((desk.count().unwrap().checks, kept().as_deref()), (1, Some(damaged)));
        desk.forget_unreadable_record().unwrap();
        assert!(desk.overview().unwrap().unreadable.is_empty());
        assert!(kept().is_none());
    }
    // One that can be read stays.
    let whole = r#"{"version":1,"latestSigned":null,"day":null,"checks":7}"#;
    stage.wallet().set_desk_setting("record", Some(whole)).unwrap();
    let desk = Desk::new(Arc::clone(stage.wallet()));
    desk.forget_unreadable_record().unwrap();
    assert_eq!(kept().as_deref(), Some(whole));
}

// rule: OQ-4
#[tokio::test(flavor = "multi_thread")]
async fn a_key_and_questions_that_are_not_readable_are_said_and_forgotten_and_close_nothing_else() {
    let stage = Stage::new().await;
    let (desk, _) = with_key(&stage).await;
    desk.add_question(draft()).unwrap();
    assert!(desk.overview().unwrap().unreadable.is_empty());
    // What can be read is not forgotten by this.
    desk.forget_unreadable_questions().unwrap();
    assert_eq!(own(&desk).len(), 1);
    let kept = |name| stage.wallet().desk_setting(name).unwrap();
    let whole = (kept("identity").unwrap(), kept("questions").unwrap());
    let newer = |text: &str| text.replacen("\"version\":1", "\"version\":2", 1);
    assert!(newer(&whole.0) != whole.0 && newer(&whole.1) != whole.1);
    for (key, questions) in [("{".to_owned(), "{".to_owned()), (newer(&whole.0), newer(&whole.1))] {
        stage.wallet().set_desk_setting("identity", Some(&key)).unwrap();
        stage.wallet().set_desk_setting("questions", Some(&questions)).unwrap();
        let desk = Desk::new(Arc::clone(stage.wallet()));
        let overview = desk.overview().unwrap();
        let said: Vec<_> = overview.unreadable.iter().map(|one| (one.kept, one.code.as_str())).collect();
        assert!(
            said == [
                (DeskKept::Key, "desk_identity_unusable"),
                (DeskKept::Questions, "desk_questions_unusable")
            ]
        );
        assert!(overview.identity.is_none() && own(&desk).is_empty());
        // Everything that needs neither goes on, and nothing writes over them unasked.
        desk.begin("age-over-19", ShownMode::Code).unwrap();
        assert_eq!(desk.begin("identity", ShownMode::Request).err().unwrap().code(), "desk_identity_missing");
        assert_eq!(desk.add_question(draft()).unwrap_err().code(), "desk_identity_missing");
        assert_eq!(desk.remove_question("own-1").unwrap_err().code(), "desk_questions_unusable");
        assert_eq!((kept("identity"), kept("questions")), (Some(key), Some(questions)));

        desk.forget_identity().unwrap();
        let left: Vec<_> = desk.overview().unwrap().unreadable.iter().map(|one| one.kept).collect();
        assert!(left == [DeskKept::Questions]);
        let files = files_of(&stage.folder.path().join("kit"));
        desk.import_identity(&files["verifier.json"], &files).unwrap();
        assert_eq!(desk.add_question(draft()).unwrap_err().code(), "desk_questions_unusable");
        let waiting = desk.begin("age-over-19", ShownMode::Code).unwrap();
        desk.forget_unreadable_questions().unwrap();
        assert_eq!(desk.text(&waiting.desk_id, "").err().unwrap().code(), "desk_check_unknown");
        assert!(desk.overview().unwrap().unreadable.is_empty());
        // Nobody knows which numbers were given: no question is called what one of those was.
        desk.add_question(draft()).unwrap();
        let number: u32 = own(&desk)[0].id.strip_prefix("own-").unwrap().parse().unwrap();
        assert!(number > 1_000_000);
    }
    // Half of it is as little as none.
    stage.wallet().set_desk_setting("identity", Some(&whole.0.replace("-----BEGIN", "-----"))).unwrap();
    let overview = Desk::new(Arc::clone(stage.wallet())).overview().unwrap();
    assert!(overview.identity.is_none() && overview.unreadable[0].kept == DeskKept::Key);
}
