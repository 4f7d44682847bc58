//! A vault of each version ever released, frozen: what was written then opens now, in its own bytes.
//!
//! `tests/fixtures/v1` was written once, by the test below with CITIZEN_WALLET_WRITE_FIXTURE=1 and an empty folder; it is never
//! written again. Its secret is of a synthetic person and opens nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use std::path::PathBuf;

use common::*;
use crypto::{Signer as _, SystemEntropy};
use vault::*;

fn fixture() -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures/v1"))
}

fn write() {
    let (folder, store) = (fixture(), TestStore::new(&fixture()));
    let mut vault = UnlockedVault::create(&folder, &store, None, profile(), &SystemEntropy).unwrap();
    let paper = receive(&mut vault, 2);
    let copies = vault.read(|t| t.copies(paper)).unwrap();
    vault.transaction(|t| t.mark_copy_used(copies[0].id, at(1))).unwrap();
    let key = vault.holder_key(copies[0].key.as_ref().unwrap()).unwrap().public_key().thumbprint();
    let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    vault.transaction(|t| t.set_setting("key_of_the_used_copy", Some(&key))).unwrap();
}

#[test]
fn a_vault_of_version_1_opens_with_its_papers_keys_and_history() {
    if std::env::var("CITIZEN_WALLET_WRITE_FIXTURE").is_ok_and(|value| value == "1") && !fixture().exists() {
        write();
    }
    let place = Place::new();
    std::fs::create_dir_all(place.folder()).unwrap();
    for file in std::fs::read_dir(fixture()).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), place.folder().join(file.file_name())).unwrap();
    }
    let locked = LockedVault::open(&place.folder()).unwrap();
    let store = TestStore::new(&place.folder());
    let mut vault = locked.unlock(&store, None, at(0)).map_err(|failure| failure.error).unwrap();
    let papers = vault.read(|t| t.papers()).unwrap();
    assert_eq!((papers.len(), papers[0].copies, papers[0].unused_copies), (1, 2, 1));
    assert_eq!(papers[0].summary["title"], NAME);
    let used = vault
        .read(|t| t.copies(papers[0].id))
        .unwrap()
        .into_iter()
        .find(|copy| copy.used_count == 1)
        .unwrap();
    let key = vault.holder_key(used.key.as_ref().unwrap()).unwrap().public_key().thumbprint();
    let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(vault.read(|t| t.setting("key_of_the_used_copy")).unwrap(), Some(key));
    assert_eq!(vault.read(|t| t.verify_history()).unwrap(), Ok(1));
    assert_eq!(vault.profile(), profile());
}
