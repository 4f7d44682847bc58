//! Opening, unlocking, passphrases, attempts, and what a folder may look like.

#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic, clippy::indexing_slicing, missing_docs)]

mod common;

use std::fs;
use std::sync::atomic::Ordering;

use common::*;
use crypto::SystemEntropy;
use vault::*;

#[test]
fn a_folder_without_a_vault_says_so_and_a_second_vault_is_refused() {
    let place = Place::new();
    assert!(matches!(LockedVault::open(&place.folder()), Err(OpenError::NoVault)));
    drop(place.create(None));
    let second = UnlockedVault::create(&place.folder(), &place.store(), None, profile(), &SystemEntropy);
    assert!(matches!(second, Err(CreateError::AlreadyExists)));
}

#[test]
fn a_vault_is_not_made_over_a_database_without_its_header() {
    let place = Place::new();
    drop(place.create(None));
    let database = fs::read(place.database()).unwrap();
    fs::remove_file(place.folder().join(HEADER_FILE)).unwrap();
    assert!(matches!(LockedVault::open(&place.folder()), Err(OpenError::HeaderMissing)));
    let again = UnlockedVault::create(&place.folder(), &place.store(), None, profile(), &SystemEntropy);
    assert!(matches!(again, Err(CreateError::HeaderMissing)));
    assert_eq!(fs::read(place.database()).unwrap(), database);
}

#[test]
fn nothing_is_made_without_a_secret_store() {
    let place = Place::new();
    let store = place.store();
    store.fails_at.store(1, Ordering::SeqCst);
    let made = UnlockedVault::create(&place.folder(), &store, None, profile(), &SystemEntropy);
    assert!(matches!(made, Err(CreateError::SecretStore(SecretStoreError::Locked))));
    assert!(matches!(LockedVault::open(&place.folder()), Err(OpenError::NoVault)));
    drop(place.create(None));
}

#[test]
fn only_its_user_may_open_the_files() {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let place = Place::new();
        let mut vault = place.create(None);
        receive(&mut vault, 1);
        let mode = |path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
        assert_eq!(mode(place.folder()), 0o700);
        assert_eq!(mode(place.database()), 0o600);
        assert_eq!(mode(place.folder().join(HEADER_FILE)), 0o600);
    }
}

#[test]
fn an_empty_keyring_is_not_a_first_run() {
    let place = Place::new();
    let vault = place.create(None);
    let item = place.store().path(&vault.wallet_id());
    drop(vault);
    let kept = fs::read(&item).unwrap();
    fs::remove_file(&item).unwrap();
    assert!(matches!(place.unlock(None, at(0)), Err(UnlockError::SecretMissing)));
    fs::write(&item, kept).unwrap();
    assert!(place.unlock(None, at(0)).is_ok());
}

#[test]
fn another_secret_opens_nothing() {
    let (place, other) = (Place::new(), Place::new());
    let (vault, foreign) = (place.create(None), other.create(None));
    let (ours, theirs) = (place.store().path(&vault.wallet_id()), other.store().path(&foreign.wallet_id()));
    drop((vault, foreign));
    fs::copy(theirs, &ours).unwrap();
    assert!(matches!(place.unlock(None, at(0)), Err(UnlockError::SecretWrong)));
    fs::write(&ours, b"not an item").unwrap();
    assert!(matches!(place.unlock(None, at(0)), Err(UnlockError::SecretWrong)));
}

#[test]
fn a_newer_item_header_or_database_is_refused_unharmed() {
    let place = Place::new();
    let vault = place.create(None);
    let item = place.store().path(&vault.wallet_id());
    drop(vault);
    let kept = fs::read(&item).unwrap();
    let mut newer = kept.clone();
    newer[3] = 9;
    fs::write(&item, newer).unwrap();
    assert!(matches!(place.unlock(None, at(0)), Err(UnlockError::SecretNewerVersion { found: 9 })));
    fs::write(&item, kept).unwrap();

    let header = place.folder().join(HEADER_FILE);
    let text = fs::read_to_string(&header).unwrap();
    let newer = text.replacen("\"version\": 1", "\"version\": 2, \"future\": []", 1);
    fs::write(&header, &newer).unwrap();
    assert!(matches!(
        LockedVault::open(&place.folder()),
        Err(OpenError::NewerVersion { found: 2, known: 1 })
    ));
    assert_eq!(fs::read_to_string(&header).unwrap(), newer);
    fs::write(&header, "{").unwrap();
    assert!(matches!(LockedVault::open(&place.folder()), Err(OpenError::HeaderDamaged)));
    fs::write(&header, text).unwrap();
    assert!(place.unlock(None, at(0)).is_ok());
}

