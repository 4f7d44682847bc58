//! What an issuer granted once, and everything that goes on with it: copies that are fetched anew, papers that come later, what the
//! issuer is told. A refresh token serves once here, as it does at many servers.

use std::collections::BTreeSet;

use openid4vci::holder::NotificationEvent;
use openid4vci::oauth::{OAuthErrorCode, error_response};
use primitives::http::{HttpError, Response};
use serde_json::json;
use wallet::view::*;

use crate::renewing::{done, granting};
use crate::world::*;

/// The refresh tokens that were given to the server: each exchange is one, however often it was asked for a nonce.
fn exchanges(world: &World) -> usize {
    let log = world.net.log.lock().unwrap();
    let tokens = log.iter().filter(|request| request.url.path() == "/token").filter_map(|request| {
        let fields: Vec<(String, String)> = url::form_urlencoded::parse(&request.body).into_owned().collect();
        fields.into_iter().find(|(name, _)| name == "refresh_token").map(|(_, token)| token)
    });
    tokens.collect::<BTreeSet<String>>().len()
}

/// The tokens under which an endpoint was called, in order.
fn tokens(world: &World, path: &str) -> Vec<String> {
    let log = world.net.log.lock().unwrap();
    let called = log.iter().filter(|request| request.url.path() == path);
    let token = |headers: &[(String, String)]| {
        headers.iter().find(|(name, _)| name.eq_ignore_ascii_case("authorization")).unwrap().1.clone()
    };
    called.map(|request| token(&request.headers)).collect()
}

fn told(world: &World) -> Vec<NotificationEvent> {
    world.server(|server| std::mem::take(&mut server.notifications)).iter().map(|it| it.event).collect()
}

/// How many grants the vault keeps by which no paper comes. Ends the wallet.
fn left_over(world: &World) -> usize {
    world.wallet.lock();
    let mut vault = vault::LockedVault::open(world.folder.path())
        .unwrap()
        .unlock(world.secrets.as_ref(), None, primitives::Clock::now(&*world.clock))
        .unwrap();
    vault.transaction(|it| it.forget_unused_grants(&[])).unwrap()
}

/// A world in which a resident card is awaited.
fn awaiting(world: World) -> World {
    world.mode("resident", |mode| mode.deferred = true);
    match run(world.try_receive(&["resident"])) {
        Received::Done { deferred, .. } => assert_eq!(deferred.len(), 1),
        _ => panic!("not deferred"),
    }
    world
}

/// Asks: how many papers came, and how many are waited for still.
fn polled(world: &World) -> (usize, usize) {
    let (came, waiting) = run(world.wallet.poll_deferred()).unwrap();
    (came.len(), waiting)
}

/// It is waited for no longer, and the history says why. Nobody is asked again.
fn given_up(world: &World) {
    assert_eq!(polled(world), (0, 0));
    let line = world.history().remove(0);
    assert_eq!((line.kind, line.code.as_deref()), (HistoryKind::Refused, Some("deferred_access_ended")));
    assert_eq!(line.rule.as_deref(), Some("CI-22"));
    let asked = world.net.calls("/deferred");
    world.clock.advance(DAY);
    assert_eq!((polled(world), world.net.calls("/deferred")), ((0, 0), asked));
}

// rule: CI-13, CI-23
#[test]
fn a_deletion_that_is_told_with_a_newer_token_leaves_the_papers_of_the_same_offer_renewable() {
    let world = granting();
    let papers = run(world.receive(&["resident", "notice"]));
    told(&world);
    world.clock.advance(40 * DAY);
    run(world.wallet.remove_paper(&papers[1].id)).unwrap();
    assert_eq!(told(&world), [NotificationEvent::CredentialDeleted]);
    done(run(world.wallet.renew_paper(&papers[0].id)).unwrap());
    assert_eq!(exchanges(&world), 2, "each with what came of the one before");
}

// rule: CI-13, CI-23
#[test]
fn what_is_exchanged_at_the_same_time_is_exchanged_one_after_the_other() {
    let world = granting();
    let papers = run(world.receive(&["resident", "notice", "voucher"]));
    told(&world);
    world.clock.advance(40 * DAY);
    run(async {
        let wallet = &world.wallet;
        let (first, second, removed) = tokio::join!(
            wallet.renew_paper(&papers[0].id),
            wallet.renew_paper(&papers[1].id),
            wallet.remove_paper(&papers[2].id),
        );
        done(first.unwrap());
        done(second.unwrap());
        removed.unwrap();
    });
    assert!(told(&world).contains(&NotificationEvent::CredentialDeleted));
}

