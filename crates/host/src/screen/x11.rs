//! The root window's pixels.

use x11rb::connection::Connection as _;
use x11rb::protocol::xproto::{ConnectionExt as _, ImageFormat, ImageOrder};

use super::{Pixels, ScreenError, ScreenPicture};
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
    let (width, height) = (u32::from(width), u32::from(height));
    Ok(ScreenPicture(Pixels::Rgba { rgba: rgba.collect(), width, height }))
}
