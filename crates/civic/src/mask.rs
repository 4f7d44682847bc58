//! What of a value may stand on the screen before the citizen asks for it.
//!
//! 개인정보 보호법 제24조의2: a resident registration number is never whole, anywhere. These masks are a second
//! line of defence: the demo government issues no whole number either.

/// How many characters of a masked value stand in for it, whatever its length: the length itself tells something.
const DOTS: &str = "●●●●●●";

/// Names under which a whole resident registration number is asked for. No paper of the catalogue carries one.
const RESIDENT_NUMBER_NAMES: [&str; 5] =
    ["ihidnum", "rrn", "residentRegistrationNumber", "resident_registration_number", "juminNumber"];

/// Whether a claim of this name would be a whole resident registration number (개인정보 보호법 제24조의2: asked for only where
/// a law says so; consent is not enough).
#[must_use]
pub fn is_resident_number_name(name: &str) -> bool {
    RESIDENT_NUMBER_NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// The mask of a value whose length must not show.
#[must_use]
pub fn hidden() -> &'static str {
    DOTS
}

/// Whether a text carries what looks like a whole resident registration number: six digits, an optional hyphen or
/// space, and seven digits, not embedded in a longer run of digits.
///
/// The six digits have to be a day of some year, so that few account numbers are taken for one; a corporation's number still is. Such a text
/// leaves only where a law allows it, so a false alarm costs a presentation. The mask is not so careful: there it costs a mask and no more.
#[must_use]
pub fn looks_like_resident_number(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    (0..characters.len()).any(|start| matches_at(&characters, start) && is_day_at(&characters, start))
}

/// Whether the third to sixth digits from here could be a month and a day.
fn is_day_at(characters: &[char], start: usize) -> bool {
    let two = |from: usize| {
        let digit = |index: usize| characters.get(index).and_then(|digit| digit.to_digit(10));
        Some(digit(from)? * 10 + digit(from + 1)?)
    };
    matches!((two(start + 2), two(start + 4)), (Some(1..=12), Some(1..=31)))
}

fn matches_at(characters: &[char], start: usize) -> bool {
    let digit = |index: usize| characters.get(index).is_some_and(char::is_ascii_digit);
    let run = |from: usize, count: usize| (from..from + count).all(digit);
    if start > 0 && digit(start - 1) || !run(start, 6) {
        return false;
    }
    let second = match characters.get(start + 6) {
        Some('-' | ' ') => start + 7,
        _ => start + 6,
    };
    run(second, 7) && !digit(second + 7)
}

/// The text with everything that looks like a whole resident registration number cut to `880614-0******`'s shape:
/// birth date, first digit, six stars.
#[must_use]
pub fn resident_numbers(text: &str) -> String {
    let characters: Vec<char> = text.chars().collect();
    let mut masked = String::with_capacity(text.len());
    let mut index = 0;
    while let Some(character) = characters.get(index) {
        if matches_at(&characters, index) {
            let separator = matches!(characters.get(index + 6), Some('-' | ' '));
            let second = index + if separator { 7 } else { 6 };
            masked.extend(characters.iter().skip(index).take(6));
            masked.push('-');
            masked.extend(characters.get(second));
            masked.push_str("******");
            index = second + 7;
        } else {
            masked.push(*character);
            index += 1;
        }
    }
    masked
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_whole_resident_number_never_stands() {
        assert_eq!(resident_numbers("번호 880614-0123456 끝"), "번호 880614-0****** 끝");
        assert_eq!(resident_numbers("8806140123456"), "880614-0******");
        assert_eq!(resident_numbers("880614 0123456"), "880614-0******");
        assert!(!looks_like_resident_number(&resident_numbers("880614-0123456 880614-0123456")));
    }

    #[test]
    fn what_begins_with_no_day_is_masked_but_is_no_number() {
        for text in ["880614-0123456", "번호 8806140123456", "991231 0123456"] {
            assert!(looks_like_resident_number(text), "{text}");
        }
        for text in ["881314-0123456", "880014-0123456", "880632-0123456", "8806000123456"] {
            assert!(!looks_like_resident_number(text), "{text}");
            assert_ne!(resident_numbers(text), text);
        }
    }

    #[test]
    fn the_masked_number_is_not_the_whole_one() {
        assert!(is_resident_number_name("ihidnum") && is_resident_number_name("RRN"));
        assert!(!is_resident_number_name("ihidnumMasked") && !is_resident_number_name("name"));
    }

    #[test]
    fn what_is_not_one_stays() {
        for text in
            ["880614-0******", "99999-1-26-01-000001012", "20260101", "010-0000-0001", "0000-0000-0000-0001"]
        {
            assert_eq!(resident_numbers(text), text);
            assert!(!looks_like_resident_number(text), "{text}");
        }
    }
}
