//! Storing what arrived: papers, copies and the line of the history in one transaction, or nothing.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use openid4vci::holder::{
    Authorized, DeferredSession, PaperRefused, PaperRequest, ReceivedCopies, VerifiedCredential,
};
use primitives::{Instant, NonEmpty};
use serde::{Deserialize, Serialize};
use serde_json::json;
use trust::CredentialType;
use vault::{
    BatchId, CopyId, CredentialBytes, CredentialFormat, HistoryItem, HistoryKind, HistoryParty, IssuerLabel,
    NewCopy, NewHistoryEntry, NewPaper, Outcome as Ending, PaperId, PaperSource, PendingSession,
    ReservedKeyId, SessionId, StoreError,
};

use super::grant::{Granted, forget_grants};
use super::renew::RenewError;
use super::same::{self, Changed};
use super::telling::{FormatTicket, tickets_that_stay};
use super::view_of_offer::{kind_of, localized};
use crate::app::Wallet;
use crate::error::WalletError;
use crate::flow::Fault;
use crate::held::{Held, catalogue_claims, read_form};
use crate::view::{self, Text};

/// What is kept of a paper beside its copies, as the issuer described it.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Described {
    pub(super) configuration_id: String,
    pub(super) name: Text,
    credential_type: Option<CredentialType>,
    /// The issuer's dataset, if it named one.
    #[serde(default)]
    credential_identifier: Option<String>,
    /// By what it was granted, where that serves again.
    #[serde(default)]
    granted: Option<Granted>,
}

impl Described {
    pub(super) fn of(authorized: &Authorized, paper: &PaperRequest, granted: Option<Granted>) -> Self {
        let configuration = authorized.configuration(paper);
        let kind = configuration.and_then(|it| kind_of(&it.credential_type));
        let name = kind
            .map(|kind| Text::from(kind.name))
            .or_else(|| configuration.and_then(|it| localized(&it.display)).map(Text::from))
            .unwrap_or_else(|| Text::same(paper.configuration_id.as_str()));
        Self {
            configuration_id: paper.configuration_id.clone(),
            name,
            credential_type: configuration.map(|it| it.credential_type.clone()),
            credential_identifier: paper.credential_identifier.clone(),
            granted,
        }
    }
}

impl Described {
    /// What a newer token is had with.
    pub(super) fn granted(&self) -> Option<&Granted> {
        self.granted.as_ref()
    }
}

/// What one receiving stores.
pub(super) struct Delivery<'a> {
    pub(super) received: &'a [(ReceivedCopies, Described)],
    /// Deferred papers, each with the session that reserved its keys.
    pub(super) deferred: &'a [(SessionId, Described, DeferredSession)],
    pub(super) party: &'a HistoryParty,
    /// Sessions whose keys are bound to copies by now; the others are of no use.
    pub(super) finished: &'a [SessionId],
    /// The pending session that this ends.
    pub(super) ended: Option<SessionId>,
    /// The paper that was asked for anew.
    pub(super) renews: Option<PaperId>,
}

/// What was stored.
pub(super) struct Stored {
    pub(super) papers: Vec<PaperId>,
    pub(super) replaced: Vec<view::Replaced>,
    /// What the issuer is to be told of it.
    pub(super) telling: Vec<PendingSession>,
}

/// A paper that is there and that a delivery takes the place of.
struct Place {
    held: Arc<Held>,
    changed: Vec<Changed>,
}

/// What is kept in a paper's metadata.
#[derive(Serialize, Deserialize)]
pub(super) struct PaperMetadata {
    pub(super) configuration_id: String,
    pub(super) notifications: Vec<FormatTicket>,
}

impl Wallet {
    /// Stores every paper, and every deferred one that is waited for, in one transaction.
    ///
    /// # Errors
    /// What came in place of a paper does not belong there ([`Self::refuse_misplaced`]); nothing is stored then.
    pub(super) fn store_papers(&self, delivery: &Delivery<'_>) -> Result<Stored, Fault> {
        if let Some(id) = delivery.renews {
            self.refuse_misplaced(id, delivery.received)?;
        }
        self.store(delivery).map_err(|error| match delivery.renews {
            // Deleted in this very moment.
            Some(_) if is_gone(&error) => Fault::Stopped,
            _ => Fault::Wallet(error),
        })
    }

