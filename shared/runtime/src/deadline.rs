//! Every rpc ends: at the client's deadline, at the server's, or when a drain's time is up.

use std::pin::Pin;
use std::time::Duration;

use http::HeaderMap;
use serde::{Deserialize, Serialize};
use tonic::{Code, Status};

use crate::drain::Draining;
use crate::errors::{DOMAIN, rejection, unavailable};
use crate::kind::Kind;

/// How long rpcs may take.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// What an rpc gets whose client sets no deadline, in seconds. Streams get the most they may have.
    pub default_s: u64,
    /// The most an rpc may take, whatever its client asks for, in seconds.
    pub max_s: u64,
    /// The most an rpc may take that is a stream on either side, in seconds.
    pub max_stream_s: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { default_s: 10, max_s: 60, max_stream_s: 3_600 }
    }
}

/// The time an rpc has.
#[derive(Debug, Clone)]
pub(crate) struct Deadlines(pub(crate) Config);

impl Deadlines {
    /// The client's `grpc-timeout` within the server's bounds.
    pub(crate) fn of(&self, kind: Kind, headers: &HeaderMap) -> Result<Duration, Status> {
        let seconds = Duration::from_secs;
        let (default, max) = match kind {
            Kind::Delivery | Kind::Download => (seconds(self.0.max_stream_s), seconds(self.0.max_stream_s)),
            Kind::Call => (seconds(self.0.default_s), seconds(self.0.max_s)),
        };
        let asked = match headers.get("grpc-timeout") {
            Some(value) => value.to_str().ok().and_then(parse).ok_or_else(malformed)?,
            None => default,
        };
        Ok(asked.min(max))
    }
}

/// Ends with the status to answer when an rpc's time is up.
pub(crate) type Expiry = Pin<Box<dyn Future<Output = Status> + Send>>;

pub(crate) fn expiry(at: tokio::time::Instant, draining: Draining) -> Expiry {
    Box::pin(async move {
        tokio::select! {
            () = tokio::time::sleep_until(at) => {
                rejection(DOMAIN, "DEADLINE_EXCEEDED", Code::DeadlineExceeded, "the deadline passed before the answer")
            }
            () = draining.over() => {
                unavailable("DRAINING", "the server is shutting down", Duration::from_secs(1))
            }
        }
    })
}

/// `TimeoutValue TimeoutUnit` as in
/// [gRPC over HTTP/2](https://github.com/grpc/grpc/blob/master/doc/PROTOCOL-HTTP2.md): at most eight digits and a unit.
fn parse(text: &str) -> Option<Duration> {
    let (digits, unit) = text.split_at_checked(text.len().checked_sub(1)?)?;
    if digits.is_empty() || digits.len() > 8 || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let value: u64 = digits.parse().ok()?;
    match unit {
        "H" => Some(Duration::from_secs(value * 3_600)),
        "M" => Some(Duration::from_secs(value * 60)),
        "S" => Some(Duration::from_secs(value)),
        "m" => Some(Duration::from_millis(value)),
        "u" => Some(Duration::from_micros(value)),
        "n" => Some(Duration::from_nanos(value)),
        _ => None,
    }
}

fn malformed() -> Status {
    rejection(DOMAIN, "MALFORMED_TIMEOUT", Code::InvalidArgument, "grpc-timeout must be up to 8 digits and a unit")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(kind: Kind, timeout: Option<&'static str>) -> Result<Duration, Code> {
        let deadlines = Deadlines(Config::default());
        let mut headers = HeaderMap::new();
        if let Some(timeout) = timeout {
            headers.insert("grpc-timeout", timeout.parse().unwrap());
        }
        deadlines.of(kind, &headers).map_err(|status| status.code())
    }

    #[test]
    fn the_clients_deadline_is_kept_within_the_servers() {
        assert_eq!(of(Kind::Call, None), Ok(Duration::from_secs(10)));
        assert_eq!(of(Kind::Call, Some("250m")), Ok(Duration::from_millis(250)));
        assert_eq!(of(Kind::Call, Some("20S")), Ok(Duration::from_secs(20)));
        assert_eq!(of(Kind::Call, Some("2H")), Ok(Duration::from_secs(60)));
        assert_eq!(of(Kind::Call, Some("99999999H")), Ok(Duration::from_secs(60)));
    }

    #[test]
    fn streams_get_more_time() {
        for kind in [Kind::Delivery, Kind::Download] {
            assert_eq!(of(kind, None), Ok(Duration::from_secs(3_600)));
            assert_eq!(of(kind, Some("10M")), Ok(Duration::from_secs(600)));
            assert_eq!(of(kind, Some("2H")), Ok(Duration::from_secs(3_600)));
        }
    }

    #[test]
    fn a_malformed_timeout_is_refused() {
        for wrong in ["", "S", "5", "5s", "-5S", "+5S", "123456789S", "5 S"] {
            assert_eq!(of(Kind::Call, Some(wrong)), Err(Code::InvalidArgument), "{wrong:?}");
        }
    }
}
