//! `wallet.db`: opening it with its settings, and telling what is wrong with it.
//!
//! SQLCipher 4 with a raw 256-bit key, its settings pinned by `cipher_compatibility = 4` so that another default never makes
//! a vault unreadable. A rollback journal rather than a write-ahead log: there is one connection in one process, a committed
//! transaction is durable (`synchronous = EXTRA`), and no side file keeps pages that were deleted.

use std::io::Read as _;
use std::path::Path;
use std::sync::Once;
use std::time::Duration;

use crypto::SecretBytes;
use rusqlite::{Connection, OpenFlags};
use zeroize::Zeroizing;

use crate::store::hex;
use crate::{StoreError, UnlockError, migrations};

/// What the first bytes of an unencrypted database say.
const PLAIN_MAGIC: &[u8; 16] = b"SQLite format 3\0";

/// Bytes of a page, as the cipher's settings below say.
const PAGE_BYTES: u64 = 4096;

/// The settings of the cipher that must be in force.
const CIPHER_SETTINGS: &[&str] = &[
    "PRAGMA cipher_page_size = 4096;",
    "PRAGMA cipher_use_hmac = 1;",
    "PRAGMA cipher_hmac_algorithm = HMAC_SHA512;",
    "PRAGMA cipher_plaintext_header_size = 0;",
];

/// Makes the tables in a file that is there and empty.
pub(crate) fn create(path: &Path, key: &SecretBytes<32>) -> Result<Connection, StoreError> {
    let mut connection = connect(path, key)?;
    configure(&connection)?;
    migrations::run(&mut connection)?;
    check_encrypted(path)?;
    Ok(connection)
}

/// Opens the database, checks it, and takes it to the newest version.
pub(crate) fn open(path: &Path, key: &SecretBytes<32>) -> Result<Connection, UnlockError> {
    let mut connection = connect(path, key)?;
    // Nothing has been read yet: the first read shows whether the key fits and the pages are whole.
    let version = migrations::version(&connection)?;
    if version > migrations::newest() {
        return Err(UnlockError::NewerVersion { found: version, known: migrations::newest() });
    }
    if version == 0 {
        // An empty file: somebody's database was here.
        return Err(UnlockError::Damaged);
    }
    check_length(&connection, path)?;
    configure(&connection)?;
    migrations::run(&mut connection)?;
    check_encrypted(path)?;
    Ok(connection)
}

/// SQLite counts itself initialised before SQLCipher's share of it (`SQLITE_EXTRA_INIT`) has run, so another thread that opens
/// a database in between would be told that there is no cipher. The first opening of the process therefore runs alone.
static INITIALISED: Once = Once::new();

fn connect(path: &Path, key: &SecretBytes<32>) -> Result<Connection, StoreError> {
    // Should it fail, the opening below fails too and says why.
    INITIALISED.call_once(|| drop(Connection::open_in_memory()));
    let flags = OpenFlags::SQLITE_OPEN_READ_WRITE | OpenFlags::SQLITE_OPEN_NOFOLLOW;
    let connection = Connection::open_with_flags(path, flags)?;
    set_key(&connection, key)?;
    Ok(connection)
}

fn set_key(connection: &Connection, key: &SecretBytes<32>) -> Result<(), StoreError> {
    // Before anything else: SQLCipher wipes all memory it gives back, statements with the key in them included.
    connection.execute_batch("PRAGMA cipher_memory_security = ON")?;
    // The key is an argument of a PRAGMA, which takes no parameters; it is hex, so there is nothing to escape.
    let digits = Zeroizing::new(hex::encode(key.expose()));
    let mut statement = Zeroizing::new(String::with_capacity(128));
    statement.push_str("PRAGMA key = \"x'");
    statement.push_str(&digits);
    statement.push_str("'\"");
    connection.execute_batch(&statement)?;
    connection.execute_batch("PRAGMA cipher_compatibility = 4")?;
    check_cipher(connection)
}

/// An ordinary SQLite ignores the PRAGMAs above without a word and would write in the clear.
fn check_cipher(connection: &Connection) -> Result<(), StoreError> {
    let settings = texts(connection, "PRAGMA cipher_settings")?;
    let version = texts(connection, "PRAGMA cipher_version")?;
    let in_force = |wanted: &&str| settings.iter().any(|setting| setting == wanted);
    if version.is_empty() || !CIPHER_SETTINGS.iter().all(in_force) {
        return Err(StoreError::NotEncrypted);
    }
    Ok(())
}

fn configure(connection: &Connection) -> Result<(), StoreError> {
    connection.busy_timeout(Duration::ZERO)?;
    connection.execute_batch(
        "PRAGMA locking_mode = EXCLUSIVE;
         PRAGMA journal_mode = DELETE;
         PRAGMA synchronous = EXTRA;
         PRAGMA foreign_keys = ON;
         PRAGMA secure_delete = ON;
         PRAGMA temp_store = MEMORY;
         PRAGMA trusted_schema = OFF;
         PRAGMA cell_size_check = ON;
         PRAGMA mmap_size = 0;",
    )?;
    let number = |name: &str| connection.query_row(&format!("PRAGMA {name}"), [], |row| row.get::<_, i64>(0));
    let in_force = number("foreign_keys")? == 1
        && number("secure_delete")? == 1
        && number("temp_store")? == 2
        && number("synchronous")? == 3
        && texts(connection, "PRAGMA journal_mode")? == ["delete"];
    if in_force { Ok(()) } else { Err(StoreError::Io) }
}

/// A file cut short opens well as long as no missing page is read; so its length is compared first.
fn check_length(connection: &Connection, path: &Path) -> Result<(), UnlockError> {
    let pages: u64 = connection
        .query_row("PRAGMA page_count", [], |row| row.get::<_, i64>(0))
        .map_err(StoreError::from)?
        .try_into()
        .map_err(|_| UnlockError::Damaged)?;
    let length = std::fs::metadata(path).map_err(StoreError::from)?.len();
    if length < pages.saturating_mul(PAGE_BYTES) { Err(UnlockError::Damaged) } else { Ok(()) }
}

fn check_encrypted(path: &Path) -> Result<(), StoreError> {
    let mut start = [0u8; 16];
    std::fs::File::open(path)?.read_exact(&mut start)?;
    if &start == PLAIN_MAGIC { Err(StoreError::NotEncrypted) } else { Ok(()) }
}

/// Checks the HMAC of every page and the structure of every table. Reads the whole file.
pub(crate) fn verify(connection: &Connection) -> Result<bool, StoreError> {
    let pages = texts(connection, "PRAGMA cipher_integrity_check")?;
    Ok(pages.is_empty() && texts(connection, "PRAGMA integrity_check")? == ["ok"])
}

fn texts(connection: &Connection, statement: &str) -> Result<Vec<String>, StoreError> {
    let mut statement = connection.prepare(statement)?;
    let rows = statement.query_map([], |row| row.get::<_, String>(0))?;
    Ok(rows.collect::<Result<_, _>>()?)
}
