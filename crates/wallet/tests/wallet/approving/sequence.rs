//! One sequence: the application, the model beside it, and what is checked after each step.

use std::collections::BTreeMap;

use offline_qr::{AnswerRefused, Session};
use openid4vp::dc_api::DcApiResponse;
use openid4vp::verifier::{ClientIdentity, Outcome, RequestBuilder, RequestSigner};
use primitives::http::{HttpError, Method, Request};
use proptest::test_runner::TestCaseError;
use wallet::WalletError;
use wallet::view::*;

use super::model::*;
use super::{Asker, Counts, Step};
use crate::showing::desk;
use crate::transactions::{ORIGIN, payment, payment_type};
use crate::world::*;

/// The ready-made question of nobody: whether somebody is 19 or older.
const QUESTION: u8 = 1;

/// How a request comes to the citizen.
#[derive(Clone)]
enum Way {
    Link(String),
    Browser(Vec<u8>),
    Screen(String),
    Code(String),
    Nobody,
}

/// The run of one sequence.
pub struct Run {
    world: World,
    links: Vec<(String, Way)>,
    /// Which request an address gives, where that is not its own.
    exchanged: BTreeMap<String, String>,
    /// Who waits for what is shown.
    desks: BTreeMap<String, Session>,
    shown: Vec<Shown>,
    /// How much of the log was looked at.
    seen: usize,
    fault: Option<HttpError>,
    /// Requests that were answered with claims, and how often without anything having left.
    answered: BTreeMap<String, usize>,
    /// Answers that nothing of left, by session; those that are to wait, by their identifier; what is being shown, by session.
    unsent: BTreeMap<String, Yes>,
    queued: BTreeMap<String, Yes>,
    showing: BTreeMap<String, Yes>,
}

/// What may leave with a step: an answer for each yes, and a refusal to this request.
#[derive(Default)]
struct Allowed {
    yeses: Vec<Yes>,
    refusal: Option<String>,
}

impl Run {
    pub fn new() -> Self {
        let world = World::new();
        world.server(|server| {
            let card = server.configurations.get_mut("resident_mdoc").unwrap();
            card.claims["ageOver19"] = serde_json::json!(true);
        });
        run(async { world.receive(&["resident", "resident_mdoc", "notice", "disability"]).await });
        let seen = world.net.log.lock().unwrap().len();
        Self {
            world,
            links: Vec::new(),
            exchanged: BTreeMap::new(),
            desks: BTreeMap::new(),
            shown: Vec::new(),
            seen,
            fault: None,
            answered: BTreeMap::new(),
            unsent: BTreeMap::new(),
            queued: BTreeMap::new(),
            showing: BTreeMap::new(),
        }
    }

    pub fn ask(&mut self, asker: Asker, query: usize) {
        let query = queries().swap_remove(query);
        let by_link = |(id, link): (String, String)| (id, Way::Link(link));
        let desk_id = format!("desk{}", self.desks.len());
        let asked = match asker {
            Asker::Registered => by_link(self.world.request(query)),
            Asker::Unregistered => by_link(self.world.request_by(query, None, |builder| builder)),
            Asker::Forged => by_link(self.forged(query)),
            Asker::Unsigned => by_link(self.unsigned(query)),
            Asker::Paying => {
                let first = query["credentials"][0]["id"].as_str().unwrap().to_owned();
                by_link(self.world.request_by(query, None, |builder| {
                    builder.transaction(payment_type(), [first.as_str()], payment())
                }))
            }
            Asker::Browser { signed } => self.handed_over(query, signed),
            Asker::Screen => {
                let asked = desk::Asked::new(&self.world, query, true);
                self.desks.insert(desk_id.clone(), asked.session);
                (desk_id, Way::Screen(asked.texts.join("\n")))
            }
            Asker::Code => {
                let (code, session) = desk::desk_code(&self.world, QUESTION);
                self.desks.insert(desk_id.clone(), session);
                (desk_id, Way::Code(code.grouped()))
            }
            Asker::Nobody => {
                self.desks.insert(desk_id.clone(), desk::desk_one_way(&self.world, QUESTION));
                (desk_id, Way::Nobody)
            }
        };
        self.links.push(asked);
    }

