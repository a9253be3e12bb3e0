//! Resolves the host names of outbound connections.

use std::{
    collections::BTreeMap,
    net::{IpAddr, Ipv6Addr, SocketAddr},
};

use super::connector::ConnectError;

/// Resolves names as the system does, except for those that a test overrides.
#[derive(Clone, Debug, Default)]
pub(crate) struct Resolver {
    pub(crate) names: BTreeMap<String, IpAddr>,
    /// Like Spin's `block_networks = ["private"]`.
    pub(crate) blocks_private: bool,
}

impl Resolver {
    /// Returns the addresses of a host that may be connected to.
    pub(super) async fn resolve(
        &self,
        host: &str,
        port: u16,
    ) -> Result<Vec<SocketAddr>, ConnectError> {
        let mut addresses: Vec<SocketAddr> = match self.names.get(host) {
            Some(address) => vec![(*address, port).into()],
            None => tokio::net::lookup_host((host, port))
                .await
                .map_err(|_| ConnectError::Dns)?
                .collect(),
        };
        if self.blocks_private {
            addresses.retain(|address| !is_private(address.ip()));
            if addresses.is_empty() {
                tracing::error!("{host} has only addresses in private networks, which are blocked");
                return Err(ConnectError::Blocked);
            }
        }
        Ok(addresses)
    }
}

/// Returns whether an address is not a public address of the Internet.
pub(super) fn is_private(address: IpAddr) -> bool {
    match address.to_canonical() {
        IpAddr::V4(address) => {
            let [first, second, ..] = address.octets();
            address.is_private()
                || address.is_loopback()
                || address.is_link_local()
                || address.is_unspecified()
                || address.is_broadcast()
                || address.is_documentation()
                || (first == 100 && second & 0xc0 == 64)
        }
        IpAddr::V6(address) => is_private_v6(address),
    }
}

fn is_private_v6(address: Ipv6Addr) -> bool {
    address.is_loopback()
        || address.is_unspecified()
        || address.is_unique_local()
        || address.is_unicast_link_local()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn is_private_knows_the_private_networks() {
        for (address, private) in [
            ("127.0.0.1", true),
            ("10.1.2.3", true),
            ("172.16.0.1", true),
            ("192.168.1.1", true),
            ("169.254.169.254", true),
            ("100.64.0.1", true),
            ("0.0.0.0", true),
            ("1.1.1.1", false),
            ("100.128.0.1", false),
            ("::1", true),
            ("::ffff:127.0.0.1", true),
            ("fe80::1", true),
            ("fd00::1", true),
            ("2606:4700:4700::1111", false),
        ] {
            assert_eq!(is_private(address.parse().unwrap()), private, "{address}");
        }
    }

    #[tokio::test]
    async fn resolve_of_overridden_name_respects_blocked_networks() {
        let resolver = |blocks_private| Resolver {
            names: [("api.example.no".to_owned(), [127, 0, 0, 1].into())].into(),
            blocks_private,
        };
        let found = resolver(false).resolve("api.example.no", 80).await.unwrap();
        assert_eq!(found, ["127.0.0.1:80".parse().unwrap()]);
        let refused = resolver(true).resolve("api.example.no", 80).await;
        assert!(matches!(refused, Err(ConnectError::Blocked)), "{refused:?}");
    }
}
