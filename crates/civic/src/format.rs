//! Numbers and dates as people read them: "11,330원", "2026. 11. 26.", "11,330 won", "26 Nov 2026".

use primitives::{CivilDate, LocalizedText};

/// Whether a character hides, or turns others around: control characters, joiners and blanks without width, marks of direction.
#[must_use]
pub fn is_hidden(letter: char) -> bool {
    letter.is_control()
        || matches!(letter, '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{2069}' | '\u{feff}')
}

/// A whole number with commas: `1,842,300`.
#[must_use]
pub fn thousands(value: i64) -> String {
    let digits = value.unsigned_abs().to_string();
    let mut text = String::with_capacity(digits.len() + digits.len() / 3 + 1);
    if value < 0 {
        text.push('-');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// An amount in won.
#[must_use]
pub fn won(value: i64) -> LocalizedText {
    let number = thousands(value);
    LocalizedText { ko: format!("{number}원"), en: format!("{number} won") }
}

/// A civil date.
#[must_use]
pub fn date(date: CivilDate) -> LocalizedText {
    const MONTHS: [&str; 12] =
        ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let (year, month, day) = (date.year(), date.month(), date.day());
    let name = MONTHS.get(usize::from(month).saturating_sub(1)).copied().unwrap_or("");
    LocalizedText { ko: format!("{year}. {month}. {day}."), en: format!("{day} {name} {year}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn commas_stand_every_three_digits() {
        assert_eq!(thousands(0), "0");
        assert_eq!(thousands(999), "999");
        assert_eq!(thousands(11_330), "11,330");
        assert_eq!(thousands(-1_842_300), "-1,842,300");
        assert_eq!(won(11_330).ko, "11,330원");
        assert_eq!(won(11_330).en, "11,330 won");
    }
}
