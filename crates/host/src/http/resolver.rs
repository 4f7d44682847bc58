//! Names to addresses, each checked: reqwest connects to exactly what is returned here, so a name that is rebound between a
//! check and a connection gains nothing.

use std::net::{IpAddr, Ipv4Addr, SocketAddr};
use std::sync::Arc;

use reqwest::dns::{Addrs, Name, Resolve, Resolving};

use super::address::{AddressPolicy, LoopbackRule, is_localhost_name, is_public};

/// Most addresses of one name that are looked at, a count.
const MAX_ADDRESSES: usize = 32;

/// Every address of the name is refused.
#[derive(Debug, thiserror::Error)]
#[error("no address of this host is allowed")]
pub(super) struct AddressesRefused;

/// The resolver under a policy.
pub(super) struct Resolver {
    policy: Arc<AddressPolicy>,
}

impl Resolver {
    pub(super) fn new(policy: Arc<AddressPolicy>) -> Self {
        Self { policy }
    }
}

impl Resolve for Resolver {
    fn resolve(&self, name: Name) -> Resolving {
        let policy = Arc::clone(&self.policy);
        Box::pin(async move {
            let name = name.as_str();
            if is_localhost_name(name) {
                // Resolved by ourselves (RFC 6761 section 6.3): no hosts file and no resolver has a say. Host and port were
                // checked with the URL.
                return match policy.loopback {
                    LoopbackRule::Refused => Err(AddressesRefused.into()),
                    LoopbackRule::Allowed { .. } => {
                        Ok(Box::new(std::iter::once(SocketAddr::from((Ipv4Addr::LOCALHOST, 0)))) as Addrs)
                    }
                };
            }
            let found = tokio::net::lookup_host((name, 0)).await?;
            Ok(Box::new(public_only(found.map(|address| address.ip()))?.into_iter()) as Addrs)
        })
    }
}

/// The public addresses; one that is not public refuses them all, since an honest name has none.
fn public_only(found: impl Iterator<Item = IpAddr>) -> Result<Vec<SocketAddr>, AddressesRefused> {
    let addresses: Vec<IpAddr> = found.take(MAX_ADDRESSES).collect();
    if addresses.is_empty() || !addresses.iter().all(|address| is_public(*address)) {
        return Err(AddressesRefused);
    }
    Ok(addresses.into_iter().map(|address| SocketAddr::new(address, 0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_address_that_is_not_public_refuses_the_name() {
        let public: IpAddr = "93.184.216.34".parse().unwrap();
        let private: IpAddr = "10.0.0.1".parse().unwrap();
        assert!(public_only([public].into_iter()).is_ok());
        assert!(public_only([public, private].into_iter()).is_err());
        assert!(public_only(std::iter::empty()).is_err());
    }
}
