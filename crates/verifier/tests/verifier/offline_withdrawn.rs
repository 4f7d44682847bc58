//! What a desk's lists took back, lists that are none, and clocks that are wrong (`docs/offline-qr.md`, "Threat model"). How lists are kept
//! as files: `offline_lists.rs`.

use crate::offline::*;
use trust::status::StatusState;
use verifier::Outcome;
use verifier::offline::*;

// rule: ST-11
#[test]
fn what_the_kept_list_withdrew_is_withdrawn() {
    for (state, code) in
        [(StatusState::Invalid, "status_invalid"), (StatusState::Suspended, "status_suspended")]
    {
        let world = World::new();
        world.keep(state);
        red(&world.check(AGE, Mode::Code, Holds::SdJwt), code);
        red(&world.check(AGE, Mode::Request, Holds::Mdoc), code);
        // However old the list is.
        world.clock.advance(30 * DAY);
        red(&world.check(AGE, Mode::Code, Holds::SdJwt), code);
    }
}

// rule: ST-5, ST-18
#[test]
fn an_expired_list_confirms_nothing_and_gives_nothing_back() {
    for (state, code) in [(StatusState::Valid, "status_expired"), (StatusState::Invalid, "status_invalid")] {
        let world = World::new();
        world.keep_token(world.token(state, 1));
        world.clock.advance(DAY + 1);
        red(&world.check(AGE, Mode::Code, Holds::SdJwt), code);
    }
}

// rule: ST-12, ST-13
#[test]
fn a_list_that_somebody_else_signed_or_changed_is_none() {
    let world = World::new();
    let mut forged = world.token(StatusState::Valid, 60);
    let last = forged.token.len() - 20;
    forged.token[last] = if forged.token[last] == b'A' { b'B' } else { b'A' };
    world.keep_token(forged);
    red(&world.check(AGE, Mode::Code, Holds::SdJwt), "status_signature_invalid");
    let stranger = World::new();
    world.keep_token(stranger.token(StatusState::Valid, 60));
    red(&world.check(AGE, Mode::Code, Holds::SdJwt), "status_signer_not_allowed");
}

// rule: OQ-32
#[test]
fn a_clock_that_was_put_back_confirms_nothing() {
    let world = World::new();
    world.clock.advance(DAY);
    world.keep(StatusState::Valid);
    assert_eq!(world.check(AGE, Mode::Code, Holds::SdJwt).verdict.outcome, Outcome::Confirmed);
    // Back to when a list was true that is not any more.
    world.clock.advance(-DAY / 2);
    world.keep_token(world.token(StatusState::Valid, 60));
    red(&world.check(AGE, Mode::Code, Holds::SdJwt), "clock_behind");
    // A list that was fetched after the desk opened, and that no check read yet, says it as well.
    let world = World::new();
    let leeway = trust::CLOCK_LEEWAY_SECONDS;
    *world.lists.signed.lock().unwrap() = Some(world.now() + leeway);
    assert_eq!(world.check(AGE, Mode::Code, Holds::SdJwt).verdict.outcome, Outcome::Confirmed);
    *world.lists.signed.lock().unwrap() = Some(world.now() + leeway + 1);
    red(&world.check(AGE, Mode::Code, Holds::SdJwt), "clock_behind");
    // A trust list of tomorrow says the same.
    let world = World::new();
    let issued_at = world.now() + DAY;
    world.lists.trust.lock().unwrap().trust_list =
        Some(TrustListDates { sequence_number: 1, issued_at, next_update: None });
    red(&world.check(AGE, Mode::Code, Holds::SdJwt), "clock_behind");
}