    fn forged(&self, query: serde_json::Value) -> (String, String) {
        let (id, link) = self.world.request(query);
        self.world.server(|server| {
            let own = RequestSigner { chain: &server.verifier.chain, signer: &server.verifier.key };
            let (prepared, object) = server.requests.get_mut(&id).unwrap();
            let signed = prepared.request_object(&own).unwrap();
            let (content, signature) = signed.rsplit_once('.').unwrap();
            let turned: String = signature.chars().rev().skip(1).collect();
            let last = signature.chars().last().unwrap();
            *object = Some(format!("{content}.{turned}{last}"));
        });
        (id, link)
    }

    fn unsigned(&self, query: serde_json::Value) -> (String, String) {
        self.world.server(|server| {
            let id = format!("r{}", server.requests.len());
            let address = format!("https://{HOST}/response/{id}");
            let query = dcql::Query::from_value(query).unwrap();
            let builder = RequestBuilder::new(ClientIdentity::RedirectUri, query, address);
            let prepared = builder.build(primitives::Clock::now(server.clock.as_ref()), &entropy()).unwrap();
            let link = prepared.link_by_value("openid4vp").unwrap();
            server.requests.insert(id.clone(), (prepared, None));
            (id, link)
        })
    }

    fn handed_over(&self, query: serde_json::Value, signed: bool) -> (String, Way) {
        let (id, _) = self.world.request_by(query, None, |builder| match signed {
            true => builder.over_dc_api(ORIGIN),
            false => builder.identified_by(ClientIdentity::RedirectUri).over_dc_api(ORIGIN),
        });
        let entry = self.world.server(|server| {
            let prepared = &server.requests[&id].0;
            let signer = RequestSigner { chain: &server.verifier.chain, signer: &server.verifier.key };
            if signed { prepared.dc_api_signed(&signer) } else { prepared.dc_api_unsigned() }.unwrap()
        });
        let call = serde_json::json!({ "digital": { "requests": [entry] } });
        (id, Way::Browser(call.to_string().into_bytes()))
    }

    /// What a session's place stands for, mostly one of the newest; early in a sequence there is none.
    fn session(&self, place: usize) -> Option<Shown> {
        let many = if place < 48 { self.shown.len().min(2) } else { self.shown.len() };
        self.shown.iter().rev().nth(place % many.max(1)).cloned()
    }

