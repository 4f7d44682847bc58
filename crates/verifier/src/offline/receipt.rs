//! A signed receipt of a verdict, for a verifier who has to show later that somebody was checked. Off unless switched on.
//!
//! It says when, what was asked, how, and the word with its codes. Nothing of the paper is in it, neither a claim nor a hash of what the
//! issuer signed: the issuer would know the person by that, and two receipts would know each other.

use crypto::jws::HeaderBuilder;
use primitives::Entropy;
use serde_json::{Map, json};

use super::verdict::ScreenVerdict;
use crate::settings::Identity;

/// `typ` of a receipt.
pub const RECEIPT_TYPE: &str = "desk-receipt+jwt";

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
