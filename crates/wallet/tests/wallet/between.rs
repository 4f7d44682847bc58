//! What comes between two steps: a lock after the yes, a request that ends while somebody reads, frames on their way.

use std::sync::Arc;
use std::time::Duration;

use primitives::Refusal as _;
use primitives::http::HttpError;
use serde_json::json;
use wallet::WalletError;
use wallet::view::*;

use crate::showing::desk::*;
use crate::world::*;

/// The wallet is locked, and unlocked again at once.
fn relock(world: &World) -> impl FnOnce() + Send + use<> {
    let wallet = Arc::clone(&world.wallet);
    move || {
        wallet.lock();
        wallet.unlock(None).unwrap();
    }
}

fn left(world: &World) -> usize {
    world.wallet.paper(&world.all()[0].id).unwrap().trust.copies.left
}

#[test]
fn a_lock_between_the_yes_and_the_first_frame_shows_nothing_and_writes_nothing() {
    for asked in [true, false] {
        let world = World::new();
        run(async {
            world.receive(&["resident"]).await;
            let consent = if asked {
                let (code, _) = desk_code(&world, 1);
                consented(world.wallet.present_by_code(&code.grouped()).unwrap())
            } else {
                consented(world.wallet.present_one_way(1).unwrap())
            };
            let lines = world.history().len();
            world.random.at_next(relock(&world));
            let sent = world.wallet.present_send(&consent.session_id, &yes(&consent)).await;
            assert!(matches!(sent, Err(WalletError::Locked)));
            assert!(world.wallet.show_frames(&consent.session_id, 0, 1, FrameSize::Standard).is_err());
            assert_eq!((world.history().len(), left(&world)), (lines, 3));
            // Nothing of the yes outlived the lock.
            let again = world.wallet.present_send(&consent.session_id, &yes(&consent)).await;
            assert!(matches!(again, Err(WalletError::Unknown(_))));
        });
    }
}

#[test]
fn a_lock_between_the_yes_and_the_post_sends_nothing() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (_, link) = world.request(name_query());
        let consent = world.consent(&link).await;
        let lines = world.history().len();
        world.random.at_next(relock(&world));
        let sent = world.wallet.present_send(&consent.session_id, &yes(&consent)).await;
        assert!(matches!(sent, Err(WalletError::Locked)));
        assert_eq!((world.net.calls("/response"), world.history().len(), left(&world)), (0, lines, 3));
        // It was not answered.
        world.sent(&world.consent(&link).await).await;
    });
}

#[test]
fn a_lock_between_the_no_and_its_post_tells_nobody() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (_, link) = world.request(name_query());
        let consent = world.consent(&link).await;
        world.looked.at_next(relock(&world));
        let told = world.wallet.present_decline(&consent.session_id, true).await;
        assert!(matches!(told, Err(WalletError::Locked)));
        assert_eq!(world.net.calls("/response"), 0);
    });
}

#[test]
fn a_choice_that_was_to_be_said_again_does_not_outlive_a_lock() {
    let world = World::new();
    world.server(|server| server.batch = 2);
    run(async {
        world.receive(&["resident"]).await;
        let mut consents = Vec::new();
        for _ in 0..3 {
            let (_, link) = world.request(name_query());
            consents.push(world.consent(&link).await);
        }
        world.sent(&consents[0]).await;
        world.sent(&consents[1]).await;
        let late = &consents[2];
        world.looked.at_next(relock(&world));
        let told = world.wallet.present_send(&late.session_id, &yes(late)).await;
        assert!(matches!(told, Err(WalletError::Locked)));
        let again = world.wallet.present_send(&late.session_id, &yes(late)).await;
        assert!(matches!(again, Err(WalletError::Unknown(_))));
        assert_eq!(world.net.calls("/response"), 2);
    });
}

// rule: VP-R12
#[test]
fn a_request_that_ended_while_somebody_read_it_is_not_answered() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (_, link) = world.request(name_query());
        let (posted, shown) = (world.consent(&link).await, Asked::new(&world, name_query(), true));
        let shown = shown.consent(&world).await;
        world.clock.advance(3600);
        for consent in [posted, shown] {
            let sent = world.wallet.present_send(&consent.session_id, &yes(&consent)).await.unwrap();
            let PresentSent::Refusal(refusal) = sent else { panic!("answered") };
            assert_eq!((refusal.code.as_str(), refusal.left), ("request_not_valid_now", false));
        }
        assert_eq!((world.net.calls("/response"), left(&world)), (0, 3));
    });
}

// rule: OQ-4
#[test]
fn a_request_that_ended_while_its_answer_was_shown_is_not_signed_for_again() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let asked = Asked::made(&world, name_query(), None, |builder| builder.lifetime_seconds(120));
        let showing = shown(&world, &asked.consent(&world).await).await;
        let ended = loop {
            world.clock.advance(59);
            if let Err(error) = world.wallet.show_extend(&showing.session_id) {
                break error;
            }
        };
        // Before the ten minutes of one yes were over.
        assert_eq!(ended.code(), "request_not_valid_now");
        assert!(frames(&world, &showing, FrameSize::Standard).is_err());
    });
}

