//! 확인하기 beside the wallet: the desk's check of what this or another wallet shows, with the demo government's kit.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "support/desk.rs"]
mod beside;
mod support;

use std::sync::Arc;

use beside::*;
use launch::{Desk, DeskError};
use primitives::Refusal as _;
use support::*;
use verifier::config::Config;
use verifier::offline::{
    Anchors, Fed, ListFolder, Mode, Question, ScreenDesk, ScreenLimits, ScreenPorts, ScreenSettings,
};
use wallet::view::*;

const AGE: &str = "age-over-19";
const WHO: &str = "identity";

// rule: OQ-30, OQ-31
#[tokio::test(flavor = "multi_thread")]
async fn without_a_key_the_desk_asks_by_a_code_and_looks_one_way() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    let desk = Desk::new(Arc::clone(stage.wallet()));
    let overview = desk.overview().unwrap();
    assert!(overview.identity.is_none() && !overview.receipts && overview.count.checks == 0);
    assert!(
        overview.trust_list.is_some_and(|age| age.grade == AgeGrade::Green) || overview.trust_list.is_none()
    );
    let age = overview.questions.iter().find(|one| one.id == AGE).unwrap();
    assert_eq!((age.identifying, age.modes.as_slice()), (false, &[ShownMode::Code, ShownMode::OneWay][..]));
    let who = overview.questions.iter().find(|one| one.id == WHO).unwrap();
    assert!(who.identifying && who.modes.is_empty());
    let refused = desk.begin(WHO, ShownMode::Code).err().unwrap();
    assert_eq!(refused.code(), "desk_question_identifying");
    assert_eq!(desk.begin(AGE, ShownMode::Request).err().unwrap().code(), "desk_identity_missing");

    let begun = desk.begin(AGE, ShownMode::Code).unwrap();
    let shown = showing(&stage, stage.wallet().present_by_code(begun.code.as_ref().unwrap()).unwrap()).await;
    let verdict = read(&stage, &shown, &desk, &begun);
    let codes: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code.as_str()).collect();
    assert!(verdict.outcome == DeskOutcome::Confirmed, "{codes:?}");
    assert_eq!(words(&verdict.answers[0].caption), "만 19세 이상");
    assert_eq!((words(&verdict.answers[0].value), verdict.answers[0].no), ("예", false));
    assert!(verdict.papers[0].status == DeskStatus::Valid && verdict.papers[0].holder_bound);
    assert!(verdict.not_received.iter().any(|caption| words(caption) == "성명"));
    assert_eq!(desk.count().unwrap().checks, 1);
    // The check is over; what the screen still shows is of no use to the next.
    let error = desk.text(&begun.desk_id, "x").err().unwrap();
    assert!(matches!(error, DeskError::Check(_)));
    let next = desk.begin(AGE, ShownMode::Code).unwrap();
    let verdict = read(&stage, &shown, &desk, &next);
    assert!(verdict.outcome == DeskOutcome::NotConfirmed && verdict.answers.is_empty());

    let begun = desk.begin(AGE, ShownMode::OneWay).unwrap();
    let shown = showing(&stage, stage.wallet().present_one_way(1).unwrap()).await;
    let verdict = read(&stage, &shown, &desk, &begun);
    assert!(verdict.outcome == DeskOutcome::ConfirmedWeak);
    assert_eq!(verdict.reasons[0].code, "offline_one_way");

    // Locked, there is no desk; unlocked again the count is there.
    stage.wallet().lock();
    assert_eq!(desk.overview().err().unwrap().code(), "wallet_locked");
    stage.wallet().unlock(None).unwrap();
    assert_eq!(desk.count().unwrap().checks, 3);
}