    pub async fn take(&mut self, step: Step, counts: &Counts) -> Checked {
        let mut allowed = Allowed::default();
        let mut keep = None;
        match step {
            Step::Ask { asker, query, open } => {
                self.ask(asker, query);
                if let Some((id, way)) = self.links.last().cloned().filter(|_| open) {
                    self.start(id, &way, counts).await?;
                }
            }
            Step::Start { link } => {
                let many = if link < 48 { self.links.len().min(2) } else { self.links.len() };
                if let Some((id, way)) = self.links.iter().rev().nth(link % many.max(1)).cloned() {
                    self.start(id, &way, counts).await?;
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
                allowed.yeses = self.send(&shown, &said, counts).await?;
            }
            Step::SendForeign { session, other, choice } => {
                let (Some(shown), Some(other)) = (self.session(session), self.session(other)) else {
                    return Ok(());
                };
                let said = said_to(&other.consent, &choice);
                allowed.yeses = self.send(&shown, &said, counts).await?;
            }
            Step::SendUnreached { session, choice, keep: it_waits } => {
                let Some(shown) = self.session(session) else { return Ok(()) };
                let said = said_to(&shown.consent, &choice);
                self.fail(HttpError::Unreachable);
                allowed.yeses = self.send(&shown, &said, counts).await?;
                keep = it_waits.then_some(shown.consent.session_id);
            }
            Step::Decline { session, tell } => {
                let Some(shown) = self.session(session) else { return Ok(()) };
                allowed.refusal = tell.then(|| shown.request.clone());
                let declined = self.world.wallet.present_decline_to(&shown.consent.session_id, tell).await;
                if let Ok((_, Some(handed))) = declined {
                    self.judge_handed(&shown.request, &handed, &mut allowed, counts)?;
                }
                self.unsent.remove(&shown.consent.session_id);
            }
            Step::Keep { session } => keep = self.session(session).map(|shown| shown.consent.session_id),
            Step::SendQueued => {
                allowed.yeses = self.queued.values().cloned().collect();
                let _ = self.world.wallet.send_queued().await;
            }
            Step::Withdraw { place } => {
                let id = self.queued.keys().nth(place % self.queued.len().max(1)).cloned();
                if let Some(id) = id.filter(|id| self.world.wallet.withdraw_queued(id).is_ok()) {
                    self.queued.remove(&id);
                }
            }
            Step::Look { session } => {
                if let Some(shown) = self.session(session) {
                    self.look_at(&shown, counts)?;
                }
            }
            Step::Extend { session } => {
                let Some(shown) = self.session(session) else { return Ok(()) };
                let id = &shown.consent.session_id;
                if self.world.wallet.show_extend(id).is_ok() && !self.showing.contains_key(id) {
                    return Err(broken("what nobody said yes to was signed anew"));
                }
            }
            Step::Stop { session } => {
                let Some(shown) = self.session(session) else { return Ok(()) };
                self.world.wallet.show_stop(&shown.consent.session_id);
                self.showing.remove(&shown.consent.session_id);
            }
            Step::Lock => {
                self.world.wallet.lock();
                self.showing.clear();
            }
            Step::Unlock => {
                let _ = self.world.wallet.unlock(None);
            }
            Step::Restart => {
                self.world.restart();
                self.showing.clear();
            }
            Step::Network { fault } => {
                self.fail(fault);
                return Ok(());
            }
            Step::Status { ok } => {
                self.world.server(|server| server.verifier_status = if ok { 200 } else { 500 })
            }
        }
        self.look(allowed, counts)?;
        self.fault = None;
        self.world.net.unhook();
        match keep {
            Some(session) => self.keep(&session),
            None => Ok(()),
        }
    }

    fn fail(&mut self, fault: HttpError) {
        self.fault = Some(fault);
        self.world.net.hook(move |_| Act::Fail(fault));
    }

    async fn start(&mut self, id: String, way: &Way, counts: &Counts) -> Checked {
        let wallet = &self.world.wallet;
        let is_unlocked = wallet.is_unlocked();
        let of_text = |text: &str| match wallet.read_text(text, false) {
            Found::Request { input_id, .. } => Ok(input_id),
            _ => Err(WalletError::Unknown("input")),
        };
        let started = match way {
            Way::Link(text) | Way::Screen(text) => match of_text(text) {
                Ok(input) => wallet.present_start(&input).await,
                Err(error) => Err(error),
            },
            Way::Browser(call) => wallet.present_start_dc_api(call, ORIGIN).await,
            Way::Code(code) => wallet.present_by_code(code),
            Way::Nobody => wallet.present_one_way(QUESTION),
        };
        match started {
            Ok(_) if !is_unlocked => Err(broken("a request was read while locked")),
            Ok(PresentStarted::Consent(consent)) => {
                let request = self.exchanged.get(&id).cloned().unwrap_or(id);
                Counts::one(&counts.screens);
                self.shown.push(Shown { request, consent: *consent });
                Ok(())
            }
            _ => Ok(()),
        }
    }

    /// Says this to a screen. Gives what may leave for it by the network.
    async fn send(
        &mut self,
        shown: &Shown,
        said: &Selection,
        counts: &Counts,
    ) -> Result<Vec<Yes>, TestCaseError> {
        let yes = Yes::of(shown, said);
        let session = shown.consent.session_id.clone();
        let mut allowed = Allowed { yeses: vec![yes.clone()], refusal: None };
        let sent = self.world.wallet.present_send_to(&session, said).await;
        if let Ok((_, Some(handed))) = &sent {
            Counts::one(&counts.handed);
            self.judge_handed(&shown.request, handed, &mut allowed, counts)?;
        }
        match sent {
            Ok((PresentSent::Showing(_), _)) if yes.named.is_empty() => {
                Err(broken("something is shown without a whole yes"))
            }
            Ok((PresentSent::Showing(showing), _)) => {
                self.showing.insert(showing.session_id, yes);
                // A desk reads once: of what is signed anew some are read only then.
                if self.shown.len().is_multiple_of(2) {
                    self.look_at(shown, counts)?;
                }
                // Nothing of it leaves otherwise.
                Ok(Vec::new())
            }
            Ok((PresentSent::Refusal(refusal), _)) => {
                if refusal.wait_until.is_some() {
                    self.unsent.insert(session, yes.clone());
                }
                Counts::add(&counts.held_back, usize::from(yes.named.is_empty()));
                Ok(allowed.yeses)
            }
            _ => Ok(allowed.yeses),
        }
    }

    /// Says of a session that its answer is to wait.
    fn keep(&mut self, session: &str) -> Checked {
        match (self.world.wallet.queue_answer(session), self.unsent.remove(session)) {
            (Ok(kept), Some(yes)) => {
                self.queued.insert(kept.id, yes);
                Ok(())
            }
            (Ok(_), None) => Err(broken("what nobody approved waits to be sent")),
            // Locked, for one: then it is gone.
            (Err(_), _) => Ok(()),
        }
    }

    fn exchange(&mut self, link: usize, other: usize) {
        let many = self.links.len().max(1);
        let (Some((id, Way::Link(link))), Some((other, Way::Link(_)))) =
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
            let signer = RequestSigner { chain: &server.verifier.chain, signer: &server.verifier.key };
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
    fn look(&mut self, mut allowed: Allowed, counts: &Counts) -> Checked {
        let left: Vec<Request> = self.world.net.log.lock().unwrap()[self.seen..].to_vec();
        self.seen += left.len();
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
            let outcome = self.world.server(|server| {
                let now = primitives::Clock::now(server.clock.as_ref());
                server.requests[id].0.session().validate(&request.body, &server.issuers, now)
            });
            self.judge(id, outcome.map_err(|error| error.to_string()), &mut allowed, counts)?;
        }
        Ok(())
    }

    /// What the browser was handed.
    fn judge_handed(
        &mut self,
        id: &str,
        handed: &DcApiResponse,
        allowed: &mut Allowed,
        counts: &Counts,
    ) -> Checked {
        let outcome = self.world.server(|server| {
            let now = primitives::Clock::now(server.clock.as_ref());
            let answer = handed.to_json().to_string();
            server.requests[id].0.session().validate_dc_api(answer.as_bytes(), &server.issuers, now)
        });
        // What was handed over left, whatever the network does.
        let fault = self.fault.take();
        let judged = self.judge(id, outcome.map_err(|error| error.to_string()), allowed, counts);
        self.fault = fault;
        judged
    }

    /// Judges what a verifier got by what was said to its screen. Each yes is one answer.
    fn judge(
        &mut self,
        id: &str,
        outcome: Result<Outcome, String>,
        allowed: &mut Allowed,
        counts: &Counts,
    ) -> Checked {
        match outcome {
            Ok(Outcome::Verified(answer)) => {
                let Some(at) = allowed.yeses.iter().position(|yes| yes.request == id) else {
                    return Err(broken(format!("{id} was answered without a yes to it")));
                };
                let yes = allowed.yeses.swap_remove(at);
                Counts::one(&counts.answers);
                told_is_named(&answer.presentations, &yes, counts)?;
                // Unless nothing of it left.
                let left = !matches!(self.fault, Some(HttpError::Tls | HttpError::Unreachable));
                let before = self.answered.entry(id.to_owned()).or_default();
                if *before > 0 {
                    return Err(broken(format!("{id} was answered twice")));
                }
                *before += usize::from(left);
                if left {
                    let waiting = self.queued.len();
                    self.queued.retain(|_, waiting| waiting.request != id);
                    Counts::add(&counts.waited, waiting - self.queued.len());
                }
                Ok(())
            }
            Ok(Outcome::Refused { .. }) if allowed.refusal.as_deref() == Some(id) => {
                Counts::one(&counts.refusals);
                allowed.refusal = None;
                Ok(())
            }
            Ok(Outcome::Refused { .. }) => Err(broken(format!("{id} was refused without a no to it"))),
            Err(error) => Err(broken(format!("{id} got what it cannot read: {error}"))),
        }
    }

    /// Somebody reads the screen.
    fn look_at(&mut self, shown: &Shown, counts: &Counts) -> Checked {
        let id = &shown.consent.session_id;
        let texts = self.world.wallet.show_texts(id, 0, 32, FrameSize::Standard).unwrap_or_default();
        if texts.is_empty() {
            return Ok(());
        }
        let Some(yes) = self.showing.get(id) else {
            return Err(broken("something is shown that nobody said yes to, or that was stopped"));
        };
        let (issuers, now) = (desk::issuers(&self.world), desk::now(&self.world));
        let opened = self.desks[&yes.request].open(&desk::collected(&texts), &issuers, now);
        let answer = match opened {
            Ok(answer) => answer,
            // It was read before.
            Err(AnswerRefused::Answered) => return Ok(()),
            Err(error) => return Err(broken(format!("what is shown cannot be read: {error}"))),
        };
        Counts::one(&counts.looked_at);
        told_is_named(&answer.presentations, yes, counts)
    }
}
