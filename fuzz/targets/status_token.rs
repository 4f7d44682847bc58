//! A status list token as JWT and as CWT. With a first byte of `J` or `C` the rest is a whole token; with `j` the rest is the claims and `c` the
//! CBOR claims, which the issuer itself then signs: what a trusted party may do wrong.
#![no_main]
use citizen_wallet_fuzz::*;
use crypto::cose::Sign1Builder;
use crypto::jws::HeaderBuilder;
use libfuzzer_sys::fuzz_target;
use trust::AnchorStore;
use trust::status::*;

const URI: &str = "https://issuer.example/status/1";

fn genuine() -> (String, Vec<u8>) {
    let issuer = &world().issuer;
    let mut list = StatusListBuilder::new(Bits::Two, 64).unwrap();
    list.set(5, StatusState::Suspended).unwrap();
    let publication = Publication {
        uri: URI.into(),
        issued_at: now(),
        expires_at: Some(now() + 86_400),
        time_to_live: Some(3600),
    };
    let jwt = list.sign_jwt(&publication, &issuer.chain, &issuer.key).unwrap();
    (jwt, list.sign_cwt(&publication, &issuer.chain, &issuer.key).unwrap())
}

fn judge(token: &StatusListToken, whole: bool) {
    let reference = StatusReference::new(URI, 5).unwrap();
    let signers = AnchorStore::new();
    let credential = world().issuers.iter().next().unwrap();
    let Ok(list) = token.verify(&reference, &StatusAuthority { credential, signers: &signers }, now()) else {
        return;
    };
    assert_eq!(list.uri(), URI);
    assert!(list.count() <= 16 * 1024 * 1024 * 8 && list.expires_at().is_none_or(|end| end > now()));
    let state = list.state(&reference);
    if whole {
        assert_eq!(state.unwrap(), StatusState::Suspended);
    }
}

fuzz_target!(
    init: plant(|| {
        let (jwt, cwt) = genuine();
        let claims = crypto::jws::UnverifiedJws::parse(&jwt).unwrap().dangerous_payload().to_vec();
        let payload = crypto::cose::UnverifiedSign1::parse_cwt(&cwt).unwrap().dangerous_payload().unwrap().to_vec();
        let own = [(b'J', jwt.into_bytes()), (b'C', cwt), (b'j', claims), (b'c', payload)];
        let mut seeds: Vec<Vec<u8>> = own.into_iter().map(|(kind, rest)| [vec![kind], rest].concat()).collect();
        let jwts = vector_texts(&["status-list"], |text| text.starts_with("eyJ"));
        seeds.extend(jwts.into_iter().map(|rest| [vec![b'J'], rest].concat()));
        let cwts = vector_bytes(&["status-list"], |bytes| matches!(bytes.first(), Some(0xd2 | 0x84)));
        seeds.extend(cwts.into_iter().map(|rest| [vec![b'C'], rest].concat()));
        seeds
    }),
    |data: &[u8]| {
        let Some((kind, rest)) = data.split_first() else { return };
        let issuer = &world().issuer;
        let token = match kind {
            b'J' => StatusListToken::parse(StatusFormat::Jwt, rest),
            b'C' => StatusListToken::parse(StatusFormat::Cwt, rest),
            // Only what is JSON or CBOR at all is worth a signature.
            b'j' if primitives::json::parse_strict_object(rest, 64 * 1024).is_ok() => {
                let header = HeaderBuilder::new("statuslist+jwt").x5c(&issuer.chain.to_der());
                StatusListToken::parse_jwt(&header.sign(rest, &issuer.key).unwrap())
            }
            b'c' if crypto::cbor::parse(rest, 64 * 1024).is_ok() => {
                let header = Sign1Builder::new().protected(16, crypto::cbor::Value::from("application/statuslist+cwt"));
                let signed = header.x5chain(&issuer.chain.to_der()).sign(&issuer.key, rest, &[]).unwrap();
                StatusListToken::parse_cwt(&signed.to_tagged_bytes())
            }
            _ => return,
        };
        if let Ok(token) = token {
            judge(&token, kind.is_ascii_uppercase());
        }
    }
);
