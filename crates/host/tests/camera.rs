//! A camera's pictures: codes of the size of an offline frame, sharp and worn, fast enough for ten a second.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

#[path = "support/scene.rs"]
mod scene;

use std::time::Instant;

use host::qr::{CameraReader, LONG_LOOK_AFTER, LONG_LOOK_AFTER_SAME, MAX_CAMERA_PIXELS, QrError};
use scene::Scene;

/// Whatever is read is what was looked for.
fn any(_: &str) -> bool {
    true
}

/// What a desk looks for.
fn is_frame(text: &str) -> bool {
    text.starts_with("OQ1:")
}

/// As long as the text of an offline frame: 970 characters fill QR version 20-M.
fn frame() -> String {
    frame_of(7)
}

fn frame_of(seed: usize) -> String {
    let mut text = String::from("OQ1:");
    let alphabet: Vec<char> = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ $%*+-./:".chars().collect();
    let mut state = seed;
    while text.len() < 970 {
        state = (state * 1_103_515_245 + 12_345) % 2_147_483_648;
        text.push(alphabet[state / 65_536 % 45]);
    }
    text
}

#[test]
fn a_frame_of_20_m_is_read_at_first_sight_sharp_and_worn_and_turned() {
    let text = frame();
    for (width, height, degrees) in [(640, 480, 0.0), (640, 480, -5.0), (640, 480, 90.0), (1280, 720, 8.0)] {
        for scene in [Scene::sharp(width, height), Scene::worn(width, height)] {
            let scene = Scene { degrees, share: 0.88, ..scene };
            let read = CameraReader::new().texts(scene.of_20_m(&text), width, height, any);
            assert_eq!(read, Ok(vec![text.clone()]), "{scene:?}");
        }
    }
}

/// Not a benchmark: the bound is what the desk needs, and leaves room for a busy computer and an unoptimised build.
#[test]
fn ten_pictures_a_second_are_read() {
    const TIMES: u32 = 20;
    let text = frame();
    for (width, height) in [(640, 480), (1280, 720)] {
        let noisy = (0..width * height).map(|at: u32| (at.wrapping_mul(2_654_435_761) >> 24) as u8).collect();
        let pictures = [
            ("sharp", true, Scene::sharp(width, height).of_20_m(&text)),
            ("worn", true, Scene::worn(width, height).of_20_m(&text)),
            ("grey", false, vec![120; (width * height) as usize]),
            ("noise", false, noisy),
        ];
        for (what, has_code, picture) in pictures {
            let mut reader = CameraReader::new();
            let begun = Instant::now();
            for _ in 0..TIMES {
                let _ = reader.texts(picture.clone(), width, height, any);
            }
            let rate = f64::from(TIMES) / begun.elapsed().as_secs_f64();
            println!("{width}x{height} {what}: {rate:.0} pictures a second");
            assert!(!has_code || rate > 10.0, "{width}x{height} {what}: {rate:.1} a second");
        }
    }
}

#[test]
fn after_some_misses_a_longer_look_finds_what_the_quick_one_does_not() {
    let mut light_on_dark = Scene { share: 0.5, ..Scene::sharp(640, 480) }.of_text("held the other way");
    light_on_dark.iter_mut().for_each(|value| *value = !*value);
    let mut reader = CameraReader::new();
    for round in 0..2 {
        for _ in 0..LONG_LOOK_AFTER {
            assert_eq!(reader.texts(light_on_dark.clone(), 640, 480, any), Err(QrError::NoCode), "{round}");
        }
        let read = reader.texts(light_on_dark.clone(), 640, 480, any);
        assert_eq!(read, Ok(vec!["held the other way".to_owned()]), "{round}");
    }
}

/// Whether the screen's code is among the texts of one of so many pictures, beside a smaller code.
fn sees(reader: &mut CameraReader, screen: &str, stand: &str, worn: bool, pictures: u32) -> bool {
    let (picture, width, height) = scene::side_by_side(screen, stand, worn);
    (0..pictures).any(|_| {
        let texts = reader.texts(picture.clone(), width, height, is_frame).unwrap_or_default();
        texts.iter().any(|text| text == screen)
    })
}

#[test]
fn a_smaller_code_beside_the_screen_hides_none_of_its_frames_for_long() {
    let stand = "https://pay.example/shop/1024";
    for worn in [false, true] {
        let mut reader = CameraReader::new();
        // The quick look finds the smaller one, the first long look the frame; from then on each frame is found at once.
        assert!(!sees(&mut reader, &frame_of(1), stand, worn, LONG_LOOK_AFTER), "worn: {worn}");
        for seed in 1..4 {
            assert!(sees(&mut reader, &frame_of(seed), stand, worn, 1), "worn: {worn}, {seed}");
        }
    }
}

#[test]
fn a_smaller_frame_that_stands_still_hides_none_of_the_others_for_long() {
    // What another screen goes on showing: it is looked for as well, and brings nothing new.
    let still = frame_of(9).get(..60).unwrap().to_owned();
    let mut reader = CameraReader::new();
    assert!(!sees(&mut reader, &frame_of(1), &still, false, LONG_LOOK_AFTER_SAME + 1));
    assert!((1..4).all(|seed| sees(&mut reader, &frame_of(seed), &still, false, 1)));
}

#[test]
fn the_screen_alone_is_read_at_first_sight_again_when_the_other_code_is_gone() {
    let mut reader = CameraReader::new();
    let (both, width, height) = scene::side_by_side(&frame_of(1), "https://pay.example/shop/1024", false);
    for _ in 0..=LONG_LOOK_AFTER {
        let _ = reader.texts(both.clone(), width, height, is_frame);
    }
    let alone = Scene::sharp(640, 480).of_20_m(&frame_of(2));
    for _ in 0..3 {
        assert_eq!(reader.texts(alone.clone(), 640, 480, is_frame), Ok(vec![frame_of(2)]));
    }
    // And what nobody looks for is told as well, so that somebody can say so.
    let foreign = Scene { share: 0.5, ..Scene::sharp(640, 480) }.of_text("https://pay.example/shop/1024");
    let read = reader.texts(foreign, 640, 480, is_frame);
    assert_eq!(read, Ok(vec!["https://pay.example/shop/1024".to_owned()]));
}

#[test]
fn what_is_no_picture_of_a_camera_is_refused_and_counts_for_nothing() {
    let mut reader = CameraReader::new();
    assert_eq!(reader.texts(vec![0; 99], 10, 10, any), Err(QrError::NotAPicture));
    assert_eq!(reader.texts(Vec::new(), 0, 10, any), Err(QrError::NotAPicture));
    let (width, height) = (1921, 1088);
    assert!(u64::from(width) * u64::from(height) > MAX_CAMERA_PIXELS);
    assert_eq!(reader.texts(Vec::new(), width, height, any), Err(QrError::TooLarge));
    assert_eq!(reader.texts(vec![0; 40], u32::MAX, u32::MAX, any), Err(QrError::TooLarge));
}
