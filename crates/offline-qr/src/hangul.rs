//! Keys struck while the input mode was Hangul, put back: a code that a person typed, or a frame that a hand scanner "typed" (OQ-9).
//!
//! Dubeolsik (KS X 5002): each letter key is a jamo, and the input method joins jamo to syllables. Taken apart again in their order they
//! are the keys in their order, whether the syllables are composed (U+AC00…), compatibility jamo (U+3131…) or conjoining jamo (U+1100…).
//! Shift shows only on Q W E R T O P; on the other keys a small letter comes back, which no reader here tells from the capital.

/// Keys of the compatibility jamo U+3131 to U+3163, in that order.
const COMPATIBILITY: [&str; 51] = [
    "r", "R", "rt", "s", "sw", "sg", "e", "E", "f", "fr", "fa", "fq", "ft", "fx", "fv", "fg", "a", "q", "Q",
    "qt", "t", "T", "d", "w", "W", "c", "z", "x", "v", "g", "k", "o", "i", "O", "j", "p", "u", "P", "h",
    "hk", "ho", "hl", "y", "n", "nj", "np", "nl", "b", "m", "ml", "l",
];
/// Keys of the nineteen initial consonants.
const INITIALS: [&str; 19] =
    ["r", "R", "s", "e", "E", "f", "a", "q", "Q", "t", "T", "d", "w", "W", "c", "z", "x", "v", "g"];
/// Keys of the twenty-one vowels.
const VOWELS: [&str; 21] = [
    "k", "o", "i", "O", "j", "p", "u", "P", "h", "hk", "ho", "hl", "y", "n", "nj", "np", "nl", "b", "m",
    "ml", "l",
];
/// Keys of the final consonants, none first.
const FINALS: [&str; 28] = [
    "", "r", "R", "rt", "s", "sw", "sg", "e", "f", "fr", "fa", "fq", "ft", "fx", "fv", "fg", "a", "q", "qt",
    "t", "T", "d", "w", "c", "z", "x", "v", "g",
];
const FIRST_SYLLABLE: u32 = 0xAC00;
const LAST_SYLLABLE: u32 = 0xD7A3;

/// The keys that were struck for `text`. What is not Hangul stays as it is.
pub fn untype(text: &str) -> String {
    let mut keys = String::with_capacity(text.len());
    for letter in text.chars() {
        match keys_of(u32::from(letter)) {
            Some(struck) => struck.iter().for_each(|key| keys.push_str(key)),
            None => keys.push(letter),
        }
    }
    keys
}

/// Whether a text has Hangul in it, so that [`untype`] would change it.
pub fn is_typed_in_hangul(text: &str) -> bool {
    text.chars().any(|letter| keys_of(u32::from(letter)).is_some())
}

fn keys_of(letter: u32) -> Option<[&'static str; 3]> {
    let of = |table: &[&'static str], first: u32| -> Option<&'static str> {
        table.get(usize::try_from(letter.checked_sub(first)?).ok()?).copied()
    };
    if (FIRST_SYLLABLE..=LAST_SYLLABLE).contains(&letter) {
        let place = usize::try_from(letter - FIRST_SYLLABLE).ok()?;
        let (initial, vowel, last) = (place / (21 * 28), place / 28 % 21, place % 28);
        return Some([
            INITIALS.get(initial).copied()?,
            VOWELS.get(vowel).copied()?,
            FINALS.get(last).copied()?,
        ]);
    }
    let single = match letter {
        0x3131..=0x3163 => of(&COMPATIBILITY, 0x3131),
        0x1100..=0x1112 => of(&INITIALS, 0x1100),
        0x1161..=0x1175 => of(&VOWELS, 0x1161),
        // The table begins with "no final", which has no letter of its own.
        0x11A8..=0x11C2 => of(&FINALS, 0x11A7),
        _ => None,
    }?;
    Some([single, "", ""])
}

#[cfg(test)]
pub(crate) mod tests;
