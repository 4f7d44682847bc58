//! The history as the screens show it, and as flows write it: items by name, never a value.

use std::collections::BTreeSet;

use civic::{Catalogue, PaperType};
use primitives::{ClaimPath, LocalizedText};
use vault::{HistoryItem, HistoryKind, NewHistoryEntry, Outcome, PaperId};

use crate::app::Wallet;
use crate::error::WalletError;
use crate::view::{self, ShownMode, Text};

/// Lines of one page.
const PAGE: u32 = 50;

impl Wallet {
    /// One page of the history, newest first.
    ///
    /// # Errors
    /// [`WalletError`].
    pub fn history(&self, before: Option<&str>) -> Result<view::History, WalletError> {
        let before = before.map(sequence).transpose()?;
        let (epoch, known) = {
            let state = self.state();
            (state.epoch, state.shelves.verified_history)
        };
        // Whole once after each unlock; from then on what is new, and the lines that are shown.
        let (entries, whole, shown) = self.read(|transaction| {
            let whole = transaction.verify_history_since(known.as_ref())?.ok();
            let shown = transaction.verify_history_lines(before, PAGE + 1)?;
            Ok((transaction.history(before, PAGE + 1)?, whole, shown))
        })?;
        {
            let mut state = self.state();
            if state.epoch == epoch {
                state.shelves.verified_history = whole;
            }
        }
        let chain_holds = whole.is_some() && shown.is_ok();
        let more = entries.len() > PAGE as usize;
        let entries = entries
            .into_iter()
            .take(PAGE as usize)
            .map(|line| self.entry_view(&line))
            .collect::<Result<_, _>>()?;
        Ok(view::History { entries, chain_holds, more })
    }

    /// One line.
    ///
    /// # Errors
    /// [`WalletError`].
    pub fn history_entry(&self, id: &str) -> Result<view::HistoryEntry, WalletError> {
        let number = sequence(id)?;
        let lines = self.read(|transaction| transaction.history(number.checked_add(1), 1))?;
        let line = lines
            .into_iter()
            .find(|line| line.sequence == number)
            .ok_or(WalletError::Unknown("line of the history"))?;
        self.entry_view(&line)
    }

    pub(crate) fn history_of(&self, paper: PaperId) -> Result<Vec<view::HistoryEntry>, WalletError> {
        let lines = self.read(|transaction| transaction.history_of(paper))?;
        lines.iter().map(|line| self.entry_view(line)).collect()
    }

    fn entry_view(&self, line: &vault::HistoryEntry) -> Result<view::HistoryEntry, WalletError> {
        let entry = &line.entry;
        let held: Vec<_> = entry
            .papers
            .iter()
            .filter_map(|id| self.held(*id).ok())
            .map(|held| self.read_paper(held))
            .collect::<Result<_, _>>()?;
        let mut papers: Vec<view::HistoryPaper> = held
            .iter()
            .map(|read| {
                let summary = read.summary();
                view::HistoryPaper {
                    id: Some(summary.id),
                    name: summary.name,
                    silhouette: summary.silhouette,
                }
            })
            .collect();
        if held.len() < entry.papers.len() {
            // Gone meanwhile: the names of the types stay.
            let there: BTreeSet<&str> = held.iter().map(|read| read.held.paper.type_key.as_str()).collect();
            let mut keys: Vec<&str> = entry.items.iter().map(|item| item.type_key.as_str()).collect();
            keys.sort_unstable();
            keys.dedup();
            keys.retain(|key| approval_caption(key).is_none());
            papers.extend(keys.into_iter().filter(|key| !there.contains(key)).map(gone_paper));
        }
        let (told, approvals) = captions(&entry.items);
        Ok(view::HistoryEntry {
            id: line.sequence.to_string(),
            at: entry.at.unix_seconds(),
            kind: kind_of(entry),
            party: entry.party.as_ref().map(|party| party.name.clone().into()),
            purpose: entry.purpose.clone().map(Text::from),
            papers,
            // The items of receiving and removing are the papers' types, for when their names are gone.
            items: match entry.kind {
                HistoryKind::Received | HistoryKind::Removed => Vec::new(),
                _ => told,
            },
            approvals,
            shown: shown_by_code(entry),
            code: entry.code.clone().filter(|_| shown_by_code(entry).is_none()),
            rule: entry.rule.clone(),
            left: entry.kind == HistoryKind::Presented
                && (entry.outcome == Outcome::Done
                    // What did not leave names neither item nor paper.
                    || (entry.outcome == Outcome::Failed
                        && !(entry.items.is_empty() && entry.papers.is_empty()))),
            retention: entry.retention.clone().map(Text::from),
        })
    }

    pub(crate) fn write_history(&self, entry: &NewHistoryEntry) -> Result<u64, WalletError> {
        self.transaction(|transaction| transaction.append_history(entry))
    }
}

