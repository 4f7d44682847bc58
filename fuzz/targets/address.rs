//! Which addresses may be called: never a private one, whatever it is written like.
#![no_main]
use citizen_wallet_fuzz::*;
use libfuzzer_sys::fuzz_target;
use url::{Host, Url};

#[path = "../../crates/host/src/http/address.rs"]
#[allow(dead_code)]
mod address;

fuzz_target!(
    init: plant(|| {
        ["https://example.com/a?b#c", "https://127.0.0.1/", "https://[::ffff:10.0.0.1]/", "http://localhost:8080/", "https://a.localhost./",
            "https://0x7f.1/", "https://2130706433/", "https://user:pw@example.com", "https://169.254.169.254/", "https://100.64.0.1", "https://[fe80::1]/"]
            .into_iter()
            .map(|seed| seed.as_bytes().to_vec())
            .collect()
    }),
    |data: &[u8]| {
        let Some(url) = text(data).and_then(|text| Url::parse(text).ok()) else { return };
        let policy = address::AddressPolicy::public_only();
        if policy.permits(&url) {
            assert_eq!(url.scheme(), "https");
            assert!(url.username().is_empty() && url.password().is_none());
            match url.host().unwrap() {
                Host::Ipv4(ip) => assert!(!ip.is_private() && !ip.is_loopback() && !ip.is_link_local() && !ip.is_unspecified()),
                Host::Ipv6(ip) => {
                    assert!(!ip.is_loopback() && !ip.is_unspecified() && !ip.is_unique_local() && !ip.is_unicast_link_local());
                    assert!(ip.to_ipv4_mapped().is_none_or(|ip| !ip.is_private() && !ip.is_loopback()));
                }
                Host::Domain(name) => assert!(!name.trim_end_matches('.').ends_with("localhost") || name.trim_end_matches('.').len() > "localhost".len() && !name.trim_end_matches('.').ends_with(".localhost")),
            }
            assert!(policy.may_name(None, &url));
        }
        let local = address::AddressPolicy::with_loopback(address::PortSet::Any, true);
        let public = Url::parse("https://example.com").unwrap();
        if local.may_name(Some(&public), &url) {
            assert!(policy.permits(&url));
        }
    }
);
