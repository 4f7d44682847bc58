//! The citizen on the other side of a desk: says yes, shows frames, reads the desk's request off its screen.
#![allow(dead_code, unreachable_pub)]

use std::collections::BTreeMap;
use std::path::Path;

use host::qr::texts_in_luma;
use launch::Desk;
use primitives::base64url;
use wallet::view::*;

use super::support::*;

/// The yes to a consent, and what is shown then.
pub async fn showing(stage: &Stage, started: PresentStarted) -> ShowingStarted {
    let consent = match started {
        PresentStarted::Consent(consent) => consent,
        PresentStarted::Refusal(refusal) => panic!("{} {:?}", refusal.code, refusal.rule),
    };
    let selection = everything_required(&consent);
    match stage.wallet().present_send(&consent.session_id, &selection).await.unwrap() {
        PresentSent::Showing(showing) => showing,
        PresentSent::Sent(_) => panic!("sent"),
        PresentSent::Refusal(refusal) => panic!("{} {:?}", refusal.code, refusal.rule),
    }
}

/// Shows the wallet's frames to the desk, from the first on.
pub fn read(stage: &Stage, showing: &ShowingStarted, desk: &Desk, begun: &DeskBegun) -> DeskVerdict {
    let texts = stage.wallet().show_texts(&showing.session_id, 0, 32, FrameSize::Standard).unwrap();
    for text in texts {
        if let DeskFed::Verdict { verdict } = desk.text(&begun.desk_id, &text).unwrap() {
            return *verdict;
        }
    }
    panic!("no verdict")
}

/// The text of a code as the window would draw it: its modules, four pixels each.
pub fn text_of(frame: &QrFrame) -> String {
    let bytes = base64url::decode_standard(&frame.modules).unwrap();
    let side = frame.side;
    let dark = |x: usize, y: usize| bytes[(y * side + x) / 8] >> (7 - (y * side + x) % 8) & 1 == 1;
    let (scale, quiet) = (4, 4);
    let width = (side + 2 * quiet) * scale;
    let mut grey = vec![255_u8; width * width];
    for y in 0..side {
        for x in (0..side).filter(|x| dark(*x, y)) {
            for dy in 0..scale {
                for dx in 0..scale {
                    grey[((y + quiet) * scale + dy) * width + (x + quiet) * scale + dx] = 0;
                }
            }
        }
    }
    let width = u32::try_from(width).unwrap();
    texts_in_luma(grey, width, width).unwrap().remove(0)
}

pub fn files_of(folder: &Path) -> BTreeMap<String, String> {
    let entries = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap());
    entries
        .filter(|entry| entry.file_type().unwrap().is_file())
        .map(|entry| {
            let name = entry.file_name().into_string().unwrap();
            (name, std::fs::read_to_string(entry.path()).unwrap())
        })
        .collect()
}

pub fn words(text: &Text) -> &str {
    text.ko.as_deref().unwrap()
}

/// The wallet reads the desk's request, frame by frame off its screen.
pub async fn reads_request(stage: &Stage, desk: &Desk, begun: &DeskBegun) -> PresentStarted {
    let frames = desk.request_frames(&begun.desk_id, 0, 32, FrameSize::Standard).unwrap();
    for frame in &frames.frames {
        if let Found::Request { input_id, .. } = stage.wallet().read_text(&text_of(frame), false) {
            return stage.wallet().present_start(&input_id).await.unwrap();
        }
    }
    panic!("the request is whole")
}
