//! Copies are taken by one presentation at a time: two at the same moment never meet in one copy, and none is used again untold.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::{Arc, Mutex};

use openid4vp::verifier::Outcome;
use primitives::Refusal as _;
use wallet::view::*;
use wallet::{Wallet, WalletError};

use crate::showing::desk::*;
use crate::world::*;

/// What somebody else does at the same moment: a yes on another screen.
fn yes_of(
    wallet: &Arc<Wallet>,
    consent: &Consent,
) -> impl FnOnce() -> Result<PresentSent, WalletError> + Send + use<> {
    let (wallet, id, selection) = (Arc::clone(wallet), consent.session_id.clone(), yes(consent));
    move || {
        let other = std::thread::spawn(move || run(wallet.present_send(&id, &selection)));
        other.join().unwrap()
    }
}

fn went(sent: &Result<PresentSent, WalletError>) -> bool {
    match sent {
        Ok(PresentSent::Sent(_) | PresentSent::Showing(_)) => true,
        Ok(PresentSent::Refusal(refusal)) => panic!("refused: {}", refusal.code),
        Err(error) => {
            assert_eq!(error.code(), "copy_used_meanwhile");
            false
        }
    }
}

/// The keys that the verifier has met, one for each answer.
fn keys_met(world: &World) -> Vec<[u8; 32]> {
    world.server(|server| {
        let keys = server.posted.iter().map(|posted| match &posted.outcome {
            Ok(Outcome::Verified(answer)) => answer.presentations[0].holder_key.unwrap().thumbprint(),
            _ => panic!("not verified"),
        });
        keys.collect()
    })
}

fn key_shown(world: &World, showing: &ShowingStarted) -> [u8; 32] {
    let session = desk_one_way(world, 1);
    let answer = session.open(&read(world, showing, 0), &issuers(world), now(world)).unwrap();
    answer.presentations[0].holder_key.unwrap().thumbprint()
}

fn left(world: &World) -> usize {
    world.wallet.paper(&world.all()[0].id).unwrap().trust.copies.left
}

#[test]
fn two_answers_at_the_same_moment_are_made_with_two_copies() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (one, other) = (world.request(name_query()).1, world.request(name_query()).1);
        let (one, other) = (world.consent(&one).await, world.consent(&other).await);
        let (act, ended) = (yes_of(&world.wallet, &other), Arc::new(Mutex::new(None)));
        let end = Arc::clone(&ended);
        // The copy of the first was chosen, and is not taken yet.
        world.random.at_next(move || *end.lock().unwrap() = Some(act()));
        world.sent(&one).await;
        assert!(went(&ended.lock().unwrap().take().expect("the other came between")));
        let keys = keys_met(&world);
        assert_eq!(keys.len(), 2);
        assert!(keys[0] != keys[1], "one copy for two verifiers");
        assert_eq!(left(&world), 1);
    });
}

#[test]
fn a_yes_can_be_carried_to_its_end_by_any_thread() {
    fn by_any<T: Send>(_: T) {}
    let world = World::new();
    by_any(world.wallet.present_send("1", &Selection::default()));
    by_any(world.wallet.present_decline("1", true));
    by_any(world.wallet.send_queued());
}

#[test]
fn two_showings_at_the_same_moment_are_made_with_two_copies() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let one = consented(world.wallet.present_one_way(1).unwrap());
        let other = consented(world.wallet.present_one_way(1).unwrap());
        let (act, ended) = (yes_of(&world.wallet, &other), Arc::new(Mutex::new(None)));
        let end = Arc::clone(&ended);
        world.random.at_next(move || *end.lock().unwrap() = Some(act()));
        let one = shown(&world, &one).await;
        let Some(Ok(PresentSent::Showing(other))) = ended.lock().unwrap().take() else { panic!("not shown") };
        assert!(key_shown(&world, &one) != key_shown(&world, &other), "one copy for two desks");
        assert_eq!(left(&world), 1);
    });
}

