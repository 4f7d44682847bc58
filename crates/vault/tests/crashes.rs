//! The process is killed in the middle, the disk is full, the file is searched for plain text.
//!
//! A child is this same test program, started again with a scene to play; it ends itself without any clean-up.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::atomic::Ordering;

use common::*;
use crypto::SystemEntropy;
use vault::*;

const SCENE: &str = "CITIZEN_WALLET_VAULT_TEST_SCENE";
const FOLDER: &str = "CITIZEN_WALLET_VAULT_TEST_FOLDER";

/// Plays a scene in a child process, which must die of an abort.
fn play(scene: &str, place: &Place) {
    let status = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "the_child", "--nocapture", "--test-threads=1"])
        .env(SCENE, scene)
        .env(FOLDER, place.directory.path())
        .stdout(std::process::Stdio::null())
        .stderr(std::process::Stdio::null())
        .status()
        .unwrap();
    assert!(!status.success(), "the child was to be killed in the scene {scene}");
    #[cfg(unix)]
    {
        use std::os::unix::process::ExitStatusExt as _;
        assert_eq!(status.signal(), Some(6), "the child died of something else in the scene {scene}");
    }
}

/// Not a test of its own: the child of the others. Without a scene it does nothing.
#[test]
fn the_child() {
    let (Ok(scene), Some(root)) = (std::env::var(SCENE), std::env::var_os(FOLDER)) else { return };
    let root = PathBuf::from(root);
    let store = TestStore::new(&root.join("secrets"));
    let folder = root.join("wallet");
    let unlock = |phrase: Option<&str>| {
        let phrase = phrase.map(passphrase);
        LockedVault::open(&folder)
            .unwrap()
            .unlock(&store, phrase.as_ref(), at(0))
            .map_err(|f| f.error)
            .unwrap()
    };
    match scene.as_str() {
        "receiving" => {
            let mut vault = unlock(None);
            let keys = vault.transaction(|t| t.reserve_keys(session(), 2, &SystemEntropy, at(0))).unwrap();
            let _ = vault.transaction(|t| {
                let paper = new_paper(NAME);
                // Larger than the page cache, so that pages of the unfinished transaction reach the file.
                for _ in 0..400 {
                    let filler = new_paper(NAME);
                    t.add_paper(&filler)?;
                    let batch = BatchId::random(&SystemEntropy).unwrap();
                    t.add_copies(filler.id, batch, &[new_copy(None, &"x".repeat(20_000))])?;
                }
                let copies = [new_copy(Some(keys[0].id), NAME)];
                let batch = BatchId::random(&SystemEntropy).unwrap();
                t.receive(&paper, batch, &copies, &history(HistoryKind::Received, vec![paper.id]))?;
                std::process::abort();
                #[allow(unreachable_code)]
                Ok::<(), StoreError>(())
            });
        }
        "reserved" => {
            let mut vault = unlock(None);
            let id = SessionId::parse(&"5".repeat(32)).unwrap();
            vault.transaction(|t| t.reserve_keys(id, 3, &SystemEntropy, at(0))).unwrap();
            std::process::abort();
        }
        "used" => {
            let mut vault = unlock(None);
            let paper = vault.read(|t| t.papers()).unwrap()[0].id;
            let copy = vault.read(|t| t.copies(paper)).unwrap()[0].id;
            vault.transaction(|t| t.take_copies(&[(copy, 0)].into(), at(1))).unwrap();
            std::process::abort();
        }
        "trying" => {
            // Counted although the program ends during Argon2id: a thread ends it while the try runs.
            let header = folder.join(HEADER_FILE);
            std::thread::spawn(move || {
                while !std::fs::read_to_string(&header).is_ok_and(|text| text.contains("\"begun\": 1")) {}
                std::process::abort();
            });
            let _ = unlock(Some(OTHER));
        }
        "creating" => {
            store.aborts_at.store(1, Ordering::SeqCst);
            let _ = UnlockedVault::create(&folder, &store, None, profile(), &SystemEntropy);
        }
        change => {
            let (from, to, aborts_at) = parse_change(change);
            let mut vault = unlock(from);
            store.aborts_at.store(aborts_at, Ordering::SeqCst);
            match (from, to) {
                (None, Some(to)) => drop(vault.set_passphrase(&store, &passphrase(to), &SystemEntropy)),
                (Some(from), Some(to)) => {
                    drop(vault.change_passphrase(
                        &store,
                        &passphrase(from),
                        &passphrase(to),
                        &SystemEntropy,
                        at(0),
                    ));
                }
                (Some(from), None) => {
                    drop(vault.remove_passphrase(&store, &passphrase(from), &SystemEntropy, at(0)));
                }
                (None, None) => {}
            }
        }
    }
}

