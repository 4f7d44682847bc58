//! What an issuer gives once arrives while the vault is there to keep it: a passphrase waits for that, and a lock of the window's own.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use tokio::sync::Notify;
use wallet::WalletError;

use crate::renewing::{done, granting};
use crate::world::*;

/// Tries to set a passphrase whenever this path is called; how often that was.
fn set_at(world: &World, path: &'static str) -> Arc<AtomicUsize> {
    let (wallet, tried) = (world.weak(), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&tried);
    world.net.hook(move |request| {
        if request.url.path() == path {
            let wallet = wallet.upgrade().unwrap();
            assert!(wallet.is_receiving(), "{path}");
            let set = wallet.set_passphrase(None, Some(STRONG.to_owned()));
            assert!(matches!(set, Err(WalletError::Busy)), "{path}");
            count.fetch_add(1, Ordering::SeqCst);
        }
        Act::Pass
    });
    tried
}

/// It had to wait, and has to no longer.
fn waited(world: &World, tried: &AtomicUsize) {
    assert!(tried.load(Ordering::SeqCst) > 0);
    world.net.unhook();
    assert!(!world.wallet.is_receiving());
    world.wallet.set_passphrase(None, Some(STRONG.to_owned())).unwrap();
}

// rule: CI-13, CI-22
#[test]
fn a_passphrase_waits_for_tokens_that_are_exchanged_and_papers_that_were_deferred() {
    // fetched anew, by itself and by a refresh
    for path in ["/token", "/credential"] {
        let world = granting();
        let paper = run(world.receive(&["resident"])).remove(0);
        let tried = set_at(&world, path);
        done(run(world.wallet.renew_paper(&paper.id)).unwrap());
        waited(&world, &tried);
    }
    let world = granting();
    world.mode("resident", |mode| mode.expires = Some(30 * DAY));
    run(world.receive(&["resident"]));
    world.clock.advance(25 * DAY);
    let tried = set_at(&world, "/token");
    run(world.wallet.refresh()).unwrap();
    waited(&world, &tried);
    // deferred, asked for by itself and by a refresh
    for refresh in [true, false] {
        let world = granting();
        world.mode("resident", |mode| mode.deferred = true);
        run(world.try_receive(&["resident"]));
        world.mode("resident", |mode| mode.deferred = false);
        world.clock.advance(61);
        let tried = set_at(&world, "/deferred");
        if refresh {
            run(world.wallet.refresh()).unwrap();
        } else {
            run(world.wallet.poll_deferred()).unwrap();
        }
        assert_eq!(world.all().len(), 1, "it was given once, and is here");
        waited(&world, &tried);
    }
    // a deletion that is told with a newer token
    let world = granting();
    let paper = run(world.receive(&["resident"])).remove(0);
    world.clock.advance(40 * DAY);
    let tried = set_at(&world, "/token");
    run(world.wallet.remove_paper(&paper.id)).unwrap();
    waited(&world, &tried);
}

#[test]
fn what_is_broken_off_keeps_no_passphrase_waiting() {
    let world = granting();
    let paper = run(world.receive(&["resident"])).remove(0);
    let hung = Arc::new(Notify::new());
    let (wallet, told) = (world.weak(), Arc::clone(&hung));
    world.net.hook(move |_| {
        assert!(wallet.upgrade().unwrap().is_receiving());
        told.notify_one();
        Act::Hang
    });
    run(async {
        tokio::select! {
            biased;
            _ = world.wallet.renew_paper(&paper.id) => panic!("it hangs"),
            () = hung.notified() => {}
        }
    });
    waited(&world, &AtomicUsize::new(1));
}

#[test]
fn a_lock_is_said_to_be_one_also_while_something_is_under_way() {
    let world = granting();
    let paper = run(world.receive(&["resident"])).remove(0);
    let wallet = world.weak();
    world.net.hook(move |_| {
        let wallet = wallet.upgrade().unwrap();
        wallet.lock();
        let set = wallet.set_passphrase(None, Some(STRONG.to_owned()));
        assert!(matches!(set, Err(WalletError::Locked)));
        Act::Pass
    });
    assert!(matches!(run(world.wallet.renew_paper(&paper.id)), Err(WalletError::Locked)));
}
