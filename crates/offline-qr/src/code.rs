//! Short codes: ten characters of Crockford's base32 that a person reads off one screen and types into the other (OQ-6 to OQ-9).
//!
//! Character 0 is the question's number, 1 to 8 are forty random bits, 9 is the check character: the sum of each character times α to the
//! power of its distance from the end is zero, over GF(32) with α⁵ = α² + 1. Every wrong character and every swap of two characters changes
//! that sum, since the powers are ten different ones and none is zero.

use std::fmt;

use primitives::{Blame, Entropy, EntropyUnavailable, Left, Refusal};

use crate::hangul;
use crate::mode::QUESTION_NUMBERS;

const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";
/// Characters of a code.
pub const CODE_CHARACTERS: usize = 10;
/// Characters of what was typed, at most: a code with a blank after each character fits three times.
const MAX_TYPED_CHARACTERS: usize = 64;

/// A code that was drawn, or typed and found whole. It has no `Debug`: who knows it can answer for the asker's screen.
#[derive(Clone, PartialEq, Eq)]
pub struct ShortCode {
    text: String,
    question: u8,
}

/// Why typed text is no code.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum CodeError {
    /// Not ten characters.
    #[error("the code does not have ten characters")]
    Length,
    /// A character that no code has.
    #[error("the code has a character that no code has")]
    Character,
    /// The check character does not fit: mistyped.
    #[error("the code is mistyped")]
    Check,
    /// The number of no question.
    #[error("the code names no question")]
    Question,
}

impl Refusal for CodeError {
    fn code(&self) -> &'static str {
        match self {
            Self::Length => "offline_code_length",
            Self::Character => "offline_code_character",
            Self::Check => "offline_code_mistyped",
            Self::Question => "offline_code_question",
        }
    }

    fn rule(&self) -> &'static str {
        match self {
            Self::Length | Self::Character => "OQ-7",
            Self::Check => "OQ-8",
            Self::Question => "OQ-6",
        }
    }

    fn blame(&self) -> Blame {
        Blame::You
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}

/// Why no code was drawn.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum DrawError {
    /// A question's number outside [`QUESTION_NUMBERS`].
    #[error("the question has no number that a code can hold")]
    Question,
    /// No random bytes.
    #[error(transparent)]
    Entropy(#[from] EntropyUnavailable),
}

impl ShortCode {
    /// Draws forty random bits for this question.
    ///
    /// # Errors
    /// See [`DrawError`].
    pub fn draw(question: u8, entropy: &dyn Entropy) -> Result<Self, DrawError> {
        if !QUESTION_NUMBERS.contains(&question) {
            return Err(DrawError::Question);
        }
        let mut random = [0; 8];
        // Five of the eight bytes are drawn; the shifts below take five bits at a time from the lower end.
        let (_, drawn) = random.split_at_mut(3);
        entropy.fill(drawn)?;
        let random = u64::from_be_bytes(random);
        let mut values = [0_u8; CODE_CHARACTERS];
        for (place, value) in values.iter_mut().enumerate() {
            *value = match place {
                0 => question,
                1..=8 => low_five(random >> (5 * (8 - place))),
                _ => 0,
            };
        }
        // With the last weight 1, the check character is the sum of the others.
        let check = weighted_sum(&values);
        if let Some(last) = values.last_mut() {
            *last = check;
        }
        Ok(Self { text: values.iter().map(|value| character(*value)).collect(), question })
    }

    /// Reads what a person typed: either case, O for 0, I and L for 1, blanks and hyphens anywhere, and keys struck in Hangul mode (OQ-7).
    ///
    /// # Errors
    /// See [`CodeError`].
    pub fn parse(typed: &str) -> Result<Self, CodeError> {
        let mut values = Vec::with_capacity(CODE_CHARACTERS);
        if typed.chars().nth(MAX_TYPED_CHARACTERS).is_some() {
            return Err(CodeError::Length);
        }
        for letter in hangul::untype(typed).chars() {
            if letter.is_whitespace() || matches!(letter, '-' | '‐' | '‑' | '–' | '—' | '_') {
                continue;
            }
            values.push(value(letter).ok_or(CodeError::Character)?);
        }
        if values.len() != CODE_CHARACTERS {
            return Err(CodeError::Length);
        }
        if weighted_sum(&values) != 0 {
            return Err(CodeError::Check);
        }
        let question = values.first().copied().unwrap_or_default();
        if !QUESTION_NUMBERS.contains(&question) {
            return Err(CodeError::Question);
        }
        Ok(Self { text: values.iter().map(|value| character(*value)).collect(), question })
    }

    /// The number of the ready-made question, one of [`QUESTION_NUMBERS`].
    pub fn question(&self) -> u8 {
        self.question
    }

    /// The ten characters, upper case: the proof's `nonce`.
    pub fn nonce(&self) -> &str {
        &self.text
    }

    /// As it is shown: `XXXXX-XXXXX`.
    pub fn grouped(&self) -> String {
        let (first, second) = self.text.split_at(CODE_CHARACTERS / 2);
        format!("{first}-{second}")
    }
}

impl fmt::Debug for ShortCode {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "ShortCode(question {})", self.question)
    }
}

fn low_five(bits: u64) -> u8 {
    bits.to_le_bytes().first().copied().unwrap_or_default() & 31
}

