//! Papers as the screens show them: lists, shelves, today, one paper in full.

mod face;
mod page;
mod today;

pub(crate) use face::text_of;

use std::sync::Arc;

use civic::notice::Notice;
use civic::voucher::Voucher;
use civic::{Shelf, notice};
use primitives::{CivilDate, Instant};
use vault::PaperId;

use crate::app::Wallet;
use crate::error::WalletError;
use crate::held::Held;
use crate::status::Standing;
use crate::view;

/// Days before its end at which a paper is called expiring.
const EXPIRING_DAYS: i64 = 30;
/// The key under which a paper counts as looked at.
pub(crate) const SEEN: &str = "paper:";

/// A paper with everything that was worked out about it today.
pub(crate) struct Read {
    pub(crate) held: Arc<Held>,
    pub(crate) standing: Standing,
    pub(crate) notice: Option<Notice>,
    pub(crate) voucher: Option<Voucher>,
    pub(crate) state: view::PaperState,
    pub(crate) is_new: bool,
    pub(crate) today: CivilDate,
    pub(crate) now: Instant,
}

impl Wallet {
    pub(crate) fn today_date(&self) -> CivilDate {
        CivilDate::of(self.known_now())
    }

    pub(crate) fn read_paper(&self, held: Arc<Held>) -> Result<Read, WalletError> {
        let now = self.known_now();
        let today = CivilDate::of(now);
        let standing = self.standing(&held);
        let shelf = shelf_of(&held);
        let notice = (shelf == Shelf::Notices).then(|| Notice::read(&held.claims));
        let voucher = (held.key() == "Voucher").then(|| Voucher::read(&held.claims));
        let state = paper_state(&held, standing, notice.as_ref(), voucher.as_ref(), now);
        let seen = format!("{SEEN}{}", held.paper.id);
        let is_new = self.read(|transaction| transaction.seen_at(&seen))?.is_none();
        Ok(Read { held, standing, notice, voucher, state, is_new, today, now })
    }

    pub(crate) fn read_papers(&self) -> Result<Vec<Read>, WalletError> {
        self.held_papers()?.into_iter().map(|held| self.read_paper(held)).collect()
    }

    /// One shelf, what needs an act first (overdue, soonest, others) and then by name; only what matches the search.
    ///
    /// # Errors
    /// [`WalletError::Locked`] and the store's.
    pub fn shelf(&self, shelf: view::Shelf, query: &str) -> Result<view::ShelfView, WalletError> {
        let wanted = Shelf::from(shelf);
        let mut papers: Vec<Read> =
            self.read_papers()?.into_iter().filter(|read| shelf_of(&read.held) == wanted).collect();
        papers.sort_by_cached_key(Read::order);
        let total = papers.len();
        let unpaid = |read: &&Read| {
            matches!(read.state, view::PaperState::Due { .. } | view::PaperState::Overdue { .. })
        };
        let unpaid_count = papers.iter().filter(unpaid).count();
        let auto_debit_count =
            papers.iter().filter(|read| matches!(read.state, view::PaperState::AutoDebit { .. })).count();
        let query = query.trim().to_lowercase();
        let papers = papers
            .iter()
            .map(Read::summary)
            .filter(|summary| query.is_empty() || matches_query(summary, &query))
            .collect();
        Ok(view::ShelfView { shelf, papers, total, unpaid_count, auto_debit_count })
    }

    /// The summary of one paper.
    pub(crate) fn summary(&self, id: PaperId) -> Result<view::PaperSummary, WalletError> {
        Ok(self.read_paper(self.held(id)?)?.summary())
    }

    /// A paper's identifier as typed or clicked.
    pub(crate) fn paper_id(text: &str) -> Result<PaperId, WalletError> {
        PaperId::parse(text).ok_or(WalletError::Unknown("paper"))
    }

