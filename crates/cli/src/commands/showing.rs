//! An answer that is shown, not sent: its QR frames as pictures in a folder or as texts on standard output (`docs/offline-qr.md`).
//!
//! What is written was signed once and counts for a minute; a desk that reads it later refuses it.

use std::path::Path;

use image::{GrayImage, Luma};
use primitives::base64url;
use serde_json::{Value, json};
use wallet::Wallet;
use wallet::view::{Consent, FrameSize, QrFrame, ShowingStarted, ShownMode};

use super::setup::json_of;
use crate::arguments::{Present, Size};
use crate::console::{Console, number, words};
use crate::outcome::{Done, Exit, Failure};

/// Light modules around a code (ISO/IEC 18004).
const QUIET_MODULES: u32 = 4;
/// Pixels of a module's side.
const MODULE_PIXELS: u32 = 6;
/// Frames that are asked of the wallet at once.
const BATCH: u16 = 32;

impl Size {
    const fn of_view(self) -> FrameSize {
        match self {
            Self::Standard => FrameSize::Standard,
            Self::Small => FrameSize::Small,
            Self::Still => FrameSize::Still,
        }
    }
}

/// Whether the answer is shown, and there is a place to show it that can be written. Asked before anything else: a yes without a place
/// would cost a copy.
pub(super) fn has_place(consent: &Consent, present: &Present) -> Result<(), Box<Failure>> {
    match (consent.shown, &present.frames) {
        (Some(_), None) => Err(Failure::own("frames_needed", Exit::Usage)),
        (None, Some(_)) => Err(Failure::own("frames_not_wanted", Exit::Usage)),
        (Some(_), Some(place)) if place != Path::new("-") => probe(place).map_err(|_| unwritable()),
        _ => Ok(()),
    }
}

/// Writes something to a folder and takes it away again.
fn probe(place: &Path) -> std::io::Result<()> {
    std::fs::create_dir_all(place)?;
    let file = place.join(format!(".frame-probe-{}", std::process::id()));
    std::fs::write(&file, b"probe")?;
    std::fs::remove_file(&file)
}

/// What is particular about an answer that is shown.
pub(super) fn explain(console: &Console, consent: &Consent) {
    let Some(mode) = consent.shown else { return };
    if mode != ShownMode::Request {
        console.show(&format!("  ! {}", console.t("show.unauthenticated", &[])));
    }
    if mode == ShownMode::OneWay {
        console.show(&format!("  ! {}", console.t("show.weak", &[])));
    }
    let items = consent.queries.iter().flat_map(|query| &query.candidates).flat_map(|one| &one.items);
    if items.into_iter().any(|item| item.image.is_some()) {
        console.show(&format!("  ! {}", console.t("show.portrait", &[])));
    }
}

/// Writes the frames; the wallet makes no more of them afterwards.
pub(super) fn write(wallet: &Wallet, console: &Console, present: &Present, showing: &ShowingStarted) -> Done {
    let written = frames(wallet, console, present, showing);
    wallet.show_stop(&showing.session_id);
    let (count, pieces, texts) = written?;
    let recipient = match &showing.recipient {
        Some(name) => console.text(name).to_owned(),
        None => console.t("show.someone", &[]),
    };
    let params = [
        ("recipient", words(recipient)),
        ("count", number(showing.item_count)),
        ("frames", number(usize::from(count))),
        ("seconds", number(usize::try_from(showing.seconds_left).unwrap_or_default())),
    ];
    console.say("cli.shown", &params);
    let mut done = json_of(showing)?;
    if let Some(done) = done.as_object_mut() {
        done.insert("status".to_owned(), json!("shown"));
        done.insert("frames".to_owned(), json!(count));
        done.insert("pieces".to_owned(), json!(pieces));
        // For a program: with `--json` standard output has nothing beside the envelope.
        if let Some(texts) = texts {
            done.insert("texts".to_owned(), texts);
        }
    }
    Ok(done)
}

type Written = (u16, u8, Option<Value>);

fn frames(
    wallet: &Wallet,
    console: &Console,
    present: &Present,
    showing: &ShowingStarted,
) -> Result<Written, Box<Failure>> {
    let (id, size) = (&showing.session_id, present.size.of_view());
    let first = wallet.show_frames(id, 0, 1, size)?;
    if first.frames.is_empty() {
        return Err(Failure::own("frames_too_large", Exit::Usage));
    }
    let pieces = first.count;
    // Twice as many as are needed: as many mixtures as pieces.
    let count = present.count.unwrap_or_else(|| u16::from(pieces).saturating_mul(2));
    let place = present.frames.as_deref().unwrap_or(Path::new("-"));
    let batches = (0..count).step_by(usize::from(BATCH)).map(|from| (from, BATCH.min(count - from)));
    if place == Path::new("-") {
        let mut texts = Vec::new();
        for (from, count) in batches {
            texts.extend(wallet.show_texts(id, from, count, size)?);
        }
        console.texts(&texts);
        return Ok((u16::try_from(texts.len()).unwrap_or(count), pieces, Some(json!(texts))));
    }
    // When the time is over there are no more, however many were wanted.
    let mut written = 0;
    for (from, count) in batches {
        for frame in wallet.show_frames(id, from, count, size)?.frames {
            let name = place.join(format!("frame-{:05}.png", frame.sequence));
            let picture = picture(&frame).ok_or_else(unwritable)?;
            picture.save(&name).map_err(|_| unwritable())?;
            written += 1;
        }
    }
    Ok((written, pieces, None))
}

fn unwritable() -> Box<Failure> {
    Failure::own("frames_unwritable", Exit::Computer)
}

/// A frame, black on white, with its quiet zone.
fn picture(frame: &QrFrame) -> Option<GrayImage> {
    let modules = base64url::decode_standard(&frame.modules).ok()?;
    let side = u32::try_from(frame.side).ok()?;
    let dark = |x: u32, y: u32| {
        let bit = usize::try_from(y * side + x).unwrap_or(usize::MAX);
        modules.get(bit / 8).is_some_and(|byte| byte >> (7 - bit % 8) & 1 == 1)
    };
    let pixels = (side + 2 * QUIET_MODULES) * MODULE_PIXELS;
    Some(GrayImage::from_fn(pixels, pixels, |x, y| {
        let module = |at: u32| (at / MODULE_PIXELS).checked_sub(QUIET_MODULES).filter(|at| *at < side);
        let is_dark = matches!((module(x), module(y)), (Some(x), Some(y)) if dark(x, y));
        Luma([if is_dark { 0 } else { 255 }])
    }))
}
