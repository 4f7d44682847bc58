//! The only room that calls a cipher or a curve: keys, JOSE, COSE, envelopes.
//!
//! One signature algorithm (ES256: ECDSA, P-256, SHA-256), one key agreement (ECDH-ES on P-256), AES-GCM, HKDF-SHA-256, Argon2id. HAIP 1.0
//! section 7 requires no more, and an algorithm that is not here cannot be negotiated.

pub mod cbor;
pub mod cose;
pub mod derive;
pub mod envelope;
pub mod hash;
pub mod jwe;
pub mod jwk;
pub mod jws;
pub mod keys;
pub mod password;
pub mod random;
pub mod secret;
pub mod unsecured;
pub mod x509;

pub use hash::{constant_time_eq, sha256, sha384, sha512};
pub use jwk::{Jwks, PublicJwk};
pub use keys::{KeyError, PrivateKey, PublicKey, SignError, Signature, SignatureInvalid, Signer};
pub use random::SystemEntropy;
pub use secret::{SecretBytes, SecretVec};
pub use x509::webpki_algorithms;
