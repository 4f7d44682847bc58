#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing)]

use std::sync::Arc;

use crypto::SystemEntropy;
use primitives::LocalizedText;
use primitives::test_support::FixedClock;
use trust::{Issuer, TrustAnchor};

use super::*;
use crate::offline::{KeptToken, Lists, PassingMemory, ScreenLimits, TimePolicy, Trust};

struct NoLists;

impl Lists for NoLists {
    fn trust(&self) -> Trust {
        Trust::default()
    }
    fn status_token(&self, _: &str, _: &TrustAnchor<Issuer>) -> Option<KeptToken> {
        None
    }
    fn status_dates(&self) -> Vec<Instant> {
        Vec::new()
    }
}

/// A desk with one open check that has a request to show and read a first frame of an answer, and that answer's frames.
fn desk() -> (ScreenDesk, Arc<FixedClock>, CheckId, Frames) {
    let clock = Arc::new(FixedClock::new(Instant::from_unix_seconds(1_800_000_000)));
    let settings = ScreenSettings {
        name: LocalizedText::new("가게", "Shop"),
        identity: None,
        registration: None,
        questions: Question::ready_made(),
        policy: TimePolicy::default(),
        limits: ScreenLimits::default(),
        receipts: false,
    };
    let ports = ScreenPorts {
        lists: Arc::new(NoLists),
        memory: Arc::new(PassingMemory::default()),
        clock: Arc::clone(&clock) as _,
        entropy: Arc::new(SystemEntropy),
    };
    let desk = ScreenDesk::new(settings, ports).unwrap();
    let id = desk.begin("age-over-19", Mode::Code).unwrap().id;
    let message: Vec<u8> = (0..3000_u32).map(|step| (step * step % 251) as u8).collect();
    let frames = |kind| Frames::new(kind, &message, FrameSize::Standard, &SystemEntropy).unwrap();
    let answer = frames(Kind::Answer);
    assert!(answer.count() > 1);
    {
        let mut state = desk.state();
        let check = state.checks.get_mut(&id).unwrap();
        check.request = Some(message.clone());
        check.frames.push((FrameSize::Standard, frames(Kind::Request)));
    }
    assert!(matches!(desk.feed(&id, &answer.text(0)).unwrap(), Fed::Waiting { have: 1, .. }));
    (desk, clock, id, answer)
}

fn nothing_is_left(desk: &ScreenDesk, id: &CheckId) {
    let state = desk.state();
    let check = &state.checks[id];
    assert!(check.awaited.is_none() && check.request.is_none() && check.frames.is_empty());
    assert_eq!(check.collector.progress().have, 0);
}

#[test]
fn after_a_verdict_nothing_of_the_check_is_left() {
    let (desk, _, id, answer) = desk();
    let texts: Vec<String> = (1..u16::from(answer.count())).map(|sequence| answer.text(sequence)).collect();
    assert!(matches!(desk.feed(&id, &texts.join("\n")).unwrap(), Fed::Verdict(_)));
    nothing_is_left(&desk, &id);
    assert_eq!(desk.seconds_left(&id), Err(CheckError::Over));
}

#[test]
fn when_nobody_answered_in_time_nothing_of_the_check_is_left() {
    let (desk, clock, id, _) = desk();
    clock.advance(300);
    // Whichever check is looked at.
    assert_eq!(desk.seconds_left(&CheckId::named("other")), Err(CheckError::Unknown));
    nothing_is_left(&desk, &id);
    assert_eq!(desk.seconds_left(&id), Err(CheckError::Expired));
}
