//! An issuer gives a deferred paper once: what came is kept before anybody else is asked about it, and nobody is asked for it again.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use openid4vci::holder::NotificationEvent;
use tokio::sync::Notify;
use trust::status::StatusState;
use wallet::WalletError;
use wallet::view::*;

use crate::renewing::granting;
use crate::trusting::{by_list_alone, listed};
use crate::world::*;

/// A resident card with a status, whose time has come.
fn ready() -> World {
    ready_for(None)
}

/// The same of one that ends so many seconds after it is issued.
fn ready_for(expires: Option<i64>) -> World {
    let world = granting();
    world.mode("resident", |mode| (mode.deferred, mode.status, mode.expires) = (true, true, expires));
    run(world.try_receive(&["resident"]));
    world.mode("resident", |mode| mode.deferred = false);
    world.clock.advance(61);
    world
}

/// The wallet is locked when the status list is asked for, and unlocked again: nothing is here of what came.
fn locked_at_status(world: &World) {
    locked_while_asked(world);
    assert!(world.all().is_empty());
}

fn locked_while_asked(world: &World) {
    let wallet = world.weak();
    world.net.hook(move |request| match request.url.path().starts_with("/status") {
        true => {
            wallet.upgrade().unwrap().lock();
            Act::Hang
        }
        false => Act::Pass,
    });
    assert!(matches!(run(world.wallet.poll_deferred()), Err(WalletError::Locked)));
    world.net.unhook();
    world.wallet.unlock(None).unwrap();
}

/// The process ends when the status list is asked for, and another begins.
fn killed_at_status(world: &mut World) {
    let hung = Arc::new(Notify::new());
    let asked = Arc::clone(&hung);
    world.net.hook(move |request| match request.url.path().starts_with("/status") {
        true => {
            asked.notify_one();
            Act::Hang
        }
        false => Act::Pass,
    });
    run(async {
        tokio::select! {
            biased;
            _ = world.wallet.poll_deferred() => panic!("it hangs"),
            () = hung.notified() => {}
        }
    });
    world.net.unhook();
    world.restart();
}

fn told(world: &World) -> Vec<NotificationEvent> {
    world.server(|server| std::mem::take(&mut server.notifications)).iter().map(|it| it.event).collect()
}

fn polled(world: &World) -> (usize, usize) {
    let (came, waiting) = run(world.wallet.poll_deferred()).unwrap();
    (came.len(), waiting)
}

// rule: CI-22
#[test]
fn a_deferred_paper_that_came_before_a_lock_or_an_end_is_here_after_it_and_asked_for_once() {
    for killed in [false, true] {
        let mut world = ready();
        if killed {
            killed_at_status(&mut world);
        } else {
            locked_at_status(&world);
        }
        let asked = world.net.calls("/deferred");
        assert!(told(&world).is_empty(), "it is neither kept nor refused yet");
        // However late: what is here is not given up with time.
        world.clock.advance(100 * DAY);
        assert_eq!(polled(&world), (1, 0));
        assert_eq!(world.net.calls("/deferred"), asked);
        assert_eq!(told(&world), [NotificationEvent::CredentialAccepted]);
        assert_eq!(world.wallet.paper(&world.all()[0].id).unwrap().trust.copies.total, 3);
        assert_eq!(world.history().iter().filter(|line| line.kind == HistoryKind::Received).count(), 1);
        // Its keys are there.
        run(async {
            let (_, link) = world.request(name_query());
            world.sent(&world.consent(&link).await).await;
        });
    }
}

// rule: CI-22, CI-23, ST-10
#[test]
fn what_came_before_a_lock_is_judged_as_if_it_came_now() {
    // revoked by now
    let world = ready();
    locked_at_status(&world);
    world.server(|server| server.statuses.insert(1, StatusState::Invalid));
    assert_eq!(polled(&world), (0, 0));
    assert_eq!(world.history()[0].rule.as_deref(), Some("ST-10"));
    assert_eq!(told(&world), [NotificationEvent::CredentialFailure]);
    assert!(world.all().is_empty());

    // ended by now
    let world = ready_for(Some(30 * DAY));
    locked_at_status(&world);
    let asked = world.net.calls("/deferred");
    world.clock.advance(40 * DAY);
    assert_eq!(polled(&world), (0, 0));
    assert_eq!(world.net.calls("/deferred"), asked);
    assert!(world.all().is_empty());
    assert_eq!(world.history()[0].kind, HistoryKind::Refused);
    assert_eq!(told(&world), [NotificationEvent::CredentialFailure]);
}

/// A voucher whose time has come, of an issuer that the list alone names.
fn ready_by_list(keep: &[&str]) -> World {
    let world = by_list_alone(keep);
    world.server(|server| server.refresh = Some(HashMap::new()));
    world.mode("voucher", |mode| (mode.deferred, mode.status) = (true, true));
    run(world.try_receive(&["voucher"]));
    world.mode("voucher", |mode| mode.deferred = false);
    world.clock.advance(61);
    world
}

/// The next list is not to be had: nothing is given up, and nobody is told anything.
fn waits_for_the_list(world: &World) {
    run(world.wallet.refresh()).unwrap();
    assert_eq!(polled(world), (0, 1));
    assert!(told(world).is_empty() && world.all().is_empty());
    let ended = |line: &HistoryEntry| matches!(line.kind, HistoryKind::Refused | HistoryKind::Failed);
    assert!(!world.history().iter().any(ended));
}

