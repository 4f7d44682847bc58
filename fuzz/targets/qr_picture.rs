//! A picture file to the texts of the QR codes in it. The size that the header tells is bounded before anything of it is decoded.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/host/src/qr.rs"]
#[allow(dead_code, unused_imports)]
mod qr;

/// A code's picture in each format that is read.
fn pictures() -> Vec<Vec<u8>> {
    let mut seeds = Vec::new();
    let (dark, width) = code("openid4vp://?a=b");
    let side = width as u32;
    let picture = image::GrayImage::from_fn(side, side, |x, y| {
        image::Luma([if dark[y as usize * width + x as usize] { 0 } else { 255 }])
    });
    for format in
        [image::ImageFormat::Png, image::ImageFormat::Bmp, image::ImageFormat::Jpeg]
    {
        let mut bytes = std::io::Cursor::new(Vec::new());
        if image::DynamicImage::from(picture.clone()).to_rgb8().write_to(&mut bytes, format).is_ok() {
            seeds.push(bytes.into_inner());
        }
    }
    seeds
}

fuzz_target!(
    init: plant(pictures),
    |data: &[u8]| {
        // A large picture of one colour costs seconds and teaches nothing: the bound on pixels has its own test.
        let small = image::ImageReader::new(std::io::Cursor::new(data))
            .with_guessed_format()
            .ok()
            .and_then(|reader| reader.into_dimensions().ok())
            .is_none_or(|(width, height)| width <= 48 && height <= 48);
        if small && let Ok(texts) = qr::texts_in_picture(data) {
            assert!(!texts.is_empty() && texts.len() <= qr::MAX_CODES);
        }
    }
);
