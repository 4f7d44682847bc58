//! What is kept: papers, copies, keys, sessions, caches, settings; all or nothing.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use common::*;
use crypto::{Signer as _, SystemEntropy};
use vault::*;
use zeroize::Zeroizing;

#[test]
fn a_received_paper_is_there_after_locking_and_unlocking() {
    let place = Place::new();
    let mut vault = place.create(None);
    let id = receive(&mut vault, 3);
    drop(vault.lock());
    let mut vault = place.unlock(None, at(1)).unwrap();
    let papers = vault.read(|t| t.papers()).unwrap();
    assert_eq!(papers.len(), 1);
    let paper = &papers[0];
    assert_eq!((paper.id, paper.shelf, paper.copies, paper.unused_copies), (id, Shelf::Identity, 3, 3));
    assert_eq!(paper.summary["title"], NAME);
    assert_eq!(paper.formats.as_slice(), [CredentialFormat::SdJwtVc, CredentialFormat::Mdoc]);
    assert_eq!(vault.read(|t| t.paper_metadata(id)).unwrap()["vct"], "urn:demo:resident-id");
    assert_eq!(vault.read(|t| t.papers_on(Shelf::Notices)).unwrap().len(), 0);
    assert_eq!(vault.read(|t| t.history_of(id)).unwrap().len(), 1);
    assert!(vault.verify_database().unwrap());
}

#[test]
fn receiving_is_whole_or_not_at_all() {
    let place = Place::new();
    let mut vault = place.create(None);
    let (session, paper) = (session(), new_paper(NAME));
    let keys = vault.transaction(|t| t.reserve_keys(session, 1, &SystemEntropy, at(0))).unwrap();
    // The second copy names a key that nobody reserved.
    let copies = [
        new_copy(Some(keys[0].id), "a"),
        new_copy(Some(ReservedKeyId::random(&SystemEntropy).unwrap()), "b"),
    ];
    let batch = BatchId::random(&SystemEntropy).unwrap();
    let entry = history(HistoryKind::Received, vec![paper.id]);
    let result = vault.transaction(|t| t.receive(&paper, batch, &copies, &entry));
    assert_eq!(result, Err(StoreError::NotFound { what: "reserved key" }));
    assert!(vault.read(|t| t.papers()).unwrap().is_empty());
    assert!(vault.read(|t| t.history(None, 10)).unwrap().is_empty());
    assert_eq!(vault.read(|t| t.reserved_keys(session)).unwrap(), keys);
}

#[test]
fn a_reserved_key_is_durable_moves_to_its_copy_and_signs_the_same() {
    let place = Place::new();
    let mut vault = place.create(None);
    let session = session();
    let keys = vault.transaction(|t| t.reserve_keys(session, 2, &SystemEntropy, at(0))).unwrap();
    let public = vault.holder_key(&keys[0].key_ref).unwrap().public_key().to_sec1();
    drop(vault.lock());

    let mut vault = place.unlock(None, at(1)).unwrap();
    assert_eq!(vault.read(|t| t.reserved_keys(session)).unwrap(), keys);
    let paper = new_paper(NAME);
    let copy = new_copy(Some(keys[0].id), NAME);
    let batch = BatchId::random(&SystemEntropy).unwrap();
    vault
        .transaction(|t| t.receive(&paper, batch, &[copy], &history(HistoryKind::Received, vec![paper.id])))
        .unwrap();
    assert_eq!(vault.read(|t| t.reserved_keys(session)).unwrap(), keys[1..]);
    assert_eq!(vault.transaction(|t| t.release_keys(session)).unwrap(), 1);
    let copies = vault.read(|t| t.copies(paper.id)).unwrap();
    let key = vault.holder_key(copies[0].key.as_ref().unwrap()).unwrap();
    assert_eq!(key.public_key().to_sec1(), public);
    assert_eq!(copies[0].credential.expose(), NAME.as_bytes());
}

