//! The desk's values as they cross to the window.

use civic::facts::{self, FactValue};
use primitives::LocalizedText;
use serde_json::Value;
use trust::status::StatusState;
use verifier::offline::{
    Aged, DayCount, FrameSize, Grade, Mode, Question, ScreenDesk, ScreenVerdict, claim_kind,
};
use verifier::{Answer, Outcome, PaperFinding, StatusFinding, sentence};
use wallet::view::{self, Text};

pub(super) fn mode_of(mode: view::ShownMode) -> Mode {
    match mode {
        view::ShownMode::Request => Mode::Request,
        view::ShownMode::Code => Mode::Code,
        view::ShownMode::OneWay => Mode::OneWay,
    }
}

fn mode(mode: Mode) -> view::ShownMode {
    match mode {
        Mode::Request => view::ShownMode::Request,
        Mode::Code => view::ShownMode::Code,
        Mode::OneWay => view::ShownMode::OneWay,
    }
}

pub(super) fn size_of(size: view::FrameSize) -> FrameSize {
    match size {
        view::FrameSize::Standard => FrameSize::Standard,
        view::FrameSize::Small => FrameSize::Small,
        view::FrameSize::Still => FrameSize::Still,
    }
}

pub(super) fn age(aged: Aged) -> view::ListAge {
    let grade = match aged.grade {
        Grade::Green => view::AgeGrade::Green,
        Grade::Amber => view::AgeGrade::Amber,
        Grade::Red => view::AgeGrade::Red,
    };
    view::ListAge { as_of: aged.as_of.unix_seconds(), grade }
}

pub(super) fn count(count: DayCount) -> view::DeskCount {
    view::DeskCount { day: count.day.to_string(), checks: count.checks }
}

pub(super) fn question(desk: &ScreenDesk, question: &Question) -> view::DeskQuestion {
    view::DeskQuestion {
        id: question.id.clone(),
        name: question.text.clone().into(),
        purpose: question.purpose.clone().map(Into::into),
        items: question.items().into_iter().map(Into::into).collect(),
        identifying: question.identifying,
        own: question.number.is_none(),
        modes: desk.modes(question).into_iter().map(mode).collect(),
    }
}

pub(super) fn verdict(shown: &ScreenVerdict, clears_in: i64) -> view::DeskVerdict {
    let verdict = &shown.verdict;
    let mut answers: Vec<view::DeskAnswer> = verdict.answers.iter().map(answer).collect();
    answers.extend(shown.statement.iter().map(|statement| view::DeskAnswer {
        caption: statement.caption.clone().into(),
        value: statement.value.clone().into(),
        no: false,
        picture: None,
    }));
    view::DeskVerdict {
        outcome: match verdict.outcome {
            Outcome::Confirmed => view::DeskOutcome::Confirmed,
            Outcome::ConfirmedWeak => view::DeskOutcome::ConfirmedWeak,
            Outcome::NotConfirmed | Outcome::Declined => view::DeskOutcome::NotConfirmed,
        },
        reasons: verdict
            .reasons
            .iter()
            .map(|reason| view::DeskReason {
                code: reason.code.to_owned(),
                rule: Some(reason.rule.to_owned()).filter(|rule| !rule.is_empty()),
                text: sentence(reason.code).into(),
            })
            .collect(),
        mode: mode(shown.mode),
        question: shown.question_text.clone().into(),
        answers,
        papers: verdict.papers.iter().map(paper).collect(),
        not_received: shown.not_received.iter().cloned().map(Into::into).collect(),
        trust_list: shown.trust_list.map(age),
        at: verdict.at.unix_seconds(),
        clears_in,
        receipt: shown.receipt.clone(),
        not_counted: shown.not_counted,
    }
}

fn answer(answer: &Answer) -> view::DeskAnswer {
    let (value, picture) =
        match facts::value(claim_kind(&answer.credential_type, &answer.path), &answer.value) {
            Some(FactValue::Text(text)) => (text.into(), None),
            Some(FactValue::Picture(picture)) => (Text::same(""), Some(picture)),
            Some(FactValue::Rows(rows)) => (rows_in_one(&rows), None),
            None => (Text::same(""), None),
        };
    view::DeskAnswer {
        caption: answer.caption.clone().into(),
        value,
        no: answer.value == Value::Bool(false),
        picture,
    }
}

fn rows_in_one(rows: &[Vec<(String, LocalizedText)>]) -> Text {
    let joined = |words: fn(&LocalizedText) -> &str| {
        let row = |row: &Vec<(String, LocalizedText)>| {
            row.iter().map(|(_, cell)| words(cell)).collect::<Vec<_>>().join(" ")
        };
        rows.iter().map(row).collect::<Vec<_>>().join(", ")
    };
    Text { ko: Some(joined(|text| &text.ko)), en: Some(joined(|text| &text.en)) }
}

fn paper(paper: &PaperFinding) -> view::DeskPaper {
    let (status, status_as_of) = match paper.status {
        StatusFinding::NotOffered => (view::DeskStatus::NotOffered, None),
        StatusFinding::Unreachable | StatusFinding::NotBelieved { .. } => (view::DeskStatus::Unknown, None),
        StatusFinding::Listed { state, as_of, stale } => {
            let status = match (state, stale) {
                (StatusState::Valid, false) => view::DeskStatus::Valid,
                (StatusState::Valid, true) => view::DeskStatus::Stale,
                (StatusState::Invalid, _) => view::DeskStatus::Revoked,
                (StatusState::Suspended, _) => view::DeskStatus::Suspended,
                _ => view::DeskStatus::NotValid,
            };
            (status, Some(as_of.unix_seconds()))
        }
    };
    view::DeskPaper {
        title: paper.title.clone().into(),
        issuer: paper.issuer.clone(),
        holder_bound: paper.holder_bound,
        status,
        status_as_of,
    }
}
