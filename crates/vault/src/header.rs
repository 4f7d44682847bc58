//! `wallet.header`: what must be known before the database can be opened (design, "Keys"). It holds no secret in the clear.
//!
//! JSON, because the next version of this program, and a person with a problem, must be able to read it. The store's key is
//! random and wrapped in slots; today there is one, under a key derived from the wallet secret.

use std::path::Path;

use crypto::SecretBytes;
use crypto::derive::{SALT_BYTES, derive_slot_key};
use crypto::envelope;
use primitives::Entropy;
use serde::{Deserialize, Serialize};

use crate::store::hex;
use crate::{Attempts, OpenError, ProfileHash, StoreError, WalletId, files};

/// File name of the header (decision 0001).
pub const HEADER_FILE: &str = "wallet.header";

/// File name of the database (decision 0001).
pub const DATABASE_FILE: &str = "wallet.db";

/// The newest header version this program knows.
pub const HEADER_VERSION: u32 = 1;

/// Largest header, in bytes.
const MAX_HEADER_BYTES: u64 = 64 * 1024;

/// Most slots, a count.
const MAX_SLOTS: usize = 8;

const SLOT_PURPOSE: &str = "store-key";

/// The header, parsed and checked.
#[derive(Clone, PartialEq, Eq, Debug)]
pub(crate) struct Header {
    pub(crate) wallet_id: WalletId,
    /// Which generation of the secret item counts; the item may hold the one before or after it when a change was cut short.
    pub(crate) generation: u32,
    /// Whether that generation is sealed under a passphrase: for asking before the keyring is.
    pub(crate) passphrase: bool,
    /// A copy of the database's, to be shown while locked.
    pub(crate) profile: ProfileHash,
    pub(crate) attempts: Attempts,
    slots: Vec<Slot>,
}

/// One wrapping of the store's key.
#[derive(Clone, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Slot {
    kind: SlotKind,
    salt: String,
    sealed: String,
}

#[derive(Clone, Copy, PartialEq, Eq, Debug, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum SlotKind {
    WalletSecret,
}

/// Only the version: read first, so that a newer header is told from a damaged one.
#[derive(Deserialize)]
struct Versioned {
    version: u32,
}

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wire {
    version: u32,
    wallet_id: String,
    generation: u32,
    passphrase: bool,
    profile: String,
    attempts: Attempts,
    slots: Vec<Slot>,
}

impl Header {
    /// A header for a new vault, with the store's key wrapped under the wallet secret.
    pub(crate) fn new(
        wallet_id: WalletId,
        passphrase: bool,
        profile: ProfileHash,
        wallet_secret: &SecretBytes<32>,
        store_key: &SecretBytes<32>,
        entropy: &dyn Entropy,
    ) -> Result<Self, StoreError> {
        let salt: [u8; SALT_BYTES] = crypto::random::bytes(entropy)?;
        let key = derive_slot_key(wallet_secret, &salt);
        let data = slot_data(&wallet_id, SlotKind::WalletSecret);
        let sealed = envelope::seal(&key, SLOT_PURPOSE, &data, store_key.expose(), entropy)?;
        let slot =
            Slot { kind: SlotKind::WalletSecret, salt: hex::encode(&salt), sealed: hex::encode(&sealed) };
        Ok(Self {
            wallet_id,
            generation: 1,
            passphrase,
            profile,
            attempts: Attempts::default(),
            slots: vec![slot],
        })
    }

    /// The store's key, if this wallet secret opens the slot.
    pub(crate) fn store_key(&self, wallet_secret: &SecretBytes<32>) -> Option<SecretBytes<32>> {
        let slot = self.slots.iter().find(|slot| slot.kind == SlotKind::WalletSecret)?;
        let key = derive_slot_key(wallet_secret, &hex::decode(&slot.salt)?);
        let data = slot_data(&self.wallet_id, slot.kind);
        let opened = envelope::open(&key, SLOT_PURPOSE, &data, &hex::decode_vec(&slot.sealed)?).ok()?;
        SecretBytes::from_slice(opened.expose())
    }

    /// Reads the header of a folder; `None` if there is none.
    pub(crate) fn read(folder: &Path) -> Result<Option<Self>, OpenError> {
        let bytes = match files::read_bounded(&folder.join(HEADER_FILE), MAX_HEADER_BYTES) {
            Ok(Some(bytes)) => bytes,
            Ok(None) => return Ok(None),
            Err(StoreError::Damaged) => return Err(OpenError::HeaderDamaged),
            Err(error) => return Err(error.into()),
        };
        let Versioned { version } = serde_json::from_slice(&bytes).map_err(|_| OpenError::HeaderDamaged)?;
        if version > HEADER_VERSION {
            return Err(OpenError::NewerVersion { found: version, known: HEADER_VERSION });
        }
        let wire: Wire = serde_json::from_slice(&bytes).map_err(|_| OpenError::HeaderDamaged)?;
        Self::of_wire(wire).map(Some).ok_or(OpenError::HeaderDamaged)
    }

    /// Writes the header atomically.
    pub(crate) fn write(&self, folder: &Path) -> Result<(), StoreError> {
        let wire = Wire {
            version: HEADER_VERSION,
            wallet_id: self.wallet_id.to_string(),
            generation: self.generation,
            passphrase: self.passphrase,
            profile: self.profile.to_string(),
            attempts: self.attempts,
            slots: self.slots.clone(),
        };
        let bytes = serde_json::to_vec_pretty(&wire).map_err(|_| StoreError::Io)?;
        files::write_atomically(folder, HEADER_FILE, &bytes)
    }

    fn of_wire(wire: Wire) -> Option<Self> {
        let sound = wire.version == HEADER_VERSION && !wire.slots.is_empty() && wire.slots.len() <= MAX_SLOTS;
        sound.then_some(())?;
        Some(Self {
            wallet_id: WalletId::parse(&wire.wallet_id)?,
            generation: wire.generation,
            passphrase: wire.passphrase,
            profile: ProfileHash::parse(&wire.profile)?,
            attempts: wire.attempts,
            slots: wire.slots,
        })
    }
}

/// What a slot is bound to: it opens in this vault and as this kind only.
fn slot_data(wallet_id: &WalletId, kind: SlotKind) -> Vec<u8> {
    let kind: &[u8] = match kind {
        SlotKind::WalletSecret => b"wallet_secret",
    };
    [b"citizen-wallet/header/1/".as_slice(), wallet_id.as_bytes(), b"/", kind].concat()
}