#[test]
fn copies_are_used_in_turn_and_their_use_is_durable() {
    let place = Place::new();
    let mut vault = place.create(None);
    let paper = receive(&mut vault, 2);
    let first = vault.read(|t| t.copies(paper)).unwrap()[0].id;
    assert!(vault.transaction(|t| t.take_copies(&[(first, 0)].into(), at(5))).unwrap());
    drop(vault);
    let mut vault = place.unlock(None, at(6)).unwrap();
    let copies = vault.read(|t| t.copies(paper)).unwrap();
    assert_ne!(copies[0].id, first);
    assert_eq!((copies[1].id, copies[1].used_count, copies[1].last_used_at), (first, 1, Some(at(5))));
    assert_eq!(vault.read(|t| t.paper(paper)).unwrap().unused_copies, 1);
    assert!(vault.transaction(|t| t.take_copies(&[(first, 1)].into(), at(7))).unwrap());
    assert_eq!(vault.read(|t| t.copy(first)).unwrap().used_count, 2);
}

#[test]
fn a_copy_that_was_taken_meanwhile_is_not_taken_and_with_it_none() {
    let place = Place::new();
    let mut vault = place.create(None);
    let paper = receive(&mut vault, 3);
    let copies = vault.read(|t| t.copies(paper)).unwrap();
    let uses = |vault: &mut UnlockedVault| {
        let copies = vault.read(|t| t.copies(paper)).unwrap();
        copies.iter().map(|copy| copy.used_count).sum::<u32>()
    };
    // Both chose the first one while nobody had used it.
    let (one, other) = ([(copies[0].id, 0)].into(), [(copies[1].id, 0), (copies[0].id, 0)].into());
    assert!(vault.transaction(|t| t.take_copies(&one, at(5))).unwrap());
    for _ in 0..2 {
        assert!(!vault.transaction(|t| t.take_copies(&other, at(6))).unwrap());
        assert!(!vault.transaction(|t| t.take_copies(&one, at(6))).unwrap());
        assert_eq!(uses(&mut vault), 1, "all or none");
    }
    // Nor one that is gone.
    vault.transaction(|t| t.remove_copy(copies[2].id)).unwrap();
    let gone = [(copies[1].id, 0), (copies[2].id, 0)].into();
    assert!(!vault.transaction(|t| t.take_copies(&gone, at(7))).unwrap());
    assert_eq!(uses(&mut vault), 1);
}

#[test]
fn removing_takes_the_copies_and_their_salts() {
    let place = Place::new();
    let mut vault = place.create(None);
    let paper = receive(&mut vault, 2);
    let copies = vault.read(|t| t.copies(paper)).unwrap();
    vault.transaction(|t| t.remove_copy(copies[0].id)).unwrap();
    assert_eq!(vault.read(|t| t.copy(copies[0].id)).err(), Some(StoreError::NotFound { what: "copy" }));
    vault.transaction(|t| t.remove_paper(paper)).unwrap();
    assert_eq!(vault.read(|t| t.copy(copies[1].id)).err(), Some(StoreError::NotFound { what: "copy" }));
    assert_eq!(vault.transaction(|t| t.remove_paper(paper)), Err(StoreError::NotFound { what: "paper" }));
    assert!(vault.read(|t| t.papers()).unwrap().is_empty());
}