fn parse_change(scene: &str) -> (Option<&'static str>, Option<&'static str>, u32) {
    let (change, at) = scene.split_once('@').unwrap();
    let at = at.parse().unwrap();
    match change {
        "set" => (None, Some(STRONG), at),
        "change" => (Some(STRONG), Some(OTHER), at),
        "remove" => (Some(STRONG), None, at),
        _ => panic!("no such scene"),
    }
}

#[test]
fn a_kill_in_the_middle_of_receiving_leaves_nothing_half_stored() {
    let place = Place::new();
    let mut vault = place.create(None);
    let before = receive(&mut vault, 1);
    drop(vault);
    play("receiving", &place);
    let mut vault = place.unlock(None, at(0)).unwrap();
    let papers = vault.read(|t| t.papers()).unwrap();
    assert_eq!(papers.iter().map(|paper| paper.id).collect::<Vec<_>>(), [before]);
    assert_eq!(vault.read(|t| t.verify_history()).unwrap(), Ok(1));
    assert!(vault.verify_database().unwrap());
    receive(&mut vault, 1);
}

#[test]
fn salts_and_uses_outlive_a_kill() {
    let place = Place::new();
    let mut vault = place.create(None);
    let paper = receive(&mut vault, 2);
    drop(vault);
    play("reserved", &place);
    play("used", &place);
    let mut vault = place.unlock(None, at(0)).unwrap();
    let id = SessionId::parse(&"5".repeat(32)).unwrap();
    assert_eq!(vault.read(|t| t.reserved_keys(id)).unwrap().len(), 3);
    assert_eq!(vault.read(|t| t.paper(paper)).unwrap().unused_copies, 1);
}

#[test]
fn a_try_counts_although_the_program_was_killed_during_it() {
    let place = Place::new();
    drop(place.create(Some(STRONG)));
    play("trying", &place);
    assert_eq!(LockedVault::open(&place.folder()).unwrap().attempts().begun, 1);
}

#[test]
fn a_kill_while_the_vault_is_made_leaves_room_for_a_second_try() {
    let place = Place::new();
    play("creating", &place);
    assert!(matches!(LockedVault::open(&place.folder()), Err(OpenError::NoVault)));
    drop(place.create(None));
    // The last step of making one may be left undone: the header stands, the database has its temporary name.
    std::fs::rename(place.database(), place.folder().join("wallet.db.new")).unwrap();
    assert!(place.unlock(None, at(0)).is_ok());
    // A database without any header under that name is a try that was cut short.
    let place = Place::new();
    std::fs::create_dir_all(place.folder()).unwrap();
    std::fs::write(place.folder().join("wallet.db.new"), b"half").unwrap();
    drop(place.create(None));
    assert!(place.unlock(None, at(0)).is_ok());
}

#[test]
fn a_kill_anywhere_in_a_change_of_passphrase_leaves_the_old_one_or_the_new_one() {
    for change in ["set", "change", "remove"] {
        for aborts_at in [1, 2] {
            let scene = format!("{change}@{aborts_at}");
            let (from, to, _) = parse_change(&scene);
            let place = Place::new();
            let mut vault = place.create(from);
            let paper = receive(&mut vault, 1);
            drop(vault);
            play(&scene, &place);
            // Before the first write the old one holds; at the second the header has moved.
            let (holds, gone) = if aborts_at == 1 { (from, to) } else { (to, from) };
            if gone.is_some() && holds.is_some() {
                assert!(matches!(place.unlock(gone, at(0)), Err(UnlockError::PassphraseWrong)), "{scene}");
            }
            if holds.is_some() {
                assert!(matches!(place.unlock(None, at(0)), Err(UnlockError::PassphraseNeeded)), "{scene}");
            }
            let mut vault = place.unlock(holds, at(0)).unwrap();
            assert_eq!(vault.read(|t| t.papers()).unwrap()[0].id, paper, "{scene}");
        }
    }
}

