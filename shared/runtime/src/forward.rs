//! Commands that come to a member which does not lead their partition: they are sent on to the one that does.
//!
//! A handler that cannot take a command says so by an answer that was marked with [`elsewhere`]. The member that got the
//! call then sends the same bytes to the leader, with what its caller showed it, and answers what comes back. Where nobody
//! leads, or what became of the command is not known, it tries again until the call's deadline: a command carries an id by
//! which the leader knows it again, so that it is carried out once. What has none, as a sign-in, may be done twice where it
//! is not known what became of it: then there is a session that nobody uses.
//!
//! A call that is open for what its caller sends goes to the leader from its beginning, as its messages cannot be taken
//! back. It ends when leadership moves, and its caller opens another.

mod channels;
mod proof;

use std::sync::Arc;
use std::time::Duration;

use allmende_instrumentation::context;
use allmende_kernel::{Clock, PartitionName};
use axum::body::to_bytes;
use bytes::Bytes;
use futures_util::future::{BoxFuture, join_all};
use http::{HeaderMap, HeaderName, HeaderValue, Request, Response};
use tokio::time::{Instant, sleep, timeout_at};
use tonic::body::Body;
use tonic::{Code, Status};
use tower::{Service, ServiceExt as _};

use crate::errors::{DOMAIN, rejection, unavailable};
use crate::installation::Installation;
use crate::jitter::jittered;
use crate::kind::Kind;
use crate::limits::Origin;
use crate::serve::MAX_MESSAGE_BYTES;
use channels::Channels;
pub(crate) use proof::SentFor;
use proof::{MEMBER, Proof};

/// Marks an answer: the call was not carried out here, or nobody knows. Its value is where to ask, or nothing.
const LEADER: HeaderName = HeaderName::from_static("allmende-leader");
/// On a leader's answer to another member: how far its logs were then.
const HEADS: HeaderName = HeaderName::from_static("allmende-heads");
/// A message, and its prefix.
const MOST_BYTES: usize = MAX_MESSAGE_BYTES + 5;
/// Between two attempts, at first and at most.
const PAUSE: Duration = Duration::from_millis(20);
const LONGEST_PAUSE: Duration = Duration::from_millis(500);
/// Of a call's time, what is left for its answer.
const RESERVE: Duration = Duration::from_millis(200);
/// How long an answer waits at most until what the leader had is seen here too.
const CATCH_UP: Duration = Duration::from_secs(2);

/// Marks an error: another member has to be asked, `leader` if it is known.
pub fn elsewhere(mut status: Status, leader: Option<&str>) -> Status {
    let leader = leader.and_then(|leader| leader.parse().ok()).unwrap_or(HeaderValue::from_static(""));
    status.metadata_mut().as_mut().insert(LEADER, leader);
    status
}

/// Where a partition's commands are taken.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Lead {
    /// By this process.
    Here,
    /// By another member, at this address.
    At(Arc<str>),
    /// Nobody is known to.
    Nowhere,
}

/// A partition of this process, for those who send its commands on. It takes the commands of the service that it is named
/// after.
pub trait Led: Send + Sync + 'static {
    /// Which one it is.
    fn partition(&self) -> &PartitionName;

    /// Who leads it, as far as is known here.
    fn lead(&self) -> Lead;

    /// The last group that its log has here.
    fn head(&self) -> u64;

    /// Ends when everything that is read here shows this group.
    fn shows(&self, group: u64) -> BoxFuture<'_, ()>;
}

/// Sends commands on for one member of a cluster.
pub struct Forwarding {
    own: String,
    proof: Proof,
    channels: Channels,
    led: Vec<Arc<dyn Led>>,
}

impl Forwarding {
    /// For the member that others reach at `own`, with what it has of each service's partition.
    pub fn new(own: &str, installation: &Installation, clock: Arc<dyn Clock>, led: Vec<Arc<dyn Led>>) -> Self {
        Self { own: own.to_owned(), proof: Proof::new(installation, clock), channels: Channels::default(), led }
    }

    /// Whom a call counts for that another member sends on, which has counted it. `None` of all others.
    pub(crate) fn sent_for(&self, path: &str, headers: &HeaderMap) -> Option<SentFor> {
        self.proof.check(path, headers)
    }

    /// Carries a call out, here or where it is to be.
    pub(crate) async fn answer<S>(
        &self,
        inner: S,
        request: Request<Body>,
        call: Call,
    ) -> Result<Response<Body>, S::Error>
    where
        S: Service<Request<Body>, Response = Response<Body>> + Send,
        S::Future: Send,
    {
        let mut response = match call {
            Call { kind: Kind::Download, .. } | Call { sent_on: true, .. } => self.here(inner, request, call).await?,
            Call { kind: Kind::Call, .. } => self.anywhere(inner, request, call).await?,
            Call { kind: Kind::Delivery, .. } => self.delivered(inner, request, call).await?,
        };
        if !call.sent_on {
            response.headers_mut().remove(LEADER);
            response.headers_mut().remove(HEADS);
        }
        Ok(response)
    }

    /// What another member sends on is carried out here or nowhere: two that take each other for the leader send a call
    /// to and fro only once.
    async fn here<S>(&self, inner: S, request: Request<Body>, call: Call) -> Result<Response<Body>, S::Error>
    where
        S: Service<Request<Body>, Response = Response<Body>>,
    {
        let mut response = inner.oneshot(request).await?;
        if call.sent_on {
            let heads = self.led.iter().map(|led| format!("{}={}", led.partition(), led.head()));
            let heads = heads.collect::<Vec<_>>().join(",");
            set(response.headers_mut(), HEADS, &heads);
        }
        Ok(response)
    }

