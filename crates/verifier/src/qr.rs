//! A link, or a frame of a request, as a QR code.

use qrcode::render::svg;
use qrcode::{EcLevel, QrCode};

/// The side of a module, in units of the picture.
const MODULE: u32 = 4;

/// The picture as SVG with its quiet zone, black on white; `None` where the text is too long for a QR code.
pub(crate) fn svg(text: &str) -> Option<String> {
    drawn(text, EcLevel::L)
}

/// The same for a frame, which is read from a screen in motion: with more to correct errors by.
pub(crate) fn svg_of_frame(text: &str) -> Option<String> {
    drawn(text, EcLevel::M)
}

fn drawn(text: &str, level: EcLevel) -> Option<String> {
    let code = QrCode::with_error_correction_level(text, level).ok()?;
    let picture = code
        .render::<svg::Color<'_>>()
        .module_dimensions(MODULE, MODULE)
        .quiet_zone(true)
        .dark_color(svg::Color("#000000"))
        .light_color(svg::Color("#ffffff"))
        .build();
    Some(picture)
}
