//! 오늘 할 일: what is overdue, what is coming, what arrived, what is wrong.

use civic::Shelf;
use serde_json::Value;

use super::{Read, shelf_of};
use crate::app::Wallet;
use crate::error::WalletError;
use crate::view::{self, PaperState, TodayItem, TodayWhat};

/// How far ahead the list looks, in days.
const AHEAD_DAYS: i64 = 30;
/// The most names shown for a shelf.
const SHELF_NAMES: usize = 3;

impl Wallet {
    /// 오늘.
    ///
    /// # Errors
    /// [`WalletError::Locked`] and the store's.
    pub fn today(&self) -> Result<view::Today, WalletError> {
        let papers = self.read_papers()?;
        let mut overdue: Vec<_> = papers.iter().filter_map(overdue).collect();
        overdue.sort_by_key(|item| -item.days);
        let mut upcoming: Vec<_> = papers.iter().flat_map(upcoming).collect();
        upcoming.sort_by(|one, other| (one.days, &one.paper_id).cmp(&(other.days, &other.paper_id)));
        let trouble: Vec<_> = papers
            .iter()
            .filter(|read| {
                matches!(
                    read.state,
                    PaperState::Revoked { .. }
                        | PaperState::Suspended
                        | PaperState::NotValid
                        | PaperState::Expired { .. }
                )
            })
            .map(Read::summary)
            .collect();
        let to_do = upcoming.iter().filter(|item| item.what != TodayWhat::Come).count();
        Ok(view::Today {
            owner: owner_of(&papers),
            today: self.today_date().to_string(),
            todo_count: overdue.len() + to_do + trouble.len(),
            overdue,
            upcoming,
            arrived: papers.iter().filter(|read| read.is_new).map(Read::summary).collect(),
            trouble,
            shelves: [Shelf::Identity, Shelf::Notices, Shelf::Benefits]
                .into_iter()
                .map(|shelf| shelf_count(shelf, &papers))
                .collect(),
        })
    }

    /// Whose wallet: the name on the first ID card.
    ///
    /// # Errors
    /// [`WalletError::Locked`] and the store's.
    pub fn owner(&self) -> Result<Option<view::Text>, WalletError> {
        Ok(owner_of(&self.read_papers()?))
    }

    /// How many notices are overdue.
    ///
    /// # Errors
    /// [`WalletError::Locked`] and the store's.
    pub fn overdue_count(&self) -> Result<usize, WalletError> {
        Ok(self.read_papers()?.iter().filter(|read| matches!(read.state, PaperState::Overdue { .. })).count())
    }
}

fn owner_of(papers: &[Read]) -> Option<view::Text> {
    papers
        .iter()
        .filter(|read| shelf_of(&read.held) == Shelf::Identity)
        .find_map(|read| read.held.claims.get("name").and_then(Value::as_str))
        .map(view::Text::same)
}

fn overdue(read: &Read) -> Option<view::OverdueItem> {
    let PaperState::Overdue { days, .. } = read.state else { return None };
    let notice = read.notice.as_ref()?;
    let amount_in_due = notice.amount_in_due?;
    let amount_now = notice.amount_on(read.today)?;
    Some(view::OverdueItem {
        paper_id: read.held.paper.id.to_string(),
        name: read.name(),
        issuer: read.issuer(),
        days,
        amount_now,
        amount_in_due,
        late_addition: amount_now - amount_in_due,
    })
}

fn upcoming(read: &Read) -> Vec<TodayItem> {
    let item = |days: i64, date: String, amount: Option<i64>, what: TodayWhat| TodayItem {
        paper_id: read.held.paper.id.to_string(),
        name: read.name(),
        issuer: read.issuer(),
        date,
        days,
        amount,
        what,
        detail: None,
    };
    let mut items = Vec::new();
    match &read.state {
        PaperState::Due { days, date } if *days <= AHEAD_DAYS => {
            let amount = read.notice.as_ref().and_then(|notice| notice.amount_in_due);
            items.push(item(*days, date.clone(), amount, TodayWhat::Pay));
        }
        PaperState::Expiring { days, date } => {
            let money = read
                .voucher
                .as_ref()
                .and_then(|voucher| voucher.money_lost_in(read.today).and(voucher.balance));
            match (&read.voucher, money) {
                (_, Some(balance)) => items.push(item(*days, date.clone(), Some(balance), TodayWhat::Left)),
                // A voucher without money left is nothing to act on.
                (Some(_), None) => {}
                (None, None) => items.push(item(*days, date.clone(), None, TodayWhat::Expires)),
            }
        }
        _ => {}
    }
    let payment = read.held.claims.get("nextPayment").and_then(Value::as_str);
    if let Some(day) = payment.and_then(|text| primitives::CivilDate::parse(text).ok()) {
        let days = read.today.days_until(day);
        if (0..=AHEAD_DAYS).contains(&days) {
            let amount = read.held.claims.get("amount").and_then(Value::as_i64);
            items.push(item(days, day.to_string(), amount, TodayWhat::Come));
        }
    }
    items
}

fn shelf_count(shelf: Shelf, papers: &[Read]) -> view::ShelfCount {
    let on_it: Vec<&Read> = papers.iter().filter(|read| shelf_of(&read.held) == shelf).collect();
    let overdue = on_it.iter().filter(|read| matches!(read.state, PaperState::Overdue { .. })).count();
    let due = on_it.iter().filter(|read| matches!(read.state, PaperState::Due { .. })).count();
    view::ShelfCount {
        shelf: shelf.into(),
        count: on_it.len(),
        unpaid: due + overdue,
        overdue,
        names: on_it.iter().take(SHELF_NAMES).map(|read| read.name()).collect(),
    }
}
