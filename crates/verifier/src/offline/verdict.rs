//! What a desk without a network says of what it read: the online desk's verdict, and the ages that it rests on.

use offline_qr::Mode;
use openid4vp::verifier::VerifiedAnswer;
use primitives::{Instant, LocalizedText, Refusal as _};
use serde_json::{Value, json};
use trust::status::{
    StatusAuthority, StatusError, StatusFormat, StatusListToken, StatusReference, StatusState,
};
use trust::{Issuer, VerifiedChain};

use super::lists::{Lists, Trust};
use super::policy::{Aged, Grade, TimePolicy, UnknownStatus};
use super::question::{Question, paper_type};
use crate::session::Way;
use crate::status::StatusFinding;
use crate::verdict::{Binding, Outcome, Reason, Verdict};

/// An answer that no claim gives but the paper itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Statement {
    /// What was asked.
    pub caption: LocalizedText,
    /// What the paper says by being there.
    pub value: LocalizedText,
}

/// A verdict on what was read from a screen. It has no `Debug`: it holds claims.
#[derive(Clone)]
pub struct ScreenVerdict {
    /// The word, the reasons, the answers, the papers.
    pub verdict: Verdict,
    /// How it was asked.
    pub mode: Mode,
    /// The question's name at this desk.
    pub question: String,
    /// What was asked.
    pub question_text: LocalizedText,
    /// The answer that the paper itself is, where the question asks for no claim; only with a confirmation.
    pub statement: Option<Statement>,
    /// What such papers hold as well and was not received, by the captions of the catalogue; empty for a type that is not in it.
    pub not_received: Vec<LocalizedText>,
    /// The trust list that it rests on; `None`: the configuration names the issuers itself.
    pub trust_list: Option<Aged>,
    /// The signed receipt, where receipts are switched on.
    pub receipt: Option<String>,
    /// The check could not be counted, since what the desk remembers cannot be written.
    pub not_counted: bool,
}

impl ScreenVerdict {
    /// The verdict in JSON, for a machine of the verifier's own: that of [`Verdict::to_json`] and a member `offline`.
    pub fn to_json(&self) -> Value {
        let mut whole = self.verdict.to_json();
        if let Some(members) = whole.as_object_mut() {
            members.insert(
                "offline".to_owned(),
                json!({
                    "mode": self.mode.name(),
                    "question": self.question,
                    "statement": self.statement.as_ref().map(|statement| json!({
                        "caption": statement.caption, "value": statement.value,
                    })),
                    "not_received": self.not_received,
                    "trust_list": self.trust_list.map(aged_json),
                    "receipt": self.receipt,
                    "counted": !self.not_counted,
                }),
            );
        }
        whole
    }
}

fn aged_json(aged: Aged) -> Value {
    json!({ "as_of": aged.as_of.to_rfc3339(), "grade": aged.grade.code() })
}

pub(crate) fn way(mode: Mode) -> Way {
    match mode {
        Mode::Request => Way::ScreenRequest,
        Mode::Code => Way::ScreenCode,
        Mode::OneWay => Way::ScreenOneWay,
    }
}

/// What is judged beside the answer.
pub(crate) struct Ground<'a> {
    pub(crate) question: &'a Question,
    pub(crate) mode: Mode,
    pub(crate) policy: &'a TimePolicy,
    pub(crate) trust: &'a Trust,
    pub(crate) now: Instant,
}

