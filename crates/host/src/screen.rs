//! The screen's pixels, asked for by the person, to find a QR code that another window shows.
//!
//! Under X11 directly; a Wayland session does not give its screen to a program that merely asks. Nothing is kept: the
//! picture lives until its codes are read.

use primitives::{Blame, Left, Refusal};

use crate::qr::{self, QrError};

/// Why there is no picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ScreenError {
    /// No screen that may be read this way: no display, a Wayland session, another platform.
    #[error("the screen cannot be read here")]
    NoScreen,
    /// The screen has more pixels than a picture may have, or pixels that are not understood.
    #[error("the screen's pixels are not understood")]
    Unusable,
}

/// The pixels of the screen at one moment.
pub struct ScreenPicture {
    rgba: Vec<u8>,
    width: u32,
    height: u32,
}

impl ScreenPicture {
    /// The texts of the QR codes on it.
    ///
    /// # Errors
    /// See [`QrError`].
    pub fn texts(&self) -> Result<Vec<String>, QrError> {
        qr::texts_in_rgba(&self.rgba, self.width, self.height)
    }
}

/// Takes a picture of the whole screen. Blocks for some tenths of a second.
///
/// # Errors
/// See [`ScreenError`].
pub fn picture() -> Result<ScreenPicture, ScreenError> {
    #[cfg(target_os = "linux")]
    if std::env::var_os("WAYLAND_DISPLAY").is_none() {
        return x11::picture();
    }
    Err(ScreenError::NoScreen)
}

#[cfg(target_os = "linux")]
mod x11 {
    use x11rb::connection::Connection as _;
    use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, ImageOrder};

    use super::{ScreenError, ScreenPicture};
    use crate::qr::MAX_PIXELS;

    /// Every bit of a pixel.
    const ALL_PLANES: u32 = u32::MAX;

    pub(super) fn picture() -> Result<ScreenPicture, ScreenError> {
        let (connection, number) = x11rb::connect(None).map_err(|_| ScreenError::NoScreen)?;
        let setup = connection.setup();
        let screen = setup.roots.get(number).ok_or(ScreenError::NoScreen)?;
        let (width, height) = (screen.width_in_pixels, screen.height_in_pixels);
        if u64::from(width) * u64::from(height) > MAX_PIXELS {
            return Err(ScreenError::Unusable);
        }
        let wide = setup.pixmap_formats.iter().any(|format| {
            format.depth == screen.root_depth && format.bits_per_pixel == 32 && screen.root_depth >= 24
        });
        if !wide {
            return Err(ScreenError::Unusable);
        }
        let image = connection
            .get_image(ImageFormat::Z_PIXMAP, screen.root, 0, 0, width, height, ALL_PLANES)
            .map_err(|_| ScreenError::NoScreen)?
            .reply()
            .map_err(|_| ScreenError::NoScreen)?;
        let least_first = setup.image_byte_order == ImageOrder::LSB_FIRST;
        let rgba = image.data.chunks_exact(4).flat_map(|pixel| match *pixel {
            [blue, green, red, _] if least_first => [red, green, blue, u8::MAX],
            [_, red, green, blue] => [red, green, blue, u8::MAX],
            _ => [u8::MAX; 4],
        });
        Ok(ScreenPicture { rgba: rgba.collect(), width: u32::from(width), height: u32::from(height) })
    }
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