    /// Refuses what came in place of a paper and is about another person (CI-13) or of another type than it. Where the citizen deleted that
    /// paper meanwhile, it is they who stopped it: what is deleted does not come back.
    fn refuse_misplaced(&self, id: PaperId, received: &[(ReceivedCopies, Described)]) -> Result<(), Fault> {
        let held = match self.held(id) {
            Err(error) if is_gone(&error) => return Err(Fault::Stopped),
            held => held.map_err(Fault::Wallet)?,
        };
        for (copies, _) in received {
            let other =
                self.claims_of(copies).is_none_or(|claims| same::is_of_another_person(&held.claims, &claims));
            if other {
                return Err(RenewError::OtherPerson.into());
            }
            let kind = kind_of(&copies.credential_type);
            if type_key(kind, &copies.credential_type) != held.paper.type_key {
                return Err(PaperRefused::OtherType.into());
            }
        }
        Ok(())
    }

    fn store(&self, delivery: &Delivery<'_>) -> Result<Stored, WalletError> {
        let Delivery { received, deferred, party, finished, ended, renews } = delivery;
        let papers = grouped(received);
        let mut places: Vec<Option<Place>> = Vec::new();
        for deliveries in &papers {
            let taken: Vec<PaperId> = places.iter().flatten().map(|it| it.held.paper.id).collect();
            places.push(self.place_of(deliveries, party, *renews, &taken)?);
        }
        let waiting = deferred
            .iter()
            .map(|(keys, described, session)| self.pending(*keys, described, session, party, *renews))
            .collect::<Result<Vec<_>, _>>()?;
        let telling = self.to_be_told_of_acceptance(&party.id, received)?;
        let (now, entropy) = (self.now(), Arc::clone(&self.ports.entropy));
        let ids = self.transaction(|transaction| {
            if let Some(renewed) = renews {
                transaction.paper(*renewed)?;
            }
            let (mut ids, mut types) = (Vec::new(), Vec::new());
            for (deliveries, place) in papers.iter().zip(&places) {
                let id = match place {
                    Some(place) => place.held.paper.id,
                    None => PaperId::random(entropy.as_ref())?,
                };
                let mut tickets = tickets_of(deliveries);
                if let Some(place) = place {
                    let formats: Vec<CredentialFormat> = place.held.paper.formats.iter().copied().collect();
                    let there = serde_json::from_value::<PaperMetadata>(transaction.paper_metadata(id)?);
                    let there = there.map(|it| it.notifications).unwrap_or_default();
                    tickets.extend(tickets_that_stay(there, &formats, &formats_of(deliveries)));
                }
                let mut paper = new_paper(id, deliveries, tickets, party, now)?;
                let mut copies = Vec::new();
                for copy in deliveries.iter().flat_map(|(copies, _)| copies.copies.iter()) {
                    copies.push(NewCopy {
                        id: CopyId::random(entropy.as_ref())?,
                        format: match copy.credential() {
                            VerifiedCredential::SdJwtVc(_) => CredentialFormat::SdJwtVc,
                            VerifiedCredential::Mdoc(_) => CredentialFormat::Mdoc,
                        },
                        credential: CredentialBytes::new(copy.text().as_bytes().to_vec()),
                        // none for a copy that is bound to no key
                        key: copy
                            .key_reference()
                            .map(|it| ReservedKeyId::parse(it).ok_or(StoreError::Damaged))
                            .transpose()?,
                    });
                }
                match place {
                    None => transaction.add_paper(&paper)?,
                    Some(place) => {
                        for format in paper.formats.iter() {
                            transaction.remove_copies(id, *format)?;
                        }
                        paper.formats = with_formats(&paper.formats, &place.held.paper.formats)?;
                        transaction.replace_paper(&paper)?;
                    }
                }
                types.push(HistoryItem::of_type(&paper.type_key));
                transaction.add_copies(id, BatchId::random(entropy.as_ref())?, &copies)?;
                for (copies, described) in deliveries.iter() {
                    let Some(granted) = &described.granted else { continue };
                    transaction.add_grant(&granted.to_stored(&party.id, now)?)?;
                    transaction.set_paper_sources(id, &[source_of(copies, described, granted)])?;
                }
                ids.push(id);
            }
            let line = |kind, items: Vec<HistoryItem>, papers| NewHistoryEntry {
                at: now,
                kind,
                party: Some((*party).clone()),
                items,
                papers,
                purpose: None,
                retention: None,
                rule: None,
                code: None,
                outcome: Ending::Done,
            };
            if !ids.is_empty() && renews.is_none() {
                // The line keeps the papers' types after the papers are gone.
                transaction.append_history(&line(HistoryKind::Received, types.clone(), ids.clone()))?;
            }
            for place in places.iter().flatten() {
                // Which items changed, and never what they say.
                let key = &place.held.paper.type_key;
                let item = |it: &Changed| HistoryItem { type_key: key.clone(), path: it.path.clone() };
                let items = place.changed.iter().take(vault::limits::HISTORY_ITEMS).map(item).collect();
                transaction.append_history(&line(
                    HistoryKind::Refreshed,
                    items,
                    vec![place.held.paper.id],
                ))?;
            }
            for pending in waiting.iter().chain(&telling) {
                transaction.save_session(pending)?;
            }
            for keys in *finished {
                // Keys for which no copy came are of no use any more.
                transaction.release_keys(*keys)?;
            }
            if let Some(session) = ended {
                transaction.end_session(*session)?;
            }
            forget_grants(transaction)?;
            Ok(ids)
        })?;
        let mut replaced = Vec::new();
        for place in places.into_iter().flatten() {
            let id = place.held.paper.id;
            self.state().shelves.forget(id);
            // Deleted in this very moment: there is nothing to show of it.
            let Ok(summary) = self.summary(id) else { continue };
            replaced.push(view::Replaced {
                paper_id: id.to_string(),
                name: summary.name,
                changes: place.changed.into_iter().map(|it| it.view).collect(),
            });
        }
        Ok(Stored { papers: ids, replaced, telling })
    }

