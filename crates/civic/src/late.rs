//! What a notice costs after its due date. 참고용: the agency's own number decides.
//!
//! Every rate stands in [`Rates`] with the date from which it was read and how sure it is, so that a change of law is
//! a change of data. Sources: local taxes, a public billing system's source and an official page (since 2024); fines,
//! two official pages; national taxes and social insurance, from knowledge, to be checked before real use.

use primitives::CivilDate;

/// Which law's rule a notice follows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LateRule {
    /// 지방세: 3% of each part at once, then 0.66% a month of each part from 450,000 won.
    Local,
    /// 국세: 3% at once, then 0.022% a day where the notice is 1,500,000 won or more.
    National,
    /// 사회보험: by the day, to 2% and then to 5%.
    SocialInsurance,
    /// 과태료: 3% at once, then 1.2% a month.
    Fine,
    /// 상하수도: 3% at once.
    Utility,
}

impl LateRule {
    /// The rule with the name that the notices carry.
    #[must_use]
    pub fn from_key(key: &str) -> Option<Self> {
        match key {
            "local" => Some(Self::Local),
            "national" => Some(Self::National),
            "nhis" => Some(Self::SocialInsurance),
            "fine" => Some(Self::Fine),
            "utility" => Some(Self::Utility),
            _ => None,
        }
    }

    /// The rates of this rule.
    #[must_use]
    pub const fn rates(self) -> Rates {
        match self {
            Self::Local => Rates {
                first_per_mille: 30,
                monthly_per_hundred_thousand: 660,
                monthly_from: 450_000,
                months_at_most: 60,
                as_of: "2024-01-01",
                certainty: Certainty::Verified,
            },
            Self::Fine => Rates {
                first_per_mille: 30,
                monthly_per_hundred_thousand: 1_200,
                monthly_from: 0,
                months_at_most: 60,
                as_of: "2026-11-21",
                certainty: Certainty::Verified,
            },
            Self::Utility => Rates {
                first_per_mille: 30,
                monthly_per_hundred_thousand: 0,
                monthly_from: 0,
                months_at_most: 0,
                as_of: "2026-11-21",
                certainty: Certainty::ByLocalLaw,
            },
            Self::National | Self::SocialInsurance => Rates {
                first_per_mille: if matches!(self, Self::National) { 30 } else { 0 },
                monthly_per_hundred_thousand: 0,
                monthly_from: 0,
                months_at_most: 0,
                as_of: "2026-11-21",
                certainty: Certainty::Unchecked,
            },
        }
    }
}

/// How sure a rate is; what is not [`Certainty::Verified`] is said to be so beside the amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Certainty {
    /// Read in an official source.
    Verified,
    /// Set by each municipality; the common value.
    ByLocalLaw,
    /// From knowledge, not yet checked.
    Unchecked,
}

/// The rates of a rule that are plain percentages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rates {
    /// Added once, on the day after the due date, in thousandths.
    pub first_per_mille: i64,
    /// Added for each full month after that, in hundred-thousandths.
    pub monthly_per_hundred_thousand: i64,
    /// The part of a notice from which the monthly addition applies, in won.
    pub monthly_from: i64,
    /// The most months that are counted.
    pub months_at_most: i32,
    /// The civil date from which the rates are known to hold.
    pub as_of: &'static str,
    /// How sure they are.
    pub certainty: Certainty,
}

/// 국세기본법: the daily addition, in hundred-thousandths, and the notice from which it applies, in won.
const NATIONAL_DAILY: i64 = 22;
const NATIONAL_DAILY_FROM: i64 = 1_500_000;

/// The largest amount that is computed with, in won; a notice above it is shown as printed.
const LARGEST: i64 = 1_000_000_000_000;

/// The full months from one day to a later one, at most so many.
fn full_months(from: CivilDate, to: CivilDate, at_most: i32) -> i64 {
    (1..=at_most)
        .take_while(|months| from.plus_months(*months).days_until(to) >= 0)
        .map(i64::from)
        .last()
        .unwrap_or(0)
}

/// Cuts below ten won, as 지방세 and by-laws do.
const fn cut(value: i64) -> i64 {
    value - value % 10
}

