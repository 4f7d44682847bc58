//! What a trusted issuer could sign: the first line is the payload, each further one a disclosure's JSON. Digests are put where the payload
//! says `#N`, N being the disclosure's place.
#![no_main]
use citizen_wallet_fuzz::*;
use crypto::Signer as _;
use crypto::jws::HeaderBuilder;
use libfuzzer_sys::fuzz_target;
use primitives::base64url;
use sd_jwt_vc::{UnverifiedSdJwt, VerifiedSdJwt};
use serde_json::Value;

fn digests_left(value: &Value) -> bool {
    match value {
        Value::Array(all) => all.iter().any(digests_left),
        Value::Object(all) => {
            all.contains_key("_sd") || all.contains_key("...") || all.values().any(digests_left)
        }
        _ => false,
    }
}

fn check(verified: &VerifiedSdJwt) {
    assert!(!digests_left(verified.claims()));
    let places = verified.disclosable_paths();
    let all = verified.select(&places).unwrap();
    assert_eq!(all.claims(), *verified.claims());
    for place in &places {
        assert!(verified.is_selectively_disclosable(place));
        let one = verified.select(std::slice::from_ref(place)).unwrap();
        // Alone it reveals itself, what stands above it, and never more than there is.
        assert!(one.disclosures() >= 1 && one.disclosures() <= verified.disclosures().len());
        assert!(!place.select(&one.claims()).unwrap_or_default().is_empty());
    }
    let none = verified.select(&[]).unwrap();
    assert_eq!(none.disclosures(), 0);
}

fuzz_target!(
    init: plant(|| {
        [
            "{\"_sd\":[\"#0\",\"#1\"],\"a\":1,\"_sd_alg\":\"sha-256\"}\n[\"c2FsdA\",\"name\",\"Kim\"]\n[\"c2FsdB\",\"b\",{\"c\":[1,2]}]",
            "{\"list\":[{\"...\":\"#0\"},2],\"o\":{\"_sd\":[\"#1\"]}}\n[\"s\",{\"_sd\":[\"#2\"]}]\n[\"s\",\"x\",null]\n[\"t\",\"y\",[]]",
            "{\"_sd\":[\"#0\"],\"exp\":1900000000,\"nbf\":0,\"iat\":1}\n[\"s\",\"address\",{\"_sd\":[\"#1\"]}]\n[\"s\",\"city\",\"Garam\"]",
        ]
        .into_iter()
        .map(|seed| seed.as_bytes().to_vec())
        .collect()
    }),
    |data: &[u8]| {
        let Some(text) = text(data) else { return };
        let mut lines = text.split('\n');
        let Some(payload) = lines.next().filter(|payload| payload.starts_with('{') && payload.ends_with('}')) else { return };
        // From the last to the first, so that a disclosure can hold the digest of a later one.
        let mut disclosures: Vec<(usize, String)> = lines.take(8).map(str::to_owned).enumerate().collect();
        let mut payload = payload.to_owned();
        let mut encoded = Vec::new();
        while let Some((place, json)) = disclosures.pop() {
            let disclosure = base64url::encode(json.as_bytes());
            let digest = base64url::encode(&crypto::sha256(disclosure.as_bytes()));
            let mark = format!("\"#{place}\"");
            let digest = format!("\"{digest}\"");
            payload = payload.replace(&mark, &digest);
            disclosures.iter_mut().for_each(|(_, json)| *json = json.replace(&mark, &digest));
            encoded.push(disclosure);
        }
        if primitives::json::parse_strict(payload.as_bytes(), 64 * 1024).is_err() {
            return;
        }
        let signed = HeaderBuilder::new("x").sign(payload.as_bytes(), &world().holder).unwrap();
        let token = format!("{signed}~{}", encoded.iter().map(|one| format!("{one}~")).collect::<String>());
        let Ok(parsed) = UnverifiedSdJwt::parse(&token) else { return };
        if let Ok(verified) = parsed.verify(&world().holder.public_key(), &["x"], now()) {
            assert_eq!(verified.text(), token);
            check(&verified);
        }
    }
);
