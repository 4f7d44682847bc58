//! Copies that come later in place of others: for this person alone, and not for a paper that is deleted by then.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use openid4vci::holder::NotificationEvent;
use serde_json::json;
use wallet::view::*;

use crate::renewing::granting;
use crate::world::*;

fn told(world: &World) -> Vec<NotificationEvent> {
    world.server(|server| std::mem::take(&mut server.notifications)).iter().map(|it| it.event).collect()
}

/// How many keys are reserved for nothing that is waited for. Ends the wallet.
fn keys_left(world: &World) -> usize {
    world.wallet.lock();
    let mut vault = vault::LockedVault::open(world.folder.path())
        .unwrap()
        .unlock(world.secrets.as_ref(), None, primitives::Clock::now(&*world.clock))
        .unwrap();
    vault.read(|it| it.release_abandoned_keys()).unwrap()
}

/// A resident card whose newer copies are deferred.
fn renewed_later() -> (World, PaperSummary) {
    let world = granting();
    let paper = run(world.receive(&["resident"])).remove(0);
    world.mode("resident", |mode| mode.deferred = true);
    match run(world.wallet.renew_paper(&paper.id)).unwrap() {
        Received::Done { deferred, .. } => assert_eq!(deferred.len(), 1),
        _ => panic!("not deferred"),
    }
    world.mode("resident", |mode| mode.deferred = false);
    told(&world);
    (world, paper)
}

/// Deletes the paper, once, at the moment when this path is called.
fn delete_at(world: &World, path: &'static str, id: &str) {
    let (wallet, id, deleted) = (world.weak(), id.to_owned(), Arc::new(AtomicBool::new(false)));
    world.net.hook(move |request| {
        if request.url.path() == path && !deleted.swap(true, Ordering::SeqCst) {
            let (wallet, id) = (wallet.upgrade().unwrap(), id.clone());
            std::thread::spawn(move || run(wallet.remove_paper(&id)).unwrap()).join().unwrap();
        }
        Act::Pass
    });
}

/// What is deleted stays so, and the issuer knows it of the paper and of what came too late.
fn stays_deleted(world: &World, events: usize) {
    assert!(world.all().is_empty());
    assert_eq!(told(world), vec![NotificationEvent::CredentialDeleted; events]);
    assert_eq!(world.history()[0].kind, HistoryKind::Removed, "a deletion is the last that is said of it");
    world.clock.advance(DAY);
    assert_eq!(run(world.wallet.poll_deferred()).unwrap().1, 0);
    assert!(world.all().is_empty());
    assert_eq!(keys_left(world), 0);
}

// rule: CI-13, CI-22, CI-23
#[test]
fn another_persons_card_that_comes_later_takes_nobodys_place() {
    let (world, paper) = renewed_later();
    let original = world.wallet.original(&paper.id).unwrap().text;
    world.server(|server| {
        server.configurations.get_mut("resident").unwrap().claims["birth"] = json!("1999-09-09");
    });
    world.clock.advance(61);
    let (came, waiting) = run(world.wallet.poll_deferred()).unwrap();
    assert_eq!((came.len(), waiting), (0, 0));
    assert_eq!(ids(&world.all()), [paper.id.clone()].into());
    assert_eq!(world.wallet.original(&paper.id).unwrap().text, original, "it is as it was");
    let line = world.history().remove(0);
    assert_eq!((line.kind, line.code.as_deref()), (HistoryKind::Refused, Some("renew_other_person")));
    assert_eq!((line.rule.as_deref(), line.papers.len()), (Some("CI-13"), 1));
    assert_eq!(told(&world), [NotificationEvent::CredentialFailure]);
    assert_eq!(keys_left(&world), 0);
}

// rule: CI-13, CI-20
#[test]
fn what_is_of_another_type_by_now_takes_no_papers_place_and_no_place_of_its_own() {
    let world = granting();
    let paper = run(world.receive(&["resident"])).remove(0);
    told(&world);
    // The configuration is of another type by now, and what comes is of that type.
    world.server(|server| {
        let voucher = server.configurations["voucher"].credential_type.clone();
        server.configurations.get_mut("resident").unwrap().credential_type = voucher;
    });
    let Received::Refusal(refusal) = run(world.wallet.renew_paper(&paper.id)).unwrap() else { panic!() };
    assert_eq!((refusal.code.as_str(), refusal.rule.as_deref()), ("paper_other_type", Some("CI-20")));
    assert_eq!(ids(&world.all()), [paper.id].into());
    assert_eq!(told(&world), [NotificationEvent::CredentialFailure]);
}

// rule: CI-13, CI-22
#[test]
fn a_paper_that_is_deleted_while_newer_copies_are_awaited_stays_deleted() {
    let (world, paper) = renewed_later();
    run(world.wallet.remove_paper(&paper.id)).unwrap();
    world.clock.advance(61);
    assert_eq!(run(world.wallet.poll_deferred()).unwrap().1, 0);
    assert_eq!(world.net.calls("/deferred"), 0, "nobody is asked for it any more");
    stays_deleted(&world, 1);
}

// rule: CI-13, CI-22, CI-23
#[test]
fn a_paper_that_is_deleted_while_newer_copies_are_under_way_stays_deleted() {
    for still_waits in [false, true] {
        let (world, paper) = renewed_later();
        world.mode("resident", |mode| mode.deferred = still_waits);
        world.clock.advance(61);
        delete_at(&world, "/deferred", &paper.id);
        let (came, waiting) = run(world.wallet.poll_deferred()).unwrap();
        assert_eq!((came.len(), waiting), (0, 0));
        stays_deleted(&world, if still_waits { 1 } else { 2 });
    }
}

// rule: CI-13, CI-23
#[test]
fn a_paper_that_is_deleted_while_it_is_fetched_anew_stays_deleted() {
    for deferred in [false, true] {
        let world = granting();
        let paper = run(world.receive(&["resident"])).remove(0);
        told(&world);
        world.mode("resident", |mode| mode.deferred = deferred);
        delete_at(&world, "/credential", &paper.id);
        let ended = run(world.wallet.renew_paper(&paper.id)).unwrap();
        assert!(matches!(ended, Received::Cancelled));
        stays_deleted(&world, if deferred { 1 } else { 2 });
    }
}
