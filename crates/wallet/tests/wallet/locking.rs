//! Locked is locked: at once, whatever is under way, and nothing comes back that began before.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use primitives::Refusal as _;
use serde_json::json;
use wallet::WalletError;
use wallet::profile::Profile;
use wallet::view::*;

use crate::world::*;

#[test]
fn nothing_is_fetched_while_the_wallet_is_locked() {
    let world = World::new();
    run(world.receive(&["resident"]));
    let (offer, (_, link)) = (world.offer(&["notice"], None), world.request(name_query()));
    world.wallet.lock();
    let before = world.net.log.lock().unwrap().len();
    let (offer, request) = (world.input(&offer), world.input(&link));
    run(async {
        assert!(matches!(world.wallet.receive_start(&offer).await, Err(WalletError::Locked)));
        assert!(matches!(world.wallet.present_start(&request).await, Err(WalletError::Locked)));
        assert!(matches!(world.wallet.refresh().await, Err(WalletError::Locked)));
        assert!(matches!(world.wallet.poll_deferred().await, Err(WalletError::Locked)));
        assert!(world.wallet.update_trust_list().await.is_err());
        assert!(matches!(world.wallet.shelf(Shelf::Id, ""), Err(WalletError::Locked)));
    });
    assert_eq!(world.net.log.lock().unwrap().len(), before);
    // A link that came meanwhile waits until the wallet is open.
    world.wallet.unlock(None).unwrap();
    run(async {
        assert!(matches!(world.wallet.receive_start(&offer).await, Ok(ReceiveStarted::Offer(_))));
        assert!(matches!(world.wallet.present_start(&request).await, Ok(PresentStarted::Consent(_))));
    });
}

/// Locks when a call to a path begins; gives how many calls were made after that.
fn lock_at(world: &World, path: &'static str, then_unlock: bool) -> Arc<AtomicUsize> {
    let wallet = world.weak();
    let (locked, after) = (AtomicUsize::new(0), Arc::new(AtomicUsize::new(0)));
    let count = Arc::clone(&after);
    world.net.hook(move |request| {
        if locked.load(Ordering::SeqCst) > 0 {
            count.fetch_add(1, Ordering::SeqCst);
            return Act::Pass;
        }
        if request.url.path().starts_with(path) {
            locked.store(1, Ordering::SeqCst);
            let wallet = wallet.upgrade().unwrap();
            wallet.lock();
            if then_unlock {
                wallet.unlock(None).unwrap();
            }
            return Act::Hang;
        }
        Act::Pass
    });
    after
}

#[test]
fn a_lock_ends_receiving_wherever_it_is() {
    for (path, then_unlock) in [
        ("/.well-known/openid-credential-issuer", false),
        ("/.well-known/oauth-authorization-server", true),
        ("/token", false),
        ("/token", true),
        ("/nonce", true),
        ("/credential", false),
        ("/credential", true),
        ("/status", false),
    ] {
        let world = World::new();
        world.mode("resident", |mode| mode.status = true);
        let input = world.input(&world.offer(&["resident", "notice"], None));
        let after = lock_at(&world, path, then_unlock);
        run(async {
            let started = world.wallet.receive_start(&input).await;
            if path.starts_with("/.well-known") {
                assert!(matches!(started, Err(WalletError::Locked)), "{path}");
                return;
            }
            let Ok(ReceiveStarted::Offer(offer)) = started else { panic!("{path}") };
            let ended = world.wallet.receive_continue(&offer.session_id, None, &|_| {}).await;
            assert!(matches!(ended, Err(WalletError::Locked)), "{path}");
            if !then_unlock {
                world.wallet.unlock(None).unwrap();
            }
            let again = world.wallet.receive_continue(&offer.session_id, None, &|_| {}).await;
            assert!(matches!(again, Err(WalletError::Unknown(_))), "{path}");
        });
        assert_eq!(after.load(Ordering::SeqCst), 0, "{path}");
        world.net.unhook();
        let _ = world.wallet.unlock(None);
        assert!(world.all().is_empty(), "{path}");
        // No key of a proof that came to nothing stays behind.
        world.wallet.lock();
        world.wallet.unlock(None).unwrap();
        world.wallet.lock();
        let vault = vault::LockedVault::open(world.folder.path()).unwrap();
        let mut vault =
            vault.unlock(world.secrets.as_ref(), None, primitives::Clock::now(&*world.clock)).unwrap();
        assert_eq!(vault.read(|it| it.release_abandoned_keys()).unwrap(), 0, "{path}");
    }
}

