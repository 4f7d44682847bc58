//! The screen's pixels, asked for by the person, to find a QR code that another window shows.
//!
//! Under X11 directly; a Wayland session gives its screen by the desktop portal, which may ask the person. Nothing is kept:
//! the picture lives until its codes are read.

#[cfg(target_os = "linux")]
mod portal;
#[cfg(target_os = "linux")]
mod x11;

use primitives::{Blame, Left, Refusal};

use crate::qr::{self, QrError};

/// Why there is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScreenError {
    /// No screen that may be read this way: no display, no portal, the person said no, another platform.
    #[error("the screen cannot be read here")]
    NoScreen,
    /// The screen has more pixels than a picture may have, or pixels that are not understood.
    #[error("the screen's pixels are not understood")]
    Unusable,
}

/// The screen at one moment.
pub struct ScreenPicture(Pixels);

enum Pixels {
    Rgba {
        rgba: Vec<u8>,
        width: u32,
        height: u32,
    },
    /// A picture file.
    File(Vec<u8>),
}

impl ScreenPicture {
    /// The texts of the QR codes on it.
    ///
    /// # Errors
    /// See [`QrError`].
    pub fn texts(&self) -> Result<Vec<String>, QrError> {
        match &self.0 {
            Pixels::Rgba { rgba, width, height } => qr::texts_in_rgba(rgba, *width, *height),
            Pixels::File(bytes) => qr::texts_in_picture(bytes),
        }
    }
}

/// Takes a picture of the whole screen. Blocks for some tenths of a second, and where the desktop asks the person, until
/// that is answered or a minute has passed.
///
/// # Errors
/// See [`ScreenError`].
pub fn picture() -> Result<ScreenPicture, ScreenError> {
    #[cfg(target_os = "linux")]
    if std::env::var_os("WAYLAND_DISPLAY").is_some_and(|display| !display.is_empty()) {
        portal::picture()
    } else {
        x11::picture()
    }
    #[cfg(not(target_os = "linux"))]
    Err(ScreenError::NoScreen)
}

impl Refusal for ScreenError {
    fn code(&self) -> &'static str {
        match self {
            Self::NoScreen => "screen_not_readable",
            Self::Unusable => "screen_unusable",
        }
    }

    fn rule(&self) -> &'static str {
        ""
    }

    fn blame(&self) -> Blame {
        Blame::Computer
    }

    fn left(&self) -> Left {
        Left::Nothing
    }
}
