//! Reading and making the small signed tokens of this protocol: members by type, and the errors of making one.

use crypto::jws::{JwsError, UnverifiedJws};
use crypto::{SignError, jws};
use primitives::{Entropy, EntropyUnavailable};
use serde_json::{Map, Value};

/// Longest proof, in bytes: DPoP, key proof, attestation proof.
pub(crate) const PROOF_MAX_BYTES: usize = 16 * 1024;
/// Longest `jti`, `nonce` and the like inside a proof, in bytes.
pub(crate) const PROOF_TEXT_MAX_BYTES: usize = 1024;

/// A token could not be made. Nothing has left the wallet.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum SigningFailed {
    /// The key would not sign.
    #[error("the key did not sign")]
    Key,
    /// This computer gave no randomness.
    #[error("the computer gave no randomness")]
    Entropy,
    /// The wallet attestation is malformed, or is for another key than the signer's.
    #[error("the wallet attestation does not fit its key")]
    Attestation,
}

impl From<SignError> for SigningFailed {
    fn from(_: SignError) -> Self {
        Self::Key
    }
}

impl From<EntropyUnavailable> for SigningFailed {
    fn from(_: EntropyUnavailable) -> Self {
        Self::Entropy
    }
}

impl SigningFailed {
    /// The stable code.
    #[must_use]
    pub fn code(self) -> &'static str {
        match self {
            Self::Key => "key_did_not_sign",
            Self::Entropy => "randomness_unavailable",
            Self::Attestation => "wallet_attestation_unusable",
        }
    }
}

/// A text member.
pub(crate) fn text<'a>(claims: &'a Map<String, Value>, name: &str) -> Option<&'a str> {
    claims.get(name).and_then(Value::as_str)
}

/// A time in whole seconds (RFC 7519 NumericDate; fractions are cut).
pub(crate) fn seconds(claims: &Map<String, Value>, name: &str) -> Option<i64> {
    let value = claims.get(name)?;
    value.as_i64().or_else(|| {
        let fraction = value.as_f64()?;
        // beyond this range an f64 is no whole second any more
        #[allow(clippy::cast_possible_truncation)]
        (fraction.abs() < 9e15).then_some(fraction.floor() as i64)
    })
}

/// `aud` is exactly this text, alone or as the only element of a list.
pub(crate) fn is_audience(claims: &Map<String, Value>, expected: &str) -> bool {
    match claims.get("aud") {
        Some(Value::String(audience)) => audience == expected,
        Some(Value::Array(list)) => list.len() == 1 && list.iter().all(|it| it.as_str() == Some(expected)),
        _ => false,
    }
}

/// Parses a proof within its bound.
pub(crate) fn parse(compact: &str) -> Result<UnverifiedJws, JwsError> {
    UnverifiedJws::parse_bounded(compact, PROOF_MAX_BYTES)
}

/// A claims object.
pub(crate) fn object<const N: usize>(members: [(&str, Value); N]) -> Map<String, Value> {
    members.into_iter().map(|(name, value)| (name.to_owned(), value)).collect()
}

/// A fresh `jti`: 256 random bits.
pub(crate) fn jti(entropy: &dyn Entropy) -> Result<Value, SigningFailed> {
    Ok(Value::from(crypto::random::token(entropy)?))
}

/// A JOSE header of this type with the signer's public key.
pub(crate) fn header_with_key(typ: &str, signer: &dyn crypto::Signer) -> jws::HeaderBuilder {
    jws::HeaderBuilder::new(typ).jwk(&signer.public_key().to_jwk())
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    #[test]
    fn seconds_are_numbers_cut_downwards_and_bounded() {
        let of = |value: Value| seconds(&object([("iat", value)]), "iat");
        for (value, expected) in [
            (json!(7), Some(7)),
            (json!(-7), Some(-7)),
            (json!(1.9), Some(1)),
            (json!(-1.5), Some(-2)),
            (json!(8.9e15), Some(8_900_000_000_000_000)),
            (json!(9e15), None),
            (json!(-9e15), None),
            (json!("7"), None),
            (json!(null), None),
        ] {
            assert_eq!(of(value.clone()), expected, "{value}");
        }
        assert_eq!(seconds(&Map::new(), "iat"), None);
    }

    #[test]
    fn an_audience_is_the_expected_one_alone() {
        let of = |value: Value| is_audience(&object([("aud", value)]), "a");
        assert!(of(json!("a")) && of(json!(["a"])));
        for other in [json!("b"), json!(["b"]), json!([]), json!(["a", "a"]), json!(["a", "b"]), json!(1)] {
            assert!(!of(other.clone()), "{other}");
        }
        assert!(!is_audience(&Map::new(), "a"));
    }
}
