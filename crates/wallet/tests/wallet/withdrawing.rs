//! Nothing is sent to somebody for whom nobody vouches any more: not what the citizen said yes to before, and not what waited.

use primitives::Instant;
use primitives::http::HttpError;
use primitives::test_support::SequenceEntropy;
use trust::Certificate;
use trust::certificate::builder::Validity;
use trust::trust_list::ServiceRole;
use wallet::view::*;

use crate::queueing::queued;
use crate::showing::desk::*;
use crate::trusting::*;
use crate::world::*;

const ANSWERS: &str = "/response";

fn is_verifier(role: &ServiceRole) -> bool {
    matches!(role, ServiceRole::Verifier)
}

fn is_registrar(role: &ServiceRole) -> bool {
    matches!(role, ServiceRole::Registrar)
}

/// A wallet with a card that knows its verifiers by the list alone.
fn with_card() -> World {
    let world = by_list_alone(&[]);
    run(world.receive(&["resident"]));
    world
}

/// The next list withdraws these.
fn withdraw(world: &World, is_withdrawn: fn(&ServiceRole) -> bool) {
    let next = listed_without(world, 2, is_withdrawn);
    world.server(|server| server.trust_list = Some(next));
}

fn no_line_tells_anything(line: &HistoryEntry) {
    assert_eq!(line.code.as_deref(), Some("verifier_no_longer_vouched"));
    assert!(line.kind == HistoryKind::Refused && !line.left && line.items.is_empty());
}

// rule: TL-11
#[test]
fn what_waited_is_not_sent_to_whom_the_next_list_withdraws() {
    for is_withdrawn in [is_verifier, is_registrar] {
        let world = with_card();
        run(async {
            let (link, _) = queued(&world).await;
            world.net.unhook();
            let calls = world.net.calls(ANSWERS);
            withdraw(&world, is_withdrawn);
            let queue = world.wallet.refresh().await.unwrap().queue;
            assert_eq!((queue.refused, queue.sent.len(), queue.failed, queue.waiting), (1, 0, 0, 0));
            assert_eq!(world.net.calls(ANSWERS), calls);
            no_line_tells_anything(&world.history()[0]);
            assert!(world.wallet.queued_answers().unwrap().is_empty());
            // Nothing left: once they are named again the request can be answered.
            let next = listed(&world, 3);
            world.server(|server| server.trust_list = Some(next));
            let consent = world.consent(&link).await;
            world.sent(&consent).await;
            assert_eq!(world.net.calls(ANSWERS), calls + 1);
        });
    }
    // A list that names them still changes nothing.
    let world = with_card();
    run(async {
        queued(&world).await;
        world.net.unhook();
        withdraw(&world, |_| false);
        let queue = world.wallet.refresh().await.unwrap().queue;
        assert_eq!((queue.refused, queue.sent.len()), (0, 1));
    });
}

/// A certificate of the party's root that ends after so many days.
fn renewed(party: &Party, days: i64) -> Certificate {
    party.renewed_root(Validity::days(Instant::from_unix_seconds(START), days), &SequenceEntropy::new(7))
}

/// The next list names these certificates of verifier and registrar.
fn name(world: &World, number: u64, certificates: impl Fn(&Party) -> Vec<Certificate>) {
    let list = listed_by(world, number, |_| false, certificates);
    world.server(|server| server.trust_list = Some(list));
}

/// Lets an answer wait whose request counts for weeks, and leaves another consent open.
async fn waits_for_weeks(world: &World) -> Consent {
    let registration = world.registration(&[(RESIDENT, &[&["name"]])]);
    let ask =
        |registration| world.request_by(name_query(), registration, |it| it.lifetime_seconds(20 * DAY)).1;
    let consent = world.consent(&ask(Some(registration.clone()))).await;
    let open = world.consent(&ask(Some(registration))).await;
    world.net.hook(|_| Act::Fail(HttpError::Unreachable));
    assert!(matches!(world.send(&consent).await, PresentSent::Refusal(_)));
    world.wallet.queue_answer(&consent.session_id).unwrap();
    world.net.unhook();
    open
}

/// What waits leaves, and what is open is sent, by the list that comes some days later.
async fn goes_on(world: &World, days: i64, next: impl Fn(&Party) -> Vec<Certificate>) {
    world.wallet.refresh().await.unwrap();
    let open = waits_for_weeks(world).await;
    world.clock.advance(days * DAY);
    name(world, 3, next);
    let queue = world.wallet.refresh().await.unwrap().queue;
    assert_eq!((queue.sent.len(), queue.refused), (1, 0));
    world.sent(&open).await;
}

// rule: TL-11, PK-3
#[test]
fn whose_root_is_renewed_is_vouched_for_by_each_certificate_of_it_that_holds() {
    // Both are named, and then the new one alone.
    let world = with_card();
    name(&world, 2, |party| vec![party.root.clone(), renewed(party, 300)]);
    run(goes_on(&world, 0, |party| vec![renewed(party, 300)]));
    // The old one is named alone, and then the new one.
    let world = with_card();
    run(goes_on(&world, 0, |party| vec![renewed(party, 300)]));
    // Both are named, and the old one ends.
    let world = with_card();
    let both = |party: &Party| vec![renewed(party, 5), party.root.clone()];
    name(&world, 2, both);
    run(goes_on(&world, 6, both));
}

