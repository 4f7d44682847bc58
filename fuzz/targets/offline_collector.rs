//! Frames of several messages in any order, some of them changed and sealed again: a message comes out only as it went in, or as one whose
//! checksum holds, and what is kept stays bounded. Four bytes are a frame: which message, which sequence, what is changed.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use offline_qr::{Collector, Fed, FrameSize, Frames, Kind, MAX_SERIES};
use std::sync::OnceLock;

/// Lengths of the messages: of one piece, of a few, of many.
const LENGTHS: [usize; 6] = [1, 186, 400, 1000, 5000, 20_000];

fn messages() -> &'static Vec<(Vec<u8>, Frames)> {
    static MESSAGES: OnceLock<Vec<(Vec<u8>, Frames)>> = OnceLock::new();
    MESSAGES.get_or_init(|| {
        let message = |length: usize| (0..length).map(|place| (place * 31 % 253) as u8).collect::<Vec<u8>>();
        let frames = |length: usize| {
            let message = message(length);
            let frames = Frames::of_session(Kind::Answer, &message, FrameSize::Small, [9, 9, 9, 9]).unwrap();
            (message, frames)
        };
        LENGTHS.map(frames).into()
    })
}

fuzz_target!(
    init: plant(|| {
        let in_order = |message: u8, from: u16, count: u16| -> Vec<u8> {
            (from..from + count).flat_map(|sequence| [message, (sequence >> 8) as u8, sequence as u8, 0]).collect()
        };
        vec![
            in_order(3, 0, 6),
            in_order(4, 100, 60),
            [in_order(2, 0, 2), in_order(3, 3, 6), in_order(2, 5, 9)].concat(),
            vec![3, 0, 0, 7, 3, 0, 1, 0],
            vec![0, 0, 0, 0],
        ]
    }),
    |data: &[u8]| {
        let mut collector = Collector::new(Kind::Answer);
        for step in data.chunks_exact(4) {
            let (message, frames) = &messages()[usize::from(step[0]) % LENGTHS.len()];
            let mut frame = frames.frame(u16::from_be_bytes([step[1], step[2]]));
            match step[3] {
                0..=127 => {}
                128..=159 => frame.series.session[0] ^= step[3] & 7,
                160..=191 => frame.series.checksum ^= u32::from(step[3] & 3),
                192..=223 => frame.series.kind = Kind::Request,
                change => {
                    let place = usize::from(change) % frame.data.len();
                    frame.data[place] ^= change;
                }
            }
            if let Fed::Complete(found) = collector.feed_frame(&frame) {
                assert_eq!(found.bytes.len(), usize::from(found.series.length));
                assert_eq!(crc32fast::hash(&found.bytes), found.series.checksum);
                assert!(found.bytes == *message);
            }
            let progress = collector.progress();
            assert!(progress.have <= progress.need && collector.series() <= MAX_SERIES);
        }
    }
);
