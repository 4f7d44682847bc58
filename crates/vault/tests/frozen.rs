//! A vault of each version ever released, frozen: what was written then opens now, in its own bytes.
//!
//! `tests/fixtures/v1`, `v2` and `v3` were each written once, by the program of that version with CITIZEN_WALLET_WRITE_FIXTURE=1 and an
//! empty folder; they are never written again. Their secrets are of a synthetic person and open nothing else.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use std::path::PathBuf;

use common::*;
use crypto::{Signer as _, SystemEntropy};
use vault::*;

fn fixture(version: u32) -> PathBuf {
    PathBuf::from(concat!(env!("CARGO_MANIFEST_DIR"), "/tests/fixtures")).join(format!("v{version}"))
}

/// What a vault of the newest version holds beside what the one before it did.
fn write() {
    let (folder, store) = (fixture(3), TestStore::new(&fixture(3)));
    let mut vault = UnlockedVault::create(&folder, &store, None, profile(), &SystemEntropy).unwrap();
    let paper = receive(&mut vault, 2);
    let copies = vault.read(|t| t.copies(paper)).unwrap();
    vault.transaction(|t| t.take_copies(&[(copies[0].id, 0)].into(), at(1))).unwrap();
    let key = vault.holder_key(copies[0].key.as_ref().unwrap()).unwrap().public_key().thumbprint();
    let key: String = key.iter().map(|byte| format!("{byte:02x}")).collect();
    vault.transaction(|t| t.set_setting("key_of_the_used_copy", Some(&key))).unwrap();
    let grant = Grant {
        id: GrantId::parse(GRANT).unwrap(),
        issuer: "https://issuer.example".to_owned(),
        updated_at: at(2),
        state: b"state of a grant".to_vec().into(),
    };
    let source = PaperSource {
        format: CredentialFormat::SdJwtVc,
        grant: grant.id,
        configuration_id: "card".to_owned(),
        credential_identifier: Some("card-1".to_owned()),
    };
    let telling = PendingSession {
        id: SessionId::random(&SystemEntropy).unwrap(),
        kind: SessionKind::Telling,
        issuer: grant.issuer.clone(),
        state: b"state of a ticket".to_vec().into(),
        created_at: at(3),
        next_try_at: None,
        expires_at: None,
    };
    vault
        .transaction(|t| {
            t.save_status_token(&status(Some([3; 32])))?;
            t.add_grant(&grant)?;
            t.set_paper_sources(paper, &[source])?;
            t.save_session(&telling)
        })
        .unwrap();
}

fn status(anchor: Option<[u8; 32]>) -> StoredStatusToken {
    StoredStatusToken { uri: "https://s/1".to_owned(), anchor, token: vec![1, 2], fetched_at: at(3) }
}

const GRANT: &str = "00112233445566778899aabbccddeeff";

/// A copy of the fixture of this version, open.
fn opened(version: u32) -> (Place, UnlockedVault) {
    let place = Place::new();
    std::fs::create_dir_all(place.folder()).unwrap();
    for file in std::fs::read_dir(fixture(version)).unwrap() {
        let file = file.unwrap();
        std::fs::copy(file.path(), place.folder().join(file.file_name())).unwrap();
    }
    let locked = LockedVault::open(&place.folder()).unwrap();
    let store = TestStore::new(&place.folder());
    let vault = locked.unlock(&store, None, at(0)).map_err(|failure| failure.error).unwrap();
    (place, vault)
}

#[test]
fn a_vault_of_version_3_opens_with_its_status_lists_by_their_signers() {
    if std::env::var("CITIZEN_WALLET_WRITE_FIXTURE").is_ok_and(|value| value == "1") && !fixture(3).exists() {
        write();
    }
    let (_place, mut vault) = opened(3);
    assert!(vault.read(|t| t.status_tokens("https://s/1")).unwrap() == [status(Some([3; 32]))]);
    holds_what_version_2_knew(&mut vault);
}

#[test]
fn a_vault_of_version_2_opens_with_its_grants_and_what_is_still_to_be_told() {
    let (_place, mut vault) = opened(2);
    assert!(vault.read(|t| t.status_tokens("https://s/1")).unwrap().is_empty());
    holds_what_version_2_knew(&mut vault);
}

fn holds_what_version_2_knew(vault: &mut UnlockedVault) {
    let paper = vault.read(|t| t.papers()).unwrap().remove(0);
    let sources = vault.read(|t| t.paper_sources(paper.id)).unwrap();
    assert_eq!(sources.len(), 1);
    assert_eq!(
        (sources[0].format, sources[0].configuration_id.as_str()),
        (CredentialFormat::SdJwtVc, "card")
    );
    assert_eq!(sources[0].credential_identifier.as_deref(), Some("card-1"));
    let grant = vault.read(|t| t.grant(sources[0].grant)).unwrap();
    assert_eq!((grant.id.to_string().as_str(), grant.state.as_slice()), (GRANT, &b"state of a grant"[..]));
    let sessions = vault.read(|t| t.sessions()).unwrap();
    assert_eq!((sessions.len(), sessions[0].kind), (1, SessionKind::Telling));
    assert_eq!(sessions[0].state.as_slice(), b"state of a ticket");
    assert_eq!(vault.read(|t| t.verify_history()).unwrap(), Ok(1));
}

#[test]
fn a_vault_of_version_1_opens_with_its_papers_keys_and_history() {
    let (_place, mut vault) = opened(1);
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
    // What version 2 knows of a paper, this one does not say.
    assert!(vault.read(|t| t.paper_sources(papers[0].id)).unwrap().is_empty());
    assert!(vault.read(|t| t.sessions()).unwrap().is_empty());
}
