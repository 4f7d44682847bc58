//! Papers in lists, on shelves and today.

use serde::{Deserialize, Serialize};

use super::Text;

/// A shelf.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Shelf {
    /// 신분증.
    Id,
    /// 고지서.
    Notice,
    /// 지원금·증명서.
    Benefit,
}

impl From<civic::Shelf> for Shelf {
    fn from(shelf: civic::Shelf) -> Self {
        match shelf {
            civic::Shelf::Identity => Self::Id,
            civic::Shelf::Notices => Self::Notice,
            civic::Shelf::Benefits => Self::Benefit,
        }
    }
}

impl From<Shelf> for civic::Shelf {
    fn from(shelf: Shelf) -> Self {
        match shelf {
            Shelf::Id => Self::Identity,
            Shelf::Notice => Self::Notices,
            Shelf::Benefit => Self::Benefits,
        }
    }
}

/// A paper's outline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum Silhouette {
    /// ID.
    Card,
    /// Notice.
    Slip,
    /// Voucher.
    Ticket,
    /// Certificate.
    Sheet,
}

impl From<civic::catalogue::Silhouette> for Silhouette {
    fn from(silhouette: civic::catalogue::Silhouette) -> Self {
        match silhouette {
            civic::catalogue::Silhouette::Card => Self::Card,
            civic::catalogue::Silhouette::Slip => Self::Slip,
            civic::catalogue::Silhouette::Ticket => Self::Ticket,
            civic::catalogue::Silhouette::Sheet => Self::Sheet,
        }
    }
}

/// Where a paper stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "camelCase", rename_all_fields = "camelCase")]
pub enum PaperState {
    /// It holds.
    Valid,
    /// It ends soon.
    Expiring {
        /// Days left.
        days: i64,
        /// The last day.
        date: String,
    },
    /// It does not hold yet.
    NotYet {
        /// The first day.
        date: String,
    },
    /// It has ended.
    Expired {
        /// The last day.
        date: String,
    },
    /// A notice, due.
    Due {
        /// Days left.
        days: i64,
        /// The due date.
        date: String,
    },
    /// A notice, overdue.
    Overdue {
        /// Days past.
        days: i64,
        /// The due date.
        date: String,
    },
    /// A notice, paid.
    Paid {
        /// When, where the notice says so.
        date: Option<String>,
    },
    /// A notice, paid by direct debit.
    AutoDebit {
        /// The due date.
        date: String,
    },
    /// Revoked.
    Revoked {
        /// When it was found.
        date: Option<String>,
    },
    /// Suspended.
    Suspended,
    /// Its status list does not call it valid, in a word that is known here.
    NotValid,
    /// Its status is not known.
    Unknown,
    /// Its status is older than the profile allows.
    Stale {
        /// As of when, Unix seconds.
        as_of: i64,
    },
}

/// A caption and a value.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CaptionedValue {
    /// The caption.
    pub caption: Text,
    /// The value.
    pub value: Text,
}

/// What a card shows of itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CardFace {
    /// The holder's name.
    pub holder: Text,
    /// The portrait as a `data:` address.
    pub portrait: Option<String>,
    /// Up to four facts.
    pub facts: Vec<CaptionedValue>,
}

/// What a ticket shows of itself.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TicketFace {
    /// Won granted.
    pub granted: i64,
    /// Won used.
    pub used: i64,
    /// Won left.
    pub balance: i64,
    /// Where.
    pub region: Option<Text>,
    /// For what.
    pub usable_for: Vec<Text>,
}

/// What lists show of a paper.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct PaperSummary {
    /// Identifier.
    pub id: String,
    /// Shelf.
    pub shelf: Shelf,
    /// Outline.
    pub silhouette: Silhouette,
    /// Name.
    pub name: Text,
    /// Issuer's name.
    pub issuer: Text,
    /// Where it stands.
    pub state: PaperState,
    /// What tells it from others of its name.
    pub detail: Option<Text>,
    /// Notice: won owed today. Voucher: won left.
    pub amount: Option<i64>,
    /// Due date.
    pub due: Option<String>,
    /// Last day.
    pub valid_until: Option<String>,
    /// A card's face.
    pub card: Option<CardFace>,
    /// A ticket's face.
    pub ticket: Option<TicketFace>,
    /// Not yet looked at.
    pub is_new: bool,
}

/// One shelf.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ShelfView {
    /// Which.
    pub shelf: Shelf,
    /// Its papers that match the search.
    pub papers: Vec<PaperSummary>,
    /// All its papers.
    pub total: usize,
    /// Unpaid notices.
    pub unpaid_count: usize,
    /// Notices paid by direct debit.
    pub auto_debit_count: usize,
}

/// How much lies on a shelf.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ShelfCount {
    /// Which.
    pub shelf: Shelf,
    /// Papers.
    pub count: usize,
    /// Unpaid notices.
    pub unpaid: usize,
    /// Overdue notices.
    pub overdue: usize,
    /// The first few names.
    pub names: Vec<Text>,
}

/// What an entry of today is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub enum TodayWhat {
    /// 낼 돈.
    Pay,
    /// 남은 돈.
    Left,
    /// 들어올 돈.
    Come,
    /// A paper ends.
    Expires,
}

/// Something that is coming.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TodayItem {
    /// The paper.
    pub paper_id: String,
    /// Its name.
    pub name: Text,
    /// Its issuer.
    pub issuer: Text,
    /// The day.
    pub date: String,
    /// Days until then.
    pub days: i64,
    /// Won.
    pub amount: Option<i64>,
    /// What it is about.
    pub what: TodayWhat,
    /// One word more.
    pub detail: Option<Text>,
}

/// An overdue notice.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct OverdueItem {
    /// The paper.
    pub paper_id: String,
    /// Its name.
    pub name: Text,
    /// Its issuer.
    pub issuer: Text,
    /// Days past.
    pub days: i64,
    /// Won today.
    pub amount_now: i64,
    /// Won by the due date.
    pub amount_in_due: i64,
    /// Won added.
    pub late_addition: i64,
}

/// 오늘.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Today {
    /// Whose wallet.
    pub owner: Option<Text>,
    /// The day.
    pub today: String,
    /// Things to do.
    pub todo_count: usize,
    /// Overdue notices.
    pub overdue: Vec<OverdueItem>,
    /// What is coming, by date.
    pub upcoming: Vec<TodayItem>,
    /// Papers not yet looked at.
    pub arrived: Vec<PaperSummary>,
    /// Revoked, suspended and expired papers.
    pub trouble: Vec<PaperSummary>,
    /// The shelves.
    pub shelves: Vec<ShelfCount>,
}
