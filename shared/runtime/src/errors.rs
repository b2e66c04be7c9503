//! Building `google.rpc.Status`: every error has a stable reason, and its text never repeats what was sent.

mod rule;

use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt::Display;
use std::time::Duration;

use tonic::{Code, Status};
use tonic_types::{ErrorDetails, FieldViolation, StatusExt as _};

pub use rule::{Rule, Violation, violations};

/// `ErrorInfo.domain` of the reasons that are the same for all services.
pub const DOMAIN: &str = "allmende";

/// Most violations that one answer names: details travel in a header, and headers are small.
const MAX_VIOLATIONS: usize = 20;

/// What is wrong with a field, as it stands after "the field": "must be a UUID". It says what the rule is, never what
/// the value was. Programs go by its [`Rule`].
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    rule: Rule,
    text: Cow<'static, str>,
}

impl Problem {
    /// A problem in words. Its rule is the one that the words always stand for, or [`Rule::Form`]; with another one it
    /// is made by [`Rule::says`].
    pub fn new(text: impl Into<Cow<'static, str>>) -> Self {
        let text = text.into();
        Rule::of(&text).says(text)
    }

    /// The words.
    pub fn as_str(&self) -> &str {
        &self.text
    }
}

impl From<&'static str> for Problem {
    fn from(text: &'static str) -> Self {
        Self::new(text)
    }
}

impl From<allmende_kernel::InvalidId> for Problem {
    fn from(error: allmende_kernel::InvalidId) -> Self {
        Rule::Id.says(error.to_string())
    }
}

impl From<allmende_kernel::InvalidName> for Problem {
    fn from(error: allmende_kernel::InvalidName) -> Self {
        Self::new(error.to_string())
    }
}

/// Collects what is wrong with a request's fields, so that its sender learns of all of it at once.
///
/// ```
/// # use allmende_runtime::{errors::Violations, fields};
/// # struct Request { station_id: String, page_size: u32 }
/// # struct Query { station: uuid::Uuid, page_size: usize }
/// fn parse(request: &Request) -> Result<Query, tonic::Status> {
///     let mut violations = Violations::default();
///     let station = violations.check("station_id", fields::uuid(&request.station_id));
///     let page_size = violations.check("page_size", fields::page_size(request.page_size, 50, 500));
///     violations.finish(|| Some(Query { station: station?, page_size: page_size? }))
/// }
/// # assert!(parse(&Request { station_id: "1".into(), page_size: 0 }).is_err());
/// ```
#[derive(Debug, Default)]
pub struct Violations {
    named: Vec<FieldViolation>,
    bounds: HashMap<String, String>,
    total: usize,
}

impl Violations {
    /// Notes that `field` (a path such as `columns[0].result[3]`) breaks a rule.
    pub fn add(&mut self, field: impl Display, problem: impl Into<Problem>) {
        self.total += 1;
        if self.named.len() < MAX_VIOLATIONS {
            let Problem { rule, text } = problem.into();
            let index = self.named.len();
            if let Some((min, max)) = rule.bounds() {
                self.bounds.extend([(format!("min_{index}"), min), (format!("max_{index}"), max)]);
            }
            let reason = rule.code().to_owned();
            self.named.push(FieldViolation { reason, ..FieldViolation::new(field.to_string(), text) });
        }
    }

    /// Takes a parsed field, or notes why it could not be parsed. In loops pass `format_args!(...)` as the path: it is
    /// formatted only when needed.
    pub fn check<T>(&mut self, field: impl Display, parsed: Result<T, impl Into<Problem>>) -> Option<T> {
        parsed.map_err(|problem| self.add(field, problem)).ok()
    }

    /// Whether every field was in order so far.
    pub fn is_empty(&self) -> bool {
        self.total == 0
    }

