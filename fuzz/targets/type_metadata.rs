//! Type metadata of an SD-JWT VC, and the integrity of what it names.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use sd_jwt_vc::type_metadata::{TypeMetadata, integrity_matches};

fuzz_target!(
    init: plant(|| {
        let mut seeds = vector_files(&["metadata", "sd-jwt"]);
        seeds.push(br##"{"vct":"urn:fuzz:Card:1","name":"Card","description":"x","extends":"urn:fuzz:Base:1","extends#integrity":"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU=","display":[{"locale":"ko","name":"n","rendering":{"simple":{"logo":{"uri":"https://x.example/l.png","uri#integrity":"sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU="},"background_color":"#fff"}}}],"claims":[{"path":["a",null,0],"display":[{"locale":"en","label":"A"}],"sd":"always","mandatory":true}]}"##.to_vec());
        seeds
    }),
    |data: &[u8]| {
        if let Ok(metadata) = TypeMetadata::parse(data, "urn:fuzz:Card:1", None) {
            assert_eq!(metadata.vct, "urn:fuzz:Card:1");
        }
        if let Some(text) = text(data)
            && integrity_matches(text, b"citizen")
        {
            assert!(text.contains("sha"));
        }
    }
);
