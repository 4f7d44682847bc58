//! The cryptography that a step cannot avoid, called bare: the libraries themselves, without a room of ours between.

use std::fmt;
use std::hint::black_box;

use aes_gcm::aead::Aead as _;
use aes_gcm::{Aes256Gcm, KeyInit as _};
use p256::ecdsa::signature::Signer as _;
use p256::ecdsa::{Signature, SigningKey};
use ring::signature::{ECDSA_P256_SHA256_FIXED, UnparsedPublicKey};
use sha2::{Digest as _, Sha256};

/// How often each operation is due. Signatures and verifications hash their own message, of `message` bytes each.
#[derive(Clone, Copy, Default)]
pub struct Bare {
    pub verifications: usize,
    pub signatures: usize,
    pub key_pairs: usize,
    pub agreements: usize,
    /// SHA-256 beside that of signatures: digests of disclosures, certificates, keys.
    pub digests: usize,
    /// Bytes encrypted or decrypted with AES-256-GCM.
    pub sealed: usize,
    /// Bytes of each signed message.
    pub message: usize,
    /// Bytes of each digest's input.
    pub digested: usize,
}

impl fmt::Display for Bare {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut parts = Vec::new();
        let mut part = |count: usize, one: &str, many: &str| match count {
            0 => {}
            1 => parts.push(format!("1 {one}")),
            _ => parts.push(format!("{count} {many}")),
        };
        part(self.verifications, "verification", "verifications");
        part(self.signatures, "signature", "signatures");
        part(self.key_pairs, "key pair", "key pairs");
        part(self.agreements, "agreement", "agreements");
        part(self.digests, "digest", "digests");
        part(usize::from(self.sealed > 0), "AES-GCM", "");
        formatter.write_str(&parts.join(" + "))
    }
}

/// Keys and messages made once, so that only the operations themselves are measured.
pub struct Bench {
    work: Bare,
    signing: SigningKey,
    agreeing: p256::SecretKey,
    other: p256::PublicKey,
    public: Vec<u8>,
    message: Vec<u8>,
    signature: Vec<u8>,
    digested: Vec<u8>,
    plaintext: Vec<u8>,
    cipher_key: [u8; 32],
}

impl Bench {
    pub fn new(work: Bare) -> Self {
        let signing = SigningKey::from_slice(&[7; 32]).unwrap();
        let agreeing = p256::SecretKey::from_slice(&[8; 32]).unwrap();
        let other = p256::SecretKey::from_slice(&[9; 32]).unwrap().public_key();
        let message = vec![0x5a; work.message];
        let signature: Signature = signing.sign(&message);
        Self {
            public: signing.verifying_key().to_sec1_point(false).as_bytes().to_vec(),
            signature: signature.to_bytes().to_vec(),
            digested: vec![0x5a; work.digested],
            plaintext: vec![0x5a; work.sealed],
            cipher_key: [3; 32],
            work,
            signing,
            agreeing,
            other,
            message,
        }
    }

    /// Everything once.
    pub fn run(&self) {
        for _ in 0..self.work.verifications {
            UnparsedPublicKey::new(&ECDSA_P256_SHA256_FIXED, black_box(&self.public))
                .verify(black_box(&self.message), black_box(&self.signature))
                .unwrap();
        }
        for _ in 0..self.work.signatures {
            let signature: Signature = black_box(&self.signing).sign(black_box(&self.message));
            black_box(signature);
        }
        for _ in 0..self.work.key_pairs {
            black_box(black_box(&self.agreeing).public_key());
        }
        for _ in 0..self.work.agreements {
            black_box(black_box(&self.agreeing).diffie_hellman(black_box(&self.other)));
        }
        for _ in 0..self.work.digests {
            black_box(Sha256::digest(black_box(&self.digested)));
        }
        if self.work.sealed > 0 {
            let cipher = Aes256Gcm::new(&self.cipher_key.into());
            black_box(cipher.encrypt(&[0; 12].into(), black_box(&self.plaintext[..])).unwrap());
        }
    }
}
