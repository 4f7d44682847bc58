//! 확인하기: the verifier's desk of the window (`docs/decisions/0007-desk-in-the-window.md`). It is the desk of the crate `verifier`, with the
//! wallet's anchors and kept lists behind its ports, and its few settings in the vault. It sees no paper of the wallet's.
//!
//! Without an identity it asks by codes and looks one-way; with one, imported from the folder of a configuration of the program `verifier`
//! and kept encrypted in the vault, it asks by signed requests as well: the ready-made questions, and those that were made here.

mod own;
mod ports;
mod views;

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use crypto::SystemEntropy;
use host::SystemClock;
use host::qr::{QrError, texts_in_picture};
use primitives::{Blame, Clock, Left, LocalizedText, Refusal};
use verifier::config::ConfigError;
use verifier::offline::{
    BeginError, CheckError, CheckId, DeskIdentity, DeskMemory, Fed, MemoryError, OwnQuestionError, Question,
    ScreenDesk, ScreenLimits, ScreenPorts, ScreenSettings, TimePolicy,
};
use wallet::view;
use wallet::{Wallet, WalletError};

use ports::{VaultMemory, WalletLists};

/// The setting with the identity.
const IDENTITY: &str = "identity";
/// Most texts of files that are handed over with a configuration, a count.
const MAX_FILES: usize = 64;
/// Most frames of a request at once, a count.
const MAX_FRAMES: u16 = 64;