// rule: PK-3
#[test]
fn what_waited_is_not_sent_after_the_last_certificate_of_its_root_ended() {
    for (days, refused) in [(2, 0), (6, 1)] {
        let world = with_card();
        run(async {
            name(&world, 2, |party| vec![renewed(party, 5)]);
            world.wallet.refresh().await.unwrap();
            waits_for_weeks(&world).await;
            world.clock.advance(days * DAY);
            let queue = world.wallet.send_queued().await.unwrap();
            assert_eq!((queue.refused, queue.sent.len()), (refused, 1 - refused), "{days}");
        });
    }
}

// rule: TL-11
#[test]
fn what_waited_is_judged_after_a_restart_as_well() {
    let mut world = with_card();
    run(queued(&world));
    world.net.unhook();
    withdraw(&world, is_verifier);
    world.restart();
    let calls = world.net.calls(ANSWERS);
    assert_eq!(run(world.wallet.refresh()).unwrap().queue.refused, 1);
    assert_eq!(world.net.calls(ANSWERS), calls);
}

// rule: TL-11
#[test]
fn a_consent_left_open_is_not_sent_to_whom_the_next_list_withdraws() {
    for is_withdrawn in [is_verifier, is_registrar] {
        let world = with_card();
        run(async {
            let (_, link) = world.request(name_query());
            let (consent, other) = (world.consent(&link).await, world.consent(&link).await);
            withdraw(&world, is_withdrawn);
            world.wallet.refresh().await.unwrap();
            let PresentSent::Refusal(refusal) = world.send(&consent).await else { panic!("sent") };
            assert_eq!(refusal.code, "verifier_no_longer_vouched");
            assert!(!refusal.left && refusal.session_id.is_none());
            no_line_tells_anything(&world.history()[0]);
            // A no is not told either.
            assert!(!world.wallet.present_decline(&other.session_id, true).await.unwrap());
            assert_eq!(world.net.calls(ANSWERS), 0);
        });
    }
}

// rule: PK-22
#[test]
fn what_waited_longer_than_the_registration_counts_is_not_sent() {
    for (seconds, refused) in [(99, 0), (100, 1)] {
        let world = World::new();
        run(async {
            world.receive(&["resident"]).await;
            let mut registration = world.registration(&[(RESIDENT, &[&["name"]])]);
            registration.expires_at = registration.issued_at + 100;
            let (_, link) = world.request_by(name_query(), Some(registration), |builder| builder);
            let consent = world.consent(&link).await;
            world.net.hook(|request| match request.url.path().starts_with(ANSWERS) {
                true => Act::Fail(HttpError::Unreachable),
                false => Act::Pass,
            });
            assert!(matches!(world.send(&consent).await, PresentSent::Refusal(_)));
            world.wallet.queue_answer(&consent.session_id).unwrap();
            world.net.unhook();
            world.clock.advance(seconds);
            let queue = world.wallet.send_queued().await.unwrap();
            assert_eq!((queue.refused, queue.sent.len()), (refused, 1 - refused), "{seconds}");
        });
    }
}

// rule: TL-15
#[test]
fn what_waits_does_not_leave_by_a_list_that_became_too_old_and_waits_for_the_next() {
    let world = with_card();
    run(async {
        world.clock.advance(36 * DAY);
        let open = waits_for_weeks(&world).await;
        world.clock.advance(DAY);
        let calls = world.net.calls(ANSWERS);
        let queue = world.wallet.refresh().await.unwrap().queue;
        assert_eq!((queue.sent.len(), queue.refused, queue.waiting), (0, 0, 1));
        let PresentSent::Refusal(refusal) = world.send(&open).await else { panic!("sent") };
        assert_eq!(refusal.code, "trust_list_too_old");
        assert_eq!(world.net.calls(ANSWERS), calls);
        withdraw(&world, |_| false);
        let queue = world.wallet.refresh().await.unwrap().queue;
        assert_eq!((queue.sent.len(), queue.waiting), (1, 0));
    });
}

// rule: TL-11
#[test]
fn what_is_shown_to_a_desk_ends_when_the_next_list_withdraws_it() {
    let world = with_card();
    run(async {
        let asked = Asked::new(&world, name_query(), true);
        let consent = asked.consent(&world).await;
        let PresentSent::Showing(shown) = world.send(&consent).await else { panic!("not shown") };
        assert!(world.wallet.show_texts(&shown.session_id, 0, 1, FrameSize::Standard).is_ok());
        // A renewed root ends nothing.
        name(&world, 2, |party| vec![renewed(party, 300)]);
        world.wallet.refresh().await.unwrap();
        assert!(world.wallet.show_texts(&shown.session_id, 0, 1, FrameSize::Standard).is_ok());
        let next = listed_without(&world, 3, is_verifier);
        world.server(|server| server.trust_list = Some(next));
        world.wallet.refresh().await.unwrap();
        let error = world.wallet.show_texts(&shown.session_id, 0, 1, FrameSize::Standard).unwrap_err();
        assert_eq!(primitives::Refusal::code(&error), "verifier_no_longer_vouched");
    });
}