// rule: CI-23
#[test]
fn a_deletion_whose_telling_was_broken_off_is_told_later() {
    let mut world = granting();
    let paper = run(world.receive(&["resident"])).remove(0);
    told(&world);
    world.net.hook(|_| Act::Hang);
    run(async {
        let removal = world.wallet.remove_paper(&paper.id);
        assert!(tokio::time::timeout(std::time::Duration::from_millis(50), removal).await.is_err());
    });
    world.net.unhook();
    world.restart();
    assert!(world.all().is_empty());
    world.clock.advance(120);
    run(world.wallet.refresh()).unwrap();
    assert_eq!(told(&world), [NotificationEvent::CredentialDeleted]);
}

// rule: CI-13, CI-23
#[test]
fn what_is_told_another_time_is_told_with_the_token_that_was_exchanged_for_it() {
    let mut world = granting();
    let paper = run(world.receive(&["resident"])).remove(0);
    told(&world);
    world.clock.advance(40 * DAY);
    world.net.hook(|request| match request.url.path() {
        "/notification" => Act::Fail(HttpError::Connection),
        _ => Act::Pass,
    });
    run(world.wallet.remove_paper(&paper.id)).unwrap();
    assert_eq!(exchanges(&world), 1);
    world.net.unhook();
    world.restart();
    world.clock.advance(120);
    run(world.wallet.refresh()).unwrap();
    assert_eq!((told(&world), exchanges(&world)), (vec![NotificationEvent::CredentialDeleted], 1));
    assert_eq!(left_over(&world), 0, "with the last thing to be told its grant is forgotten");
}

// rule: CI-13, CI-23
#[test]
fn a_card_of_two_formats_is_told_of_twice_with_one_exchange_and_its_grant_is_kept_until_then() {
    let mut world = granting();
    let papers = run(world.receive(&["resident", "resident_mdoc"]));
    assert_eq!(papers.len(), 1);
    told(&world);
    world.clock.advance(40 * DAY);
    world.net.hook(|_| Act::Fail(HttpError::Connection));
    run(world.wallet.remove_paper(&papers[0].id)).unwrap();
    world.net.unhook();
    world.restart();
    world.clock.advance(120);
    run(world.wallet.refresh()).unwrap();
    assert_eq!((told(&world), exchanges(&world)), (vec![NotificationEvent::CredentialDeleted; 2], 1));
    assert_eq!(left_over(&world), 0);
}

// rule: CI-23
#[test]
fn a_token_that_the_issuer_takes_no_longer_is_exchanged_once_to_tell_it() {
    let world = granting();
    let paper = run(world.receive(&["resident"])).remove(0);
    told(&world);
    world.server(|server| server.tokens.clear());
    run(world.wallet.remove_paper(&paper.id)).unwrap();
    assert_eq!((told(&world), exchanges(&world)), (vec![NotificationEvent::CredentialDeleted], 1));

    let world = granting();
    let paper = run(world.receive(&["resident"])).remove(0);
    world.net.hook(|request| match request.url.path() {
        "/notification" => Act::Answer(error_response(401, OAuthErrorCode::InvalidToken)),
        _ => Act::Pass,
    });
    run(world.wallet.remove_paper(&paper.id)).unwrap();
    let calls = world.net.calls("/notification");
    world.clock.advance(120);
    run(world.wallet.refresh()).unwrap();
    assert_eq!((world.net.calls("/notification"), exchanges(&world)), (calls, 1), "given up");
}

