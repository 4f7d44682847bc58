//! Short codes as people type them, and keys that were struck in Hangul mode.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use offline_qr::{QUESTION_NUMBERS, ShortCode, is_typed_in_hangul, untype};

fuzz_target!(
    init: plant(|| {
        let code = |question: u8| ShortCode::draw(question, &world::entropy()).unwrap();
        let mut seeds: Vec<Vec<u8>> = [1, 7, 31].map(|question| code(question).grouped().into_bytes()).into();
        seeds.extend(["안녕하세요", "ㄳㅢㅃ", "1R5E0-52fcn", "O1lI 0000"].map(|text| text.as_bytes().to_vec()));
        seeds
    }),
    |data: &[u8]| {
        let Some(text) = text(data) else { return };
        let keys = untype(text);
        assert!(!is_typed_in_hangul(&keys));
        assert_eq!(untype(&keys), keys);
        if let Ok(code) = ShortCode::parse(text) {
            assert!(QUESTION_NUMBERS.contains(&code.question()));
            assert!(ShortCode::parse(&code.grouped()).unwrap() == code);
            // Ten of thirty-two characters, and any other one in any place is found.
            let (first, rest) = code.nonce().split_at(1);
            let other = if first == "1" { "2" } else { "1" };
            assert!(ShortCode::parse(&format!("{other}{rest}")).is_err());
        }
    }
);
