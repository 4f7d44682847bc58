//! No sequence of inputs makes the wallet send a claim that the citizen did not approve.
//!
//! Random sequences of everything that a citizen, a verifier and the network can do run against the whole application: requests by link, from
//! a browser and off a screen, by a typed code and by nobody, with payments, and answers that wait for the network. After each step all that
//! left, was handed to the browser or stands on the screen is opened with its verifier's own key, and compared with a model that knows only
//! what stood on the consent screen and what was said to it: each claim and each payment was named there, for that request, in a yes that was
//! whole; and one yes sends one answer.

use std::sync::atomic::{AtomicUsize, Ordering};

use primitives::http::HttpError;
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use wallet::view::*;

use crate::world::*;

mod model;
mod sequence;

use model::*;
use sequence::Run;

/// How many sequences are tried: so many that what seldom happens in one happens in some.
const SEQUENCES: u32 = 72;
/// How long the longest is.
const MOST_STEPS: usize = 44;

/// Who asks, how honestly, and by which way.
#[derive(Debug, Clone, Copy)]
enum Asker {
    Registered,
    Unregistered,
    /// Nobody vouches for it.
    Unsigned,
    /// The request object's signature is another's.
    Forged,
    /// With a notice to be paid.
    Paying,
    /// By what a browser hands over, signed or not.
    Browser {
        signed: bool,
    },
    /// Off another screen.
    Screen,
    /// By a typed code.
    Code,
    /// By nobody: the citizen chose the question.
    Nobody,
}

#[derive(Debug, Clone)]
enum Step {
    /// Somebody asks, and the citizen looks at it at once or perhaps later.
    Ask {
        asker: Asker,
        query: usize,
        open: bool,
    },
    Start {
        link: usize,
    },
    /// Fetched anew, the first link gives the second one's request.
    Exchange {
        link: usize,
        other: usize,
    },
    Preview {
        session: usize,
        choice: Choice,
    },
    Send {
        session: usize,
        choice: Choice,
    },
    /// A yes that was said to another screen.
    SendForeign {
        session: usize,
        other: usize,
        choice: Choice,
    },
    /// A yes while nobody can be reached, and perhaps the other one: that it is to wait.
    SendUnreached {
        session: usize,
        choice: Choice,
        keep: bool,
    },
    Decline {
        session: usize,
        tell: bool,
    },
    /// It is to wait, said of any screen.
    Keep {
        session: usize,
    },
    /// What waits is tried.
    SendQueued,
    Withdraw {
        place: usize,
    },
    /// Somebody reads what is shown.
    Look {
        session: usize,
    },
    Extend {
        session: usize,
    },
    Stop {
        session: usize,
    },
    Lock,
    Unlock,
    Restart,
    /// The calls of the next step fail like this.
    Network {
        fault: HttpError,
    },
    /// The other side answers with this status.
    Status {
        ok: bool,
    },
}

fn any_choice() -> impl Strategy<Value = Choice> {
    (any::<u32>(), prop::bool::weighted(0.7), prop::bool::weighted(0.8))
        .prop_map(|(bits, whole, acknowledges)| Choice { bits, whole, acknowledges })
}

fn any_asker() -> impl Strategy<Value = Asker> {
    prop_oneof![
        4 => Just(Asker::Registered),
        1 => Just(Asker::Unregistered),
        1 => Just(Asker::Unsigned),
        1 => Just(Asker::Forged),
        4 => Just(Asker::Paying),
        3 => any::<bool>().prop_map(|signed| Asker::Browser { signed }),
        4 => Just(Asker::Screen),
        2 => Just(Asker::Code),
        2 => Just(Asker::Nobody),
    ]
}

