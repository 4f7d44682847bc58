//! A credential offer, as a link of any scheme or as JSON: written and read again.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use openid4vci::offer::{CredentialOffer, OfferSource};

fuzz_target!(
    init: plant(|| {
        let mut seeds = vector_files(&["openid4vci/examples"]);
        seeds.push(br#"{"credential_issuer":"https://i.example/a","credential_configuration_ids":["a","b"],"grants":{"urn:ietf:params:oauth:grant-type:pre-authorized_code":{"pre-authorized_code":"c","tx_code":{"length":4,"input_mode":"text","description":"d"},"authorization_server":"https://as.example"},"authorization_code":{"issuer_state":"s"}}}"#.to_vec());
        seeds.push(b"openid-credential-offer://?credential_offer_uri=https%3A%2F%2Fi.example%2Fo%2F1".to_vec());
        seeds.push(b"openid-credential-offer://?credential_offer=%7B%22credential_issuer%22%3A%22https%3A%2F%2Fi.example%22%2C%22credential_configuration_ids%22%3A%5B%22a%2Bb%22%5D%7D".to_vec());
        seeds
    }),
    |data: &[u8]| {
        let offers = [
            CredentialOffer::from_json(data).ok(),
            text(data).and_then(|text| match OfferSource::parse(text).ok()? {
                OfferSource::ByValue(offer) => Some(offer),
                OfferSource::ByReference(fetch) => {
                    assert_eq!(fetch.url().scheme(), "https");
                    assert!(fetch.url().username().is_empty() && fetch.request().body.is_empty());
                    None
                }
            }),
        ];
        for offer in offers.iter().flatten() {
            assert!(offer.issuer().as_str().to_ascii_lowercase().starts_with("https:"));
            let written = offer.to_json().to_string();
            assert!(CredentialOffer::from_json(written.as_bytes()).unwrap() == *offer);
            let link = offer.link("openid-credential-offer");
            if link.len() <= openid4vci::wire::OFFER_MAX_BYTES {
                assert!(matches!(OfferSource::parse(&link).unwrap(), OfferSource::ByValue(again) if again == *offer));
            }
        }
    }
);
