//! From an offer to papers, and everything that must not become one.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};

use openid4vci::holder::NotificationEvent;
use primitives::http::HttpError;
use trust::status::StatusState;
use wallet::view::*;

use crate::world::*;

#[test]
fn papers_come_with_copies_and_a_line_in_the_history() {
    let mut world = World::new();
    run(async {
        let papers = world.receive(&["resident", "notice"]).await;
        assert_eq!(papers.len(), 2);
        assert!(papers.iter().all(|paper| paper.is_new));
        let page = world.wallet.paper(&papers[0].id).unwrap();
        assert_eq!((page.trust.copies.left, page.trust.copies.total), (3, 3));
        assert!(page.trust.signature == SignatureState::Holds && page.trust.issuer_listed);
        assert!(!world.wallet.paper(&papers[0].id).unwrap().summary.is_new);
        let line = world.history().remove(0);
        assert_eq!(line.kind, HistoryKind::Received);
        assert_eq!(line.papers.len(), 2);
        let told = world.server(|server| std::mem::take(&mut server.notifications));
        assert!(told.iter().all(|one| one.event == NotificationEvent::CredentialAccepted));
        assert_eq!(told.len(), 2);
    });
    world.restart();
    assert_eq!(world.all().len(), 2);
}

#[test]
fn keys_are_durable_before_their_proof_leaves() {
    let world = World::new();
    let wallet = world.weak();
    let folder = world.folder.path().to_owned();
    let seen = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&seen);
    // The moment the proof is on the wire, this process ends: the keys must be found by the next one.
    let copy = tempfile::tempdir().unwrap();
    let target = copy.path().to_owned();
    world.net.hook(move |request| {
        if request.url.path() == "/credential" && count.fetch_add(1, Ordering::SeqCst) == 0 {
            for file in std::fs::read_dir(&folder).unwrap() {
                let file = file.unwrap();
                std::fs::copy(file.path(), target.join(file.file_name())).unwrap();
            }
            let _ = &wallet;
            return Act::Fail(HttpError::Connection);
        }
        Act::Pass
    });
    let refusal = run(world.refused(&["resident"]));
    assert_eq!(refusal.code, "http_connection");
    let locked = vault::LockedVault::open(copy.path()).unwrap();
    let mut opened =
        locked.unlock(world.secrets.as_ref(), None, primitives::Clock::now(&*world.clock)).unwrap();
    let reserved = opened.read(|it| it.release_abandoned_keys()).unwrap();
    assert_eq!(reserved, 3);
    // What came to nothing leaves no key behind here.
    world.wallet.lock();
    let mut here = vault::LockedVault::open(world.folder.path())
        .unwrap()
        .unlock(world.secrets.as_ref(), None, primitives::Clock::now(&*world.clock))
        .unwrap();
    assert_eq!(here.read(|it| it.release_abandoned_keys()).unwrap(), 0);
}

fn nothing_is_kept(world: &World, refusal: &Refusal, rule: &str) {
    assert!(world.all().is_empty());
    let line = world.history().remove(0);
    assert_eq!(line.kind, HistoryKind::Refused, "{}", refusal.code);
    assert_eq!(line.rule.as_deref(), Some(rule));
    assert_eq!(line.rule, refusal.rule);
    assert_eq!(line.code.as_deref(), Some(refusal.code.as_str()));
    assert_eq!(refusal.blame, BlameView::Issuer);
    assert!(!line.left && !refusal.left);
}

// rule: CI-20
#[test]
fn a_paper_bound_to_a_foreign_key_refuses_the_whole_offer() {
    let world = World::new();
    world.mode("notice", |mode| mode.foreign_key = true);
    let refusal = run(world.refused(&["resident", "notice"]));
    let rule = refusal.rule.clone().unwrap();
    nothing_is_kept(&world, &refusal, &rule);
    // Whatever came before it is not kept either, and the issuer knows.
    let told = world.server(|server| std::mem::take(&mut server.notifications));
    assert_eq!(told.len(), 2);
    assert!(told.iter().all(|one| one.event == NotificationEvent::CredentialFailure));
}

// rule: PK-18
#[test]
fn a_paper_of_an_unknown_issuer_or_of_another_type_is_refused() {
    for other_type in [false, true] {
        let world = World::new();
        world.mode("resident", |mode| {
            mode.stranger = !other_type;
            mode.other_type = other_type;
        });
        let refusal = run(world.refused(&["resident"]));
        let rule = refusal.rule.clone().unwrap();
        nothing_is_kept(&world, &refusal, &rule);
    }
}

