use std::net::IpAddr;
use std::sync::Arc;
use std::time::Duration;

use allmende_kernel::{Clock, SubjectId};
use http::{Extensions, HeaderMap};
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Status;

use super::{Proxies, Rate, Share, Shares};
use crate::authorize::Principal;
use crate::connections::Peer;
use crate::errors::resource_exhausted;
use crate::kind::Kind;

/// Answered whatever else is going on: who watches over the server must not take it for gone.
const PROBE: &str = "/grpc.health.v1.Health/Check";
/// When it may be worth trying again after something was too much at once.
const SOON: Duration = Duration::from_millis(500);

/// How much of the gRPC port one caller may have. Who shows a token is counted by person, wherever they call from; everybody
/// else by address. What this process asks for others (pages, reports) was counted where it came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Rpcs of all callers that are worked on at once; further ones are turned away.
    pub max_calls: usize,
    /// What one person may have at once, or one program with a token.
    pub person: Most,
    /// What one address may have at once without a token.
    pub visitor: Most,
    /// Rpcs a second that one address may send without a token over a while.
    pub visitor_rate_per_s: u32,
    /// Rpcs that one address may send without a token at once.
    pub visitor_burst: u32,
    /// Addresses of proxies in front, whose word on who calls is taken (`x-forwarded-for`).
    pub proxies: Vec<IpAddr>,
}

/// Rpcs at once, by their kind.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Most {
    /// One request, one answer.
    pub calls: usize,
    /// Open for what the caller sends: one holds many requests.
    pub deliveries: usize,
    /// Open for what the server sends.
    pub downloads: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            max_calls: 8_192,
            person: Most { calls: 256, deliveries: 64, downloads: 16 },
            visitor: Most { calls: 16, deliveries: 4, downloads: 8 },
            visitor_rate_per_s: 100,
            visitor_burst: 1_000,
            proxies: Vec::new(),
        }
    }
}

impl Most {
    fn of(self, kind: Kind) -> usize {
        match kind {
            Kind::Call => self.calls,
            Kind::Delivery => self.deliveries,
            Kind::Download => self.downloads,
        }
    }
}

/// Whom a call counts for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Origin {
    /// This process, which asks for somebody who was counted before.
    Own,
    /// Who shows a token.
    Person(SubjectId),
    /// An address, or with IPv6 a network of 64 bits.
    Address(IpAddr),
}

/// What all callers have of the gRPC port.
pub(crate) struct Callers {
    config: Config,
    proxies: Proxies,
    all: Arc<Semaphore>,
    shares: Shares<(Origin, Kind)>,
    visitors: Rate<IpAddr>,
    clock: Arc<dyn Clock>,
}

/// A call's place, to be kept until the last byte of its answer.
#[derive(Debug)]
pub(crate) struct Held {
    _place: OwnedSemaphorePermit,
    _share: Share<(Origin, Kind)>,
}

impl Callers {
    pub(crate) fn new(config: Config, clock: Arc<dyn Clock>) -> Self {
        Self {
            proxies: Proxies::new(&config.proxies),
            all: Arc::new(Semaphore::new(config.max_calls)),
            shares: Shares::new(),
            visitors: Rate::new(config.visitor_rate_per_s, config.visitor_burst),
            config,
            clock,
        }
    }

    /// Whom a call counts for that `principal` makes.
    pub(crate) fn origin(&self, principal: &Principal, extensions: &Extensions, headers: &HeaderMap) -> Origin {
        match (extensions.get::<Peer>(), principal.subject) {
            (Some(Peer::Own), _) => Origin::Own,
            (_, Some(subject)) => Origin::Person(subject),
            (peer, None) => {
                let peer = peer.and_then(|peer| peer.address());
                Origin::Address(self.proxies.client(peer, headers))
            }
        }
    }

    /// A place for a call, or RESOURCE_EXHAUSTED with when to try again. Nothing is counted of what this process asks.
    pub(crate) fn take(&self, origin: Origin, path: &str, kind: Kind) -> Result<Option<Held>, Status> {
        if origin == Origin::Own || path == PROBE {
            return Ok(None);
        }
        let most = match origin {
            Origin::Address(address) => {
                self.visitors.take(address, self.clock.now()).map_err(|wait| {
                    resource_exhausted("TOO_MANY_CALLS", "too many calls from this address: wait a moment", wait)
                })?;
                self.config.visitor
            }
            Origin::Person(_) | Origin::Own => self.config.person,
        };
        let share = self.shares.take((origin, kind), most.of(kind)).ok_or_else(|| {
            resource_exhausted("TOO_MANY_CALLS", "the caller has too many calls at once: wait for some", SOON)
        })?;
        let place = Arc::clone(&self.all)
            .try_acquire_owned()
            .map_err(|_| resource_exhausted("OVERLOADED", "too many calls are worked on at once", SOON))?;
        Ok(Some(Held { _place: place, _share: share }))
    }
}

