//! One wallet, several processes: the lock, the socket, the file store.

#![cfg(unix)]
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::Duration;

use host::FileSecretStore;
use host::lock::{FolderLock, LOCK_FILE, LockError};
use host::socket::{MAX_MESSAGE_BYTES, SOCKET_FILE, SocketError, SocketServer, call};
use serde_json::{Value, json};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use vault::{SecretItem, SecretStore as _, SecretStoreError, WalletId};

const LIMIT: Duration = Duration::from_secs(5);

fn mode(path: &Path) -> u32 {
    std::fs::metadata(path).unwrap().permissions().mode() & 0o777
}

#[test]
fn a_folder_is_locked_once_and_free_again_when_its_holder_is_gone() {
    let root = tempfile::tempdir().unwrap();
    let folder = root.path().join("wallet");
    let lock = FolderLock::acquire(&folder).unwrap();
    assert_eq!(FolderLock::acquire(&folder).err(), Some(LockError::InUse));
    assert_eq!((mode(&folder), mode(&folder.join(LOCK_FILE))), (0o700, 0o600));
    drop(lock);
    drop(FolderLock::acquire(&folder).unwrap());
    // The lock of a process that was killed is gone with it.
    let status = std::process::Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_child"])
        .env("CITIZEN_WALLET_LOCK_TEST", &folder)
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(!status.success());
    assert!(FolderLock::acquire(&folder).is_ok());
}

/// Not a test of its own: the child of the one above.
#[test]
fn the_child() {
    if let Some(folder) = std::env::var_os("CITIZEN_WALLET_LOCK_TEST") {
        let _lock = FolderLock::acquire(Path::new(&folder)).unwrap();
        std::process::abort();
    }
}

async fn served(folder: &Path) -> (FolderLock, tokio::task::JoinHandle<()>) {
    let lock = FolderLock::acquire(folder).unwrap();
    let server = SocketServer::bind(&lock).unwrap();
    let task = tokio::spawn(async move {
        server.serve(|message: Value| async move { json!({"heard": message["say"]}) }).await;
    });
    (lock, task)
}

#[tokio::test]
async fn a_second_process_is_answered() {
    let root = tempfile::tempdir().unwrap();
    assert_eq!(call(root.path(), &json!({}), LIMIT).await, Err(SocketError::NobodyListens));
    // A socket that a killed holder left behind does not hinder the next one.
    drop(std::os::unix::net::UnixListener::bind(root.path().join(SOCKET_FILE)).unwrap());
    assert_eq!(call(root.path(), &json!({}), LIMIT).await, Err(SocketError::NobodyListens));
    let (_lock, task) = served(root.path()).await;
    assert_eq!(mode(&root.path().join(SOCKET_FILE)), 0o600);
    for word in ["하나", "two\nlines"] {
        assert_eq!(call(root.path(), &json!({"say": word}), LIMIT).await, Ok(json!({"heard": word})));
    }
    let many = (0..20).map(|number| async move { number });
    for number in many {
        let number = number.await;
        assert_eq!(call(root.path(), &json!({"say": number}), LIMIT).await, Ok(json!({"heard": number})));
    }
    task.abort();
    let _ = task.await;
    assert!(!root.path().join(SOCKET_FILE).exists());
}

#[tokio::test]
async fn what_is_too_long_or_not_json_ends_the_conversation() {
    let root = tempfile::tempdir().unwrap();
    let (_lock, _task) = served(root.path()).await;
    let long = json!({"say": "x".repeat(MAX_MESSAGE_BYTES)});
    assert_eq!(call(root.path(), &long, LIMIT).await, Err(SocketError::BadMessage));
    for bad in [b"not json\n".to_vec(), vec![b'x'; MAX_MESSAGE_BYTES + 10]] {
        let mut stream = tokio::net::UnixStream::connect(root.path().join(SOCKET_FILE)).await.unwrap();
        let _ = stream.write_all(&bad).await;
        let mut answer = Vec::new();
        let _ = tokio::time::timeout(LIMIT, stream.read_to_end(&mut answer)).await.unwrap();
        assert!(answer.is_empty());
    }
    assert!(call(root.path(), &json!({"say": 1}), LIMIT).await.is_ok());
}

#[tokio::test]
async fn a_holder_that_does_not_answer_is_not_waited_for() {
    let root = tempfile::tempdir().unwrap();
    let _listener = std::os::unix::net::UnixListener::bind(root.path().join(SOCKET_FILE)).unwrap();
    let result = call(root.path(), &json!({}), Duration::from_millis(200)).await;
    assert_eq!(result, Err(SocketError::TimedOut));
    let long = root.path().join("x".repeat(120));
    assert_eq!(call(&long, &json!({}), LIMIT).await, Err(SocketError::PathTooLong));
}

#[test]
fn the_file_store_keeps_and_refuses_a_file_that_others_may_read() {
    let root = tempfile::tempdir().unwrap();
    let store = FileSecretStore::new(root.path().join("secrets"));
    let id = WalletId::parse(&"cd".repeat(16)).unwrap();
    let item = SecretItem::new(vec![1, 2, 3]).unwrap();
    assert_eq!(store.load(&id).err(), Some(SecretStoreError::NoEntry));
    store.save(&id, &item).unwrap();
    assert!(store.load(&id).unwrap() == item);
    let path = root.path().join("secrets").join(format!("{id}.secret"));
    assert_eq!((mode(&path), mode(&root.path().join("secrets"))), (0o600, 0o700));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
    assert_eq!(store.load(&id).err(), Some(SecretStoreError::Denied));
    std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o600)).unwrap();
    std::fs::write(&path, vec![0; 5000]).unwrap();
    assert_eq!(store.load(&id).err(), Some(SecretStoreError::Unusable));
    store.delete(&id).unwrap();
    assert_eq!(store.delete(&id).err(), Some(SecretStoreError::NoEntry));
}