#[test]
fn many_answers_at_once_are_made_with_as_many_copies() {
    let world = World::new();
    run(world.receive(&["resident"]));
    let copies = left(&world);
    assert_eq!(copies, 3);
    let acts: Vec<_> = (0..copies)
        .map(|_| {
            let (_, link) = world.request(name_query());
            yes_of(&world.wallet, &run(world.consent(&link)))
        })
        .collect();
    let threads: Vec<_> = acts.into_iter().map(std::thread::spawn).collect();
    let ends: Vec<bool> = threads.into_iter().map(|thread| went(&thread.join().unwrap())).collect();
    assert!(ends.iter().all(|went| *went), "{ends:?}");
    assert_eq!(keys_met(&world).into_iter().collect::<BTreeSet<_>>().len(), copies);
    assert_eq!(left(&world), 0);
}

#[test]
fn the_last_copy_goes_once_and_again_only_after_it_was_told() {
    for at_once in [true, false] {
        let world = World::new();
        world.server(|server| server.batch = 2);
        run(async {
            world.receive(&["resident"]).await;
            let (_, link) = world.request(name_query());
            world.sent(&world.consent(&link).await).await;
            let (one, other) = (world.request(name_query()).1, world.request(name_query()).1);
            let (one, other) = (world.consent(&one).await, world.consent(&other).await);
            for consent in [&one, &other] {
                assert!(consent.queries[0].candidates[0].notes.contains(&CandidateNote::LastCopy));
            }
            let (act, first) = (yes_of(&world.wallet, &other), Arc::new(Mutex::new(None)));
            let end = Arc::clone(&first);
            if at_once {
                world.random.at_next(move || *end.lock().unwrap() = Some(act()));
            } else {
                *end.lock().unwrap() = Some(act());
            }
            let late = world.wallet.present_send(&one.session_id, &yes(&one)).await;
            assert!(went(&first.lock().unwrap().take().unwrap()));
            // Nobody said on this screen that a copy would be used again.
            assert!(!went(&late), "used again untold");
            let error = late.err().unwrap();
            assert!(error.blame() == primitives::Blame::You && error.left() == primitives::Left::Nothing);
            assert_eq!(keys_met(&world).into_iter().collect::<BTreeSet<_>>().len(), 2);
            // Now it is said, and the choices stand: a second yes is a yes to that.
            world.sent(&one).await;
            let keys = keys_met(&world);
            assert_eq!(keys.len(), 3);
            assert_eq!(keys.into_iter().collect::<BTreeSet<_>>().len(), 2);
            // A new screen says it from the beginning.
            let (_, link) = world.request(name_query());
            let consent = world.consent(&link).await;
            assert!(consent.queries[0].candidates[0].notes.contains(&CandidateNote::ReusedCopy));
            world.sent(&consent).await;
        });
    }
}

#[test]
fn a_copy_that_another_verifier_has_met_does_not_stand_in_within_an_answer() {
    let world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let (_, link) = world.request(name_query());
        world.sent(&world.consent(&link).await).await;
        let met = keys_met(&world)[0];
        let ask = query(&[
            credential("one", RESIDENT, &[&["name"]]),
            credential("two", RESIDENT, &[&["birth"]]),
            credential("three", RESIDENT, &[&["ageOver19"]]),
        ]);
        let (_, link) = world.request(ask);
        world.sent(&world.consent(&link).await).await;
        world.server(|server| match &server.posted.last().unwrap().outcome {
            Ok(Outcome::Verified(answer)) => {
                assert_eq!(answer.presentations.len(), 3);
                for one in &answer.presentations {
                    assert!(one.holder_key.unwrap().thumbprint() != met, "met before by somebody else");
                }
            }
            _ => panic!("not verified"),
        });
    });
}

#[test]
fn one_request_on_two_screens_is_answered_once_and_costs_one_copy() {
    for code in [true, false] {
        let world = World::new();
        run(async {
            world.receive(&["resident"]).await;
            let (one, other) = if code {
                let typed = desk_code(&world, 1).0.grouped();
                let started = || consented(world.wallet.present_by_code(&typed).unwrap());
                (started(), started())
            } else {
                let (_, link) = world.request(name_query());
                (world.consent(&link).await, world.consent(&link).await)
            };
            let (act, ended) = (yes_of(&world.wallet, &other), Arc::new(Mutex::new(None)));
            let end = Arc::clone(&ended);
            world.random.at_next(move || *end.lock().unwrap() = Some(act()));
            let late = world.wallet.present_send(&one.session_id, &yes(&one)).await.unwrap();
            assert!(went(&ended.lock().unwrap().take().unwrap()));
            let PresentSent::Refusal(refusal) = late else { panic!("answered twice") };
            assert_eq!((refusal.code.as_str(), refusal.left), ("request_already_answered", false));
            assert_eq!(left(&world), 2);
        });
    }
}

