use std::fmt;

use allmende_instrumentation::{TraceContext, context};
use allmende_kernel::{SubjectId, TenantId};
use http::HeaderMap;
use http::header::AUTHORIZATION;
use tonic::Status;

use super::{Denied, Entry, LocalTokens, Principal, Rule, Table};
use crate::errors::{Problem, invalid_field};

/// A tenant whose grant was checked. The app layer takes this and no [`TenantId`], so no path into it lacks the check.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizedTenant(TenantId);

impl AuthorizedTenant {
    /// The tenant.
    pub fn id(&self) -> &TenantId {
        &self.0
    }
}

impl fmt::Display for AuthorizedTenant {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// Checks whether `principal` may call the rpc at `path` for `tenant`: what [`Caller::tenant`] does, for work that
/// begins inside the process.
pub fn authorize(
    table: &Table,
    principal: &Principal,
    path: &str,
    tenant: TenantId,
) -> Result<AuthorizedTenant, Denied> {
    let (_, rule) = table.find(path).ok_or(Denied::UnknownMethod)?;
    rule.check(principal, Some(&tenant)).map(|()| AuthorizedTenant(tenant))
}

/// Who makes the call that a handler serves, and what the table says about it.
#[derive(Debug, Clone)]
pub struct Caller {
    principal: Principal,
    path: &'static str,
    rule: Rule,
    remote: Option<TraceContext>,
}

impl Caller {
    /// The caller of this request; an error only on a server that was not made by [`crate::serve::Server`].
    pub fn of<T>(request: &tonic::Request<T>) -> Result<Self, Status> {
        request.extensions().get::<Self>().cloned().ok_or_else(|| Status::internal("the call was not authorised"))
    }

    /// Takes the value of a request's `tenant` field: checks its form and that the caller may do this for that tenant.
    pub fn tenant(&self, value: &str) -> Result<AuthorizedTenant, Status> {
        let tenant = TenantId::parse(value).map_err(|error| invalid_field("tenant", Problem::from(error)))?;
        self.rule.check(&self.principal, Some(&tenant))?;
        Ok(AuthorizedTenant(tenant))
    }

    /// Who acts; absent for visitors.
    pub fn subject(&self) -> Option<SubjectId> {
        self.principal.subject
    }

    /// The rpc's path, as in the table.
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// The trace to store with what the call causes: this process's span, or in a process without a tracer the
    /// caller's.
    pub fn trace(&self) -> Option<TraceContext> {
        context::current().or(self.remote)
    }
}

/// Lets a call through to its handler: who calls is known, and some tenant is open to them.
pub(crate) fn admit(entry: Option<Entry>, tokens: &LocalTokens, headers: &HeaderMap) -> Result<Caller, Denied> {
    let (path, rule) = entry.ok_or(Denied::UnknownMethod)?;
    let principal = principal(tokens, headers)?;
    rule.check(&principal, None)?;
    Ok(Caller { principal, path, rule, remote: TraceContext::from_headers(headers) })
}

/// No token makes a visitor; a wrong one is refused also where none is needed, so that its holder notices.
fn principal(tokens: &LocalTokens, headers: &HeaderMap) -> Result<Principal, Denied> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(Principal::visitor()),
        (Some(value), None) => value.to_str().map_err(|_| Denied::Unauthenticated)?,
        (Some(_), Some(_)) => return Err(Denied::Unauthenticated),
    };
    let (scheme, token) = value.split_once(' ').ok_or(Denied::Unauthenticated)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Denied::Unauthenticated);
    }
    tokens.authenticate(token.trim()).ok_or(Denied::Unauthenticated)
}

#[cfg(test)]
mod tests {
    use http::HeaderValue;
    use tonic::Code;
    use uuid::Uuid;

    use super::*;
    use crate::authorize::{Grant, Role, Scope};

    const STEWARDS: Rule = Rule::AnyOf(&[Role::DataSteward, Role::PlatformOperator]);

