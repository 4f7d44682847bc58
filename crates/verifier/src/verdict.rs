//! What a desk says of an answer: one word, the reasons by code, and only what was asked.

use openid4vp::verifier::{VerifiedAnswer, VerifiedPresentation, presented_path};
use primitives::{ClaimPath, Instant, LocalizedText};
use serde_json::{Value, json};
use trust::status::StatusState;

use crate::session::Way;
use crate::settings::Asked;
use crate::status::StatusFinding;
use crate::words;

/// The version of the JSON form of a verdict.
pub const VERDICT_VERSION: u32 = 1;
/// Most values of one claim that are shown, a count.
const MAX_VALUES: usize = 64;

/// The word.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Outcome {
    /// 확인됨: what was required verified, and the credentials are valid as of a list that is new enough.
    Confirmed,
    /// 오래된 확인, 약한 확인: what was required verified, and whether a credential was revoked could not be asked, or only of an old list.
    ConfirmedWeak,
    /// 확인 안 됨: something did not verify.
    NotConfirmed,
    /// 낼 수 없음/거부: the wallet said so; nothing more can be read out of it (VP-S6).
    Declined,
}

impl Outcome {
    /// The stable word in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::Confirmed => "confirmed",
            Self::ConfirmedWeak => "confirmed_weak",
            Self::NotConfirmed => "not_confirmed",
            Self::Declined => "declined",
        }
    }
}

/// Why a verdict is not simply "confirmed".
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Reason {
    /// The stable code.
    pub code: &'static str,
    /// The rule of `docs/rules.md`; empty where none is concerned.
    pub rule: &'static str,
}

/// Whether the answer comes from the person at the screen.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Binding {
    /// The browser that began the session came back with the code that only the wallet's answer brought.
    SameBrowser,
    /// Nothing ties the holder to whoever sees this page: the answer came from another device, or the code was not redeemed yet.
    NotBound,
    /// The answer was read from a screen in front of the desk; whose hand holds it is for the eye.
    OnScreen,
}

impl Binding {
    /// The stable word in JSON.
    pub fn code(self) -> &'static str {
        match self {
            Self::SameBrowser => "same_browser",
            Self::NotBound => "not_bound",
            Self::OnScreen => "on_screen",
        }
    }
}

/// One answer to one thing that was asked. It has no `Debug`: it holds a claim.
#[derive(Clone)]
pub struct Answer {
    /// The Credential Query.
    pub query: String,
    /// `vct` or doctype.
    pub credential_type: String,
    /// The claim. A place in an array is `null`: where an element stood before others were kept back, nothing tells.
    pub path: ClaimPath,
    /// What it is called.
    pub caption: LocalizedText,
    /// Its value.
    pub value: Value,
}

/// What was found out about one paper.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PaperFinding {
    /// The Credential Query.
    pub query: String,
    /// `vct` or doctype.
    pub credential_type: String,
    /// What it is called.
    pub title: LocalizedText,
    /// The issuer's name, from its certificate.
    pub issuer: String,
    /// Whether the holder proved to have its key.
    pub holder_bound: bool,
    /// Whether it is still valid.
    pub status: StatusFinding,
    /// How many things came without being asked for; they are dropped.
    pub not_asked: usize,
}

/// A verdict. It has no `Debug`: it holds claims.
#[derive(Clone)]
pub struct Verdict {
    /// The word.
    pub outcome: Outcome,
    /// Why it is not simply "confirmed".
    pub reasons: Vec<Reason>,
    /// What was asked, answered. Empty unless the outcome is a confirmation.
    pub answers: Vec<Answer>,
    /// What was approved together with it, in the order asked; all of it or none.
    pub approved: Vec<LocalizedText>,
    /// The papers that it rests on.
    pub papers: Vec<PaperFinding>,
    /// How the answer came.
    pub way: Way,
    /// Whether it comes from the person at the screen.
    pub binding: Binding,
    /// When it was reached.
    pub at: Instant,
}

