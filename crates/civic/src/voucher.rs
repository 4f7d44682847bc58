//! What a voucher or a decision says: money left, its last day, the next payment.

use primitives::CivilDate;
use serde_json::Value;

/// Days before its end at which a voucher with money left is worth a warning.
pub const WARN_DAYS: i64 = 30;

/// A voucher, read from its claims; what cannot be read is `None`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Voucher {
    /// Its title.
    pub title: Option<String>,
    /// Won granted.
    pub granted: Option<i64>,
    /// Won used.
    pub used: Option<i64>,
    /// Won left.
    pub balance: Option<i64>,
    /// The first day.
    pub valid_from: Option<CivilDate>,
    /// The last day: what is unspent then is lost.
    pub valid_until: Option<CivilDate>,
    /// Where it may be spent; `None` is everywhere.
    pub region: Option<String>,
}

impl Voucher {
    /// Reads a voucher from its claims.
    #[must_use]
    pub fn read(claims: &Value) -> Self {
        let text = |name: &str| claims.get(name).and_then(Value::as_str).map(str::to_owned);
        let won = |name: &str| claims.get(name).and_then(Value::as_i64).filter(|value| *value >= 0);
        let date =
            |name: &str| claims.get(name).and_then(Value::as_str).and_then(|day| CivilDate::parse(day).ok());
        Self {
            title: text("title"),
            granted: won("granted"),
            used: won("used"),
            balance: won("balance"),
            valid_from: date("validFrom"),
            valid_until: date("validUntil"),
            region: text("usableRegion"),
        }
    }

    /// Days until the money is lost, where some is left and the end is near enough to say so; 0 is today.
    #[must_use]
    pub fn money_lost_in(&self, today: CivilDate) -> Option<i64> {
        let days = today.days_until(self.valid_until?);
        (self.balance? > 0 && (0..=WARN_DAYS).contains(&days)).then_some(days)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn unspent_money_is_warned_of_in_its_last_month() {
        let voucher = Voucher::read(&json!({"balance": 42_500, "validUntil": "2026-11-30"}));
        let today = |text| CivilDate::parse(text).unwrap();
        assert_eq!(voucher.money_lost_in(today("2026-11-21")), Some(9));
        assert_eq!(voucher.money_lost_in(today("2026-10-01")), None);
        assert_eq!(voucher.money_lost_in(today("2026-12-01")), None);
        assert_eq!(Voucher { balance: Some(0), ..voucher }.money_lost_in(today("2026-11-21")), None);
    }
}