    async fn anywhere<S>(&self, mut inner: S, request: Request<Body>, call: Call) -> Result<Response<Body>, S::Error>
    where
        S: Service<Request<Body>, Response = Response<Body>>,
    {
        let (parts, body) = request.into_parts();
        let Ok(message) = to_bytes(axum::body::Body::new(body), MOST_BYTES).await else {
            let refusal = rejection(DOMAIN, "TOO_LARGE", Code::OutOfRange, "a message may have 4 MiB");
            return Ok(refusal.into_http());
        };
        let mut pause = PAUSE;
        loop {
            let own = Request::from_parts(parts.clone(), body_of(&message));
            let answer = inner.ready().await?.call(own).await?;
            let Some(leader) = leader_of(&answer) else { return Ok(answer) };
            if let Some(leader) = leader.filter(|leader| **leader != *self.own) {
                let there = Request::from_parts(parts.clone(), body_of(&message));
                match self.send(&leader, there, call).await {
                    Ok(answer) if leader_of(&answer).is_none() => {
                        self.catch_up(answer.headers(), call.until).await;
                        return Ok(answer);
                    }
                    Ok(_) => {}
                    Err(error) => tracing::debug!(%leader, %error, "a command could not be sent on"),
                }
            }
            if Instant::now() + pause + RESERVE > call.until {
                return Ok(answer);
            }
            sleep(jittered(pause)).await;
            pause = LONGEST_PAUSE.min(pause * 2);
        }
    }

    async fn delivered<S>(&self, inner: S, request: Request<Body>, call: Call) -> Result<Response<Body>, S::Error>
    where
        S: Service<Request<Body>, Response = Response<Body>>,
    {
        let Some(led) = self.led.iter().find(|led| takes(led.partition(), request.uri().path())) else {
            return inner.oneshot(request).await;
        };
        let until = call.until.min(Instant::now() + CATCH_UP);
        loop {
            match led.lead() {
                Lead::Here => return inner.oneshot(request).await,
                Lead::At(leader) if *leader != *self.own => {
                    return Ok(match self.send(&leader, request, call).await {
                        Ok(answer) => {
                            // What began to be answered before all had come tells of what it began with.
                            self.catch_up(answer.headers(), call.until).await;
                            answer
                        }
                        Err(error) => {
                            tracing::debug!(%leader, %error, "a delivery could not be sent on");
                            nobody_leads().into_http()
                        }
                    });
                }
                Lead::At(_) | Lead::Nowhere if Instant::now() + PAUSE < until => sleep(jittered(PAUSE)).await,
                Lead::At(_) | Lead::Nowhere => return Ok(nobody_leads().into_http()),
            }
        }
    }

    async fn send(
        &self,
        leader: &str,
        mut request: Request<Body>,
        call: Call,
    ) -> Result<Response<Body>, tonic::transport::Error> {
        // The other end's connection has a name of its own.
        request.headers_mut().remove(http::header::HOST);
        *request.extensions_mut() = http::Extensions::new();
        let left = call.until.saturating_duration_since(Instant::now()).as_millis().min(99_999_999);
        let proof = self.proof.of(request.uri().path(), call.origin);
        // In place of what the caller sent under these names.
        let headers = request.headers_mut();
        set(headers, TIMEOUT, &format!("{left}m"));
        set(headers, MEMBER, &proof);
        if let Some(trace) = context::current() {
            set(headers, TRACEPARENT, &trace.traceparent());
        }
        let mut channel = self.channels.to(leader)?;
        channel.ready().await?.call(request).await
    }

    /// Waits until this member shows what the leader had: who asked sees what they did.
    async fn catch_up(&self, headers: &HeaderMap, until: Instant) {
        let heads = headers.get(HEADS).and_then(|heads| heads.to_str().ok()).unwrap_or_default();
        let shown = heads.split(',').filter_map(|head| {
            let (partition, group) = head.split_once('=')?;
            let led = self.led.iter().find(|led| led.partition().as_str() == partition)?;
            Some(led.shows(group.parse().ok()?))
        });
        let _ = timeout_at(until.min(Instant::now() + CATCH_UP), join_all(shown)).await;
    }
}

/// What is known of a call before it is carried out.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Call {
    /// How many messages it has.
    pub(crate) kind: Kind,
    /// Whom it counts for.
    pub(crate) origin: Origin,
    /// Whether another member sends it on.
    pub(crate) sent_on: bool,
    /// When its time is up.
    pub(crate) until: Instant,
}

const TIMEOUT: HeaderName = HeaderName::from_static("grpc-timeout");
const TRACEPARENT: HeaderName = HeaderName::from_static("traceparent");

fn set(headers: &mut HeaderMap, name: HeaderName, value: &str) {
    match HeaderValue::from_str(value) {
        Ok(value) => drop(headers.insert(name, value)),
        Err(_) => drop(headers.remove(name)),
    }
}

fn body_of(message: &Bytes) -> Body {
    Body::new(axum::body::Body::from(message.clone()))
}

/// Whether an answer says that somebody else has to be asked, and whom.
fn leader_of(answer: &Response<Body>) -> Option<Option<String>> {
    let leader = answer.headers().get(LEADER)?.to_str().unwrap_or_default();
    Some((!leader.is_empty()).then(|| leader.to_owned()))
}

/// `/allmende.telemetry.v1.TelemetryService/…` is taken by `telemetry-0`.
fn takes(partition: &PartitionName, path: &str) -> bool {
    let package = path.strip_prefix("/allmende.").and_then(|rest| rest.strip_prefix(partition.service()));
    package.is_some_and(|rest| rest.starts_with('.'))
}

fn nobody_leads() -> Status {
    unavailable("NOT_LEADING", "nobody leads the partition at present", LONGEST_PAUSE)
}
