//! A signer that shows somebody else's public key: what a wallet must not fall for.

use crypto::{PrivateKey, PublicKey, SignError, Signature, Signer};

/// Claims one key and signs with another.
pub(super) struct Impostor {
    /// The key that it claims to have.
    pub(super) claimed: PublicKey,
    /// The key that it has.
    pub(super) own: PrivateKey,
}

impl Signer for Impostor {
    fn public_key(&self) -> PublicKey {
        self.claimed
    }

    fn sign(&self, message: &[u8]) -> Result<Signature, SignError> {
        self.own.sign(message)
    }
}
