//! What happens around every rpc, in this order: span and metrics, authentication and rule, the caller's share, deadline,
//! handler.

use std::convert::Infallible;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};

use allmende_instrumentation::Metrics;
use bytes::Bytes;
use http::{HeaderMap, Request, Response};
use http_body::{Body as HttpBody, Frame, SizeHint};
use tokio::time::Instant;
use tonic::Status;
use tonic::body::Body;
use tower::{Layer, Service};
use tracing::Instrument as _;

use crate::answers::{Answers, Taken};
use crate::authorize::{Authenticator, Table, admit};
use crate::connections::Peer;
use crate::deadline::{Deadlines, Expiry, expiry};
use crate::drain::Draining;
use crate::forward::{Call, Forwarding, SentFor};
use crate::kind::Kinds;
use crate::limits::{Callers, Held, Origin};
use crate::observe::Observation;

/// What every rpc is checked against.
pub(crate) struct Rules {
    pub(crate) table: Table,
    pub(crate) authenticator: Arc<dyn Authenticator>,
    pub(crate) kinds: Kinds,
    pub(crate) deadlines: Deadlines,
    pub(crate) callers: Callers,
    pub(crate) answers: Answers,
    pub(crate) metrics: Metrics,
    pub(crate) draining: Draining,
    pub(crate) forwarding: Option<Forwarding>,
}

impl Rules {
    /// Lets the request through, marked with its caller, and says what it holds meanwhile.
    fn admit(&self, request: &mut Request<Body>) -> Result<(Call, Option<Held>), Status> {
        let (path, extensions, headers) = (request.uri().path(), request.extensions(), request.headers());
        let sent_for = self.forwarding.as_ref().and_then(|to| to.sent_for(path, headers));
        let caller = admit(self.table.find(path), &self.authenticator, headers).map_err(|denied| match sent_for {
            Some(_) => denied.into(),
            None => self.callers.turned_away(denied, extensions, headers),
        })?;
        let origin = match sent_for {
            Some(SentFor::Own) => Origin::Own,
            Some(SentFor::Address(address)) => Origin::Address(address),
            Some(SentFor::Person) | None => self.callers.origin(caller.principal(), extensions, headers),
        };
        let kind = self.kinds.of(caller.path());
        let held = match sent_for {
            // Counted where it came in.
            Some(_) => None,
            None => self.callers.take(origin, caller.path(), kind)?,
        };
        let until = Instant::now() + self.deadlines.of(kind, headers)?;
        let caller = caller.from(self.callers.asked_for(origin, headers));
        request.extensions_mut().insert(caller);
        Ok((Call { kind, origin, sent_on: sent_for.is_some(), until }, held))
    }
}

/// Puts the rules around a server's routes.
#[derive(Clone)]
pub(crate) struct RulesLayer(pub(crate) Arc<Rules>);

impl<S> Layer<S> for RulesLayer {
    type Service = Guarded<S>;

    fn layer(&self, inner: S) -> Guarded<S> {
        Guarded { inner, rules: self.0.clone() }
    }
}

#[derive(Clone)]
pub(crate) struct Guarded<S> {
    inner: S,
    rules: Arc<Rules>,
}

impl<S> Service<Request<Body>> for Guarded<S>
where
    S: Service<Request<Body>, Response = Response<Body>, Error = Infallible> + Clone + Send + 'static,
    S::Future: Send,
{
    type Response = Response<Body>;
    type Error = Infallible;
    type Future = Pin<Box<dyn Future<Output = Result<Response<Body>, Infallible>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Infallible>> {
        self.inner.poll_ready(cx)
    }

    fn call(&mut self, mut request: Request<Body>) -> Self::Future {
        // The service that was polled ready must be the one that is called.
        let fresh = self.inner.clone();
        let mut inner = std::mem::replace(&mut self.inner, fresh);

        let method = self.rules.table.find(request.uri().path()).map(|(path, _)| path);
        let mut observation = Observation::begin(self.rules.metrics.clone(), method, request.headers());
        let span = observation.span();
        let ending = request.extensions().get::<Peer>().and_then(|peer| peer.ending().cloned());
        let (call, held) = match self.rules.admit(&mut request) {
            Ok(admitted) => admitted,
            Err(status) => {
                observation.ended(&status);
                return Box::pin(std::future::ready(Ok(status.into_http())));
            }
        };
        let (rules, mut expiry) = (Arc::clone(&self.rules), expiry(call.until, self.rules.draining.clone()));
        let work = async move {
            let answered = async {
                match &rules.forwarding {
                    Some(forwarding) => forwarding.answer(inner, request, call).await,
                    None => inner.call(request).await,
                }
            };
            let response = tokio::select! {
                response = answered => response?,
                status = &mut expiry => status.into_http(),
            };
            observation.see(response.headers());
            let taken = |body| rules.answers.add(body, held, call.until, ending);
            Ok(response.map(|body| Body::new(Answer { taken: taken(body), expiry: Some(expiry), observation })))
        };
        Box::pin(work.instrument(span))
    }
}

/// An answer's body: ends when the rpc's time is up, and tells the observation how it ended. It holds its place until the
/// last byte is taken, or nobody takes it any more, or its time is up.
struct Answer {
    taken: Taken,
    /// `None` once the answer was cut off.
    expiry: Option<Expiry>,
    observation: Observation,
}

impl HttpBody for Answer {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        let Some(expiry) = &mut this.expiry else { return Poll::Ready(None) };
        if let Poll::Ready(status) = expiry.as_mut().poll(cx) {
            this.expiry = None;
            this.taken.empty();
            this.observation.ended(&status);
            let mut trailers = HeaderMap::new();
            return Poll::Ready(Some(status.add_header(&mut trailers).map(|()| Frame::trailers(trailers))));
        }
        let polled = this.taken.poll_frame(cx);
        match &polled {
            Poll::Ready(Some(Ok(frame))) => {
                if let Some(trailers) = frame.trailers_ref() {
                    this.observation.see(trailers);
                }
            }
            Poll::Ready(Some(Err(status))) => this.observation.ended(status),
            Poll::Ready(None) | Poll::Pending => {}
        }
        polled
    }

    fn is_end_stream(&self) -> bool {
        self.expiry.is_none() || self.taken.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.taken.size_hint()
    }
}
