//! An input method in small, and that what it joined is taken apart again.

use super::*;
use proptest::prelude::*;

/// What an input method in Hangul mode makes of keys: an initial and a vowel join, then a final consonant unless a vowel follows it.
pub(crate) fn typed(keys: &str) -> String {
    let jamo: Vec<char> = keys.chars().collect();
    let find = |table: &[&str], keys: &str| table.iter().position(|known| *known == keys);
    let key = |place: usize| jamo.get(place).map(char::to_string).unwrap_or_default();
    // Without their own jamo, keys with Shift give what they give without.
    let base = |key: String| if COMPATIBILITY.contains(&key.as_str()) { key } else { key.to_lowercase() };
    let mut text = String::new();
    let mut place = 0;
    while place < jamo.len() {
        let first = base(key(place));
        let vowel = base(key(place + 1));
        match (find(&INITIALS, &first), find(&VOWELS, &vowel)) {
            (Some(initial), Some(mut vowel_at)) => {
                place += 2;
                if let Some(joined) = find(&VOWELS, &format!("{vowel}{}", base(key(place))))
                    && jamo.len() > place
                {
                    vowel_at = joined;
                    place += 1;
                }
                let mut last_at = 0;
                let last = base(key(place));
                let after = base(key(place + 1));
                if let Some(found) = find(&FINALS, &last).filter(|found| *found > 0)
                    && find(&VOWELS, &after).is_none()
                {
                    last_at = found;
                    place += 1;
                    let pair = find(&FINALS, &format!("{last}{after}"));
                    let then = base(key(place + 1));
                    if let (Some(pair), None, false) = (pair, find(&VOWELS, &then), after.is_empty()) {
                        last_at = pair;
                        place += 1;
                    }
                }
                let code = 0xAC00 + (initial * 21 + vowel_at) * 28 + last_at;
                text.push(char::from_u32(u32::try_from(code).unwrap()).unwrap());
            }
            _ => {
                match find(&COMPATIBILITY, &first) {
                    Some(found) => text.push(char::from_u32(0x3131 + u32::try_from(found).unwrap()).unwrap()),
                    None => text.push_str(&first),
                }
                place += 1;
            }
        }
    }
    text
}

// rule: OQ-9
#[test]
fn well_known_words_are_the_keys_they_are_typed_with() {
    for (keys, text) in [
        ("dkssudgktpdy", "안녕하세요"),
        ("qkfrek", "밝다"),
        ("ehksek", "돤다"),
        ("dhkdWk", "왕짜"),
        ("dmldhl", "의외"),
        ("Rmx", "끝"),
        ("djqtek", "없다"),
        ("rkqtl", "갑시"),
        ("tkRk", "사까"),
        ("dOP", "얘ㅖ"),
    ] {
        assert_eq!(untype(text), keys);
        assert_eq!(typed(keys), text);
    }
    assert_eq!(untype("ㄳㅄㅢ"), "rtqtml");
    // Conjoining jamo, as macOS stores names.
    assert_eq!(untype("\u{1112}\u{1161}\u{11ab}\u{1100}\u{1173}\u{11af}"), "gksrmf");
    assert_eq!(untype("OQ1:ABC é 漢"), "OQ1:ABC é 漢");
    assert!(is_typed_in_hangul("A가") && !is_typed_in_hangul("OQ1: é 漢"));
}

#[test]
fn every_hangul_letter_has_keys() {
    for letter in (0x3131..=0x3163).chain(FIRST_SYLLABLE..=LAST_SYLLABLE) {
        let keys = untype(&char::from_u32(letter).unwrap().to_string());
        assert!(!keys.is_empty() && keys.chars().all(|key| key.is_ascii_alphabetic()));
    }
}

proptest! {
    // rule: OQ-9
    #[test]
    fn keys_come_back_whatever_was_joined(keys in "[a-z0-9$%*+./: -]{0,60}") {
        prop_assert_eq!(untype(&typed(&keys)), keys);
    }

    // rule: OQ-9
    #[test]
    fn capital_letters_come_back_in_either_case(keys in "[A-Z0-9$%*+./: -]{0,60}") {
        prop_assert_eq!(untype(&typed(&keys)).to_ascii_uppercase(), keys);
    }
}
