//! Grey pixels to texts, as a picture and as a camera's: the first byte is the width, each further one a pixel; a code's picture is the seed.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;

#[path = "../../crates/host/src/qr.rs"]
#[allow(dead_code, unused_imports)]
mod qr;

fuzz_target!(
    init: plant(|| {
        let (dark, width) = code("openid4vp");
        vec![std::iter::once(width as u8).chain(dark.iter().map(|dark| if *dark { 0 } else { 255 })).collect()]
    }),
    |data: &[u8]| {
        let Some((width, pixels)) = data.split_first() else { return };
        let width = usize::from(*width).clamp(1, 48);
        let height = (pixels.len() / width).min(48);
        let Some(pixels) = pixels.get(..width * height) else { return };
        if let Ok(texts) = qr::CameraReader::new().texts(pixels.to_vec(), width as u32, height as u32) {
            assert!(texts.len() == 1 && !texts[0].is_empty());
        }
        if let Ok(texts) = qr::texts_in_luma(pixels.to_vec(), width as u32, height as u32) {
            assert!(!texts.is_empty() && texts.len() <= qr::MAX_CODES);
        }
    }
);
