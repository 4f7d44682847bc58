use super::*;

fn url(text: &str) -> Url {
    Url::parse(text).unwrap()
}

fn demo() -> AddressPolicy {
    AddressPolicy::with_loopback(PortSet::These([8443, 8080].into()), true)
}

#[test]
fn addresses_that_are_not_public_are_told() {
    let refused = [
        "0.0.0.0",
        "0.1.2.3",
        "10.0.0.1",
        "100.64.0.1",
        "100.127.255.255",
        "127.0.0.1",
        "169.254.169.254",
        "172.16.0.1",
        "172.31.255.255",
        "192.0.0.1",
        "192.0.2.1",
        "192.88.99.1",
        "192.168.1.1",
        "198.18.0.1",
        "198.19.255.255",
        "198.51.100.1",
        "203.0.113.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.0.0.1",
        "::ffff:127.0.0.1",
        "::10.0.0.1",
        "64:ff9b::a00:1",
        "64:ff9b:1::1",
        "fc00::1",
        "fd12::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
        "2001:db8::1",
        "2001::1",
        "2002:a00:1::",
        "3fff::1",
        "4000::1",
    ];
    for address in refused {
        assert!(!is_public(address.parse().unwrap()), "{address}");
    }
    let allowed = [
        "93.184.216.34",
        "100.63.255.255",
        "100.128.0.1",
        "172.15.0.1",
        "172.32.0.1",
        "192.0.1.1",
        "198.17.0.1",
        "223.255.255.255",
        "::ffff:93.184.216.34",
        "64:ff9b::5db8:d822",
        "2606:2800:220:1::1",
        "2001:4860:4860::8888",
    ];
    for address in allowed {
        assert!(is_public(address.parse().unwrap()), "{address}");
    }
}

#[test]
fn without_a_loopback_rule_only_public_https_is_permitted() {
    let policy = AddressPolicy::public_only();
    assert!(policy.permits(&url("https://issuer.example/x")));
    assert!(policy.permits(&url("https://93.184.216.34/")));
    for refused in [
        "http://issuer.example/",
        "https://user@issuer.example/",
        "https://user:pw@issuer.example/",
        "ftp://issuer.example/",
        "file:///etc/passwd",
        "data:text/plain,x",
        "https://localhost/",
        "https://a.localhost/",
        "https://a.localhost./",
        "https://a.localhost../",
        "https://127.0.0.1/",
        "https://127.1/",
        "https://2130706433/",
        "https://0x7f000001/",
        "https://[::1]/",
        "https://[::ffff:127.0.0.1]/",
        "https://10.0.0.1/",
        "https://192.168.0.1/",
        "https://169.254.169.254/",
        "https://[fe80::1]/",
        "https://0.0.0.0/",
    ] {
        assert!(!policy.permits(&url(refused)), "{refused}");
    }
}

#[test]
fn loopback_is_permitted_at_the_named_ports_only() {
    let policy = demo();
    for allowed in [
        "https://gov24.localhost:8443/",
        "http://127.0.0.1:8080/",
        "https://localhost:8443/",
        "http://[::1]:8080/",
        "https://GOV24.localhost.:8443/",
    ] {
        assert!(policy.permits(&url(allowed)), "{allowed}");
    }
    for refused in [
        "https://gov24.localhost:8444/",
        "https://gov24.localhost/",
        "http://127.0.0.1:631/",
        "http://127.0.0.2:8080/",
        "https://10.0.0.1:8443/",
        "http://issuer.example:8080/",
        "https://user@gov24.localhost:8443/",
    ] {
        assert!(!policy.permits(&url(refused)), "{refused}");
    }
    let tls_only = AddressPolicy::with_loopback(PortSet::Any, false);
    assert!(tls_only.permits(&url("https://a.localhost:1234/")));
    assert!(!tls_only.permits(&url("http://a.localhost:1234/")));
}

#[test]
fn a_suffix_covers_whole_labels_only() {
    let host_suffixes = ["gov24.localhost".to_owned()].into();
    let policy = AddressPolicy {
        loopback: LoopbackRule::Allowed { host_suffixes, ports: PortSet::Any, plain_http: false },
    };
    assert!(policy.permits(&url("https://gov24.localhost/")));
    assert!(policy.permits(&url("https://api.gov24.localhost/")));
    assert!(!policy.permits(&url("https://evilgov24.localhost/")));
    assert!(!policy.permits(&url("https://localhost/")));
}

#[test]
fn only_a_party_on_loopback_may_name_loopback() {
    let policy = demo();
    let local = url("https://gov24.localhost:8443/token");
    assert!(policy.may_name(None, &local));
    assert!(policy.may_name(Some(&url("http://127.0.0.1:8080/")), &local));
    assert!(!policy.may_name(Some(&url("https://issuer.example/")), &local));
    assert!(policy.may_name(Some(&url("https://issuer.example/")), &url("https://as.issuer.example/")));
}
