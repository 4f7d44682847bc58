//! The desk: begins checks, shows its requests, takes what cameras read, and says one word for each.

mod before;

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use offline_qr::{
    Answer, AnswerMessage, Collector, Fed as Collected, FrameSize, Frames, Kind, Mode, RequestMessage,
    Session, ShortCode,
};
use openid4vp::screen::PROOF_SECONDS;
use openid4vp::verifier::{ClientIdentity, RequestBuilder, RequestSigner};
use primitives::{CivilDate, Instant, Refusal as _};
use trust::CLOCK_LEEWAY_SECONDS;

use self::before::Before;
use super::check::{Begun, CheckId, DayCount, Fed, ListAges, RequestFrame};
use super::error::{BeginError, CheckError};
use super::memory::{DeskRecord, MemoryError};
use super::question::Question;
use super::receipt::{self, Receipt};
use super::setup::{ScreenPorts, ScreenSettings};
use super::verdict::{Ground, ScreenVerdict, status};
use crate::settings::Identity;
use crate::verdict::Reason;

/// How many answers are remembered so that none opens twice, a count; each as a hash, in memory only.
const REMEMBERED_ANSWERS: usize = 256;
/// Longest text taken at once, in characters: several codes, one a line.
pub const MAX_TEXT_CHARACTERS: usize = 1 << 20;

struct Check {
    question: usize,
    mode: Mode,
    collector: Collector,
    foreign: u32,
    /// One of them was a frame of another version.
    newer: bool,
    ends_at: Instant,
    /// The request object, to be cut into frames of any size.
    request: Option<Vec<u8>>,
    frames: Vec<(FrameSize, Frames)>,
    awaited: Option<Arc<Session>>,
    expired: bool,
}

struct State {
    checks: BTreeMap<CheckId, Check>,
    /// SHA-256 of the answers that came to a verdict, the newest last.
    answered: VecDeque<[u8; 32]>,
    record: DeskRecord,
    receipts: bool,
    /// What was answered before, nobody here remembers.
    before: Before,
}

/// A desk that checks what screens show, with no network at all.
pub struct ScreenDesk {
    settings: ScreenSettings,
    ports: ScreenPorts,
    state: Mutex<State>,
}

impl ScreenDesk {
    /// A desk.
    ///
    /// # Errors
    /// [`MemoryError::Unreadable`]: a desk that does not know the latest signed time cannot tell a clock that was put back.
    pub fn new(settings: ScreenSettings, ports: ScreenPorts) -> Result<Self, MemoryError> {
        let record = ports.memory.load()?;
        let state = Mutex::new(State {
            checks: BTreeMap::new(),
            answered: VecDeque::new(),
            record,
            receipts: settings.receipts,
            before: Before::opening(ports.clock.now(), &record),
        });
        Ok(Self { settings, ports, state })
    }

    /// What the desk was told.
    pub fn settings(&self) -> &ScreenSettings {
        &self.settings
    }

    /// What can be asked.
    pub fn questions(&self) -> &[Question] {
        &self.settings.questions
    }

    /// How a question can be asked here: by a code or one-way only what identifies nobody, by a request only with a key.
    pub fn modes(&self, question: &Question) -> Vec<Mode> {
        let mut modes = Vec::new();
        if self.identity().is_some() {
            modes.push(Mode::Request);
        }
        if !question.identifying && question.number.is_some() {
            modes.extend([Mode::Code, Mode::OneWay]);
        }
        modes
    }

    /// Whether a receipt is signed for each verdict.
    pub fn receipts(&self) -> bool {
        self.identity().is_some() && self.state().receipts
    }

    /// Switches receipts on or off, for the verdicts from now on.
    ///
    /// # Errors
    /// [`BeginError::NoIdentity`]: there is nothing to sign them with.
    pub fn switch_receipts(&self, on: bool) -> Result<(), BeginError> {
        if on && self.identity().is_none() {
            return Err(BeginError::NoIdentity);
        }
        self.state().receipts = on;
        Ok(())
    }

    /// What a receipt says that this desk signed; `None`: it did not.
    pub fn read_receipt(&self, receipt: &str) -> Option<Receipt> {
        Receipt::verify(receipt, self.identity()?)
    }

