use super::*;
use proptest::prelude::*;

fn day(text: &str) -> CivilDate {
    CivilDate::parse(text).unwrap()
}

#[test]
fn rfc_3339_is_read_with_any_offset_and_written_in_utc() {
    let instant = Instant::parse_rfc3339("2026-11-22T08:59:59.9+09:00").unwrap();
    assert_eq!(instant.to_rfc3339(), "2026-11-21T23:59:59Z");
    assert_eq!(Instant::from_unix_seconds(0).to_string(), "1970-01-01T00:00:00Z");
    for text in
        ["2026-11-21", "2026-11-21T10:00:00", "2026-13-01T00:00:00Z", "2026-02-29T00:00:00Z", "", "now"]
    {
        assert_eq!(Instant::parse_rfc3339(text), Err(NotATime), "{text}");
    }
}

#[test]
fn an_instant_stops_at_the_ends_of_the_calendar() {
    assert_eq!(Instant::MIN.to_rfc3339(), "0000-01-01T00:00:00Z");
    assert_eq!(Instant::MAX.to_rfc3339(), "9999-12-31T23:59:59Z");
    assert_eq!(Instant::MAX + 1, Instant::MAX);
    assert_eq!(Instant::MIN - i64::MAX, Instant::MIN);
    assert_eq!(Instant::from_unix_seconds(i64::MAX), Instant::MAX);
    assert_eq!(CivilDate::of(Instant::MAX), day("9999-12-31"));
    assert_eq!(day("9999-12-31").plus_days(i64::MAX), day("9999-12-31"));
    assert_eq!(day("0000-01-01").plus_days(i64::MIN), day("0000-01-01"));
    assert_eq!(day("9999-12-01").plus_months(i32::MAX), day("9999-12-01"));
}

#[test]
fn a_numeric_date_is_a_number() {
    let read = |text: &str| serde_json::from_str::<Instant>(text);
    assert_eq!(read("1763719200").unwrap().unix_seconds(), 1_763_719_200);
    assert_eq!(read("1763719200.75").unwrap().unix_seconds(), 1_763_719_200);
    assert_eq!(read("18446744073709551615").unwrap(), Instant::MAX);
    assert!(read("\"1763719200\"").is_err());
    assert!(read("null").is_err());
    assert_eq!(serde_json::to_string(&Instant::from_unix_seconds(5)).unwrap(), "5");
}

#[test]
fn the_day_changes_at_midnight_in_seoul() {
    assert_eq!(CivilDate::of(Instant::parse_rfc3339("2026-11-21T14:59:59Z").unwrap()), day("2026-11-21"));
    assert_eq!(CivilDate::of(Instant::parse_rfc3339("2026-11-21T15:00:00Z").unwrap()), day("2026-11-22"));
    assert_eq!(day("2026-11-22").starts_at().to_rfc3339(), "2026-11-21T15:00:00Z");
    assert_eq!(day("2026-11-22").ends_at().to_rfc3339(), "2026-11-22T14:59:59Z");
}

#[test]
fn only_calendar_days_of_ten_characters_are_dates() {
    for text in [
        "2026-02-29",
        "2026-2-09",
        "26-02-09",
        "2026-13-01",
        "2026-00-10",
        "2026-01-32",
        "+026-01-01",
        "2026-01-01Z",
        "2026-01-01-",
        "",
    ] {
        assert_eq!(CivilDate::parse(text), Err(NotATime), "{text}");
    }
    assert_eq!(day("2028-02-29").to_string(), "2028-02-29");
}

#[test]
fn days_months_and_weekdays() {
    assert_eq!(day("2026-12-31").days_until(day("2027-01-01")), 1);
    assert_eq!(day("2027-01-01").days_until(day("2026-12-31")), -1);
    assert_eq!(day("2026-01-31").plus_months(1), day("2026-02-28"));
    assert_eq!(day("2026-12-15").plus_months(1), day("2027-01-15"));
    assert_eq!(day("2026-01-15").plus_months(-1), day("2025-12-15"));
    assert_eq!(day("2028-02-03").end_of_month(), day("2028-02-29"));
    assert_eq!(day("2026-11-21").weekday(), 6);
    assert!(day("2026-11-21").is_weekend() && !day("2026-11-23").is_weekend());
}

#[test]
fn a_year_of_age_is_added_on_the_birthday() {
    let birth = day("1988-06-14");
    assert_eq!(birth.age_on(day("2026-06-13")), 37);
    assert_eq!(birth.age_on(day("2026-06-14")), 38);
    assert_eq!(birth.age_on(day("1980-01-01")), 0);
    assert_eq!(day("2008-02-29").age_on(day("2027-02-28")), 18);
    assert_eq!(day("2008-02-29").age_on(day("2027-03-01")), 19);
}

proptest! {
    #[test]
    fn instants_survive_text(seconds in EARLIEST..=LATEST) {
        let instant = Instant::from_unix_seconds(seconds);
        prop_assert_eq!(Instant::parse_rfc3339(&instant.to_rfc3339()).unwrap(), instant);
    }

    #[test]
    fn days_survive_text_and_lie_between_their_ends(seconds in (EARLIEST + DAY_SECONDS)..(LATEST - DAY_SECONDS)) {
        let instant = Instant::from_unix_seconds(seconds);
        let date = CivilDate::of(instant);
        prop_assert_eq!(CivilDate::parse(&date.to_string()).unwrap(), date);
        prop_assert!(date.starts_at() <= instant && instant <= date.ends_at());
        prop_assert_eq!(date.plus_days(1).starts_at(), date.ends_at() + 1);
    }
}
