//! No sequence of inputs makes the wallet send a claim that the citizen did not approve.
//!
//! Random sequences of everything that a citizen, a verifier and the network can do run against the whole application. After each step every
//! request that left is opened with its verifier's own key, and compared with a model that knows only what stood on the consent screen and
//! what was said to it: each claim was named there, for that request, in a yes that was whole; and one yes sends one answer.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicUsize, Ordering};

use openid4vp::verifier::{ClientIdentity, Outcome, RequestBuilder};
use primitives::PathElement;
use primitives::http::{HttpError, Method, Request};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestCaseError, TestRunner};
use wallet::view::*;

use crate::world::*;

mod model;

use model::*;

/// How many sequences are tried.
const SEQUENCES: u32 = 40;
/// How long the longest is.
const MOST_STEPS: usize = 40;

/// Who asks, and how honestly.
#[derive(Debug, Clone, Copy)]
enum Asker {
    Registered,
    Unregistered,
    /// Nobody vouches for it.
    Unsigned,
    /// The request object's signature is another's.
    Forged,
}

#[derive(Debug, Clone)]
enum Step {
    Ask {
        asker: Asker,
        query: usize,
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
    Decline {
        session: usize,
        tell: bool,
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

fn any_step() -> impl Strategy<Value = Step> {
    let place = 0..64_usize;
    let asker = prop_oneof![
        4 => Just(Asker::Registered),
        1 => Just(Asker::Unregistered),
        1 => Just(Asker::Unsigned),
        1 => Just(Asker::Forged),
    ];
    let fault = prop_oneof![Just(HttpError::Tls), Just(HttpError::Timeout),];
    prop_oneof![
        4 => (asker, 0..queries().len()).prop_map(|(asker, query)| Step::Ask { asker, query }),
        5 => place.clone().prop_map(|link| Step::Start { link }),
        1 => (place.clone(), place.clone()).prop_map(|(link, other)| Step::Exchange { link, other }),
        1 => (place.clone(), any_choice()).prop_map(|(session, choice)| Step::Preview { session, choice }),
        8 => (place.clone(), any_choice()).prop_map(|(session, choice)| Step::Send { session, choice }),
        2 => (place.clone(), place.clone(), any_choice())
            .prop_map(|(session, other, choice)| Step::SendForeign { session, other, choice }),
        2 => (place, any::<bool>()).prop_map(|(session, tell)| Step::Decline { session, tell }),
        1 => Just(Step::Lock),
        4 => Just(Step::Unlock),
        1 => Just(Step::Restart),
        1 => fault.prop_map(|fault| Step::Network { fault }),
        1 => any::<bool>().prop_map(|ok| Step::Status { ok }),
    ]
}

/// The run of one sequence.
struct Run {
    world: World,
    links: Vec<(String, String)>,
    /// Which request an address gives, where that is not its own.
    exchanged: BTreeMap<String, String>,
    shown: Vec<Shown>,
    /// How much of the log was looked at.
    seen: usize,
    fault: Option<HttpError>,
    /// Requests that were answered with claims, and how often without anything having left.
    answered: BTreeMap<String, usize>,
}

/// What may leave with a step.
enum Allowed {
    Nothing,
    /// One answer to this request with these claims.
    Claims(String, Named),
    /// One refusal to this request.
    Refusal(String),
}

/// How often what happened, over all sequences: a test in which nothing is sent shows nothing.
#[derive(Default)]
struct Counts {
    screens: AtomicUsize,
    answers: AtomicUsize,
    claims: AtomicUsize,
    refusals: AtomicUsize,
    held_back: AtomicUsize,
}

fn broken(why: impl Into<String>) -> TestCaseError {
    TestCaseError::fail(why.into())
}

impl Run {
    fn new() -> Self {
        let world = World::new();
        run(async { world.receive(&["resident", "resident_mdoc", "notice", "disability"]).await });
        let seen = world.net.log.lock().unwrap().len();
        Self {
            world,
            links: Vec::new(),
            exchanged: BTreeMap::new(),
            shown: Vec::new(),
            seen,
            fault: None,
            answered: BTreeMap::new(),
        }
    }

    fn ask(&mut self, asker: Asker, query: usize) {
        let query = queries().swap_remove(query);
        let asked = match asker {
            Asker::Registered => self.world.request(query),
            Asker::Unregistered => self.world.request_by(query, None, |builder| builder),
            Asker::Forged => {
                let (id, link) = self.world.request(query);
                self.world.server(|server| {
                    let own = openid4vp::verifier::RequestSigner {
                        chain: &server.verifier.chain,
                        signer: &server.verifier.key,
                    };
                    let (prepared, object) = server.requests.get_mut(&id).unwrap();
                    let signed = prepared.request_object(&own).unwrap();
                    let (content, signature) = signed.rsplit_once('.').unwrap();
                    let turned: String = signature.chars().rev().skip(1).collect();
                    let last = signature.chars().last().unwrap();
                    *object = Some(format!("{content}.{turned}{last}"));
                });
                (id, link)
            }
            Asker::Unsigned => self.world.server(|server| {
                let id = format!("r{}", server.requests.len());
                let address = format!("https://{HOST}/response/{id}");
                let query = dcql::Query::from_value(query).unwrap();
                let builder = RequestBuilder::new(ClientIdentity::RedirectUri, query, address);
                let prepared =
                    builder.build(primitives::Clock::now(server.clock.as_ref()), &entropy()).unwrap();
                let link = prepared.link_by_value("openid4vp").unwrap();
                server.requests.insert(id.clone(), (prepared, None));
                (id, link)
            }),
        };
        self.links.push(asked);
    }

    /// What a session's place stands for, mostly one of the newest; early in a sequence there is none.
    fn session(&self, place: usize) -> Option<&Shown> {
        let many = if place < 48 { self.shown.len().min(2) } else { self.shown.len() };
        self.shown.iter().rev().nth(place % many.max(1))
    }

    async fn take(&mut self, step: Step, counts: &Counts) -> Result<(), TestCaseError> {
        let mut allowed = Allowed::Nothing;
        match step {
            Step::Ask { asker, query } => self.ask(asker, query),
            Step::Start { link } => {
                let many = if link < 48 { self.links.len().min(2) } else { self.links.len() };
                let Some((id, link)) = self.links.iter().rev().nth(link % many.max(1)).cloned() else {
                    return Ok(());
                };
                if !self.world.wallet.is_unlocked() {
                    let Found::Request { input_id, .. } = self.world.wallet.read_text(&link, false) else {
                        return Ok(());
                    };
                    if self.world.wallet.present_start(&input_id).await.is_ok() {
                        return Err(broken("a request was read while locked"));
                    }
                } else if let PresentStarted::Consent(consent) = self.world.start(&link).await {
                    let request = self.exchanged.get(&id).cloned().unwrap_or(id);
                    counts.screens.fetch_add(1, Ordering::Relaxed);
                    self.shown.push(Shown { request, consent: *consent });
                }
            }
            Step::Exchange { link, other } => self.exchange(link, other),
            Step::Preview { session, choice } => {
                if let Some(shown) = self.session(session) {
                    let said = said_to(&shown.consent, &choice);
                    let _ = self.world.wallet.present_preview(&shown.consent.session_id, &said);
                }
            }
            Step::Send { session, choice } => {
                let Some(shown) = self.session(session) else { return Ok(()) };
                let said = said_to(&shown.consent, &choice);
                allowed = Allowed::Claims(shown.request.clone(), named_by(&shown.consent, &said));
                let _ = self.world.wallet.present_send(&shown.consent.session_id, &said).await;
            }
            Step::SendForeign { session, other, choice } => {
                let (Some(shown), Some(other)) = (self.session(session), self.session(other)) else {
                    return Ok(());
                };
                let said = said_to(&other.consent, &choice);
                allowed = Allowed::Claims(shown.request.clone(), named_by(&shown.consent, &said));
                let _ = self.world.wallet.present_send(&shown.consent.session_id, &said).await;
            }
            Step::Decline { session, tell } => {
                let Some(shown) = self.session(session) else { return Ok(()) };
                if tell {
                    allowed = Allowed::Refusal(shown.request.clone());
                }
                let _ = self.world.wallet.present_decline(&shown.consent.session_id, tell).await;
            }
            Step::Lock => self.world.wallet.lock(),
            Step::Unlock => {
                let _ = self.world.wallet.unlock(None);
            }
            Step::Restart => self.world.restart(),
            Step::Network { fault } => {
                self.fault = Some(fault);
                self.world.net.hook(move |_| Act::Fail(fault));
                return Ok(());
            }
            Step::Status { ok } => {
                self.world.server(|server| server.verifier_status = if ok { 200 } else { 500 })
            }
        }
        self.look(&allowed, counts)?;
        self.fault = None;
        self.world.net.unhook();
        Ok(())
    }

    fn exchange(&mut self, link: usize, other: usize) {
        let many = self.links.len().max(1);
        let (Some((id, link)), Some((other, _))) =
            (self.links.get(link % many), self.links.get(other % many))
        else {
            return;
        };
        // What stands in the link itself is fetched from nowhere.
        if !link.contains("request_uri=") {
            return;
        }
        let (id, other) = (id.clone(), other.clone());
        self.world.server(|server| {
            let signer = openid4vp::verifier::RequestSigner {
                chain: &server.verifier.chain,
                signer: &server.verifier.key,
            };
            // An unsigned request has no object to serve.
            let Ok(object) = server.requests[&other].0.request_object(&signer) else { return };
            let served = server.requests.get_mut(&id).unwrap();
            // A forged one stays so.
            if served.1.is_none() || self.exchanged.contains_key(&id) {
                served.1 = Some(object);
                self.exchanged.insert(id, other);
            }
        });
    }

    /// Opens what left with the last step.
    fn look(&mut self, allowed: &Allowed, counts: &Counts) -> Result<(), TestCaseError> {
        let left: Vec<Request> = self.world.net.log.lock().unwrap()[self.seen..].to_vec();
        self.seen += left.len();
        let mut answers = 0;
        for request in &left {
            let path = request.url.path();
            let at_verifier = request.url.host_str() == Some(HOST) && request.method == Method::Post;
            let Some(id) = path.strip_prefix("/response/").filter(|_| at_verifier) else {
                // Not an answer: no credential and no value of one, in whatever it is.
                let text = format!("{} {}", request.url, String::from_utf8_lossy(&request.body));
                if text.contains('~') || text.contains("fixture") || text.contains("880614") {
                    return Err(broken(format!("something of a paper went to {path}")));
                }
                continue;
            };
            answers += 1;
            let outcome = self.world.server(|server| {
                let now = primitives::Clock::now(server.clock.as_ref());
                server.requests[id].0.session().validate(&request.body, &server.issuers, now)
            });
            match (outcome, allowed) {
                (Ok(Outcome::Verified(answer)), Allowed::Claims(asked, named)) if asked == id => {
                    counts.answers.fetch_add(1, Ordering::Relaxed);
                    for presentation in &answer.presentations {
                        let mut told = Vec::new();
                        places(&presentation.claims, &[], &mut told);
                        for place in told {
                            let first = matches!(&place.elements()[0], PathElement::Name(name) if ALWAYS.contains(&name.as_str()));
                            let query = presentation.query.as_str();
                            let is_named =
                                named.iter().any(|(of, path)| of == query && place.starts_with(path));
                            if !first && !is_named {
                                return Err(broken(format!("{query} {place:?} was not named: {named:?}")));
                            }
                            counts.claims.fetch_add(usize::from(!first), Ordering::Relaxed);
                        }
                    }
                    // A yes is one answer, unless nothing of it left.
                    let before = self.answered.entry(id.to_owned()).or_default();
                    if *before > 0 {
                        return Err(broken(format!("{id} was answered twice")));
                    }
                    *before += usize::from(self.fault != Some(HttpError::Tls));
                }
                (Ok(Outcome::Refused { .. }), Allowed::Refusal(asked)) if asked == id => {
                    counts.refusals.fetch_add(1, Ordering::Relaxed);
                }
                (Ok(Outcome::Verified(_)), _) => {
                    return Err(broken(format!("{id} was answered without a yes to it")));
                }
                (Ok(Outcome::Refused { .. }), _) => {
                    return Err(broken(format!("{id} was refused without a no to it")));
                }
                (Err(error), _) => return Err(broken(format!("{id} got what it cannot read: {error}"))),
            }
        }
        if answers > 1 {
            return Err(broken("one yes sent several answers"));
        }
        if let (0, Allowed::Claims(_, named)) = (answers, allowed) {
            counts.held_back.fetch_add(usize::from(named.is_empty()), Ordering::Relaxed);
        }
        Ok(())
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
    let seen =
        [&counts.screens, &counts.answers, &counts.claims, &counts.refusals, &counts.held_back].map(many);
    println!("screens, answers, claims, refusals, choices held back: {seen:?}");
    assert!(seen[..3].iter().all(|count| *count > 5) && seen[4] > 5, "{seen:?}");
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
