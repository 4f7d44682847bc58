//! An answer on the screen: frames for a camera, signed anew as they grow old (`docs/offline-qr.md`; OQ-3, OQ-29).
//!
//! Copies are marked used and the line of the history is written before the first frame can be had. The keys are there only while they sign.
//! A lock, a stop and the end drop the whole session, and with it everything that a frame could be made of.

use civic::Question;
use dcql::{Disclosure, Selection, Solution};
use offline_qr::{FramesError, Kind, NotShown, ONE_WAY_RENEWAL_SECONDS, answer_message, one_way_binding};
use openid4vp::holder::{AuthenticatedRequest, Copy as PresentedCopy, Delivery, RespondError, ScreenAnswer};
use openid4vp::screen::{CLOCK_SKEW_SECONDS, PROOF_SECONDS};
use primitives::{Blame, Entropy, Instant, Left, Refusal};
use vault::{NewHistoryEntry, Outcome as Ending, StoreError, Transaction, UnlockedVault};

use super::copies::{Chosen, Signed, Taken};
use super::offline::offline_request;
use super::send::{Leaving, REMEMBERED_SECONDS};
use super::vouchers::Vouchers;
use super::{ConsentSession, PresentError, qr};
use crate::app::{State, VaultState, Wallet};
use crate::error::WalletError;
use crate::flow::Session;
use crate::history::code_of_shown;
use crate::view::{FrameSize, Frames, PresentSent, ShowingStarted, ShownMode};

/// The longest that one yes is shown, in seconds from the yes, however often it is extended.
const MAX_SHOWING_SECONDS: i64 = 600;
/// How long after its end a showing can still be extended, in seconds.
const EXTENDABLE_SECONDS: i64 = 60;
/// Frames that are given at once, at most.
const MAX_FRAMES_AT_ONCE: u16 = 32;