fn comes_with_the_next_list(world: &World) {
    let next = listed(world, 2);
    world.server(|server| server.trust_list = Some(next));
    assert_eq!(run(world.wallet.refresh()).unwrap().changed.len(), 1);
    assert_eq!(polled(world), (0, 0));
    assert_eq!(told(world), [NotificationEvent::CredentialAccepted]);
    assert_eq!(world.net.calls("/deferred"), 1, "the issuer gives it once");
}

// rule: CI-22, TL-15
#[test]
fn a_deferred_paper_that_could_not_be_taken_by_a_list_that_is_too_old_is_asked_for_when_the_next_one_came() {
    let world = ready_by_list(&[]);
    world.clock.advance(40 * DAY);
    waits_for_the_list(&world);
    assert_eq!(world.net.calls("/deferred"), 0, "it lies with its issuer");
    comes_with_the_next_list(&world);
}

// rule: CI-22, CI-23, TL-15
#[test]
fn what_came_and_cannot_be_taken_by_a_list_that_is_too_old_is_kept_for_the_next_one() {
    // It came before the list was too old, or where the profile names another who may issue such a paper.
    let before = ready_by_list(&[]);
    locked_at_status(&before);
    for mut world in [before, ready_by_list(&["vouchers"])] {
        world.clock.advance(40 * DAY);
        waits_for_the_list(&world);
        assert_eq!(world.net.calls("/deferred"), 1);
        world.restart();
        waits_for_the_list(&world);
        comes_with_the_next_list(&world);
    }
}

// rule: CI-22, CI-23
#[test]
fn what_never_fits_the_vault_is_given_up_and_stands_in_nobodys_way() {
    let world = granting();
    world.mode("resident_mdoc", |mode| mode.deferred = true);
    run(world.try_receive(&["resident_mdoc"]));
    world.mode("resident_mdoc", |mode| mode.deferred = false);
    world.server(|server| {
        let claims = &mut server.configurations.get_mut("resident_mdoc").unwrap().claims;
        claims["portrait"] = format!("bytes:{}", "x".repeat(900_000)).into();
    });
    world.clock.advance(61);
    let ended = run(world.wallet.poll_deferred());
    assert!(matches!(ended, Err(WalletError::Store(vault::StoreError::TooLarge { .. }))));
    assert_eq!(told(&world), [NotificationEvent::CredentialFailure]);
    assert_eq!(world.history()[0].kind, HistoryKind::Failed);
    let asked = world.net.calls("/deferred");
    assert_eq!((polled(&world), world.net.calls("/deferred")), ((0, 0), asked));
    run(world.wallet.refresh()).unwrap();
}

/// Deletes what is there, once, at the moment when the issuer is told of it.
fn deleted_when_told(world: &World) {
    let (wallet, deleted) = (world.weak(), AtomicBool::new(false));
    world.net.hook(move |request| {
        if request.url.path() == "/notification" && !deleted.swap(true, Ordering::SeqCst) {
            let wallet = wallet.upgrade().unwrap();
            let delete = move || {
                let shelves = [Shelf::Id, Shelf::Notice].map(|shelf| wallet.shelf(shelf, "").unwrap().papers);
                for paper in shelves.iter().flatten() {
                    run(wallet.remove_paper(&paper.id)).unwrap();
                }
            };
            std::thread::spawn(delete).join().unwrap();
        }
        Act::Pass
    });
}

// rule: CI-22
#[test]
fn what_is_deleted_as_it_comes_takes_nothing_from_what_comes_later() {
    let world = granting();
    world.mode("resident", |mode| mode.deferred = true);
    deleted_when_told(&world);
    match run(world.try_receive(&["notice", "resident"])) {
        Received::Done { papers, deferred, .. } => assert_eq!((papers.len(), deferred.len()), (0, 1)),
        _ => panic!("not received"),
    }
    world.net.unhook();
    world.mode("resident", |mode| mode.deferred = false);
    world.clock.advance(61);
    // Deleted as it comes, it came all the same, and the poll goes on.
    deleted_when_told(&world);
    assert_eq!(polled(&world), (0, 0));
    world.net.unhook();
    assert!(world.all().is_empty());
    assert_eq!(world.history().iter().filter(|line| line.kind == HistoryKind::Received).count(), 2);
}

// rule: CI-13, CI-22, CI-23
#[test]
fn newer_copies_that_came_before_a_lock_are_refused_if_their_paper_is_deleted_after_it() {
    let world = granting();
    let paper = run(world.receive(&["resident"])).remove(0);
    world.mode("resident", |mode| (mode.deferred, mode.status) = (true, true));
    run(world.wallet.renew_paper(&paper.id)).unwrap();
    world.mode("resident", |mode| mode.deferred = false);
    world.clock.advance(61);
    locked_while_asked(&world);
    told(&world);
    run(world.wallet.remove_paper(&paper.id)).unwrap();
    assert_eq!(polled(&world), (0, 0));
    assert!(world.all().is_empty());
    assert_eq!(told(&world), [NotificationEvent::CredentialDeleted; 2]);
}
