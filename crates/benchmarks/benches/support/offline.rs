//! The tables of offline QR that need no clock: frames against loss, and characters by format.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::PathBuf;

use offline_qr::{Collector, Fed, FrameSize, Frames, Kind, base45};
use openid4vp::holder::{ScreenAnswer, ScreenRecipient};
use primitives::Entropy as _;
use primitives::test_support::SequenceEntropy;

/// How often each rate of loss is played.
const TRIALS: u64 = 1000;
/// Codes that the window shows in a second, unless the holder changes that (`usualPace` in `ui/src/lib/showing.ts`).
const FRAMES_A_SECOND: f64 = 2.0;
/// Characters of a code of version 20-M in alphanumeric mode, and bytes in byte mode.
const ALPHANUMERIC: usize = 970;
const BYTES: usize = 666;

/// One presentation of the same five claims.
pub struct Content {
    pub name: &'static str,
    /// As it would be posted.
    pub presentation: String,
    pub answer: ScreenAnswer,
    /// Encrypted to who asked.
    pub message: Vec<u8>,
}

/// Frames that were shown until the message was there: each lost with this probability in percent.
fn frames_shown(frames: &Frames, lost: u64, dice: &SequenceEntropy) -> u16 {
    let mut collector = Collector::new(Kind::Answer);
    for sequence in 0.. {
        let mut roll = [0; 8];
        dice.fill(&mut roll).unwrap();
        if u64::from_le_bytes(roll) % 100 < lost {
            continue;
        }
        if matches!(collector.feed_frame(&frames.frame(sequence)), Fed::Complete(_)) {
            return sequence + 1;
        }
    }
    u16::MAX
}

fn loss(table: &mut String, content: &Content, size: FrameSize, name: &str) {
    // Which pieces are mixed depends on the message's checksum: as everybody's message is another, so is that of each trial.
    let frames = |trial: u64| {
        let mut message = content.message.clone();
        message.iter_mut().rev().zip(trial.to_le_bytes()).for_each(|(byte, other)| *byte ^= other);
        Frames::of_session(Kind::Answer, &message, size, [1, 2, 3, 4]).unwrap()
    };
    for lost in [0, 10, 30, 50] {
        let dice = SequenceEntropy::new(lost + 1);
        let mut shown: Vec<u16> =
            (0..TRIALS).map(|trial| frames_shown(&frames(trial), lost, &dice)).collect();
        shown.sort_unstable();
        let mean = shown.iter().map(|frames| f64::from(*frames)).sum::<f64>()
            / f64::from(u16::try_from(shown.len()).unwrap());
        let late = shown.get(shown.len() * 95 / 100).copied().map_or(f64::INFINITY, f64::from);
        let (mean_seconds, late_seconds) = (mean / FRAMES_A_SECOND, late / FRAMES_A_SECOND);
        let count = frames(0).count();
        let _ = writeln!(
            table,
            "| {}, {name} | {count} | {lost} % | {mean:.1} | {late:.0} | {mean_seconds:.1} s | {late_seconds:.1} s |",
            content.name
        );
    }
}

/// ZLIB at level 9, as PixelPass has it.
fn zlib(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::ZlibEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

/// Characters and codes of a multipart UR (BCR-2020-005, BCR-2024-001) whose parts fit a code: each part is the CBOR of five members, two
/// letters of bytewords a byte, and their CRC-32.
fn multipart_ur(bytes: usize) -> (usize, usize) {
    let head = |number: usize| match number {
        0..24 => 1,
        24..256 => 2,
        _ => 3,
    };
    // The message itself is a CBOR byte string.
    let message = bytes + head(bytes);
    for parts in 1.. {
        let data = message.div_ceil(parts);
        let cbor = 1 + 2 * head(parts) + head(message) + 5 + head(data) + data;
        let text = format!("UR:BYTES/{parts}-{parts}/").len() + 2 * (cbor + 4);
        if text <= ALPHANUMERIC {
            return (text * parts, parts);
        }
    }
    (0, 0)
}

fn formats(table: &mut String, content: &Content) {
    let mut row = |format: &str, characters: usize, codes: usize| {
        let _ = writeln!(table, "| {}, {format} | {characters} | {codes} |", content.name);
    };
    let text = content.presentation.as_bytes();
    let decoded = primitives::base64url::decode(&content.presentation);
    let plain = decoded.as_deref().unwrap_or(text);
    let whole = |bytes: &[u8]| {
        let characters = base45::encode(bytes).len();
        (characters, characters.div_ceil(ALPHANUMERIC))
    };
    row("as it is posted, in byte mode", text.len(), text.len().div_ceil(BYTES));
    let (characters, codes) = whole(plain);
    row(if decoded.is_ok() { "plain CBOR in base45" } else { "plain text in base45" }, characters, codes);
    let (characters, codes) = whole(&zlib(plain));
    row("PixelPass (ZLIB, base45)", characters, codes);
    let (characters, codes) = multipart_ur(plain.len());
    row("BC-UR, multipart", characters, codes);
    let (characters, codes) = multipart_ur(zlib(plain).len());
    row("BC-UR of ZLIB, multipart", characters, codes);
    let mut by_code = content.answer.clone();
    by_code.to =
        ScreenRecipient::Code { audience: openid4vp::ClientId::new("offline-qr:v1:code:1").unwrap() };
    let by_code = offline_qr::answer_message(&by_code, &SequenceEntropy::new(1)).unwrap();
    for (name, message) in
        [("**offline QR, by code**", &by_code), ("**offline QR, encrypted**", &content.message)]
    {
        let frames = Frames::of_session(Kind::Answer, message, FrameSize::Standard, [0; 4]).unwrap();
        let characters = (0..u16::from(frames.count())).map(|sequence| frames.text(sequence).len()).sum();
        row(name, characters, usize::from(frames.count()));
    }
}

/// Writes both tables where `cargo xtask bench` looks for them.
pub fn leave_tables(contents: &[Content]) {
    let mut table = String::from(
        "| five claims of twelve, encrypted | pieces | lost | frames shown until complete, mean | 95 of 100 by | mean at 2 a second | 95 of 100 by |\n|---|---|---|---|---|---|---|\n",
    );
    for content in contents {
        loss(&mut table, content, FrameSize::Standard, "codes of 20-M");
        loss(&mut table, content, FrameSize::Small, "codes of 10-M");
    }
    table.push_str("\n| the same content | characters in all | codes of 20-M |\n|---|---|---|\n");
    contents.iter().for_each(|content| formats(&mut table, content));
    let target = std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/../../target")), PathBuf::from);
    let folder = target.join("criterion");
    std::fs::create_dir_all(&folder).unwrap();
    std::fs::write(folder.join("offline-qr.md"), table).unwrap();
}
