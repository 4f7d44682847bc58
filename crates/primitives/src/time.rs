//! Instants (UTC) for protocols and civil dates (Asia/Seoul) for papers: two types, so that a due date is never compared with a UTC midnight.
//!
//! Seoul keeps UTC+9 the whole year and has had no daylight saving since 1988; the offset is a constant here.

use std::fmt;
use std::ops::{Add, Sub};
use std::str::FromStr;

use ::time::format_description::well_known::Rfc3339;
use ::time::{Date, Duration, Month, OffsetDateTime, Weekday};
use serde::{Deserialize, Deserializer, Serialize, Serializer, de};

/// Seconds by which Asia/Seoul is ahead of UTC.
pub const SEOUL_OFFSET_SECONDS: i64 = 9 * 60 * 60;
const DAY_SECONDS: i64 = 24 * 60 * 60;
/// 0000-01-01T00:00:00Z
const EARLIEST: i64 = -62_167_219_200;
/// 9999-12-31T23:59:59Z
const LATEST: i64 = 253_402_300_799;

/// The text is not an RFC 3339 date-time, or not a calendar date `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is not a date or time")]
pub struct NotATime;

/// A moment in UTC, to the second, between the years 0 and 9999; arithmetic stops at these ends.
///
/// In JSON it is a `NumericDate` (RFC 7519 section 2): whole Unix seconds when written; fractions are accepted and dropped when read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Instant(i64);

impl Instant {
    /// The start of the year 0.
    pub const MIN: Self = Self(EARLIEST);
    /// The last second of the year 9999.
    pub const MAX: Self = Self(LATEST);

    /// From seconds since 1970-01-01T00:00:00Z; what lies outside the years 0 to 9999 becomes [`MIN`](Self::MIN) or [`MAX`](Self::MAX).
    pub fn from_unix_seconds(seconds: i64) -> Self {
        Self(seconds.clamp(EARLIEST, LATEST))
    }

    /// Seconds since 1970-01-01T00:00:00Z.
    pub fn unix_seconds(self) -> i64 {
        self.0
    }

    /// Reads an RFC 3339 date-time with any offset; fractions of a second are dropped.
    ///
    /// # Errors
    /// [`NotATime`].
    pub fn parse_rfc3339(text: &str) -> Result<Self, NotATime> {
        OffsetDateTime::parse(text, &Rfc3339)
            .map(|time| Self::from_unix_seconds(time.unix_timestamp()))
            .map_err(|_| NotATime)
    }

    /// The RFC 3339 form in UTC, `2026-11-21T13:00:00Z`.
    pub fn to_rfc3339(self) -> String {
        let (date, seconds) = (date_of_day(self.0.div_euclid(DAY_SECONDS)), self.0.rem_euclid(DAY_SECONDS));
        format!("{}T{:02}:{:02}:{:02}Z", CivilDate(date), seconds / 3600, seconds / 60 % 60, seconds % 60)
    }

    /// Seconds from `earlier` to this; negative if it is later.
    pub fn seconds_since(self, earlier: Self) -> i64 {
        self.0 - earlier.0
    }
}

impl Add<i64> for Instant {
    type Output = Self;

    fn add(self, seconds: i64) -> Self {
        Self::from_unix_seconds(self.0.saturating_add(seconds))
    }
}

impl Sub<i64> for Instant {
    type Output = Self;

    fn sub(self, seconds: i64) -> Self {
        Self::from_unix_seconds(self.0.saturating_sub(seconds))
    }
}

impl fmt::Display for Instant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.to_rfc3339())
    }
}

impl Serialize for Instant {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_i64(self.0)
    }
}

impl<'de> Deserialize<'de> for Instant {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct NumericDate;

        impl de::Visitor<'_> for NumericDate {
            type Value = Instant;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("a number of seconds since 1970-01-01T00:00:00Z")
            }

            fn visit_i64<E: de::Error>(self, seconds: i64) -> Result<Instant, E> {
                Ok(Instant::from_unix_seconds(seconds))
            }

            fn visit_u64<E: de::Error>(self, seconds: u64) -> Result<Instant, E> {
                Ok(Instant::from_unix_seconds(i64::try_from(seconds).unwrap_or(i64::MAX)))
            }

            fn visit_f64<E: de::Error>(self, seconds: f64) -> Result<Instant, E> {
                // `as` saturates, and the constructor clamps.
                if seconds.is_nan() {
                    Err(E::custom(NotATime))
                } else {
                    Ok(Instant::from_unix_seconds(seconds.floor() as i64))
                }
            }
        }

        deserializer.deserialize_any(NumericDate)
    }
}

/// A day of the calendar in Asia/Seoul, between the years 0 and 9999; in text `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct CivilDate(Date);

impl CivilDate {
    /// From year, month (1 to 12) and day (1 to 31); `None` if there is no such day.
    pub fn from_ymd(year: i32, month: u8, day: u8) -> Option<Self> {
        if !(0..=9999).contains(&year) {
            return None;
        }
        Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok().map(Self)
    }

    /// Reads `YYYY-MM-DD`, exactly ten characters.
    ///
    /// # Errors
    /// [`NotATime`].
    pub fn parse(text: &str) -> Result<Self, NotATime> {
        let mut parts = text.split('-');
        let mut number = |digits: usize| {
            parts.next().filter(|part| part.len() == digits && part.bytes().all(|byte| byte.is_ascii_digit()))
        };
        let (year, month, day) =
            (number(4).ok_or(NotATime)?, number(2).ok_or(NotATime)?, number(2).ok_or(NotATime)?);
        if parts.next().is_some() {
            return Err(NotATime);
        }
        let (year, month, day) = (year.parse(), month.parse(), day.parse());
        match (year, month, day) {
            (Ok(year), Ok(month), Ok(day)) => Self::from_ymd(year, month, day).ok_or(NotATime),
            _ => Err(NotATime),
        }
    }

