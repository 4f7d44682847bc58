//! What a status list does to a verdict, and how long one counts.

use std::sync::atomic::Ordering;

use crate::support::*;
use crypto::SystemEntropy;
use trust::status::StatusState;
use verifier::{Outcome, Verdict};

async fn verdict(world: &World) -> Verdict {
    let created = world.create();
    assert_eq!(world.answer(&created.cross_device_link).await.status, 200);
    world.desk.redeem(&created.id, Some(&created.browser), None).ok().unwrap()
}

fn said(verdict: &Verdict) -> (Outcome, Vec<&'static str>) {
    (verdict.outcome, verdict.reasons.iter().map(|reason| reason.code).collect())
}

// rule: ST-11
#[tokio::test]
async fn what_the_list_does_not_call_valid_is_not_confirmed_and_says_nothing() {
    for question in [card_query(), mdoc_query()] {
        let states = [
            (StatusState::Invalid, "status_invalid"),
            (StatusState::Suspended, "status_suspended"),
            (StatusState::ApplicationSpecific(3), "status_not_valid"),
        ];
        for (state, code) in states {
            let question = question.clone();
            let world = World::with(|settings| settings.question = question).await;
            world.publish(state);
            let verdict = verdict(&world).await;
            assert_eq!(said(&verdict), (Outcome::NotConfirmed, vec![code]));
            assert!(verdict.answers.is_empty());
        }
    }
}

// rule: ST-13
#[tokio::test]
async fn a_list_by_somebody_else_is_not_believed() {
    let world = World::new().await;
    let stranger = party("Stranger", world.now()).make(&SystemEntropy);
    world.publish_as(StatusState::Valid, &stranger);
    let verdict = verdict(&world).await;
    assert_eq!(said(&verdict), (Outcome::NotConfirmed, vec!["status_signer_not_allowed"]));
    assert!(verdict.answers.is_empty());
}

// rule: ST-3
#[tokio::test]
async fn the_list_of_another_address_is_not_believed() {
    let mut world = World::new().await;
    let address = std::mem::replace(&mut world.status_uri, "https://elsewhere.example/status".to_owned());
    world.publish(StatusState::Valid);
    world.status_uri = address;
    assert_eq!(said(&verdict(&world).await), (Outcome::NotConfirmed, vec!["status_subject_differs"]));
}

// rule: ST-14
#[tokio::test]
async fn a_list_is_fetched_once_kept_for_its_time_and_then_fetched_again() {
    let world = World::new().await;
    let fetches = || world.status.fetches.load(Ordering::SeqCst);
    verdict(&world).await;
    verdict(&world).await;
    assert_eq!(fetches(), 1);
    // Revoked meanwhile: the kept list still counts until its time is over.
    world.publish(StatusState::Invalid);
    world.clock.advance(3599);
    assert_eq!(verdict(&world).await.outcome, Outcome::Confirmed);
    world.clock.advance(2);
    assert_eq!(verdict(&world).await.outcome, Outcome::NotConfirmed);
    assert_eq!(fetches(), 2);
}

// rule: ST-14
#[tokio::test]
async fn an_old_list_makes_a_weak_confirmation_and_none_a_weak_one_too_and_an_expired_one_counts_no_more() {
    let world = World::new().await;
    verdict(&world).await;
    world.stop_status();
    world.clock.advance(3601);
    let old = verdict(&world).await;
    assert_eq!(said(&old), (Outcome::ConfirmedWeak, vec!["status_stale"]));
    assert_eq!(old.answers.len(), 2);
    // Past the list's own end.
    world.clock.advance(86_400);
    assert_eq!(said(&verdict(&world).await), (Outcome::ConfirmedWeak, vec!["status_unreachable"]));

    let world = World::new().await;
    world.stop_status();
    let none = verdict(&world).await;
    assert_eq!(said(&none), (Outcome::ConfirmedWeak, vec!["status_unreachable"]));
    assert_eq!(none.to_json()["papers"][0]["status"]["state"], "unknown");
}

