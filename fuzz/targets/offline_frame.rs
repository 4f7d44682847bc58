//! The text of a QR code as a frame of offline QR: what is read is written and read again.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use offline_qr::{Frame, FrameSize, Frames, Kind, base45};

fuzz_target!(
    init: plant(|| {
        let frames = Frames::of_session(Kind::Answer, &[7; 300], FrameSize::Small, [1, 2, 3, 4]).unwrap();
        let mut seeds: Vec<Vec<u8>> = (0..4).map(|sequence| frames.text(sequence).into_bytes()).collect();
        seeds.push("ㅐㅂ1:".into());
        seeds.push(b"OQ2:00".to_vec());
        // After `=`, the bytes of a frame, whose checksum is made good: what stands behind it is reached.
        seeds.push([b"=", &frames.frame(2).to_bytes()[..]].concat());
        seeds
    }),
    |data: &[u8]| {
        let frame = match data.split_first() {
            Some((b'=', bytes)) => {
                let content = bytes.split_last_chunk::<4>().map_or(bytes, |(content, _)| content);
                let sealed = [content, &crc32fast::hash(content).to_be_bytes()].concat();
                Frame::from_bytes(&sealed)
            }
            _ => match text(data) {
                Some(text) => {
                    if let Ok(bytes) = base45::decode(text) {
                        assert_eq!(base45::encode(&bytes), text);
                    }
                    Frame::parse(text)
                }
                None => return,
            },
        };
        if let Ok(frame) = frame {
            assert_eq!(frame.data.len(), frame.series.piece_bytes());
            assert_eq!(Frame::parse(&frame.to_text()), Ok(frame));
        }
    }
);
