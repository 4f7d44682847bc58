//! A verifier's registration. After `J` a whole token; after `j` the claims, which the registrar then signs.
#![no_main]
use citizen_wallet_fuzz::*;
use crypto::jws::{HeaderBuilder, UnverifiedJws};
use libfuzzer_sys::fuzz_target;
use primitives::{ClaimPath, LocalizedText};
use std::sync::OnceLock;
use trust::registration::*;
use trust::{ChainPolicy, CredentialType, VerifiedChain, Verifier, verify_chain};

fn genuine() -> &'static (Registration, String) {
    static GENUINE: OnceLock<(Registration, String)> = OnceLock::new();
    GENUINE.get_or_init(|| {
        let words = |text: &str| LocalizedText { ko: text.into(), en: text.into() };
        let registration = Registration {
            verifier: RegisteredVerifier::of_certificate(world().verifier.chain.leaf()),
            issued_at: now(),
            expires_at: now() + 86_400,
            name: words("Verifier"),
            purpose: words("fuzzing"),
            items: vec![RegisteredItem {
                credential: CredentialType::sd_jwt_vc("urn:fuzz:Card:1"),
                claims: vec![ClaimPath::top_level("name"), serde_json::from_str(r#"["a",null,0]"#).unwrap()],
            }],
            retention: Some(words("a day")),
            consequences_of_refusal: None,
            legal_basis: None,
            resident_number_basis: None,
        };
        let signed = registration.sign(&world().registrar.chain, &world().registrar.key).unwrap();
        (registration, signed)
    })
}

fn verifier() -> &'static VerifiedChain<Verifier> {
    static CHAIN: OnceLock<VerifiedChain<Verifier>> = OnceLock::new();
    CHAIN.get_or_init(|| {
        verify_chain(&world().verifier.chain, &world().verifiers, now(), &ChainPolicy::role_only()).unwrap()
    })
}

fuzz_target!(
    init: plant(|| {
        let token = &genuine().1;
        let payload = UnverifiedJws::parse(token).unwrap().dangerous_payload().to_vec();
        vec![[b"J", token.as_bytes()].concat(), [b"j", &payload[..]].concat()]
    }),
    |data: &[u8]| {
        let world = world();
        let Some((kind, rest)) = data.split_first() else { return };
        let token = match (kind, text(rest)) {
            (b'J', Some(text)) => text.to_owned(),
            (b'j', _) => {
                // Only what could be one at all is worth a signature.
                if serde_json::from_slice::<Registration>(rest).is_err() {
                    return;
                }
                HeaderBuilder::new(REGISTRATION_TYPE).x5c(&world.registrar.chain.to_der()).sign(rest, &world.registrar.key).unwrap()
            }
            _ => return,
        };
        let Ok(parsed) = SignedRegistration::parse(&token) else { return };
        let Ok(verified) = parsed.verify(verifier(), &world.registrars, now()) else { return };
        let registration = verified.registration();
        assert!(registration.verifier.is(verifier()) && registration.expires_at > now());
        if *kind == b'J' {
            assert!(registration == &genuine().0);
        }
        for item in &registration.items {
            for claim in &item.claims {
                assert!(registration.covers(&item.credential, claim));
            }
        }
        let again = registration.sign(&world.registrar.chain, &world.registrar.key).unwrap();
        let again = SignedRegistration::parse(&again).unwrap().verify(verifier(), &world.registrars, now()).unwrap();
        assert!(again.registration() == registration);
    }
);
