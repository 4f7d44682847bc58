//! Base45 (RFC 9285): what QR's alphanumeric mode holds, two bytes in three characters (OQ-20).

const ALPHABET: &[u8; 45] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:";

/// The text is not base45: a character outside the alphabet, a group whose number is too large, or one character left over.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the text is not base45")]
pub struct NotBase45;

/// Encodes bytes.
pub fn encode(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len().div_ceil(2) * 3);
    for pair in bytes.chunks(2) {
        let (mut number, digits) = match pair {
            [high, low] => (u32::from(*high) * 256 + u32::from(*low), 3),
            _ => (pair.first().copied().map_or(0, u32::from), 2),
        };
        for _ in 0..digits {
            text.push(character(number % 45));
            number /= 45;
        }
    }
    text
}

/// Decodes a text whose length the caller has bounded.
///
/// # Errors
/// [`NotBase45`].
pub fn decode(text: &str) -> Result<Vec<u8>, NotBase45> {
    let mut bytes = Vec::with_capacity(text.len() / 3 * 2 + 1);
    for group in text.as_bytes().chunks(3) {
        let mut number = 0_u32;
        for digit in group.iter().rev() {
            number = number * 45 + value(*digit)?;
        }
        match group.len() {
            3 => bytes.extend(u16::try_from(number).map_err(|_| NotBase45)?.to_be_bytes()),
            2 => bytes.push(u8::try_from(number).map_err(|_| NotBase45)?),
            _ => return Err(NotBase45),
        }
    }
    Ok(bytes)
}

fn character(value: u32) -> char {
    let place = usize::try_from(value).unwrap_or_default();
    char::from(ALPHABET.get(place).copied().unwrap_or(b'0'))
}

fn value(digit: u8) -> Result<u32, NotBase45> {
    let value = match digit {
        b'0'..=b'9' => digit - b'0',
        b'A'..=b'Z' => digit - b'A' + 10,
        b' ' => 36,
        b'$' => 37,
        b'%' => 38,
        b'*' => 39,
        b'+' => 40,
        b'-' => 41,
        b'.' => 42,
        b'/' => 43,
        b':' => 44,
        _ => return Err(NotBase45),
    };
    Ok(u32::from(value))
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    // rule: OQ-20
    #[test]
    fn the_examples_of_rfc_9285_hold() {
        // Sections 4.3 and 4.4.
        for (bytes, text) in [
            (&b"AB"[..], "BB8"),
            (b"Hello!!", "%69 VD92EX0"),
            (b"base-45", "UJCLQE7W581"),
            (b"ietf!", "QED8WEX0"),
        ] {
            assert_eq!(encode(bytes), text);
            assert_eq!(decode(text).unwrap(), bytes);
        }
        // Section 6: the largest group is FGW, and GGW, ::: would be more than two bytes.
        assert_eq!(decode("FGW").unwrap(), [255, 255]);
        for text in ["GGW", ":::", "::", "A", "BB8A", "bb8", "ab", "\u{fffd}", "=5", "V5"] {
            assert_eq!(decode(text), Err(NotBase45), "{text}");
        }
        assert_eq!(decode("").unwrap(), b"");
        assert_eq!(encode(b""), "");
    }

    proptest! {
        // rule: OQ-20
        #[test]
        fn what_was_encoded_decodes(bytes: Vec<u8>) {
            prop_assert_eq!(decode(&encode(&bytes)).unwrap(), bytes);
        }

        // rule: OQ-20
        #[test]
        fn what_decodes_is_the_only_text_for_its_bytes(text in "[0-9A-Z $%*+./:-]{0,24}") {
            if let Ok(bytes) = decode(&text) {
                prop_assert_eq!(encode(&bytes), text);
            }
        }

        #[test]
        fn no_text_makes_it_panic(text: String) {
            let _ = decode(&text);
        }
    }
}
