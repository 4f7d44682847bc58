//! Test vectors, read from where they lie and never copied.

#![allow(clippy::print_stdout)]

use std::path::PathBuf;

use serde_json::Value;

pub fn folder() -> PathBuf {
    match std::env::var_os("CITIZEN_WALLET_VECTORS") {
        Some(folder) => folder.into(),
        None => concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/vectors").into(),
    }
}

/// The bytes of a vector, or `None`, said aloud, if it is not there.
pub fn bytes(file: &str) -> Option<Vec<u8>> {
    let bytes = std::fs::read(folder().join(file)).ok();
    if bytes.is_none() {
        println!("left out: the cases of {file} (vectors absent)");
    }
    bytes
}

/// A JSON file of vectors.
pub fn read(file: &str) -> Option<Value> {
    bytes(file).map(|bytes| serde_json::from_slice(&bytes).unwrap())
}
