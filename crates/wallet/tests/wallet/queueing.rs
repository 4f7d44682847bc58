//! An answer that could not leave waits only if the citizen says so, goes out once, and can be taken back.

use primitives::http::HttpError;
use wallet::QueueError;
use wallet::WalletError;
use wallet::view::*;

use crate::world::*;

const CALLS: &str = "/response";

fn no_network(world: &World, error: HttpError) {
    world.net.hook(
        move |request| {
            if request.url.path().starts_with(CALLS) { Act::Fail(error) } else { Act::Pass }
        },
    );
}

/// Says yes to a request for the name while the verifier cannot be reached.
async fn unsent(world: &World, error: HttpError) -> (String, Consent) {
    let (_, link) = world.request(name_query());
    let consent = world.consent(&link).await;
    no_network(world, error);
    let PresentSent::Refusal(refusal) = world.send(&consent).await else { panic!("sent") };
    assert_eq!((refusal.code.as_str(), refusal.left), ("http_connection", false));
    // The screen knows from the refusal itself what may be asked.
    assert_eq!(refusal.session_id.as_ref(), Some(&consent.session_id));
    assert_eq!(refusal.wait_until, world.wallet.can_wait_until(&consent.session_id));
    assert!(refusal.wait_until.is_some() && !refusal.can_tell);
    (link, consent)
}

/// One that waits.
pub async fn queued(world: &World) -> (String, QueuedAnswer) {
    let (link, consent) = unsent(world, HttpError::Unreachable).await;
    (link, world.wallet.queue_answer(&consent.session_id).unwrap())
}

#[test]
fn an_answer_waits_only_after_a_yes_of_its_own_and_goes_out_once() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (link, consent) = unsent(&world, HttpError::Unreachable).await;
        let until = world.wallet.can_wait_until(&consent.session_id).expect("it may wait");
        assert!(world.wallet.queued_answers().unwrap().is_empty(), "nothing waits by itself");
        world.wallet.refresh().await.unwrap();
        assert_eq!(world.net.calls(CALLS), 1, "and nothing is sent by itself");
        let kept = world.wallet.queue_answer(&consent.session_id).unwrap();
        assert_eq!((kept.expires_at, kept.item_count, kept.over), (until, 1, false));
        // By name, never by value.
        let listed = world.wallet.queued_answers().unwrap().remove(0);
        assert_eq!(listed.items.iter().filter_map(|item| item.ko.as_deref()).collect::<Vec<_>>(), ["성명"]);
        assert!(listed.approvals.is_empty() && listed == kept);
        assert!(world.wallet.queue_answer(&consent.session_id).is_err(), "one yes, one answer");
        assert_eq!(world.started_refusal(&link).await.code, "request_already_answered");
        // Still no network.
        let result = world.wallet.send_queued().await.unwrap();
        assert_eq!((result.sent.len(), result.waiting), (0, 1));
        assert_eq!(world.net.calls(CALLS), 2);
        world.wallet.lock();
        world.wallet.unlock(None).unwrap();
        assert_eq!(world.wallet.queued_answers().unwrap().len(), 1, "it survives a lock");
        assert_eq!(world.wallet.refresh().await.unwrap().queue.waiting, 1, "a refresh says so, too");
        world.net.unhook();
        let queue = world.wallet.refresh().await.unwrap().queue;
        assert_eq!((queue.sent.len(), queue.waiting, queue.failed, queue.expired), (1, 0, 0, 0));
        assert!(queue.sent == [kept.recipient]);
        assert_eq!(world.disclosed().len(), 1, "what was approved arrived");
        let line = &world.history()[0];
        assert_eq!((line.kind, line.left, line.items.len()), (HistoryKind::Presented, true, 1));
        let calls = world.net.calls(CALLS);
        world.wallet.refresh().await.unwrap();
        assert_eq!(world.wallet.send_queued().await.unwrap().sent.len(), 0);
        assert_eq!(world.net.calls(CALLS), calls, "never twice");
    });
}

#[test]
fn what_may_have_left_never_waits() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        for error in [HttpError::Connection, HttpError::Timeout] {
            let (_, link) = world.request(name_query());
            let consent = world.consent(&link).await;
            no_network(&world, error);
            let PresentSent::Refusal(refusal) = world.send(&consent).await else { panic!("sent") };
            assert!(refusal.left && refusal.wait_until.is_none() && refusal.session_id.is_none());
            world.net.unhook();
            assert_eq!(world.wallet.can_wait_until(&consent.session_id), None);
            assert!(world.wallet.queue_answer(&consent.session_id).is_err());
        }
        // One that waited and then perhaps left is not sent again either.
        queued(&world).await;
        no_network(&world, HttpError::Connection);
        let result = world.wallet.send_queued().await.unwrap();
        assert_eq!((result.failed, result.waiting), (1, 0));
        let line = &world.history()[0];
        assert!(line.kind == HistoryKind::Failed && line.left && !line.items.is_empty());
    });
}

#[test]
fn a_no_to_waiting_forgets_the_answer_and_its_request_can_be_answered_anew() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (link, consent) = unsent(&world, HttpError::Unreachable).await;
        let lines = world.history().len();
        let calls = world.net.calls(CALLS);
        assert!(!world.wallet.present_decline(&consent.session_id, true).await.unwrap(), "nobody is told");
        assert_eq!(world.net.calls(CALLS), calls);
        assert_eq!(world.wallet.can_wait_until(&consent.session_id), None);
        assert!(world.wallet.queue_answer(&consent.session_id).is_err(), "it is gone");
        assert_eq!(world.history().len(), lines, "that it was not sent stands there already");
        world.net.unhook();
        assert!(matches!(world.start(&link).await, PresentStarted::Consent(_)));
    });
}

