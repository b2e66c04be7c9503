use std::collections::HashMap;
use std::time::Duration;

use allmende_kernel::TenantId;
use axum::http::{Method, StatusCode};
use tonic::{Code, Status};
use uuid::Uuid;

use super::{Principal, Role};
use crate::errors::{DOMAIN, rejection, unavailable};

/// Who may call an rpc or a route.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Everybody, without a token.
    Visitor,
    /// Everybody who has signed in, whatever they may be otherwise. What they may see or change of it is theirs alone:
    /// the handler takes [`Caller::subject`](super::Caller::subject).
    SignedIn,
    /// Who holds one of these roles for the tenant, or for the procedure of it, in question.
    AnyOf(&'static [Role]),
}

/// What a call is about, as far as that is known when a rule is checked.
#[derive(Debug, Clone, Copy)]
pub(super) enum Target<'a> {
    /// Nothing yet: it is enough that the rule can be met somewhere.
    Somewhere,
    /// All of a tenant.
    Tenant(&'a TenantId),
    /// One procedure of a tenant.
    Procedure(&'a TenantId, Uuid),
}

impl Rule {
    /// Whether `principal` may do it there.
    pub(super) fn check(self, principal: &Principal, target: Target<'_>) -> Result<(), Denied> {
        let granted = match self {
            Self::Visitor => true,
            Self::SignedIn => principal.subject.is_some(),
            Self::AnyOf(roles) => principal.holds(roles, |scope| match target {
                Target::Somewhere => true,
                Target::Tenant(tenant) => scope.covers(tenant),
                Target::Procedure(tenant, procedure) => scope.covers_procedure(tenant, procedure),
            }),
        };
        match (granted, principal.subject) {
            (true, _) => Ok(()),
            (false, Some(_)) => Err(Denied::Forbidden),
            (false, None) => Err(Denied::Unauthenticated),
        }
    }
}

/// Why a call is not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No such rpc or route in the table.
    #[error("there is no such method")]
    UnknownMethod,
    /// No token, or one that nobody holds.
    #[error("this needs a valid token: authorization: Bearer <token>")]
    Unauthenticated,
    /// A token whose time is over. A new one is to be had with the refresh token.
    #[error("the token has expired")]
    Expired,
    /// None of the caller's grants allows it for that tenant.
    #[error("none of the caller's roles allows this for the tenant")]
    Forbidden,
    /// Nobody has registered such a tenant.
    #[error("there is no such tenant")]
    UnknownTenant,
    /// It is not known yet who may do what: the process has just started.
    #[error("who may do what is still being read")]
    NotReady,
    /// Who may do what cannot be read at present.
    #[error("who may do what cannot be read at present")]
    Unavailable,
    /// What was kept of who may do what makes no sense.
    #[error("who may do what cannot be told")]
    Failed,
}

impl Denied {
    /// Whether it is the server that does not know, whoever calls.
    pub const fn is_servers_fault(self) -> bool {
        matches!(self, Self::NotReady | Self::Unavailable | Self::Failed)
    }

