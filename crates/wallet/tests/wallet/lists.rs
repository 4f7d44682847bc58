//! Status lists as they are served: either encoding, told by its media type, and nothing else.

use primitives::http::Response;
use trust::status::StatusState;
use wallet::view::*;

use crate::world::*;

fn state(world: &World) -> PaperState {
    world.all().remove(0).state
}

fn with_list(serve: impl FnOnce(&mut Server)) -> World {
    let world = World::new();
    world.mode("resident", |mode| mode.status = true);
    world.server(serve);
    run(world.receive(&["resident"]));
    world
}

// rule: ST-2, ST-17
#[test]
fn a_list_may_come_as_cwt_and_is_kept_as_it_came() {
    let mut world = with_list(|server| server.status_as_cwt = true);
    assert!(state(&world) == PaperState::Valid);
    world.restart();
    assert!(state(&world) == PaperState::Valid, "the kept list is read again");
    world.server(|server| server.statuses.extend((1..=20).map(|index| (index, StatusState::Suspended))));
    world.clock.advance(60);
    run(world.wallet.refresh()).unwrap();
    assert!(state(&world) == PaperState::Suspended);
    // The issuer goes over to the other encoding; the newest list counts whichever it has.
    world.server(|server| {
        server.status_as_cwt = false;
        server.statuses.extend((1..=20).map(|index| (index, StatusState::Invalid)));
    });
    world.clock.advance(60);
    run(world.wallet.refresh()).unwrap();
    world.restart();
    assert!(matches!(state(&world), PaperState::Revoked { .. }));
}

// rule: ST-17
#[test]
fn both_encodings_are_asked_for() {
    let world = World::new();
    world.mode("resident", |mode| mode.status = true);
    let asked = std::sync::Arc::new(std::sync::Mutex::new(None));
    let seen = std::sync::Arc::clone(&asked);
    world.net.hook(move |request| {
        if request.url.as_str() == STATUS {
            *seen.lock().unwrap() = request.header("accept").map(str::to_owned);
        }
        Act::Pass
    });
    run(world.receive(&["resident"]));
    let asked = asked.lock().unwrap().clone().unwrap();
    assert_eq!(asked, "application/statuslist+jwt, application/statuslist+cwt");
}

// rule: ST-17
#[test]
fn a_list_that_is_called_something_else_is_no_answer() {
    for kind in ["application/statuslist+cwt", "application/jwt", "text/plain", ""] {
        let world = with_list(|server| server.status_media_type = Some(kind));
        assert!(state(&world) == PaperState::Unknown, "{kind}");
    }
    let world = with_list(|server| server.status_media_type = Some("Application/StatusList+JWT; a=b"));
    assert!(state(&world) == PaperState::Valid, "case and parameters do not matter");
    let unnamed = world.server(|server| server.status_token(&server.issuer.clone(), STATUS));
    world.net.hook(move |request| {
        if request.url.as_str() == STATUS {
            Act::Answer(Response::new(200, unnamed.clone()))
        } else {
            Act::Pass
        }
    });
    let result = run(world.wallet.refresh()).unwrap();
    assert_eq!((result.checked, result.failed), (0, 1), "without a name it is none");
}

// rule: ST-14
#[test]
fn a_list_is_asked_for_anew_when_its_time_is_over_or_it_calls_a_paper_that_comes_anything_but_valid() {
    let world = World::new();
    for id in ["resident", "notice", "voucher"] {
        world.mode(id, |mode| mode.status = true);
    }
    let asked = || world.net.calls("/status/1");
    run(world.receive(&["resident"]));
    assert_eq!(asked(), 1);
    // The list says that an hour is its time.
    world.clock.advance(3599);
    run(world.receive(&["notice"]));
    assert_eq!(asked(), 1);
    world.clock.advance(1);
    run(world.receive(&["voucher"]));
    assert_eq!(asked(), 2);
    // Asking on purpose asks, however young the list is.
    run(world.wallet.refresh()).unwrap();
    assert_eq!(asked(), 3);
    world.server(|server| server.statuses.extend((1..=50).map(|index| (index, StatusState::Suspended))));
    world.clock.advance(60);
    run(world.wallet.refresh()).unwrap();
    assert_eq!(asked(), 4);
    // A young list that calls the new paper suspended is not believed without asking again.
    world.server(|server| server.statuses.clear());
    run(world.receive(&["resident"]));
    assert_eq!(asked(), 5);
    assert!(world.all().iter().all(|paper| !matches!(paper.state, PaperState::Suspended)));
}
