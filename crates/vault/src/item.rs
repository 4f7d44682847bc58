//! The secret item as the keyring holds it: one or two generations of the wallet secret, plain or sealed under a passphrase.
//!
//! A change of passphrase writes both generations, then moves the header to the new one, then drops the old one. Whatever
//! crashes in between, the generation that the header names is in the item, and opens with the passphrase of that moment.
//!
//! Layout: `CWS`, version, count, then for each generation: number (4 bytes, big endian), kind, length (2 bytes), content.

use crypto::envelope::OpenError;
use crypto::password::{self, Argon2Cost};
use crypto::{SecretBytes, SecretVec};
use primitives::Entropy;
use zeroize::Zeroizing;

use crate::{Passphrase, SecretItem, StoreError, WalletId};

const MAGIC: &[u8; 3] = b"CWS";
pub(crate) const ITEM_VERSION: u8 = 1;
const PURPOSE: &str = "wallet-secret";
const PLAIN: u8 = 0;
const SEALED: u8 = 1;

/// Why an item is not used.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum ItemError {
    Newer(u8),
    Malformed,
    /// The memory for Argon2id is not there.
    Memory,
}

/// One generation.
#[derive(Clone, PartialEq, Eq)]
pub(crate) struct Generation {
    pub(crate) number: u32,
    content: Content,
}

#[derive(Clone, PartialEq, Eq)]
enum Content {
    Plain(SecretBytes<32>),
    Sealed(Vec<u8>),
}

impl Generation {
    /// A generation of the secret: sealed if a passphrase is given, else plain.
    pub(crate) fn new(
        wallet_id: &WalletId,
        number: u32,
        secret: &SecretBytes<32>,
        passphrase: Option<&Passphrase>,
        entropy: &dyn Entropy,
    ) -> Result<Self, StoreError> {
        let content = match passphrase {
            None => Content::Plain(secret.clone()),
            Some(passphrase) => Content::Sealed(password::seal(
                passphrase.secret(),
                PURPOSE,
                &associated_data(wallet_id, number),
                Argon2Cost::DEFAULT,
                secret.expose(),
                entropy,
            )?),
        };
        Ok(Self { number, content })
    }

    pub(crate) fn is_sealed(&self) -> bool {
        matches!(self.content, Content::Sealed(_))
    }

    /// The secret of a plain generation.
    pub(crate) fn plain(&self) -> Option<SecretBytes<32>> {
        match &self.content {
            Content::Plain(secret) => Some(secret.clone()),
            Content::Sealed(_) => None,
        }
    }

    /// The secret, by this passphrase. `Ok(None)` if the passphrase is wrong.
    pub(crate) fn open(
        &self,
        wallet_id: &WalletId,
        passphrase: &Passphrase,
    ) -> Result<Option<SecretBytes<32>>, ItemError> {
        let sealed = match &self.content {
            Content::Plain(secret) => return Ok(Some(secret.clone())),
            Content::Sealed(sealed) => sealed,
        };
        match password::open(passphrase.secret(), PURPOSE, &associated_data(wallet_id, self.number), sealed) {
            Ok(secret) => secret_of(&secret).map(Some),
            Err(OpenError::Authentication) => Ok(None),
            Err(OpenError::Version | OpenError::Malformed) => Err(ItemError::Malformed),
            Err(OpenError::Memory) => Err(ItemError::Memory),
        }
    }
}