/// What is left of a verdict when its claims are forgotten.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Summary {
    /// The word.
    pub outcome: Outcome,
    /// Why it is not simply "confirmed".
    pub reasons: Vec<Reason>,
    /// How the answer came.
    pub way: Way,
}

impl Verdict {
    /// A verdict without papers.
    pub(crate) fn bare(outcome: Outcome, reason: Reason, way: Way, at: Instant) -> Self {
        Self {
            outcome,
            reasons: vec![reason],
            answers: Vec::new(),
            approved: Vec::new(),
            papers: Vec::new(),
            way,
            binding: Binding::NotBound,
            at,
        }
    }

    /// The verdict on an answer whose presentations verified, with what the status lists say of them, in their order. What did not verify was
    /// discarded before, and is no part of it.
    /// `approvals`: what its request asked to have approved, by title.
    pub(crate) fn of_answer(
        asked: &Asked<'_>,
        approvals: &[LocalizedText],
        answer: &VerifiedAnswer,
        statuses: &[StatusFinding],
        way: Way,
        at: Instant,
    ) -> Self {
        let papers: Vec<PaperFinding> = answer
            .presentations
            .iter()
            .zip(statuses)
            .map(|(presentation, status)| paper(asked, presentation, *status))
            .collect();
        let mut outcome = Outcome::Confirmed;
        let mut reasons: Vec<Reason> = Vec::new();
        for paper in &papers {
            let Some((worse, reason)) = judge(paper.status) else { continue };
            if !reasons.contains(&reason) {
                reasons.push(reason);
            }
            if worse == Outcome::NotConfirmed || outcome == Outcome::Confirmed {
                outcome = worse;
            }
        }
        // A paper that does not count answers nothing.
        let (answers, approved) = match outcome {
            // An answer without each approval was rejected before this.
            Outcome::Confirmed | Outcome::ConfirmedWeak => (answers(asked, answer), approvals.to_vec()),
            Outcome::NotConfirmed | Outcome::Declined => (Vec::new(), Vec::new()),
        };
        Self { outcome, reasons, answers, approved, papers, way, binding: Binding::NotBound, at }
    }

    /// No confirmation after all: what was answered is forgotten.
    pub(crate) fn fail(&mut self, reason: Reason) {
        self.outcome = Outcome::NotConfirmed;
        self.reasons.push(reason);
        self.answers.clear();
        self.approved.clear();
    }

    /// No more than a weak confirmation.
    pub(crate) fn weaken(&mut self, reason: Reason) {
        if self.outcome == Outcome::Confirmed {
            self.outcome = Outcome::ConfirmedWeak;
        }
        self.reasons.push(reason);
    }

    /// The verdict without its claims.
    pub fn summary(&self) -> Summary {
        Summary { outcome: self.outcome, reasons: self.reasons.clone(), way: self.way }
    }

    /// The verdict in JSON, for a machine of the verifier's own. It holds the claims that were asked for.
    pub fn to_json(&self) -> Value {
        let word = words::outcome_word(self.outcome);
        json!({
            "version": VERDICT_VERSION,
            "outcome": self.outcome.code(),
            "word": word,
            "reasons": self.reasons.iter().map(|reason| json!({
                "code": reason.code, "rule": reason.rule, "text": words::sentence(reason.code),
            })).collect::<Vec<_>>(),
            "answers": self.answers.iter().map(|answer| json!({
                "query": answer.query,
                "type": answer.credential_type,
                "path": answer.path,
                "caption": answer.caption,
                "value": answer.value,
            })).collect::<Vec<_>>(),
            "approved": self.approved,
            "papers": self.papers.iter().map(paper_json).collect::<Vec<_>>(),
            "way": self.way.code(),
            "binding": self.binding.code(),
            "at": self.at.to_rfc3339(),
        })
    }
}

fn paper(asked: &Asked<'_>, presentation: &VerifiedPresentation, status: StatusFinding) -> PaperFinding {
    PaperFinding {
        query: presentation.query.as_str().to_owned(),
        credential_type: presentation.credential_type.clone(),
        title: asked.title(&presentation.credential_type),
        issuer: presentation.issuer.leaf().display_name().unwrap_or_default().to_owned(),
        holder_bound: presentation.holder_key.is_some(),
        status,
        not_asked: presentation.over_delivered.len(),
    }
}

