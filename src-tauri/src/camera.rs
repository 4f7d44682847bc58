//! The camera: who may look through it, and what its pictures are.
//!
//! The window system asks the program when a page wants something of the computer. Our own page may have the camera, which it holds only
//! while a person looks through it; nothing else of the computer, and no other page anything.

use host::qr::{CameraReader, QrError};
use tauri::Url;
use tauri::webview::{PermissionKind, PermissionResponse};

/// Bytes before the pixels: width and height, two each, the higher first.
const HEADER_BYTES: usize = 4;

/// What a page is allowed. `url`: where it is now.
pub(crate) fn permission(
    url: Option<&Url>,
    kind: PermissionKind,
    is_own_page: fn(&Url) -> bool,
) -> PermissionResponse {
    match kind {
        PermissionKind::Camera if url.is_some_and(is_own_page) => PermissionResponse::Allow,
        _ => PermissionResponse::Deny,
    }
}

/// The texts of the codes in a picture as the page sends it (`readCamera` in `ui/src/lib/contract.ts`), where such codes are looked for.
pub(crate) fn texts(
    reader: &mut CameraReader,
    body: &[u8],
    wanted: fn(&str) -> bool,
) -> Result<Vec<String>, QrError> {
    let Some(([w1, w0, h1, h0], pixels)) = body.split_first_chunk::<HEADER_BYTES>() else {
        return Err(QrError::NotAPicture);
    };
    let side = |high: u8, low: u8| u32::from(u16::from_be_bytes([high, low]));
    reader.texts(pixels.to_vec(), side(*w1, *w0), side(*h1, *h0), wanted)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn own(url: &Url) -> bool {
        url.scheme() == "tauri"
    }

    #[test]
    fn our_own_page_may_have_the_camera_and_nothing_else_and_no_other_page_anything() {
        let page = Url::parse("tauri://localhost/").unwrap();
        let other = Url::parse("https://other.example/").unwrap();
        let allowed =
            |url: Option<&Url>, kind| matches!(permission(url, kind, own), PermissionResponse::Allow);
        assert!(allowed(Some(&page), PermissionKind::Camera));
        assert!(!allowed(Some(&page), PermissionKind::Microphone));
        assert!(!allowed(Some(&page), PermissionKind::Geolocation));
        assert!(!allowed(Some(&page), PermissionKind::DisplayCapture));
        assert!(!allowed(Some(&other), PermissionKind::Camera));
        assert!(!allowed(None, PermissionKind::Camera));
    }

    #[test]
    fn a_picture_is_its_width_its_height_and_its_pixels_and_nothing_else_is() {
        let mut reader = CameraReader::new();
        let mut read = |body: &[u8]| texts(&mut reader, body, |_| true).unwrap_err();
        assert_eq!(read(&[0, 2, 0]), QrError::NotAPicture);
        assert_eq!(read(&[0, 2, 0, 2, 9, 9, 9]), QrError::NotAPicture);
        assert_eq!(read(&[0, 2, 0, 2, 9, 9, 9, 9, 9]), QrError::NotAPicture);
        assert_eq!(read(&[0xff, 0xff, 0xff, 0xff, 9]), QrError::TooLarge);
        let mut white = vec![0, 64, 0, 48];
        white.resize(4 + 64 * 48, 255);
        assert_eq!(read(&white), QrError::NoCode);
    }
}
