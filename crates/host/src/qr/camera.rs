//! A camera's pictures, one after another: most hold one code, or none, and the next comes at once. So each is read in one quick pass;
//! a few in a row that brought nothing are worth a long look, as [`super::texts_in_luma`] has it.
//!
//! The quick pass finds one code, of several the smaller: a code that stands on the counter would hide the screen that is held up beside it.
//! So the caller says which texts it looks for, and any other one counts for nothing.

use std::hash::{DefaultHasher, Hash as _, Hasher as _};

use super::{QrError, check_size, texts_in_luma};
use rxing::helpers::detect_in_luma_slice_with_hints;
use rxing::{BarcodeFormat, DecodeHints};

/// After how many pictures without a code that was wanted one is looked at for longer, a count.
pub const LONG_LOOK_AFTER: u32 = 5;

/// After how many pictures with one text and no other one is looked at for longer, a count: a screen shows each of its codes for half a
/// second or more.
pub const LONG_LOOK_AFTER_SAME: u32 = 20;

/// The most pixels of a camera's picture: full HD.
pub const MAX_CAMERA_PIXELS: u64 = 1920 * 1088;

/// Reads the pictures of one camera. It keeps nothing of them but how many in a row brought nothing, and a number made of the last text.
#[derive(Debug, Clone, Default)]
pub struct CameraReader {
    /// Pictures in a row without a text that was wanted.
    misses: u32,
    /// Pictures in a row with the text of the one before.
    same: u32,
    /// What tells the last text from another.
    last: Option<u64>,
    /// So many times more a long look follows at once on a quick one that brought nothing: the last ones found a code beside it.
    crowd: u32,
}

impl CameraReader {
    /// A reader that has seen nothing yet.
    #[must_use]
    pub const fn new() -> Self {
        Self { misses: 0, same: 0, last: None, crowd: 0 }
    }

    /// The texts of the codes in the next picture: grey pixels, one byte each, row by row. Usually one; a long look finds several. `wanted`
    /// says of a text whether it is what is looked for; what is not may be among the texts all the same.
    ///
    /// # Errors
    /// [`QrError::NotAPicture`] if the bytes are not `width * height`, [`QrError::TooLarge`] above [`MAX_CAMERA_PIXELS`],
    /// [`QrError::NoCode`] where there is none to be read: the next picture may have one.
    pub fn texts(
        &mut self,
        luma: Vec<u8>,
        width: u32,
        height: u32,
        wanted: impl Fn(&str) -> bool,
    ) -> Result<Vec<String>, QrError> {
        check_size(width, height)?;
        let pixels = u64::from(width) * u64::from(height);
        if pixels > MAX_CAMERA_PIXELS {
            return Err(QrError::TooLarge);
        }
        if luma.len() as u64 != pixels {
            return Err(QrError::NotAPicture);
        }
        let first = quick(&luma, width, height);
        if !self.is_long_look_due(first.as_deref(), &wanted) {
            return first.map(|text| vec![text]).ok_or(QrError::NoCode);
        }
        let read = texts_in_luma(luma, width, height);
        let Some(first) = first else { return read };
        let mut texts = read.unwrap_or_default();
        let beside = texts.iter().any(|text| *text != first && wanted(text));
        self.crowd = if beside { LONG_LOOK_AFTER } else { self.crowd.saturating_sub(1) };
        if !texts.contains(&first) {
            texts.push(first);
        }
        Ok(texts)
    }

    /// Counts what the quick look found, and says whether it is to be followed by a long one.
    fn is_long_look_due(&mut self, found: Option<&str>, wanted: impl Fn(&str) -> bool) -> bool {
        match found {
            None => is_due(&mut self.misses, LONG_LOOK_AFTER),
            Some(text) if !wanted(text) => is_due(&mut self.misses, LONG_LOOK_AFTER) || self.crowd > 0,
            Some(text) => {
                self.misses = 0;
                let mut hasher = DefaultHasher::new();
                text.hash(&mut hasher);
                let is_same = self.last.replace(hasher.finish()) == Some(hasher.finish());
                if !is_same {
                    self.same = 0;
                }
                is_same && (is_due(&mut self.same, LONG_LOOK_AFTER_SAME) || self.crowd > 0)
            }
        }
    }
}

/// Counts one more; after so many the count begins anew.
const fn is_due(count: &mut u32, after: u32) -> bool {
    let is_due = *count >= after;
    *count = if is_due { 0 } else { *count + 1 };
    is_due
}

/// The text of one code that is dark on light, at first sight.
fn quick(luma: &[u8], width: u32, height: u32) -> Option<String> {
    let mut hints = DecodeHints { TryHarder: Some(false), ..DecodeHints::default() };
    let found =
        detect_in_luma_slice_with_hints(luma, width, height, Some(BarcodeFormat::QR_CODE), &mut hints);
    found.ok().map(|found| found.getText().to_owned()).filter(|text| !text.is_empty())
}