    /// Begins a check.
    ///
    /// # Errors
    /// [`BeginError`].
    pub fn begin(&self, question: &str, mode: Mode) -> Result<Begun, BeginError> {
        let now = self.ports.clock.now();
        let entropy = self.ports.entropy.as_ref();
        let place = self.questions().iter().position(|one| one.id == question);
        let asked = place.and_then(|place| self.questions().get(place));
        let (Some(place), Some(asked)) = (place, asked) else { return Err(BeginError::Question) };
        drop(self.make_room(now)?);
        let lifetime = self.settings.limits.lifetime_seconds;
        let (awaited, request, code) = match (mode, asked.number) {
            (Mode::Request, _) => {
                let (awaited, request) = self.request(asked, now)?;
                (awaited, Some(request), None)
            }
            (Mode::Code | Mode::OneWay, Some(number)) if !asked.identifying => match mode {
                Mode::Code => {
                    let code = ShortCode::draw(number, entropy)?;
                    let shown = code.grouped();
                    (Session::code(&code, asked.query.clone(), now, lifetime)?, None, Some(shown))
                }
                // Nobody asks at a certain moment: what was shown before somebody began to look counts as long as it counts.
                _ => {
                    let (from, lifetime) = (now - PROOF_SECONDS, lifetime + PROOF_SECONDS);
                    (Session::one_way(number, asked.query.clone(), from, lifetime)?, None, None)
                }
            },
            _ => return Err(BeginError::Identifying),
        };
        let frames = match &request {
            Some(message) => vec![(
                FrameSize::Standard,
                Frames::new(Kind::Request, message, FrameSize::Standard, entropy)?,
            )],
            None => Vec::new(),
        };
        let id = CheckId::named(&crypto::random::token(entropy)?);
        let begun = Begun {
            id: id.clone(),
            mode,
            question: asked.id.clone(),
            code,
            frames: frames.first().map_or(0, |(_, frames)| frames.count()),
            seconds_left: lifetime,
        };
        let check = Check {
            question: place,
            mode,
            collector: Collector::new(Kind::Answer),
            foreign: 0,
            newer: false,
            ends_at: now + lifetime,
            request,
            frames,
            awaited: Some(Arc::new(awaited)),
            expired: false,
        };
        self.make_room(now)?.checks.insert(id, check);
        Ok(begun)
    }

    /// Some codes of a check's request, from a place in their endless row on: first each piece, then mixtures of them, so that
    /// whoever reads may begin anywhere.
    ///
    /// # Errors
    /// [`CheckError`]; [`CheckError::Frames`] where [`FrameSize::Still`] does not hold it.
    pub fn request_frames(
        &self,
        id: &CheckId,
        from: u16,
        count: u16,
        size: FrameSize,
    ) -> Result<Vec<RequestFrame>, CheckError> {
        let mut state = self.state();
        let check = self.open_check(&mut state, id)?;
        if !check.frames.iter().any(|(known, _)| *known == size) {
            let message = check.request.as_deref().ok_or(CheckError::NoRequest)?;
            let frames = Frames::new(Kind::Request, message, size, self.ports.entropy.as_ref())?;
            check.frames.push((size, frames));
        }
        let frames = check.frames.iter().find(|(known, _)| *known == size);
        let (_, frames) = frames.ok_or(CheckError::NoRequest)?;
        let sequences = (0..count).map(|step| from.wrapping_add(step));
        Ok(sequences.map(|sequence| RequestFrame { sequence, text: frames.text(sequence) }).collect())
    }

    /// How many pieces the request has in codes of this size, of which some were had already.
    ///
    /// # Errors
    /// [`CheckError`].
    pub fn request_pieces(&self, id: &CheckId, size: FrameSize) -> Result<u8, CheckError> {
        let mut state = self.state();
        let check = self.open_check(&mut state, id)?;
        let frames = check.frames.iter().find(|(known, _)| *known == size);
        frames.map(|(_, frames)| frames.count()).ok_or(CheckError::NoRequest)
    }

    /// Takes the text of a code, or of several, one a line: from a camera, a picture, a file, or a scanner that types.
    ///
    /// # Errors
    /// [`CheckError`]. What a text is worth is never an error: it is waiting, or a verdict.
    pub fn feed(&self, id: &CheckId, text: &str) -> Result<Fed, CheckError> {
        let mut state = self.state();
        let check = self.open_check(&mut state, id)?;
        if text.len() > MAX_TEXT_CHARACTERS {
            check.foreign = check.foreign.saturating_add(1);
            return Ok(check.waiting());
        }
        for line in text.lines().map(|line| line.trim_end_matches('\r')).filter(|line| !line.is_empty()) {
            match check.collector.feed(line) {
                Collected::Complete(message) => {
                    let (question, mode) = (check.question, check.mode);
                    // Taken: of two answers at once the second finds no check.
                    let awaited = check.end();
                    drop(state);
                    let awaited = awaited.ok_or(CheckError::Over)?;
                    let verdict = self.judge(question, mode, &awaited, &message.bytes)?;
                    return Ok(Fed::Verdict(Box::new(verdict)));
                }
                Collected::New(_) | Collected::Known(_) => {}
                Collected::Version => {
                    check.newer = true;
                    check.foreign = check.foreign.saturating_add(1);
                }
                Collected::Foreign(_) | Collected::OtherWay | Collected::Damaged | Collected::NotOurs => {
                    check.foreign = check.foreign.saturating_add(1)
                }
            }
        }
        Ok(check.waiting())
    }