    /// The answer over HTTP.
    pub const fn http_status(self) -> StatusCode {
        match self {
            Self::UnknownMethod | Self::UnknownTenant => StatusCode::NOT_FOUND,
            Self::Unauthenticated | Self::Expired => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotReady | Self::Unavailable => StatusCode::SERVICE_UNAVAILABLE,
            Self::Failed => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }
}

impl From<Denied> for Status {
    fn from(denied: Denied) -> Self {
        let (reason, code) = match denied {
            Denied::UnknownMethod => ("UNKNOWN_METHOD", Code::Unimplemented),
            Denied::Unauthenticated => ("UNAUTHENTICATED", Code::Unauthenticated),
            Denied::Expired => ("TOKEN_EXPIRED", Code::Unauthenticated),
            Denied::Forbidden => ("PERMISSION_DENIED", Code::PermissionDenied),
            Denied::UnknownTenant => ("TENANT_UNKNOWN", Code::NotFound),
            Denied::NotReady => {
                return unavailable("STARTING", denied.to_string(), Duration::from_secs(1));
            }
            // As where a view cannot be read for an answer.
            Denied::Unavailable => {
                return unavailable("VIEW_UNAVAILABLE", denied.to_string(), Duration::from_secs(5));
            }
            Denied::Failed => ("INTERNAL", Code::Internal),
        };
        rejection(DOMAIN, reason, code, denied.to_string())
    }
}

/// An rpc's path (`/allmende.telemetry.v1.TelemetryService/RegisterStation`) or an HTTP route, by method and pattern
/// (`GET /procedures/{id}`), and its rule. `HEAD` goes with `GET`.
pub type Entry = (&'static str, Rule);

/// What every server has beside its services: health for probes, and the descriptors, which are public.
const PLATFORM: &[Entry] = &[
    ("/grpc.health.v1.Health/Check", Rule::Visitor),
    ("/grpc.health.v1.Health/Watch", Rule::Visitor),
    ("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Rule::Visitor),
    ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Rule::Visitor),
];

/// The rules of all rpcs and routes of a server.
#[derive(Debug, Clone)]
pub struct Table(HashMap<&'static str, Rule>);

impl Table {
    /// Joins the services' lists, and adds health and reflection.
    ///
    /// # Panics
    /// When a path stands in two places: the lists are constants.
    pub fn new(services: &[&'static [Entry]]) -> Self {
        let mut rules = HashMap::new();
        for (path, rule) in services.iter().copied().flatten().chain(PLATFORM) {
            assert!(rules.insert(*path, *rule).is_none(), "{path} has two rules");
        }
        Self(rules)
    }

    /// The rpc at `path`, if there is one.
    pub fn find(&self, path: &str) -> Option<Entry> {
        self.0.get_key_value(path).map(|(path, rule)| (*path, *rule))
    }

    /// The route of this method and pattern, if there is one.
    pub fn find_route(&self, method: &Method, pattern: &str) -> Option<Entry> {
        let method = if method == Method::HEAD { &Method::GET } else { method };
        self.find(&format!("{method} {pattern}"))
    }

    /// Everything in it, ordered by path; routes come after rpcs.
    pub fn entries(&self) -> Vec<Entry> {
        let mut entries: Vec<_> = self.0.iter().map(|(path, rule)| (*path, *rule)).collect();
        entries.sort_by_key(|(path, _)| (!path.starts_with('/'), *path));
        entries
    }
}

#[cfg(test)]
mod tests {
    use tonic_types::StatusExt as _;

    use super::*;

    #[test]
    fn what_the_server_does_not_know_is_told_as_it_is() {
        for (denied, code, reason, retry) in [
            (Denied::NotReady, Code::Unavailable, "STARTING", true),
            (Denied::Unavailable, Code::Unavailable, "VIEW_UNAVAILABLE", true),
            (Denied::Failed, Code::Internal, "INTERNAL", false),
        ] {
            let status = Status::from(denied);
            assert_eq!((status.code(), status.get_details_error_info().unwrap().reason.as_str()), (code, reason));
            assert_eq!(status.get_details_retry_info().is_some(), retry);
            assert!(denied.is_servers_fault() && denied.http_status().is_server_error());
        }
        assert!(!Denied::Unauthenticated.is_servers_fault() && !Denied::Expired.is_servers_fault());
    }

    #[test]
    #[should_panic(expected = "has two rules")]
    fn two_rules_for_a_path_are_a_mistake() {
        Table::new(&[&[("/a.B/C", Rule::Visitor)], &[("/a.B/C", Rule::Visitor)]]);
    }

    #[test]
    fn routes_and_rpcs_stand_in_one_table() {
        let table = Table::new(&[&[("GET /a/{id}", Rule::SignedIn), ("/a.B/C", Rule::Visitor)]]);
        let route = Some(("GET /a/{id}", Rule::SignedIn));
        assert_eq!(table.find_route(&Method::GET, "/a/{id}"), route);
        assert_eq!(table.find_route(&Method::HEAD, "/a/{id}"), route);
        assert_eq!(table.find_route(&Method::POST, "/a/{id}"), None);
        let paths: Vec<_> = table.entries().into_iter().map(|(path, _)| path).collect();
        assert_eq!((paths.first(), paths.last()), (Some(&"/a.B/C"), Some(&"GET /a/{id}")));
    }
}