    fn table() -> Table {
        Table::new(&[&[("/a.B/Read", Rule::Visitor), ("/a.B/Write", STEWARDS)]])
    }

    fn tenant(name: &str) -> TenantId {
        TenantId::parse(name).unwrap()
    }

    fn steward_of(name: &str) -> Principal {
        let grant = Grant { role: Role::DataSteward, scope: Scope::Tenant(tenant(name)) };
        Principal { subject: Some(SubjectId::new(Uuid::from_u128(1))), grants: vec![grant] }
    }

    #[test]
    fn a_grant_is_for_its_tenant_only() {
        let steward = steward_of("koeln");
        assert!(authorize(&table(), &steward, "/a.B/Write", tenant("koeln")).is_ok());
        assert_eq!(authorize(&table(), &steward, "/a.B/Write", tenant("bonn")), Err(Denied::Forbidden));
        assert!(authorize(&table(), &Principal::platform_operator(), "/a.B/Write", tenant("bonn")).is_ok());
    }

    #[test]
    fn a_role_that_the_rule_does_not_name_is_not_enough() {
        let mut moderator = steward_of("koeln");
        moderator.grants[0].role = Role::Moderator;
        assert_eq!(authorize(&table(), &moderator, "/a.B/Write", tenant("koeln")), Err(Denied::Forbidden));
    }

    #[test]
    fn visitors_read_and_do_not_write() {
        let visitor = Principal::visitor();
        assert!(authorize(&table(), &visitor, "/a.B/Read", tenant("koeln")).is_ok());
        assert_eq!(authorize(&table(), &visitor, "/a.B/Write", tenant("koeln")), Err(Denied::Unauthenticated));
        assert_eq!(authorize(&table(), &visitor, "/a.B/Other", tenant("koeln")), Err(Denied::UnknownMethod));
    }

    #[test]
    fn the_tenant_field_is_parsed_and_checked() {
        let caller = Caller { principal: steward_of("koeln"), path: "/a.B/Write", rule: STEWARDS, remote: None };
        assert_eq!(caller.tenant("koeln").unwrap().id(), &tenant("koeln"));
        assert_eq!(caller.tenant("bonn").unwrap_err().code(), Code::PermissionDenied);
        let status = caller.tenant("Not a tenant").unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(!status.message().contains("Not a tenant"), "{status}");
    }

    #[test]
    fn a_wrong_token_is_refused_even_where_none_is_needed() {
        let data = tempfile::tempdir().unwrap();
        let tokens = LocalTokens::open(data.path()).unwrap();
        let good = std::fs::read_to_string(data.path().join("operator.token")).unwrap();
        let call = |path: &str, authorization: &[&str]| {
            let mut headers = HeaderMap::new();
            for value in authorization {
                headers.append(AUTHORIZATION, HeaderValue::from_str(value).unwrap());
            }
            admit(table().find(path), &tokens, &headers).map(|caller| caller.subject().is_some())
        };
        let bearer = format!("Bearer {}", good.trim());
        assert_eq!(call("/a.B/Read", &[]), Ok(false));
        assert_eq!(call("/a.B/Read", &[&bearer]), Ok(true));
        assert_eq!(call("/a.B/Read", &["Bearer wrong"]), Err(Denied::Unauthenticated));
        assert_eq!(call("/a.B/Read", &["Basic abc"]), Err(Denied::Unauthenticated));
        assert_eq!(call("/a.B/Read", &[&bearer, &bearer]), Err(Denied::Unauthenticated));
        assert_eq!(call("/a.B/Write", &[]), Err(Denied::Unauthenticated));
        assert_eq!(call("/a.B/Write", &[&bearer.replace("Bearer", "bearer")]), Ok(true));
        assert_eq!(call("/a.B/Other", &[&bearer]), Err(Denied::UnknownMethod));
    }
}
