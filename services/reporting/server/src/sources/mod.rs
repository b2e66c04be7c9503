//! What reports are made of is asked over gRPC, in the words of the protos: a question is a path and a request as JSON,
//! an answer is JSON. So a number can say where it is from in terms that anybody can repeat with any client.

mod grpc;
mod path;
mod transcode;

use std::fmt;

use allmende_runtime::fields::ConsistencyToken;
use serde_json::Value;
use tonic::Code;

pub use grpc::GrpcSources;
pub use path::{InvalidPath, figure, select};
pub use transcode::Transcoder;

/// A question to a service.
#[derive(Debug, Clone, Copy)]
pub struct Question<'a> {
    /// Path of the rpc, e.g. `/allmende.telemetry.v1.TelemetryService/CheckLimits`.
    pub rpc: &'a str,
    /// The request, with the fields' names of its proto and without a consistency token.
    pub request: &'a Value,
    /// What the answer has to show at least.
    pub seen: &'a ConsistencyToken,
    /// In whose name it is asked: the `authorization` header of who wants to know.
    pub authorization: Option<&'a Authorization>,
}

/// Somebody's `authorization` header, which is never shown.
#[derive(Clone, PartialEq, Eq)]
pub struct Authorization(tonic::metadata::MetadataValue<tonic::metadata::Ascii>);

impl Authorization {
    /// That of a request, if it has one.
    pub fn of<T>(request: &tonic::Request<T>) -> Option<Self> {
        request.metadata().get("authorization").cloned().map(Self)
    }

    /// The header's value.
    pub(crate) fn value(&self) -> tonic::metadata::MetadataValue<tonic::metadata::Ascii> {
        self.0.clone()
    }
}

impl fmt::Debug for Authorization {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Authorization(***)")
    }
}

/// What was answered.
#[derive(Debug, Clone, PartialEq)]
pub struct Answered {
    /// The answer, with the fields' names of its proto, values that are zero too, and without the consistency token.
    pub answer: Value,
    /// The positions that it reflects.
    pub seen: ConsistencyToken,
}

/// Why a question has no answer.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum AskError {
    /// The service refuses it: what it is about is not there, say, or the report's runner may not see it.
    #[error("{rpc} refused the report's query: {}", reason.as_deref().unwrap_or("no reason given"))]
    Refused {
        /// Path of the rpc.
        rpc: String,
        /// The status.
        code: Code,
        /// The stable reason, if it gave one.
        reason: Option<String>,
    },
    /// It could not be reached, or did not answer in time.
    #[error("{rpc} did not answer the report's query in time")]
    Away {
        /// Path of the rpc.
        rpc: String,
    },
    /// The question or the answer is not what the protos say.
    #[error("{rpc}: {what}")]
    Unexpected {
        /// Path of the rpc.
        rpc: String,
        /// What is wrong.
        what: &'static str,
    },
}

impl AskError {
    /// Whether it was refused for this reason.
    pub fn is(&self, wanted: &str) -> bool {
        matches!(self, Self::Refused { reason: Some(reason), .. } if reason == wanted)
    }
}

/// Port: whoever answers questions.
#[tonic::async_trait]
pub trait Sources: Send + Sync + 'static {
    /// Asks.
    async fn ask(&self, question: Question<'_>) -> Result<Answered, AskError>;
}
