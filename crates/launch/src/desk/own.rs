//! What the person at the desk makes and keeps: questions of their own, and signed receipts.

use std::fs::OpenOptions;
use std::io::{ErrorKind, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use civic::Catalogue;
use civic::catalogue::Sensitivity;
use primitives::{CivilDate, Instant};
use verifier::offline::{BeginError, OwnDraft, OwnQuestions, item_name};
use wallet::view;

use super::{Desk, DeskError, Open};

/// The setting with the questions.
const QUESTIONS: &str = "questions";
/// Most receipts of one second in one folder, a count.
const SAME_SECOND: u32 = 99;
/// Korea's time of day is nine hours ahead of UTC, without summer time.
const SEOUL_SECONDS: i64 = 9 * 3600;

impl Desk {
    /// What a question of one's own can ask for: the catalogue, shelf by shelf.
    #[must_use]
    pub fn papers() -> Vec<view::DeskPaperType> {
        let types = Catalogue.types().map(|kind| view::DeskPaperType {
            key: kind.key.to_owned(),
            name: kind.name.localized().into(),
            shelf: kind.shelf.into(),
            items: kind
                .claims
                .iter()
                .map(|claim| view::DeskItem {
                    name: item_name(claim),
                    caption: claim.caption.localized().into(),
                    sensitive: matches!(claim.sensitivity, Sensitivity::Special(_)),
                })
                .collect(),
        });
        types.collect()
    }

    /// Takes a question; it lies in the vault until it is removed. The check at hand ends.
    ///
    /// # Errors
    /// [`BeginError::NoIdentity`]: it could not be asked; [`DeskError::Own`], [`DeskError::Wallet`].
    pub fn add_question(&self, draft: view::DeskDraft) -> Result<(), DeskError> {
        if self.open()?.name.is_none() {
            return Err(BeginError::NoIdentity.into());
        }
        let view::DeskDraft { name, purpose, paper, items } = draft;
        self.change_questions(|own| own.add(OwnDraft { name, purpose, paper, items }).map(drop))
    }

    /// Forgets a question, with a key or without one. The check at hand ends.
    ///
    /// # Errors
    /// [`DeskError::Own`], [`DeskError::Wallet`].
    pub fn remove_question(&self, id: &str) -> Result<(), DeskError> {
        self.change_questions(|own| own.remove(id))
    }

    /// Forgets the questions where they cannot be read; those that can be read stay. The check at hand ends.
    ///
    /// # Errors
    /// [`DeskError::Wallet`].
    pub fn forget_unreadable_questions(&self) -> Result<(), DeskError> {
        let mut slot = self.slot();
        match self.own_questions() {
            Err(DeskError::OwnUnusable) => {}
            other => return other.map(drop),
        }
        // Which numbers were given is not known, and a receipt may name one; at less than one question a minute this is none of them.
        let minutes = self.clock.now().unix_seconds() / 60;
        let own = OwnQuestions::starting_at(u32::try_from(minutes).unwrap_or(1));
        self.keep_questions(&mut slot, &own)
    }

    fn change_questions(
        &self,
        change: impl FnOnce(&mut OwnQuestions) -> Result<(), verifier::offline::OwnQuestionError>,
    ) -> Result<(), DeskError> {
        let mut slot = self.slot();
        let mut own = self.own_questions()?;
        change(&mut own)?;
        self.keep_questions(&mut slot, &own)
    }

    /// Keeps the questions, and opens the desk with them.
    fn keep_questions(&self, slot: &mut Option<Arc<Open>>, own: &OwnQuestions) -> Result<(), DeskError> {
        let open = self.open_in(slot)?;
        self.wallet.set_desk_setting(QUESTIONS, Some(&own.to_kept()?))?;
        // The lists that checks asked for, and the switch, are those of before.
        let receipts = open.desk.receipts();
        *slot = None;
        *slot = Some(Arc::new(self.make(open.epoch, Arc::clone(&open.lists), receipts)?));
        *self.at_hand() = None;
        Ok(())
    }

    pub(super) fn own_questions(&self) -> Result<OwnQuestions, DeskError> {
        match self.wallet.desk_setting(QUESTIONS)? {
            None => Ok(OwnQuestions::default()),
            Some(text) => OwnQuestions::from_kept(&text).ok_or(DeskError::OwnUnusable),
        }
    }

    /// Switches signed receipts on or off. They are off at every start, after every lock, and for every new identity.
    ///
    /// # Errors
    /// [`BeginError::NoIdentity`]: there is nothing to sign them with; [`DeskError::Wallet`].
    pub fn switch_receipts(&self, on: bool) -> Result<(), DeskError> {
        Ok(self.open()?.desk.switch_receipts(on)?)
    }

    /// Writes a receipt into a folder, under a name that says when; what is there already stays. The whole path of the file.
    ///
    /// # Errors
    /// [`DeskError::Receipt`]: this desk did not sign it; [`DeskError::ReceiptUnwritten`]; [`DeskError::Wallet`].
    pub fn save_receipt(&self, receipt: &str, folder: &Path) -> Result<PathBuf, DeskError> {
        let known = self.open()?.desk.read_receipt(receipt).ok_or(DeskError::Receipt)?;
        let name = format!("receipt-{}", name_of(known.at));
        for same in 1..=SAME_SECOND {
            let path = folder.join(match same {
                1 => format!("{name}.jwt"),
                more => format!("{name}-{more}.jwt"),
            });
            match OpenOptions::new().write(true).create_new(true).open(&path) {
                Ok(mut file) => {
                    let written = file.write_all(receipt.as_bytes()).and_then(|()| file.sync_all());
                    return match written {
                        Ok(()) => Ok(path),
                        Err(_) => {
                            drop(file);
                            // Half a receipt is none.
                            let _ = std::fs::remove_file(&path);
                            Err(DeskError::ReceiptUnwritten)
                        }
                    };
                }
                Err(error) if error.kind() == ErrorKind::AlreadyExists => {}
                Err(_) => return Err(DeskError::ReceiptUnwritten),
            }
        }
        Err(DeskError::ReceiptUnwritten)
    }
}

/// Day and time in Korea, as a file can be called: `2026-11-22-153005`.
fn name_of(at: Instant) -> String {
    let second = (at.unix_seconds() + SEOUL_SECONDS).rem_euclid(24 * 3600);
    let (hour, minute) = (second / 3600, second / 60 % 60);
    format!("{}-{hour:02}{minute:02}{:02}", CivilDate::of(at), second % 60)
}