#[test]
fn frames_that_were_on_their_way_at_a_lock_do_not_arrive() {
    let world = World::new();
    run(world.receive(&["resident"]));
    for locked in [true, false] {
        let showing = run(async {
            let consent = consented(world.wallet.present_one_way(1).unwrap());
            shown(&world, &consent).await
        });
        let (wallet, id) = (Arc::clone(&world.wallet), showing.session_id.clone());
        let frames = std::thread::spawn(move || wallet.show_frames(&id, 0, 32, FrameSize::Standard).err());
        // Thirty-two codes take longer than this.
        std::thread::sleep(Duration::from_millis(20));
        if locked {
            world.wallet.lock();
        } else {
            world.wallet.show_stop(&showing.session_id);
        }
        assert!(frames.join().unwrap().is_some(), "frames after the end");
        let _ = world.wallet.unlock(None);
    }
}

/// One answer that waits.
async fn queued(world: &World) -> QueuedAnswer {
    let (_, link) = world.request(name_query());
    let consent = world.consent(&link).await;
    world.net.hook(|request| match request.url.path().starts_with("/response") {
        true => Act::Fail(HttpError::Unreachable),
        false => Act::Pass,
    });
    assert!(matches!(world.send(&consent).await, PresentSent::Refusal(_)));
    world.net.unhook();
    world.wallet.queue_answer(&consent.session_id).unwrap()
}

#[test]
fn a_lock_while_a_kept_answer_leaves_ends_the_sending_of_all() {
    for unreachable in [true, false] {
        let world = World::new();
        run(async {
            world.receive(&["resident"]).await;
            queued(&world).await;
            queued(&world).await;
            let (lines, calls) = (world.history().len(), world.net.calls("/response"));
            let wallet = world.weak();
            let first = std::sync::atomic::AtomicBool::new(true);
            world.net.hook(move |request| {
                let is_first = first.swap(false, std::sync::atomic::Ordering::SeqCst);
                if !request.url.path().starts_with("/response") || !is_first {
                    return Act::Pass;
                }
                let wallet = wallet.upgrade().unwrap();
                wallet.lock();
                wallet.unlock(None).unwrap();
                // The network's word comes as the lock does, or never.
                if unreachable { Act::Fail(HttpError::Unreachable) } else { Act::Hang }
            });
            assert!(matches!(world.wallet.send_queued().await, Err(WalletError::Locked)), "{unreachable}");
            assert_eq!(world.net.calls("/response"), calls + 1, "the second waits");
            // The end of the first was seen by nobody: it may have left, and is never sent again.
            assert_eq!(world.wallet.queued_answers().unwrap().len(), 1, "{unreachable}");
            let line = world.history().remove(0);
            assert!(line.kind == HistoryKind::Failed && line.left);
            world.net.unhook();
            assert_eq!(world.wallet.send_queued().await.unwrap().sent.len(), 1);
            assert_eq!((world.history().len(), world.disclosed().len()), (lines + 2, 1));
        });
    }
}

// rule: VP-D3, OQ-5
#[test]
fn who_somebody_is_does_not_hide_among_the_claims_of_the_protocol() {
    let world = World::new();
    world.server(|server| {
        let card = server.configurations.get_mut("resident").unwrap();
        card.claims["sub"] = json!("urn:person:7");
        card.always = vec!["sub"];
    });
    run(async {
        world.receive(&["resident"]).await;
        let (_, link) = world.request(name_query());
        let consent = world.consent(&link).await;
        let items = &consent.queries[0].candidates[0].items;
        let values: Vec<String> = items.iter().map(|item| said(&item.value)).collect();
        assert!(values.contains(&"urn:person:7".to_owned()), "told, and not said: {values:?}");
        let sent = world.sent(&consent).await;
        assert_eq!(sent.item_count, 2);
        assert_eq!(world.disclosed()[0]["sub"], "urn:person:7");
        assert_eq!(refusal(world.wallet.present_one_way(1).unwrap()).code, "nothing_fits");
    });
    // Kept back like any other claim it tells nothing.
    let world = World::new();
    world.server(|server| {
        let card = server.configurations.get_mut("resident").unwrap();
        card.claims["sub"] = json!("urn:person:7");
    });
    run(async {
        world.receive(&["resident"]).await;
        let consent = consented(world.wallet.present_one_way(1).unwrap());
        let showing = shown(&world, &consent).await;
        let session = desk_one_way(&world, 1);
        let answer = session.open(&read(&world, &showing, 0), &issuers(&world), now(&world)).unwrap();
        assert!(answer.presentations[0].claims.get("sub").is_none());
    });
}