// rule: CI-22
#[test]
fn a_paper_that_comes_after_its_token_ended_is_asked_for_with_newer_ones() {
    let mut world = awaiting(granting());
    let first = tokens(&world, "/credential").pop().unwrap();
    world.clock.advance(31 * DAY);
    world.net.hook(|request| match request.url.path() {
        "/deferred" => Act::Fail(HttpError::Connection),
        _ => Act::Pass,
    });
    assert_eq!(polled(&world), (0, 1));
    world.net.unhook();
    world.restart();
    assert_eq!((polled(&world), exchanges(&world)), ((0, 1), 1), "it was kept before it was used");
    world.restart();
    world.mode("resident", |mode| mode.deferred = false);
    world.clock.advance(31 * DAY);
    let (came, waiting) = run(world.wallet.poll_deferred()).unwrap();
    assert_eq!((came.len(), waiting, exchanges(&world)), (1, 0, 2));
    assert!(!tokens(&world, "/deferred").contains(&first), "an ended token is not sent");
    done(run(world.wallet.renew_paper(&came[0].id)).unwrap());
    assert_eq!(exchanges(&world), 3);
}

// rule: CI-22
#[test]
fn a_token_that_the_issuer_takes_no_longer_is_exchanged_once_to_ask_for_a_deferred_paper() {
    let world = awaiting(granting());
    world.mode("resident", |mode| mode.deferred = false);
    world.server(|server| server.tokens.clear());
    world.clock.advance(61);
    assert_eq!((polled(&world), exchanges(&world)), ((1, 0), 1));

    let world = awaiting(granting());
    world.net.hook(|request| match request.url.path() {
        "/deferred" => Act::Answer(error_response(401, OAuthErrorCode::InvalidToken)),
        _ => Act::Pass,
    });
    world.clock.advance(61);
    given_up(&world);
    assert_eq!(exchanges(&world), 1);
    assert_eq!(left_over(&world), 0, "with the paper that is given up its grant is forgotten");
}

// rule: CI-22
#[test]
fn a_deferred_paper_that_nothing_is_left_to_ask_for_with_is_given_up_and_said() {
    let world = awaiting(World::new());
    world.clock.advance(31 * DAY);
    given_up(&world);

    let world = awaiting(granting());
    world.server(|server| server.refresh.as_mut().unwrap().clear());
    world.clock.advance(31 * DAY);
    given_up(&world);
}

// rule: CI-22
#[test]
fn what_may_pass_ends_no_waiting_for_a_deferred_paper() {
    // Our clock may be wrong: whether an old token is taken still is the issuer's to say.
    let world = awaiting(World::new());
    world.clock.advance(31 * DAY);
    world.net.hook(|request| match request.url.path() {
        "/deferred" => {
            Act::Answer(Response::of_json(202, &json!({ "transaction_id": "transaction-0", "interval": 60 })))
        }
        _ => Act::Pass,
    });
    assert_eq!(polled(&world), (0, 1));

    // A server that is down or overloaded has refused nobody's grant.
    let world = awaiting(granting());
    world.clock.advance(31 * DAY);
    for down in [true, false] {
        world.net.hook(move |request| match request.url.path() {
            "/token" if down => Act::Fail(HttpError::Connection),
            "/token" => Act::Answer(error_response(503, OAuthErrorCode::TemporarilyUnavailable)),
            _ => Act::Pass,
        });
        assert_eq!(polled(&world), (0, 1));
    }
    world.net.unhook();
    world.mode("resident", |mode| mode.deferred = false);
    assert_eq!(polled(&world), (1, 0));
}

// rule: CI-13, CI-22
#[test]
fn papers_that_are_awaited_share_a_grant_with_each_other_and_with_those_that_are_there() {
    let world = granting();
    for id in ["resident", "voucher"] {
        world.mode(id, |mode| mode.deferred = true);
    }
    let notice = match run(world.try_receive(&["resident", "notice", "voucher"])) {
        Received::Done { mut papers, deferred, .. } if deferred.len() == 2 => papers.remove(0),
        _ => panic!("not deferred"),
    };
    world.clock.advance(31 * DAY);
    assert_eq!((polled(&world), exchanges(&world)), ((0, 2), 1));
    done(run(world.wallet.renew_paper(&notice.id)).unwrap());
    // The last paper by which the grant came goes; the others go on with what came of it.
    run(world.wallet.remove_paper(&notice.id)).unwrap();
    let renewed = tokens(&world, "/credential").pop().unwrap();
    world.clock.advance(31 * DAY);
    for id in ["resident", "voucher"] {
        world.mode(id, |mode| mode.deferred = false);
    }
    assert_eq!((polled(&world), exchanges(&world)), ((2, 0), 3));
    assert!(!tokens(&world, "/deferred").contains(&renewed), "that one has ended as well");
}
