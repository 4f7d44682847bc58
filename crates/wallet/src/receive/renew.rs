//! Fetching copies anew by an earlier grant: what came takes the place of what was there, whole, and what changed is told (OpenID4VCI 1.0,
//! "Refreshing Issued Credentials"; CI-13).

use std::collections::BTreeMap;

use openid4vci::holder::PaperRequest;
use primitives::{Blame, Left, Refusal};
use tokio::sync::Notify;
use vault::{GrantId, HistoryKind, HistoryParty, NewHistoryEntry, Outcome as Ending, PaperId, PaperSource};

use super::Gathering;
use crate::app::Wallet;
use crate::error::WalletError;
use crate::flow::{Fault, refusal_view};
use crate::held::Held;
use crate::papers::Read;
use crate::view::{PaperState, Received};

/// Days before its end at which a paper is fetched anew by itself.
const ENDING_SECONDS: i64 = 7 * 24 * 3600;

/// Why a paper was not fetched anew; what is there stays as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub(crate) enum RenewError {
    /// The issuer granted it once.
    #[error("the issuer gave nothing to fetch this paper anew with")]
    NotGranted,
    /// The grant no longer reaches to this paper.
    #[error("the issuer's grant no longer reaches to this paper")]
    NoLonger,
    /// What came is about somebody else.
    #[error("what came in place of the paper is about another person")]
    OtherPerson,
}

impl Refusal for RenewError {
    fn code(&self) -> &'static str {
        match self {
            Self::NotGranted => "renew_not_granted",
            Self::NoLonger => "renew_no_longer",
            Self::OtherPerson => "renew_other_person",
        }
    }
    fn rule(&self) -> &'static str {
        "CI-13"
    }
    fn blame(&self) -> Blame {
        Blame::Issuer
    }
    fn left(&self) -> Left {
        Left::Nothing
    }
}

impl Wallet {
    /// The citizen's act: fetches the copies of a paper anew. [`Received::Done`] tells what changed in it.
    ///
    /// # Errors
    /// [`WalletError`] of the wallet itself; what went wrong otherwise is a [`Received::Refusal`], and the paper is as it was.
    pub async fn renew_paper(&self, id: &str) -> Result<Received, WalletError> {
        let _working = self.begin_work()?;
        let epoch = self.epoch()?;
        let held = self.held(Self::paper_id(id)?)?;
        match self.renew(&held).await {
            Ok(done) => Ok(done),
            Err(_) if self.was_locked_since(epoch) => Err(WalletError::Locked),
            // Deleted meanwhile: the line of that is the last that is said of it.
            Err(Fault::Stopped) => Ok(Received::Cancelled),
            Err(fault) => {
                let party = party_of(&held);
                let entry =
                    self.ended_line(&fault, HistoryKind::Refreshed, Some(&party), vec![held.paper.id]);
                // The reason on the screen matters more than its line.
                let _ = self.write_history(&entry);
                match fault {
                    Fault::Refused(error) => {
                        let name = Some(party.name.into());
                        Ok(Received::Refusal(Box::new(refusal_view(error.as_ref(), name, false))))
                    }
                    Fault::Wallet(error) => Err(error),
                    Fault::Stopped => Ok(Received::Cancelled),
                }
            }
        }
    }

    /// Whether a paper that can be fetched anew should be: its copies are used up, or it ends soon.
    pub(crate) fn wants_renewal(&self, read: &Read) -> Result<bool, WalletError> {
        let one_time = read.held.paper.copies > 1;
        let used_up = one_time && read.held.paper.unused_copies == 0;
        let ends_soon = read.held.valid_until().is_some_and(|end| end <= read.now + ENDING_SECONDS);
        let withdrawn =
            matches!(read.state, PaperState::Revoked { .. } | PaperState::Suspended | PaperState::NotValid);
        let vouched =
            read.held.forms.iter().all(|form| self.vouches_for(&form.anchor, &form.credential_type()));
        if withdrawn || !vouched || !read.held.signature_holds() || !(used_up || ends_soon) {
            return Ok(false);
        }
        self.read(|transaction| transaction.has_source(read.held.paper.id))
    }

    /// Fetches the copies of a paper anew.
    pub(crate) async fn renew(&self, held: &Held) -> Result<Received, Fault> {
        let id = held.paper.id;
        let sources = self.read(|transaction| transaction.paper_sources(id)).map_err(Fault::Wallet)?;
        let mut by_grant: BTreeMap<GrantId, Vec<PaperSource>> = BTreeMap::new();
        for source in sources {
            by_grant.entry(source.grant).or_default().push(source);
        }
        if by_grant.is_empty() {
            return Err(RenewError::NotGranted.into());
        }
        let mut gathering = Gathering::default();
        let done = self.renew_by(held, by_grant, &mut gathering).await;
        if done.is_err() {
            self.drop_keys(&gathering);
        }
        done
    }

    async fn renew_by(
        &self,
        held: &Held,
        by_grant: BTreeMap<GrantId, Vec<PaperSource>>,
        gathering: &mut Gathering,
    ) -> Result<Received, Fault> {
        let issuer = held.paper.issuer.id.as_str();
        let silent = |_, _, _| ();
        for (id, sources) in by_grant {
            let mut configurations: Vec<String> =
                sources.iter().map(|it| it.configuration_id.clone()).collect();
            configurations.dedup();
            let (authorized, granted) = self.exchange_grant(issuer, id, configurations).await?;
            for source in sources {
                let paper = PaperRequest {
                    configuration_id: source.configuration_id,
                    credential_identifier: source.credential_identifier,
                };
                let authorized = authorized.clone().renewing(&paper).ok_or(RenewError::NoLonger)?;
                self.gather(issuer, authorized, Some(granted.clone()), gathering, &Notify::new(), &silent)
                    .await?;
            }
        }
        self.keep(&party_of(held), gathering, Some(held.paper.id), &silent).await
    }

    /// The line of the history of something that came to nothing.
    pub(super) fn ended_line(
        &self,
        fault: &Fault,
        kind: HistoryKind,
        party: Option<&HistoryParty>,
        papers: Vec<PaperId>,
    ) -> NewHistoryEntry {
        let error = fault.refusal();
        NewHistoryEntry {
            at: self.now(),
            kind,
            party: party.cloned(),
            items: Vec::new(),
            papers,
            purpose: None,
            retention: None,
            rule: error.map(|it| it.rule().to_owned()).filter(|rule| !rule.is_empty()),
            code: error.map(|it| it.code().to_owned()),
            outcome: match fault {
                Fault::Stopped => Ending::Declined,
                Fault::Refused(error) if error.blame() == Blame::Issuer => Ending::Refused,
                _ => Ending::Failed,
            },
        }
    }
}

fn party_of(held: &Held) -> HistoryParty {
    HistoryParty {
        id: held.paper.issuer.id.clone(),
        name: held.paper.issuer.display.clone(),
        known: held.signature_holds(),
    }
}
