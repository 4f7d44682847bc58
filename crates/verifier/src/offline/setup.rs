//! What a desk without a network is told when it is set up, and the ports through which it meets the world.

use std::sync::Arc;

use primitives::{Clock, Entropy, LocalizedText};

use super::lists::Lists;
use super::memory::DeskMemory;
use super::policy::TimePolicy;
use super::question::Question;
use crate::settings::Identity;

/// Bounds in number and time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ScreenLimits {
    /// Most checks at once, a count; more are not begun.
    pub checks: usize,
    /// How long a check waits for its answer, in seconds.
    pub lifetime_seconds: i64,
    /// How long a verdict should stay on a screen, in seconds.
    pub result_seconds: i64,
}

impl Default for ScreenLimits {
    /// 16 checks, five minutes, thirty seconds.
    fn default() -> Self {
        Self { checks: 16, lifetime_seconds: 300, result_seconds: 30 }
    }
}

/// Everything a desk is told. It has no `Debug`: it may hold a key.
#[derive(Clone)]
pub struct ScreenSettings {
    /// Who asks, for the desk's own screen.
    pub name: LocalizedText,
    /// Who asks, for the wallet; without one there is no [`Mode::Request`]. [`Identity::Unsigned`] counts as none.
    pub identity: Option<Identity>,
    /// The signed registration for `verifier_info`.
    pub registration: Option<String>,
    /// What can be asked.
    pub questions: Vec<Question>,
    /// How old lists may be.
    pub policy: TimePolicy,
    /// Bounds.
    pub limits: ScreenLimits,
    /// Whether a receipt is signed for each verdict from the beginning on; needs an identity.
    pub receipts: bool,
}

/// The world, as a desk asks for it.
#[derive(Clone)]
pub struct ScreenPorts {
    /// The lists.
    pub lists: Arc<dyn Lists>,
    /// What is remembered.
    pub memory: Arc<dyn DeskMemory>,
    /// The time.
    pub clock: Arc<dyn Clock>,
    /// Randomness.
    pub entropy: Arc<dyn Entropy>,
}
