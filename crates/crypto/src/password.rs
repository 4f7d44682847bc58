//! Envelopes under a passphrase: Argon2id (RFC 9106) and AES-256-GCM, with the parameters in a header that is authenticated whole.

use argon2::{Algorithm, Argon2, Params, Version};
use primitives::Entropy;

use crate::envelope::{self, OpenError, SealError};
use crate::random;
use crate::secret::{SecretBytes, SecretVec};

const VERSION: u8 = 1;
const SALT_BYTES: usize = 16;
/// Version, memory, passes and lanes in big endian, salt.
const HEADER_BYTES: usize = 1 + 3 * 4 + SALT_BYTES;
/// The longest passphrase, in bytes.
pub const MAX_PASSPHRASE_BYTES: usize = 4096;

/// The cost of Argon2id, within floor and ceiling.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Argon2Cost {
    memory_kib: u32,
    passes: u32,
    lanes: u32,
}

impl Argon2Cost {
    /// The least memory, in KiB: 64 MiB. Holds for sealing and opening, and no feature lowers it.
    pub const MIN_MEMORY_KIB: u32 = 64 * 1024;
    /// The most memory, in KiB: 1 GiB, so that a forged header cannot exhaust the computer.
    pub const MAX_MEMORY_KIB: u32 = 1024 * 1024;
    /// The fewest passes.
    pub const MIN_PASSES: u32 = 3;
    /// The most passes.
    pub const MAX_PASSES: u32 = 16;
    /// The most lanes.
    pub const MAX_LANES: u32 = 8;
    /// What is sealed with today: 64 MiB, 3 passes, 1 lane.
    pub const DEFAULT: Self = Self { memory_kib: Self::MIN_MEMORY_KIB, passes: Self::MIN_PASSES, lanes: 1 };

    /// A cost; `None` outside floor and ceiling.
    pub fn new(memory_kib: u32, passes: u32, lanes: u32) -> Option<Self> {
        let within = (Self::MIN_MEMORY_KIB..=Self::MAX_MEMORY_KIB).contains(&memory_kib)
            && (Self::MIN_PASSES..=Self::MAX_PASSES).contains(&passes)
            && (1..=Self::MAX_LANES).contains(&lanes);
        within.then_some(Self { memory_kib, passes, lanes })
    }

    /// Memory, in KiB.
    pub fn memory_kib(self) -> u32 {
        self.memory_kib
    }

    /// Passes over the memory.
    pub fn passes(self) -> u32 {
        self.passes
    }

    /// Lanes.
    pub fn lanes(self) -> u32 {
        self.lanes
    }
}

/// Seals `plaintext` under `passphrase`. Takes a noticeable part of a second and the memory of `cost`, which are the point.
///
/// The envelope is version (1 byte), memory in KiB, passes, lanes (4 bytes each, big endian), salt (16), nonce (12), ciphertext, tag (16).
///
/// # Errors
/// See [`SealError`].
pub fn seal(
    passphrase: &SecretVec,
    purpose: &str,
    associated_data: &[u8],
    cost: Argon2Cost,
    plaintext: &[u8],
    entropy: &dyn Entropy,
) -> Result<Vec<u8>, SealError> {
    let salt = random::bytes::<SALT_BYTES>(entropy)?;
    let mut header = Vec::with_capacity(HEADER_BYTES);
    header.push(VERSION);
    for parameter in [cost.memory_kib, cost.passes, cost.lanes] {
        header.extend_from_slice(&parameter.to_be_bytes());
    }
    header.extend_from_slice(&salt);
    let key = stretch(passphrase, &salt, cost).ok_or(SealError::Failed)?;
    envelope::seal_after_header(&key, &header, &purpose_of(purpose), associated_data, plaintext, entropy)
}

/// Opens what [`seal`] sealed with the same passphrase, purpose and associated data.
///
/// # Errors
/// See [`OpenError`]; parameters are checked before any memory is taken.
pub fn open(
    passphrase: &SecretVec,
    purpose: &str,
    associated_data: &[u8],
    envelope: &[u8],
) -> Result<SecretVec, OpenError> {
    if envelope.first().is_some_and(|version| *version != VERSION) {
        return Err(OpenError::Version);
    }
    let (header, sealed) = envelope.split_first_chunk::<HEADER_BYTES>().ok_or(OpenError::Malformed)?;
    let (cost, salt) = read_header(header).ok_or(OpenError::Malformed)?;
    let key = stretch(passphrase, &salt, cost).ok_or(OpenError::Memory)?;
    envelope::open_after_header(&key, header, &purpose_of(purpose), associated_data, sealed)
}

/// The cost that an envelope names, for deciding whether to seal anew; not authenticated.
///
/// # Errors
/// [`OpenError::Version`], [`OpenError::Malformed`].
pub fn cost_of(envelope: &[u8]) -> Result<Argon2Cost, OpenError> {
    if envelope.first().is_some_and(|version| *version != VERSION) {
        return Err(OpenError::Version);
    }
    let (header, _) = envelope.split_first_chunk::<HEADER_BYTES>().ok_or(OpenError::Malformed)?;
    read_header(header).map(|(cost, _)| cost).ok_or(OpenError::Malformed)
}

fn read_header(header: &[u8; HEADER_BYTES]) -> Option<(Argon2Cost, [u8; SALT_BYTES])> {
    let (_version, rest) = header.split_first_chunk::<1>()?;
    let (memory, rest) = rest.split_first_chunk::<4>()?;
    let (passes, rest) = rest.split_first_chunk::<4>()?;
    let (lanes, rest) = rest.split_first_chunk::<4>()?;
    let cost = Argon2Cost::new(
        u32::from_be_bytes(*memory),
        u32::from_be_bytes(*passes),
        u32::from_be_bytes(*lanes),
    )?;
    Some((cost, rest.try_into().ok()?))
}

/// A prefix that no purpose of a keyed envelope has.
fn purpose_of(purpose: &str) -> String {
    format!("password:{purpose}")
}

/// Argon2id version 1.3; `None` if the passphrase is too long or the memory is not there.
fn stretch(passphrase: &SecretVec, salt: &[u8; SALT_BYTES], cost: Argon2Cost) -> Option<SecretBytes<32>> {
    if passphrase.expose().len() > MAX_PASSPHRASE_BYTES {
        return None;
    }
    let params = Params::new(cost.memory_kib, cost.passes, cost.lanes, Some(32)).ok()?;
    let mut key = SecretBytes::zero();
    Argon2::new(Algorithm::Argon2id, Version::V0x13, params)
        .hash_password_into(passphrase.expose(), salt, key.expose_mut())
        .ok()?;
    Some(key)
}

#[cfg(test)]
mod tests;