#[test]
fn a_database_cut_short_or_changed_is_damage() {
    let place = Place::new();
    let mut vault = place.create(None);
    receive(&mut vault, 20);
    drop(vault);
    let whole = fs::read(place.database()).unwrap();
    for length in [0, 100, 4096, whole.len() - 4096, whole.len() - 1] {
        fs::write(place.database(), &whole[..length]).unwrap();
        assert!(matches!(place.unlock(None, at(0)), Err(UnlockError::Damaged)), "cut to {length}");
        assert_eq!(fs::metadata(place.database()).unwrap().len(), length as u64, "cut to {length}");
    }
    let mut changed = whole.clone();
    changed[50] ^= 1;
    fs::write(place.database(), &changed).unwrap();
    assert!(matches!(place.unlock(None, at(0)), Err(UnlockError::Damaged)));
    fs::remove_file(place.database()).unwrap();
    assert!(matches!(LockedVault::open(&place.folder()), Err(OpenError::DatabaseMissing)));
    fs::write(place.database(), &whole).unwrap();
    assert!(place.unlock(None, at(0)).unwrap().verify_database().unwrap());
}

#[test]
fn a_changed_page_further_in_is_found() {
    let place = Place::new();
    let mut vault = place.create(None);
    receive(&mut vault, 20);
    drop(vault);
    let mut bytes = fs::read(place.database()).unwrap();
    let last = bytes.len() - 100;
    bytes[last] ^= 1;
    fs::write(place.database(), &bytes).unwrap();
    // Found at once if that page is read at unlocking, else by the check of every page.
    match place.unlock(None, at(0)) {
        Ok(vault) => assert!(!vault.verify_database().unwrap_or(false)),
        Err(error) => assert!(matches!(error, UnlockError::Damaged)),
    }
}

#[test]
fn two_connections_at_once_are_refused() {
    let place = Place::new();
    let mut vault = place.create(None);
    receive(&mut vault, 1);
    assert!(matches!(place.unlock(None, at(0)), Err(UnlockError::Store(StoreError::InUse))));
    drop(vault.lock());
    assert!(place.unlock(None, at(0)).is_ok());
}

#[test]
fn the_profile_is_the_databases_word() {
    let place = Place::new();
    let mut vault = place.create(None);
    let other = ProfileHash::new([7; 32]);
    vault.change_profile(other).unwrap();
    assert_eq!(vault.lock().profile(), other);
    let header = place.folder().join(HEADER_FILE);
    let text = fs::read_to_string(&header).unwrap();
    fs::write(&header, text.replace(&other.to_string(), &profile().to_string())).unwrap();
    assert_eq!(LockedVault::open(&place.folder()).unwrap().profile(), profile());
    assert_eq!(place.unlock(None, at(0)).unwrap().profile(), other);
    assert_eq!(LockedVault::open(&place.folder()).unwrap().profile(), other);
}

#[test]
fn a_passphrase_is_set_changed_and_removed() {
    let place = Place::new();
    let mut vault = place.create(None);
    let store = place.store();
    let (first, second) = (passphrase(STRONG), passphrase(OTHER));
    assert!(matches!(
        vault.remove_passphrase(&store, &first, &SystemEntropy, at(0)),
        Err(PassphraseError::NotSet)
    ));
    let weak = vault.set_passphrase(&store, &passphrase("1234"), &SystemEntropy);
    assert!(matches!(weak, Err(PassphraseError::TooWeak)));
    assert_eq!(vault.set_passphrase(&store, &first, &SystemEntropy).unwrap(), PassphraseChange::Complete);
    assert!(matches!(
        vault.set_passphrase(&store, &second, &SystemEntropy),
        Err(PassphraseError::AlreadySet)
    ));
    let locked = vault.lock();
    assert!(locked.needs_passphrase());
    assert!(matches!(place.unlock(None, at(0)), Err(UnlockError::PassphraseNeeded)));
    assert!(matches!(place.unlock(Some(OTHER), at(0)), Err(UnlockError::PassphraseWrong)));
    let mut vault = place.unlock(Some(STRONG), at(0)).unwrap();
    let wrong = vault.change_passphrase(&store, &second, &second, &SystemEntropy, at(0));
    assert!(matches!(wrong, Err(PassphraseError::Wrong)));
    vault.change_passphrase(&store, &first, &second, &SystemEntropy, at(0)).unwrap();
    drop(vault.lock());
    assert!(matches!(place.unlock(Some(STRONG), at(0)), Err(UnlockError::PassphraseWrong)));
    let mut vault = place.unlock(Some(OTHER), at(0)).unwrap();
    vault.remove_passphrase(&store, &second, &SystemEntropy, at(0)).unwrap();
    drop(vault.lock());
    assert!(!place.unlock(None, at(0)).unwrap().has_passphrase());
}