    /// The day it is in Seoul at `instant`.
    pub fn of(instant: Instant) -> Self {
        Self(date_of_day((instant + SEOUL_OFFSET_SECONDS).0.div_euclid(DAY_SECONDS)))
    }

    /// The first second of this day in Seoul.
    pub fn starts_at(self) -> Instant {
        let days = i64::from(self.0.to_julian_day()) - i64::from(UNIX_EPOCH_JULIAN_DAY);
        Instant::from_unix_seconds(days * DAY_SECONDS - SEOUL_OFFSET_SECONDS)
    }

    /// The last second of this day in Seoul: until then a due date of this day is kept.
    pub fn ends_at(self) -> Instant {
        self.starts_at() + (DAY_SECONDS - 1)
    }

    /// Days from this to `other`; negative if it lies before.
    pub fn days_until(self, other: Self) -> i64 {
        (other.0 - self.0).whole_days()
    }

    /// The day `days` later, earlier if negative; stops at the ends of the calendar.
    #[must_use]
    pub fn plus_days(self, days: i64) -> Self {
        let sum = i64::from(self.0.to_julian_day())
            .saturating_add(days)
            .saturating_sub(i64::from(UNIX_EPOCH_JULIAN_DAY));
        Self(date_of_day(sum))
    }

    /// The same day `months` later, or the last day of that month if it has no such day (Civil Act of Korea, article 160 (3)).
    #[must_use]
    pub fn plus_months(self, months: i32) -> Self {
        let count = i64::from(self.year()) * 12 + i64::from(self.month()) - 1 + i64::from(months);
        let count = count.clamp(0, 9999 * 12 + 11);
        // Within the clamp both fit.
        let year = i32::try_from(count.div_euclid(12)).unwrap_or_default();
        let month = u8::try_from(count.rem_euclid(12) + 1).unwrap_or(1);
        let last = Month::try_from(month).map_or(31, |month| month.length(year));
        Self::from_ymd(year, month, self.day().min(last)).unwrap_or(self)
    }

    /// The last day of this month.
    #[must_use]
    pub fn end_of_month(self) -> Self {
        Self::from_ymd(self.year(), self.month(), self.0.month().length(self.year())).unwrap_or(self)
    }

    /// Full years from this day of birth until `day` (만 나이: one more on each birthday; who was born on 29 February turns on 1 March in common
    /// years); 0 if `day` lies before.
    pub fn age_on(self, day: Self) -> u32 {
        let years =
            day.year() - self.year() - i32::from((day.month(), day.day()) < (self.month(), self.day()));
        u32::try_from(years).unwrap_or(0)
    }

    /// The year.
    pub fn year(self) -> i32 {
        self.0.year()
    }

    /// The month, 1 to 12.
    pub fn month(self) -> u8 {
        self.0.month().into()
    }

    /// The day of the month, 1 to 31.
    pub fn day(self) -> u8 {
        self.0.day()
    }

    /// The day of the week, Monday is 1 and Sunday 7.
    pub fn weekday(self) -> u8 {
        self.0.weekday().number_from_monday()
    }

    /// Whether it is a Saturday or Sunday.
    pub fn is_weekend(self) -> bool {
        matches!(self.0.weekday(), Weekday::Saturday | Weekday::Sunday)
    }
}

const UNIX_EPOCH_JULIAN_DAY: i32 = 2_440_588;
const FIRST_DAY: i64 = EARLIEST.div_euclid(DAY_SECONDS);
const LAST_DAY: i64 = LATEST.div_euclid(DAY_SECONDS);

/// The date `days` after 1970-01-01, within the years 0 to 9999.
fn date_of_day(days: i64) -> Date {
    OffsetDateTime::UNIX_EPOCH.date().saturating_add(Duration::days(days.clamp(FIRST_DAY, LAST_DAY)))
}

impl fmt::Display for CivilDate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year(), self.month(), self.day())
    }
}

impl FromStr for CivilDate {
    type Err = NotATime;

    fn from_str(text: &str) -> Result<Self, NotATime> {
        Self::parse(text)
    }
}

impl From<Instant> for CivilDate {
    fn from(instant: Instant) -> Self {
        Self::of(instant)
    }
}

impl Serialize for CivilDate {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

impl<'de> Deserialize<'de> for CivilDate {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let text = String::deserialize(deserializer)?;
        Self::parse(&text).map_err(de::Error::custom)
    }
}

/// For `#[serde(with = "primitives::time::rfc3339")]`: an [`Instant`] as RFC 3339 text.
pub mod rfc3339 {
    use super::{Instant, de};
    use serde::{Deserialize, Deserializer, Serializer};

    /// Writes the instant.
    ///
    /// # Errors
    /// Those of the serializer.
    pub fn serialize<S: Serializer>(instant: &Instant, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&instant.to_rfc3339())
    }

    /// Reads an instant.
    ///
    /// # Errors
    /// If the text is not RFC 3339.
    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<Instant, D::Error> {
        let text = String::deserialize(deserializer)?;
        Instant::parse_rfc3339(&text).map_err(de::Error::custom)
    }
}

#[cfg(test)]
mod tests;