/// Why something is not shown, or not any longer.
#[derive(Debug, thiserror::Error)]
pub enum ShowError {
    /// One yes has been shown for as long as one yes is.
    #[error("it was shown long enough")]
    TooLong,
    /// The paper was removed, or its copies renewed, meanwhile.
    #[error("the copy that was shown is gone")]
    CopyGone,
    /// The request was not made anew, or no key is there: the reason is the wallet's.
    #[error("it was not signed anew")]
    NotSigned,
    /// The answer was not made.
    #[error(transparent)]
    Respond(#[from] RespondError),
    /// It was not packed.
    #[error(transparent)]
    Message(#[from] NotShown),
    /// It was not cut into frames.
    #[error(transparent)]
    Frames(#[from] FramesError),
    /// No code holds the frame.
    #[error("no code holds the frame")]
    Code,
}

impl Refusal for ShowError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLong => "showing_too_long",
            Self::CopyGone => "showing_copy_gone",
            Self::NotSigned => "showing_not_signed",
            Self::Respond(error) => error.code(),
            Self::Message(error) => error.code(),
            Self::Frames(error) => error.code(),
            Self::Code => "showing_no_code",
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::TooLong | Self::CopyGone | Self::NotSigned | Self::Code => "",
            Self::Respond(error) => error.rule(),
            Self::Message(error) => error.rule(),
            Self::Frames(error) => error.rule(),
        }
    }
    fn blame(&self) -> Blame {
        match self {
            Self::TooLong | Self::CopyGone => Blame::You,
            Self::Respond(error) => error.blame(),
            Self::NotSigned | Self::Code => Blame::Application,
            Self::Message(error) => error.blame(),
            Self::Frames(error) => error.blame(),
        }
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// The yes, and what follows from it.
pub(super) struct Yes {
    pub(super) selection: Selection,
    pub(super) disclosures: Vec<Disclosure>,
    /// What the history says.
    pub(super) leaving: Leaving,
    pub(super) item_count: usize,
    pub(super) paper_count: usize,
}

/// An answer that is being shown. It holds claims, and no key.
pub(crate) struct ShowingSession {
    request: AuthenticatedRequest,
    solution: Solution,
    selection: Selection,
    chosen: Vec<Chosen>,
    question: Option<&'static Question>,
    mode: ShownMode,
    began: Instant,
    signed_at: Instant,
    ends_at: Instant,
    message: Vec<u8>,
    /// The frames that were asked for last.
    made: Option<(FrameSize, offline_qr::Frames)>,
    round: u32,
}

impl Wallet {
    /// Makes a showing of a yes. Nothing of it is on a screen before the copies are marked used and the history has its line; both stand
    /// before a frame can be had.
    pub(super) fn begin_showing(
        &self,
        epoch: u64,
        session_id: &str,
        session: Box<ConsentSession>,
        mode: ShownMode,
        yes: &Yes,
    ) -> Result<PresentSent, WalletError> {
        let Yes { selection, disclosures, leaving, item_count, paper_count } = yes;
        let entropy = self.ports.entropy.as_ref();
        let prepare = |signed: &Signed| {
            let Delivery::Screen(answer) = &signed.delivery else { return Err(ShowError::NotSigned.into()) };
            let message = answer_message(answer, entropy).map_err(ShowError::from)?;
            let size = offline_qr::FrameSize::Standard;
            let frames =
                offline_qr::Frames::new(Kind::Answer, &message, size, entropy).map_err(ShowError::from)?;
            let mut line = leaving.at(signed.at).line(Ending::Done, None);
            line.code = Some(code_of_shown(mode).to_owned());
            Ok((message, frames, line))
        };
        let key = session.request.replay_key();
        let keep = |transaction: &Transaction<'_>,
                    (_, _, line): &(Vec<u8>, offline_qr::Frames, NewHistoryEntry)| {
            let at = line.at;
            // Nobody can ask again with a nonce that the wallet draws.
            if mode != ShownMode::OneWay {
                transaction.remember_answered(&key, at, at + REMEMBERED_SECONDS)?;
            }
            transaction.append_history(line)
        };
        let taken = self.sign_and_take(epoch, &session, selection, disclosures, prepare, keep);
        let Taken { mut state, signed: Signed { chosen, at, .. }, prepared: (message, frames, _), kept } =
            match taken {
                Ok(taken) => taken,
                Err(fault) => return self.not_taken(epoch, session_id, session, fault),
            };
        let papers: Vec<String> = chosen.iter().map(|one| one.copy.paper.to_string()).collect();
        let ConsentSession { request, solution, held, party, question, .. } = *session;
        let showing = ShowingSession {
            request,
            solution,
            selection: selection.clone(),
            chosen,
            question,
            mode,
            began: at,
            signed_at: at,
            ends_at: at + PROOF_SECONDS,
            message,
            made: Some((FrameSize::Standard, frames)),
            round: 0,
        };
        let seconds_left = showing.seconds_left(at);
        // Under the lock that the copies were taken under: a lock of the wallet comes before all of it or after it.
        state.sessions.put_back(session_id, Session::Showing(Box::new(showing)));
        drop(state);
        let as_of = papers.iter().filter_map(|paper| self.standing(held.get(paper)?).as_of);
        Ok(PresentSent::Showing(ShowingStarted {
            session_id: session_id.to_owned(),
            mode,
            recipient: (mode == ShownMode::Request).then(|| party.name.into()),
            item_count: *item_count,
            paper_count: *paper_count,
            history_id: kept.to_string(),
            seconds_left,
            status_list_as_of: as_of.min().map(Instant::unix_seconds),
        }))
    }

    /// Up to 32 frames from this place of the series on, which never ends: pieces first, then mixtures. What was asked for by nobody is
    /// signed anew when it is 20 seconds old (OQ-29). When the time is over there are none.
    ///
    /// # Errors
    /// [`WalletError::Locked`]; [`WalletError::Unknown`] for a showing that was stopped or is over; [`WalletError::Show`] if it cannot go on,
    /// and then it is over.
    pub fn show_frames(
        &self,
        session_id: &str,
        from: u16,
        count: u16,
        size: FrameSize,
    ) -> Result<Frames, WalletError> {
        let entropy = self.ports.entropy.as_ref();
        let (frames, mut view) = self.showing(session_id, |showing, vault, now| {
            let seconds_left = showing.seconds_left(now);
            if seconds_left > 0 && showing.is_to_be_signed_anew(now) {
                showing.sign(vault, entropy, now)?;
            }
            let frames = if seconds_left > 0 { showing.frames(size, entropy)? } else { None };
            let count = frames.as_ref().map_or(0, offline_qr::Frames::count);
            Ok((frames, Frames { frames: Vec::new(), count, seconds_left, round: showing.round }))
        })?;
        // Outside the lock: a code takes its time.
        if let Some(frames) = frames {
            let sequences = (from..=u16::MAX).take(usize::from(count.min(MAX_FRAMES_AT_ONCE)));
            let codes = sequences.map(|sequence| qr::frame(sequence, &frames.text(sequence), size));
            view.frames = codes.collect::<Option<_>>().ok_or(ShowError::Code)?;
        }
        // Nothing is given any more of what was locked or stopped meanwhile.
        self.showing(session_id, |_, _, _| Ok(()))?;
        Ok(view)
    }

    /// The texts of the same frames, for a program that makes pictures of its own.
    ///
    /// # Errors
    /// As [`show_frames`](Self::show_frames).
    pub fn show_texts(
        &self,
        session_id: &str,
        from: u16,
        count: u16,
        size: FrameSize,
    ) -> Result<Vec<String>, WalletError> {
        let entropy = self.ports.entropy.as_ref();
        let frames = self.showing(session_id, |showing, vault, now| {
            if showing.seconds_left(now) == 0 {
                return Ok(None);
            }
            if showing.is_to_be_signed_anew(now) {
                showing.sign(vault, entropy, now)?;
            }
            showing.frames(size, entropy)
        })?;
        let sequences = (from..=u16::MAX).take(usize::from(count.min(MAX_FRAMES_AT_ONCE)));
        Ok(frames.map_or_else(Vec::new, |frames| sequences.map(|sequence| frames.text(sequence)).collect()))
    }

    /// Another minute, or what is left of the ten that one yes is shown for: signed anew, from now.
    ///
    /// # Errors
    /// As [`show_frames`](Self::show_frames); [`ShowError::TooLong`] after the ten minutes.
    pub fn show_extend(&self, session_id: &str) -> Result<(), WalletError> {
        let entropy = self.ports.entropy.as_ref();
        self.showing(session_id, |showing, vault, now| {
            let last = showing.began + MAX_SHOWING_SECONDS;
            if now >= last {
                return Err(ShowError::TooLong.into());
            }
            showing.sign(vault, entropy, now)?;
            showing.ends_at = last.min(now + PROOF_SECONDS);
            Ok(())
        })
    }

    /// Ends a showing at once. One that is over already is no fault of anybody's.
    pub fn show_stop(&self, session_id: &str) {
        let mut state = self.state();
        if matches!(state.sessions.waiting_mut(session_id), Some(Session::Showing(_))) {
            state.sessions.stop(session_id);
        }
    }

    /// Does something with a showing, all of it under one lock: a lock of the wallet comes before it or after it. A showing that failed, or
    /// that ended a while ago, is dropped.
    fn showing<T>(
        &self,
        session_id: &str,
        step: impl FnOnce(&mut ShowingSession, &mut UnlockedVault, Instant) -> Result<T, WalletError>,
    ) -> Result<T, WalletError> {
        let now = self.now();
        let mut state = self.state();
        state.unlocked()?;
        let State { vault: VaultState::Unlocked(vault), sessions, anchors, .. } = &mut *state else {
            return Err(WalletError::Locked);
        };
        let Some(Session::Showing(showing)) = sessions.waiting_mut(session_id) else {
            return Err(WalletError::Unknown("session"));
        };
        let done = if showing.is_gone(now) {
            Err(WalletError::Unknown("session"))
        } else if !Vouchers::of(&showing.request).hold(anchors, now) {
            Err(PresentError::NoLongerVouched.into())
        } else {
            step(showing, vault, now)
        };
        // What was extended as far as it goes ends by its time.
        let goes_on = matches!(&done, Ok(_) | Err(WalletError::Show(ShowError::TooLong)));
        if !goes_on {
            sessions.stop(session_id);
        }
        done
    }
}

impl ShowingSession {
    /// Seconds until nothing is shown any more. A clock that was set back to before the signing shows nothing: who reads would not believe it.
    fn seconds_left(&self, now: Instant) -> i64 {
        if now + CLOCK_SKEW_SECONDS < self.signed_at {
            return 0;
        }
        self.ends_at.seconds_since(now).clamp(0, PROOF_SECONDS)
    }

    fn is_gone(&self, now: Instant) -> bool {
        now >= self.ends_at + EXTENDABLE_SECONDS
    }

    fn is_to_be_signed_anew(&self, now: Instant) -> bool {
        self.mode == ShownMode::OneWay && now >= self.signed_at + ONE_WAY_RENEWAL_SECONDS
    }

    /// Signs with the same copies, from now; with a nonce of its own where the wallet draws it.
    fn sign(
        &mut self,
        vault: &mut UnlockedVault,
        entropy: &dyn Entropy,
        now: Instant,
    ) -> Result<(), WalletError> {
        let kept = vault.read(|transaction| {
            let mut kept = true;
            for one in &self.chosen {
                kept &= transaction.copies(one.copy.paper)?.iter().any(|copy| copy.id == one.copy.id);
            }
            Ok::<_, StoreError>(kept)
        })?;
        if !kept {
            return Err(ShowError::CopyGone.into());
        }
        if let (ShownMode::OneWay, Some(question)) = (self.mode, self.question) {
            let binding = one_way_binding(question.number, entropy).map_err(ShowError::from)?;
            self.request = offline_request(question, binding, now).map_err(|_| ShowError::NotSigned)?;
        }
        for one in &mut self.chosen {
            one.signer = one.copy.key.as_ref().map(|key| vault.holder_key(key)).transpose()?;
        }
        let answer = self.answer(entropy, now);
        self.chosen.iter_mut().for_each(Chosen::forget_key);
        self.message = answer_message(&answer?, entropy).map_err(ShowError::from)?;
        self.made = None;
        self.signed_at = now;
        self.round = self.round.saturating_add(1);
        Ok(())
    }

    fn answer(&self, entropy: &dyn Entropy, now: Instant) -> Result<ScreenAnswer, ShowError> {
        let copies: Option<Vec<PresentedCopy<'_>>> = self.chosen.iter().map(Chosen::presented).collect();
        let copies = copies.ok_or(ShowError::CopyGone)?;
        let prepared = self.request.respond(&self.solution, &self.selection, &copies, now, entropy)?;
        prepared.into_delivery().into_screen().ok_or(ShowError::NotSigned)
    }

    /// The frames in this size; `None` where one still code does not hold them.
    fn frames(
        &mut self,
        size: FrameSize,
        entropy: &dyn Entropy,
    ) -> Result<Option<offline_qr::Frames>, WalletError> {
        if let Some((made, frames)) = &self.made
            && *made == size
        {
            return Ok(Some(frames.clone()));
        }
        let wire = match size {
            FrameSize::Standard => offline_qr::FrameSize::Standard,
            FrameSize::Small => offline_qr::FrameSize::Small,
            FrameSize::Still => offline_qr::FrameSize::Still,
        };
        match offline_qr::Frames::new(Kind::Answer, &self.message, wire, entropy) {
            Ok(frames) => {
                self.made = Some((size, frames.clone()));
                Ok(Some(frames))
            }
            Err(FramesError::TooLong) if size == FrameSize::Still => Ok(None),
            Err(error) => Err(ShowError::from(error).into()),
        }
    }
}
