//! Where an input's shape comes from: the vectors of the specifications, read at run time and never copied, and what the country signs.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::Value;

/// The longest seed, in bytes: longer ones slow every mutation.
const MAX_SEED_BYTES: usize = 16 * 1024;

/// Writes a target's seeds into the folder that `CITIZEN_WALLET_FUZZ_SEEDS` names, before the corpus is read.
pub fn plant(seeds: impl FnOnce() -> Vec<Vec<u8>>) {
    let Some(folder) = std::env::var_os("CITIZEN_WALLET_FUZZ_SEEDS").map(PathBuf::from) else { return };
    let _ = fs::create_dir_all(&folder);
    for seed in seeds().into_iter().filter(|seed| seed.len() <= MAX_SEED_BYTES) {
        let name: String = crypto::sha256(&seed).iter().take(10).map(|byte| format!("{byte:02x}")).collect();
        let _ = fs::write(folder.join(name), seed);
    }
}

fn vectors() -> PathBuf {
    std::env::var_os("CITIZEN_WALLET_VECTORS")
        .map_or_else(|| Path::new(env!("CARGO_MANIFEST_DIR")).join("../../shared/vectors"), PathBuf::from)
}

fn files_below(folder: &Path, found: &mut Vec<PathBuf>) {
    let Ok(entries) = fs::read_dir(folder) else { return };
    let mut entries: Vec<PathBuf> = entries.flatten().map(|entry| entry.path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() { files_below(&path, found) } else { found.push(path) }
    }
}

/// The files of these folders of the vectors, as they are.
pub fn vector_files(folders: &[&str]) -> Vec<Vec<u8>> {
    let mut paths = Vec::new();
    folders.iter().for_each(|folder| files_below(&vectors().join(folder), &mut paths));
    paths.iter().filter_map(|path| fs::read(path).ok()).collect()
}

fn strings(value: &Value, found: &mut Vec<String>) {
    match value {
        Value::String(text) => found.push(text.clone()),
        Value::Array(elements) => elements.iter().for_each(|element| strings(element, found)),
        Value::Object(members) => members.values().for_each(|member| strings(member, found)),
        _ => {}
    }
}

/// The texts in the JSON of these folders that `wanted` takes, and the files that are no JSON as one text each.
pub fn vector_texts(folders: &[&str], wanted: impl Fn(&str) -> bool) -> Vec<Vec<u8>> {
    let mut found = Vec::new();
    for file in vector_files(folders) {
        match serde_json::from_slice::<Value>(&file) {
            Ok(value) => strings(&value, &mut found),
            Err(_) => found.extend(String::from_utf8(file).ok().map(|text| text.trim().to_owned())),
        }
    }
    found.into_iter().filter(|text| wanted(text)).map(String::into_bytes).collect()
}

/// The byte strings in the JSON of these folders, in hex or base64, that `wanted` takes.
pub fn vector_bytes(folders: &[&str], wanted: impl Fn(&[u8]) -> bool) -> Vec<Vec<u8>> {
    let hex = |text: &str| -> Option<Vec<u8>> {
        let digits = text.as_bytes();
        let pairs = (digits.len() % 2 == 0).then(|| digits.chunks(2));
        pairs?.map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok()).collect()
    };
    let decoded = vector_texts(folders, |text| text.len() >= 8).into_iter().flat_map(|bytes| {
        let text = String::from_utf8(bytes).unwrap_or_default();
        let text = text.trim();
        [
            hex(text),
            primitives::base64url::decode(text).ok(),
            primitives::base64url::decode_standard(text).ok(),
        ]
    });
    decoded.flatten().filter(|bytes| wanted(bytes)).collect()
}
