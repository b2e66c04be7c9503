use std::collections::HashSet;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use http::HeaderMap;

use super::Network;

/// Those whose word on who calls is taken. Cheap to clone.
#[derive(Debug, Clone, Default)]
pub struct Proxies(Arc<HashSet<IpAddr>>);

impl Proxies {
    /// Those at these addresses.
    pub fn new(addresses: &[IpAddr]) -> Self {
        Self(Arc::new(addresses.iter().map(IpAddr::to_canonical).collect()))
    }

    /// Whether it is one of them, who speaks for many.
    pub fn contains(&self, peer: IpAddr) -> bool {
        self.0.contains(&peer.to_canonical())
    }

    /// Who calls: the peer, or whom the last proxy that is trusted names. What stands before that was written by
    /// somebody who is not trusted.
    pub fn client(&self, peer: Option<IpAddr>, headers: &HeaderMap) -> Network {
        let Some(peer) = peer else { return Network::UNKNOWN };
        let mut client = peer.to_canonical();
        let named: Vec<_> = headers.get_all("x-forwarded-for").iter().map(|value| value.to_str()).collect();
        for value in named.into_iter().rev() {
            // Behind what cannot be read is what somebody wrote who is not trusted.
            let Ok(value) = value else { return Network::of(client) };
            for text in value.rsplit(',') {
                match address(text.trim()) {
                    Some(address) if self.0.contains(&client) => client = address.to_canonical(),
                    _ => return Network::of(client),
                }
            }
        }
        Network::of(client)
    }
}

/// An address as proxies write it: with a port or without.
pub(super) fn address(text: &str) -> Option<IpAddr> {
    let bare = text.strip_prefix('[').and_then(|text| text.strip_suffix(']')).unwrap_or(text);
    bare.parse().ok().or_else(|| text.parse().ok().map(|address: SocketAddr| address.ip()))
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
        Proxies::new(&proxies).client(Some(peer.parse().unwrap()), &headers).first().to_string()
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
        assert_eq!(seen("10.0.0.1, [2001:db8:1:2:3:4:5:6]:4711"), "2001:db8:1::");
        assert_eq!(seen("10.0.0.1, [2001:db8:1:2:3:4:5:6]"), "2001:db8:1::");
        // The client wrote the first one.
        for unknown in ["10.0.0.1, unknown", "10.0.0.1, ", "10.0.0.1, 198.51.100.7:x", "10.0.0.1, \u{e9}"] {
            assert_eq!(seen(unknown), "192.0.2.1", "{unknown}");
        }
    }

    #[test]
    fn who_is_not_known_is_one_caller() {
        let proxies = Proxies::new(&["192.0.2.1".parse().unwrap()]);
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "198.51.100.7".parse().unwrap());
        assert_eq!(proxies.client(None, &headers), Network::UNKNOWN);
        assert!(
            proxies.contains("::ffff:192.0.2.1".parse().unwrap()) && !proxies.contains("192.0.2.2".parse().unwrap())
        );
    }
}
