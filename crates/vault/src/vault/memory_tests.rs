//! After locking, our own memory is searched for the wallet secret and the store's key, raw and in hex.

use std::fs::File;
use std::io::{Read as _, Seek as _, SeekFrom};
use std::sync::Mutex;

use crypto::SystemEntropy;

use super::*;
use crate::{SecretItem, SecretStoreError};

/// Keeps the item XORed, so that the store itself is not found.
struct MaskedStore(Mutex<Vec<u8>>);

const MASK: u8 = 0x5a;

fn masked(bytes: &[u8]) -> Vec<u8> {
    bytes.iter().map(|byte| byte ^ MASK).collect()
}

impl SecretStore for MaskedStore {
    fn load(&self, _: &WalletId) -> Result<SecretItem, SecretStoreError> {
        SecretItem::new(masked(&self.0.lock().unwrap())).ok_or(SecretStoreError::NoEntry)
    }

    fn save(&self, _: &WalletId, item: &SecretItem) -> Result<(), SecretStoreError> {
        *self.0.lock().unwrap() = masked(item.expose());
        Ok(())
    }

    fn delete(&self, _: &WalletId) -> Result<(), SecretStoreError> {
        Err(SecretStoreError::NoEntry)
    }
}

/// How often each masked needle stands in the writable memory of this process.
fn count(needles: &[Vec<u8>]) -> Vec<usize> {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    let mut memory = File::open("/proc/self/mem").unwrap();
    let mut counts = vec![0; needles.len()];
    let mut buffer = vec![0u8; 1 << 20];
    const OVERLAP: u64 = 128;
    for line in maps.lines().filter(|line| line.contains(" rw") && !line.contains("[v")) {
        let (from, to) = line.split(' ').next().unwrap().split_once('-').unwrap();
        let (mut at, to) = (u64::from_str_radix(from, 16).unwrap(), u64::from_str_radix(to, 16).unwrap());
        while at < to {
            let length = usize::try_from((to - at).min(buffer.len() as u64)).unwrap();
            if memory.seek(SeekFrom::Start(at)).is_ok() && memory.read_exact(&mut buffer[..length]).is_ok() {
                // Masked before it is searched, and so that no copy stays behind.
                buffer.iter_mut().for_each(|byte| *byte ^= MASK);
                for (needle, count) in needles.iter().zip(&mut counts) {
                    let first = needle[0];
                    let found = buffer[..length]
                        .windows(needle.len())
                        .filter(|window| window[0] == first && window == needle)
                        .count();
                    *count += found;
                }
            }
            at += if length as u64 > OVERLAP && at + (length as u64) < to {
                length as u64 - OVERLAP
            } else {
                length as u64
            };
        }
    }
    buffer.fill(0);
    counts
}

#[test]
fn after_locking_no_key_is_left_in_memory() {
    let directory = tempfile::tempdir().unwrap();
    let store = MaskedStore(Mutex::new(Vec::new()));
    let folder = directory.path().join("wallet");
    let created =
        UnlockedVault::create(&folder, &store, None, ProfileHash::new([1; 32]), &SystemEntropy).unwrap();
    drop(created.lock());
    let now = Instant::from_unix_seconds(1_790_000_000);
    let mut vault = LockedVault::open(&folder).unwrap().unlock(&store, None, now).unwrap();
    vault.transaction(|t| t.set_setting("a", Some("b"))).unwrap();
    let _ = vault.session_key(Purpose::Dpop, &[3; 32]);
    let needles = {
        let key = vault.header.store_key(&vault.secret).unwrap();
        let hex = zeroize::Zeroizing::new(crate::store::hex::encode(key.expose()));
        [vault.secret.expose().as_slice(), key.expose(), hex.as_bytes()].map(masked).to_vec()
    };
    // The search finds what is there: the secret is held while unlocked.
    assert!(count(&needles)[0] > 0);
    drop(vault.lock());
    assert_eq!(count(&needles), [0, 0, 0], "secret, store key, store key in hex");
}
