//! Trace context: read from and written to gRPC metadata, stored in commits, and continued from there.
//!
//! Ids exist whether or not spans are exported: [`crate::init`] always installs a tracer. Without an endpoint a new
//! trace is not sampled (flags 0), a trace that a caller sampled stays so, and both are passed on. In a process that
//! installed no subscriber (a unit test), [`current`] is `None` and everything else is a no-op.

use std::fmt::Write as _;

use http::HeaderMap;
use opentelemetry::trace::{SpanContext, SpanId, TraceContextExt as _, TraceFlags, TraceId, TraceState};
use tonic::metadata::{MetadataMap, MetadataValue};
use tracing::Span;
use tracing_opentelemetry::OpenTelemetrySpanExt as _;

const TRACEPARENT: &str = "traceparent";

/// A span as other processes know it: [W3C trace context](https://www.w3.org/TR/trace-context/) without the vendors'
/// `tracestate`, which is dropped.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct TraceContext {
    /// The trace; never all zero.
    pub trace_id: [u8; 16],
    /// The span in it; never all zero.
    pub span_id: [u8; 8],
    /// Trace flags; bit 0 is "sampled".
    pub flags: u8,
}

impl TraceContext {
    /// Reads a `traceparent`. `None` when it is malformed or names the invalid all-zero ids.
    ///
    /// A version above 00 is read as 00, ignoring what follows the flags, as the standard asks.
    pub fn parse(traceparent: &str) -> Option<Self> {
        let mut parts = traceparent.split('-');
        let [version] = hex(parts.next()?)?;
        let trace_id = hex(parts.next()?)?;
        let span_id = hex(parts.next()?)?;
        let [flags] = hex(parts.next()?)?;
        let complete = version == 0 && parts.next().is_none() || (1..0xff).contains(&version);
        let valid = trace_id != [0; 16] && span_id != [0; 8];
        (complete && valid).then_some(Self { trace_id, span_id, flags })
    }

    /// The `traceparent` text.
    pub fn traceparent(&self) -> String {
        let mut text = String::with_capacity(55);
        text.push_str("00-");
        push_hex(&mut text, &self.trace_id);
        text.push('-');
        push_hex(&mut text, &self.span_id);
        text.push('-');
        push_hex(&mut text, &[self.flags]);
        text
    }

    /// The trace id as 32 hexadecimal digits.
    pub fn trace_id_hex(&self) -> String {
        let mut text = String::with_capacity(32);
        push_hex(&mut text, &self.trace_id);
        text
    }

    /// The caller's span, from the headers of a request. Two `traceparent` headers count as none.
    pub fn from_headers(headers: &HeaderMap) -> Option<Self> {
        let mut values = headers.get_all(TRACEPARENT).iter();
        match (values.next(), values.next()) {
            (Some(value), None) => Self::parse(value.to_str().ok()?),
            _ => None,
        }
    }

    /// Makes this span the parent of what the callee does.
    pub fn inject(&self, metadata: &mut MetadataMap) {
        if let Ok(value) = MetadataValue::try_from(self.traceparent()) {
            metadata.insert(TRACEPARENT, value);
        }
    }

    fn span_context(&self) -> SpanContext {
        SpanContext::new(
            TraceId::from_bytes(self.trace_id),
            SpanId::from_bytes(self.span_id),
            TraceFlags::new(self.flags),
            true,
            TraceState::NONE,
        )
    }
}

/// The current span, for passing on or storing.
pub fn current() -> Option<TraceContext> {
    of(&Span::current())
}

/// `span` as others know it. This starts the span: its parent is fixed from then on.
pub fn of(span: &Span) -> Option<TraceContext> {
    let context = span.context();
    let span = context.span();
    let span = span.span_context();
    span.is_valid().then(|| TraceContext {
        trace_id: span.trace_id().to_bytes(),
        span_id: span.span_id().to_bytes(),
        flags: span.trace_flags().to_u8(),
    })
}

/// Makes `span` a child of a span elsewhere and hands it back, to be entered now.
///
/// It must be fresh: a span's parent is fixed when it is first entered. That is why this takes a span made with
/// `info_span!` and why a function that continues a trace is not `#[instrument]`ed, which enters the span first.
pub fn continue_from(span: Span, parent: Option<TraceContext>) -> Span {
    if let Some(parent) = parent {
        let parent = opentelemetry::Context::new().with_remote_span_context(parent.span_context());
        // Fails for spans that are filtered out and in processes without a tracer; both have nothing to continue.
        let _ = span.set_parent(parent);
    }
    span
}

/// Notes on `span` that it was caused by a span of another trace: a stored commit's, say.
pub fn link(span: &Span, cause: TraceContext) {
    span.add_link(cause.span_context());
}

fn hex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = text.as_bytes();
    if digits.len() != 2 * N {
        return None;
    }
    let mut bytes = [0; N];
    for (byte, pair) in bytes.iter_mut().zip(digits.chunks_exact(2)) {
        *byte = digit(pair[0])? << 4 | digit(pair[1])?;
    }
    Some(bytes)
}

/// Lower case only, as the standard says.
fn digit(byte: u8) -> Option<u8> {
    match byte {
        b'0'..=b'9' => Some(byte - b'0'),
        b'a'..=b'f' => Some(byte - b'a' + 10),
        _ => None,
    }
}

fn push_hex(text: &mut String, bytes: &[u8]) {
    for byte in bytes {
        // Writing to a String cannot fail.
        let _ = write!(text, "{byte:02x}");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXAMPLE: &str = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";

    #[test]
    fn a_traceparent_reads_back_as_written() {
        let context = TraceContext::parse(EXAMPLE).unwrap();
        assert_eq!(context.traceparent(), EXAMPLE);
        assert_eq!(context.flags, 1);
    }

    #[test]
    fn a_malformed_traceparent_is_no_context() {
        for wrong in [
            "",
            "00",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-extra",
            "ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01",
            "00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01",
            "00-00000000000000000000000000000000-b7ad6b7169203331-01",
            "00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01",
            "00-0af7651916cd43dd8448eb211c80319c-b7ad6b716920333-01",
            "00-0af7651916cd43dd8448eb211c80319ü-b7ad6b7169203331-01",
        ] {
            assert_eq!(TraceContext::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn a_later_version_is_read_as_the_first() {
        let later = format!("01{}-what-follows", &EXAMPLE[2..]);
        assert_eq!(TraceContext::parse(&later), TraceContext::parse(EXAMPLE));
    }

    #[test]
    fn metadata_carries_the_context_and_two_carry_none() {
        let context = TraceContext::parse(EXAMPLE).unwrap();
        let mut metadata = MetadataMap::new();
        context.inject(&mut metadata);
        assert_eq!(TraceContext::from_headers(metadata.as_ref()), Some(context));
        metadata.append(TRACEPARENT, EXAMPLE.parse().unwrap());
        assert_eq!(TraceContext::from_headers(metadata.as_ref()), None);
    }

    #[test]
    fn without_a_tracer_nothing_is_current_and_nothing_fails() {
        let span = continue_from(tracing::info_span!("work"), TraceContext::parse(EXAMPLE));
        let _entered = span.enter();
        assert_eq!(current(), None);
    }
}
