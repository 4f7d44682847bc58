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

/// What checking the lines shown says after a change, for the two pages of a five-line history.
fn pages_after(statement: &str) -> [Result<(), HistoryBreak>; 2] {
    let (_directory, mut connection) = five_lines();
    connection.execute_batch(statement).unwrap();
    let transaction = Transaction { inner: connection.transaction().unwrap() };
    [None, Some(4)].map(|before| transaction.verify_history_lines(before, 2).unwrap())
}

#[test]
fn a_page_shows_a_change_of_its_own_lines() {
    assert_eq!(pages_after(""), [Ok(()), Ok(())]);
    for change in ["at = 31", "party = NULL", "items = '[1]'", "outcome = 'done'", "hash = zeroblob(32)"] {
        let first = pages_after(&format!("UPDATE history SET {change} WHERE sequence = 4"));
        assert_eq!(first[0], Err(HistoryBreak::Changed(4)), "{change}");
        let second = pages_after(&format!("UPDATE history SET {change} WHERE sequence = 2"));
        assert_eq!(second, [Ok(()), Err(HistoryBreak::Changed(2))], "{change}");
    }
    // The link to the line before: of the page's last line, and of the line after the page.
    let relinked = pages_after("UPDATE history SET previous = zeroblob(32) WHERE sequence = 4");
    assert_eq!(relinked, [Err(HistoryBreak::Changed(4)), Err(HistoryBreak::Changed(3))]);
    let missing = pages_after("DELETE FROM history WHERE sequence = 4");
    assert_eq!(missing, [Err(HistoryBreak::Missing(4)), Err(HistoryBreak::Missing(4))]);
    assert_eq!(pages_after("DELETE FROM history WHERE sequence = 3")[1], Err(HistoryBreak::Missing(3)));
    assert_eq!(pages_after("DELETE FROM history WHERE sequence < 3")[1], Err(HistoryBreak::Missing(3)));
    assert_eq!(pages_after("DELETE FROM history WHERE sequence = 5")[0], Err(HistoryBreak::Missing(5)));
    assert_eq!(
        pages_after("DELETE FROM marks WHERE name = 'history_head'")[0],
        Err(HistoryBreak::Missing(0))
    );
}

#[test]
fn a_page_of_what_was_not_let_go_is_whole() {
    let (_directory, mut connection) = five_lines();
    let transaction = Transaction { inner: connection.transaction().unwrap() };
    transaction.prune_history(Instant::from_unix_seconds(30)).unwrap();
    for (before, count) in
        [(None, 3), (None, 50), (Some(4), 50), (Some(3), 50), (Some(1), 50), (Some(99), 50)]
    {
        assert_eq!(transaction.verify_history_lines(before, count).unwrap(), Ok(()), "{before:?} {count}");
    }
    // Lines that should be gone, and lines that should be there.
    transaction.set_history_mark(BASE, 3, &[0; 32]).unwrap();
    assert_eq!(transaction.verify_history_lines(None, 50).unwrap(), Err(HistoryBreak::Missing(3)));
    transaction.set_history_mark(BASE, 2, &[0; 32]).unwrap();
    assert_eq!(transaction.verify_history_lines(None, 50).unwrap(), Err(HistoryBreak::Missing(3)));
}

#[test]
fn what_was_found_whole_is_gone_on_from() {
    let (_directory, mut connection) = five_lines();
    let transaction = Transaction { inner: connection.transaction().unwrap() };
    let known = transaction.verify_history_since(None).unwrap().unwrap();
    assert_eq!(known.count(), 5);
    assert_eq!(transaction.verify_history_since(Some(&known)).unwrap(), Ok(known));
    transaction.append_history(&entry(60)).unwrap();
    transaction.append_history(&entry(70)).unwrap();
    let later = transaction.verify_history_since(Some(&known)).unwrap().unwrap();
    assert_eq!(later.count(), 7);
    // From there only what is new is read: that is its price, and why it begins anew with each opening.
    let change = |sequence: u64, outcome: &str| {
        let change = format!("UPDATE history SET outcome = '{outcome}' WHERE sequence = {sequence}");
        transaction.inner.execute_batch(&change).unwrap();
    };
    change(2, "done");
    assert_eq!(transaction.verify_history_since(Some(&known)).unwrap(), Ok(later));
    assert_eq!(transaction.verify_history_since(None).unwrap(), Err(HistoryBreak::Changed(2)));
    change(2, "refused");
    change(6, "done");
    assert_eq!(transaction.verify_history_since(Some(&known)).unwrap(), Err(HistoryBreak::Changed(6)));
    change(6, "refused");
    transaction.inner.execute_batch("DELETE FROM history WHERE sequence = 7").unwrap();
    assert_eq!(transaction.verify_history_since(Some(&known)).unwrap(), Err(HistoryBreak::Cut(6)));
}

#[test]
fn lines_let_go_after_what_was_found_whole_leave_a_chain_to_check() {
    let (_directory, mut connection) = five_lines();
    let transaction = Transaction { inner: connection.transaction().unwrap() };
    let known = transaction.verify_history_since(None).unwrap().unwrap();
    transaction.append_history(&entry(60)).unwrap();
    transaction.append_history(&entry(70)).unwrap();
    transaction.prune_history(Instant::from_unix_seconds(70)).unwrap();
    assert_eq!(transaction.verify_history_since(Some(&known)).unwrap().unwrap().count(), 1);
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
    let known = crate::migrations::newest();
    connection.pragma_update(None, "user_version", known + 1).unwrap();
    drop(connection);
    let path = directory.path().join("wallet.db");
    let before = std::fs::read(&path).unwrap();
    let refused = crate::database::open(&path, &SecretBytes::new(&[1; 32])).err();
    let Some(crate::UnlockError::NewerVersion { found, known: newest }) = refused else {
        panic!("not refused")
    };
    assert_eq!((found, newest), (known + 1, known));
    let wrong_key = crate::database::open(&path, &SecretBytes::new(&[2; 32])).err();
    assert!(matches!(wrong_key, Some(crate::UnlockError::Damaged)));
    assert_eq!(std::fs::read(&path).unwrap(), before);
}
