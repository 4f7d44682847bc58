//! What an issuer is to be told: the right thing, and at last, whatever ends or fails meanwhile.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use openid4vci::holder::NotificationEvent;
use openid4vci::oauth::{OAuthErrorCode, error_response};
use primitives::http::{HttpError, Response};
use tokio::sync::Notify;
use wallet::view::*;

use crate::renewing::granting;
use crate::world::*;

const ACCEPTED: NotificationEvent = NotificationEvent::CredentialAccepted;
const DELETED: NotificationEvent = NotificationEvent::CredentialDeleted;

fn told(world: &World) -> Vec<NotificationEvent> {
    world.server(|server| std::mem::take(&mut server.notifications)).iter().map(|it| it.event).collect()
}

/// What is told when there has been time for it, and nothing after that.
fn told_later(world: &World) -> Vec<NotificationEvent> {
    world.net.unhook();
    world.clock.advance(120);
    run(world.wallet.refresh()).unwrap();
    let events = told(world);
    world.clock.advance(120);
    run(world.wallet.refresh()).unwrap();
    assert_eq!(told(world), []);
    events
}

/// Answers calls of this path so.
fn answering(world: &World, path: &'static str, answer: impl Fn() -> Act + Send + Sync + 'static) {
    world.net.hook(move |request| if request.url.path() == path { answer() } else { Act::Pass });
}

// rule: CI-23
#[test]
fn an_issuer_that_is_down_or_overloaded_has_refused_nothing_and_is_told_later() {
    let answers: [fn() -> Act; 4] = [
        || Act::Answer(Response::new(503, "")),
        || Act::Answer(error_response(500, OAuthErrorCode::ServerError)),
        || Act::Answer(Response::new(429, "")),
        || Act::Answer(error_response(400, OAuthErrorCode::TemporarilyUnavailable)),
    ];
    for answer in answers {
        let world = World::new();
        let paper = run(world.receive(&["resident"])).remove(0);
        told(&world);
        answering(&world, "/notification", answer);
        run(world.wallet.remove_paper(&paper.id)).unwrap();
        assert_eq!(told_later(&world), [DELETED]);
    }
    // its metadata or a newer token are not to be had just now
    for path in ["/.well-known/openid-credential-issuer/desk", "/token"] {
        for answer in answers {
            let world = granting();
            let paper = run(world.receive(&["resident"])).remove(0);
            told(&world);
            world.clock.advance(40 * DAY);
            answering(&world, path, answer);
            run(world.wallet.remove_paper(&paper.id)).unwrap();
            assert_eq!(told(&world), []);
            assert_eq!(told_later(&world), [DELETED], "{path}");
        }
    }
}

// rule: CI-23
#[test]
fn a_grant_that_was_withdrawn_ends_the_telling() {
    let world = granting();
    let paper = run(world.receive(&["resident"])).remove(0);
    told(&world);
    world.clock.advance(40 * DAY);
    world.server(|server| server.refresh.as_mut().unwrap().clear());
    run(world.wallet.remove_paper(&paper.id)).unwrap();
    let asked = world.net.calls("/token");
    assert_eq!(told_later(&world), []);
    assert_eq!(world.net.calls("/token"), asked);
}

// rule: CI-23
#[test]
fn what_was_stored_is_told_also_when_the_process_ends_before_that() {
    for deferred in [false, true] {
        let mut world = granting();
        world.mode("resident", |mode| mode.deferred = deferred);
        if deferred {
            run(world.try_receive(&["resident"]));
            world.mode("resident", |mode| mode.deferred = false);
            world.clock.advance(61);
        }
        let hung = Arc::new(Notify::new());
        let asked = Arc::clone(&hung);
        answering(&world, "/notification", move || {
            asked.notify_one();
            Act::Hang
        });
        run(async {
            let flow = async {
                if deferred {
                    world.wallet.poll_deferred().await.unwrap();
                } else {
                    world.receive(&["resident"]).await;
                }
            };
            tokio::select! {
                biased;
                () = flow => panic!("it hangs"),
                () = hung.notified() => {}
            }
        });
        world.net.unhook();
        world.restart();
        assert_eq!((world.all().len(), told(&world)), (1, Vec::new()));
        assert_eq!(told_later(&world), [ACCEPTED]);
    }
}