// rule: OQ-4
#[tokio::test(flavor = "multi_thread")]
async fn with_an_imported_identity_the_desk_asks_who_somebody_is_by_a_signed_request() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    let kit = stage.folder.path().join("kit");
    stage.government().desk_kit("v-air", &kit, 8480).await.unwrap();
    let files = files_of(&kit);
    let desk = Desk::new(Arc::clone(stage.wallet()));
    let wrong = desk.import_identity("{}", &files).err().unwrap();
    assert_eq!(wrong.code(), "desk_configuration");
    desk.import_identity(&files["verifier.json"], &files).unwrap();
    assert_eq!(desk.overview().unwrap().identity.as_ref().map(words), Some("가상공항 국내선"));
    // The key lies in the vault and nowhere else of the wallet's.
    let key: Vec<&str> = files["key.pem"].lines().filter(|line| !line.starts_with('-')).collect();
    stage.nothing_on_disk_says(&key);

    let begun = desk.begin(WHO, ShownMode::Request).unwrap();
    assert!(begun.frames > 0 && begun.code.is_none());
    let frames = desk.request_frames(&begun.desk_id, 0, 32, FrameSize::Standard).unwrap();
    assert_eq!((frames.count, frames.frames.len()), (begun.frames, 32));
    let mut started = None;
    for frame in &frames.frames {
        if let Found::Request { input_id, .. } = stage.wallet().read_text(&text_of(frame), false) {
            started = Some(stage.wallet().present_start(&input_id).await.unwrap());
            break;
        }
    }
    let started = started.expect("the request is whole");
    let PresentStarted::Consent(consent) = &started else { panic!("refused") };
    assert!(consent.recipient.trust == PartyTrust::Registered && consent.must_acknowledge.is_empty());
    assert_eq!(consent.recipient.name.as_ref().map(words), Some("가상공항 국내선"));
    let shown = showing(&stage, started).await;
    let verdict = read(&stage, &shown, &desk, &begun);
    let codes: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code.as_str()).collect();
    assert!(verdict.outcome == DeskOutcome::Confirmed, "{codes:?}");
    assert!(verdict.answers.iter().any(|answer| words(&answer.value) == "이도담"));

    desk.forget_identity().unwrap();
    assert!(desk.overview().unwrap().identity.is_none());
}

// rule: OQ-36
#[tokio::test(flavor = "multi_thread")]
async fn the_kit_of_the_store_is_all_that_a_desk_needs_without_a_network() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    let kit = stage.folder.path().join("kit");
    stage.government().desk_kit("v-store", &kit, 8480).await.unwrap();
    let unknown = stage.government().desk_kit("v-nobody", &kit, 8480).await.unwrap_err();
    assert_eq!(unknown.code(), "government_unknown_service");
    let text = std::fs::read_to_string(kit.join("verifier.json")).unwrap();
    let config = Config::parse(&text, &|name| std::fs::read_to_string(kit.join(name)).ok()).unwrap();
    let anchors = Anchors {
        issuers: config.settings.issuers.clone(),
        status_signers: config.status_signers,
        trust_list_signers: config.offline.trust_list_signers,
    };
    let lists = Arc::new(ListFolder::open(&kit.join(&config.offline.folder), anchors).unwrap());
    assert_eq!(lists.unusable(), []);
    assert_eq!(lists.addresses().len(), config.offline.status_lists.len());
    let settings = ScreenSettings {
        name: config.settings.name.clone(),
        identity: Some(config.settings.identity.clone()),
        registration: config.settings.registration.clone(),
        questions: Question::ready_made(),
        policy: config.offline.policy,
        limits: ScreenLimits::default(),
        receipts: true,
    };
    let ports = ScreenPorts {
        lists: Arc::clone(&lists) as _,
        memory: lists,
        clock: Arc::new(host::SystemClock),
        entropy: Arc::new(crypto::SystemEntropy),
    };
    let desk = ScreenDesk::new(settings, ports).unwrap();
    let begun = desk.begin(AGE, Mode::Code).unwrap();
    let started = stage.wallet().present_by_code(begun.code.as_ref().unwrap()).unwrap();
    let shown = showing(&stage, started).await;
    let texts = stage.wallet().show_texts(&shown.session_id, 0, 32, FrameSize::Standard).unwrap();
    let Fed::Verdict(verdict) = desk.feed(&begun.id, &texts.join("\n")).unwrap() else {
        panic!("no verdict")
    };
    let codes: Vec<&str> = verdict.verdict.reasons.iter().map(|reason| reason.code).collect();
    assert_eq!(verdict.verdict.outcome, verifier::Outcome::Confirmed, "{codes:?}");
    assert!(verdict.receipt.is_some() && verdict.trust_list.is_some());
}

