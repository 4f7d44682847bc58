//! What the certificate verifier may use (RFC 5280 path building happens in `trust`).

use rustls_pki_types::SignatureVerificationAlgorithm;

/// The signature algorithms of certificates we accept: ECDSA on P-256 and P-384 with SHA-256 and SHA-384. No RSA (HAIP 1.0 section 7).
pub fn webpki_algorithms() -> &'static [&'static dyn SignatureVerificationAlgorithm] {
    static ALGORITHMS: &[&dyn SignatureVerificationAlgorithm] = &[
        webpki::ring::ECDSA_P256_SHA256,
        webpki::ring::ECDSA_P256_SHA384,
        webpki::ring::ECDSA_P384_SHA256,
        webpki::ring::ECDSA_P384_SHA384,
    ];
    ALGORITHMS
}
