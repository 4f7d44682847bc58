//! Envelopes under a passphrase: Argon2id (RFC 9106) and AES-256-GCM, with the parameters in a header that is authenticated whole.

use primitives::Entropy;

use crate::envelope::{OpenError, SealError};
use crate::secret::SecretVec;

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
}

/// Seals `plaintext` under `passphrase`.
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
    todo!()
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
    todo!()
}