    /// What `build` makes of the checked fields, or INVALID_ARGUMENT with the violations. Everything that [`check`]
    /// gave is `Some` when there are none.
    ///
    /// [`check`]: Violations::check
    pub fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, Status> {
        if self.is_empty() {
            return build().ok_or_else(|| Status::internal("a field was lost between parsing and use"));
        }
        let first = &self.named[0];
        let mut message = format!("{}: {}", first.field, first.description);
        if self.total > 1 {
            message.push_str(&format!(" (and {} more)", self.total - 1));
        }
        let mut details = ErrorDetails::with_bad_request(self.named);
        details.set_error_info("INVALID_ARGUMENT", DOMAIN, self.bounds);
        Err(Status::with_error_details(Code::InvalidArgument, message, details))
    }
}

/// INVALID_ARGUMENT for one field.
pub fn invalid_field(field: impl Display, problem: impl Into<Problem>) -> Status {
    let mut violations = Violations::default();
    violations.add(field, problem);
    match violations.finish(|| None::<()>) {
        Err(status) => status,
        Ok(()) => Status::internal("a violation was lost"),
    }
}

/// A refusal with a stable reason (`STATION_RETIRED`) in a service's domain (`telemetry.allmende`).
pub fn rejection(domain: &'static str, reason: &'static str, code: Code, message: impl Into<String>) -> Status {
    Status::with_error_details(code, message, ErrorDetails::with_error_info(reason, domain, []))
}

/// UNAVAILABLE: sent again after `retry_after` the request may well succeed, so `RetryInfo` says so.
pub fn unavailable(reason: &'static str, message: impl Into<String>, retry_after: Duration) -> Status {
    retry(Code::Unavailable, reason, message, retry_after)
}

/// RESOURCE_EXHAUSTED: too much at once; sent again after `retry_after` the request may succeed.
pub fn resource_exhausted(reason: &'static str, message: impl Into<String>, retry_after: Duration) -> Status {
    retry(Code::ResourceExhausted, reason, message, retry_after)
}

fn retry(code: Code, reason: &'static str, message: impl Into<String>, after: Duration) -> Status {
    let mut details = ErrorDetails::with_retry_info(Some(after));
    details.set_error_info(reason, DOMAIN, []);
    Status::with_error_details(code, message, details)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_violations_are_named_with_their_paths() {
        let mut violations = Violations::default();
        violations.add("station_id", "must be a UUID");
        assert_eq!(violations.check(format_args!("columns[{}].result[{}]", 0, 3), Ok::<_, Problem>(1)), Some(1));
        let missing = violations.check(format_args!("columns[{}].result[{}]", 0, 4), Err::<f64, _>("must be finite"));
        let status = violations.finish(|| missing).unwrap_err();

        assert_eq!(status.code(), Code::InvalidArgument);
        assert_eq!(status.message(), "station_id: must be a UUID (and 1 more)");
        let details = status.get_error_details();
        let named = &details.bad_request().unwrap().field_violations;
        assert_eq!(named.len(), 2);
        assert_eq!(named[1].field, "columns[0].result[4]");
        assert_eq!((named[0].reason.as_str(), named[1].reason.as_str()), ("FORM", "FORM"));
        assert_eq!(details.error_info().unwrap().reason, "INVALID_ARGUMENT");
    }

    #[test]
    fn ten_thousand_violations_still_fit_into_a_header() {
        let mut violations = Violations::default();
        for index in 0..10_000 {
            violations.add(format_args!("columns[31].phenomenon_time_us[{index}]"), "must be in the past");
        }
        let status = violations.finish(|| None::<()>).unwrap_err();
        assert!(status.message().ends_with("(and 9999 more)"));
        assert!(status.details().len() < 4_096, "{}", status.details().len());
    }

    #[test]
    fn a_rejection_carries_its_reason_and_a_retry_its_delay() {
        let status = rejection("telemetry.allmende", "STATION_RETIRED", Code::FailedPrecondition, "it is retired");
        let info = status.get_details_error_info().unwrap();
        assert_eq!((info.domain.as_str(), info.reason.as_str()), ("telemetry.allmende", "STATION_RETIRED"));

        let status = unavailable("NOT_LEADER", "try again", Duration::from_millis(250));
        let delay = status.get_details_retry_info().unwrap().retry_delay;
        assert_eq!((status.code(), delay), (Code::Unavailable, Some(Duration::from_millis(250))));
    }
}
