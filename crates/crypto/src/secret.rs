//! Bytes that are wiped when dropped, and that neither print nor serialise.

use std::fmt;

use primitives::{Entropy, EntropyUnavailable};
use subtle::ConstantTimeEq;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// `N` secret bytes: wiped when dropped, compared in constant time, without `Copy`, `Serialize` or a `Debug` of the content.
#[derive(Clone, Zeroize, ZeroizeOnDrop)]
pub struct SecretBytes<const N: usize>(Box<[u8; N]>);

impl<const N: usize> SecretBytes<N> {
    /// Takes the bytes over; the caller wipes its own copy.
    pub fn new(bytes: &[u8; N]) -> Self {
        let mut own = Box::new([0; N]);
        own.copy_from_slice(bytes);
        Self(own)
    }

    /// Takes a slice over; `None` unless it has `N` bytes.
    pub fn from_slice(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::new)
    }

    /// Fresh random bytes.
    ///
    /// # Errors
    /// [`EntropyUnavailable`].
    pub fn random(entropy: &dyn Entropy) -> Result<Self, EntropyUnavailable> {
        let mut bytes = Self(Box::new([0; N]));
        entropy.fill(bytes.0.as_mut_slice())?;
        Ok(bytes)
    }

    /// The bytes, for the moment of use.
    pub fn expose(&self) -> &[u8; N] {
        &self.0
    }

    pub(crate) fn expose_mut(&mut self) -> &mut [u8; N] {
        &mut self.0
    }

    pub(crate) fn zero() -> Self {
        Self(Box::new([0; N]))
    }
}

impl<const N: usize> PartialEq for SecretBytes<N> {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }
}

impl<const N: usize> Eq for SecretBytes<N> {}

impl<const N: usize> fmt::Debug for SecretBytes<N> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretBytes({N} bytes)")
    }
}

/// Secret bytes of any length: wiped when dropped, without `Serialize` or a `Debug` of the content.
#[derive(Clone, Default)]
pub struct SecretVec(Zeroizing<Vec<u8>>);

impl SecretVec {
    /// Takes the bytes over without copying them.
    pub fn new(bytes: Vec<u8>) -> Self {
        Self(Zeroizing::new(bytes))
    }

    /// Takes a text over without copying it.
    pub fn from_string(text: String) -> Self {
        Self::new(text.into_bytes())
    }

    /// The bytes, for the moment of use.
    pub fn expose(&self) -> &[u8] {
        &self.0
    }

    /// The bytes as text, if they are UTF-8.
    pub fn expose_str(&self) -> Option<&str> {
        std::str::from_utf8(&self.0).ok()
    }
}

impl PartialEq for SecretVec {
    fn eq(&self, other: &Self) -> bool {
        self.0.as_slice().ct_eq(other.0.as_slice()).into()
    }
}

impl Eq for SecretVec {}

impl fmt::Debug for SecretVec {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SecretVec({} bytes)", self.0.len())
    }
}
