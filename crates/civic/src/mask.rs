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
/// Such a text is refused from display and from requests; the false alarms it raises cost a mask and no more.
#[must_use]
pub fn looks_like_resident_number(text: &str) -> bool {
    let characters: Vec<char> = text.chars().collect();
    (0..characters.len()).any(|start| matches_at(&characters, start))
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
