//! Refreshing and removing: statuses asked anew, deferred papers fetched, papers put away for good.

use std::collections::BTreeMap;
use std::sync::Arc;

use vault::{HistoryItem, HistoryKind, HistoryParty, NewHistoryEntry, Outcome as Ending, PaperId};

use crate::app::Wallet;
use crate::error::WalletError;
use crate::flow::Fault;
use crate::held::Held;
use crate::papers::Read;
use crate::receive::{end_renewals, forget_grants};
use crate::view;

impl Wallet {
    /// Asks every status list once, the trust list, and the issuers of deferred papers; what waited for the network goes out.
    ///
    /// # Errors
    /// [`WalletError`] of the wallet itself; what could not be asked is counted as failed.
    pub async fn refresh(&self) -> Result<view::RefreshResult, WalletError> {
        let _working = self.begin_work()?;
        let _ = self.update_trust_list().await;
        let before: BTreeMap<PaperId, view::PaperState> =
            self.read_papers()?.into_iter().map(|read| (read.held.paper.id, read.state)).collect();
        let held: Vec<Arc<Held>> = self.held_papers()?;
        let renewal = self.renew_status(&held).await?;
        let (came, _) = self.poll_deferred().await?;
        let mut changed = came;
        let mut failed = renewal.failed;
        // Papers whose copies are used up, or that end soon, are fetched anew; what does not come stays as it was.
        for read in self.read_papers()? {
            if self.was_just_paid(&read, &before)? {
                // The day stands in the notice alone. That it was paid is known without.
                match self.renew(&read.held).await {
                    Ok(view::Received::Done { papers, .. }) => changed.extend(papers),
                    Ok(_) | Err(Fault::Refused(_) | Fault::Stopped) => {}
                    Err(Fault::Wallet(error)) => return Err(error),
                }
            } else if self.wants_renewal(&read)? {
                match self.renew(&read.held).await {
                    Ok(view::Received::Done { papers, .. }) => changed.extend(papers),
                    // Deleted meanwhile, it is nobody's failure.
                    Ok(_) | Err(Fault::Stopped) => {}
                    Err(Fault::Wallet(error)) => return Err(error),
                    Err(Fault::Refused(_)) => failed += 1,
                }
            }
        }
        self.tell_again().await?;
        let queue = self.send_queued().await?;
        for read in self.read_papers()? {
            let was = before.get(&read.held.paper.id);
            let told = changed.iter().any(|it| it.id == read.held.paper.id.to_string());
            if !told && was.is_some_and(|state| *state != read.state) {
                changed.push(read.summary());
            }
        }
        let (as_of, _) = self.status_lists_age();
        Ok(view::RefreshResult {
            checked: renewal.renewed,
            changed,
            failed,
            status_list_as_of: as_of.map(primitives::Instant::unix_seconds),
            queue,
        })
    }

    /// Whether a notice that was to be paid before this refresh now is, and does not say when.
    fn was_just_paid(
        &self,
        read: &Read,
        before: &BTreeMap<PaperId, view::PaperState>,
    ) -> Result<bool, WalletError> {
        let undated = matches!(read.state, view::PaperState::Paid { date: None });
        let id = read.held.paper.id;
        let news = before.get(&id).is_some_and(|state| !matches!(state, view::PaperState::Paid { .. }));
        Ok(undated && news && self.read(|transaction| transaction.has_source(id))?)
    }

    /// Removes a paper: its copies, their salts and with them their keys. The issuer is told that it was deleted, if it
    /// wants to know; where the network is down, another time (CI-23). The removal does not wait for that.
    ///
    /// # Errors
    /// [`WalletError`]; the paper then is still there.
    pub async fn remove_paper(&self, id: &str) -> Result<(), WalletError> {
        let _working = self.begin_work()?;
        let id = Self::paper_id(id)?;
        let held = self.held(id)?;
        let telling = self.to_be_told_of_deletion(id, &held.paper.issuer.id)?;
        let entry = NewHistoryEntry {
            at: self.now(),
            kind: HistoryKind::Removed,
            party: Some(HistoryParty {
                id: held.paper.issuer.id.clone(),
                name: held.paper.issuer.display.clone(),
                known: held.signature_holds(),
            }),
            // The line keeps the paper's type after the paper is gone.
            items: vec![HistoryItem::of_type(&held.paper.type_key)],
            papers: vec![id],
            purpose: None,
            retention: None,
            rule: None,
            code: None,
            outcome: Ending::Done,
        };
        self.transaction(|transaction| {
            transaction.append_history(&entry)?;
            transaction.remove_paper(id)?;
            end_renewals(transaction, id)?;
            telling.iter().try_for_each(|pending| transaction.save_session(pending))?;
            forget_grants(transaction)
        })?;
        self.state().shelves.forget(id);
        self.tell_all(telling).await;
        Ok(())
    }
}
