//! Strict JSON: what is accepted is written and read again, and serde_json reads it alike.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use primitives::json::{JsonError, MAX_DEPTH, parse_strict};
use serde_json::Value;

/// Alike but for the last digits of numbers with a point, which serde_json reads fast and not exactly.
fn alike(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| alike(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one.iter().all(|(name, value)| other.get(name).is_some_and(|other| alike(value, other)))
        }
        (Value::Number(one), Value::Number(other)) if one.is_f64() && other.is_f64() => {
            let (one, other) = (one.as_f64().unwrap(), other.as_f64().unwrap());
            (one - other).abs() <= one.abs() * 1e-14 || one.abs() < 1e-300
        }
        _ => one == other,
    }
}

fn depth(value: &Value) -> usize {
    match value {
        Value::Array(all) => 1 + all.iter().map(depth).max().unwrap_or(0),
        Value::Object(all) => 1 + all.values().map(depth).max().unwrap_or(0),
        _ => 0,
    }
}

fuzz_target!(
    init: plant(|| vector_files(&["openid4vci/examples", "openid4vp/examples", "metadata", "jose"])),
    |data: &[u8]| {
        match parse_strict(data, 16 * 1024) {
            Ok(value) => {
                assert!(depth(&value) <= MAX_DEPTH);
                let written = serde_json::to_vec(&value).unwrap();
                assert!(alike(&parse_strict(&written, written.len()).unwrap(), &value));
                assert_eq!(serde_json::from_slice::<Value>(data).unwrap(), value);
            }
            // What is no JSON for us because of its grammar is none for serde_json.
            Err(JsonError::Syntax) => assert!(serde_json::from_slice::<Value>(data).is_err()),
            Err(_) => {}
        }
    }
);
