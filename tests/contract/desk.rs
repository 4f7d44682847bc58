//! One value of everything of the verifier's desk that crosses.

use serde_json::Value;
use wallet::WalletError;
use wallet::view::*;

use super::samples::{of, text};

fn question(mode: ShownMode) -> DeskQuestion {
    DeskQuestion {
        id: "age-over-19".to_owned(),
        name: text(),
        purpose: (mode == ShownMode::Request).then(text),
        items: vec![text()],
        identifying: false,
        own: mode == ShownMode::Request,
        modes: vec![mode],
    }
}

fn verdict(outcome: DeskOutcome, status: DeskStatus, full: bool) -> DeskVerdict {
    DeskVerdict {
        outcome,
        reasons: vec![DeskReason {
            code: "x".to_owned(),
            rule: full.then(|| "ST-14".to_owned()),
            text: text(),
        }],
        mode: ShownMode::OneWay,
        question: text(),
        answers: vec![DeskAnswer {
            caption: text(),
            value: text(),
            no: full,
            picture: full.then(|| "data:image/png;base64,".to_owned()),
        }],
        papers: vec![DeskPaper {
            title: text(),
            issuer: "x".to_owned(),
            holder_bound: true,
            status,
            status_as_of: full.then_some(1),
        }],
        not_received: vec![text()],
        trust_list: full.then_some(ListAge { as_of: 1, grade: AgeGrade::Red }),
        at: 1,
        clears_in: 30,
        receipt: full.then(|| "x".to_owned()),
        not_counted: full,
    }
}

pub fn all() -> Vec<(&'static str, Value)> {
    let item = |sensitive| DeskItem { name: "address.sigungu".to_owned(), caption: text(), sensitive };
    let mut all = vec![
        of(
            "DeskPaperType",
            DeskPaperType {
                key: "x".to_owned(),
                name: text(),
                shelf: Shelf::Id,
                items: vec![item(true), item(false)],
            },
        ),
        of(
            "DeskDraft",
            DeskDraft {
                name: "x".to_owned(),
                purpose: "x".to_owned(),
                paper: "x".to_owned(),
                items: vec!["x".to_owned()],
            },
        ),
        of("DeskSaved", DeskSaved { path: "x".to_owned() }),
    ];
    for (grade, full) in [(AgeGrade::Green, true), (AgeGrade::Amber, false)] {
        let age = ListAge { as_of: 1, grade };
        let desk = Desk {
            questions: vec![question(ShownMode::Code)],
            identity: full.then(text),
            trust_list: full.then_some(age),
            status_lists: full.then_some(age),
            receipts: full,
            count: DeskCount { day: "2026-11-21".to_owned(), checks: 3 },
            unreadable: [DeskKept::Key, DeskKept::Questions, DeskKept::Record]
                .map(|kept| DeskUnreadable { kept, code: "x".to_owned() })
                .into(),
        };
        all.push(of("Desk", desk.clone()));
        let trust_list = (!full).then(|| AppError::of(&WalletError::Locked));
        all.push(of("DeskRefreshed", DeskRefreshed { desk, trust_list, missing: 1 }));
    }
    for mode in [ShownMode::Request, ShownMode::Code, ShownMode::OneWay] {
        all.push(of(
            "DeskBegun",
            DeskBegun {
                desk_id: "1".to_owned(),
                mode,
                question: question(mode),
                code: (mode == ShownMode::Code).then(|| "00000-00000".to_owned()),
                frames: 3,
                seconds_left: 60,
            },
        ));
    }
    all.push(of("DeskFed", DeskFed::Waiting { have: 1, need: 4, foreign: 0, newer: false, seconds_left: 9 }));
    let states = [
        DeskStatus::Valid,
        DeskStatus::Stale,
        DeskStatus::Revoked,
        DeskStatus::Suspended,
        DeskStatus::NotValid,
        DeskStatus::Unknown,
        DeskStatus::NotOffered,
    ];
    for outcome in [DeskOutcome::Confirmed, DeskOutcome::ConfirmedWeak, DeskOutcome::NotConfirmed] {
        for (status, full) in states.into_iter().zip([true, false].into_iter().cycle()) {
            let verdict = Box::new(verdict(outcome, status, full));
            all.push(of("DeskFed", DeskFed::Verdict { verdict }));
        }
    }
    all
}