// rule: ST-14
#[tokio::test]
async fn a_list_behind_a_failure_is_no_answer() {
    let world = World::new().await;
    world.status.failing.store(true, Ordering::SeqCst);
    assert_eq!(said(&verdict(&world).await), (Outcome::ConfirmedWeak, vec!["status_unreachable"]));
}

// rule: ST-14
#[tokio::test]
async fn an_older_list_does_not_undo_a_newer_one() {
    let world = World::new().await;
    let older = world.status.token.lock().unwrap().clone();
    world.clock.advance(60);
    world.publish(StatusState::Invalid);
    assert_eq!(verdict(&world).await.outcome, Outcome::NotConfirmed);
    // The list from before the revocation has not expired, and somebody serves it again.
    world.clock.advance(3601);
    *world.status.token.lock().unwrap() = older;
    assert_eq!(said(&verdict(&world).await), (Outcome::NotConfirmed, vec!["status_invalid"]));
}

// rule: ST-18
#[tokio::test]
async fn what_was_withdrawn_stays_withdrawn_when_its_list_has_expired_and_there_is_no_other() {
    for (state, code) in
        [(StatusState::Invalid, "status_invalid"), (StatusState::Suspended, "status_suspended")]
    {
        let world = World::new().await;
        world.publish(state);
        assert_eq!(said(&verdict(&world).await), (Outcome::NotConfirmed, vec![code]));
        world.stop_status();
        world.clock.advance(3601);
        assert_eq!(said(&verdict(&world).await), (Outcome::NotConfirmed, vec![code]));
        // Past the list's own end, and long past it.
        for seconds in [86_400, 30 * 86_400] {
            world.clock.advance(seconds);
            let late = verdict(&world).await;
            assert_eq!(said(&late), (Outcome::NotConfirmed, vec![code]));
            assert!(late.answers.is_empty());
        }
    }
    // Only a newer list undoes it.
    let world = World::new().await;
    world.publish(StatusState::Suspended);
    assert_eq!(verdict(&world).await.outcome, Outcome::NotConfirmed);
    world.clock.advance(2 * 86_400);
    world.publish(StatusState::Valid);
    assert_eq!(verdict(&world).await.outcome, Outcome::Confirmed);
}

// rule: ST-2, ST-17
#[tokio::test]
async fn a_list_may_come_as_cwt() {
    let world = World::new().await;
    world.publish_cwt(StatusState::Valid);
    assert_eq!(verdict(&world).await.outcome, Outcome::Confirmed);
    world.clock.advance(3601);
    world.publish_cwt(StatusState::Suspended);
    assert_eq!(said(&verdict(&world).await), (Outcome::NotConfirmed, vec!["status_suspended"]));
}

// rule: ST-11, ST-14, ST-18
#[tokio::test]
async fn four_states_have_four_words_and_four_sentences() {
    let mut told = std::collections::BTreeSet::new();
    let mut note = |verdict: &Verdict, state: &str| {
        let json = verdict.to_json();
        assert_eq!(json["papers"][0]["status"]["state"], state);
        assert_eq!(json["reasons"].as_array().unwrap().len(), 1);
        let text = &json["reasons"][0]["text"];
        told.insert((text["ko"].to_string(), text["en"].to_string()));
    };
    for (state, word) in [(StatusState::Invalid, "revoked"), (StatusState::Suspended, "suspended")] {
        let world = World::new().await;
        world.publish(state);
        note(&verdict(&world).await, word);
    }
    let world = World::new().await;
    let fresh = verdict(&world).await.to_json();
    assert_eq!(fresh["papers"][0]["status"]["state"], "valid");
    world.stop_status();
    world.clock.advance(3601);
    note(&verdict(&world).await, "stale");
    world.clock.advance(86_400);
    note(&verdict(&world).await, "unknown");
    assert_eq!(told.len(), 4, "{told:?}");
}

#[tokio::test]
async fn something_that_is_no_list_is_not_believed() {
    let world = World::new().await;
    *world.status.token.lock().unwrap() = Some("not.a.token".to_owned());
    assert_eq!(verdict(&world).await.outcome, Outcome::NotConfirmed);
}
