//! Which copies answer, each with its key for as long as it signs. They are chosen, sign, and are taken in one transaction that holds only if
//! nobody took one of them meanwhile; nothing that they signed leaves before.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::MutexGuard;

use crypto::PrivateKey;
use mdoc::IssuerSigned;
use openid4vp::holder::{Copy as PresentedCopy, Delivery};
use primitives::Instant;
use sd_jwt_vc::{UnverifiedSdJwtVc, VerifiedSdJwtVc};
use vault::{Copy, CopyId, CredentialFormat, StoreError, Transaction};

use super::choice::paper_of;
use super::vouchers::Unvouched;
use super::{ConsentSession, PresentError};
use crate::app::{State, Wallet};
use crate::error::WalletError;
use crate::flow::Fault;
use crate::held::{Form, Held, read_form, vc_policy};
use crate::history::is_beside;
use crate::profile::Anchors;
use crate::view::{PresentSent, StatusView};

/// How often copies are chosen anew for one answer, because others took them first.
const MAX_CHOICES: usize = 16;

/// A copy that was chosen, with what is needed to present it once.
pub(super) struct Chosen {
    pub(super) copy: Copy,
    pub(super) signer: Option<PrivateKey>,
    credential: Credential,
}

/// An answer that its copies signed.
pub(super) struct Signed {
    /// The copies, their keys forgotten.
    pub(super) chosen: Vec<Chosen>,
    pub(super) delivery: Delivery,
    /// When it was signed.
    pub(super) at: Instant,
}

/// Copies that are taken, and what stands in the store with that. While it holds the lock nothing comes between.
pub(super) struct Taken<'a, P, T> {
    pub(super) state: MutexGuard<'a, State>,
    pub(super) signed: Signed,
    pub(super) prepared: P,
    pub(super) kept: T,
}

enum Credential {
    SdJwtVc(Box<VerifiedSdJwtVc>),
    Mdoc(Box<IssuerSigned>),
}

impl Wallet {
    /// Makes an answer with copies that nobody else takes. In the transaction that takes them stands what `keep` stores of what `prepare` made;
    /// of an answer whose copies were taken by another one meanwhile nothing is stored, and it is made anew with others.
    ///
    /// Fails with [`WalletError::Locked`] if the wallet was locked since `epoch`, with [`PresentError::AlreadyAnswered`] where `keep` finds
    /// that, and with [`PresentError::CopyUsed`] in a [`Fault::Wallet`] where a copy would be used again untold.
    pub(super) fn sign_and_take<P, T>(
        &self,
        epoch: u64,
        session: &ConsentSession,
        selection: &dcql::Selection,
        disclosures: &[dcql::Disclosure],
        prepare: impl Fn(&Signed) -> Result<P, Fault>,
        keep: impl Fn(&Transaction<'_>, &P) -> Result<T, StoreError>,
    ) -> Result<Taken<'_, P, T>, Fault> {
        for _ in 0..MAX_CHOICES {
            let signed = self.sign(session, selection, disclosures)?;
            let prepared = prepare(&signed)?;
            let uses: BTreeMap<CopyId, u32> =
                signed.chosen.iter().map(|one| (one.copy.id, one.copy.used_count)).collect();
            let mut state = self.state();
            // Nothing leaves after a lock, and nothing says that it did.
            let vault = state.unlocked_since(epoch).map_err(Fault::Wallet)?;
            let taken = vault.transaction(|transaction| {
                if !transaction.take_copies(&uses, signed.at)? {
                    return Ok(None);
                }
                keep(transaction, &prepared).map(Some)
            });
            match taken {
                Ok(Some(kept)) => return Ok(Taken { state, signed, prepared, kept }),
                Ok(None) => {}
                // The same request in another window was answered meanwhile.
                Err(StoreError::Duplicate { .. }) => return Err(PresentError::AlreadyAnswered.into()),
                Err(error) => return Err(Fault::Wallet(error.into())),
            }
        }
        Err(PresentError::NoCopy.into())
    }

    /// What becomes of a yes that no copies were taken for. A copy that would be used again untold is told of by the error; the choice stays,
    /// and the next yes is a yes to that.
    pub(super) fn not_taken(
        &self,
        epoch: u64,
        session_id: &str,
        mut session: Box<ConsentSession>,
        fault: Fault,
    ) -> Result<PresentSent, WalletError> {
        match fault {
            Fault::Wallet(WalletError::Present(PresentError::CopyUsed)) => {
                session.reuse_told = true;
                self.return_consent(epoch, session_id, session)?;
                Err(PresentError::CopyUsed.into())
            }
            Fault::Wallet(error) => Err(error),
            fault => Ok(self.not_sent(&session, &fault)),
        }
    }

    fn sign(
        &self,
        session: &ConsentSession,
        selection: &dcql::Selection,
        disclosures: &[dcql::Disclosure],
    ) -> Result<Signed, Fault> {
        match self.refuse_unvouched_request(&session.request) {
            Ok(()) => {}
            Err(Unvouched::Gone(error)) => return Err(error.into()),
            Err(Unvouched::TooOld(error)) => return Err(error.into()),
        }
        let mut chosen = self.choose_copies(session, disclosures)?;
        let copies: Option<Vec<PresentedCopy<'_>>> = chosen.iter().map(Chosen::presented).collect();
        let copies = copies.ok_or(PresentError::NoCopy)?;
        let (at, entropy) = (self.now(), self.ports.entropy.as_ref());
        let prepared = session.request.respond(&session.solution, selection, &copies, at, entropy)?;
        drop(copies);
        chosen.iter_mut().for_each(Chosen::forget_key);
        Ok(Signed { chosen, delivery: prepared.into_delivery(), at })
    }