    /// The signed original, one text for each copy's format; for a citizen who wants to see or export it.
    ///
    /// # Errors
    /// [`WalletError`].
    pub fn original(&self, id: &str) -> Result<view::Original, WalletError> {
        let id = Self::paper_id(id)?;
        let copies = self.read(|transaction| transaction.copies(id))?;
        let copy = copies.first().ok_or(WalletError::Unknown("paper"))?;
        Ok(view::Original {
            format: copy.format.as_str().to_owned(),
            text: String::from_utf8_lossy(copy.credential.expose()).into_owned(),
        })
    }
}

/// A search in name, issuer and what tells a paper from others.
fn matches_query(summary: &view::PaperSummary, query: &str) -> bool {
    let texts = [Some(&summary.name), Some(&summary.issuer), summary.detail.as_ref()];
    texts
        .into_iter()
        .flatten()
        .flat_map(|text| [&text.ko, &text.en])
        .flatten()
        .any(|words| words.to_lowercase().contains(query))
}

/// The shelf of a paper: that of its type, or the one it was stored on.
pub(crate) fn shelf_of(held: &Held) -> Shelf {
    held.kind.map_or_else(
        || match held.paper.shelf {
            vault::Shelf::Identity => Shelf::Identity,
            vault::Shelf::Notices => Shelf::Notices,
            vault::Shelf::Certificates => Shelf::Benefits,
        },
        |kind| kind.shelf,
    )
}

fn paper_state(
    held: &Held,
    standing: Standing,
    notice: Option<&Notice>,
    voucher: Option<&Voucher>,
    now: Instant,
) -> view::PaperState {
    use view::PaperState as State;
    let today = CivilDate::of(now);
    match standing.view {
        view::StatusView::Revoked => return State::Revoked { date: None },
        view::StatusView::Suspended => return State::Suspended,
        view::StatusView::NotValid => return State::NotValid,
        _ => {}
    }
    if let Some(notice) = notice {
        let date = notice.due.map(|due| due.to_string()).unwrap_or_default();
        match notice.standing(today, standing.paid) {
            notice::Standing::Paid => {
                return State::Paid { date: notice.paid_on.map(|day| day.to_string()) };
            }
            notice::Standing::AutoDebit => return State::AutoDebit { date },
            notice::Standing::DueIn(days) => return State::Due { days, date },
            notice::Standing::Overdue(days) => return State::Overdue { days, date },
            notice::Standing::Undated => {}
        }
    }
    // To the second, as the other side judges it; the day is for people.
    if let Some(first_day) = held.first_day().filter(|_| !held.has_begun(now)) {
        return State::NotYet { date: first_day.to_string() };
    }
    let own_last_day = voucher.and_then(|voucher| voucher.valid_until);
    let last_day = [own_last_day, held.last_day()].into_iter().flatten().min();
    if let Some(last_day) = last_day {
        let days = today.days_until(last_day);
        if days < 0 || held.has_ended(now) {
            return State::Expired { date: last_day.to_string() };
        }
        if days <= EXPIRING_DAYS {
            return State::Expiring { days, date: last_day.to_string() };
        }
    }
    match (standing.view, standing.as_of) {
        (view::StatusView::Unknown, _) => State::Unknown,
        (view::StatusView::Stale, Some(as_of)) => State::Stale { as_of: as_of.unix_seconds() },
        _ => State::Valid,
    }
}

impl Read {
    /// What needs an act first: overdue, the soonest date, the others; then by name.
    fn order(&self) -> (u8, i64, String) {
        use view::PaperState as State;
        let (rank, days) = match &self.state {
            State::Overdue { days, .. } => (0, -days),
            State::Due { days, .. } | State::Expiring { days, .. } => (1, *days),
            State::AutoDebit { .. } => (2, 0),
            State::Revoked { .. } | State::Suspended | State::NotValid | State::Expired { .. } => (4, 0),
            State::Paid { .. } => (5, 0),
            _ => (3, 0),
        };
        (rank, days, self.name().ko.unwrap_or_default())
    }
}
