//! gRPC services that answer what they are told, over a real connection, and remember what they were asked.

use std::pin::Pin;
use std::sync::{Arc, Mutex};
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use axum::routing::post;
use bytes::{Buf as _, BufMut as _, Bytes, BytesMut};
use http_body::Frame;
use prost::Message;
use tokio::net::TcpListener;
use tonic::Status;
use tonic::transport::server::TcpIncoming;
use tonic::transport::{Channel, Endpoint, Server};

/// What the services were asked, and what they are to refuse.
#[derive(Debug, Clone, Default)]
pub(crate) struct Calls(Arc<Mutex<Noted>>);

#[derive(Debug, Default)]
struct Noted {
    asked: Vec<(String, Vec<Bytes>)>,
    /// For whom, as the portal says.
    asked_for: Vec<(String, String)>,
    refusals: Vec<(String, Status)>,
}

impl Calls {
    /// The messages that an rpc was called with, by its name alone; of a stream all of them.
    pub(crate) fn of<Q: Message + Default>(&self, rpc: &str) -> Vec<Q> {
        self.calls_of(rpc).concat().into_iter().map(|message| Q::decode(message).unwrap()).collect()
    }

    /// How often an rpc was called.
    pub(crate) fn count(&self, rpc: &str) -> usize {
        self.calls_of(rpc).len()
    }

    /// How many different requests an rpc was called with.
    pub(crate) fn distinct(&self, rpc: &str) -> usize {
        self.calls_of(rpc).into_iter().collect::<std::collections::BTreeSet<_>>().len()
    }

    /// For whom an rpc was called, each time.
    pub(crate) fn asked_for(&self, rpc: &str) -> Vec<String> {
        let noted = self.0.lock().unwrap();
        let calls = noted.asked_for.iter().filter(|(path, _)| path.rsplit('/').next() == Some(rpc));
        calls.map(|(_, whom)| whom.clone()).collect()
    }

    fn calls_of(&self, rpc: &str) -> Vec<Vec<Bytes>> {
        let noted = self.0.lock().unwrap();
        let calls = noted.asked.iter().filter(|(path, _)| path.rsplit('/').next() == Some(rpc));
        calls.map(|(_, messages)| messages.clone()).collect()
    }

    /// Has an rpc refused from now on.
    pub(crate) fn refuse(&self, rpc: &str, status: Status) {
        self.0.lock().unwrap().refusals.push((rpc.to_owned(), status));
    }

    fn note_for(&self, path: &str, headers: &HeaderMap) {
        let whom = headers.get("x-forwarded-for").and_then(|whom| whom.to_str().ok()).unwrap_or_default();
        self.0.lock().unwrap().asked_for.push((path.to_owned(), whom.to_owned()));
    }

    fn note(&self, path: &str, messages: Vec<Bytes>) -> Result<(), Status> {
        let mut noted = self.0.lock().unwrap();
        let name = path.rsplit('/').next().unwrap_or_default();
        let refusal = noted.refusals.iter().find(|(rpc, _)| rpc == name).map(|(_, status)| status.clone());
        noted.asked.push((path.to_owned(), messages));
        refusal.map_or(Ok(()), Err)
    }
}

/// The rpcs that are answered; all others are unimplemented.
#[derive(Default)]
pub(crate) struct Fake {
    router: Router,
    calls: Calls,
}

impl Fake {
    pub(crate) fn new(calls: Calls) -> Self {
        Self { router: Router::new(), calls }
    }

    /// Answers an rpc: its path, and what to answer to a caller's token and message; of a stream, the first message.
    pub(crate) fn rpc<Q, A>(
        self,
        path: &str,
        answer: impl Fn(&str, Q) -> Result<A, Status> + Clone + Send + Sync + 'static,
    ) -> Self
    where
        Q: Message + Default,
        A: Message,
    {
        let (calls, name) = (self.calls.clone(), path.to_owned());
        let handler = move |headers: HeaderMap, body: Bytes| {
            let token = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
            let token = token.strip_prefix("Bearer ").unwrap_or_default().to_owned();
            calls.note_for(&name, &headers);
            let messages = messages(body);
            let asked = messages.first().and_then(|message| Q::decode(message.clone()).ok());
            let answered = match (calls.note(&name, messages), asked) {
                (Err(refusal), _) => Err(refusal),
                (Ok(()), Some(asked)) => answer(&token, asked),
                (Ok(()), None) => Err(Status::internal("no message")),
            };
            async move { reply(answered) }
        };
        Self { router: self.router.route(path, post(handler)), calls: self.calls }
    }

    /// Serves until the test ends.
    pub(crate) async fn serve(self) -> Channel {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = tonic::service::Routes::from(self.router);
        let incoming = TcpIncoming::from(listener).with_nodelay(Some(true));
        tokio::spawn(Server::builder().add_routes(routes).serve_with_incoming(incoming));
        Endpoint::from_shared(format!("http://{address}")).unwrap().tcp_nodelay(true).connect_lazy()
    }
}

/// The messages of a call: each behind a flag and its length.
fn messages(mut body: Bytes) -> Vec<Bytes> {
    let mut messages = Vec::new();
    while body.len() >= 5 {
        body.advance(1);
        let length = usize::try_from(body.get_u32()).unwrap();
        messages.push(body.split_to(length));
    }
    messages
}

fn reply<A: Message>(answered: Result<A, Status>) -> Response {
    match answered {
        Ok(answer) => {
            let mut framed = BytesMut::new();
            framed.put_u8(0);
            framed.put_u32(u32::try_from(answer.encoded_len()).unwrap());
            answer.encode(&mut framed).unwrap();
            let mut response = Response::new(Body::new(Framed { data: Some(framed.freeze()), ended: false }));
            response.headers_mut().insert("content-type", HeaderValue::from_static("application/grpc"));
            response
        }
        Err(status) => status.into_http(),
    }
}

struct Framed {
    data: Option<Bytes>,
    ended: bool,
}

impl http_body::Body for Framed {
    type Data = Bytes;
    type Error = std::convert::Infallible;

    fn poll_frame(mut self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Self::Error>>> {
        if let Some(data) = self.data.take() {
            return Poll::Ready(Some(Ok(Frame::data(data))));
        }
        if std::mem::replace(&mut self.ended, true) {
            return Poll::Ready(None);
        }
        let mut trailers = HeaderMap::new();
        trailers.insert("grpc-status", HeaderValue::from_static("0"));
        Poll::Ready(Some(Ok(Frame::trailers(trailers))))
    }
}
