//! Grey pixels to texts, as a picture or as a camera's: the first byte says which, and the width, each further one is a pixel; a code's
//! picture is the seed of either.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/host/src/qr.rs"]
#[allow(dead_code, unused_imports)]
mod qr;

/// Read as a camera's picture.
const CAMERA: u8 = 0x80;

fuzz_target!(
    init: plant(|| {
        let (dark, width) = code("openid4vp");
        let of = |first: u8| std::iter::once(first).chain(dark.iter().map(|dark| if *dark { 0 } else { 255 })).collect();
        vec![of(width as u8), of(width as u8 | CAMERA)]
    }),
    |data: &[u8]| {
        let Some((first, pixels)) = data.split_first() else { return };
        let width = usize::from(first & !CAMERA).clamp(1, 48);
        let height = (pixels.len() / width).min(48);
        let Some(pixels) = pixels.get(..width * height) else { return };
        if first & CAMERA != 0 {
            if let Ok(texts) = qr::CameraReader::new().texts(pixels.to_vec(), width as u32, height as u32, |_| true) {
                assert!(texts.len() == 1 && !texts[0].is_empty());
            }
        } else if let Ok(texts) = qr::texts_in_luma(pixels.to_vec(), width as u32, height as u32) {
            assert!(!texts.is_empty() && texts.len() <= qr::MAX_CODES);
        }
    }
);