#[test]
fn a_lock_while_it_leaves_is_an_answer_whose_end_nobody_saw_and_not_one_to_be_sent() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        queued(&world).await;
        world.net.hook(|request| if request.url.path().starts_with(CALLS) { Act::Hang } else { Act::Pass });
        let calls = world.net.calls(CALLS);
        let (sent, ()) = tokio::join!(world.wallet.send_queued(), async {
            while world.net.calls(CALLS) == calls {
                tokio::task::yield_now().await;
            }
            world.wallet.lock();
        });
        assert!(matches!(sent, Err(WalletError::Locked)));
        world.net.unhook();
        world.wallet.unlock(None).unwrap();
        assert!(world.wallet.queued_answers().unwrap().is_empty());
        world.wallet.refresh().await.unwrap();
        assert_eq!(world.net.calls(CALLS), calls + 1, "never twice");
        let line = &world.history()[0];
        assert!(line.kind == HistoryKind::Failed && line.left, "the history says that it may have left");
    });
}

#[test]
fn two_calls_at_once_send_it_once() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        queued(&world).await;
        world.net.unhook();
        let calls = world.net.calls(CALLS);
        let (one, other) = tokio::join!(world.wallet.send_queued(), world.wallet.send_queued());
        assert_eq!(one.unwrap().sent.len() + other.unwrap().sent.len(), 1);
        assert_eq!(world.net.calls(CALLS), calls + 1);
    });
}

#[test]
fn an_answer_that_waits_can_be_taken_back_and_its_request_answered_anew() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (link, kept) = queued(&world).await;
        world.net.unhook();
        world.wallet.withdraw_queued(&kept.id).unwrap();
        assert!(world.wallet.withdraw_queued(&kept.id).is_err());
        let calls = world.net.calls(CALLS);
        world.wallet.refresh().await.unwrap();
        assert_eq!(world.net.calls(CALLS), calls, "it never leaves");
        let line = &world.history()[0];
        assert_eq!((line.kind, line.left), (HistoryKind::Declined, false));
        assert!(matches!(world.start(&link).await, PresentStarted::Consent(_)));
    });
}

#[test]
fn an_answer_waits_no_longer_than_its_request_counts() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (_, kept) = queued(&world).await;
        world.clock.set(primitives::Instant::from_unix_seconds(kept.expires_at));
        assert!(world.wallet.queued_answers().unwrap()[0].over, "the list says that it ended");
        world.net.unhook();
        let calls = world.net.calls(CALLS);
        let result = world.wallet.send_queued().await.unwrap();
        assert_eq!((result.expired, result.waiting), (1, 0));
        assert_eq!(world.net.calls(CALLS), calls, "nothing is sent after the end");
        let line = &world.history()[0];
        assert_eq!((line.code.as_deref(), line.left), (Some("queue_expired"), false));
    });
}

#[test]
fn an_unlock_after_its_end_leaves_nothing_of_an_answer_that_waited() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (_, kept) = queued(&world).await;
        world.clock.set(primitives::Instant::from_unix_seconds(kept.expires_at - 1));
        world.wallet.lock();
        world.wallet.unlock(None).unwrap();
        assert_eq!(world.wallet.queued_answers().unwrap().len(), 1);
        world.clock.advance(1);
        world.wallet.lock();
        world.wallet.unlock(None).unwrap();
        assert!(world.wallet.queued_answers().unwrap().is_empty());
        let line = &world.history()[0];
        assert_eq!((line.code.as_deref(), line.left), (Some("queue_expired"), false));
        assert!(line.items.is_empty());
    });
}

#[test]
fn what_waited_as_long_as_it_could_was_not_answered_and_can_be() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (_, link) = world.request_by(name_query(), None, |it| it.lifetime_seconds(40 * DAY));
        let consent = world.consent(&link).await;
        no_network(&world, HttpError::Unreachable);
        assert!(matches!(world.send(&consent).await, PresentSent::Refusal(_)));
        let kept = world.wallet.queue_answer(&consent.session_id).unwrap();
        assert_eq!(kept.expires_at - kept.approved_at, 30 * DAY);
        world.net.unhook();
        world.clock.advance(30 * DAY);
        assert_eq!(world.wallet.send_queued().await.unwrap().expired, 1);
        let consent = world.consent(&link).await;
        world.sent(&consent).await;
    });
}

#[test]
fn a_clock_that_was_set_back_lets_nothing_wait_longer() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (_, kept) = queued(&world).await;
        world.net.unhook();
        // Somebody signed a time after its end: the list of a paper that is received then.
        world.clock.set(primitives::Instant::from_unix_seconds(kept.expires_at + 1));
        world.mode("notice", |mode| mode.status = true);
        world.receive(&["notice"]).await;
        world.clock.set(primitives::Instant::from_unix_seconds(kept.approved_at));
        let calls = world.net.calls(CALLS);
        let result = world.wallet.send_queued().await.unwrap();
        assert_eq!((result.expired, result.sent.len(), result.waiting), (1, 0, 0));
        assert_eq!(world.net.calls(CALLS), calls, "nothing is sent after the end");
    });
}

#[test]
fn only_so_many_answers_wait() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        for _ in 0..16 {
            queued(&world).await;
            world.net.unhook();
        }
        let (link, consent) = unsent(&world, HttpError::Unreachable).await;
        let full = world.wallet.queue_answer(&consent.session_id);
        assert!(matches!(full, Err(WalletError::Queue(QueueError::Full))));
        world.net.unhook();
        assert!(matches!(world.start(&link).await, PresentStarted::Consent(_)), "it can be answered later");
        assert_eq!(world.wallet.send_queued().await.unwrap().sent.len(), 16);
    });
}