#[cfg(test)]
mod tests {
    use allmende_kernel::Timestamp;
    use tonic::Code;
    use tonic_types::StatusExt as _;
    use uuid::Uuid;

    use super::*;

    struct Still;

    impl Clock for Still {
        fn now(&self) -> Timestamp {
            Timestamp::from_secs(1)
        }
    }

    fn callers() -> Callers {
        let most = |calls| Most { calls, deliveries: 1, downloads: 1 };
        let config = Config {
            max_calls: 6,
            person: most(3),
            visitor: most(2),
            visitor_rate_per_s: 1,
            visitor_burst: 4,
            ..Config::default()
        };
        Callers::new(config, Arc::new(Still))
    }

    fn person(number: u128) -> Origin {
        Origin::Person(SubjectId::new(Uuid::from_u128(number)))
    }

    fn reason(status: &Status) -> String {
        assert_eq!(status.code(), Code::ResourceExhausted);
        assert!(status.get_details_retry_info().unwrap().retry_delay.is_some());
        status.get_details_error_info().unwrap().reason
    }

    #[test]
    fn who_has_all_that_is_theirs_closes_nothing_for_others() {
        let callers = callers();
        let take = |origin, kind| callers.take(origin, "/a.B/C", kind);
        let mut held: Vec<_> = (0..3).map(|_| take(person(1), Kind::Call).unwrap()).collect();
        assert_eq!(reason(&take(person(1), Kind::Call).unwrap_err()), "TOO_MANY_CALLS");
        held.push(take(person(1), Kind::Delivery).unwrap());
        assert!(take(person(1), Kind::Delivery).is_err());
        held.push(take(person(2), Kind::Call).unwrap());
        let visitor = Origin::Address("192.0.2.1".parse().unwrap());
        held.push(take(visitor, Kind::Call).unwrap());
        assert_eq!(reason(&take(person(3), Kind::Call).unwrap_err()), "OVERLOADED");
        // Neither this process nor a probe takes a place.
        assert!(take(Origin::Own, Kind::Call).unwrap().is_none());
        assert!(callers.take(visitor, PROBE, Kind::Call).unwrap().is_none());
        held.remove(0);
        assert!(take(person(3), Kind::Call).is_ok());
    }

    #[test]
    fn an_address_sends_no_faster_than_its_rate() {
        let callers = callers();
        let take = |address: &str| callers.take(Origin::Address(address.parse().unwrap()), "/a.B/C", Kind::Call);
        assert!((0..4).all(|_| take("192.0.2.1").is_ok()));
        let refused = take("192.0.2.1").unwrap_err();
        assert_eq!(reason(&refused), "TOO_MANY_CALLS");
        assert_eq!(refused.get_details_retry_info().unwrap().retry_delay, Some(Duration::from_secs(1)));
        assert!(take("192.0.2.2").is_ok());
        assert!((0..10).all(|_| callers.take(person(1), "/a.B/C", Kind::Call).is_ok()));
    }

    #[test]
    fn a_token_tells_whom_a_call_counts_for_and_else_the_address_does() {
        let callers =
            Callers::new(Config { proxies: vec!["10.0.0.1".parse().unwrap()], ..Config::default() }, Arc::new(Still));
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "198.51.100.7".parse().unwrap());
        let of = |principal: &Principal, peer: Peer| {
            let mut extensions = Extensions::new();
            extensions.insert(peer);
            callers.origin(principal, &extensions, &headers)
        };
        let network = |address: &str| Peer::Network(Some(address.parse().unwrap()));
        let (visitor, operator) = (Principal::visitor(), Principal::platform_operator());
        assert_eq!(of(&visitor, network("192.0.2.1")), Origin::Address("192.0.2.1".parse().unwrap()));
        assert_eq!(of(&visitor, network("10.0.0.1")), Origin::Address("198.51.100.7".parse().unwrap()));
        assert_eq!(of(&operator, network("192.0.2.1")), Origin::Person(operator.subject.unwrap()));
        assert_eq!(of(&operator, Peer::Own), Origin::Own);
    }
}
