//! RFC 8949 6.1, kind by kind (MD-33, VP-D4).

use serde_json::json;

use super::*;
use crate::cbor::STRUCTURE_BOUNDS;

fn of(bytes: &[u8]) -> Value {
    from_cbor(&Item::parse(bytes, STRUCTURE_BOUNDS).ok().unwrap()).unwrap()
}

// rule: MD-33, VP-D4
#[test]
fn each_kind_of_cbor_has_its_json() {
    let cases: [(&[u8], Value); 21] = [
        (&[0x18, 0x64], json!(100)),
        (&[0x38, 0x63], json!(-100)),
        (&[0x1b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], json!(u64::MAX)),
        (&[0x3b, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff], json!(-18_446_744_073_709_551_616.0)),
        (&[0x43, 0xff, 0xfe, 0xfd], json!("__79")),
        (&[0x63, 0xea, 0xb9, 0x80], json!("김")),
        (&[0x82, 0x01, 0xf7], json!([1, null])),
        (&[0xa2, 0x61, 0x61, 0x01, 0x02, 0xf5], json!({"a": 1, "2": true})),
        (&[0xf4], json!(false)),
        (&[0xf6], json!(null)),
        (&[0xf7], json!(null)),
        (&[0xf9, 0x3e, 0x00], json!(1.5)),
        (&[0xf9, 0x7e, 0x00], json!(null)),
        (&[0xfa, 0x7f, 0x80, 0x00, 0x00], json!(null)),
        // A full-date and a tdate are their text.
        (b"\xd9\x03\xec\x6a1988-06-14", json!("1988-06-14")),
        (b"\xc0\x742026-11-21T13:00:00Z", json!("2026-11-21T13:00:00Z")),
        // Bignums, and byte strings with an expected encoding.
        (&[0xc2, 0x42, 0x01, 0x00], json!("AQA")),
        (&[0xc3, 0x42, 0x01, 0x00], json!("~AQA")),
        (&[0xd5, 0x41, 0xff], json!("_w")),
        (&[0xd6, 0x41, 0xff], json!("/w==")),
        (&[0xd7, 0x42, 0x0a, 0xff], json!("0AFF")),
    ];
    for (bytes, expected) in cases {
        assert_eq!(of(bytes), expected, "{bytes:02x?}");
    }
}

// rule: MD-33
#[test]
fn two_keys_that_become_one_are_refused_at_every_depth() {
    for bytes in
        [&[0xa2, 0x01, 0x00, 0x61, 0x31, 0x00][..], &[0x81, 0xa2, 0x41, 0xff, 0x00, 0x62, 0x5f, 0x77, 0x00]]
    {
        let item = Item::parse(bytes, STRUCTURE_BOUNDS).ok().unwrap();
        assert_eq!(from_cbor(&item), Err(AmbiguousKeys));
    }
}