// rule: OQ-31, OQ-36
#[tokio::test(flavor = "multi_thread")]
async fn a_desk_that_holds_no_paper_fetches_the_lists_that_its_checks_missed() {
    let stage = Stage::new().await;
    stage.hold("p1", &["p1-resident"]).await;
    let mut options = options(stage.folder.path(), &stage.browser);
    options.data = Some(stage.folder.path().join("official"));
    let official = launch::launch(options).await.unwrap();
    official.initialize().unwrap();
    let desk = Desk::new(Arc::clone(&official.wallet));
    let check = async || {
        let begun = desk.begin(AGE, ShownMode::Code).unwrap();
        let started = stage.wallet().present_by_code(begun.code.as_ref().unwrap()).unwrap();
        let shown = showing(&stage, started).await;
        read(&stage, &shown, &desk, &begun)
    };
    let verdict = check().await;
    assert!(verdict.outcome == DeskOutcome::ConfirmedWeak);
    assert_eq!(verdict.reasons[0].code, "status_unreachable");
    assert!(verdict.papers[0].status == DeskStatus::Unknown && verdict.papers[0].status_as_of.is_none());
    assert!(desk.overview().unwrap().status_lists.is_none());
    desk.refresh().await.unwrap();
    // It is kept, and said to be, before a check reads it.
    assert!(desk.overview().unwrap().status_lists.is_some_and(|age| age.grade == AgeGrade::Green));
    let verdict = check().await;
    let codes: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code.as_str()).collect();
    assert!(verdict.outcome == DeskOutcome::Confirmed, "{codes:?}");
    assert!(verdict.papers[0].status_as_of.is_some() && verdict.trust_list.is_some());
    assert!(desk.overview().unwrap().status_lists.is_some());
    assert!(official.wallet.latest_signed_time().is_some());
    // Nothing is kept for an address that is no list's.
    assert!(!official.wallet.keep_status_list("https://trust.localhost/list").await.unwrap());

    // Revoked meanwhile: known as soon as the list is fetched anew, which a check asked for before.
    stage.government().revoke("p1-resident").await.unwrap();
    // A list of the same second says what it says; of two the newer is kept.
    tokio::time::sleep(std::time::Duration::from_millis(1100)).await;
    desk.refresh().await.unwrap();
    let verdict = check().await;
    assert!(verdict.outcome == DeskOutcome::NotConfirmed && verdict.answers.is_empty());
    assert_eq!(verdict.reasons[0].code, "status_invalid");
    // By the addresses that the kit's configuration names it is known to a desk that was asked nothing yet.
    let kit = stage.folder.path().join("kit");
    stage.government().desk_kit("v-store", &kit, 8480).await.unwrap();
    let files = files_of(&kit);
    desk.import_identity(&files["verifier.json"], &files).unwrap();
    assert!(desk.overview().unwrap().status_lists.is_some());
    desk.refresh().await.unwrap();
    assert!(desk.overview().unwrap().status_lists.is_some());
    assert_eq!(check().await.reasons[0].code, "status_invalid");
}

