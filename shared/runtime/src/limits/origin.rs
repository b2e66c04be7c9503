use allmende_kernel::SubjectId;
use http::HeaderMap;
use tonic::metadata::MetadataMap;

use super::{Network, Within};

/// The header in which proxies name who calls, and this process whom it asks for.
pub(super) const FORWARDED: &str = "x-forwarded-for";

/// Whom a call counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// This process, which asks for nobody else.
    Own,
    /// Who shows a token.
    Person(SubjectId),
    /// Who calls from there.
    Address(Network),
}

impl Origin {
    /// Tells a service of this process, over [`crate::serve::inside`], for whom it is asked. Nobody else is believed who
    /// says so, trusted proxies apart.
    pub fn tell(self, metadata: &mut MetadataMap) {
        if let Self::Address(network) = self
            && let Ok(address) = network.first().to_string().parse()
        {
            metadata.insert(FORWARDED, address);
        }
    }

    /// Whom this process asks for, as it [told](Self::tell).
    pub(super) fn told(headers: &HeaderMap) -> Option<Self> {
        let address = headers.get(FORWARDED)?.to_str().ok()?.parse().ok()?;
        Some(Self::Address(Network::of(address)))
    }
}

impl Within for Origin {
    fn within(&self) -> Option<Self> {
        match self {
            Self::Address(network) => network.within().map(Self::Address),
            Self::Own | Self::Person(_) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_told_of_an_address_is_understood() {
        for address in ["192.0.2.1", "2001:db8:1:2::3"] {
            let origin = Origin::Address(Network::of(address.parse().unwrap()));
            let mut metadata = MetadataMap::new();
            origin.tell(&mut metadata);
            assert_eq!(Origin::told(&metadata.into_headers()), Some(origin));
        }
        let mut nobody = MetadataMap::new();
        Origin::Own.tell(&mut nobody);
        assert_eq!(Origin::told(&nobody.into_headers()), None);
    }
}