    /// For each presentation a copy that nobody has met: two verifiers should not meet the same one. Within one answer a copy serves twice
    /// before one does that another verifier has met, and one of those only after it was told: then the one that was used least.
    fn choose_copies(
        &self,
        session: &ConsentSession,
        disclosures: &[dcql::Disclosure],
    ) -> Result<Vec<Chosen>, Fault> {
        let issuers = self.anchors();
        let mut taken = BTreeSet::new();
        let mut chosen = Vec::new();
        for disclosure in disclosures {
            // As it stood on the screen.
            let held = session.held.get(paper_of(&disclosure.holding)).ok_or(PresentError::NoCopy)?;
            let format = if disclosure.holding.ends_with(CredentialFormat::Mdoc.as_str()) {
                CredentialFormat::Mdoc
            } else {
                CredentialFormat::SdJwtVc
            };
            let copies = self.read(|transaction| transaction.copies(held.paper.id)).map_err(Fault::Wallet)?;
            let shown = held.forms.iter().find(|form| form.format == format).ok_or(PresentError::NoCopy)?;
            let mut copies: Vec<Copy> = copies.into_iter().filter(|copy| copy.format == format).collect();
            copies.sort_by_key(|copy| {
                (copy.used_count > 0, taken.contains(&copy.id), copy.used_count, copy.last_used_at)
            });
            let copy = copies
                .into_iter()
                .find(|copy| self.is_fit(copy, held, shown, disclosure, &issuers))
                .ok_or(PresentError::NoCopy)?;
            // "Used again" stood on the screen where there was no other copy then.
            if copy.used_count > 0 && shown.unused_copies > 0 && !session.reuse_told {
                return Err(Fault::Wallet(PresentError::CopyUsed.into()));
            }
            taken.insert(copy.id);
            let text = std::str::from_utf8(copy.credential.expose()).map_err(|_| PresentError::NoCopy)?;
            let credential = match format {
                CredentialFormat::SdJwtVc => UnverifiedSdJwtVc::parse(text)
                    .ok()
                    .and_then(|it| it.verify(&issuers.issuers, held.paper.received_at, &vc_policy()).ok())
                    .map(|it| Credential::SdJwtVc(Box::new(it))),
                CredentialFormat::Mdoc => {
                    IssuerSigned::parse_base64url(text).ok().map(|it| Credential::Mdoc(Box::new(it)))
                }
            };
            let signer = match &copy.key {
                None => None,
                Some(key) => {
                    let mut state = self.state();
                    let vault = state.unlocked().map_err(Fault::Wallet)?;
                    Some(vault.holder_key(key).map_err(|error| Fault::Wallet(error.into()))?)
                }
            };
            chosen.push(Chosen { copy, signer, credential: credential.ok_or(PresentError::NoCopy)? });
        }
        Ok(chosen)
    }

    /// Whether a copy may go out for what was shown: it holds, it is in force itself, and it says what stood on the screen, with nothing else
    /// beside it.
    fn is_fit(
        &self,
        copy: &Copy,
        held: &Held,
        shown: &Form,
        disclosure: &dcql::Disclosure,
        anchors: &Anchors,
    ) -> bool {
        let bytes = copy.credential.expose();
        let Some(form) = read_form(copy.format, bytes, &anchors.issuers, held.paper.received_at) else {
            return false;
        };
        let now = self.known_now();
        let in_time = form.valid_until.is_none_or(|until| now < until)
            && form.valid_from.is_none_or(|from| from <= now + trust::CLOCK_LEEWAY_SECONDS);
        let withdrawn = form.status.as_ref().is_some_and(|status| {
            let standing = self.standing_of(held, status, &form.anchor);
            matches!(standing.view, StatusView::Revoked | StatusView::Suspended | StatusView::NotValid)
        });
        let asked = disclosure.paths();
        // What its issuer put into one disclosure, and what it shows in every presentation, is told of as it stood in the copy on the screen.
        let as_closed = asked.iter().all(|path| form.told_with(path) == shown.told_with(path))
            && form.always_disclosed.iter().all(|path| disclosure.always_disclosed.contains(path));
        let told = asked.iter().map(|path| shown.told_with(path));
        // That there is something beside the claims was told, and not what: the keys of two copies are named differently.
        let always = disclosure.always_disclosed.iter().filter(|path| !is_beside(path));
        let told = told.chain(always.cloned());
        let mut same = told.map(|path| match (path.select(&form.claims), path.select(&shown.claims)) {
            (Ok(own), Ok(seen)) => own == seen,
            _ => false,
        });
        in_time && !withdrawn && as_closed && same.all(|same| same)
    }
}

impl Chosen {
    /// The key is there only while it signs.
    pub(super) fn forget_key(&mut self) {
        self.signer = None;
    }

    pub(super) fn presented(&self) -> Option<PresentedCopy<'_>> {
        match &self.credential {
            Credential::SdJwtVc(credential) => Some(PresentedCopy::SdJwtVc {
                credential,
                signer: self.signer.as_ref().map(|signer| signer as &dyn crypto::Signer),
            }),
            Credential::Mdoc(issuer_signed) => {
                Some(PresentedCopy::Mdoc { issuer_signed, signer: self.signer.as_ref()? })
            }
        }
    }
}
