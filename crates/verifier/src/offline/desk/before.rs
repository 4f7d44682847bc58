//! What a desk cannot know: which answers were taken before it opened, when nobody here remembers them (OQ-35).

use openid4vp::screen::CLOCK_SKEW_SECONDS;
use primitives::Instant;

use crate::offline::memory::DeskRecord;

/// Up to which moment an answer that nobody asked for may have been taken here already.
pub(super) struct Before {
    opened_at: Instant,
    answered_until: Option<Instant>,
}

impl Before {
    /// Of a desk that opens now, after what is recorded.
    pub(super) fn opening(now: Instant, record: &DeskRecord) -> Self {
        Self { opened_at: now, answered_until: believable(record.answered_until, now) }
    }

    /// Looks at the clock. Where it was ahead when the desk opened and was put right since, it is as if the desk opened now: else what every
    /// wallet signs would be of before for as long as the clock was ahead. What this desk took itself it remembers as ever.
    pub(super) fn see(&mut self, now: Instant) {
        if now < self.opened_at {
            self.opened_at = now;
            self.answered_until = believable(self.answered_until, now);
        }
    }

    /// Whether an answer of this moment may be of before.
    pub(super) fn covers(&self, issued_at: Instant) -> bool {
        issued_at < self.opened_at || self.answered_until.is_some_and(|until| issued_at <= until)
    }
}

/// Records that an answer was taken that nobody asked for: only one that lies ahead can still be shown to a desk that opens later.
pub(super) fn record_answer(record: &mut DeskRecord, issued_at: Instant, now: Instant) {
    if issued_at > now {
        record.answered_until = believable(record.answered_until, now).max(Some(issued_at));
    }
}

/// Nothing is taken that lies further ahead: such a moment was recorded by a clock that was wrong, and would keep everybody waiting for it.
fn believable(answered_until: Option<Instant>, now: Instant) -> Option<Instant> {
    answered_until.filter(|until| *until <= now + CLOCK_SKEW_SECONDS)
}
