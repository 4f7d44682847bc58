//! What the tests of the vault share: a secret store on files that can be told to fail or to end the process, papers and copies.

#![allow(
    dead_code,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::indexing_slicing,
    missing_docs,
    unreachable_pub
)]

use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU32, Ordering};

use crypto::SystemEntropy;
use primitives::{ClaimPath, Instant, LocalizedText, NonEmpty};
use vault::*;

pub const STRONG: &str = "correct horse battery staple";
pub const OTHER: &str = "강물 위에 달빛이 흐르는 밤이면";
pub const NAME: &str = "김하늘-fixture-name";

pub fn passphrase(text: &str) -> Passphrase {
    Passphrase::new(text.to_owned()).unwrap()
}

pub fn at(seconds: i64) -> Instant {
    Instant::from_unix_seconds(1_790_000_000 + seconds)
}

pub fn profile() -> ProfileHash {
    ProfileHash::new([9; 32])
}

/// Keeps items in files; the save with number `fails_at` fails, the one with number `aborts_at` ends the process before it is made.
pub struct TestStore {
    pub folder: PathBuf,
    pub fails_at: AtomicU32,
    pub aborts_at: AtomicU32,
    pub saves: AtomicU32,
}

impl TestStore {
    pub fn new(folder: &Path) -> Self {
        std::fs::create_dir_all(folder).unwrap();
        Self {
            folder: folder.to_owned(),
            fails_at: AtomicU32::new(0),
            aborts_at: AtomicU32::new(0),
            saves: AtomicU32::new(0),
        }
    }

    pub fn path(&self, id: &WalletId) -> PathBuf {
        self.folder.join(id.to_string())
    }
}

impl SecretStore for TestStore {
    fn load(&self, id: &WalletId) -> Result<SecretItem, SecretStoreError> {
        let bytes = std::fs::read(self.path(id)).map_err(|_| SecretStoreError::NoEntry)?;
        Ok(SecretItem::new(bytes).unwrap())
    }

    fn save(&self, id: &WalletId, item: &SecretItem) -> Result<(), SecretStoreError> {
        let number = self.saves.fetch_add(1, Ordering::SeqCst) + 1;
        if number == self.aborts_at.load(Ordering::SeqCst) {
            std::process::abort();
        }
        if number == self.fails_at.load(Ordering::SeqCst) {
            return Err(SecretStoreError::Locked);
        }
        std::fs::write(self.path(id), item.expose()).unwrap();
        Ok(())
    }

    fn delete(&self, id: &WalletId) -> Result<(), SecretStoreError> {
        std::fs::remove_file(self.path(id)).map_err(|_| SecretStoreError::NoEntry)
    }
}

/// A folder, a store beside it.
pub struct Place {
    pub directory: tempfile::TempDir,
}

impl Place {
    pub fn new() -> Self {
        Self { directory: tempfile::tempdir().unwrap() }
    }

    pub fn folder(&self) -> PathBuf {
        self.directory.path().join("wallet")
    }

    pub fn store(&self) -> TestStore {
        TestStore::new(&self.directory.path().join("secrets"))
    }

    pub fn create(&self, phrase: Option<&str>) -> UnlockedVault {
        let phrase = phrase.map(passphrase);
        UnlockedVault::create(&self.folder(), &self.store(), phrase.as_ref(), profile(), &SystemEntropy)
            .unwrap()
    }

    pub fn unlock(&self, phrase: Option<&str>, now: Instant) -> Result<UnlockedVault, UnlockError> {
        let phrase = phrase.map(passphrase);
        let locked = LockedVault::open(&self.folder()).unwrap();
        locked.unlock(&self.store(), phrase.as_ref(), now).map_err(|failure| failure.error)
    }

    pub fn database(&self) -> PathBuf {
        self.folder().join(DATABASE_FILE)
    }
}

pub fn new_paper(title: &str) -> NewPaper {
    NewPaper {
        id: PaperId::random(&SystemEntropy).unwrap(),
        type_key: "resident-id".to_owned(),
        shelf: Shelf::Identity,
        issuer: IssuerLabel {
            id: "https://mois.localhost:8443".to_owned(),
            display: LocalizedText::new("행정안전부 (시연용)", "Ministry (demo)"),
        },
        formats: NonEmpty::new(vec![CredentialFormat::SdJwtVc, CredentialFormat::Mdoc]).unwrap(),
        metadata: serde_json::json!({"vct": "urn:demo:resident-id"}),
        summary: serde_json::json!({"title": title}),
        received_at: at(0),
        expires_at: Some(at(1_000_000)),
    }
}

pub fn history(kind: HistoryKind, papers: Vec<PaperId>) -> NewHistoryEntry {
    NewHistoryEntry {
        at: at(0),
        kind,
        party: Some(HistoryParty {
            id: "https://mois.localhost:8443".to_owned(),
            name: LocalizedText::new("행정안전부", "Ministry"),
            known: true,
        }),
        items: vec![HistoryItem {
            type_key: "resident-id".to_owned(),
            path: ClaimPath::top_level("birth_date"),
        }],
        papers,
        purpose: None,
        retention: None,
        rule: None,
        code: None,
        outcome: Outcome::Done,
    }
}

pub fn session() -> SessionId {
    SessionId::random(&SystemEntropy).unwrap()
}

pub fn new_copy(key: Option<ReservedKeyId>, content: &str) -> NewCopy {
    NewCopy {
        id: CopyId::random(&SystemEntropy).unwrap(),
        format: CredentialFormat::SdJwtVc,
        credential: CredentialBytes::new(content.as_bytes().to_vec()),
        key,
    }
}

/// A paper with so many copies, received in one transaction.
pub fn receive(vault: &mut UnlockedVault, copies: usize) -> PaperId {
    let session = session();
    let keys = vault.transaction(|t| t.reserve_keys(session, copies, &SystemEntropy, at(0))).unwrap();
    let paper = new_paper(NAME);
    let copies: Vec<NewCopy> = keys.iter().map(|key| new_copy(Some(key.id), NAME)).collect();
    let batch = BatchId::random(&SystemEntropy).unwrap();
    vault
        .transaction(|t| t.receive(&paper, batch, &copies, &history(HistoryKind::Received, vec![paper.id])))
        .unwrap();
    paper.id
}
