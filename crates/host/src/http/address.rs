//! Which addresses may be connected to (design, "Network"). Pure.

use std::collections::BTreeSet;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use url::{Host, Url};

/// Which ports a loopback rule covers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum PortSet {
    /// Every port (a developer's profile).
    Any,
    /// These and no other (the demo government's own).
    These(BTreeSet<u16>),
}

impl PortSet {
    fn contains(&self, port: u16) -> bool {
        match self {
            Self::Any => true,
            Self::These(ports) => ports.contains(&port),
        }
    }
}

/// What is allowed on loopback.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LoopbackRule {
    /// Nothing.
    Refused,
    /// These hosts at these ports.
    Allowed {
        /// Host names, each with everything below it: `localhost` covers `gov24.localhost`; `127.0.0.1` and `::1` are hosts
        /// of their own. Names outside `localhost` never lead to loopback, whatever they resolve to.
        host_suffixes: BTreeSet<String>,
        /// The ports.
        ports: PortSet,
        /// Whether plain http is allowed there.
        plain_http: bool,
    },
}

/// Which addresses a profile allows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AddressPolicy {
    /// What is allowed on loopback.
    pub loopback: LoopbackRule,
}

impl AddressPolicy {
    /// The public internet over https and nothing else.
    #[must_use]
    pub fn public_only() -> Self {
        Self { loopback: LoopbackRule::Refused }
    }

    /// The public internet, and `localhost`, what is below it, and the loopback addresses, at these ports.
    #[must_use]
    pub fn with_loopback(ports: PortSet, plain_http: bool) -> Self {
        let host_suffixes = ["localhost", "127.0.0.1", "::1"].map(str::to_owned).into();
        Self { loopback: LoopbackRule::Allowed { host_suffixes, ports, plain_http } }
    }

    /// Whether a request to this URL may begin: scheme, host, port, and the address if the host is one. A name's addresses are
    /// checked when it is resolved.
    #[must_use]
    pub fn permits(&self, url: &Url) -> bool {
        let Some(host) = url.host() else { return false };
        let plain = match url.scheme() {
            "https" => false,
            "http" => true,
            _ => return false,
        };
        if !url.username().is_empty() || url.password().is_some() {
            return false;
        }
        let Some(port) = url.port_or_known_default() else { return false };
        if is_loopback_host(&host) {
            return match &self.loopback {
                LoopbackRule::Refused => false,
                LoopbackRule::Allowed { host_suffixes, ports, plain_http } => {
                    (!plain || *plain_http) && ports.contains(port) && covers(host_suffixes, &host)
                }
            };
        }
        let address = match host {
            Host::Ipv4(address) => Some(IpAddr::V4(address)),
            Host::Ipv6(address) => Some(IpAddr::V6(address)),
            Host::Domain(_) => None,
        };
        !plain && address.is_none_or(is_public)
    }

    /// Whether a party at `party` may name `named` (an endpoint, a `request_uri`, a `response_uri`): only one that is itself on
    /// loopback may name loopback. Links that the person opened have no party.
    #[must_use]
    pub fn may_name(&self, party: Option<&Url>, named: &Url) -> bool {
        let loopback = |url: &Url| url.host().is_some_and(|host| is_loopback_host(&host));
        self.permits(named) && (!loopback(named) || party.is_none_or(loopback))
    }
}

/// Whether the host is loopback by name or address: `localhost`, what is below it (RFC 6761 section 6.3), 127.0.0.0/8, `::1`.
#[must_use]
pub fn is_loopback_host<S: AsRef<str>>(host: &Host<S>) -> bool {
    match host {
        Host::Domain(name) => is_localhost_name(name.as_ref()),
        Host::Ipv4(address) => address.is_loopback(),
        Host::Ipv6(address) => {
            address.is_loopback() || address.to_ipv4_mapped().is_some_and(|mapped| mapped.is_loopback())
        }
    }
}

/// Whether the name is `localhost` or below it. Trailing dots make no difference: more than one is no name, but a resolver may be lenient.
pub(super) fn is_localhost_name(name: &str) -> bool {
    let name = name.trim_end_matches('.');
    let top = name.rsplit('.').next().unwrap_or(name);
    top.eq_ignore_ascii_case("localhost")
}

fn covers(suffixes: &BTreeSet<String>, host: &Host<&str>) -> bool {
    let name = match host {
        Host::Domain(name) => name.strip_suffix('.').unwrap_or(name).to_ascii_lowercase(),
        Host::Ipv4(address) => address.to_string(),
        Host::Ipv6(address) => address.to_string(),
    };
    suffixes.iter().any(|suffix| {
        name.strip_suffix(suffix.as_str())
            .is_some_and(|rest| rest.is_empty() || (rest.ends_with('.') && matches!(host, Host::Domain(_))))
    })
}

/// Whether an address is on the public internet: not loopback, private (RFC 1918), shared (RFC 6598), link-local, unique local
/// (RFC 4193), multicast, unspecified, broadcast, documentation, benchmarking or reserved. IPv6 that carries an IPv4 address
/// (mapped, compatible, NAT64, 6to4, Teredo) is what that address is, or refused.
#[must_use]
pub fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(address) => is_public_v4(address),
        IpAddr::V6(address) => is_public_v6(address),
    }
}

fn is_public_v4(address: Ipv4Addr) -> bool {
    let [a, b, c, _] = address.octets();
    !(address.is_loopback()
        || address.is_private()
        || address.is_link_local()
        || address.is_multicast()
        || address.is_broadcast()
        || address.is_documentation()
        || a == 0
        || a >= 240
        // RFC 6598: 100.64.0.0/10.
        || (a == 100 && (64..128).contains(&b))
        // RFC 6890: 192.0.0.0/24; RFC 7526: 192.88.99.0/24.
        || (a == 192 && b == 0 && c == 0)
        || (a == 192 && b == 88 && c == 99)
        // RFC 2544: 198.18.0.0/15.
        || (a == 198 && (b == 18 || b == 19)))
}

fn is_public_v6(address: Ipv6Addr) -> bool {
    if let Some(mapped) = address.to_ipv4_mapped() {
        return is_public_v4(mapped);
    }
    let [first, second, third, fourth, fifth, sixth, high, low] = address.segments();
    // RFC 6052: 64:ff9b::/96 carries an IPv4 address.
    if (first, second, third, fourth, fifth, sixth) == (0x64, 0xff9b, 0, 0, 0, 0) {
        let ([a, b], [c, d]) = (high.to_be_bytes(), low.to_be_bytes());
        return is_public_v4(Ipv4Addr::new(a, b, c, d));
    }
    // Only 2000::/3 is given out; without Teredo and the rest of 2001::/23, documentation, 6to4.
    let global = (0x2000..0x4000).contains(&first);
    let special = match first {
        0x2001 => second < 0x200 || second == 0xdb8,
        0x2002 => true,
        0x3fff => second < 0x1000,
        _ => false,
    };
    global && !special
}

#[cfg(test)]
#[path = "address_tests.rs"]
mod tests;
