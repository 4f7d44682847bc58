//! Type metadata (SD-JWT VC sections 6 to 9).

use crate::common::{self, World};
use crypto::{sha256, sha384, sha512};
use primitives::base64url::encode_standard;
use sd_jwt_vc::limits::{MAX_TYPE_METADATA_BYTES, MAX_TYPE_METADATA_ENTRIES};
use sd_jwt_vc::type_metadata::{SelectiveDisclosure, TypeMetadata, integrity_matches};
use sd_jwt_vc::{Issuance, TypeMetadataError};
use serde_json::{Value, json};

const VCT: &str = "https://betelgeuse.example.com/education_credential";

/// After the example of the draft's appendix B.2.
fn document() -> Value {
    json!({
        "vct": VCT,
        "name": "Betelgeuse Education Credential - Preliminary Version",
        "extends": "https://galaxy.example.com/galactic-education-credential-0.9",
        "extends#integrity": "sha256-ilOUJsTultOwLfz7QUcFALaRa3BP/jelX1ds04kB9yU=",
        "schema": { "from": "an older draft" },
        "display": [
            {
                "locale": "en-US",
                "name": "Betelgeuse Education Credential",
                "rendering": {
                    "simple": {
                        "logo": { "uri": "https://betelgeuse.example.com/logo.png", "alt_text": "Ministry" },
                        "background_color": "#12107c",
                        "text_color": "#FFFFFF"
                    },
                    "svg_templates": [{ "uri": "https://betelgeuse.example.com/credential.svg" }]
                }
            },
            { "lang": "de-DE", "name": "Betelgeuse-Bildungsnachweis" }
        ],
        "claims": [
            { "path": ["name"], "display": [{ "locale": "en-US", "label": "Name" }], "sd": "always", "mandatory": true },
            { "path": ["degrees", null, "field_of_study"], "display": [{ "lang": "de", "label": "Studienfach" }], "sd": "never" },
            { "path": ["degrees", 0] }
        ]
    })
}

fn parse(document: &Value) -> Result<TypeMetadata, TypeMetadataError> {
    TypeMetadata::parse(document.to_string().as_bytes(), VCT, None)
}

fn with(at: &str, value: Value) -> Value {
    let mut document = document();
    *document.pointer_mut(at).unwrap() = value;
    document
}