#[test]
fn an_expired_paper_is_refused_at_receipt() {
    let world = World::new();
    world.mode("resident", |mode| mode.expires = Some(-DAY));
    let refusal = run(world.refused(&["resident"]));
    let rule = refusal.rule.clone().unwrap();
    nothing_is_kept(&world, &refusal, &rule);
}

// rule: ST-10
#[test]
fn a_paper_that_is_revoked_already_is_refused_at_receipt() {
    let world = World::new();
    world.mode("resident", |mode| mode.status = true);
    // Only the last copy: each copy is asked for.
    world.server(|server| server.statuses.insert(3, StatusState::Invalid));
    let refusal = run(world.refused(&["resident"]));
    nothing_is_kept(&world, &refusal, "ST-10");
    let told = world.server(|server| std::mem::take(&mut server.notifications));
    assert_eq!(told[0].event, NotificationEvent::CredentialFailure);
}

// rule: ST-10
#[test]
fn what_the_kept_list_says_counts_when_the_list_cannot_be_had() {
    let mut world = World::new();
    world.mode("resident", |mode| mode.status = true);
    world.server(|server| server.statuses.insert(4, StatusState::Invalid));
    run(world.receive(&["resident"]));
    world.restart();
    world.server(|server| server.status_down = true);
    let refusal = run(world.refused(&["resident"]));
    assert_eq!(refusal.rule.as_deref(), Some("ST-10"));
    assert_eq!(world.all().len(), 1);
}

// rule: CI-22
#[test]
fn deferred_papers_come_after_the_wallet_was_opened_again() {
    let mut world = World::new();
    world.mode("resident", |mode| mode.deferred = true);
    world.mode("voucher", |mode| mode.deferred = true);
    run(async {
        let Received::Done { papers, deferred, .. } =
            world.try_receive(&["resident", "notice", "voucher"]).await
        else {
            panic!("not received");
        };
        assert_eq!((papers.len(), deferred.len()), (1, 2));
    });
    world.restart();
    run(async {
        // Too early: nobody is asked.
        let (came, waiting) = world.wallet.poll_deferred().await.unwrap();
        assert_eq!((came.len(), waiting), (0, 2));
        assert_eq!(world.net.calls("/deferred"), 0);
        world.clock.advance(61);
        let (came, waiting) = world.wallet.poll_deferred().await.unwrap();
        assert_eq!((came.len(), waiting), (0, 2));
    });
    world.restart();
    world.mode("resident", |mode| mode.deferred = false);
    world.mode("voucher", |mode| mode.deferred = false);
    world.clock.advance(61);
    run(async {
        let (came, waiting) = world.wallet.poll_deferred().await.unwrap();
        assert_eq!((came.len(), waiting), (2, 0));
    });
    assert_eq!(world.all().len(), 3);
    // What came can be presented: its keys are there.
    run(async {
        let (_, link) = world.request(name_query());
        world.sent(&world.consent(&link).await).await;
    });
}

#[test]
fn a_deferred_paper_of_an_offer_that_failed_is_not_waited_for() {
    let world = World::new();
    world.mode("resident", |mode| mode.deferred = true);
    world.mode("voucher", |mode| mode.foreign_key = true);
    run(world.refused(&["resident", "voucher"]));
    world.clock.advance(61);
    let (came, waiting) = run(world.wallet.poll_deferred()).unwrap();
    assert_eq!((came.len(), waiting), (0, 0));
    assert_eq!(world.net.calls("/deferred"), 0);
}

// rule: ST-10
#[test]
fn a_deferred_paper_that_is_revoked_is_refused_once_and_said() {
    let world = World::new();
    world.mode("resident", |mode| {
        mode.deferred = true;
        mode.status = true;
    });
    run(world.try_receive(&["resident"]));
    world.mode("resident", |mode| mode.deferred = false);
    world.server(|server| server.statuses.insert(1, StatusState::Invalid));
    world.clock.advance(61);
    let (came, waiting) = run(world.wallet.poll_deferred()).unwrap();
    assert_eq!((came.len(), waiting), (0, 0));
    let line = world.history().remove(0);
    assert_eq!((line.kind, line.rule.as_deref()), (HistoryKind::Refused, Some("ST-10")));
    let told = world.server(|server| std::mem::take(&mut server.notifications));
    assert_eq!(told[0].event, NotificationEvent::CredentialFailure);
    run(world.wallet.poll_deferred()).unwrap();
    assert_eq!(world.net.calls("/deferred"), 1 + usize::from(world.net.calls("/deferred") > 1));
}

