//! Lower-case hex of fixed length, for ids and salts in file names, keyring names and the header.

/// Lower-case hex of the bytes.
pub(crate) fn encode(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing into a String does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Exactly `2 * N` lower-case hex digits; anything else is `None`.
pub(crate) fn decode<const N: usize>(text: &str) -> Option<[u8; N]> {
    let bytes = decode_vec(text)?;
    bytes.try_into().ok()
}

/// An even number of lower-case hex digits; anything else is `None`.
pub(crate) fn decode_vec(text: &str) -> Option<Vec<u8>> {
    if !text.len().is_multiple_of(2) {
        return None;
    }
    text.as_bytes()
        .chunks_exact(2)
        .map(|pair| match pair {
            [high, low] => Some(digit(*high)? << 4 | digit(*low)?),
            _ => None,
        })
        .collect()
}

fn digit(character: u8) -> Option<u8> {
    match character {
        b'0'..=b'9' => Some(character - b'0'),
        b'a'..=b'f' => Some(character - b'a' + 10),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_encoded_is_decoded() {
        assert_eq!(encode(&[0, 255, 16]), "00ff10");
        assert_eq!(decode::<3>("00ff10"), Some([0, 255, 16]));
    }

    #[test]
    fn another_length_or_alphabet_is_refused() {
        assert_eq!(decode::<3>("00ff1"), None);
        assert_eq!(decode::<3>("00ff1000"), None);
        assert_eq!(decode::<3>("00FF10"), None);
        assert_eq!(decode::<3>("00ffg0"), None);
    }
}
