//! How a member shows another one that it is one, and for whom it sends a call on.

use std::sync::Arc;

use allmende_kernel::{Clock, Duration, Timestamp};
use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use hmac::{Hmac, KeyInit as _, Mac as _};
use http::{HeaderMap, HeaderName};
use sha2::Sha256;

use crate::installation::Installation;
use crate::limits::{Network, Origin};

/// `seconds.origin.mac`: when it was sent, for whom, and an HMAC-SHA-256 over both and the rpc's path under a key that is
/// derived from the installation's.
pub(crate) const MEMBER: HeaderName = HeaderName::from_static("allmende-member");
/// How long it counts, and how far the members' clocks may be apart.
const COUNTS_FOR: Duration = Duration::from_secs(60);

pub(crate) struct Proof {
    key: [u8; 32],
    clock: Arc<dyn Clock>,
}

/// For whom another member sends a call on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum SentFor {
    /// For itself: a page, or a report.
    Own,
    /// For who shows the token that comes with it.
    Person,
    /// For a visitor from this network.
    Address(Network),
}

impl Proof {
    pub(crate) fn new(installation: &Installation, clock: Arc<dyn Clock>) -> Self {
        Self { key: installation.keyed_hash("members", &[]), clock }
    }

    /// The one of a call that is sent on for `origin`.
    pub(crate) fn of(&self, path: &str, origin: Origin) -> String {
        let origin = match origin {
            Origin::Own => "own".to_owned(),
            Origin::Person(_) => "person".to_owned(),
            Origin::Address(network) => BASE64_URL_SAFE_NO_PAD.encode(network.first().to_string()),
        };
        let said = format!("{}.{origin}", self.clock.now().as_micros() / 1_000_000);
        let mac = BASE64_URL_SAFE_NO_PAD.encode(self.mac(path, &said).finalize().into_bytes());
        format!("{said}.{mac}")
    }

    /// For whom a call is sent on. `None` if it does not come from a member.
    pub(crate) fn check(&self, path: &str, headers: &HeaderMap) -> Option<SentFor> {
        let (said, mac) = headers.get(MEMBER)?.to_str().ok()?.rsplit_once('.')?;
        let mac = BASE64_URL_SAFE_NO_PAD.decode(mac).ok()?;
        self.mac(path, said).verify_slice(&mac).ok()?;
        let (seconds, origin) = said.split_once('.')?;
        let (sent, now) = (Timestamp::from_secs(seconds.parse().ok()?), self.clock.now());
        if sent > now + COUNTS_FOR || now > sent + COUNTS_FOR {
            return None;
        }
        match origin {
            "own" => Some(SentFor::Own),
            "person" => Some(SentFor::Person),
            address => {
                let address = String::from_utf8(BASE64_URL_SAFE_NO_PAD.decode(address).ok()?).ok()?;
                Some(SentFor::Address(Network::of(address.parse().ok()?)))
            }
        }
    }

    fn mac(&self, path: &str, said: &str) -> Hmac<Sha256> {
        let mut mac = Hmac::<Sha256>::new_from_slice(&self.key).expect("HMAC takes keys of any length");
        // A path holds no zero byte.
        mac.update(path.as_bytes());
        mac.update(&[0]);
        mac.update(said.as_bytes());
        mac
    }
}

#[cfg(test)]
mod tests {
    use allmende_kernel::SubjectId;
    use http::HeaderValue;
    use uuid::Uuid;

    use super::*;

    struct At(i64);

    impl Clock for At {
        fn now(&self) -> Timestamp {
            Timestamp::from_secs(self.0)
        }
    }

    fn member(key: u8, seconds: i64) -> Proof {
        Proof::new(&Installation::from_key(&[key; 32]), Arc::new(At(seconds)))
    }

    fn shown(origin: Origin) -> HeaderMap {
        let proof = member(1, 1_000).of("/a.B/C", origin);
        HeaderMap::from_iter([(MEMBER, HeaderValue::from_str(&proof).unwrap())])
    }

    #[test]
    fn a_member_is_believed_on_whom_it_asks_for() {
        let (address, person) = (Network::of("2001:db8::1".parse().unwrap()), SubjectId::new(Uuid::from_u128(1)));
        let cases = [
            (Origin::Own, SentFor::Own),
            (Origin::Person(person), SentFor::Person),
            (Origin::Address(address), SentFor::Address(address)),
        ];
        for (origin, sent_for) in cases {
            assert_eq!(member(1, 1_059).check("/a.B/C", &shown(origin)), Some(sent_for));
        }
    }

    #[test]
    fn nobody_else_is_and_not_for_another_call_or_later() {
        let headers = shown(Origin::Own);
        assert_eq!(member(2, 1_000).check("/a.B/C", &headers), None);
        assert_eq!(member(1, 1_000).check("/a.B/D", &headers), None);
        assert_eq!(member(1, 1_061).check("/a.B/C", &headers), None);
        assert_eq!(member(1, 939).check("/a.B/C", &headers), None);
        assert_eq!(member(1, 1_000).check("/a.B/C", &HeaderMap::new()), None);
        let said = headers[MEMBER].to_str().unwrap().replace(".own.", ".person.");
        let changed = HeaderMap::from_iter([(MEMBER, HeaderValue::from_str(&said).unwrap())]);
        assert_eq!(member(1, 1_000).check("/a.B/C", &changed), None);
    }
}