// rule: CI-23
#[test]
fn an_issuer_whose_deferred_paper_does_not_hold_is_told() {
    let world = World::new();
    world.mode("resident", |mode| mode.deferred = true);
    run(world.try_receive(&["resident"]));
    world.mode("resident", |mode| {
        mode.deferred = false;
        mode.foreign_key = true;
    });
    world.clock.advance(61);
    let (came, waiting) = run(world.wallet.poll_deferred()).unwrap();
    assert_eq!((came.len(), waiting), (0, 0));
    assert_eq!(world.history().remove(0).kind, HistoryKind::Refused);
    let told = world.server(|server| std::mem::take(&mut server.notifications));
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].event, NotificationEvent::CredentialFailure);
}

#[test]
fn an_issuer_that_is_away_is_asked_again_another_time() {
    let world = World::new();
    world.mode("resident", |mode| mode.deferred = true);
    run(world.try_receive(&["resident"]));
    world.clock.advance(61);
    world.net.hook(|_| Act::Fail(HttpError::Connection));
    let (came, waiting) = run(world.wallet.poll_deferred()).unwrap();
    assert_eq!((came.len(), waiting), (0, 1));
    world.net.unhook();
    world.mode("resident", |mode| mode.deferred = false);
    assert_eq!(run(world.wallet.poll_deferred()).unwrap().0.len(), 1);
}

#[test]
fn two_polls_at_once_get_a_deferred_paper_once() {
    let world = World::new();
    world.mode("resident", |mode| {
        mode.deferred = true;
        mode.status = true;
    });
    run(world.try_receive(&["resident"]));
    world.mode("resident", |mode| mode.deferred = false);
    world.clock.advance(61);
    let (one, other) =
        run(async { tokio::join!(world.wallet.poll_deferred(), world.wallet.poll_deferred()) });
    assert_eq!(one.unwrap().0.len() + other.unwrap().0.len(), 1);
    assert_eq!(world.all().len(), 1);
    assert!(world.history().iter().all(|line| line.kind == HistoryKind::Received));
}

// rule: CI-9
#[test]
fn a_wrong_or_missing_transaction_code_may_be_typed_again() {
    let world = World::new();
    run(async {
        let input = world.input(&world.offer(&["resident"], Some("1234")));
        let ReceiveStarted::Offer(offer) = world.wallet.receive_start(&input).await.unwrap() else {
            panic!("refused")
        };
        assert!(offer.tx_code.as_ref().is_some_and(|asked| asked.length == Some(4)));
        for typed in [None, Some("12"), Some("9999")] {
            let again = world.wallet.receive_continue(&offer.session_id, typed, &|_| {}).await.unwrap();
            assert!(matches!(again, Received::TxCodeWrong { .. }), "{typed:?}");
        }
        let done = world.wallet.receive_continue(&offer.session_id, Some("1234"), &|_| {}).await.unwrap();
        assert!(matches!(done, Received::Done { .. }));
    });
}

#[test]
fn one_card_in_two_formats_is_one_paper_and_two_cards_of_a_type_are_two() {
    let world = World::new();
    let papers = run(world.receive(&["resident", "resident_mdoc"]));
    assert_eq!(papers.len(), 1);
    assert_eq!(world.wallet.paper(&papers[0].id).unwrap().trust.format, FormatView::Both);

    let world = World::new();
    world.server(|server| {
        server.identifiers.insert("resident".into(), vec!["Kim".into(), "Lee".into()]);
    });
    let papers = run(world.receive(&["resident"]));
    assert_eq!(papers.len(), 2);
    // Each shows and tells its own name.
    run(async {
        let (_, link) = world.request(name_query());
        let consent = world.consent(&link).await;
        for candidate in &consent.queries[0].candidates {
            let (_, link) = world.request(name_query());
            let again = world.consent(&link).await;
            let mut choice = yes(&again);
            choice.papers.insert("card".into(), vec![candidate.paper.id.clone()]);
            let sent = world.wallet.present_send(&again.session_id, &choice).await.unwrap();
            assert!(matches!(sent, PresentSent::Sent(_)));
            assert_eq!(world.disclosed()[0]["name"], said(&candidate.items[0].value));
        }
    });
}