#[test]
fn what_is_too_large_or_there_already_is_refused() {
    let place = Place::new();
    let mut vault = place.create(None);
    let mut paper = new_paper(NAME);
    paper.summary = serde_json::json!("x".repeat(limits::SUMMARY));
    assert!(matches!(vault.transaction(|t| t.add_paper(&paper)), Err(StoreError::TooLarge { .. })));
    let paper = new_paper(NAME);
    vault.transaction(|t| t.add_paper(&paper)).unwrap();
    assert_eq!(vault.transaction(|t| t.add_paper(&paper)), Err(StoreError::Duplicate { what: "paper" }));
    let batch = BatchId::random(&SystemEntropy).unwrap();
    let big =
        NewCopy { credential: CredentialBytes::new(vec![0; limits::CREDENTIAL + 1]), ..new_copy(None, "") };
    assert!(matches!(
        vault.transaction(|t| t.add_copies(paper.id, batch, &[big])),
        Err(StoreError::TooLarge { .. })
    ));
    let nowhere = PaperId::random(&SystemEntropy).unwrap();
    assert_eq!(
        vault.transaction(|t| t.add_copies(nowhere, batch, &[new_copy(None, "x")])),
        Err(StoreError::NotFound { what: "paper" })
    );
}

#[test]
fn a_session_is_resumed_and_ended_with_its_keys() {
    let place = Place::new();
    let mut vault = place.create(None);
    let id = session();
    let mut pending = PendingSession {
        id,
        kind: SessionKind::Receiving,
        issuer: "https://mois.localhost".to_owned(),
        state: Zeroizing::new(b"state".to_vec()),
        created_at: at(0),
        next_try_at: None,
        expires_at: None,
    };
    vault.transaction(|t| t.save_session(&pending)).unwrap();
    pending.kind = SessionKind::Deferred;
    pending.next_try_at = Some(at(5));
    vault.transaction(|t| t.save_session(&pending)).unwrap();
    vault.transaction(|t| t.reserve_keys(id, 1, &SystemEntropy, at(0))).unwrap();
    drop(vault.lock());
    let mut vault = place.unlock(None, at(1)).unwrap();
    assert!(vault.read(|t| t.sessions()).unwrap() == vec![pending]);
    vault.transaction(|t| t.end_session(id)).unwrap();
    assert!(vault.read(|t| t.sessions()).unwrap().is_empty());
    assert!(vault.read(|t| t.reserved_keys(id)).unwrap().is_empty());
}

#[test]
fn a_request_is_answered_once() {
    let place = Place::new();
    let mut vault = place.create(None);
    vault.transaction(|t| t.remember_answered(&[1; 32], at(0), at(100))).unwrap();
    assert!(vault.read(|t| t.was_answered(&[1; 32])).unwrap());
    assert!(!vault.read(|t| t.was_answered(&[2; 32])).unwrap());
    assert_eq!(
        vault.transaction(|t| t.remember_answered(&[1; 32], at(50), at(100))),
        Err(StoreError::Duplicate { what: "request" })
    );
    // Past its time it is forgotten.
    vault.transaction(|t| t.remember_answered(&[3; 32], at(101), at(200))).unwrap();
    assert!(!vault.read(|t| t.was_answered(&[1; 32])).unwrap());
}

#[test]
fn an_older_trust_list_never_replaces_a_newer_one() {
    let place = Place::new();
    let mut vault = place.create(None);
    let list = |sequence, token: &[u8]| StoredTrustList {
        uri: "https://trust.localhost/list".to_owned(),
        sequence,
        token: token.to_vec(),
        fetched_at: at(0),
    };
    vault.transaction(|t| t.save_trust_list(&list(5, b"five"))).unwrap();
    assert_eq!(
        vault.transaction(|t| t.save_trust_list(&list(4, b"four"))),
        Err(StoreError::OlderTrustList { known: 5 })
    );
    vault.transaction(|t| t.save_trust_list(&list(6, b"six"))).unwrap();
    assert_eq!(vault.read(|t| t.trust_list("https://trust.localhost/list")).unwrap().unwrap().token, b"six");
}