// rule: OQ-36
#[tokio::test(flavor = "multi_thread")]
async fn what_does_not_come_is_told_and_what_comes_is_kept() {
    let stage = Stage::new().await;
    let kit = stage.folder.path().join("kit");
    stage.government().desk_kit("v-store", &kit, 8480).await.unwrap();
    let files = files_of(&kit);
    let mut options = options(stage.folder.path(), &stage.browser);
    options.data = Some(stage.folder.path().join("official"));
    let official = launch::launch(options).await.unwrap();
    official.initialize().unwrap();
    let desk = Desk::new(Arc::clone(&official.wallet));
    desk.import_identity(&files["verifier.json"], &files).unwrap();
    let lists = Config::parse(&files["verifier.json"], &|name| files.get(name).cloned()).unwrap();
    let all = lists.offline.status_lists.len();
    assert!(all > 1);

    // No status server answers, and that is told; the trust list came all the same.
    stage.government().stop_service("status").await.unwrap();
    let refreshed = desk.refresh().await.unwrap();
    assert_eq!((refreshed.missing, refreshed.trust_list.is_some()), (all, false));
    assert!(refreshed.desk.trust_list.is_some() && refreshed.desk.status_lists.is_none());
    stage.government().start_service("status").await.unwrap();
    // One of several.
    let uri = lists.offline.status_lists[0].as_str();
    let other = files["verifier.json"].replacen(uri, &format!("{uri}00"), 1);
    desk.import_identity(&other, &files).unwrap();
    let refreshed = desk.refresh().await.unwrap();
    assert_eq!((refreshed.missing, refreshed.trust_list.is_some()), (1, false));
    assert!(refreshed.desk.status_lists.is_some_and(|age| age.grade == AgeGrade::Green));
    // The trust list does not come, and the status lists do.
    desk.import_identity(&files["verifier.json"], &files).unwrap();
    stage.government().stop_service("trust").await.unwrap();
    let refreshed = desk.refresh().await.unwrap();
    assert_eq!(refreshed.missing, 0);
    assert!(refreshed.trust_list.is_some() && refreshed.desk.trust_list.is_some());
    assert!(refreshed.desk.status_lists.is_some());
}

#[tokio::test(flavor = "multi_thread")]
async fn no_check_outlives_a_lock() {
    let stage = Stage::new().await;
    let desk = Desk::new(Arc::clone(stage.wallet()));
    let begun = desk.begin(AGE, ShownMode::Code).unwrap();
    assert!(matches!(desk.text(&begun.desk_id, "").unwrap(), DeskFed::Waiting { .. }));
    // Nobody asked the desk anything while the wallet was locked.
    stage.wallet().lock();
    stage.wallet().unlock(None).unwrap();
    assert_eq!(desk.text(&begun.desk_id, "").err().unwrap().code(), "desk_check_unknown");
    let begun = desk.begin(AGE, ShownMode::Code).unwrap();
    desk.close();
    assert_eq!(desk.text(&begun.desk_id, "").err().unwrap().code(), "desk_check_unknown");
    assert_eq!(desk.seen(Ok(Vec::new())).err().unwrap().code(), "desk_check_unknown");
}

// rule: OQ-1, OQ-30
#[tokio::test(flavor = "multi_thread")]
async fn certificates_answer_for_support_and_for_taxes() {
    for (person, paper, question, caption, value, kept_back) in [
        ("p3", "p3-livelihood", "livelihood-support", "기초생활 수급 자격", "있음", "생계급여"),
        ("p4", "p4-taxcert", "tax-paid", "밀린 국세", "0원", "정마루"),
    ] {
        let stage = Stage::new().await;
        stage.hold(person, &[paper]).await;
        let desk = Desk::new(Arc::clone(stage.wallet()));
        let begun = desk.begin(question, ShownMode::Code).unwrap();
        let started = stage.wallet().present_by_code(begun.code.as_ref().unwrap()).unwrap();
        let shown = showing(&stage, started).await;
        let verdict = read(&stage, &shown, &desk, &begun);
        let codes: Vec<&str> = verdict.reasons.iter().map(|reason| reason.code.as_str()).collect();
        assert!(verdict.outcome == DeskOutcome::Confirmed, "{question} {codes:?}");
        let [answer] = verdict.answers.as_slice() else { panic!("{question}: one answer") };
        assert_eq!((words(&answer.caption), words(&answer.value), answer.no), (caption, value, false));
        assert!(verdict.papers[0].holder_bound && verdict.papers[0].status == DeskStatus::Valid);
        assert!(!verdict.papers[0].issuer.is_empty());
        assert!(verdict.not_received.iter().any(|caption| words(caption) == "성명"));
        let said = serde_json::to_string(&verdict).unwrap();
        assert!(!said.contains(kept_back), "{said}");
    }
}