// rule: CI-23
#[test]
fn what_could_not_be_told_of_a_paper_that_was_refused_is_told_when_the_process_began_anew() {
    let mut world = World::new();
    world.mode("resident", |mode| mode.foreign_key = true);
    answering(&world, "/notification", || Act::Fail(HttpError::Connection));
    run(world.refused(&["resident"]));
    world.net.unhook();
    world.restart();
    assert_eq!(told_later(&world), [NotificationEvent::CredentialFailure]);
}

// rule: CI-23
#[test]
fn what_the_citizen_stopped_was_not_wanted_and_is_no_failure() {
    let world = World::new();
    let (wallet, session) = (world.weak(), Arc::new(Mutex::new(String::new())));
    let (id, asked) = (Arc::clone(&session), AtomicUsize::new(0));
    world.net.hook(move |request| {
        // The first paper is here by then.
        if request.url.path() == "/nonce" && asked.fetch_add(1, Ordering::SeqCst) == 1 {
            wallet.upgrade().unwrap().receive_cancel(&id.lock().unwrap());
        }
        Act::Pass
    });
    run(async {
        let offer = world.start_offer(&["resident", "notice"]).await;
        session.lock().unwrap().clone_from(&offer.session_id);
        let stopped = world.wallet.receive_continue(&offer.session_id, None, &|_| {}).await.unwrap();
        assert!(matches!(stopped, Received::Cancelled));
    });
    assert!(world.all().is_empty());
    assert_eq!(told(&world), [DELETED]);
}

// rule: CI-23
#[test]
fn a_lock_while_it_is_told_is_no_answer_of_the_issuers() {
    let world = World::new();
    let paper = run(world.receive(&["resident"])).remove(0);
    told(&world);
    let wallet = world.weak();
    answering(&world, "/notification", move || {
        let wallet = wallet.upgrade().unwrap();
        wallet.lock();
        wallet.unlock(None).unwrap();
        Act::Hang
    });
    run(world.wallet.remove_paper(&paper.id)).unwrap();
    assert_eq!(told(&world), []);
    assert_eq!(told_later(&world), [DELETED]);
}

// rule: CI-13, CI-23
#[test]
fn of_a_card_whose_formats_came_one_after_the_other_both_are_told_to_be_deleted_and_none_that_was_replaced() {
    for again in [&[][..], &["resident"], &["resident_mdoc"], &["resident", "resident_mdoc"]] {
        let world = World::new();
        let first = run(world.receive(&["resident"])).remove(0);
        let second = run(world.receive(&["resident_mdoc"])).remove(0);
        assert_eq!(first.id, second.id, "one card");
        if !again.is_empty() {
            run(world.receive(again));
        }
        told(&world);
        run(world.wallet.remove_paper(&first.id)).unwrap();
        assert_eq!(told(&world), [DELETED; 2], "{again:?}");
    }
}

// rule: CI-23
#[test]
fn what_is_told_twice_at_once_ends_once_and_stands_in_nobodys_way() {
    let world = World::new();
    let paper = run(world.receive(&["resident"])).remove(0);
    told(&world);
    answering(&world, "/notification", || Act::Fail(HttpError::Connection));
    run(world.wallet.remove_paper(&paper.id)).unwrap();
    world.net.unhook();
    world.clock.advance(120);
    let (one, other) = run(async { tokio::join!(world.wallet.refresh(), world.wallet.refresh()) });
    assert!(one.is_ok() && other.is_ok());
    let events = told(&world);
    assert!(!events.is_empty(), "it is told");
    assert!(events.iter().all(|event| *event == DELETED), "telling twice changes nothing there");
    assert_eq!(told_later(&world), []);
}
