//! gRPC services that answer what they are told, over a real connection.

use std::pin::Pin;
use std::task::{Context, Poll};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, HeaderValue};
use axum::response::Response;
use axum::routing::post;
use bytes::{BufMut as _, Bytes, BytesMut};
use http_body::Frame;
use prost::Message;
use tokio::net::TcpListener;
use tokio_stream::wrappers::TcpListenerStream;
use tonic::Status;
use tonic::transport::{Channel, Endpoint, Server};

/// The rpcs that are answered; all others are unimplemented.
#[derive(Default)]
pub(crate) struct Fake {
    router: Router,
}

impl Fake {
    /// Answers an rpc: its path, and what to answer to a caller's token and message.
    pub(crate) fn rpc<Q, A>(
        self,
        path: &str,
        answer: impl Fn(&str, Q) -> Result<A, Status> + Clone + Send + Sync + 'static,
    ) -> Self
    where
        Q: Message + Default,
        A: Message,
    {
        let handler = move |headers: HeaderMap, body: Bytes| {
            let token = headers.get("authorization").and_then(|value| value.to_str().ok()).unwrap_or_default();
            let token = token.strip_prefix("Bearer ").unwrap_or_default().to_owned();
            let asked = body.get(5..).and_then(|message| Q::decode(message).ok());
            let answered = match asked {
                Some(asked) => answer(&token, asked),
                None => Err(Status::internal("no message")),
            };
            async move { reply(answered) }
        };
        Self { router: self.router.route(path, post(handler)) }
    }

    /// Serves until the test ends.
    pub(crate) async fn serve(self) -> Channel {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let routes = tonic::service::Routes::from(self.router);
        tokio::spawn(Server::builder().add_routes(routes).serve_with_incoming(TcpListenerStream::new(listener)));
        Endpoint::from_shared(format!("http://{address}")).unwrap().connect_lazy()
    }
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
