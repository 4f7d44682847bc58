//! The desk without a network (house, `docs/offline-qr.md`): it asks by its own screen, by a short code or not at all, reads the answer from
//! the holder's screen, and judges it by lists that it keeps.
//!
//! | step | with |
//! |---|---|
//! | ask | [`ScreenDesk::begin`]; [`ScreenDesk::request_frames`] for what its screen shows, [`Begun::code`] for what is typed |
//! | read | [`ScreenDesk::feed`], code by code, from whatever camera or scanner |
//! | say | [`ScreenVerdict`] |
//!
//! Nothing here does I/O: lists and memory come through [`Lists`] and [`DeskMemory`]. Nothing is kept of anybody but that there was a check.

mod check;
mod desk;
mod error;
mod folder;
mod identity;
mod lists;
mod memory;
mod own;
mod policy;
mod question;
mod receipt;
mod setup;
mod verdict;

pub use check::{Begun, CheckId, DayCount, Fed, ListAges, RequestFrame};
pub use desk::{MAX_TEXT_CHARACTERS, ScreenDesk};
pub use error::{BeginError, CheckError};
pub use folder::{Anchors, ListFolder, MAX_KEPT_LISTS, Refreshed, Unusable};
pub use identity::{DeskIdentity, MAX_IDENTITY_BYTES};
pub use lists::{KeptToken, Lists, ListsError, Trust, TrustListDates};
pub use memory::{DeskMemory, DeskRecord, MemoryError, PassingMemory};
pub use offline_qr::{FrameSize, Mode};
pub use own::{MAX_OWN_LETTERS, MAX_OWN_QUESTIONS, OwnDraft, OwnQuestionError, OwnQuestions, item_name};
pub use policy::{Aged, Grade, TimePolicy, UnknownStatus};
pub use question::{OWN_QUESTION, Question, claim_kind};
pub use receipt::{MAX_RECEIPT_BYTES, RECEIPT_TYPE, Receipt};
pub use setup::{ScreenLimits, ScreenPorts, ScreenSettings};
pub use verdict::{ScreenVerdict, Statement};