/// Why the desk does not do something.
#[derive(Debug, thiserror::Error)]
pub enum DeskError {
    /// The wallet is locked, or its store failed.
    #[error(transparent)]
    Wallet(#[from] WalletError),
    /// No check was begun.
    #[error(transparent)]
    Begin(#[from] BeginError),
    /// The check is none, or over.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// What the desk remembers is not readable.
    #[error(transparent)]
    Memory(#[from] MemoryError),
    /// The picture is none, or too large.
    #[error(transparent)]
    Picture(QrError),
    /// The configuration is none with an identity.
    #[error(transparent)]
    Configuration(#[from] ConfigError),
    /// The identity that is kept is not readable, or one is too large to be kept.
    #[error("the desk's identity is not usable")]
    Identity,
    /// A question of one's own is not taken.
    #[error(transparent)]
    Own(#[from] OwnQuestionError),
    /// The questions that are kept are not readable.
    #[error("the desk's own questions are not usable")]
    OwnUnusable,
    /// What is to be saved is no receipt of this desk.
    #[error("this is no receipt of this desk")]
    Receipt,
    /// The receipt cannot be written.
    #[error("the receipt cannot be written")]
    ReceiptUnwritten,
}

impl Refusal for DeskError {
    fn code(&self) -> &'static str {
        match self {
            Self::Wallet(error) => error.code(),
            Self::Begin(error) => error.code(),
            Self::Check(error) => error.code(),
            Self::Memory(error) => error.code(),
            Self::Picture(_) => "desk_picture",
            Self::Configuration(_) => "desk_configuration",
            Self::Identity => "desk_identity_unusable",
            Self::Own(error) => error.code(),
            Self::OwnUnusable => "desk_questions_unusable",
            Self::Receipt => "desk_receipt_unknown",
            Self::ReceiptUnwritten => "desk_receipt_unwritten",
        }
    }
    fn rule(&self) -> &'static str {
        match self {
            Self::Wallet(error) => error.rule(),
            Self::Begin(error) => error.rule(),
            Self::Check(error) => error.rule(),
            Self::Own(error) => error.rule(),
            Self::Receipt => "OQ-37",
            Self::Memory(_)
            | Self::Picture(_)
            | Self::Configuration(_)
            | Self::Identity
            | Self::OwnUnusable
            | Self::ReceiptUnwritten => "",
        }
    }
    fn blame(&self) -> Blame {
        match self {
            Self::Wallet(error) => error.blame(),
            Self::Begin(error) => error.blame(),
            Self::Check(error) => error.blame(),
            Self::Memory(error) => error.blame(),
            Self::Own(error) => error.blame(),
            Self::Picture(_) | Self::Configuration(_) | Self::Receipt => Blame::You,
            Self::Identity | Self::OwnUnusable | Self::ReceiptUnwritten => Blame::Computer,
        }
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// The desk of the window.
pub struct Desk {
    wallet: Arc<Wallet>,
    clock: Arc<dyn Clock>,
    /// While the wallet is unlocked.
    open: Mutex<Option<Arc<Open>>>,
    /// The check that the camera looks for.
    at_hand: Mutex<Option<String>>,
}

struct Open {
    /// The wallet's count of locks when it was opened.
    epoch: u64,
    desk: ScreenDesk,
    lists: Arc<WalletLists>,
    name: Option<LocalizedText>,
    unreadable: Vec<view::DeskUnreadable>,
}

impl Desk {
    /// The desk beside this wallet.
    #[must_use]
    pub fn new(wallet: Arc<Wallet>) -> Self {
        Self::at(wallet, Arc::new(SystemClock))
    }

    /// With a clock of the caller's.
    #[must_use]
    pub fn at(wallet: Arc<Wallet>, clock: Arc<dyn Clock>) -> Self {
        Self { wallet, clock, open: Mutex::new(None), at_hand: Mutex::new(None) }
    }

    /// What can be asked here, and how old the lists are.
    ///
    /// # Errors
    /// [`DeskError`]: locked, or what is kept is not readable.
    pub fn overview(&self) -> Result<view::Desk, DeskError> {
        let open = self.open()?;
        let ages = open.desk.ages();
        Ok(view::Desk {
            questions: open.desk.questions().iter().map(|one| views::question(&open.desk, one)).collect(),
            identity: open.name.clone().map(Into::into),
            trust_list: ages.trust_list.map(views::age),
            status_lists: ages.status_lists.map(views::age),
            receipts: open.desk.receipts(),
            count: views::count(open.desk.count()),
            unreadable: open.unreadable.clone(),
        })
    }

    /// Begins a check; the one before ends.
    ///
    /// # Errors
    /// [`DeskError`].
    pub fn begin(&self, question: &str, mode: view::ShownMode) -> Result<view::DeskBegun, DeskError> {
        let open = self.open()?;
        let begun = open.desk.begin(question, views::mode_of(mode))?;
        let asked = open.desk.questions().iter().find(|one| one.id == begun.question);
        let asked = asked.ok_or(BeginError::Question)?;
        if let Some(before) = self.at_hand().replace(begun.id.as_str().to_owned()) {
            open.desk.stop(&CheckId::named(&before));
        }
        Ok(view::DeskBegun {
            desk_id: begun.id.as_str().to_owned(),
            mode,
            question: views::question(&open.desk, asked),
            code: begun.code,
            frames: begun.frames,
            seconds_left: begun.seconds_left,
        })
    }

    /// Frames of the request, from a place in their endless row on; none with `still` where one code does not hold it.
    ///
    /// # Errors
    /// [`DeskError`].
    pub fn request_frames(
        &self,
        id: &str,
        from: u16,
        count: u16,
        size: view::FrameSize,
    ) -> Result<view::Frames, DeskError> {
        let open = self.open()?;
        let id = CheckId::named(id);
        let seconds_left = open.desk.seconds_left(&id)?;
        let frames = match open.desk.request_frames(&id, from, count.min(MAX_FRAMES), views::size_of(size)) {
            Ok(frames) => frames,
            Err(CheckError::Frames(_)) => {
                return Ok(view::Frames { frames: Vec::new(), count: 0, seconds_left, round: 1 });
            }
            Err(error) => return Err(error.into()),
        };
        let count = open.desk.request_pieces(&id, views::size_of(size))?;
        let frames =
            frames.iter().filter_map(|frame| wallet::qr_frame(frame.sequence, &frame.text, size)).collect();
        Ok(view::Frames { frames, count, seconds_left, round: 1 })
    }

    /// Whether a code is a piece of an answer, for a camera that sees other codes beside it.
    #[must_use]
    pub fn looks_for(code: &str) -> bool {
        ScreenDesk::looks_for(code)
    }

    /// What the camera saw, for the check at hand.
    ///
    /// # Errors
    /// [`DeskError`]; [`CheckError::Unknown`] where there is none at hand.
    pub fn seen(&self, texts: Result<Vec<String>, QrError>) -> Result<view::DeskFed, DeskError> {
        let id = self.at_hand().clone().ok_or(CheckError::Unknown)?;
        self.read(&id, texts)
    }

    /// A picture of a file or of the clipboard: PNG or JPEG.
    ///
    /// # Errors
    /// [`DeskError`].
    pub fn picture(&self, id: &str, bytes: &[u8]) -> Result<view::DeskFed, DeskError> {
        self.read(id, texts_in_picture(bytes))
    }

    /// What a scanner typed, or what was pasted.
    ///
    /// # Errors
    /// [`DeskError`].
    pub fn text(&self, id: &str, text: &str) -> Result<view::DeskFed, DeskError> {
        let open = self.open()?;
        let fed = open.desk.feed(&CheckId::named(id), text)?;
        self.shown(&open, id, fed)
    }

    /// Ends a check.
    pub fn stop(&self, id: &str) {
        if let Ok(open) = self.open() {
            open.desk.stop(&CheckId::named(id));
        }
    }

    /// Ends every check and puts the key out of memory, when the wallet locks; the next call to an unlocked wallet opens the desk anew.
    pub fn close(&self) {
        *self.slot() = None;
        *self.at_hand() = None;
    }

    /// Checks today.
    ///
    /// # Errors
    /// [`DeskError`].
    pub fn count(&self) -> Result<view::DeskCount, DeskError> {
        Ok(views::count(self.open()?.desk.count()))
    }

    /// Fetches the trust list, then the status lists that the identity's configuration names and that checks asked for: those are believed
    /// whose signers the trust list names. One that does not come leaves the one that is kept, and is told.
    ///
    /// # Errors
    /// [`DeskError::Wallet`]: locked, or its store failed.
    pub async fn refresh(&self) -> Result<view::DeskRefreshed, DeskError> {
        let open = self.open()?;
        let trust_list = self.wallet.update_trust_list().await.err();
        let mut missing = 0;
        for address in open.lists.asked() {
            if !self.wallet.keep_status_list(&address).await? {
                missing += 1;
            }
        }
        let trust_list = trust_list.map(|error| view::AppError::of(&error));
        Ok(view::DeskRefreshed { desk: self.overview()?, trust_list, missing })
    }

    /// Takes over the identity of a configuration of the program `verifier`: its text, and the texts of the files that it names.
    ///
    /// # Errors
    /// [`DeskError::Configuration`], [`DeskError::Identity`] where it is too large, [`DeskError::Wallet`].
    pub fn import_identity(
        &self,
        configuration: &str,
        files: &BTreeMap<String, String>,
    ) -> Result<(), DeskError> {
        if files.len() > MAX_FILES {
            return Err(ConfigError::Shape("number of files".to_owned()).into());
        }
        let identity = DeskIdentity::of_configuration(configuration, &|name| files.get(name).cloned())?;
        let kept = identity.to_kept().ok_or(DeskError::Identity)?;
        self.wallet.set_desk_setting(IDENTITY, Some(&kept))?;
        // Whoever comes new at the desk switches receipts on for themselves.
        *self.slot() = None;
        Ok(())
    }

    /// Forgets the identity.
    ///
    /// # Errors
    /// [`DeskError::Wallet`].
    pub fn forget_identity(&self) -> Result<(), DeskError> {
        self.wallet.set_desk_setting(IDENTITY, None)?;
        *self.slot() = None;
        Ok(())
    }

    /// Forgets the record of checks where it cannot be read; one that can be stays. The check at hand ends.
    ///
    /// # Errors
    /// [`DeskError::Wallet`].
    pub fn forget_unreadable_record(&self) -> Result<(), DeskError> {
        self.open()?;
        VaultMemory::new(Arc::clone(&self.wallet)).forget_unreadable()?;
        self.close();
        Ok(())
    }

    fn at_hand(&self) -> MutexGuard<'_, Option<String>> {
        self.at_hand.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn slot(&self) -> MutexGuard<'_, Option<Arc<Open>>> {
        self.open.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn read(&self, id: &str, texts: Result<Vec<String>, QrError>) -> Result<view::DeskFed, DeskError> {
        match texts {
            Ok(texts) => self.text(id, &texts.join("\n")),
            // Nothing in view is nothing new.
            Err(QrError::NoCode) => self.text(id, ""),
            Err(error) => Err(DeskError::Picture(error)),
        }
    }

    fn shown(&self, open: &Open, id: &str, fed: Fed) -> Result<view::DeskFed, DeskError> {
        Ok(match fed {
            Fed::Waiting { have, need, foreign, newer } => {
                let seconds_left = open.desk.seconds_left(&CheckId::named(id))?;
                view::DeskFed::Waiting { have, need, foreign, newer, seconds_left }
            }
            Fed::Verdict(verdict) => {
                let clears_in = open.desk.settings().limits.result_seconds;
                view::DeskFed::Verdict { verdict: Box::new(views::verdict(&verdict, clears_in)) }
            }
        })
    }

    /// The desk, as long as the wallet is unlocked; with its locking every open check is gone, and the key out of memory.
    fn open(&self) -> Result<Arc<Open>, DeskError> {
        self.open_in(&mut self.slot())
    }

    fn open_in(&self, slot: &mut Option<Arc<Open>>) -> Result<Arc<Open>, DeskError> {
        let epoch = match self.wallet.unlocked_epoch() {
            Ok(epoch) => epoch,
            Err(error) => {
                *slot = None;
                return Err(error.into());
            }
        };
        if let Some(open) = slot.as_ref().filter(|open| open.epoch == epoch) {
            return Ok(Arc::clone(open));
        }
        // Locked and unlocked since: what was open then is not any more, whatever comes of opening it.
        *slot = None;
        let lists = Arc::new(WalletLists::new(Arc::clone(&self.wallet)));
        let open = Arc::new(self.make(epoch, lists, false)?);
        *slot = Some(Arc::clone(&open));
        Ok(open)
    }

    /// The desk by what is kept now. A key, questions or a record that cannot be read close nothing: it is there without them, and says so.
    fn make(&self, epoch: u64, lists: Arc<WalletLists>, receipts: bool) -> Result<Open, DeskError> {
        let mut unreadable = Vec::new();
        let mut without = |kept, error: &DeskError| {
            unreadable.push(view::DeskUnreadable { kept, code: error.code().to_owned() });
        };
        let mut kept = None;
        let mut identity = None;
        if let Some(text) = self.wallet.desk_setting(IDENTITY)? {
            kept = DeskIdentity::from_kept(&text);
            identity = kept.as_ref().and_then(DeskIdentity::identity);
            // Without its key it asks in nobody's name.
            kept = kept.filter(|_| identity.is_some());
            if identity.is_none() {
                without(view::DeskKept::Key, &DeskError::Identity);
            }
        }
        let name = kept.as_ref().map(|kept| kept.name().clone());
        let mut questions = Question::ready_made();
        match self.own_questions() {
            Ok(own) => questions.extend(own.questions()),
            Err(error @ DeskError::OwnUnusable) => without(view::DeskKept::Questions, &error),
            Err(error) => return Err(error),
        }
        let settings = ScreenSettings {
            name: name.clone().unwrap_or_else(|| LocalizedText::new("확인하기", "Check")),
            identity,
            registration: kept.as_ref().and_then(|kept| kept.registration().map(str::to_owned)),
            questions,
            policy: TimePolicy::default(),
            limits: ScreenLimits::default(),
            receipts,
        };
        let kept_memory = VaultMemory::new(Arc::clone(&self.wallet));
        let memory: Arc<dyn DeskMemory> = match kept_memory.load() {
            Ok(_) => Arc::new(kept_memory),
            Err(error) => {
                without(view::DeskKept::Record, &error.into());
                Arc::new(kept_memory.passing())
            }
        };
        let ports = ScreenPorts {
            lists: Arc::clone(&lists) as _,
            memory,
            clock: Arc::clone(&self.clock),
            entropy: Arc::new(SystemEntropy),
        };
        let desk = ScreenDesk::new(settings, ports)?;
        for address in kept.iter().flat_map(DeskIdentity::status_lists) {
            lists.ask(address);
        }
        Ok(Open { epoch, desk, lists, name, unreadable })
    }
}
