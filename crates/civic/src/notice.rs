//! What a notice says: parts, both amounts, dates, ways to lower it, and whether its own sums hold.

use primitives::CivilDate;
use serde_json::Value;

use crate::late::{self, LateRule};

/// The most parts, options or accounts that are read from one notice.
const MOST_ROWS: usize = 50;

/// One part of the amount.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Component {
    /// The name as the agency printed it.
    pub name: String,
    /// Won, by the due date.
    pub amount: i64,
}

/// A way to lower a fine before the deadline (질서위반행위규제법 제16조, 제18조).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reduction {
    /// The agency's code of this way.
    pub code: String,
    /// The name as the agency printed it.
    pub name: String,
    /// Won to pay on this way.
    pub amount: i64,
    /// Keys of paper types, any one of which is evidence for it; empty: none is needed.
    pub evidence: Vec<String>,
    /// The condition as the agency printed it.
    pub condition: Option<String>,
}

/// A notice, read from its claims. Claims that are absent or of another shape are `None` or empty: a notice is shown
/// as far as it can be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its title.
    pub title: Option<String>,
    /// The parts of the amount.
    pub components: Vec<Component>,
    /// Won by the due date: printed, or the fine's base amount.
    pub amount_in_due: Option<i64>,
    /// Won right after the due date, as printed.
    pub amount_after_due: Option<i64>,
    /// The due date, or the deadline for an opinion.
    pub due: Option<CivilDate>,
    /// The rule for late charges.
    pub rule: Option<LateRule>,
    /// Ways to lower it.
    pub reductions: Vec<Reduction>,
    /// Whether it is paid by direct debit.
    pub auto_debit: bool,
    /// The day it was paid, where the notice itself says so.
    pub paid_on: Option<CivilDate>,
    /// What an arrear blocks.
    pub blocks: Vec<String>,
}

/// Where a notice stands on a day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Standing {
    /// Paid.
    Paid,
    /// Paid by itself on the due date.
    AutoDebit,
    /// Due in so many days; 0 is today.
    DueIn(i64),
    /// Overdue since so many days, at least 1.
    Overdue(i64),
    /// No date can be read from it.
    Undated,
}

/// Whether the printed amount after the due date is what its rule gives.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PrintedAmount {
    /// It is.
    Agrees,
    /// It is not: ask the agency. The computed amount in won.
    Differs(i64),
    /// The notice prints none, or the rule is not known well enough to judge.
    Unjudged,
}

impl Notice {
    /// Reads a notice from its claims.
    #[must_use]
    pub fn read(claims: &Value) -> Self {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let won = |name: &str| claims.get(name).and_then(Value::as_i64);
        let date =
            |name: &str| claims.get(name).and_then(Value::as_str).and_then(|day| CivilDate::parse(day).ok());
        Self {
            title: text("title"),
            components: rows(claims, "components").filter_map(component).collect(),
            amount_in_due: won("amountInDue").or_else(|| won("baseAmount")),
            amount_after_due: won("amountAfterDue"),
            due: date("due").or_else(|| date("opinionDeadline")),
            rule: claims.get("lateRule").and_then(Value::as_str).and_then(LateRule::from_key),
            reductions: rows(claims, "options").filter_map(reduction).collect(),
            auto_debit: claims.get("autoDebit").and_then(Value::as_bool).unwrap_or(false),
            paid_on: date("paidOn"),
            blocks: rows(claims, "blocks").filter_map(|row| row.as_str().map(str::to_owned)).collect(),
        }
    }

    /// Where it stands on this day. `paid` is what the status list says.
    #[must_use]
    pub fn standing(&self, today: CivilDate, paid: bool) -> Standing {
        if paid || self.paid_on.is_some() {
            return Standing::Paid;
        }
        let Some(due) = self.due else { return Standing::Undated };
        match due.days_until(today) {
            late if late > 0 => Standing::Overdue(late),
            _ if self.auto_debit => Standing::AutoDebit,
            early => Standing::DueIn(-early),
        }
    }

    /// What has to be paid on this day, in won.
    ///
    /// Right after the due date the printed amount stands; where the rule grows by the month or the day, the rule.
    #[must_use]
    pub fn amount_on(&self, day: CivilDate) -> Option<i64> {
        let due = self.due?;
        if due.days_until(day) <= 0 {
            return self.amount_in_due;
        }
        let computed = self.computed_on(day);
        match (self.amount_after_due, computed) {
            (Some(printed), Some(computed)) => Some(computed.max(printed)),
            (printed, computed) => printed.or(computed).or(self.amount_in_due),
        }
    }

