//! The bounds of everything that is read from the other side, in bytes unless said otherwise.

/// Longest invocation (link or QR text).
pub const MAX_INVOCATION_BYTES: usize = 64 * 1024;
/// Most parameters of an invocation; more is refused.
pub const MAX_PARAMETERS: usize = 64;
/// Longest request object, and the most bytes of the answer that carries it.
pub const MAX_REQUEST_OBJECT_BYTES: usize = 256 * 1024;
/// Longest `client_id`.
pub const MAX_CLIENT_ID_BYTES: usize = 2048;
/// Longest `nonce`, `state` and `wallet_nonce`.
pub const MAX_TOKEN_BYTES: usize = 1024;
/// Longest address.
pub const MAX_URL_BYTES: usize = 4096;
/// Most entries of `verifier_info`.
pub const MAX_VERIFIER_INFO: usize = 16;
/// Most entries of `transaction_data`.
pub const MAX_TRANSACTION_DATA: usize = 16;
/// Longest entry of `transaction_data`.
pub const MAX_TRANSACTION_DATA_BYTES: usize = 16 * 1024;
/// Most keys in `client_metadata.jwks`.
pub const MAX_ENCRYPTION_KEYS: usize = 32;
/// Most bytes of the verifier's answer to a response.
pub const MAX_ANSWER_BYTES: usize = 64 * 1024;
/// Most bytes of a response that a verifier reads.
pub const MAX_RESPONSE_BYTES: usize = 4 * 1024 * 1024;
/// Most presentations in one response that a verifier reads.
pub const MAX_PRESENTATIONS: usize = 64;
/// Longest DID document.
pub const MAX_DID_DOCUMENT_BYTES: usize = 64 * 1024;
/// Most verification methods of a DID document.
pub const MAX_VERIFICATION_METHODS: usize = 64;
/// Longest Verifier Attestation JWT.
pub const MAX_ATTESTATION_BYTES: usize = 16 * 1024;
/// Most addresses that a registered or attested client may be answered at.
pub const MAX_RESPONSE_URIS: usize = 32;
/// How far the two clocks may be apart, in seconds.
pub const CLOCK_SKEW_SECONDS: i64 = 120;
/// Longest request over the Digital Credentials API, all its alternatives together.
pub const MAX_DC_API_REQUEST_BYTES: usize = 512 * 1024;
/// Most alternatives in a request over the Digital Credentials API.
pub const MAX_DC_API_REQUESTS: usize = 32;
/// Most entries of `expected_origins`.
pub const MAX_EXPECTED_ORIGINS: usize = 64;