    /// Whether a code is an undamaged piece of an answer: what a camera looks for where other codes are in view.
    pub fn looks_for(code: &str) -> bool {
        offline_qr::is_frame_of(offline_qr::Kind::Answer, code)
    }

    /// Seconds until a check ends.
    ///
    /// # Errors
    /// [`CheckError::Unknown`], [`CheckError::Over`], [`CheckError::Expired`].
    pub fn seconds_left(&self, id: &CheckId) -> Result<i64, CheckError> {
        let mut state = self.state();
        let now = self.ports.clock.now();
        self.open_check(&mut state, id).map(|check| check.ends_at.seconds_since(now))
    }

    /// Ends a check; nothing is left of it.
    pub fn stop(&self, id: &CheckId) {
        self.state().checks.remove(id);
    }

    /// Checks today.
    pub fn count(&self) -> DayCount {
        let day = CivilDate::of(self.ports.clock.now());
        let record = self.state().record;
        DayCount { day, checks: if record.day == Some(day) { record.checks } else { 0 } }
    }

    /// The desk's time, for saying how old something is.
    pub fn now(&self) -> Instant {
        self.ports.clock.now()
    }

    /// How old the lists are.
    pub fn ages(&self) -> ListAges {
        let now = self.ports.clock.now();
        let policy = &self.settings.policy;
        let dates = self.ports.lists.trust().trust_list;
        ListAges {
            trust_list: dates.map(|dates| policy.trust_list(dates.issued_at, dates.next_update, now)),
            status_lists: self
                .ports
                .lists
                .status_dates()
                .into_iter()
                .min()
                .map(|date| policy.status(date, now)),
        }
    }