    /// Recomputes the printed amount after the due date.
    #[must_use]
    pub fn printed_amount(&self) -> PrintedAmount {
        let (Some(printed), Some(due)) = (self.amount_after_due, self.due) else {
            return PrintedAmount::Unjudged;
        };
        if !matches!(self.rule, Some(LateRule::Local | LateRule::Utility)) {
            return PrintedAmount::Unjudged;
        }
        match self.computed_on(due.plus_days(1)) {
            Some(computed) if computed == printed => PrintedAmount::Agrees,
            Some(computed) => PrintedAmount::Differs(computed),
            None => PrintedAmount::Unjudged,
        }
    }

    /// The cheapest way to pay before the deadline for which the citizen holds the evidence, with its evidence.
    ///
    /// `holds` answers whether a valid paper of that type is held.
    #[must_use]
    pub fn best_reduction(&self, holds: impl Fn(&str) -> bool) -> Option<&Reduction> {
        let amount = self.amount_in_due?;
        self.reductions
            .iter()
            .filter(|way| way.amount < amount)
            .filter(|way| way.evidence.is_empty() || way.evidence.iter().any(|key| holds(key)))
            .min_by_key(|way| way.amount)
    }

    fn computed_on(&self, day: CivilDate) -> Option<i64> {
        let parts: Vec<i64> = if self.components.is_empty() {
            vec![self.amount_in_due?]
        } else {
            self.components.iter().map(|part| part.amount).collect()
        };
        late::amount_on(self.rule?, &parts, self.due?, day)
    }
}

fn rows<'a>(claims: &'a Value, name: &str) -> impl Iterator<Item = &'a Value> {
    claims.get(name).and_then(Value::as_array).into_iter().flatten().take(MOST_ROWS)
}

fn component(row: &Value) -> Option<Component> {
    Some(Component {
        name: row.get("ko").and_then(Value::as_str)?.to_owned(),
        amount: row.get("amount").and_then(Value::as_i64)?,
    })
}

fn reduction(row: &Value) -> Option<Reduction> {
    Some(Reduction {
        code: row.get("code").and_then(Value::as_str)?.to_owned(),
        name: row.get("ko").and_then(Value::as_str)?.to_owned(),
        amount: row.get("amount").and_then(Value::as_i64)?,
        evidence: rows(row, "evidence").filter_map(|key| key.as_str().map(str::to_owned)).collect(),
        condition: row.get("condition").and_then(Value::as_str).map(str::to_owned),
    })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).unwrap()
    }

    fn resident_tax() -> Notice {
        Notice::read(&json!({
            "title": "주민세(개인분)", "lateRule": "local", "due": "2026-11-09",
            "components": [{"code": "main", "ko": "주민세", "amount": 10_000}, {"code": "edu", "ko": "지방교육세", "amount": 1_000}],
            "amountInDue": 11_000, "amountAfterDue": 11_330,
        }))
    }

    #[test]
    fn an_overdue_notice_costs_more() {
        let notice = resident_tax();
        assert_eq!(notice.standing(day("2026-11-21"), false), Standing::Overdue(12));
        assert_eq!(notice.standing(day("2026-11-09"), false), Standing::DueIn(0));
        assert_eq!(notice.standing(day("2026-11-21"), true), Standing::Paid);
        assert_eq!(notice.amount_on(day("2026-11-09")), Some(11_000));
        assert_eq!(notice.amount_on(day("2026-11-21")), Some(11_330));
        assert_eq!(notice.printed_amount(), PrintedAmount::Agrees);
    }

    #[test]
    fn a_wrong_printed_amount_is_found() {
        let mut notice = resident_tax();
        notice.amount_after_due = Some(12_000);
        assert_eq!(notice.printed_amount(), PrintedAmount::Differs(11_330));
    }

    #[test]
    fn a_reduction_needs_its_evidence() {
        let notice = Notice::read(&json!({
            "title": "과태료", "baseAmount": 40_000, "opinionDeadline": "2026-11-27", "lateRule": "fine",
            "options": [
                {"code": "selfPay", "ko": "자진납부 20% 감경", "amount": 32_000},
                {"code": "both", "ko": "50% 감경 뒤 자진납부 20%", "amount": 16_000, "evidence": ["SingleParentCertificate"]},
            ],
        }));
        assert_eq!(notice.best_reduction(|_| false).unwrap().amount, 32_000);
        let best = notice.best_reduction(|key| key == "SingleParentCertificate").unwrap();
        assert_eq!(
            (best.amount, best.evidence.as_slice()),
            (16_000, &["SingleParentCertificate".to_owned()][..])
        );
    }

    #[test]
    fn a_strange_notice_is_read_as_far_as_it_goes() {
        let notice = Notice::read(&json!({"components": 3, "due": "tomorrow", "amountInDue": "many"}));
        assert_eq!(notice.standing(day("2026-11-21"), false), Standing::Undated);
        assert_eq!(notice.amount_on(day("2026-11-21")), None);
    }
}
