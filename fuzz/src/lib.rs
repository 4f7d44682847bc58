//! What the fuzz targets share: a small country whose keys are the same in every run, and seeds.
//!
//! Every target asks for more than that nothing panics: what is read is written and read again, and what comes out verified is what one of
//! the country's own keys signed. The sanitizer is off (the workspace forbids `unsafe`), overflow checks and debug assertions are on.

pub mod seeds;
pub mod world;

pub use seeds::{plant, vector_bytes, vector_files, vector_texts};
/// What the holder can show: one type of transaction, with an amount.
pub const TRANSACTIONS: &[openid4vp::TransactionType] = &[openid4vp::TransactionType {
    name: "urn:fuzz:payment:1",
    fits: |details| details.get("amount").is_some_and(serde_json::Value::is_u64),
    element: ("fuzz.example.1", "transaction"),
}];

pub use world::{World, now, world};

/// The input as text, if it is text.
pub fn text(data: &[u8]) -> Option<&str> {
    std::str::from_utf8(data).ok()
}

/// Whether each pixel of a code's picture is dark, row by row, and the picture's width: one pixel a module, four of margin.
pub fn code(text: &str) -> (Vec<bool>, usize) {
    let code = qrcode::QrCode::new(text).unwrap();
    let (colours, side) = (code.to_colors(), code.width());
    let width = side + 8;
    let dark = |x: usize, y: usize| {
        let inside = (4..4 + side).contains(&x) && (4..4 + side).contains(&y);
        inside && colours[(y - 4) * side + x - 4] == qrcode::Color::Dark
    };
    ((0..width * width).map(|at| dark(at % width, at / width)).collect(), width)
}
