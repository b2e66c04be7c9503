use std::collections::HashSet;
use std::net::{IpAddr, Ipv6Addr, SocketAddr};

use http::HeaderMap;

/// Whose word on who calls is taken.
#[derive(Debug, Clone)]
pub struct Proxies(HashSet<IpAddr>);

impl Proxies {
    /// Those at these addresses.
    pub fn new(addresses: &[IpAddr]) -> Self {
        Self(addresses.iter().map(IpAddr::to_canonical).collect())
    }

    /// Who calls: the peer, or whom the last proxy that is trusted names. What stands before that was written by
    /// somebody who is not trusted. Of IPv6 it is the network of 64 bits, which is what one customer gets.
    pub fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> IpAddr {
        let mut client = peer.map_or(IpAddr::V6(Ipv6Addr::UNSPECIFIED), |peer| peer.to_canonical());
        let named: Vec<_> = headers.get_all("x-forwarded-for").iter().map(|value| value.to_str()).collect();
        for value in named.into_iter().rev() {
            // Behind what cannot be read is what somebody wrote who is not trusted.
            let Ok(value) = value else { return network(client) };
            for text in value.rsplit(',') {
                match address(text.trim()) {
                    Some(address) if self.0.contains(&client) => client = address.to_canonical(),
                    _ => return network(client),
                }
            }
        }
        network(client)
    }
}

/// An address as proxies write it: with a port or without.
fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()))
}

/// What one customer gets of a provider: an address, or with IPv6 a network of 64 bits.
fn network(address: IpAddr) -> IpAddr {
    match address {
        IpAddr::V4(_) => address,
        IpAddr::V6(address) => {
            let segments = address.segments();
            Ipv6Addr::new(segments[0], segments[1], segments[2], segments[3], 0, 0, 0, 0).into()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn client(proxies: &[&str], peer: &str, forwarded: Option<&str>) -> String {
        let proxies: Vec<IpAddr> = proxies.iter().map(|address| address.parse().unwrap()).collect();
        let mut headers = HeaderMap::new();
        if let Some(forwarded) = forwarded {
            headers.insert("x-forwarded-for", forwarded.parse().unwrap());
        }
        Proxies::new(&proxies).client(Some(peer.parse().unwrap()), &headers).to_string()
    }

    #[test]
    fn only_a_trusted_proxy_names_who_calls() {
        assert_eq!(client(&[], "192.0.2.1", Some("198.51.100.7")), "192.0.2.1");
        assert_eq!(client(&["192.0.2.1"], "192.0.2.1", Some("198.51.100.7")), "198.51.100.7");
        assert_eq!(client(&["192.0.2.1"], "192.0.2.1", Some("10.0.0.1, 198.51.100.7")), "198.51.100.7");
        assert_eq!(client(&["192.0.2.1", "10.0.0.1"], "192.0.2.1", Some("203.0.113.9, 10.0.0.1")), "203.0.113.9");
        assert_eq!(client(&["192.0.2.1"], "::ffff:192.0.2.1", Some("x, 198.51.100.7")), "198.51.100.7");
    }

    #[test]
    fn what_a_proxy_writes_is_read_or_nothing_before_it_is() {
        let seen = |forwarded| client(&["192.0.2.1"], "192.0.2.1", Some(forwarded));
        assert_eq!(seen("10.0.0.1, 198.51.100.7:4711"), "198.51.100.7");
        assert_eq!(seen("10.0.0.1, [2001:db8:1:2:3:4:5:6]:4711"), "2001:db8:1:2::");
        assert_eq!(seen("10.0.0.1, [2001:db8:1:2:3:4:5:6]"), "2001:db8:1:2::");
        // The client wrote the first one.
        for unknown in ["10.0.0.1, unknown", "10.0.0.1, ", "10.0.0.1, 198.51.100.7:x", "10.0.0.1, \u{e9}"] {
            assert_eq!(seen(unknown), "192.0.2.1", "{unknown}");
        }
    }

    #[test]
    fn ipv6_counts_by_network() {
        assert_eq!(client(&[], "2001:db8:1:2:3:4:5:6", None), "2001:db8:1:2::");
    }
}
