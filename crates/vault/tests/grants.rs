//! Grants, where papers come from, and a newer paper in the place of an older one.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::*;
use crypto::SystemEntropy;
use vault::*;

fn grant(state: &[u8]) -> Grant {
    Grant {
        id: GrantId::random(&SystemEntropy).unwrap(),
        issuer: "https://issuer.example".to_owned(),
        updated_at: at(1),
        state: state.to_vec().into(),
    }
}

fn source(grant: &Grant) -> PaperSource {
    PaperSource {
        format: CredentialFormat::SdJwtVc,
        grant: grant.id,
        configuration_id: "card".to_owned(),
        credential_identifier: None,
    }
}

#[test]
fn a_grant_is_added_once_exchanged_in_its_place_and_forgotten_with_its_last_paper() {
    let place = Place::new();
    let mut vault = place.create(None);
    let (first, second) = (receive(&mut vault, 1), receive(&mut vault, 1));
    let given = grant(b"one");
    let vault = &mut vault;
    vault
        .transaction(|t| {
            t.add_grant(&given)?;
            t.set_paper_sources(first, &[source(&given)])?;
            t.set_paper_sources(second, &[source(&given)])
        })
        .unwrap();
    let newer = Grant { state: b"two".to_vec().into(), ..given.clone() };
    vault.transaction(|t| t.save_grant(&newer)).unwrap();
    vault.transaction(|t| t.add_grant(&given)).unwrap();
    assert_eq!(vault.read(|t| t.grant(given.id)).unwrap().state.as_slice(), b"two", "the newer one stays");
    for (paper, left) in [(first, 0), (second, 1)] {
        vault.transaction(|t| t.remove_paper(paper)).unwrap();
        assert!(!vault.read(|t| t.has_source(paper)).unwrap());
        assert_eq!(vault.transaction(|t| t.forget_unused_grants(&[given.id])).unwrap(), 0, "awaited");
        assert_eq!(vault.transaction(|t| t.forget_unused_grants(&[])).unwrap(), left);
    }
    assert!(matches!(vault.read(|t| t.grant(given.id)), Err(StoreError::NotFound { .. })));
}

#[test]
fn a_newer_paper_takes_the_place_and_the_old_copies_go_with_their_keys() {
    let place = Place::new();
    let mut vault = place.create(None);
    let id = receive(&mut vault, 3);
    let old: Vec<_> = vault.read(|t| t.copies(id)).unwrap().into_iter().map(|copy| copy.id).collect();
    let newer = NewPaper { id, received_at: at(500), ..new_paper("newer") };
    let removed = vault
        .transaction(|t| {
            t.replace_paper(&newer)?;
            t.remove_copies(id, CredentialFormat::Mdoc)?;
            t.remove_copies(id, CredentialFormat::SdJwtVc)
        })
        .unwrap();
    assert_eq!(removed, old.len());
    let paper = vault.read(|t| t.paper(id)).unwrap();
    assert_eq!((paper.summary["title"].as_str(), paper.received_at), (Some("newer"), at(500)));
    assert_eq!((paper.state, paper.copies), (PaperState::Ready, 0));
    for copy in old {
        assert!(matches!(vault.read(|t| t.copy(copy)), Err(StoreError::NotFound { .. })));
    }
    let nobody = NewPaper { ..new_paper("nobody") };
    assert!(matches!(vault.transaction(|t| t.replace_paper(&nobody)), Err(StoreError::NotFound { .. })));
}

#[test]
fn half_an_exchange_is_none() {
    let place = Place::new();
    let mut vault = place.create(None);
    let id = receive(&mut vault, 2);
    let failed: Result<(), StoreError> = vault.transaction(|t| {
        t.replace_paper(&NewPaper { id, ..new_paper("newer") })?;
        t.remove_copies(id, CredentialFormat::SdJwtVc)?;
        Err(StoreError::NotFound { what: "reserved key" })
    });
    assert!(failed.is_err());
    let paper = vault.read(|t| t.paper(id)).unwrap();
    assert_eq!((paper.summary["title"].as_str(), paper.copies), (Some(NAME), 2));
}
