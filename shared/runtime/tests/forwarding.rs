//! A command that comes to a member which does not lead is carried out by the one that does, once.

#![allow(clippy::unwrap_used, reason = "a test fails by panicking, its helpers too")]

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use allmende_instrumentation::Metrics;
use allmende_kernel::PartitionName;
use allmende_runtime::authorize::{Authenticator, Caller, Denied, Entry, Principal, Rule, Table};
use allmende_runtime::clock::SystemClock;
use allmende_runtime::drain::Drain;
use allmende_runtime::errors;
use allmende_runtime::forward::{Forwarding, Lead, Led, elsewhere};
use allmende_runtime::installation::Installation;
use allmende_runtime::limits::{self, Most};
use allmende_runtime::serve::{Config, Server};
use futures_util::future::BoxFuture;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tonic::body::Body;
use tonic::codegen::http;
use tonic::server::NamedService;
use tonic::transport::Endpoint;
use tonic::{Code, Request, Response, Status};
use tonic_prost::ProstCodec;
use tower::{Service, service_fn};

const TABLE: &[Entry] = &[("/allmende.probe.v1.Probe/Do", Rule::Visitor)];

/// What a member does with commands.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Says {
    /// Carries them out.
    Done,
    /// Knows who does, or not.
    Elsewhere(Option<String>),
}

#[derive(Clone)]
struct Probe {
    says: watch::Receiver<Says>,
    /// Whom each command was counted for that was carried out.
    done: watch::Sender<Vec<String>>,
    /// How often it was asked.
    asked: watch::Sender<usize>,
}

impl NamedService for Probe {
    const NAME: &'static str = "allmende.probe.v1.Probe";
}

impl Service<http::Request<Body>> for Probe {
    type Response = http::Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Infallible>> + Send>>;

    fn poll_ready(&mut self, _: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        Poll::Ready(Ok(()))
    }

    fn call(&mut self, request: http::Request<Body>) -> Self::Future {
        let probe = self.clone();
        Box::pin(async move {
            let answer = service_fn(move |request: Request<String>| {
                let probe = probe.clone();
                async move {
                    probe.asked.send_modify(|asked| *asked += 1);
                    let says = probe.says.borrow().clone();
                    match says {
                        Says::Done => {
                            let origin = format!("{:?}", Caller::of(&request)?.origin());
                            probe.done.send_modify(|done| done.push(origin));
                            Ok(Response::new(format!("done: {}", request.into_inner())))
                        }
                        Says::Elsewhere(leader) => {
                            let status = errors::unavailable("NOT_LEADING", "not here", Duration::from_millis(1));
                            Err(elsewhere(status, leader.as_deref()))
                        }
                    }
                }
            });
            let mut grpc = tonic::server::Grpc::new(ProstCodec::<String, String>::default());
            Ok(grpc.unary(answer, request).await)
        })
    }
}

struct Visitors;

impl Authenticator for Visitors {
    fn authenticate(&self, _: &str) -> Result<Principal, Denied> {
        Err(Denied::Unauthenticated)
    }
}

/// A log of this member, and what it shows.
struct Log {
    partition: PartitionName,
    head: u64,
    shown: watch::Receiver<u64>,
}

impl Led for Log {
    fn partition(&self) -> &PartitionName {
        &self.partition
    }

    fn lead(&self) -> Lead {
        Lead::Nowhere
    }

    fn head(&self) -> u64 {
        self.head
    }

    fn shows(&self, group: u64) -> BoxFuture<'_, ()> {
        let mut shown = self.shown.clone();
        Box::pin(async move {
            let _ = shown.wait_for(|shown| *shown >= group).await;
        })
    }
}

struct Member {
    address: String,
    says: watch::Sender<Says>,
    done: watch::Receiver<Vec<String>>,
    asked: watch::Receiver<usize>,
    shows: watch::Sender<u64>,
}

/// A member whose log is at group 7.
async fn member(says: Says, key: u8) -> Member {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap().to_string();
    let (says, told) = watch::channel(says);
    let (done, asked, shows) = (watch::Sender::new(Vec::new()), watch::Sender::new(0), watch::Sender::new(7));
    let log = Log { partition: PartitionName::parse("probe-0").unwrap(), head: 7, shown: shows.subscribe() };
    let installation = Installation::from_key(&[key; 32]);
    let forwarding = Forwarding::new(&address, &installation, Arc::new(SystemClock), vec![Arc::new(log)]);
    let one = Most { calls: 1, deliveries: 1, downloads: 1 };
    let config = Config { limits: limits::Config { visitor: one, ..limits::Config::default() }, ..Config::default() };
    let probe = Probe { says: told, done: done.clone(), asked: asked.clone() };
    let server = Server::new(config, Table::new(&[TABLE]), Visitors, Metrics::new(), &[])
        .with_service(probe)
        .with_forwarding(Some(forwarding));
    let drain = Drain::new(Duration::from_secs(5));
    tokio::spawn(server.serve(listener, watch::channel(true).1, drain.draining()));
    Member { address, says, done: done.subscribe(), asked: asked.subscribe(), shows }
}

