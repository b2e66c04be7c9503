use std::collections::BTreeMap;
use std::time::Duration;

use allmende_proto::FILE_DESCRIPTOR_SET;
use allmende_runtime::serve::MAX_MESSAGE_BYTES;
use bytes::{Buf as _, BufMut as _, Bytes};
use http::uri::PathAndQuery;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::transport::Channel;
use tonic::{Code, Request, Status};
use tonic_types::StatusExt as _;

use super::{Answered, AskError, Question, Sources, Transcoder};

/// Asks running services over gRPC, as any client does.
#[derive(Clone)]
pub struct GrpcSources {
    everything: Channel,
    /// By the rpc's service, for services that are elsewhere.
    elsewhere: BTreeMap<String, Channel>,
    transcoder: Transcoder,
    timeout: Duration,
}

impl GrpcSources {
    /// All services behind one channel.
    ///
    /// # Panics
    /// When the descriptors that this binary was built with cannot be read.
    pub fn new(everything: Channel) -> Self {
        let transcoder = Transcoder::new(FILE_DESCRIPTOR_SET).expect("the build made a FileDescriptorSet");
        Self { everything, elsewhere: BTreeMap::new(), transcoder, timeout: Duration::from_secs(10) }
    }

    /// One service (`allmende.telemetry.v1.TelemetryService`) behind a channel of its own.
    pub fn with_service(mut self, service: impl Into<String>, channel: Channel) -> Self {
        self.elsewhere.insert(service.into(), channel);
        self
    }

    /// How long an answer may take.
    pub fn with_timeout(mut self, timeout: Duration) -> Self {
        self.timeout = timeout;
        self
    }

    fn channel(&self, rpc: &str) -> Channel {
        let service = rpc.trim_start_matches('/').split('/').next().unwrap_or_default();
        self.elsewhere.get(service).unwrap_or(&self.everything).clone()
    }
}

#[tonic::async_trait]
impl Sources for GrpcSources {
    async fn ask(&self, question: Question<'_>) -> Result<Answered, AskError> {
        let Question { rpc, request, seen, authorization } = question;
        let away = || AskError::Away { rpc: rpc.to_owned() };
        let path = PathAndQuery::try_from(rpc)
            .map_err(|_| AskError::Unexpected { rpc: rpc.to_owned(), what: "there is no such rpc" })?;
        let mut request = Request::new(self.transcoder.request(rpc, request, seen)?);
        request.set_timeout(self.timeout);
        if let Some(authorization) = authorization {
            request.metadata_mut().insert("authorization", authorization.value());
        }
        let mut client = tonic::client::Grpc::new(self.channel(rpc)).max_decoding_message_size(MAX_MESSAGE_BYTES);
        client.ready().await.map_err(|_| away())?;
        match client.unary(request, path, Raw).await {
            Ok(answer) => self.transcoder.answer(rpc, answer.into_inner()),
            Err(status) if is_away(&status) => Err(away()),
            Err(status) => Err(AskError::Refused {
                rpc: rpc.to_owned(),
                code: status.code(),
                reason: status.get_details_error_info().map(|info| info.reason),
            }),
        }
    }
}

/// What says nothing of the question: a lost connection is `Unknown` to tonic, and its own time limit `Cancelled`.
fn is_away(status: &Status) -> bool {
    use Code::{Cancelled, DeadlineExceeded, ResourceExhausted, Unavailable, Unknown};
    matches!(status.code(), Unavailable | ResourceExhausted | DeadlineExceeded | Unknown | Cancelled)
}

/// Messages as their bytes.
#[derive(Debug, Clone, Copy)]
struct Raw;

impl Codec for Raw {
    type Encode = Bytes;
    type Decode = Bytes;
    type Encoder = Raw;
    type Decoder = Raw;

    fn encoder(&mut self) -> Raw {
        Raw
    }

    fn decoder(&mut self) -> Raw {
        Raw
    }
}

impl Encoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn encode(&mut self, item: Bytes, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        buffer.put(item);
        Ok(())
    }
}

impl Decoder for Raw {
    type Item = Bytes;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Bytes>, Status> {
        Ok(Some(buffer.copy_to_bytes(buffer.remaining())))
    }
}