#[test]
fn with_a_passphrase_the_item_holds_no_plain_secret() {
    let place = Place::new();
    let mut vault = place.create(None);
    let path = place.store().path(&vault.wallet_id());
    let plain = fs::read(&path).unwrap();
    let secret = &plain[plain.len() - 32..];
    vault.set_passphrase(&place.store(), &passphrase(STRONG), &SystemEntropy).unwrap();
    let sealed = fs::read(&path).unwrap();
    assert!(!sealed.windows(32).any(|window| window == secret));
}

#[test]
fn tries_are_counted_before_they_are_made_and_cost_growing_waits() {
    let place = Place::new();
    drop(place.create(Some(STRONG)));
    for begun in 1..=3 {
        assert!(matches!(place.unlock(Some(OTHER), at(0)), Err(UnlockError::PassphraseWrong)));
        assert_eq!(LockedVault::open(&place.folder()).unwrap().attempts().begun, begun);
    }
    // Even the right one waits now, and asking does not count.
    assert!(matches!(place.unlock(Some(STRONG), at(0)), Err(UnlockError::Wait { seconds: 2 })));
    // A clock set back does not shorten it, and the wait then runs from there.
    assert!(matches!(place.unlock(Some(STRONG), at(-1000)), Err(UnlockError::Wait { seconds: 2 })));
    assert!(matches!(place.unlock(Some(STRONG), at(-999)), Err(UnlockError::Wait { seconds: 1 })));
    assert!(matches!(place.unlock(Some(OTHER), at(-998)), Err(UnlockError::PassphraseWrong)));
    assert!(matches!(place.unlock(Some(STRONG), at(-997)), Err(UnlockError::Wait { seconds: 3 })));
    assert!(place.unlock(Some(STRONG), at(10)).is_ok());
    assert_eq!(LockedVault::open(&place.folder()).unwrap().attempts().begun, 0);
}

#[test]
fn a_keyring_that_fails_in_the_middle_of_a_change_leaves_the_old_or_the_new_passphrase() {
    // The first save fails: the old one holds. The second: the new one holds and the old item is dropped later.
    let place = Place::new();
    let mut vault = place.create(Some(STRONG));
    let store = place.store();
    store.fails_at.store(1, Ordering::SeqCst);
    let change = |vault: &mut UnlockedVault, store: &TestStore, from: &str, to: &str| {
        vault.change_passphrase(store, &passphrase(from), &passphrase(to), &SystemEntropy, at(0))
    };
    assert!(matches!(change(&mut vault, &store, STRONG, OTHER), Err(PassphraseError::SecretStore(_))));
    drop(vault);
    let mut vault = place.unlock(Some(STRONG), at(0)).unwrap();
    let store = place.store();
    store.fails_at.store(2, Ordering::SeqCst);
    assert_eq!(change(&mut vault, &store, STRONG, OTHER).unwrap(), PassphraseChange::OldItemRemains);
    let path = store.path(&vault.wallet_id());
    drop(vault);
    let both = fs::read(&path).unwrap().len();
    assert!(matches!(place.unlock(Some(STRONG), at(0)), Err(UnlockError::PassphraseWrong)));
    let vault = place.unlock(Some(OTHER), at(0)).unwrap();
    assert!(!vault.old_item_remains());
    assert!(fs::read(&path).unwrap().len() < both);
}

#[test]
fn a_plain_generation_left_by_a_cut_change_does_not_open_what_a_passphrase_protects() {
    let place = Place::new();
    let mut vault = place.create(None);
    let store = place.store();
    store.fails_at.store(2, Ordering::SeqCst);
    let set = vault.set_passphrase(&store, &passphrase(STRONG), &SystemEntropy).unwrap();
    assert_eq!(set, PassphraseChange::OldItemRemains);
    drop(vault);
    assert!(matches!(place.unlock(None, at(0)), Err(UnlockError::PassphraseNeeded)));
    assert!(matches!(place.unlock(Some(OTHER), at(0)), Err(UnlockError::PassphraseWrong)));
    assert!(place.unlock(Some(STRONG), at(0)).is_ok());
}
