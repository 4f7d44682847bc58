//! A signed trust list. After `J` a whole token; after `j` the payload, which the list's signer then signs.
#![no_main]
use citizen_wallet_fuzz::*;
use crypto::jws::{HeaderBuilder, UnverifiedJws};
use libfuzzer_sys::fuzz_target;
use primitives::LocalizedText;
use std::sync::OnceLock;
use trust::trust_list::*;

fn words(text: &str) -> LocalizedText {
    LocalizedText { ko: text.into(), en: text.into() }
}

fn genuine() -> &'static String {
    static TOKEN: OnceLock<String> = OnceLock::new();
    TOKEN.get_or_init(make)
}

fn make() -> String {
    let world = world();
    let service = |name: &str, role, root: &trust::Certificate| TrustedService {
        name: words(name),
        role,
        certificates: vec![root.clone()],
        granted: true,
    };
    let types = [trust::CredentialType::sd_jwt_vc("urn:fuzz:Card:1")].into_iter().collect();
    let list = TrustList {
        sequence_number: 3,
        issued_at: now(),
        next_update: now() + 86_400,
        operator: words("Operator"),
        scheme: words("Scheme"),
        territory: "KR".into(),
        entities: vec![TrustedEntity {
            name: words("Agency"),
            information_uri: Some("https://agency.example".into()),
            services: vec![
                service("issue", ServiceRole::Issuer(types), &world.issuer.root),
                service("ask", ServiceRole::Verifier, &world.verifier.root),
                service("register", ServiceRole::Registrar, &world.registrar.root),
            ],
        }],
    };
    list.sign(&world.lists.chain, &world.lists.key).unwrap()
}

fuzz_target!(
    init: plant(|| {
        let token = genuine();
        let payload = UnverifiedJws::parse(token).unwrap().dangerous_payload().to_vec();
        vec![[b"J", token.as_bytes()].concat(), [b"j", &payload[..]].concat()]
    }),
    |data: &[u8]| {
        let world = world();
        let Some((kind, rest)) = data.split_first() else { return };
        let token = match (kind, text(rest)) {
            (b'J', Some(text)) => text.to_owned(),
            // Only what is JSON at all is worth a signature.
            (b'j', _) if primitives::json::parse_strict_object(rest, 64 * 1024).is_ok() => HeaderBuilder::new(TRUST_LIST_TYPE).x5c(&world.lists.chain.to_der()).sign(rest, &world.lists.key).unwrap(),
            _ => return,
        };
        let Ok(parsed) = SignedTrustList::parse(&token) else { return };
        let Ok(list) = parsed.verify(&world.list_signers, None, now()) else { return };
        if *kind == b'J' {
            let known = UnverifiedJws::parse(genuine()).unwrap();
            assert_eq!(list.accepted().hash, crypto::sha256(known.dangerous_payload()));
        }
        // What was accepted replaces itself, and nothing older replaces it.
        assert!(parsed.verify(&world.list_signers, Some(&list.accepted()), now()).is_ok());
        if let Some(later) = list.accepted().sequence_number.checked_add(1) {
            let newer = AcceptedList { sequence_number: later, ..list.accepted() };
            assert!(parsed.verify(&world.list_signers, Some(&newer), now()).is_err());
        }
        // Written again it says the same.
        if let Ok(again) = list.list().sign(&world.lists.chain, &world.lists.key) {
            let again = SignedTrustList::parse(&again).unwrap().verify(&world.list_signers, None, now()).unwrap();
            assert!(again.list() == list.list() && again.anchors() == list.anchors());
        }
    }
);