    fn identity(&self) -> Option<&Identity> {
        self.settings.identity.as_ref().filter(|identity| !matches!(identity, Identity::Unsigned))
    }

    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn make_room(&self, now: Instant) -> Result<MutexGuard<'_, State>, BeginError> {
        let mut state = self.state();
        state.before.see(now);
        state.checks.retain(|_, check| check.ends_at > now && check.awaited.is_some());
        if state.checks.len() >= self.settings.limits.checks { Err(BeginError::Full) } else { Ok(state) }
    }

    fn open_check<'s>(&self, state: &'s mut State, id: &CheckId) -> Result<&'s mut Check, CheckError> {
        let now = self.ports.clock.now();
        for check in state.checks.values_mut().filter(|check| check.ends_at <= now) {
            check.expired |= check.end().is_some();
        }
        let check = state.checks.get_mut(id).ok_or(CheckError::Unknown)?;
        match &check.awaited {
            Some(_) => Ok(check),
            None if check.expired => Err(CheckError::Expired),
            None => Err(CheckError::Over),
        }
    }

    fn request(&self, question: &Question, now: Instant) -> Result<(Session, Vec<u8>), BeginError> {
        let (identity, chain, signer) = match self.identity() {
            Some(Identity::X509Hash { chain, signer }) => {
                (ClientIdentity::X509Hash(chain.clone()), chain, signer)
            }
            Some(Identity::X509SanDns { name, chain, signer }) => {
                let (name, chain_sent) = (name.clone(), chain.clone());
                (ClientIdentity::X509SanDns { name, chain: chain_sent }, chain, signer)
            }
            Some(Identity::Unsigned) | None => return Err(BeginError::NoIdentity),
        };
        let mut builder = RequestBuilder::for_screen(identity, question.query.clone())
            .lifetime_seconds(self.settings.limits.lifetime_seconds);
        if let Some(registration) = &self.settings.registration {
            builder = builder.registration(registration.clone());
        }
        let prepared = builder.build(now, self.ports.entropy.as_ref())?;
        let request_object = prepared.request_object(&RequestSigner { chain, signer: signer.as_ref() })?;
        let message = RequestMessage { request_object }.encode()?;
        Ok((Session::asked(prepared.into_session())?, message))
    }

    /// The verdict on a message that came whole, and the count of one more check.
    fn judge(
        &self,
        question: usize,
        mode: Mode,
        awaited: &Session,
        message: &[u8],
    ) -> Result<ScreenVerdict, CheckError> {
        let now = self.ports.clock.now();
        let question = self.questions().get(question).ok_or(CheckError::Unknown)?;
        let trust = self.ports.lists.trust();
        let ground = Ground { question, mode, policy: &self.settings.policy, trust: &trust, now };
        let record = self.state().record;
        let listed = trust.trust_list.map(|dates| dates.issued_at);
        let latest = record.latest_signed.max(listed).max(self.ports.lists.latest_signed());
        let mut seen = latest;
        let red = |code, rule| ground.red(Reason { code, rule });
        let mut verdict = if latest.is_some_and(|latest| now + CLOCK_LEEWAY_SECONDS < latest) {
            red("clock_behind", "OQ-32")
        } else if self.state().answered.contains(&identity_of(message)) {
            red("offline_replayed", "OQ-35")
        } else {
            match awaited.open(message, &trust.issuers, now) {
                Err(error) => ground.red(Reason { code: error.code(), rule: error.rule() }),
                Ok(_) if self.is_of_before(message, now) => red("offline_before_opening", "OQ-35"),
                Ok(_) if !self.take(message, now) => red("offline_replayed", "OQ-35"),
                Ok(answer) => {
                    let mut statuses = Vec::with_capacity(answer.presentations.len());
                    for presentation in &answer.presentations {
                        let reference = presentation.status.as_ref();
                        let lists = self.ports.lists.as_ref();
                        let policy = &self.settings.policy;
                        let finding = status(lists, &trust, policy, &presentation.issuer, reference, now);
                        if let crate::StatusFinding::Listed { as_of, .. } = finding {
                            seen = seen.max(Some(as_of));
                        }
                        statuses.push(finding);
                    }
                    ground.of_answer(&answer, &statuses)
                }
            }
        };
        if self.receipts()
            && let Some(identity) = self.identity()
        {
            verdict.receipt = receipt::sign(identity, &verdict, self.ports.entropy.as_ref());
        }
        verdict.not_counted = self.remember(now, seen).is_err();
        Ok(verdict)
    }

    /// Whether nobody asked for this answer, and it may have been taken here already, before a restart or by another identity: nobody
    /// would remember. Nobody is said to have shown it twice: the wallet signs anew within 20 seconds.
    fn is_of_before(&self, message: &[u8], now: Instant) -> bool {
        let mut state = self.state();
        state.before.see(now);
        one_way_moment(message).is_some_and(|issued_at| state.before.covers(issued_at))
    }

    /// Remembers an answer that verified; whether it is the first time. Of the same answer at two checks at once one is taken.
    fn take(&self, message: &[u8], now: Instant) -> bool {
        let hash = identity_of(message);
        let mut state = self.state();
        if state.answered.contains(&hash) {
            return false;
        }
        if state.answered.len() >= REMEMBERED_ANSWERS {
            state.answered.pop_front();
        }
        state.answered.push_back(hash);
        if let Some(issued_at) = one_way_moment(message) {
            before::record_answer(&mut state.record, issued_at, now);
        }
        true
    }

    /// Counts a check and keeps the latest signed time.
    fn remember(&self, now: Instant, latest_signed: Option<Instant>) -> Result<(), MemoryError> {
        let day = CivilDate::of(now);
        let mut state = self.state();
        let record = &mut state.record;
        if record.day != Some(day) {
            record.day = Some(day);
            record.checks = 0;
        }
        record.checks = record.checks.saturating_add(1);
        record.latest_signed = record.latest_signed.max(latest_signed);
        self.ports.memory.save(record)
    }
}

impl Check {
    /// Ends it; the first time with what it waited for. Of what was shown and read nothing stays.
    fn end(&mut self) -> Option<Arc<Session>> {
        self.collector = Collector::new(Kind::Answer);
        self.request = None;
        self.frames.clear();
        self.awaited.take()
    }

    fn waiting(&self) -> Fed {
        let progress = self.collector.progress();
        Fed::Waiting { have: progress.have, need: progress.need, foreign: self.foreign, newer: self.newer }
    }
}

/// What makes an answer the same one: in mode (c) the nonce, which its proof covers, whatever the message around it was made of; in the
/// others the nonce is the check's, and a second check says so.
fn identity_of(message: &[u8]) -> [u8; 32] {
    match AnswerMessage::decode(message) {
        Ok(AnswerMessage::OneWay(Answer { nonce: Some(nonce), .. })) => crypto::sha256(&nonce),
        _ => crypto::sha256(message),
    }
}

/// The moment that an answer names which nobody asked for.
fn one_way_moment(message: &[u8]) -> Option<Instant> {
    match AnswerMessage::decode(message) {
        Ok(AnswerMessage::OneWay(answer)) => Some(answer.issued_at),
        _ => None,
    }
}

#[cfg(test)]
mod tests;