/// What the parts of a notice sum up to on a day, in won; `None` where an amount is negative or beyond reason.
///
/// Up to and on the due date that is the plain sum. After it, the additions of the rule, each part cut below ten won.
#[must_use]
pub fn amount_on(rule: LateRule, components: &[i64], due: CivilDate, day: CivilDate) -> Option<i64> {
    if components.iter().any(|part| !(0..=LARGEST).contains(part)) || components.len() > 100 {
        return None;
    }
    let sum: i64 = components.iter().sum();
    let days = due.days_until(day);
    if days <= 0 {
        return Some(sum);
    }
    match rule {
        LateRule::Local | LateRule::Fine | LateRule::Utility => {
            let rates = rule.rates();
            let months = full_months(due, day, rates.months_at_most);
            let additions: i64 = components
                .iter()
                .map(|part| {
                    let first = cut(part * rates.first_per_mille / 1_000);
                    let monthly = if *part >= rates.monthly_from {
                        cut(part * rates.monthly_per_hundred_thousand / 100_000) * months
                    } else {
                        0
                    };
                    first + monthly
                })
                .sum();
            let additions = if matches!(rule, LateRule::Utility) {
                // One addition on the whole bill, not on each part.
                cut(sum * rates.first_per_mille / 1_000)
            } else {
                additions
            };
            Some(cut(sum + additions))
        }
        LateRule::National => {
            let first = cut(sum * rule.rates().first_per_mille / 1_000);
            let daily =
                if sum >= NATIONAL_DAILY_FROM { cut(sum * NATIONAL_DAILY * days / 100_000) } else { 0 };
            Some(sum + first + daily)
        }
        LateRule::SocialInsurance => {
            let first = (sum * days.min(30) / 1_500).min(sum * 2 / 100);
            let later = (sum * (days - 30).max(0) / 6_000).min(sum * 3 / 100);
            Some(cut(sum + first + later))
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> CivilDate {
        CivilDate::parse(text).unwrap()
    }

    #[test]
    fn local_additions_match_the_known_vectors() {
        let due = day("2026-11-09");
        let after = day("2026-11-21");
        for (components, expected) in [
            (&[57_550, 17_260][..], 77_040),
            (&[111_860, 33_550], 149_760),
            (&[10_000, 1_000], 11_330),
            (&[14_250], 14_670),
        ] {
            assert_eq!(amount_on(LateRule::Local, components, due, after), Some(expected));
            assert_eq!(amount_on(LateRule::Local, components, due, due), Some(components.iter().sum()));
        }
    }

    #[test]
    fn a_large_local_part_grows_by_the_month() {
        // Due 70 days ago: two full months of 4,040 won on the one part above 450,000 won.
        let parts = [612_400, 122_480, 88_300];
        assert_eq!(amount_on(LateRule::Local, &parts, day("2026-09-12"), day("2026-11-21")), Some(855_940));
        assert_eq!(amount_on(LateRule::Local, &parts, day("2026-09-12"), day("2026-09-13")), Some(847_860));
    }

    #[test]
    fn a_utility_bill_takes_one_addition_on_the_whole() {
        let (due, after) = (day("2026-11-09"), day("2026-11-21"));
        assert_eq!(amount_on(LateRule::Utility, &[12_300, 9_050, 2_100], due, after), Some(24_150));
        assert_eq!(amount_on(LateRule::Utility, &[16_800, 12_170, 2_900], due, after), Some(32_820));
        assert_eq!(amount_on(LateRule::Utility, &[12_840, 6_100], due, after), Some(19_500));
    }

    #[test]
    fn social_insurance_stops_at_five_per_cent() {
        let due = day("2020-01-01");
        assert_eq!(amount_on(LateRule::SocialInsurance, &[100_000], due, day("2026-11-21")), Some(105_000));
        assert_eq!(amount_on(LateRule::SocialInsurance, &[100_000], due, day("2020-01-31")), Some(102_000));
    }

    #[test]
    fn absurd_amounts_are_not_computed_with() {
        let due = day("2026-11-09");
        assert_eq!(amount_on(LateRule::Local, &[-1], due, due), None);
        assert_eq!(amount_on(LateRule::Local, &[i64::MAX], due, due), None);
    }
}