impl Ground<'_> {
    pub(crate) fn trust_list(&self) -> Option<Aged> {
        let dates = self.trust.trust_list?;
        Some(self.policy.trust_list(dates.issued_at, dates.next_update, self.now))
    }

    /// A verdict that nothing was confirmed.
    pub(crate) fn red(&self, reason: Reason) -> ScreenVerdict {
        let mut verdict = Verdict::bare(Outcome::NotConfirmed, reason, way(self.mode), self.now);
        verdict.binding = Binding::OnScreen;
        self.with(verdict, Vec::new())
    }

    /// The verdict on an answer whose presentations verified; what did not was discarded before.
    pub(crate) fn of_answer(&self, answer: &VerifiedAnswer, statuses: &[StatusFinding]) -> ScreenVerdict {
        let asked = self.question.asked();
        let mut verdict = Verdict::of_answer(&asked, &[], answer, statuses, way(self.mode), self.now);
        verdict.binding = Binding::OnScreen;
        // Nobody who was asked by a screen has a reason to tell more; what came is not read (OQ-33).
        let beyond = answer.presentations.iter().any(|one| !one.over_delivered.is_empty());
        if beyond || !answer.over_delivered.is_empty() {
            verdict.fail(Reason { code: "offline_more_than_asked", rule: "OQ-33" });
        }
        if self.trust_list().is_some_and(|aged| aged.grade == Grade::Red) {
            verdict.fail(Reason { code: "trust_list_too_old", rule: "OQ-31" });
        }
        if self.mode == Mode::OneWay && verdict.outcome != Outcome::NotConfirmed {
            verdict.weaken(Reason { code: "offline_one_way", rule: "OQ-30" });
        }
        let not_received = match verdict.outcome {
            Outcome::NotConfirmed => Vec::new(),
            _ => not_received(answer),
        };
        self.with(verdict, not_received)
    }

    fn with(&self, verdict: Verdict, not_received: Vec<LocalizedText>) -> ScreenVerdict {
        let confirmed = verdict.outcome != Outcome::NotConfirmed;
        let held = self.question.held.clone().filter(|_| confirmed);
        ScreenVerdict {
            mode: self.mode,
            question: self.question.id.clone(),
            question_text: self.question.text.clone(),
            statement: held.map(|value| Statement { caption: self.question.answer.clone(), value }),
            not_received,
            trust_list: self.trust_list(),
            receipt: None,
            not_counted: false,
            verdict,
        }
    }
}

/// What the papers hold as well, as far as the catalogue knows.
fn not_received(answer: &VerifiedAnswer) -> Vec<LocalizedText> {
    let mut captions: Vec<LocalizedText> = Vec::new();
    for presentation in &answer.presentations {
        let Some(kind) = paper_type(&presentation.credential_type) else { continue };
        for claim in kind.claims {
            let has = match (&presentation.format, kind.mobile_document) {
                (dcql::Format::Mdoc, Some(document)) => presentation
                    .claims
                    .get(document.namespace)
                    .and_then(|space| space.get(claim.element_identifier()))
                    .is_some(),
                _ => {
                    claim.path.iter().try_fold(&presentation.claims, |value, name| value.get(*name)).is_some()
                }
            };
            let caption = claim.caption.localized();
            if !has && !captions.contains(&caption) {
                captions.push(caption);
            }
        }
    }
    captions
}

/// What a kept list says of a paper, and when the list was signed if it holds.
pub(crate) fn status(
    lists: &dyn Lists,
    trust: &Trust,
    policy: &TimePolicy,
    issuer: &VerifiedChain<Issuer>,
    reference: Option<&StatusReference>,
    now: Instant,
) -> StatusFinding {
    let Some(reference) = reference else { return StatusFinding::NotOffered };
    let Some(kept) = lists.status_token(reference.uri(), issuer.anchor()) else { return unknown(policy) };
    let authority = StatusAuthority { credential: issuer.anchor(), signers: &trust.status_signers };
    let verify = |at: Instant| {
        let token = StatusListToken::parse(StatusFormat::of_kept(&kept.token), &kept.token)?;
        let list = token.verify(reference, &authority, at)?;
        Ok::<_, StatusError>((list.state(reference)?, list.issued_at()))
    };
    match verify(now) {
        Ok((state, as_of)) => {
            let grade = policy.status(as_of, now).grade;
            if grade == Grade::Red && state.is_valid() {
                return StatusFinding::NotBelieved { code: "status_too_old", rule: "OQ-31" };
            }
            StatusFinding::Listed { state, as_of, stale: grade != Grade::Green }
        }
        Err(StatusError::Expired) => withdrawn(verify(kept.fetched_at))
            .unwrap_or(StatusFinding::NotBelieved { code: "status_expired", rule: "ST-5" }),
        Err(error) => StatusFinding::NotBelieved { code: error.code(), rule: error.rule() },
    }
}

/// What an expired list withdrew stays withdrawn (ST-18).
fn withdrawn(then: Result<(StatusState, Instant), StatusError>) -> Option<StatusFinding> {
    let (state, as_of) = then.ok()?;
    (!state.is_valid()).then_some(StatusFinding::Listed { state, as_of, stale: true })
}

fn unknown(policy: &TimePolicy) -> StatusFinding {
    match policy.unknown_status {
        UnknownStatus::Amber => StatusFinding::Unreachable,
        UnknownStatus::Red => StatusFinding::NotBelieved { code: "status_not_kept", rule: "OQ-31" },
    }
}