/// The folder as a process would find it that begins now.
fn as_it_is(from: &Path) -> tempfile::TempDir {
    let copy = tempfile::tempdir().unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), copy.path().join(entry.file_name())).unwrap();
    }
    copy
}

#[test]
fn a_process_that_ends_in_between_costs_a_copy_at_most() {
    let world = World::new();
    let (chosen, leaving) = (Arc::new(Mutex::new(None)), Arc::new(Mutex::new(None)));
    let link = run(async {
        world.receive(&["resident"]).await;
        let (_, link) = world.request(name_query());
        let consent = world.consent(&link).await;
        let (folder, keep) = (world.folder.path().to_owned(), Arc::clone(&chosen));
        world.random.at_next(move || *keep.lock().unwrap() = Some(as_it_is(&folder)));
        let (folder, keep) = (world.folder.path().to_owned(), Arc::clone(&leaving));
        world.net.hook(move |request| {
            if request.url.path().starts_with("/response") {
                *keep.lock().unwrap() = Some(as_it_is(&folder));
            }
            Act::Pass
        });
        world.sent(&consent).await;
        world.net.unhook();
        link
    });
    for (at, copies, answered) in [(chosen, 3, false), (leaving, 2, true)] {
        let folder = at.lock().unwrap().take().expect("it was there");
        let wallet = world.opened_at(folder.path());
        wallet.unlock(None).unwrap();
        let papers = wallet.shelf(Shelf::Id, "").unwrap().papers;
        assert_eq!(wallet.paper(&papers[0].id).unwrap().trust.copies.left, copies);
        let Found::Request { input_id, .. } = wallet.read_text(&link, false) else { panic!("no request") };
        match run(wallet.present_start(&input_id)).unwrap() {
            PresentStarted::Consent(_) => assert!(!answered),
            PresentStarted::Refusal(refusal) => {
                assert!(answered && refusal.code == "request_already_answered");
            }
        }
    }
}

#[test]
fn a_process_that_ends_before_the_first_frame_has_used_its_copy() {
    let mut world = World::new();
    run(async {
        world.receive(&["resident"]).await;
        let consent = consented(world.wallet.present_one_way(1).unwrap());
        shown(&world, &consent).await;
    });
    world.restart();
    assert_eq!(left(&world), 2);
    assert!(world.history()[0].left);
}

#[test]
fn a_copy_that_would_tell_more_than_the_one_that_was_shown_does_not_go() {
    // An issuer's mistake: the copies of one paper keep back different things.
    for telling in [true, false] {
        let world = World::new();
        world.mode("resident", |mode| match telling {
            true => mode.telling = Some("birth"),
            false => mode.parted = Some("address"),
        });
        run(async {
            world.receive(&["resident"]).await;
            let ask = || query(&[credential("card", RESIDENT, &[&["address", "sigungu"]])]);
            let (one, other) = (world.request(ask()).1, world.request(ask()).1);
            let (one, other) = (world.consent(&one).await, world.consent(&other).await);
            world.sent(&one).await;
            let first = world.disclosed().remove(0);
            // The one copy that says what was shown is used: it is said before it goes again, and no other goes in its place.
            let sent = world.wallet.present_send(&other.session_id, &yes(&other)).await;
            assert!(!went(&sent), "told more than was shown");
            world.sent(&other).await;
            let second = world.disclosed().remove(0);
            for told in [first, second] {
                assert!(told.get("birth").is_none(), "{told}");
                assert_eq!(told["address"].as_object().is_some_and(|it| it.len() > 1), telling, "{told}");
            }
        });
    }
}