    /// What is shown of papers that were stored, without those that the citizen has deleted since.
    pub(super) fn still_there(&self, ids: Vec<PaperId>) -> Result<Vec<view::PaperSummary>, WalletError> {
        let there = ids.into_iter().filter_map(|id| match self.summary(id) {
            Err(error) if is_gone(&error) => None,
            summary => Some(summary),
        });
        there.collect()
    }

    /// The paper whose place a delivery takes: the one that was asked for anew, or the one that it is (CI-13).
    fn place_of(
        &self,
        deliveries: &[&(ReceivedCopies, Described)],
        party: &HistoryParty,
        renews: Option<PaperId>,
        taken: &[PaperId],
    ) -> Result<Option<Place>, WalletError> {
        let Some(((first, described), kind)) = deliveries
            .first()
            .map(|(copies, described)| ((copies, described), kind_of(&copies.credential_type)))
        else {
            return Ok(None);
        };
        let Some(claims) = self.claims_of(first) else { return Ok(None) };
        let formats: Vec<CredentialFormat> = deliveries.iter().map(|(copies, _)| format_of(copies)).collect();
        let key = type_key(kind, &first.credential_type);
        let mut found = None;
        for held in self.held_papers()? {
            let id = held.paper.id;
            if held.paper.issuer.id != party.id || held.paper.type_key != key || taken.contains(&id) {
                continue;
            }
            let is_it = match renews {
                Some(wanted) => wanted == id,
                None => {
                    let sources = self.read(|transaction| transaction.paper_sources(id))?;
                    let same_dataset = described.credential_identifier.is_some()
                        && sources.iter().any(|source| {
                            source.configuration_id == described.configuration_id
                                && source.credential_identifier == described.credential_identifier
                        });
                    // What stays of it in another format must not say otherwise.
                    let rest = held.forms.iter().filter(|form| !formats.contains(&form.format));
                    same::is_same(kind, &held.claims, &claims, same_dataset)
                        && rest
                            .map(|form| catalogue_claims(kind, form))
                            .all(|it| same::forms_agree(kind, &it, &claims))
                }
            };
            if is_it {
                found = Some(held);
                break;
            }
        }
        Ok(found.map(|held| Place { changed: same::changes(kind, &held.claims, &claims), held }))
    }

    /// What a delivery says, in the catalogue's shape.
    pub(super) fn claims_of(&self, copies: &ReceivedCopies) -> Option<serde_json::Value> {
        let copy = copies.copies.iter().next()?;
        let anchors = self.anchors();
        let form = read_form(format_of(copies), copy.text().as_bytes(), &anchors.issuers, self.now())?;
        Some(catalogue_claims(kind_of(&copies.credential_type), &form))
    }
}

/// Whether the paper that was looked for is not there any more.
fn is_gone(error: &WalletError) -> bool {
    matches!(error, WalletError::Store(StoreError::NotFound { what: "paper" }))
}

