//! A drawn face, so that a card has a portrait and nobody's photograph is in the program. Stripes across it say that it is no photograph.

use image::codecs::jpeg::JpegEncoder;
use image::{Rgb, RgbImage};

use crate::error::GovernmentError;

const WIDTH: u32 = 120;
const HEIGHT: u32 = 160;
const QUALITY: u8 = 72;

const HAIR: [[u8; 3]; 4] = [[46, 38, 34], [78, 62, 54], [176, 176, 180], [30, 30, 38]];
const COAT: [[u8; 3]; 4] = [[64, 96, 150], [122, 84, 120], [70, 116, 96], [150, 100, 66]];
const PAPER: [u8; 3] = [226, 232, 240];
const SKIN: [u8; 3] = [238, 206, 178];
const STRIPE: [u8; 3] = [214, 221, 231];
const LINE: [u8; 3] = [84, 66, 58];
const LIPS: [u8; 3] = [186, 104, 96];

/// Whether the pixel lies in the ellipse around (`x0`, `y0`).
fn within(x: i64, y: i64, x0: i64, y0: i64, rx: i64, ry: i64) -> bool {
    let (dx, dy) = (x - x0, y - y0);
    dx * dx * ry * ry + dy * dy * rx * rx <= rx * rx * ry * ry
}

fn pick<T: Copy>(from: &[T], seed: usize, otherwise: T) -> T {
    from.get(seed % from.len().max(1)).copied().unwrap_or(otherwise)
}

fn colour(x: i64, y: i64, seed: usize) -> [u8; 3] {
    let (hair, coat) = (pick(&HAIR, seed, LINE), pick(&COAT, seed / 2, LINE));
    let eyes = within(x, y, 47, 72, 3, 4) || within(x, y, 73, 72, 3, 4);
    // A smile: the lower rim of one ellipse over another.
    let mouth = within(x, y, 60, 92, 10, 8) && !within(x, y, 60, 89, 11, 8);
    let face = within(x, y, 60, 76, 28, 36);
    let fringe = within(x, y, 60, 56, 32, 26) && y < 60;
    let long_hair = seed.is_multiple_of(2) && within(x, y, 60, 84, 38, 52) && y < 118;
    let neck = (52..=68).contains(&x) && (104..=126).contains(&y);
    let shoulders = within(x, y, 60, 160, 50, 40);
    if eyes {
        LINE
    } else if mouth {
        LIPS
    } else if fringe {
        hair
    } else if face {
        SKIN
    } else if shoulders && !neck {
        coat
    } else if neck {
        SKIN
    } else if long_hair || within(x, y, 60, 60, 33, 32) {
        hair
    } else if (x + y) % 24 < 6 {
        STRIPE
    } else {
        PAPER
    }
}

/// A portrait in JPEG, the same for the same seed.
pub(crate) fn draw(seed: usize) -> Result<Vec<u8>, GovernmentError> {
    let picture = RgbImage::from_fn(WIDTH, HEIGHT, |x, y| Rgb(colour(i64::from(x), i64::from(y), seed)));
    let mut bytes = Vec::new();
    JpegEncoder::new_with_quality(&mut bytes, QUALITY)
        .encode_image(&picture)
        .map_err(|_| GovernmentError::Data)?;
    Ok(bytes)
}
