//! Randomness of the operating system, and tokens made of it.

use primitives::base64url;
use primitives::{Entropy, EntropyUnavailable};

/// The operating system's generator.
#[derive(Debug, Clone, Copy, Default)]
pub struct SystemEntropy;

impl Entropy for SystemEntropy {
    fn fill(&self, buffer: &mut [u8]) -> Result<(), EntropyUnavailable> {
        getrandom::fill(buffer).map_err(|_| EntropyUnavailable)
    }
}

/// `N` random bytes.
///
/// # Errors
/// [`EntropyUnavailable`].
pub fn bytes<const N: usize>(entropy: &dyn Entropy) -> Result<[u8; N], EntropyUnavailable> {
    let mut bytes = [0; N];
    entropy.fill(&mut bytes)?;
    Ok(bytes)
}

/// A fresh value for `nonce`, `state`, `jti` or a PKCE verifier: 32 random bytes as base64url, 43 characters.
///
/// # Errors
/// [`EntropyUnavailable`].
pub fn token(entropy: &dyn Entropy) -> Result<String, EntropyUnavailable> {
    bytes::<32>(entropy).map(|bytes| base64url::encode(&bytes))
}