fn character(value: u8) -> char {
    char::from(ALPHABET.get(usize::from(value)).copied().unwrap_or(b'0'))
}

fn value(letter: char) -> Option<u8> {
    let letter = match letter.to_ascii_uppercase() {
        'O' => '0',
        'I' | 'L' => '1',
        other => other,
    };
    let place = ALPHABET.iter().position(|known| char::from(*known) == letter)?;
    u8::try_from(place).ok()
}

/// Σ α^(distance from the end) · value, by Horner's rule.
fn weighted_sum(values: &[u8]) -> u8 {
    values.iter().fold(0, |sum, value| times_alpha(sum) ^ value)
}

/// Multiplication by α in GF(2⁵) modulo x⁵ + x² + 1.
fn times_alpha(value: u8) -> u8 {
    let doubled = value << 1;
    if doubled & 0b10_0000 == 0 { doubled } else { (doubled ^ 0b10_0101) & 31 }
}

#[cfg(test)]
mod tests {
    use super::*;
    use primitives::test_support::SequenceEntropy;
    use proptest::prelude::*;

    // rule: OQ-6
    #[test]
    fn a_code_names_its_question_and_holds_forty_random_bits() {
        let entropy = SequenceEntropy::new(1);
        let code = ShortCode::draw(7, &entropy).unwrap();
        let other = ShortCode::draw(7, &entropy).unwrap();
        assert_eq!(code.question(), 7);
        assert_eq!(code.nonce().len(), 10);
        assert!(code != other);
        let grouped = code.grouped();
        assert_eq!((grouped.len(), grouped.find('-')), (11, Some(5)));
        assert_eq!(ShortCode::parse(&grouped).unwrap().nonce(), code.nonce());
        for question in [0, 32, 255] {
            assert_eq!(ShortCode::draw(question, &entropy).unwrap_err(), DrawError::Question);
        }
        assert_eq!(ShortCode::parse("0000000000").unwrap_err(), CodeError::Question);
        // Every one of the forty bits is drawn: each is found set and unset.
        let (mut set, mut unset) = ([0_u8; 8], [0_u8; 8]);
        for _ in 0..64 {
            let code = ShortCode::draw(1, &entropy).unwrap();
            for (place, letter) in code.nonce().chars().skip(1).take(8).enumerate() {
                set[place] |= value(letter).unwrap();
                unset[place] |= !value(letter).unwrap() & 31;
            }
        }
        assert_eq!((set, unset), ([31; 8], [31; 8]));
        entropy.fail();
        assert_eq!(ShortCode::draw(1, &entropy).unwrap_err(), DrawError::Entropy(EntropyUnavailable));
    }

    // rule: OQ-7
    #[test]
    fn what_people_type_for_a_code_is_the_code() {
        // 7 0A1 … with every character that is easily taken for another.
        let code = (0..).map(|seed| ShortCode::draw(7, &SequenceEntropy::new(seed)).unwrap());
        let code = { code }.find(|code| code.nonce().contains('0') && code.nonce().contains('1')).unwrap();
        let text = code.nonce().to_owned();
        let spaced: String = text.chars().flat_map(|letter| [letter, ' ']).collect();
        for typed in [
            text.to_lowercase(),
            text.replace('0', "O"),
            text.replace('0', "o"),
            text.replace('1', "l"),
            text.replace('1', "I"),
            format!("  {} ", code.grouped()),
            spaced,
        ] {
            assert!(ShortCode::parse(&typed).unwrap() == code, "{typed}");
        }
        assert_eq!(ShortCode::parse(&text.replace('0', "U")).unwrap_err(), CodeError::Character);
        assert_eq!(ShortCode::parse("").unwrap_err(), CodeError::Length);
        assert_eq!(ShortCode::parse(&format!("{text}0")).unwrap_err(), CodeError::Length);
        assert_eq!(ShortCode::parse(&" ".repeat(1000)).unwrap_err(), CodeError::Length);
    }

    // rule: OQ-9
    #[test]
    fn keys_struck_in_hangul_mode_are_the_letters_on_them() {
        // "kr" struck in Hangul mode is ㅏㄱ; "rkfk" is 가라.
        for seed in 0..200 {
            let code = ShortCode::draw(9, &SequenceEntropy::new(seed)).unwrap();
            let typed = hangul::tests::typed(&code.nonce().to_lowercase());
            assert!(ShortCode::parse(&typed).unwrap() == code, "{typed}");
        }
    }

    proptest! {
        // rule: OQ-8
        #[test]
        fn every_wrong_character_and_every_swap_is_found(seed: u64, question in 1_u8..=31, place in 0_usize..10, to in 0_u8..32) {
            let code = ShortCode::draw(question, &SequenceEntropy::new(seed)).unwrap();
            let mut letters: Vec<char> = code.nonce().chars().collect();
            let swapped_with = (place + 1 + usize::from(to) % 9) % 10;
            let mut swapped = letters.clone();
            swapped.swap(place, swapped_with);
            if swapped != letters {
                let typed: String = swapped.iter().collect();
                prop_assert_eq!(ShortCode::parse(&typed).unwrap_err(), CodeError::Check);
            }
            if letters[place] != character(to) {
                letters[place] = character(to);
                let typed: String = letters.iter().collect();
                prop_assert_eq!(ShortCode::parse(&typed).unwrap_err(), CodeError::Check);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = ShortCode::parse(&text);
        }
    }
}
