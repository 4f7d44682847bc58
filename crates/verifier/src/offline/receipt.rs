//! A signed receipt of a verdict, for a verifier who has to show later that somebody was checked. Off unless switched on.
//!
//! It says when, what was asked, how, and the word with its codes. Nothing of the paper is in it, neither a claim nor a hash of what the
//! issuer signed: the issuer would know the person by that, and two receipts would know each other.

use crypto::jws::{HeaderBuilder, UnverifiedJws};
use primitives::{Entropy, Instant};
use serde::Deserialize;
use serde_json::{Map, Value, json};

use super::verdict::ScreenVerdict;
use crate::settings::Identity;

/// `typ` of a receipt.
pub const RECEIPT_TYPE: &str = "desk-receipt+jwt";

/// Longest receipt, in bytes: mostly its certificates.
pub const MAX_RECEIPT_BYTES: usize = 64 * 1024;

/// What a receipt says, its signature verified.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Receipt {
    /// When the verdict was reached.
    pub at: Instant,
    /// The question's name at the desk.
    pub question: String,
    /// How it was asked.
    pub mode: String,
    /// The word, as [`crate::Outcome::code`] has it.
    pub outcome: String,
    /// Why it is not simply "confirmed".
    pub reasons: Vec<String>,
}

impl Receipt {
    /// Reads a receipt that this desk signed; `None`: it did not, or what it signed is no receipt.
    pub fn verify(receipt: &str, desk: &Identity) -> Option<Self> {
        #[derive(Deserialize)]
        #[serde(deny_unknown_fields)]
        struct Claims {
            #[serde(rename = "jti")]
            _jti: String,
            iat: i64,
            question: String,
            mode: String,
            outcome: String,
            reasons: Vec<String>,
        }
        let (Identity::X509Hash { chain, .. } | Identity::X509SanDns { chain, .. }) = desk else {
            return None;
        };
        let jws = UnverifiedJws::parse_bounded(receipt, MAX_RECEIPT_BYTES).ok()?;
        let claims = jws.verify(&chain.leaf().public_key().ok()?, RECEIPT_TYPE).ok()?.claims().ok()?;
        let claims: Claims = serde_json::from_value(Value::Object(claims)).ok()?;
        let Claims { _jti: _, iat, question, mode, outcome, reasons } = claims;
        Some(Self { at: Instant::from_unix_seconds(iat), question, mode, outcome, reasons })
    }
}

/// `None` where it cannot be signed.
pub(crate) fn sign(identity: &Identity, verdict: &ScreenVerdict, entropy: &dyn Entropy) -> Option<String> {
    let (Identity::X509Hash { chain, signer } | Identity::X509SanDns { chain, signer, .. }) = identity else {
        return None;
    };
    let codes: Vec<&str> = verdict.verdict.reasons.iter().map(|reason| reason.code).collect();
    let mut claims = Map::new();
    claims.insert("jti".to_owned(), crypto::random::token(entropy).ok()?.into());
    claims.insert("iat".to_owned(), verdict.verdict.at.unix_seconds().into());
    claims.insert("question".to_owned(), verdict.question.clone().into());
    claims.insert("mode".to_owned(), verdict.mode.name().into());
    claims.insert("outcome".to_owned(), verdict.verdict.outcome.code().into());
    claims.insert("reasons".to_owned(), json!(codes));
    HeaderBuilder::new(RECEIPT_TYPE).x5c(&chain.to_der()).sign_claims(&claims, signer.as_ref()).ok()
}
