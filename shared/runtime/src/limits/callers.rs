use std::sync::Arc;
use std::time::Duration;

use allmende_kernel::Clock;
use http::{Extensions, HeaderMap};
use serde::{Deserialize, Serialize};
use tokio::sync::{OwnedSemaphorePermit, Semaphore};
use tonic::Status;

use super::{Network, Origin, Proxies, Rate, Share, Shares, Within};
use crate::authorize::{Denied, Principal};
use crate::connections::Peer;
use crate::errors::resource_exhausted;
use crate::kind::Kind;

/// Answered whatever else is going on: who watches over the server must not take it for gone.
const PROBE: &str = "/grpc.health.v1.Health/Check";
/// When it may be worth trying again after something was too much at once.
const SOON: Duration = Duration::from_millis(500);

/// How much of the gRPC port one caller may have. Who shows a token is counted by person, wherever they call from; everybody
/// else by address, with IPv6 by the network of 56 bits and four times as much by the one of 48 around it: see [`Network`].
/// What this process asks for others (pages, reports) was counted where it came in.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Connections that are open at once; further ones are closed. Never more than a quarter of the files that the process
    /// may have open.
    pub max_connections: usize,
    /// What one address may have of these. A trusted proxy may have all.
    pub max_connections_per_address: usize,
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
            max_connections: 4_096,
            max_connections_per_address: 128,
            max_calls: 8_192,
            person: Most { calls: 256, deliveries: 64, downloads: 16 },
            visitor: Most { calls: 16, deliveries: 4, downloads: 8 },
            visitor_rate_per_s: 100,
            visitor_burst: 1_000,
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

/// What all callers have of the gRPC port.
pub(crate) struct Callers {
    config: Config,
    proxies: Proxies,
    all: Arc<Semaphore>,
    shares: Shares<(Origin, Kind)>,
    visitors: Rate<Network>,
    clock: Arc<dyn Clock>,
}

/// A call's place, to be kept until the last byte of its answer.
#[derive(Debug)]
pub(crate) struct Held {
    _place: OwnedSemaphorePermit,
    _share: Share<(Origin, Kind)>,
}

impl Within for (Origin, Kind) {
    fn within(&self) -> Option<Self> {
        let (origin, kind) = self;
        origin.within().map(|origin| (origin, *kind))
    }
}

impl Callers {
    pub(crate) fn new(config: Config, proxies: Proxies, clock: Arc<dyn Clock>) -> Self {
        Self {
            proxies,
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

    /// For whom a call of this origin is made: a page's reader, where this process asks for one.
    pub(crate) fn asked_for(&self, origin: Origin, headers: &HeaderMap) -> Origin {
        match origin {
            Origin::Own => Origin::told(headers).unwrap_or(origin),
            known => known,
        }
    }

    /// What a call is answered that is not let in. It counts for its address as one without a token does, or who makes up
    /// tokens would be slowed down by nothing; what is the server's own fault costs nobody anything.
    pub(crate) fn turned_away(&self, denied: Denied, extensions: &Extensions, headers: &HeaderMap) -> Status {
        let counted = match self.origin(&Principal::visitor(), extensions, headers) {
            Origin::Address(network) if !denied.is_servers_fault() => self.count(network),
            _ => Ok(()),
        };
        counted.err().unwrap_or_else(|| denied.into())
    }

    fn count(&self, network: Network) -> Result<(), Status> {
        self.visitors.take(network, self.clock.now()).map_err(|wait| {
            resource_exhausted("TOO_MANY_CALLS", "too many calls from this address: wait a moment", wait)
        })
    }

    /// A place for a call, or RESOURCE_EXHAUSTED with when to try again. Nothing is counted of what this process asks.
    pub(crate) fn take(&self, origin: Origin, path: &str, kind: Kind) -> Result<Option<Held>, Status> {
        if origin == Origin::Own || path == PROBE {
            return Ok(None);
        }
        let most = match origin {
            Origin::Address(network) => {
                self.count(network)?;
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
    use allmende_kernel::{SubjectId, Timestamp};
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
        Callers::new(config, Proxies::default(), Arc::new(Still))
    }

    fn at(address: &str) -> Origin {
        Origin::Address(Network::of(address.parse().unwrap()))
    }

    /// What comes with a call from there.
    fn from(peer: Peer) -> Extensions {
        let mut extensions = Extensions::new();
        extensions.insert(peer);
        extensions
    }

    fn network(address: &str) -> Peer {
        Peer::Network { address: Some(address.parse().unwrap()), ending: None }
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
        let visitor = at("192.0.2.1");
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
        let take = |address: &str| callers.take(at(address), "/a.B/C", Kind::Call);
        assert!((0..4).all(|_| take("192.0.2.1").is_ok()));
        let refused = take("192.0.2.1").unwrap_err();
        assert_eq!(reason(&refused), "TOO_MANY_CALLS");
        assert_eq!(refused.get_details_retry_info().unwrap().retry_delay, Some(Duration::from_secs(1)));
        assert!(take("192.0.2.2").is_ok());
        assert!((0..10).all(|_| callers.take(person(1), "/a.B/C", Kind::Call).is_ok()));
    }

    #[test]
    fn a_token_tells_whom_a_call_counts_for_and_else_the_address_does() {
        let proxies = Proxies::new(&["10.0.0.1".parse().unwrap()]);
        let callers = Callers::new(Config::default(), proxies, Arc::new(Still));
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", "198.51.100.7".parse().unwrap());
        let of = |principal: &Principal, peer: Peer| callers.origin(principal, &from(peer), &headers);
        let (visitor, operator) = (Principal::visitor(), Principal::platform_operator());
        assert_eq!(of(&visitor, network("192.0.2.1")), at("192.0.2.1"));
        assert_eq!(of(&visitor, network("10.0.0.1")), at("198.51.100.7"));
        assert_eq!(of(&operator, network("192.0.2.1")), Origin::Person(operator.subject.unwrap()));
        assert_eq!(of(&operator, Peer::Own), Origin::Own);
        // Only this process says for whom it asks.
        assert_eq!(callers.asked_for(Origin::Own, &headers), at("198.51.100.7"));
        assert_eq!(callers.asked_for(Origin::Own, &HeaderMap::new()), Origin::Own);
        for other in [at("192.0.2.1"), person(1)] {
            assert_eq!(callers.asked_for(other, &headers), other);
        }
    }

    #[test]
    fn who_makes_up_tokens_is_counted_by_address() {
        let callers = callers();
        let turned_away = |denied, peer| callers.turned_away(denied, &from(peer), &HeaderMap::new());
        for denied in [Denied::Unauthenticated, Denied::Expired, Denied::Forbidden, Denied::UnknownMethod] {
            assert_ne!(turned_away(denied, network("192.0.2.1")).code(), Code::ResourceExhausted);
        }
        assert_eq!(reason(&turned_away(Denied::Unauthenticated, network("192.0.2.1"))), "TOO_MANY_CALLS");
        assert_eq!(reason(&callers.take(at("192.0.2.1"), "/a.B/C", Kind::Call).unwrap_err()), "TOO_MANY_CALLS");
        // Neither this process nor who asks while the server cannot know is made to wait.
        for (denied, peer) in [(Denied::Unauthenticated, Peer::Own), (Denied::NotReady, network("192.0.2.2"))] {
            for _ in 0..10 {
                assert_ne!(turned_away(denied, peer.clone()).code(), Code::ResourceExhausted);
            }
        }
    }
}
