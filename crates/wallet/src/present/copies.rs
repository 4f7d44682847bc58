//! Which copies answer, each with its key for as long as it signs.

use std::collections::BTreeSet;

use crypto::PrivateKey;
use mdoc::IssuerSigned;
use openid4vp::holder::Copy as PresentedCopy;
use sd_jwt_vc::{UnverifiedSdJwtVc, VerifiedSdJwtVc};
use vault::{Copy, CredentialFormat};

use super::choice::paper_of;
use super::{ConsentSession, PresentError};
use crate::app::Wallet;
use crate::flow::Fault;
use crate::held::{Form, Held, read_form, vc_policy};
use crate::profile::Anchors;
use crate::view::StatusView;

/// A copy that was chosen, with what is needed to present it once.
pub(super) struct Chosen {
    pub(super) copy: Copy,
    pub(super) signer: Option<PrivateKey>,
    credential: Credential,
}

enum Credential {
    SdJwtVc(Box<VerifiedSdJwtVc>),
    Mdoc(Box<IssuerSigned>),
}

impl Wallet {
    /// For each presentation the copy that was used least: two verifiers should not meet the same one. Within one answer a copy
    /// serves twice before the answer fails.
    pub(super) fn choose_copies(
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
            copies.sort_by_key(|copy| (taken.contains(&copy.id), copy.used_count, copy.last_used_at));
            let copy = copies
                .into_iter()
                .find(|copy| self.is_fit(copy, held, shown, disclosure, &issuers))
                .ok_or(PresentError::NoCopy)?;
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

    /// Whether a copy may go out for what was shown: it holds, it is in force itself, and it says what stood on the screen.
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
            let standing = self.standing_of(status, &form.anchor, true);
            matches!(standing.view, StatusView::Revoked | StatusView::Suspended)
        });
        let told = disclosure.paths().into_iter().map(|path| shown.told_with(&path));
        let told = told.chain(disclosure.always_disclosed.iter().cloned());
        let mut same = told.map(|path| match (path.select(&form.claims), path.select(&shown.claims)) {
            (Ok(own), Ok(seen)) => own == seen,
            _ => false,
        });
        in_time && !withdrawn && same.all(|same| same)
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