/// What a status makes of a confirmation: nothing, a weak one, or none.
fn judge(status: StatusFinding) -> Option<(Outcome, Reason)> {
    let weak = |code, rule| Some((Outcome::ConfirmedWeak, Reason { code, rule }));
    let none = |code, rule| Some((Outcome::NotConfirmed, Reason { code, rule }));
    match status {
        StatusFinding::NotOffered | StatusFinding::Listed { state: StatusState::Valid, stale: false, .. } => {
            None
        }
        StatusFinding::Listed { state: StatusState::Valid, stale: true, .. } => weak("status_stale", "ST-14"),
        StatusFinding::Listed { state: StatusState::Invalid, .. } => none("status_invalid", "ST-11"),
        StatusFinding::Listed { state: StatusState::Suspended, .. } => none("status_suspended", "ST-11"),
        StatusFinding::Listed { .. } => none("status_not_valid", "ST-11"),
        StatusFinding::Unreachable => weak("status_unreachable", "ST-14"),
        StatusFinding::NotBelieved { code, rule } => none(code, rule),
    }
}

fn answers(asked: &Asked<'_>, answer: &VerifiedAnswer) -> Vec<Answer> {
    let mut answers = Vec::new();
    for presentation in &answer.presentations {
        // A paper beyond what was asked for is dropped whole.
        if answer.over_delivered.contains(&presentation.query) {
            continue;
        }
        let Some(query) = asked.question.credential(presentation.query.as_str()) else { continue };
        let mut shown: Vec<ClaimPath> = Vec::new();
        for claim in &query.claims {
            let not_asked =
                |path: &ClaimPath| presentation.over_delivered.iter().any(|over| path.starts_with(over));
            if not_asked(&claim.path) {
                continue;
            }
            let path = presented_path(&claim.path);
            // Two places of one array stand for the same elements.
            if shown.contains(&path) {
                continue;
            }
            let Ok(values) = path.select(&presentation.claims) else { continue };
            let credential_type = &presentation.credential_type;
            let caption = asked
                .known_caption(credential_type, &claim.path)
                .unwrap_or_else(|| asked.caption(credential_type, &path));
            answers.extend(values.into_iter().take(MAX_VALUES).map(|value| Answer {
                query: presentation.query.as_str().to_owned(),
                credential_type: credential_type.clone(),
                path: path.clone(),
                caption: caption.clone(),
                value: value.clone(),
            }));
            shown.push(path);
        }
    }
    answers
}

/// The stable word for what a list says: revoked, suspended and stale are three things, and unknown a fourth.
fn state_word(state: StatusState, stale: bool) -> &'static str {
    match (state, stale) {
        (StatusState::Valid, false) => "valid",
        (StatusState::Valid, true) => "stale",
        (StatusState::Invalid, _) => "revoked",
        (StatusState::Suspended, _) => "suspended",
        (StatusState::ApplicationSpecific(_) | StatusState::Reserved(_), _) => "not_valid",
    }
}

fn paper_json(paper: &PaperFinding) -> Value {
    let status = match paper.status {
        StatusFinding::NotOffered => json!({ "state": "not_offered" }),
        StatusFinding::Listed { state, as_of, stale } => json!({
            "state": state_word(state, stale),
            "value": state.value(),
            "as_of": as_of.to_rfc3339(),
            "stale": stale,
        }),
        StatusFinding::Unreachable => json!({ "state": "unknown" }),
        StatusFinding::NotBelieved { code, .. } => json!({ "state": "unknown", "code": code }),
    };
    json!({
        "query": paper.query,
        "type": paper.credential_type,
        "title": paper.title,
        "issuer": paper.issuer,
        "holder_bound": paper.holder_bound,
        "status": status,
        "not_asked": paper.not_asked,
    })
}