/// Every byte of every file of the folder.
fn bytes_of(folder: &Path) -> Vec<u8> {
    let files = std::fs::read_dir(folder).unwrap();
    files.flat_map(|file| std::fs::read(file.unwrap().path()).unwrap()).collect()
}

fn contains(bytes: &[u8], wanted: &[u8]) -> bool {
    bytes.windows(wanted.len()).any(|window| window == wanted)
}

#[test]
fn no_name_key_or_type_stands_readable_in_the_folder() {
    let place = Place::new();
    let mut vault = place.create(Some(STRONG));
    receive(&mut vault, 2);
    let key_ref = vault.transaction(|t| t.reserve_keys(session(), 1, &SystemEntropy, at(0))).unwrap();
    let salt = key_ref[0].key_ref.handle.clone();
    drop(vault);
    let bytes = bytes_of(&place.folder());
    for wanted in
        [NAME, "김하늘", "resident-id", "행정안전부", "birth_date", "CREATE TABLE", "SQLite format 3", STRONG]
    {
        assert!(!contains(&bytes, wanted.as_bytes()), "{wanted}");
    }
    assert!(!contains(&bytes, &salt));
    // The search itself works.
    assert!(contains(&bytes, b"wallet_id"));
}

#[test]
#[cfg(target_os = "linux")]
fn a_full_disk_is_told_and_changes_nothing() {
    let mount = tempfile::tempdir().unwrap();
    let options = ["-t", "tmpfs", "-o", "size=512k", "tmpfs"];
    let mounted = Command::new("mount")
        .args(options)
        .arg(mount.path())
        .stderr(std::process::Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    if !mounted {
        println!("left out: the full disk (mounting a small tmpfs needs root)");
        return;
    }
    let unmount = Unmount(mount.path().to_owned());
    let secrets = tempfile::tempdir().unwrap();
    let store = TestStore::new(secrets.path());
    let folder = mount.path().join("wallet");
    let mut vault = UnlockedVault::create(&folder, &store, None, profile(), &SystemEntropy).unwrap();
    let before = receive(&mut vault, 1);
    let batch = BatchId::random(&SystemEntropy).unwrap();
    let result = vault.transaction(|t| {
        for _ in 0..100 {
            let paper = new_paper(NAME);
            t.add_paper(&paper)?;
            t.add_copies(paper.id, batch, &[new_copy(None, &"x".repeat(100_000))])?;
        }
        Ok::<(), StoreError>(())
    });
    assert_eq!(result, Err(StoreError::DiskFull));
    // Usable at once, and after opening it again.
    assert_eq!(vault.read(|t| t.papers()).unwrap()[0].id, before);
    vault.transaction(|t| t.set_setting("still", Some("works"))).unwrap();
    drop(vault.lock());
    let fill = folder.join("filler");
    let _ = std::fs::write(&fill, vec![0u8; 1024 * 1024]);
    // Not even the header can be written now: the change of passphrase is refused and the vault opens as before.
    let locked = LockedVault::open(&folder).unwrap();
    let mut vault = locked.unlock(&store, None, at(0)).map_err(|failure| failure.error).unwrap();
    let change = vault.set_passphrase(&store, &passphrase(STRONG), &SystemEntropy);
    assert!(matches!(change, Err(PassphraseError::Store(StoreError::DiskFull))), "{change:?}");
    drop(vault);
    let locked = LockedVault::open(&folder).unwrap();
    let mut vault = locked.unlock(&store, None, at(0)).map_err(|failure| failure.error).unwrap();
    assert_eq!(vault.read(|t| t.papers()).unwrap().len(), 1);
    drop(vault);
    drop(unmount);
}

#[cfg(target_os = "linux")]
struct Unmount(PathBuf);

#[cfg(target_os = "linux")]
impl Drop for Unmount {
    fn drop(&mut self) {
        let _ = Command::new("umount").arg(&self.0).status();
    }
}