impl Member {
    async fn call(&self, text: &str, timeout: &'static str) -> Result<Response<String>, Status> {
        let channel = Endpoint::from_shared(format!("http://{}", self.address)).unwrap().connect().await.unwrap();
        let mut grpc = tonic::client::Grpc::new(channel);
        grpc.ready().await.unwrap();
        let mut request = Request::new(text.to_owned());
        request.metadata_mut().insert("grpc-timeout", timeout.parse().unwrap());
        // Whatever a caller says under the members' names is not passed on.
        request.metadata_mut().insert("allmende-member", "1.own.c29tZXRoaW5n".parse().unwrap());
        let path = http::uri::PathAndQuery::from_static("/allmende.probe.v1.Probe/Do");
        grpc.unary(request, path, ProstCodec::<String, String>::default()).await
    }
}

#[tokio::test]
async fn the_leader_carries_out_what_comes_elsewhere_and_knows_for_whom() {
    let leader = member(Says::Done, 1).await;
    let other = member(Says::Elsewhere(Some(leader.address.clone())), 1).await;
    let answer = other.call("something", "60S").await.unwrap();
    assert_eq!(answer.get_ref(), "done: something");
    assert!(answer.metadata().keys().all(|key| !format!("{key:?}").contains("allmende")), "{:?}", answer.metadata());
    assert_eq!(*leader.done.borrow(), ["Address(127.0.0.1/32)"]);
}

#[tokio::test]
async fn what_nobody_takes_is_tried_again_until_somebody_does() {
    let member = member(Says::Elsewhere(None), 1).await;
    let (mut asked, says) = (member.asked.clone(), member.says.clone());
    let elected = async move {
        asked.wait_for(|asked| *asked > 2).await.unwrap();
        says.send_replace(Says::Done);
    };
    let (answer, ()) = tokio::join!(member.call("something", "60S"), elected);
    assert_eq!(answer.unwrap().get_ref(), "done: something");
    assert_eq!(member.done.borrow().len(), 1);
}

#[tokio::test]
async fn at_its_deadline_a_caller_learns_that_nobody_leads_and_not_where_members_are() {
    let one = member(Says::Elsewhere(None), 1).await;
    let other = member(Says::Elsewhere(Some(one.address.clone())), 1).await;
    // Each takes the other for the leader: neither sends on what the other has sent on.
    one.says.send_replace(Says::Elsewhere(Some(other.address.clone())));
    let refused = one.call("something", "1S").await.unwrap_err();
    assert_eq!(refused.code(), Code::Unavailable);
    assert!(refused.metadata().keys().all(|key| !format!("{key:?}").contains("allmende")), "{refused:?}");
    let (own, others) = (*one.asked.borrow(), *other.asked.borrow());
    assert!(own > 1 && others <= own, "{own} attempts here, {others} there");
}

#[tokio::test]
async fn a_member_that_is_gone_is_tried_again_when_it_is_known_who_leads() {
    let leader = member(Says::Done, 1).await;
    let other = member(Says::Elsewhere(Some("127.0.0.1:1".to_owned())), 1).await;
    let (mut asked, says) = (other.asked.clone(), other.says.clone());
    let elected = async move {
        asked.wait_for(|asked| *asked > 1).await.unwrap();
        says.send_replace(Says::Elsewhere(Some(leader.address.clone())));
        leader
    };
    let (answer, leader) = tokio::join!(other.call("something", "60S"), elected);
    assert_eq!(answer.unwrap().get_ref(), "done: something");
    assert_eq!(leader.done.borrow().len(), 1);
}

#[tokio::test]
async fn who_asked_sees_what_they_did() {
    let leader = member(Says::Done, 1).await;
    let other = member(Says::Elsewhere(Some(leader.address.clone())), 1).await;
    other.shows.send_replace(6);
    let mut done = leader.done.clone();
    let (shows, mut seen) = (other.shows.clone(), false);
    let answer = tokio::join!(other.call("something", "60S"), async {
        done.wait_for(|done| !done.is_empty()).await.unwrap();
        // The answer is on its way, and nothing is given to the caller before this.
        seen = true;
        shows.send_replace(7);
    });
    assert_eq!(answer.0.unwrap().get_ref(), "done: something");
    assert!(seen);
}

#[tokio::test]
async fn of_another_installation_nobody_is_believed() {
    let leader = member(Says::Done, 2).await;
    let other = member(Says::Elsewhere(Some(leader.address.clone())), 1).await;
    // It is carried out as any visitor's call: counted here, for the address that it comes from.
    assert_eq!(other.call("something", "60S").await.unwrap().get_ref(), "done: something");
    assert_eq!(*leader.done.borrow(), ["Address(127.0.0.1/32)"]);
}
