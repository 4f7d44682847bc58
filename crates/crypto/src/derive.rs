//! Keys derived from the wallet secret (design "Keys"): HKDF-SHA-256 (RFC 5869) with info `citizen-wallet/v1/PURPOSE` and a random 32-byte salt a
//! key; scalars from 40 bytes by FIPS 186-5 A.2.1.

use hkdf::Hkdf;
use p256::elliptic_curve::Curve as _;
use p256::elliptic_curve::bigint::{NonZero, U256, U320};
use p256::elliptic_curve::ops::ReduceNonZero as _;
use p256::{NistP256, NonZeroScalar, SecretKey};
use sha2::Sha256;
use zeroize::Zeroize as _;

use crate::keys::PrivateKey;
use crate::secret::SecretBytes;

/// Bytes of a salt.
pub const SALT_BYTES: usize = 32;

/// What a derived key is for. Each purpose has its own info string, so no key of one serves another.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Purpose {
    /// The key of one copy of a credential.
    Holder,
    /// The key of one issuance's DPoP proofs.
    Dpop,
    /// The key of one issuance's wallet attestation.
    Attestation,
    /// The key by which an authorization server knows this wallet (`private_key_jwt`): the same as long as the profile names it.
    ClientAuthentication,
    /// The key that wraps the store's key in the slot of the wallet secret.
    StoreSlot,
}

impl Purpose {
    /// The HKDF info. Fixed for ever: changing one loses the keys of every wallet.
    fn info(self) -> &'static [u8] {
        match self {
            Self::Holder => b"citizen-wallet/v1/holder",
            Self::Dpop => b"citizen-wallet/v1/dpop",
            Self::Attestation => b"citizen-wallet/v1/attestation",
            Self::ClientAuthentication => b"citizen-wallet/v1/client-authentication",
            Self::StoreSlot => b"citizen-wallet/v1/store-slot",
        }
    }
}

/// The signing key of `purpose` and `salt`.
pub fn derive_private_key(
    wallet_secret: &SecretBytes<32>,
    purpose: Purpose,
    salt: &[u8; SALT_BYTES],
) -> PrivateKey {
    private_key_from_extra_bits(&expand(wallet_secret, purpose, salt))
}

/// The symmetric key that wraps the store's key in the wallet secret's slot.
pub fn derive_slot_key(wallet_secret: &SecretBytes<32>, salt: &[u8; SALT_BYTES]) -> SecretBytes<32> {
    expand(wallet_secret, Purpose::StoreSlot, salt)
}

fn expand<const N: usize>(
    wallet_secret: &SecretBytes<32>,
    purpose: Purpose,
    salt: &[u8; SALT_BYTES],
) -> SecretBytes<N> {
    // Both callers ask for 32 or 40 bytes; HKDF refuses only more than 255 blocks of 32.
    const { assert!(N <= 255 * 32) };
    let mut okm = SecretBytes::zero();
    let expanded =
        Hkdf::<Sha256>::new(Some(salt), wallet_secret.expose()).expand(purpose.info(), okm.expose_mut());
    debug_assert!(expanded.is_ok());
    okm
}

/// FIPS 186-5 A.2.1 (extra random bits): d = (c mod (n - 1)) + 1 for the 320-bit big endian number c.
pub(crate) fn private_key_from_extra_bits(c: &SecretBytes<40>) -> PrivateKey {
    const ORDER_MINUS_ONE: NonZero<U256> =
        NonZero::<U256>::new_unwrap(NistP256::ORDER.as_ref().wrapping_sub(&U256::ONE));
    let mut wide = U320::from_be_slice(c.expose());
    // Constant time in c: only the divisor, n - 1, may influence the time, and it is public.
    let mut remainder = wide.rem(&ORDER_MINUS_ONE);
    // Adds one; the remainder is already below n - 1, so nothing is reduced a second time.
    let mut scalar = NonZeroScalar::reduce_nonzero(&remainder);
    let key = PrivateKey::from_secret_key(SecretKey::from(&scalar));
    wide.zeroize();
    remainder.zeroize();
    scalar.zeroize();
    key
}
