//! Every answer that an issuer gives a holder, in a row: issuer and server metadata, token, nonce, credentials or a transaction, deferred ones,
//! notification. Each answer is a line `STATUS TYPE BODY`, the type being `j` for JSON, `t` for a JWT and else nothing.
#![no_main]
use citizen_wallet_fuzz::world::{Key, entropy};
use citizen_wallet_fuzz::*;
use crypto::PrivateKey;
use libfuzzer_sys::fuzz_target;
use openid4vci::holder::*;
use openid4vci::offer::*;
use openid4vci::wire::Identifier;
use primitives::http::Response;
use primitives::{NonEmpty, UniqueNonEmpty};
use std::sync::{Arc, OnceLock};

const ISSUER: &str = "https://issuer.example";
const METADATA: &str = r#"200 j {"credential_issuer":"https://issuer.example","credential_endpoint":"https://issuer.example/c","nonce_endpoint":"https://issuer.example/n","deferred_credential_endpoint":"https://issuer.example/d","notification_endpoint":"https://issuer.example/o","batch_credential_issuance":{"batch_size":2},"credential_configurations_supported":{"a":{"format":"dc+sd-jwt","vct":"urn:fuzz:Card:1","cryptographic_binding_methods_supported":["jwk"],"proof_types_supported":{"jwt":{"proof_signing_alg_values_supported":["ES256"]}}}}}"#;
const SERVER: &str = r#"200 j {"issuer":"https://issuer.example","token_endpoint":"https://issuer.example/t","grant_types_supported":["urn:ietf:params:oauth:grant-type:pre-authorized_code"],"dpop_signing_alg_values_supported":["ES256"],"token_endpoint_auth_methods_supported":["none"],"response_types_supported":["code"]}"#;
const TOKEN: &str = r#"200 j {"access_token":"t","token_type":"DPoP","expires_in":60,"refresh_token":"r","authorization_details":[{"type":"openid_credential","credential_configuration_id":"a","credential_identifiers":["x"]}]}"#;
const NONCE: &str = r#"200 j {"c_nonce":"n"}"#;
const DEFERRED: &str = r#"202 j {"transaction_id":"x","interval":5}"#;

struct Fixed {
    offer: CredentialOffer,
    dpop: Arc<Key>,
    keys: Vec<Arc<Key>>,
}

fn fixed() -> &'static Fixed {
    static FIXED: OnceLock<Fixed> = OnceLock::new();
    FIXED.get_or_init(|| {
        let entropy = entropy();
        let key = || Arc::new(Key::new(PrivateKey::generate(&entropy).unwrap()));
        let grants = Grants {
            pre_authorized_code: Some(PreAuthorizedCodeGrant::new("code".into(), None)),
            ..Grants::default()
        };
        let ids = UniqueNonEmpty::new(vec!["a".to_owned()]).unwrap();
        let offer = CredentialOffer::new(Identifier::parse(ISSUER, "x").unwrap(), ids, grants);
        Fixed { offer, dpop: key(), keys: vec![key(), key()] }
    })
}

fn answer(line: &str) -> Option<Response> {
    let mut words = line.splitn(3, ' ');
    let status = words.next()?.parse().ok()?;
    let media_type = match words.next()? {
        "j" => "application/json",
        "t" => "application/jwt",
        _ => "text/plain",
    };
    Some(
        Response::new(status, words.next()?)
            .with_header("content-type", media_type)
            .with_header("dpop-nonce", "d"),
    )
}

/// Gives the answers to a step until it is done, has failed, or there are none left.
fn drive<E: Exchange>(
    mut exchange: E,
    answers: &mut dyn Iterator<Item = Response>,
) -> Option<Result<E::Next, E::Error>> {
    let entropy = entropy();
    let context = Context { now: now(), entropy: &entropy, issuers: &world().issuers };
    for _ in 0..8 {
        let response = answers.next()?;
        match exchange.receive(&response, &context) {
            Ok(Step::Again(next)) => exchange = next,
            Ok(Step::Done(next)) => return Some(Ok(next)),
            Err(error) => return Some(Err(error)),
        }
    }
    None
}

fn run(answers: &mut dyn Iterator<Item = Response>) -> Option<()> {
    let fixed = fixed();
    let entropy = entropy();
    let context = Context { now: now(), entropy: &entropy, issuers: &world().issuers };
    let resolved = drive(Discovery::new(fixed.offer.clone(), DiscoveryPolicy::default()), answers)?.ok()?;
    assert_eq!(resolved.issuer().issuer.as_str(), ISSUER);
    let dpop = || DpopKey::new(fixed.dpop.clone(), "dpop".into());
    let authorized =
        drive(resolved.pre_authorized(Client::anonymous(dpop()), &[], None).ok()?, answers)?.ok()?;
    let paper = authorized.papers().first()?.clone();
    let keys = fixed.keys.iter().enumerate().map(|(at, key)| HolderKey::new(key.clone(), format!("{at}")));
    let keys = NonEmpty::new(keys.take(authorized.batch_size() as usize).collect()).ok()?;
    let exchange = authorized.request_credential(&paper, keys, None, &context).ok()?;
    let issued = drive(exchange, answers)?.ok()?;
    if let Outcome::Deferred(session) = issued.outcome {
        let stored = serde_json::to_vec(&session.to_stored()).unwrap();
        let session = DeferredSession::resume(serde_json::from_slice(&stored).unwrap(), dpop()).ok()?;
        let _ = drive(session.poll(&entropy).ok()?, answers)?;
    }
    Some(())
}

fuzz_target!(
    init: plant(|| {
        let credentials = r#"200 j {"credentials":[{"credential":"eyJ.e30.x~"},{"credential":"o2d2"}],"notification_id":"n"}"#;
        let refusal = r#"400 j {"error":"use_dpop_nonce"}"#;
        [
            [METADATA, SERVER, TOKEN, NONCE, credentials].join("\n"),
            [METADATA, SERVER, refusal, TOKEN, NONCE, r#"400 j {"error":"invalid_nonce"}"#, NONCE, DEFERRED, DEFERRED, credentials].join("\n"),
            [METADATA, SERVER, TOKEN, NONCE, DEFERRED, r#"400 j {"error":"credential_request_denied"}"#].join("\n"),
            [METADATA, SERVER, "200 j {\"access_token\":\"t\",\"token_type\":\"Bearer\"}"].join("\n"),
            // without the metadata, which are then the usual ones
            [TOKEN, NONCE, credentials].join("\n"),
        ]
        .into_iter()
        .map(String::into_bytes)
        .collect()
    }),
    |data: &[u8]| {
        let Some(text) = text(data) else { return };
        let lines: Vec<Response> = text.split('\n').take(16).map_while(answer).collect();
        if text.starts_with(|first: char| first.is_ascii_digit()) && !text.contains("credential_issuer") {
            let usual = [METADATA, SERVER].into_iter().filter_map(answer);
            run(&mut usual.chain(lines));
        } else {
            run(&mut lines.into_iter());
        }
    }
);
