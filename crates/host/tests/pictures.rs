//! Pixels to text: generated codes, clean and worn, and files that are no pictures.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::io::Cursor;

use host::qr::{MAX_PICTURE_BYTES, MAX_SIDE, QrError, texts_in_luma, texts_in_picture, texts_in_rgba};
use image::{GrayImage, ImageFormat, Luma};
use qrcode::{Color, EcLevel, QrCode};

const LINK: &str = "openid4vp://?client_id=x509_san_dns%3Averifier.example&request_uri=https%3A%2F%2Fverifier.example%2Fr%2F1";

/// A code with its quiet zone, so many pixels a module.
fn picture(text: &str, scale: u32) -> GrayImage {
    let code = QrCode::with_error_correction_level(text, EcLevel::M).unwrap();
    let width = u32::try_from(code.width()).unwrap();
    let colours = code.to_colors();
    GrayImage::from_fn((width + 8) * scale, (width + 8) * scale, |x, y| {
        let (x, y) = ((x / scale).wrapping_sub(4), (y / scale).wrapping_sub(4));
        let dark = x < width && y < width && colours[(y * width + x) as usize] == Color::Dark;
        Luma([if dark { 0 } else { 255 }])
    })
}

fn file(picture: &GrayImage, format: ImageFormat) -> Vec<u8> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, format).unwrap();
    bytes.into_inner()
}

#[test]
fn every_format_is_read() {
    let picture = picture(LINK, 4);
    for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Bmp] {
        assert_eq!(texts_in_picture(&file(&picture, format)), Ok(vec![LINK.to_owned()]), "{format:?}");
    }
}

/// The decoder of WebP overflowed while it built a table of this file (found by fuzzing): the format is not read.
#[test]
fn a_webp_is_no_picture_here() {
    const FOUND: [&str; 3] = [
        "52494646fc000000574542505650384cf00000002f200008005f5f5f5f5f5f5f5f5f5f5f255f5f5f5f5f5f5f5f5f5f5f0100",
        "0000000000045f5f5f5f5f5f5f5f5f285f5f5f5fdcdcdcdcdcdcdcdcdcdcdccecececececececececececececececececece",
        "cececececececececece424d1a0d000000000000360000002800000021000000210000000100180000000000e40c1a000000",
    ];
    let digits: Vec<u8> = FOUND.concat().chars().map(|digit| digit.to_digit(16).unwrap() as u8).collect();
    let bytes: Vec<u8> = digits.chunks(2).map(|pair| pair[0] << 4 | pair[1]).collect();
    assert_eq!(texts_in_picture(&bytes), Err(QrError::NotAPicture));
}

#[test]
fn long_and_korean_texts_are_read() {
    let long = format!("openid-credential-offer://?credential_offer={}", "a1%22".repeat(240));
    for text in [long.as_str(), "고지서를 받으세요 — https://gov24.example/offer"] {
        for scale in [2, 3, 5] {
            assert_eq!(
                texts_in_picture(&file(&picture(text, scale), ImageFormat::Png)),
                Ok(vec![text.to_owned()]),
                "{scale}"
            );
        }
    }
}

#[test]
fn a_code_that_is_light_on_dark_is_read() {
    let mut picture = picture(LINK, 4);
    image::imageops::invert(&mut picture);
    assert_eq!(texts_in_picture(&file(&picture, ImageFormat::Png)), Ok(vec![LINK.to_owned()]));
}

#[test]
fn a_code_on_a_transparent_ground_is_read() {
    let grey = picture(LINK, 4);
    let rgba = image::RgbaImage::from_fn(grey.width(), grey.height(), |x, y| {
        let dark = grey.get_pixel(x, y).0[0] == 0;
        image::Rgba([0, 0, 0, if dark { 255 } else { 0 }])
    });
    assert_eq!(texts_in_rgba(rgba.as_raw(), rgba.width(), rgba.height()), Ok(vec![LINK.to_owned()]));
}

#[test]
fn several_codes_in_one_picture_are_told() {
    let (one, two) = (picture("first code of the page", 5), picture("second code of the page", 5));
    let mut page = GrayImage::from_pixel(1200, 700, Luma([255]));
    image::imageops::overlay(&mut page, &one, 60, 80);
    image::imageops::overlay(&mut page, &two, 700, 300);
    let mut texts = texts_in_picture(&file(&page, ImageFormat::Png)).unwrap();
    texts.sort();
    assert_eq!(texts, ["first code of the page", "second code of the page"]);
}

#[test]
fn a_turned_or_resampled_code_is_read() {
    let turned = image::imageops::rotate90(&picture(LINK, 4));
    assert_eq!(texts_in_picture(&file(&turned, ImageFormat::Png)), Ok(vec![LINK.to_owned()]));
    let original = picture(LINK, 8);
    let size = original.width() * 5 / 12;
    let scaled = image::imageops::resize(&original, size, size, image::imageops::FilterType::Triangle);
    assert_eq!(texts_in_picture(&file(&scaled, ImageFormat::Png)), Ok(vec![LINK.to_owned()]));
}

#[test]
fn a_picture_without_a_code_says_so() {
    let page = GrayImage::from_fn(400, 300, |x, y| Luma([((x * 7 + y * 13) % 256) as u8]));
    assert_eq!(texts_in_picture(&file(&page, ImageFormat::Png)), Err(QrError::NoCode));
}

#[test]
fn what_is_no_picture_or_too_large_is_refused() {
    assert_eq!(texts_in_picture(b"%PDF-1.7"), Err(QrError::NotAPicture));
    assert_eq!(texts_in_picture(b""), Err(QrError::NotAPicture));
    let whole = file(&picture(LINK, 4), ImageFormat::Png);
    assert_eq!(texts_in_picture(&whole[..whole.len() / 2]), Err(QrError::NotAPicture));
    assert_eq!(texts_in_picture(&vec![0; MAX_PICTURE_BYTES + 1]), Err(QrError::TooLarge));
    assert_eq!(texts_in_luma(vec![0; 99], 10, 10), Err(QrError::NotAPicture));
    assert_eq!(texts_in_rgba(&[0; 16], 2, 3), Err(QrError::NotAPicture));
    assert_eq!(texts_in_luma(Vec::new(), 0, 5), Err(QrError::NotAPicture));
    assert_eq!(texts_in_luma(Vec::new(), MAX_SIDE + 1, 1), Err(QrError::TooLarge));
}

#[test]
fn a_picture_that_claims_to_be_huge_is_refused_before_it_is_decoded() {
    // A BMP header that claims 16,000 by 16,000 pixels, and no pixels.
    let mut header = b"BM".to_vec();
    header.extend_from_slice(&[54, 0, 0, 0, 0, 0, 0, 0, 54, 0, 0, 0, 40, 0, 0, 0]);
    header.extend_from_slice(&16_000u32.to_le_bytes());
    header.extend_from_slice(&16_000u32.to_le_bytes());
    header.extend_from_slice(&[1, 0, 24, 0]);
    header.extend_from_slice(&[0; 24]);
    assert_eq!(texts_in_picture(&header), Err(QrError::TooLarge));
}
