//! From a configuration to a desk for screens and its page: what `verifier CONFIG --desk` does before it serves.

use std::path::Path;
use std::sync::Arc;

use primitives::{Clock, Entropy};

use crate::config::Config;
use crate::offline::{
    Anchors, ListFolder, ListsError, MemoryError, Question, ScreenDesk, ScreenLimits, ScreenPorts,
    ScreenSettings,
};
use crate::web::ScreenPages;

/// Why a desk for screens cannot be opened.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// Its page would be reachable by others than this computer.
    #[error("a desk for screens listens on this computer only (listen.pages: 127.0.0.1 or [::1])")]
    NotLoopback,
    /// Its folder cannot be used.
    #[error(transparent)]
    Lists(#[from] ListsError),
    /// What it remembers cannot be read.
    #[error(transparent)]
    Memory(#[from] MemoryError),
}

/// A desk for screens that can be served.
pub struct OpenDesk {
    /// For [`crate::screen_router`].
    pub pages: Arc<ScreenPages>,
    /// Its lists, to be fetched anew while there is a network.
    pub lists: Arc<ListFolder>,
}

impl OpenDesk {
    /// Opens the desk of a configuration that stands in `folder`: the ready-made questions, and its own.
    ///
    /// # Errors
    /// An [`OpenError`].
    pub fn new(
        config: &Config,
        folder: &Path,
        clock: Arc<dyn Clock>,
        entropy: Arc<dyn Entropy>,
    ) -> Result<Self, OpenError> {
        if !config.pages.ip().is_loopback() {
            return Err(OpenError::NotLoopback);
        }
        let anchors = Anchors {
            issuers: config.settings.issuers.clone(),
            status_signers: config.status_signers.clone(),
            trust_list_signers: config.offline.trust_list_signers.clone(),
        };
        let lists = Arc::new(ListFolder::open(&folder.join(&config.offline.folder), anchors)?);
        let mut questions = Question::ready_made();
        questions.push(Question::own(&config.settings));
        let settings = ScreenSettings {
            name: config.settings.name.clone(),
            identity: Some(config.settings.identity.clone()),
            registration: config.settings.registration.clone(),
            questions,
            policy: config.offline.policy,
            limits: ScreenLimits::default(),
            receipts: config.offline.receipts,
        };
        let ports = ScreenPorts {
            lists: Arc::clone(&lists) as _,
            memory: Arc::clone(&lists) as _,
            clock,
            entropy: Arc::clone(&entropy),
        };
        let desk = Arc::new(ScreenDesk::new(settings, ports)?);
        let pages = Arc::new(ScreenPages::new(desk, config.settings.clone(), entropy));
        Ok(Self { pages, lists })
    }
}
