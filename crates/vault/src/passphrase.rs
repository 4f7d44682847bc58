//! The passphrase and how hard it is to guess (design, "Keys": some 50 bits or more, judged as it is typed; no short PIN
//! without hardware behind it, since the keyring gives every program of the user the sealed item).

use std::collections::HashSet;
use std::fmt;

use crypto::SecretVec;

/// The least estimated strength, in bits.
pub const MIN_PASSPHRASE_BITS: u32 = 50;

/// The longest passphrase, in bytes of UTF-8.
pub const MAX_PASSPHRASE_BYTES: usize = 1024;

/// A passphrase as typed. Wiped when dropped; no `Debug` of the content.
pub struct Passphrase(SecretVec);

impl Passphrase {
    /// Takes what was typed; `None` if it is empty or longer than [`MAX_PASSPHRASE_BYTES`].
    #[must_use]
    pub fn new(typed: String) -> Option<Self> {
        let length = typed.len();
        let typed = SecretVec::from_string(typed);
        (length > 0 && length <= MAX_PASSPHRASE_BYTES).then_some(Self(typed))
    }

    /// The estimate for this passphrase, in bits.
    #[must_use]
    pub fn bits(&self) -> u32 {
        self.0.expose_str().map_or(0, estimated_bits)
    }

    pub(crate) fn is_strong_enough(&self) -> bool {
        self.bits() >= MIN_PASSPHRASE_BITS
    }

    pub(crate) fn secret(&self) -> &SecretVec {
        &self.0
    }
}

impl fmt::Debug for Passphrase {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("Passphrase(..)")
    }
}

/// A cautious estimate of a passphrase's strength, in bits.
///
/// Every character counts for the smallest of two figures: what its kind alone would give (a digit, a lower-case letter, a
/// Hangul syllable), discounted for words of a language, and almost nothing if it repeats or continues the one before it. It
/// knows no dictionary: it is a floor under the worst, not a promise.
#[must_use]
pub fn estimated_bits(typed: &str) -> u32 {
    let mut tenths: u32 = 0;
    let mut seen: HashSet<(char, char)> = HashSet::new();
    let mut before: Option<char> = None;
    for character in typed.chars() {
        let predictable = before.is_some_and(|before| {
            let distance = i64::from(u32::from(character)) - i64::from(u32::from(before));
            distance.abs() <= 1 || !seen.insert((before, character))
        });
        tenths = tenths.saturating_add(if predictable { 5 } else { tenths_of(character) });
        before = Some(character);
    }
    tenths / 10
}

/// What one unpredictable character is worth, in tenths of a bit.
fn tenths_of(character: char) -> u32 {
    match character {
        '0'..='9' => 30,
        'a'..='z' => 33,
        'A'..='Z' => 40,
        ' ' => 10,
        '!'..='~' => 45,
        // Hangul syllables in words: far fewer than the 11,172 possible.
        '가'..='힣' => 60,
        _ => 50,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn short_repeated_and_sequential_ones_are_weak() {
        for weak in [
            "1234",
            "000000000000000000000000",
            "abcdefghijklmnop",
            "password",
            "비밀번호",
            "abababababababababababab",
        ] {
            assert!(estimated_bits(weak) < MIN_PASSPHRASE_BITS, "{weak}: {}", estimated_bits(weak));
        }
    }

    #[test]
    fn several_words_are_strong() {
        for strong in ["correct horse battery staple", "강물 위에 달빛이 흐르는 밤", "kV7!zq9-Lm2_wRt4"]
        {
            assert!(estimated_bits(strong) >= MIN_PASSPHRASE_BITS, "{strong}: {}", estimated_bits(strong));
        }
    }

    #[test]
    fn it_is_not_printed() {
        let passphrase = Passphrase::new("correct horse battery staple".to_owned()).unwrap();
        assert!(!format!("{passphrase:?}").contains("horse"));
    }

    #[test]
    fn an_empty_or_endless_one_is_refused() {
        assert!(Passphrase::new(String::new()).is_none());
        assert!(Passphrase::new("a".repeat(MAX_PASSPHRASE_BYTES + 1)).is_none());
    }
}