fn any_step() -> impl Strategy<Value = Step> {
    let place = || 0..64_usize;
    let fault = prop_oneof![Just(HttpError::Tls), Just(HttpError::Timeout), Just(HttpError::Unreachable)];
    let acts = prop_oneof![
        1 => (place(), any_choice()).prop_map(|(session, choice)| Step::Preview { session, choice }),
        8 => (place(), any_choice()).prop_map(|(session, choice)| Step::Send { session, choice }),
        2 => (place(), place(), any_choice())
            .prop_map(|(session, other, choice)| Step::SendForeign { session, other, choice }),
        5 => (place(), any_choice(), prop::bool::weighted(0.8))
            .prop_map(|(session, choice, keep)| Step::SendUnreached { session, choice, keep }),
        2 => (place(), any::<bool>()).prop_map(|(session, tell)| Step::Decline { session, tell }),
        1 => place().prop_map(|session| Step::Keep { session }),
        5 => Just(Step::SendQueued),
        1 => place().prop_map(|place| Step::Withdraw { place }),
        3 => place().prop_map(|session| Step::Look { session }),
        1 => place().prop_map(|session| Step::Extend { session }),
        1 => place().prop_map(|session| Step::Stop { session }),
    ];
    prop_oneof![
        8 => (any_asker(), 0..queries().len(), prop::bool::weighted(0.8))
            .prop_map(|(asker, query, open)| Step::Ask { asker, query, open }),
        4 => place().prop_map(|link| Step::Start { link }),
        1 => (place(), place()).prop_map(|(link, other)| Step::Exchange { link, other }),
        26 => acts,
        1 => Just(Step::Lock),
        6 => Just(Step::Unlock),
        1 => Just(Step::Restart),
        1 => fault.prop_map(|fault| Step::Network { fault }),
        1 => any::<bool>().prop_map(|ok| Step::Status { ok }),
    ]
}

/// How often what happened, over all sequences: a test in which nothing is sent shows nothing.
#[derive(Default)]
struct Counts {
    screens: AtomicUsize,
    answers: AtomicUsize,
    claims: AtomicUsize,
    refusals: AtomicUsize,
    held_back: AtomicUsize,
    payments: AtomicUsize,
    handed: AtomicUsize,
    looked_at: AtomicUsize,
    waited: AtomicUsize,
}

impl Counts {
    fn one(count: &AtomicUsize) {
        Self::add(count, 1);
    }

    fn add(count: &AtomicUsize, many: usize) {
        count.fetch_add(many, Ordering::Relaxed);
    }
}

#[test]
fn no_sequence_of_inputs_sends_a_claim_that_was_not_approved() {
    let counts = Counts::default();
    let config =
        Config { cases: SEQUENCES, max_shrink_iters: 24, failure_persistence: None, ..Config::default() };
    let steps = prop::collection::vec(any_step(), MOST_STEPS / 2..=MOST_STEPS);
    let outcome = TestRunner::new(config).run(&steps, |steps| {
        let mut sequence = Run::new();
        // Each begins with a request that can be answered.
        sequence.ask(Asker::Registered, steps.len() % queries().len());
        run(async {
            sequence.take(Step::Start { link: 0 }, &counts).await?;
            for step in steps {
                sequence.take(step, &counts).await?;
            }
            Ok(())
        })
    });
    if let Err(error) = outcome {
        panic!("{error}");
    }
    let many = |count: &AtomicUsize| count.load(Ordering::Relaxed);
    let seen = [&counts.screens, &counts.answers, &counts.claims, &counts.held_back].map(many);
    let ways = [&counts.payments, &counts.handed, &counts.looked_at, &counts.waited].map(many);
    println!("screens, answers, claims, choices held back: {seen:?}, refusals: {}", many(&counts.refusals));
    println!("payments, handed to a browser, looked at, waited for the network: {ways:?}");
    assert!(seen.iter().all(|count| *count > 5) && ways.iter().all(|count| *count > 0), "{seen:?} {ways:?}");
}

#[test]
fn a_yes_to_a_screen_of_an_earlier_process_meets_no_flow_of_this_one() {
    run(async {
        let mut world = World::new();
        world.receive(&["resident"]).await;
        let mut screens = Vec::new();
        for _ in 0..2 {
            let (_, link) = world.request(name_query());
            let PresentStarted::Consent(consent) = world.start(&link).await else { panic!("a consent") };
            screens.push(consent);
            world.restart();
            world.wallet.unlock(None).unwrap();
        }
        let (_, link) = world.request(name_query());
        let PresentStarted::Consent(_) = world.start(&link).await else { panic!("a consent") };
        let before = world.net.log.lock().unwrap().len();
        for screen in screens {
            let choice = Choice { bits: 1, whole: true, acknowledges: true };
            let said = said_to(&screen, &choice);
            assert!(world.wallet.present_send(&screen.session_id, &said).await.is_err());
        }
        assert_eq!(world.net.log.lock().unwrap().len(), before, "nothing left");
    });
}