// rule: SV-16, SV-19, SV-20, SV-21
#[test]
fn the_drafts_example_is_read() {
    let metadata = parse(&document()).unwrap();
    assert_eq!(
        metadata.extends.as_deref(),
        Some("https://galaxy.example.com/galactic-education-credential-0.9")
    );
    assert!(metadata.extends_integrity.unwrap().starts_with("sha256-ilOU"));
    let locales: Vec<&str> = metadata.display.iter().map(|display| display.locale.as_str()).collect();
    assert_eq!(locales, ["en-US", "de-DE"]);
    let simple = metadata.display[0].rendering.as_ref().unwrap().simple.as_ref().unwrap();
    assert_eq!(simple.background_color.as_deref(), Some("#12107c"));
    assert_eq!(simple.logo.as_ref().unwrap().alt_text.as_deref(), Some("Ministry"));
    assert_eq!(metadata.claims[1].path.to_string(), r#"["degrees",null,"field_of_study"]"#);
    assert_eq!(metadata.claims[1].display[0].label, "Studienfach");
    assert!(metadata.claims[0].mandatory && !metadata.claims[1].mandatory);
    assert_eq!(metadata.claims[0].sd, SelectiveDisclosure::Always);
    assert_eq!(metadata.claims[1].sd, SelectiveDisclosure::Never);
    assert_eq!(metadata.claims[2].sd, SelectiveDisclosure::Allowed);
}

// rule: SV-16
#[test]
fn what_is_no_type_metadata_is_refused() {
    for bytes in
        [&b""[..], b"[]", b"\"vct\"", b"{}", b"{\"vct\":1}", b"{\"vct\":\"a\",\"vct\":\"a\"}", b"\xff"]
    {
        assert_eq!(TypeMetadata::parse(bytes, "a", None), Err(TypeMetadataError::Unreadable), "{bytes:?}");
    }
    assert_eq!(parse(&with("/display", json!({}))), Err(TypeMetadataError::Unreadable));
}

// rule: SV-16
#[test]
fn its_size_and_its_lists_are_bounded() {
    let large = vec![b' '; MAX_TYPE_METADATA_BYTES + 1];
    assert_eq!(TypeMetadata::parse(&large, VCT, None), Err(TypeMetadataError::TooLarge));
    assert_eq!(TypeMetadata::parse(&large[1..], VCT, None), Err(TypeMetadataError::Unreadable));
    let deep = "[".repeat(10_000);
    assert_eq!(TypeMetadata::parse(deep.as_bytes(), VCT, None), Err(TypeMetadataError::TooLarge));
    let claims = |n: usize| json!(vec![json!({ "path": ["a"] }); n]);
    assert!(parse(&with("/claims", claims(MAX_TYPE_METADATA_ENTRIES))).is_ok());
    assert_eq!(
        parse(&with("/claims", claims(MAX_TYPE_METADATA_ENTRIES + 1))),
        Err(TypeMetadataError::TooLarge)
    );
    let displays = json!(vec![json!({ "locale": "ko", "name": "가" }); MAX_TYPE_METADATA_ENTRIES + 1]);
    assert_eq!(parse(&with("/display", displays)), Err(TypeMetadataError::TooLarge));
    let labels = json!(vec![json!({ "locale": "ko", "label": "가" }); MAX_TYPE_METADATA_ENTRIES + 1]);
    assert_eq!(parse(&with("/claims/0/display", labels)), Err(TypeMetadataError::TooLarge));
}

// rule: SV-17
#[test]
fn it_is_about_the_credentials_type() {
    let bytes = document().to_string();
    for vct in [
        "",
        "https://betelgeuse.example.com/education_credentia",
        "HTTPS://betelgeuse.example.com/education_credential",
    ] {
        assert_eq!(
            TypeMetadata::parse(bytes.as_bytes(), vct, None),
            Err(TypeMetadataError::OtherType),
            "{vct}"
        );
    }
}

// rule: SV-18
#[test]
fn its_bytes_are_those_the_issuer_meant() {
    let bytes = document().to_string().into_bytes();
    let integrity = format!("sha256-{}", encode_standard(&sha256(&bytes)));
    assert!(TypeMetadata::parse(&bytes, VCT, Some(&integrity)).is_ok());
    let spaced = [&bytes[..], b" "].concat();
    assert_eq!(TypeMetadata::parse(&spaced, VCT, Some(&integrity)), Err(TypeMetadataError::Integrity));
}

// rule: SV-18
#[test]
fn what_the_issuer_meant_stands_in_the_credential() {
    let world = World::new();
    let mut document = document();
    document["vct"] = common::VCT.into();
    let bytes = document.to_string().into_bytes();
    let integrity = format!("sha256-{}", encode_standard(&sha256(&bytes)));
    let signed = |issuance: Issuance| {
        world.accept(&issuance.sign(&world.issuer_key, &world.chain, &world.entropy).unwrap())
    };
    let paper = signed(world.issuance(json!({})).type_integrity(&integrity));
    assert_eq!(paper.type_integrity(), Some(integrity.as_str()));
    assert!(TypeMetadata::parse(&bytes, paper.vct(), paper.type_integrity()).is_ok());
    let changed = [&bytes[..], b" "].concat();
    let changed = TypeMetadata::parse(&changed, paper.vct(), paper.type_integrity());
    assert_eq!(changed, Err(TypeMetadataError::Integrity));
    assert_eq!(signed(world.issuance(json!({}))).type_integrity(), None);
}

// rule: SV-18
#[test]
fn the_strongest_known_hash_counts_and_none_is_no_match() {
    let sha256 = format!("sha256-{}", encode_standard(&sha256(b"abc")));
    let sha384 = format!("sha384-{}", encode_standard(&sha384(b"abc")));
    let sha512 = format!("sha512-{}", encode_standard(&sha512(b"abc")));
    for good in [
        sha256.clone(),
        sha384.clone(),
        sha512.clone(),
        format!(" {sha256}\t"),
        format!("{sha256}?option"),
        format!("sha256-AAAA {sha256}"),
        format!("sha256-AAAA {sha384}"),
        format!("{sha512} sha256-AAAA sha384-AAAA"),
        format!("sha1-AAAA {sha256}"),
    ] {
        assert!(integrity_matches(&good, b"abc"), "{good}");
        assert!(!integrity_matches(&good, b"abd"), "{good}");
    }
    for bad in [
        String::new(),
        "sha256-".to_owned(),
        "sha256".to_owned(),
        "md5-kAFQmDzST7DWlj99KOF/cg==".to_owned(),
        format!("{sha256} sha512-AAAA"),
        sha256.replace("sha256", "sha384"),
        sha256.trim_end_matches('=').to_owned(),
        sha256.to_uppercase(),
    ] {
        assert!(!integrity_matches(&bad, b"abc"), "{bad}");
    }
}

// rule: SV-19
#[test]
fn each_display_has_language_and_words() {
    for at in [json!([{ "name": "a" }]), json!([{ "locale": "ko" }]), json!([{ "locale": 1, "name": "a" }])] {
        assert_eq!(parse(&with("/display", at)), Err(TypeMetadataError::Unreadable));
    }
    for at in [json!([{ "label": "a" }]), json!([{ "locale": "ko" }])] {
        assert_eq!(parse(&with("/claims/0/display", at)), Err(TypeMetadataError::Unreadable));
    }
}

// rule: SV-20
#[test]
fn a_claim_has_a_path_and_known_words() {
    for (at, value) in [
        ("/claims/0/path", json!([])),
        ("/claims/0/path", json!("name")),
        ("/claims/0/path", json!([-1])),
        ("/claims/0/path", json!([1.5])),
        ("/claims/0/path", json!([true])),
        ("/claims/0/sd", json!("sometimes")),
        ("/claims/0/sd", json!("Always")),
        ("/claims/0/mandatory", json!("true")),
    ] {
        assert_eq!(parse(&with(at, value.clone())), Err(TypeMetadataError::Unreadable), "{at} {value}");
    }
}