#[test]
fn stopping_keeps_nothing() {
    let world = World::new();
    let wallet = world.weak();
    let session = Arc::new(Mutex::new(String::new()));
    let id = Arc::clone(&session);
    world.net.hook(move |request| {
        if request.url.path() == "/credential" {
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
    assert_eq!(world.history().remove(0).kind, HistoryKind::Declined);
}

#[test]
fn an_issuer_with_a_long_name_can_be_kept() {
    let world = World::new();
    world.server(|server| server.issuer_name = "가".repeat(1300));
    let papers = run(world.receive(&["resident"]));
    assert!(said(&papers[0].issuer).chars().count() <= 200);
}

#[test]
fn an_unknown_issuer_is_not_called_known_by_its_own_word() {
    let world = World::new();
    world.mode("resident", |mode| mode.stranger = true);
    run(async {
        let offer = world.start_offer(&["resident"]).await;
        // Nobody vouches for who offers before a signature was seen.
        assert!(offer.issuer.trust != PartyTrust::Registered);
    });
}

// rule: CI-23
#[test]
fn a_removed_paper_is_gone_and_its_issuer_knows() {
    let mut world = World::new();
    let papers = run(world.receive(&["resident"]));
    world.server(|server| server.notifications.clear());
    run(world.wallet.remove_paper(&papers[0].id)).unwrap();
    assert!(world.all().is_empty());
    let told = world.server(|server| std::mem::take(&mut server.notifications));
    assert_eq!(told[0].event, NotificationEvent::CredentialDeleted);
    let line = world.history().remove(0);
    assert_eq!(line.kind, HistoryKind::Removed);
    assert_eq!(line.papers.len(), 1);
    assert!(line.items.is_empty(), "a removal tells nothing to anybody");
    world.restart();
    assert!(world.all().is_empty());
    assert!(world.wallet.paper(&papers[0].id).is_err());
}

#[test]
fn the_original_is_what_was_issued() {
    let world = World::new();
    let papers = run(world.receive(&["resident"]));
    let original = world.wallet.original(&papers[0].id).unwrap();
    assert_eq!(original.format, "dc+sd-jwt");
    assert!(original.text.ends_with('~') && original.text.matches('.').count() >= 2);
}

#[test]
fn a_passphrase_waits_until_what_is_being_received_is_here() {
    let world = World::new();
    let wallet = world.weak();
    let asked = Arc::new(AtomicUsize::new(0));
    let count = Arc::clone(&asked);
    world.net.hook(move |request| {
        if request.url.path() == "/credential" {
            let set = wallet.upgrade().unwrap().set_passphrase(None, Some(STRONG.to_owned()));
            assert!(matches!(set, Err(wallet::WalletError::Busy)));
            count.fetch_add(1, Ordering::SeqCst);
        }
        Act::Pass
    });
    run(world.receive(&["resident"]));
    assert!(asked.load(Ordering::SeqCst) > 0);
    world.wallet.set_passphrase(None, Some(STRONG.to_owned())).unwrap();
}

#[test]
fn the_history_names_what_was_received_also_when_it_is_gone() {
    let world = World::new();
    run(async {
        let papers = world.receive(&["resident", "voucher"]).await;
        world.wallet.remove_paper(&papers[0].id).await.unwrap();
    });
    let line = world.history().remove(1);
    assert_eq!(line.kind, HistoryKind::Received);
    assert!(line.items.is_empty());
    let names: Vec<(String, bool)> =
        line.papers.iter().map(|paper| (said(&paper.name), paper.id.is_some())).collect();
    assert_eq!(names.len(), 2);
    assert!(names.contains(&("모바일 주민등록증".to_owned(), false)), "{names:?}");
    assert!(names.contains(&("농식품 이용권".to_owned(), true)), "{names:?}");
}

#[test]
fn an_offer_of_endless_papers_is_refused_before_one_is_asked_for() {
    let world = World::new();
    world.server(|server| {
        let many: Vec<String> = (0..40).map(|at| format!("card-{at}")).collect();
        server.identifiers.insert("resident".into(), many.clone());
        server.identifiers.insert("voucher".into(), many);
    });
    let refusal = run(world.refused(&["resident", "voucher"]));
    assert_eq!(refusal.code, "offer_too_many");
    assert_eq!(refusal.blame, BlameView::Issuer);
    assert_eq!(world.net.calls("/credential"), 0);
    assert!(world.all().is_empty());
}

// rule: CI-22
#[test]
fn a_deferred_paper_that_never_came_is_given_up_and_said() {
    let world = World::new();
    world.mode("resident", |mode| mode.deferred = true);
    run(world.try_receive(&["resident"]));
    world.clock.advance(91 * DAY);
    let (came, waiting) = run(world.wallet.poll_deferred()).unwrap();
    assert_eq!((came.len(), waiting), (0, 0));
    assert_eq!(world.net.calls("/deferred"), 0);
    let line = world.history().remove(0);
    assert_eq!((line.kind, line.code.as_deref()), (HistoryKind::Refused, Some("deferred_expired")));
}
