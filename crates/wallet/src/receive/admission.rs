//! What verified and is not taken all the same: whoever signed it is vouched for no longer, or its status list does not call it valid.

use std::collections::BTreeMap;

use openid4vci::holder::{ReceivedCopies, ResolvedOffer};
use trust::status::{StatusError, StatusReference, StatusState};
use trust::{Issuer, TrustAnchor};

use super::ReceiveError;
use super::store::Described;
use crate::app::Wallet;
use crate::flow::Fault;
use crate::held::ListKey;
use crate::status::list_key;
use crate::trust_list::TrustListTooOld;

impl Wallet {
    /// Refuses an offer of what only issuers in a list could issue that is too old (TL-15): before anybody is asked for it.
    pub(super) fn refuse_offer_by_old_list(&self, offer: &ResolvedOffer) -> Result<(), TrustListTooOld> {
        let mut listed = offer.configurations().map(|it| &it.credential_type).filter(|it| self.is_issued(it));
        if listed.all(|credential_type| self.may_come(credential_type)) {
            Ok(())
        } else {
            Err(TrustListTooOld)
        }
    }

    /// Refuses what arrived if its issuer stands in a list alone that is too old (TL-15), or if its status list does not call it valid.
    /// A list that cannot be had is said on the paper's page and is no reason to refuse.
    pub(super) async fn refuse_unfit(
        &self,
        issuer: &str,
        received: &[(ReceivedCopies, Described)],
    ) -> Result<(), Fault> {
        // By address and issuer: what one issuer's list says counts for none of another's papers (ST-13).
        let mut wanted: BTreeMap<ListKey, (TrustAnchor<Issuer>, Vec<StatusReference>)> = BTreeMap::new();
        for (copies, _) in received {
            for copy in copies.copies.iter() {
                let credential = copy.credential();
                let anchor = credential.issuer().anchor();
                if !self.vouches_for(anchor, &copies.credential_type) {
                    return Err(TrustListTooOld.into());
                }
                if let Some(reference) = credential.status() {
                    wanted
                        .entry(list_key(reference.uri(), anchor))
                        .or_insert_with(|| (anchor.clone(), Vec::new()))
                        .1
                        .push(reference.clone());
                }
            }
        }
        for ((uri, _), (anchor, references)) in wanted {
            self.list_for(&references, &anchor, issuer).await.map_err(Fault::Wallet)?;
            // Without an answer the list that is kept counts.
            let Some(kept) = self.kept_list(&uri, &anchor) else { continue };
            for reference in &references {
                match kept.0.state(reference) {
                    Ok(StatusState::Invalid) => return Err(ReceiveError::Revoked.into()),
                    Ok(StatusState::Reserved(_)) => return Err(ReceiveError::StatusUnreadable.into()),
                    // A list that could not be renewed may have grown since.
                    Err(StatusError::OutOfRange) if self.is_recent(&kept) => {
                        return Err(ReceiveError::StatusUnlisted.into());
                    }
                    _ => {}
                }
            }
        }
        Ok(())
    }
}
