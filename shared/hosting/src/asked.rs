use allmende_eventlog::{Origin, Request as Asked, TraceContext};
use allmende_kernel::RequestId;
use allmende_runtime::authorize::Caller;
use allmende_runtime::installation::Installation;
use prost::Message;
use tonic::{Request, Status};

/// Who asks, and by what the request is known again: its id, and a digest of everything it says.
pub fn asked(installation: &Installation, caller: &Caller, id: RequestId, message: &impl Message) -> Asked {
    asked_as(caller.path(), installation, caller, id, message)
}

/// The same under another rpc's path, for what is the same request whichever way it comes.
pub fn asked_as(
    rpc: &str,
    installation: &Installation,
    caller: &Caller,
    id: RequestId,
    message: &impl Message,
) -> Asked {
    let digest = installation.request_digest(rpc, &message.encode_to_vec());
    let trace = caller.trace().map(|trace| TraceContext {
        trace_id: trace.trace_id,
        span_id: trace.span_id,
        flags: trace.flags,
    });
    Asked { origin: Origin::Request { id, digest }, actor: caller.subject(), trace }
}

/// Caller and message of a request that the server has let through.
pub fn opened<T>(request: Request<T>) -> Result<(Caller, T), Status> {
    Ok((Caller::of(&request)?, request.into_inner()))
}

/// Implements a generated service for `$server` by its methods of the same names, which take the caller and the
/// message and return the answer's message. What is no unary rpc stands behind `else`, as tonic wants it.
///
/// ```ignore
/// rpcs! {
///     impl TelemetryService for Grpc {
///         get_station(GetStationRequest) -> GetStationResponse;
///     } else {
///         async fn stream_observations(&self, …) -> … { … }
///     }
/// }
/// ```
#[macro_export]
macro_rules! rpcs {
    (impl $service:ident for $server:ident {
        $($rpc:ident($request:ty) -> $response:ty;)*
    } $(else { $($others:tt)* })?) => {
        #[$crate::tonic::async_trait]
        impl $service for $server {
            $(
                async fn $rpc(
                    &self,
                    request: $crate::tonic::Request<$request>,
                ) -> Result<$crate::tonic::Response<$response>, $crate::tonic::Status> {
                    let (caller, message) = $crate::opened(request)?;
                    $server::$rpc(self, caller, message).await.map($crate::tonic::Response::new)
                }
            )*
            $($($others)*)?
        }
    };
}
