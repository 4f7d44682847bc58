//! Forward-only migrations. `PRAGMA user_version` is the version; each step is a frozen file and runs in one transaction.

use rusqlite::{Connection, TransactionBehavior};

use crate::StoreError;

/// The steps: the first makes version 1 of an empty database.
const STEPS: &[&str] = &[
    include_str!("migrations/0001.sql"),
    include_str!("migrations/0002.sql"),
    include_str!("migrations/0003.sql"),
];

/// The newest version this program knows.
pub(crate) fn newest() -> u32 {
    u32::try_from(STEPS.len()).unwrap_or(u32::MAX)
}

/// The version of an open database.
pub(crate) fn version(connection: &Connection) -> Result<u32, StoreError> {
    let version: i64 = connection.query_row("PRAGMA user_version", [], |row| row.get(0))?;
    u32::try_from(version).map_err(|_| StoreError::Damaged)
}

/// Takes the database from its version to the newest, one transaction a step. A newer database must have been refused before.
pub(crate) fn run(connection: &mut Connection) -> Result<(), StoreError> {
    let from = version(connection)?;
    for (number, step) in (1u32..).zip(STEPS).skip_while(|(number, _)| *number <= from) {
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Exclusive)?;
        transaction.execute_batch(step)?;
        transaction.pragma_update(None, "user_version", number)?;
        transaction.commit()?;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]

    use super::*;

    #[test]
    fn a_status_list_of_version_2_is_still_there() {
        let mut connection = Connection::open_in_memory().unwrap();
        for step in STEPS.iter().take(2) {
            connection.execute_batch(step).unwrap();
        }
        connection.pragma_update(None, "user_version", 2).unwrap();
        let row = "INSERT INTO status_tokens (uri, fetched_at, token) VALUES ('https://s/1', 3, x'0102')";
        connection.execute(row, []).unwrap();
        run(&mut connection).unwrap();
        let kept =
            connection.query_row("SELECT uri, anchor, fetched_at, token FROM status_tokens", [], |row| {
                Ok((
                    row.get::<_, String>(0)?,
                    row.get::<_, Vec<u8>>(1)?,
                    row.get::<_, i64>(2)?,
                    row.get::<_, Vec<u8>>(3)?,
                ))
            });
        assert_eq!(kept.unwrap(), ("https://s/1".to_owned(), Vec::new(), 3, vec![1, 2]));
        assert_eq!(version(&connection).unwrap(), newest());
    }
}