#[test]
fn status_tokens_settings_and_marks_come_back() {
    let place = Place::new();
    let mut vault = place.create(None);
    let status = StoredStatusToken {
        uri: "https://s/1".to_owned(),
        anchor: Some([1; 32]),
        token: vec![1, 2],
        fetched_at: at(3),
    };
    vault.transaction(|t| t.save_status_token(&status)).unwrap();
    vault.transaction(|t| t.set_setting("language", Some("ko"))).unwrap();
    vault.transaction(|t| t.mark_seen("due/1", at(1))).unwrap();
    vault.transaction(|t| t.mark_seen("due/1", at(9))).unwrap();
    assert_eq!(vault.transaction(|t| t.advance_signed_time(at(10))).unwrap(), at(10));
    assert_eq!(vault.transaction(|t| t.advance_signed_time(at(4))).unwrap(), at(10));
    drop(vault);
    let mut vault = place.unlock(None, at(1)).unwrap();
    assert!(vault.read(|t| t.status_tokens("https://s/1")).unwrap() == [status]);
    assert_eq!(vault.read(|t| t.setting("language")).unwrap().as_deref(), Some("ko"));
    assert_eq!(vault.read(|t| t.seen_at("due/1")).unwrap(), Some(at(1)));
    assert_eq!(vault.read(|t| t.latest_signed_time()).unwrap(), Some(at(10)));
    vault.transaction(|t| t.set_setting("language", None)).unwrap();
    assert_eq!(vault.read(|t| t.setting("language")).unwrap(), None);
}

#[test]
fn a_status_token_takes_the_place_of_its_signers_and_of_no_other() {
    let place = Place::new();
    let mut vault = place.create(None);
    let token = |signer: Option<u8>, fetched: i64| StoredStatusToken {
        uri: "https://s/1".to_owned(),
        anchor: signer.map(|signer| [signer; 32]),
        token: vec![signer.unwrap_or_default()],
        fetched_at: at(fetched),
    };
    let mut keep = |status: &StoredStatusToken| {
        vault.transaction(|t| t.save_status_token(status)).unwrap();
        vault.read(|t| t.status_tokens("https://s/1")).unwrap()
    };
    // Of an earlier version, whose signer is not known: nobody's list takes its place, since it may be another's.
    assert!(keep(&token(None, 1)) == [token(None, 1)]);
    assert!(keep(&token(Some(1), 2)) == [token(Some(1), 2), token(None, 1)]);
    assert!(keep(&token(Some(2), 3)) == [token(Some(2), 3), token(Some(1), 2), token(None, 1)]);
    assert!(keep(&token(Some(1), 4)) == [token(Some(1), 4), token(Some(2), 3), token(None, 1)]);
    // One too many: the one fetched longest ago makes room, and never the one that comes.
    let most = u8::try_from(limits::STATUS_SIGNERS).unwrap();
    for signer in 3..=most {
        assert_eq!(keep(&token(Some(signer), 10)).len(), usize::from(most.min(signer + 1)));
    }
    let kept = keep(&token(Some(most + 1), 1));
    assert_eq!(kept.len(), usize::from(most));
    let signers: Vec<u8> = kept.iter().map(|one| one.token[0]).collect();
    assert!(signers.contains(&(most + 1)) && signers.contains(&1) && !signers.contains(&2), "{signers:?}");
    assert!(vault.read(|t| t.status_tokens("https://s/2")).unwrap().is_empty());
}

#[test]
fn a_read_changes_nothing() {
    let place = Place::new();
    let mut vault = place.create(None);
    vault.read(|t| t.set_setting("a", Some("b"))).unwrap();
    assert_eq!(vault.read(|t| t.setting("a")).unwrap(), None);
}

#[test]
fn many_papers_are_listed() {
    let place = Place::new();
    let mut vault = place.create(None);
    let batch = BatchId::random(&SystemEntropy).unwrap();
    vault
        .transaction(|t| {
            for _ in 0..500 {
                let paper = new_paper(NAME);
                t.add_paper(&paper)?;
                t.add_copies(paper.id, batch, &[new_copy(None, &"x".repeat(4000)), new_copy(None, "y")])?;
            }
            Ok::<_, StoreError>(())
        })
        .unwrap();
    assert_eq!(vault.read(|t| t.papers()).unwrap().len(), 500);
}