/// The item's bytes, of one or two generations.
pub(crate) fn encode(generations: &[&Generation]) -> Option<SecretItem> {
    let count = u8::try_from(generations.len()).ok().filter(|count| (1..=2).contains(count))?;
    let mut bytes = Zeroizing::new(Vec::with_capacity(crate::MAX_SECRET_ITEM_BYTES));
    bytes.extend_from_slice(MAGIC);
    bytes.extend_from_slice(&[ITEM_VERSION, count]);
    for generation in generations {
        let (kind, content) = match &generation.content {
            Content::Plain(secret) => (PLAIN, secret.expose().as_slice()),
            Content::Sealed(sealed) => (SEALED, sealed.as_slice()),
        };
        bytes.extend_from_slice(&generation.number.to_be_bytes());
        bytes.push(kind);
        bytes.extend_from_slice(&u16::try_from(content.len()).ok()?.to_be_bytes());
        bytes.extend_from_slice(content);
    }
    SecretItem::new(std::mem::take(&mut *bytes))
}

/// The generations of an item.
pub(crate) fn decode(item: &SecretItem) -> Result<Vec<Generation>, ItemError> {
    let bytes = item.expose().strip_prefix(MAGIC.as_slice()).ok_or(ItemError::Malformed)?;
    let (&version, bytes) = bytes.split_first().ok_or(ItemError::Malformed)?;
    if version > ITEM_VERSION {
        return Err(ItemError::Newer(version));
    }
    let (&count, mut rest) = bytes.split_first().ok_or(ItemError::Malformed)?;
    if version != ITEM_VERSION || !(1..=2).contains(&count) {
        return Err(ItemError::Malformed);
    }
    let mut generations = Vec::with_capacity(usize::from(count));
    for _ in 0..count {
        let (number, after) = rest.split_first_chunk::<4>().ok_or(ItemError::Malformed)?;
        let (&kind, after) = after.split_first().ok_or(ItemError::Malformed)?;
        let (length, after) = after.split_first_chunk::<2>().ok_or(ItemError::Malformed)?;
        let (content, after) =
            after.split_at_checked(usize::from(u16::from_be_bytes(*length))).ok_or(ItemError::Malformed)?;
        let content = match kind {
            PLAIN => Content::Plain(SecretBytes::from_slice(content).ok_or(ItemError::Malformed)?),
            SEALED => Content::Sealed(content.to_vec()),
            _ => return Err(ItemError::Malformed),
        };
        generations.push(Generation { number: u32::from_be_bytes(*number), content });
        rest = after;
    }
    if rest.is_empty() { Ok(generations) } else { Err(ItemError::Malformed) }
}

fn secret_of(opened: &SecretVec) -> Result<SecretBytes<32>, ItemError> {
    SecretBytes::from_slice(opened.expose()).ok_or(ItemError::Malformed)
}

fn associated_data(wallet_id: &WalletId, number: u32) -> Vec<u8> {
    [wallet_id.as_bytes().as_slice(), &number.to_be_bytes()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn generation(number: u32, content: Content) -> Generation {
        Generation { number, content }
    }

    #[test]
    fn both_generations_come_back() {
        let plain = generation(1, Content::Plain(SecretBytes::new(&[7; 32])));
        let sealed = generation(2, Content::Sealed(vec![1, 2, 3]));
        let item = encode(&[&plain, &sealed]).unwrap();
        assert!(decode(&item).unwrap() == vec![plain, sealed]);
    }

    #[test]
    fn another_shape_is_malformed_and_a_newer_version_is_told() {
        let plain = generation(1, Content::Plain(SecretBytes::new(&[7; 32])));
        let good = encode(&[&plain]).unwrap().expose().to_vec();
        let decoded = |bytes: Vec<u8>| decode(&SecretItem::new(bytes).unwrap()).err();
        for length in 1..good.len() {
            assert_eq!(decoded(good[..length].to_vec()), Some(ItemError::Malformed), "cut to {length}");
        }
        let mut longer = good.clone();
        longer.push(0);
        assert_eq!(decoded(longer), Some(ItemError::Malformed));
        let mut newer = good.clone();
        newer[3] = 2;
        assert_eq!(decoded(newer), Some(ItemError::Newer(2)));
        let mut kind = good;
        kind[9] = 9;
        assert_eq!(decoded(kind), Some(ItemError::Malformed));
    }
}
