//! An answer that is shown, not sent: its QR frames as pictures in a folder or as texts on standard output (`docs/offline-qr.md`).
//!
//! What is written was signed once and counts for a minute; a desk that reads it later refuses it. Where it was not encrypted to anybody the
//! command stays until then and deletes it ([`Frames`]).

use std::io::Cursor;
use std::path::Path;
use std::time::{Duration, Instant};

use image::{GrayImage, ImageFormat, Luma};
use primitives::base64url;
use serde_json::{Value, json};
use wallet::Wallet;
use wallet::view::{Consent, FrameSize, QrFrame, ShowingStarted, ShownMode};

use super::setup::json_of;
use crate::arguments::{Present, Size};
use crate::console::{Console, number, words};
use crate::frames::{self, Frames};
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
        (Some(_), Some(place)) if place != Path::new("-") => frames::probe(place).map_err(|_| unwritable()),
        _ => Ok(()),
    }
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

/// Writes the frames; the wallet makes no more of them afterwards. Those that anybody can read are left to the console, to be deleted.
pub(super) fn write(wallet: &Wallet, console: &Console, present: &Present, showing: &ShowingStarted) -> Done {
    let written = written(wallet, console, present, showing);
    wallet.show_stop(&showing.session_id);
    let Written { count, pieces, texts, files } = written?;
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
    // Encrypted to who asked, they tell nobody else anything.
    let readable = showing.mode != ShownMode::Request;
    let mut deleted_in = None;
    match files {
        Some(files) if readable && !present.keep_frames => {
            let seconds = files.left().as_secs();
            console.say(
                "cli.shown.readable",
                &[("seconds", number(usize::try_from(seconds).unwrap_or_default()))],
            );
            deleted_in = Some(seconds);
            console.leave(files);
        }
        Some(files) => {
            if readable {
                console.say("cli.shown.kept", &[]);
            }
            files.keep();
        }
        None => {}
    }
    let mut done = json_of(showing)?;
    if let Some(done) = done.as_object_mut() {
        done.insert("status".to_owned(), json!("shown"));
        done.insert("frames".to_owned(), json!(count));
        done.insert("pieces".to_owned(), json!(pieces));
        done.insert("readable".to_owned(), json!(readable));
        done.insert("deletedInSeconds".to_owned(), json!(deleted_in));
        // For a program: with `--json` standard output has nothing beside the envelope.
        if let Some(texts) = texts {
            done.insert("texts".to_owned(), texts);
        }
    }
    Ok(done)
}

/// What was written.
struct Written {
    count: u16,
    /// How many are needed.
    pieces: u8,
    texts: Option<Value>,
    files: Option<Frames>,
}

fn written(
    wallet: &Wallet,
    console: &Console,
    present: &Present,
    showing: &ShowingStarted,
) -> Result<Written, Box<Failure>> {
    let (id, size) = (&showing.session_id, present.size.of_view());
    let until = Instant::now() + Duration::from_secs(u64::try_from(showing.seconds_left).unwrap_or_default());
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
        let count = u16::try_from(texts.len()).unwrap_or(count);
        return Ok(Written { count, pieces, texts: Some(json!(texts)), files: None });
    }
    let mut files = Frames::begin(place, until).map_err(|_| unwritable())?;
    let mut count = 0;
    for (from, wanted) in batches {
        let batch = wallet.show_frames(id, from, wanted, size)?;
        // When the time is over, or it was signed anew, there are no more, however many were wanted: what lies there was signed once.
        if batch.round != first.round {
            break;
        }
        for frame in batch.frames {
            let png = picture(&frame).and_then(|picture| png(&picture)).ok_or_else(unwritable)?;
            files.write(frame.sequence, &png).map_err(|_| unwritable())?;
            count += 1;
        }
    }
    Ok(Written { count, pieces, texts: None, files: Some(files) })
}

fn unwritable() -> Box<Failure> {
    Failure::own("frames_unwritable", Exit::Computer)
}

fn png(picture: &GrayImage) -> Option<Vec<u8>> {
    let mut bytes = Cursor::new(Vec::new());
    picture.write_to(&mut bytes, ImageFormat::Png).ok()?;
    Some(bytes.into_inner())
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
