//! Pixels to the texts of the QR codes in them: a picture file, the clipboard, a camera frame, a screenshot.
//!
//! The bytes are foreign: bounded in length, the dimensions bounded before anything is decoded, the memory bounded while it is. Codes
//! that are light on dark are read by inverting the picture (the reader knows dark on light only).

// Named, since the fuzz targets take this file in by itself.
#[path = "qr/camera.rs"]
mod camera;

use std::io::Cursor;

use image::{ImageError, ImageReader, Limits};
use primitives::{Blame, Left, Refusal};
use rxing::common::HybridBinarizer;
use rxing::multi::MultipleBarcodeReader as _;
use rxing::multi::qrcode::QRCodeMultiReader;
use rxing::{BinaryBitmap, DecodeHints, Luma8LuminanceSource};

pub use camera::{CameraReader, LONG_LOOK_AFTER, LONG_LOOK_AFTER_SAME, MAX_CAMERA_PIXELS};

/// The longest picture file, in bytes.
pub const MAX_PICTURE_BYTES: usize = 32 * 1024 * 1024;

/// The longest side of a picture, in pixels.
pub const MAX_SIDE: u32 = 16_384;

/// The most pixels: an 8K screen has 33 million.
pub const MAX_PIXELS: u64 = 40_000_000;

/// The most memory while decoding, in bytes.
const MAX_DECODING_BYTES: u64 = 400 * 1024 * 1024;

/// The most codes that are reported, a count.
pub const MAX_CODES: usize = 16;

/// Why no text was read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QrError {
    /// More bytes or pixels than a picture may have.
    #[error("the picture is too large")]
    TooLarge,
    /// Not a PNG, JPEG or BMP that can be read.
    #[error("this is not a picture that can be read")]
    NotAPicture,
    /// A picture without a readable QR code.
    #[error("there is no readable QR code in the picture")]
    NoCode,
}

/// The texts of the codes in a picture file (PNG, JPEG, BMP), each once.
///
/// # Errors
/// See [`QrError`].
pub fn texts_in_picture(bytes: &[u8]) -> Result<Vec<String>, QrError> {
    if bytes.len() > MAX_PICTURE_BYTES {
        return Err(QrError::TooLarge);
    }
    // The dimensions come from the file's header; nothing of its size is allocated before they are checked.
    let (width, height) = reader(bytes)?.into_dimensions().map_err(|error| picture_error(&error))?;
    check_size(width, height)?;
    let picture = reader(bytes)?.decode().map_err(|error| picture_error(&error))?;
    // On white: a code with a transparent ground is dark on light.
    let grey = picture.to_luma_alpha8();
    let luma = grey.pixels().map(|pixel| {
        let image::LumaA([luma, alpha]) = *pixel;
        over_white(luma, alpha)
    });
    texts_in_luma(luma.collect(), width, height)
}

/// The texts of the codes in RGBA pixels, four bytes each, row by row (a canvas, the clipboard, a screenshot).
///
/// # Errors
/// See [`QrError`]; [`QrError::NotAPicture`] if the bytes are not `4 * width * height`.
pub fn texts_in_rgba(pixels: &[u8], width: u32, height: u32) -> Result<Vec<String>, QrError> {
    check_size(width, height)?;
    if pixels.len() as u64 != 4 * u64::from(width) * u64::from(height) {
        return Err(QrError::NotAPicture);
    }
    let luma = pixels.chunks_exact(4).map(|pixel| match *pixel {
        [red, green, blue, alpha] => {
            // Rec. 601 weights in 1/256.
            let luma = (77 * u32::from(red) + 150 * u32::from(green) + 29 * u32::from(blue)) >> 8;
            over_white(u8::try_from(luma).unwrap_or(u8::MAX), alpha)
        }
        _ => u8::MAX,
    });
    texts_in_luma(luma.collect(), width, height)
}

/// The texts of the codes in grey pixels, one byte each, row by row.
///
/// # Errors
/// See [`QrError`]; [`QrError::NotAPicture`] if the bytes are not `width * height`.
pub fn texts_in_luma(mut luma: Vec<u8>, width: u32, height: u32) -> Result<Vec<String>, QrError> {
    check_size(width, height)?;
    if luma.len() as u64 != u64::from(width) * u64::from(height) {
        return Err(QrError::NotAPicture);
    }
    let dark_on_light = read(&luma, width, height);
    if !dark_on_light.is_empty() {
        return Ok(dark_on_light);
    }
    luma.iter_mut().for_each(|value| *value = !*value);
    let light_on_dark = read(&luma, width, height);
    if light_on_dark.is_empty() { Err(QrError::NoCode) } else { Ok(light_on_dark) }
}

fn read(luma: &[u8], width: u32, height: u32) -> Vec<String> {
    let mut hints = DecodeHints { TryHarder: Some(true), ..DecodeHints::default() };
    let bitmap = || {
        let source = Luma8LuminanceSource::new(luma.to_vec(), width, height).ok()?;
        Some(BinaryBitmap::new(HybridBinarizer::new(source)))
    };
    let mut texts: Vec<String> = Vec::new();
    let several = bitmap()
        .and_then(|mut bitmap| QRCodeMultiReader::new().decode_multiple_with_hints(&mut bitmap, &hints).ok())
        .unwrap_or_default();
    for found in several.iter().map(|found| found.getText()) {
        if texts.len() < MAX_CODES && !found.is_empty() && !texts.iter().any(|known| known == found) {
            texts.push(found.to_owned());
        }
    }
    if texts.is_empty() {
        // The reader for one code tries harder: other binarisations and angles.
        let one = rxing::helpers::detect_in_luma_with_hints(
            luma.to_vec(),
            width,
            height,
            Some(rxing::BarcodeFormat::QR_CODE),
            &mut hints,
        );
        texts.extend(one.ok().map(|found| found.getText().to_owned()).filter(|text| !text.is_empty()));
    }
    texts
}

fn reader(bytes: &[u8]) -> Result<ImageReader<Cursor<&[u8]>>, QrError> {
    let mut reader =
        ImageReader::new(Cursor::new(bytes)).with_guessed_format().map_err(|_| QrError::NotAPicture)?;
    let mut limits = Limits::default();
    limits.max_image_width = Some(MAX_SIDE);
    limits.max_image_height = Some(MAX_SIDE);
    limits.max_alloc = Some(MAX_DECODING_BYTES);
    reader.limits(limits);
    Ok(reader)
}

fn check_size(width: u32, height: u32) -> Result<(), QrError> {
    if width == 0 || height == 0 {
        return Err(QrError::NotAPicture);
    }
    let fits = width <= MAX_SIDE && height <= MAX_SIDE && u64::from(width) * u64::from(height) <= MAX_PIXELS;
    if fits { Ok(()) } else { Err(QrError::TooLarge) }
}

fn picture_error(error: &ImageError) -> QrError {
    match error {
        ImageError::Limits(_) => QrError::TooLarge,
        _ => QrError::NotAPicture,
    }
}

fn over_white(luma: u8, alpha: u8) -> u8 {
    let (luma, alpha) = (u32::from(luma), u32::from(alpha));
    u8::try_from((luma * alpha + 255 * (255 - alpha)) / 255).unwrap_or(u8::MAX)
}

impl Refusal for QrError {
    fn code(&self) -> &'static str {
        match self {
            Self::TooLarge => "picture_too_large",
            Self::NotAPicture => "picture_unreadable",
            Self::NoCode => "picture_without_code",
        }
    }

    fn rule(&self) -> &'static str {
        ""
    }

    fn blame(&self) -> Blame {
        Blame::You
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}
