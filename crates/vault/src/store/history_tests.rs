use crypto::SecretBytes;
use primitives::LocalizedText;
use rusqlite::Connection;

use super::*;
use crate::HistoryParty;

fn entry(at: i64) -> NewHistoryEntry {
    NewHistoryEntry {
        at: Instant::from_unix_seconds(at),
        kind: HistoryKind::Presented,
        party: Some(HistoryParty {
            id: "x".into(),
            name: LocalizedText::new("가람시", "Garam"),
            known: true,
        }),
        items: Vec::new(),
        papers: Vec::new(),
        purpose: None,
        retention: None,
        rule: Some("VP-C4".into()),
        code: Some("request_signature_invalid".into()),
        outcome: Outcome::Refused,
    }
}

/// A database with five lines at the times 10, 20, 30, 40, 50.
fn five_lines() -> (tempfile::TempDir, Connection) {
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("wallet.db");
    std::fs::write(&path, b"").unwrap();
    let mut connection = crate::database::create(&path, &SecretBytes::new(&[1; 32])).unwrap();
    {
        let transaction = Transaction { inner: connection.transaction().unwrap() };
        for at in [10, 20, 30, 40, 50] {
            transaction.append_history(&entry(at)).unwrap();
        }
        transaction.inner.commit().unwrap();
    }
    (directory, connection)
}

fn verdict_after(statement: &str) -> Result<u64, HistoryBreak> {
    let (_directory, mut connection) = five_lines();
    connection.execute_batch(statement).unwrap();
    let transaction = Transaction { inner: connection.transaction().unwrap() };
    let verdict = transaction.verify_history();
    drop(transaction);
    verdict.unwrap()
}

#[test]
fn what_was_written_verifies_and_comes_back() {
    assert_eq!(verdict_after(""), Ok(5));
    let (_directory, mut connection) = five_lines();
    let transaction = Transaction { inner: connection.transaction().unwrap() };
    let lines = transaction.history(Some(5), 2).unwrap();
    assert_eq!(lines.iter().map(|line| line.sequence).collect::<Vec<_>>(), [4, 3]);
    assert_eq!(lines[0].entry, entry(40));
}

#[test]
fn a_change_of_any_column_shows() {
    for change in [
        "at = 31",
        "kind = 'received'",
        "party = NULL",
        "items = '[1]'",
        "papers = '[1]'",
        "purpose = ''",
        "retention = 'x'",
        "rule = NULL",
        "code = 'other'",
        "outcome = 'done'",
        "previous = zeroblob(32)",
        "hash = zeroblob(32)",
    ] {
        let verdict = verdict_after(&format!("UPDATE history SET {change} WHERE sequence = 3"));
        assert_eq!(verdict, Err(HistoryBreak::Changed(3)), "{change}");
    }
}

#[test]
fn a_missing_or_moved_line_and_a_cut_end_show() {
    assert_eq!(verdict_after("DELETE FROM history WHERE sequence = 3"), Err(HistoryBreak::Missing(4)));
    assert_eq!(verdict_after("DELETE FROM history WHERE sequence = 1"), Err(HistoryBreak::Missing(2)));
    assert_eq!(verdict_after("DELETE FROM history WHERE sequence >= 4"), Err(HistoryBreak::Cut(3)));
    assert_eq!(verdict_after("DELETE FROM history"), Err(HistoryBreak::Cut(0)));
    let swapped = "UPDATE history SET sequence = 99 WHERE sequence = 2; UPDATE history SET sequence = 2 WHERE sequence = 3;
        UPDATE history SET sequence = 3 WHERE sequence = 99";
    assert_eq!(verdict_after(swapped), Err(HistoryBreak::Changed(2)));
    assert_eq!(verdict_after("DELETE FROM marks WHERE name = 'history_head'"), Err(HistoryBreak::Changed(5)));
}

#[test]
fn lines_let_go_leave_a_chain_that_verifies() {
    let (_directory, mut connection) = five_lines();
    let transaction = Transaction { inner: connection.transaction().unwrap() };
    assert_eq!(transaction.prune_history(Instant::from_unix_seconds(30)).unwrap(), 2);
    assert_eq!(transaction.verify_history().unwrap(), Ok(3));
    assert_eq!(transaction.append_history(&entry(60)).unwrap(), 6);
    assert_eq!(transaction.verify_history().unwrap(), Ok(4));
    assert_eq!(transaction.prune_history(Instant::from_unix_seconds(1000)).unwrap(), 4);
    assert_eq!(transaction.verify_history().unwrap(), Ok(0));
    assert_eq!(transaction.append_history(&entry(70)).unwrap(), 7);
    assert_eq!(transaction.verify_history().unwrap(), Ok(1));
}

#[test]
fn a_database_of_a_newer_version_is_refused_unharmed() {
    let (directory, connection) = five_lines();
    connection.execute_batch("PRAGMA user_version = 3").unwrap();
    drop(connection);
    let path = directory.path().join("wallet.db");
    let before = std::fs::read(&path).unwrap();
    let refused = crate::database::open(&path, &SecretBytes::new(&[1; 32])).err();
    assert!(matches!(refused, Some(crate::UnlockError::NewerVersion { found: 3, known: 2 })));
    let wrong_key = crate::database::open(&path, &SecretBytes::new(&[2; 32])).err();
    assert!(matches!(wrong_key, Some(crate::UnlockError::Damaged)));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