#[test]
fn a_lock_ends_presenting_wherever_it_is() {
    for (path, then_unlock) in [("/list", true), ("/request", false), ("/request", true)] {
        let world = World::new();
        run(world.receive(&["resident"]));
        let (_, link) = world.request(name_query());
        let input = world.input(&link);
        let after = lock_at(&world, path, then_unlock);
        let started = run(world.wallet.present_start(&input));
        assert!(matches!(started, Err(WalletError::Locked)), "{path}");
        assert_eq!(after.load(Ordering::SeqCst), 0, "{path}");
    }
    // Between the screen and the yes.
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (_, link) = world.request(name_query());
        let consent = world.consent(&link).await;
        world.wallet.lock();
        let sent = world.wallet.present_send(&consent.session_id, &yes(&consent)).await;
        assert!(matches!(sent, Err(WalletError::Locked)));
        world.wallet.unlock(None).unwrap();
        let sent = world.wallet.present_send(&consent.session_id, &yes(&consent)).await;
        assert!(matches!(sent, Err(WalletError::Unknown(_))));
        assert_eq!(world.net.calls("/response"), 0);
    });
}

#[test]
fn a_lock_while_the_answer_leaves_hides_nothing() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (_, link) = world.request(name_query());
        let consent = world.consent(&link).await;
        lock_at(&world, "/response", false);
        let sent = world.wallet.present_send(&consent.session_id, &yes(&consent)).await;
        assert!(matches!(sent, Err(WalletError::Locked)));
        world.net.unhook();
        world.wallet.unlock(None).unwrap();
    });
    let line = world.history().remove(0);
    assert!(line.kind == HistoryKind::Failed && line.left);
    assert_eq!(line.items.len(), 1);
    assert!(world.pages.opened.lock().unwrap().is_empty());
}

#[test]
fn a_wrong_code_does_not_bring_back_what_a_lock_dropped() {
    let world = World::new();
    run(async {
        let input = world.input(&world.offer(&["resident"], Some("1234")));
        let Ok(ReceiveStarted::Offer(offer)) = world.wallet.receive_start(&input).await else { panic!() };
        world.wallet.lock();
        world.wallet.unlock(None).unwrap();
        for typed in ["12", "1234"] {
            let ended = world.wallet.receive_continue(&offer.session_id, Some(typed), &|_| {}).await;
            assert!(matches!(ended, Err(WalletError::Unknown(_))));
        }
    });
}

#[test]
fn a_lock_that_comes_while_the_key_is_fetched_wins() {
    let world = World::bare(|_| {});
    let wallet = world.weak();
    *world.secrets.during_save.lock().unwrap() = Some(Box::new(move || wallet.upgrade().unwrap().lock()));
    assert!(matches!(world.wallet.initialize(), Err(WalletError::Locked)));
    assert!(!world.wallet.is_unlocked());
    *world.secrets.during_save.lock().unwrap() = None;

    let wallet = world.weak();
    *world.secrets.during_load.lock().unwrap() = Some(Box::new(move || wallet.upgrade().unwrap().lock()));
    assert!(matches!(world.wallet.unlock(None), Err(WalletError::Locked)));
    assert!(!world.wallet.is_unlocked());
    *world.secrets.during_load.lock().unwrap() = None;
    world.wallet.unlock(None).unwrap();
}

#[test]
fn what_comes_while_the_key_is_fetched_is_told_to_wait() {
    let world = World::new();
    world.wallet.lock();
    let wallet = world.weak();
    *world.secrets.during_load.lock().unwrap() = Some(Box::new(move || {
        let wallet = wallet.upgrade().unwrap();
        assert!(matches!(wallet.unlock(None), Err(WalletError::Busy)));
        assert!(matches!(wallet.initialize(), Err(WalletError::Busy)));
        assert!(matches!(wallet.set_passphrase(None, Some(STRONG.into())), Err(WalletError::Busy)));
        assert!(matches!(wallet.shelf(Shelf::Id, ""), Err(WalletError::Busy)));
        assert!(matches!(
            wallet.wallet_state(),
            WalletState::KeyringProblem { problem: KeyringProblem::Waiting }
        ));
    }));
    world.wallet.unlock(None).unwrap();
    assert!(world.wallet.is_unlocked());
}