/// What came, paper by paper. One card in two formats is one paper; where a type came more than once in a format, nobody can
/// say which belong together, and each is a paper of its own: a paper never holds copies that say different things.
fn grouped(received: &[(ReceivedCopies, Described)]) -> Vec<Vec<&(ReceivedCopies, Described)>> {
    let key = |copies: &ReceivedCopies| {
        kind_of(&copies.credential_type).filter(|kind| kind.mobile_document.is_some()).map(|kind| kind.key)
    };
    let mut deliveries_of: BTreeMap<(&str, &CredentialType), usize> = BTreeMap::new();
    for (copies, _) in received {
        if let Some(key) = key(copies) {
            *deliveries_of.entry((key, &copies.credential_type)).or_default() += 1;
        }
    }
    let several: BTreeSet<&str> =
        deliveries_of.iter().filter(|(_, count)| **count > 1).map(|((key, _), _)| *key).collect();
    let mut papers: Vec<Vec<&(ReceivedCopies, Described)>> = Vec::new();
    for entry in received {
        let own = key(&entry.0).filter(|key| !several.contains(key));
        let there = papers
            .iter_mut()
            .find(|paper| own.is_some() && paper.first().is_some_and(|(copies, _)| key(copies) == own));
        match there {
            Some(paper) => paper.push(entry),
            None => papers.push(vec![entry]),
        }
    }
    papers
}

fn type_key(kind: Option<&civic::PaperType>, credential_type: &CredentialType) -> String {
    match (kind, credential_type) {
        (Some(kind), _) => kind.key.to_owned(),
        (None, CredentialType::SdJwtVc { vct }) => vct.clone(),
        (None, CredentialType::Mdoc { doctype }) => doctype.clone(),
    }
}

/// The formats that came, each once.
fn formats_of(deliveries: &[&(ReceivedCopies, Described)]) -> Vec<CredentialFormat> {
    let mut formats = Vec::new();
    for (copies, _) in deliveries {
        let format = format_of(copies);
        if !formats.contains(&format) {
            formats.push(format);
        }
    }
    formats
}

/// With which the issuer is told what becomes of them.
fn tickets_of(deliveries: &[&(ReceivedCopies, Described)]) -> Vec<FormatTicket> {
    let ticket = |(copies, _): &&(ReceivedCopies, Described)| {
        Some(FormatTicket::new(format_of(copies), copies.notification.as_ref()?.to_stored()))
    };
    deliveries.iter().filter_map(ticket).collect()
}

fn format_of(copies: &ReceivedCopies) -> CredentialFormat {
    match &copies.credential_type {
        CredentialType::SdJwtVc { .. } => CredentialFormat::SdJwtVc,
        CredentialType::Mdoc { .. } => CredentialFormat::Mdoc,
    }
}

/// The formats that came, and those that were there beside them.
fn with_formats(
    came: &NonEmpty<CredentialFormat>,
    there: &NonEmpty<CredentialFormat>,
) -> Result<NonEmpty<CredentialFormat>, StoreError> {
    let mut formats: Vec<CredentialFormat> = there.iter().chain(came.iter()).copied().collect();
    formats.sort_unstable();
    formats.dedup();
    NonEmpty::new(formats).map_err(|_| StoreError::Damaged)
}

fn source_of(copies: &ReceivedCopies, described: &Described, granted: &Granted) -> PaperSource {
    PaperSource {
        format: format_of(copies),
        grant: granted.id,
        configuration_id: described.configuration_id.clone(),
        credential_identifier: described.credential_identifier.clone(),
    }
}

fn new_paper(
    id: PaperId,
    deliveries: &[&(ReceivedCopies, Described)],
    notifications: Vec<FormatTicket>,
    party: &HistoryParty,
    now: Instant,
) -> Result<NewPaper, StoreError> {
    let (first, described) = deliveries.first().ok_or(StoreError::Damaged)?;
    let kind = kind_of(&first.credential_type);
    let type_key = type_key(kind, &first.credential_type);
    let metadata = PaperMetadata { configuration_id: described.configuration_id.clone(), notifications };
    Ok(NewPaper {
        id,
        type_key,
        shelf: match kind.map(|kind| kind.shelf) {
            Some(civic::Shelf::Identity) => vault::Shelf::Identity,
            Some(civic::Shelf::Notices) => vault::Shelf::Notices,
            Some(civic::Shelf::Benefits) | None => vault::Shelf::Certificates,
        },
        issuer: IssuerLabel { id: party.id.clone(), display: party.name.clone() },
        formats: NonEmpty::new(formats_of(deliveries)).map_err(|_| StoreError::Damaged)?,
        metadata: serde_json::to_value(&metadata).map_err(|_| StoreError::Damaged)?,
        summary: json!({ "name": described.name }),
        received_at: now,
        expires_at: None,
    })
}