fn sequence(id: &str) -> Result<u64, WalletError> {
    id.parse().map_err(|_| WalletError::Unknown("line of the history"))
}

fn kind_of(entry: &NewHistoryEntry) -> view::HistoryKind {
    match (entry.kind, entry.outcome) {
        (_, Outcome::Refused) => view::HistoryKind::Refused,
        (_, Outcome::Declined) => view::HistoryKind::Declined,
        (_, Outcome::Failed) => view::HistoryKind::Failed,
        (HistoryKind::Received, _) => view::HistoryKind::Received,
        (HistoryKind::Presented, _) => view::HistoryKind::Presented,
        (HistoryKind::Removed, _) => view::HistoryKind::Removed,
        _ => view::HistoryKind::Refreshed,
    }
}

/// The path of a history item that says that there is the paper, and nothing in it.
pub(crate) const HELD: &str = "held";

/// The path of what an issuer wrote beside a paper's claims, where every reader finds it: in a header, in the security object, in the key.
pub(crate) const BESIDE: &str = "(beside)";

/// Whether it is the path of what an issuer wrote beside the claims.
pub(crate) fn is_beside(path: &ClaimPath) -> bool {
    path.names().as_deref() == Some([BESIDE].as_slice())
}

/// What an answer's line has in place of a refusal's code where it was shown as QR: how it was asked for.
pub(crate) const fn code_of_shown(mode: ShownMode) -> &'static str {
    match mode {
        ShownMode::Request => "shown_request",
        ShownMode::Code => "shown_code",
        ShownMode::OneWay => "shown_one_way",
    }
}

fn shown_by_code(entry: &NewHistoryEntry) -> Option<ShownMode> {
    let code = entry.code.as_deref().filter(|_| entry.outcome == Outcome::Done)?;
    [ShownMode::Request, ShownMode::Code, ShownMode::OneWay]
        .into_iter()
        .find(|mode| code_of_shown(*mode) == code)
}

fn type_of(key: &str) -> Option<&'static PaperType> {
    Catalogue.by_key(key)
}

fn gone_paper(key: &str) -> view::HistoryPaper {
    let kind = type_of(key);
    view::HistoryPaper {
        id: None,
        name: kind.map_or_else(|| Text::same(key), |kind| kind.name.into()),
        silhouette: kind.map_or(view::Silhouette::Sheet, |kind| kind.silhouette.into()),
    }
}

/// The captions of what was told, and of what was approved by the same answer.
pub(crate) fn captions(items: &[HistoryItem]) -> (Vec<Text>, Vec<Text>) {
    let (approved, told): (Vec<&HistoryItem>, Vec<&HistoryItem>) =
        items.iter().partition(|item| approval_caption(&item.type_key).is_some());
    let texts = |items: Vec<&HistoryItem>| items.into_iter().map(|item| caption(item).into()).collect();
    (texts(told), texts(approved))
}

/// The caption of an item: that of the catalogue, or its path.
pub(crate) fn caption(item: &HistoryItem) -> LocalizedText {
    if let Some(caption) = approval_caption(&item.type_key) {
        return caption;
    }
    caption_of(type_of(&item.type_key), &item.path)
}

/// What was approved together with a presentation, by its type's name.
fn approval_caption(type_key: &str) -> Option<LocalizedText> {
    match type_key {
        civic::transaction::PAYMENT => {
            Some(LocalizedText::new("고지서 납부 승인", "Payment of a notice approved"))
        }
        civic::transaction::SIGNATURE => Some(LocalizedText::new("신청서 서명", "Application signed")),
        _ => None,
    }
}

/// The caption of a claim of a paper: that of the catalogue, of what it is a part of, or its path.
pub(crate) fn caption_of(kind: Option<&PaperType>, path: &ClaimPath) -> LocalizedText {
    let names: Vec<&str> = path
        .elements()
        .iter()
        .filter_map(|element| match element {
            primitives::PathElement::Name(name) => Some(name.as_str()),
            _ => None,
        })
        .collect();
    if names == [HELD] {
        return LocalizedText::new("이 서류가 있다는 사실", "That the paper is held");
    }
    if names == [BESIDE] {
        return LocalizedText::new("발급기관이 서류에 덧붙인 것", "What the issuer added to the paper");
    }
    if names.iter().any(|name| civic::mask::is_resident_number_name(name)) {
        return LocalizedText::new("주민등록번호", "Resident registration number");
    }
    kind.and_then(|kind| {
        (1..=names.len())
            .rev()
            .find_map(|length| names.get(..length).and_then(|part| kind.claim(part)))
            .or_else(|| names.last().and_then(|element| kind.claim_of_element(element)))
            .or_else(|| kind.claims.iter().find(|claim| claim.path.first() == names.first()))
    })
    .map_or_else(
        || LocalizedText::new(names.join(" · "), names.join(" · ")),
        |claim| claim.caption.localized(),
    )
}
