//! The key binding JWT, made by the holder and checked by the verifier (RFC 9901 sections 4.3 and 7.3; VP-H1, VP-T3).

use crypto::jws::{HeaderBuilder, JwsError, UnverifiedJws};
use crypto::{PublicKey, Signer};
use primitives::Instant;
use serde_json::{Map, Value, json};

use crate::CLOCK_SKEW_SECONDS;
use crate::disclosure::digest;
use crate::error::{KeyBindingError, PresentError};
use crate::limits::MAX_TRANSACTION_DATA;
use crate::sd_jwt::numeric_date;

/// The `typ` of a key binding JWT (SJ-24).
const TYP: &str = "kb+jwt";

/// The only hash algorithm for transaction data (VP-T3).
const TRANSACTION_HASH: &str = "sha-256";

/// What a holder binds a presentation to.
#[derive(Debug, Clone, Copy)]
pub struct KeyBinding<'a> {
    /// `aud`: the verifier's full client identifier with its prefix, or `origin:` and the origin (VP-H1).
    pub audience: &'a str,
    /// `nonce`: that of the request, as received.
    pub nonce: &'a str,
    /// `iat`: now.
    pub issued_at: Instant,
    /// The transactions this presentation stands for; none, as a rule.
    pub transaction_data: TransactionData<'a>,
}

/// Strings of the request's `transaction_data` that a presentation is bound to (VP-T3, SV-22).
#[derive(Debug, Clone, Copy, Default)]
pub struct TransactionData<'a> {
    /// Each base64url string as received, never decoded and encoded again. At most [`MAX_TRANSACTION_DATA`].
    pub strings: &'a [String],
    /// Whether the request named `transaction_data_hashes_alg`; the answer then names `sha-256` too.
    pub names_algorithm: bool,
}

/// What a verifier expects of the holder.
#[derive(Debug, Clone, Copy)]
pub struct ExpectedKeyBinding<'a> {
    /// The verifier's own name, as the request gave it (SJ-28).
    pub audience: &'a str,
    /// The nonce of the request (SJ-27).
    pub nonce: &'a str,
    /// How old the proof may be, in seconds; [`CLOCK_SKEW_SECONDS`] are granted on both ends (SJ-26).
    pub max_age_seconds: i64,
    /// The transactions that the presentation has to stand for.
    pub transaction_data: TransactionData<'a>,
    /// Whether a presentation without proof is refused. A proof that came is checked in any case (SJ-30).
    pub required: bool,
}

/// A key binding that was checked. Made by [`check`] only.
#[derive(Debug, Clone, PartialEq)]
pub struct VerifiedKeyBinding {
    /// The holder's key, from `cnf`.
    pub holder_key: PublicKey,
    /// When the holder made the proof.
    pub issued_at: Instant,
}

/// Signs the key binding JWT for a presented SD-JWT, which ends in a tilde (SJ-24 to SJ-29).
pub(crate) fn sign(
    presented: &str,
    binding: &KeyBinding<'_>,
    signer: &dyn Signer,
) -> Result<String, PresentError> {
    let transactions = binding.transaction_data;
    if transactions.strings.len() > MAX_TRANSACTION_DATA {
        return Err(PresentError::TooManyTransactions);
    }
    let mut payload = Map::new();
    payload.insert("iat".to_owned(), binding.issued_at.unix_seconds().into());
    payload.insert("aud".to_owned(), binding.audience.into());
    payload.insert("nonce".to_owned(), binding.nonce.into());
    payload.insert("sd_hash".to_owned(), digest(presented).into());
    if !transactions.strings.is_empty() {
        payload.insert("transaction_data_hashes".to_owned(), hashes(transactions.strings).into());
        if transactions.names_algorithm {
            payload.insert("transaction_data_hashes_alg".to_owned(), TRANSACTION_HASH.into());
        }
    }
    HeaderBuilder::new(TYP).sign_claims(&payload, signer).map_err(|_| PresentError::Signer)
}

/// Checks a key binding JWT against the SD-JWT it came with and what the verifier expects.
pub(crate) fn check(
    jwt: &UnverifiedJws,
    presented: &str,
    holder_key: &PublicKey,
    expected: &ExpectedKeyBinding<'_>,
    now: Instant,
) -> Result<VerifiedKeyBinding, KeyBindingError> {
    // SJ-24, SJ-25
    let jwt = jwt.verify(holder_key, TYP).map_err(|error| match error {
        JwsError::Type => KeyBindingError::Typ,
        _ => KeyBindingError::Signature,
    })?;
    let payload = jwt.claims().map_err(|_| KeyBindingError::Payload)?;
    let text = |name: &str| payload.get(name).and_then(Value::as_str);
    // SJ-26
    let issued_at = payload.get("iat").and_then(numeric_date).ok_or(KeyBindingError::NoIssuedAt)?;
    if issued_at > now + CLOCK_SKEW_SECONDS {
        return Err(KeyBindingError::InFuture);
    }
    if issued_at + expected.max_age_seconds + CLOCK_SKEW_SECONDS < now {
        return Err(KeyBindingError::TooOld);
    }
    // SJ-28: first, since a proof for somebody else has another nonce as well, and the refusal then says the larger of the two.
    if text("aud") != Some(expected.audience) {
        return Err(KeyBindingError::Audience);
    }
    // SJ-27
    if text("nonce") != Some(expected.nonce) {
        return Err(KeyBindingError::Nonce);
    }
    // SJ-29
    if text("sd_hash") != Some(digest(presented).as_str()) {
        return Err(KeyBindingError::Hash);
    }
    check_transactions(&payload, expected.transaction_data)?;
    Ok(VerifiedKeyBinding { holder_key: *holder_key, issued_at })
}

/// SV-22. Each transaction of the request has its hash; hashes of others do not belong there.
fn check_transactions(
    payload: &Map<String, Value>,
    expected: TransactionData<'_>,
) -> Result<(), KeyBindingError> {
    let mut wanted = hashes(expected.strings);
    let mut came = match payload.get("transaction_data_hashes") {
        None => Vec::new(),
        Some(Value::Array(came)) => came
            .iter()
            .map(|hash| hash.as_str().map(str::to_owned).ok_or(KeyBindingError::TransactionData))
            .collect::<Result<_, _>>()?,
        Some(_) => return Err(KeyBindingError::TransactionData),
    };
    wanted.sort_unstable();
    came.sort_unstable();
    let algorithm_fits = match payload.get("transaction_data_hashes_alg") {
        None => wanted.is_empty() || !expected.names_algorithm,
        Some(algorithm) => *algorithm == json!(TRANSACTION_HASH),
    };
    if wanted == came && algorithm_fits { Ok(()) } else { Err(KeyBindingError::TransactionData) }
}

fn hashes(strings: &[String]) -> Vec<String> {
    strings.iter().map(|string| digest(string)).collect()
}