#[test]
fn a_passphrase_is_set_asked_for_counted_and_removed() {
    let mut world = World::new();
    run(world.receive(&["resident"]));
    let wallet = world.weak();
    *world.secrets.during_save.lock().unwrap() = Some(Box::new(move || {
        let wallet = wallet.upgrade().unwrap();
        assert!(matches!(wallet.unlock(None), Err(WalletError::Busy)));
        wallet.lock();
    }));
    // The lock that came while it was sealed holds, and so does the passphrase.
    world.wallet.set_passphrase(None, Some(STRONG.to_owned())).unwrap();
    *world.secrets.during_save.lock().unwrap() = None;
    assert!(!world.wallet.is_unlocked() && world.wallet.has_passphrase());
    assert_eq!(world.wallet.unlock(None).unwrap_err().code(), "passphrase_needed");
    let wrong = world.wallet.unlock(Some("wrong".to_owned())).unwrap_err();
    assert_eq!(wrong.blame(), primitives::Blame::You);
    assert!(matches!(world.wallet.wallet_state(), WalletState::Locked { failed_attempts: 1, .. }));
    world.clock.advance(3600);
    world.wallet.unlock(Some(STRONG.to_owned())).unwrap();
    assert_eq!(world.all().len(), 1);
    assert!(world.wallet.set_passphrase(Some("wrong".to_owned()), None).is_err());
    assert!(world.wallet.set_passphrase(None, None).is_err());
    assert!(world.wallet.is_unlocked());
    world.clock.advance(3600);
    world.wallet.set_passphrase(Some(STRONG.to_owned()), None).unwrap();
    world.restart();
    assert_eq!(world.all().len(), 1);
}

#[test]
fn a_keyring_that_is_away_is_no_first_run() {
    let world = World::new();
    world.wallet.lock();
    *world.secrets.broken.lock().unwrap() = true;
    let error = world.wallet.unlock(None).unwrap_err();
    assert_eq!(error.secret_store().map(wallet::keyring_problem), Some(KeyringProblem::NoService));
    assert!(matches!(world.wallet.wallet_state(), WalletState::Locked { .. }));
    assert!(matches!(world.wallet.initialize(), Err(WalletError::AlreadySetUp)));
    *world.secrets.broken.lock().unwrap() = false;
    world.wallet.unlock(None).unwrap();
}

#[test]
fn a_vault_belongs_to_one_profile() {
    let mut world = World::new();
    run(world.receive(&["resident"]));
    world.wallet.lock();
    let own = world.profile.clone();
    let mut other = own.clone();
    other["name"]["ko"] = json!("다른 것");
    world.profile = other;
    world.open_again();
    assert!(matches!(
        world.wallet.wallet_state(),
        WalletState::VaultProblem { problem: VaultProblem::OtherProfile }
    ));
    assert!(matches!(world.wallet.unlock(None), Err(WalletError::OtherProfile)));
    assert!(matches!(world.wallet.initialize(), Err(WalletError::AlreadySetUp)));
    assert!(matches!(world.wallet.shelf(Shelf::Id, ""), Err(WalletError::OtherProfile)));
    // A header that was made to say otherwise does not help: the database's word counts.
    let header = world.folder.path().join("wallet.header");
    let hash = |profile: &serde_json::Value| {
        let hash = Profile::parse(profile.to_string().as_bytes()).ok().unwrap().hash();
        hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>()
    };
    let text = std::fs::read_to_string(&header).unwrap();
    let forged = text.replace(&hash(&own), &hash(&world.profile));
    assert_ne!(text, forged);
    std::fs::write(&header, forged).unwrap();
    world.open_again();
    assert!(matches!(world.wallet.unlock(None), Err(WalletError::OtherProfile)));
    assert!(!world.wallet.is_unlocked());
    world.profile = own;
    world.open_again();
    world.wallet.unlock(None).unwrap();
    assert_eq!(world.all().len(), 1);
}
