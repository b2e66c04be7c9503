use std::fmt;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

/// Bits of an IPv6 address that one customer cannot choose.
const CUSTOMER: u8 = 56;
/// Bits of an IPv6 address that one site cannot choose.
const SITE: u8 = 48;

/// How many times as much as one caller all those within a wider network have together.
pub(super) const WIDER: usize = 4;

/// Whose an address is, as far as it tells: with IPv4 it is one customer's, with IPv6 its first 56 bits are.
///
/// RFC 6177 and RIPE's best current practice (BCOP 690) have providers give a home a network of 56 bits and a business one
/// of 48. So who has 64 bits fixed has 256 such networks for nothing, and who has a network of 48 bits has 256 of 56: what
/// is [around](Within::within) a customer is counted as well.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Network {
    first: IpAddr,
    bits: u8,
}

impl Network {
    /// Of whom nothing is known: all of them count as one.
    pub const UNKNOWN: Self = Self { first: IpAddr::V4(Ipv4Addr::UNSPECIFIED), bits: 32 };

    /// The customer at an address. An IPv4 address that is written as one of IPv6 is one of IPv4.
    pub fn of(address: IpAddr) -> Self {
        match address.to_canonical() {
            address @ IpAddr::V4(_) => Self { first: address, bits: 32 },
            IpAddr::V6(address) => Self::cut(address, CUSTOMER),
        }
    }

    fn cut(address: Ipv6Addr, bits: u8) -> Self {
        let fixed = u128::MAX << (128 - bits);
        Self { first: Ipv6Addr::from_bits(address.to_bits() & fixed).into(), bits }
    }

    /// Its first address, which leads back to it.
    pub fn first(&self) -> IpAddr {
        self.first
    }
}

impl fmt::Debug for Network {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}/{}", self.first, self.bits)
    }
}

/// A caller who may be one of many of somebody's.
pub trait Within: Sized {
    /// What the caller is in, which as a whole has four times as much as one caller.
    fn within(&self) -> Option<Self>;
}

impl Within for Network {
    fn within(&self) -> Option<Self> {
        match self.first {
            IpAddr::V6(first) if self.bits > SITE => Some(Self::cut(first, SITE)),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn network(address: &str) -> Network {
        Network::of(address.parse().unwrap())
    }

    #[test]
    fn an_ipv6_address_is_its_customers_and_that_one_a_sites() {
        let customer = network("2001:db8:1:2:3:4:5:6");
        assert_eq!(format!("{customer:?}"), "2001:db8:1::/56");
        assert_eq!(network("2001:db8:1:ff::1"), customer);
        assert_ne!(network("2001:db8:1:100::1"), customer);
        let site = customer.within().unwrap();
        assert_eq!(format!("{site:?}"), "2001:db8:1::/48");
        assert_eq!(network("2001:db8:1:100::1").within(), Some(site));
        assert_ne!(network("2001:db8:2::1").within(), Some(site));
        assert_eq!(site.within(), None);
        assert_eq!(Network::of(customer.first()), customer);
    }

    #[test]
    fn an_ipv4_address_is_one_customers_however_it_is_written() {
        assert_eq!(network("::ffff:192.0.2.1"), network("192.0.2.1"));
        assert_ne!(network("192.0.2.2"), network("192.0.2.1"));
        assert_eq!(network("192.0.2.1").within(), None);
        assert_eq!(Network::UNKNOWN, network("0.0.0.0"));
    }
}
