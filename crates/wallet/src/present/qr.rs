//! A frame's text as the modules of a QR code (ISO/IEC 18004): one alphanumeric segment, so that every frame of a series has the same side.

use primitives::base64url;
use qrcode::bits::Bits;
use qrcode::{Color, EcLevel, QrCode, Version};

use crate::view::{FrameSize, QrFrame};

/// The largest version there is.
const MAX_VERSION: i16 = 40;

/// The code of a frame: error correction M, and L for a still picture, whose text may fill the largest code. `None`: no code holds it.
#[must_use]
pub fn frame(sequence: u16, text: &str, size: FrameSize) -> Option<QrFrame> {
    let correction = match size {
        FrameSize::Standard | FrameSize::Small => EcLevel::M,
        FrameSize::Still => EcLevel::L,
    };
    let code = (1..=MAX_VERSION).find_map(|version| {
        let mut bits = Bits::new(Version::Normal(version));
        bits.push_alphanumeric_data(text.as_bytes()).ok()?;
        bits.push_terminator(correction).ok()?;
        QrCode::with_bits(bits, correction).ok()
    })?;
    Some(QrFrame { sequence, side: code.width(), modules: packed(&code.to_colors()) })
}

/// Eight modules a byte, from the highest bit.
fn packed(modules: &[Color]) -> String {
    let byte = |chunk: &[Color]| {
        (0..8).fold(0_u8, |byte, place| byte << 1 | u8::from(chunk.get(place) == Some(&Color::Dark)))
    };
    base64url::encode_standard(&modules.chunks(8).map(byte).collect::<Vec<u8>>())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_text_of_one_length_has_one_side_and_its_modules_row_by_row() {
        let letters = frame(0, &"A".repeat(970), FrameSize::Standard).unwrap();
        let digits = frame(7, &"1".repeat(970), FrameSize::Standard).unwrap();
        assert_eq!((letters.side, digits.side, digits.sequence), (97, 97, 7), "version 20-M");
        let bytes = base64url::decode_standard(&letters.modules).unwrap();
        assert_eq!(bytes.len(), (97 * 97_usize).div_ceil(8));
        // The upper left finder: seven dark modules, then a light one.
        assert_eq!(bytes[0], 0b1111_1110);
        assert_eq!(frame(0, &"A".repeat(4296), FrameSize::Still).unwrap().side, 177, "version 40-L");
        assert!(frame(0, &"A".repeat(4297), FrameSize::Still).is_none());
    }
}
