//! A camera's pictures, one after another: most hold one code, or none, and the next comes at once. So each is read in one quick pass;
//! a few misses in a row are worth a long look, as [`super::texts_in_luma`] has it.

use super::{QrError, check_size, texts_in_luma};
use rxing::helpers::detect_in_luma_slice_with_hints;
use rxing::{BarcodeFormat, DecodeHints};

/// After how many pictures without a code one is looked at for longer, a count.
pub const LONG_LOOK_AFTER: u32 = 5;

/// The most pixels of a camera's picture: full HD.
pub const MAX_CAMERA_PIXELS: u64 = 1920 * 1088;

/// Reads the pictures of one camera. It keeps nothing of them but how many in a row had no code.
#[derive(Debug, Clone, Default)]
pub struct CameraReader {
    misses: u32,
}

impl CameraReader {
    /// A reader that has seen nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { misses: 0 }
    }

    /// The texts of the codes in the next picture: grey pixels, one byte each, row by row. Usually one; a long look finds several.
    ///
    /// # Errors
    /// [`QrError::NotAPicture`] if the bytes are not `width * height`, [`QrError::TooLarge`] above [`MAX_CAMERA_PIXELS`],
    /// [`QrError::NoCode`] where there is none to be read: the next picture may have one.
    pub fn texts(&mut self, luma: Vec<u8>, width: u32, height: u32) -> Result<Vec<String>, QrError> {
        check_size(width, height)?;
        let pixels = u64::from(width) * u64::from(height);
        if pixels > MAX_CAMERA_PIXELS {
            return Err(QrError::TooLarge);
        }
        if luma.len() as u64 != pixels {
            return Err(QrError::NotAPicture);
        }
        let read = match quick(&luma, width, height) {
            Some(text) => Ok(vec![text]),
            None if self.misses >= LONG_LOOK_AFTER => {
                self.misses = 0;
                return texts_in_luma(luma, width, height);
            }
            None => Err(QrError::NoCode),
        };
        self.misses = if read.is_ok() { 0 } else { self.misses + 1 };
        read
    }
}

/// The text of one code that is dark on light, at first sight.
fn quick(luma: &[u8], width: u32, height: u32) -> Option<String> {
    let mut hints = DecodeHints { TryHarder: Some(false), ..DecodeHints::default() };
    let found =
        detect_in_luma_slice_with_hints(luma, width, height, Some(BarcodeFormat::QR_CODE), &mut hints);
    found.ok().map(|found| found.getText().to_owned()).filter(|text| !text.is_empty())
}
