use std::convert::Infallible;
use std::fmt;
use std::sync::Arc;

use allmende_instrumentation::{TraceContext, context};
use allmende_kernel::{SubjectId, TenantId};
use axum::extract::{FromRequestParts, OptionalFromRequestParts};
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use http::header::AUTHORIZATION;
use tonic::Status;
use uuid::Uuid;

use super::authenticator::Tenants;
use super::table::Target;
use super::{Authenticator, Denied, Entry, Level, Principal, Role, Rule, Table};
use crate::errors::{Problem, invalid_field};
use crate::limits::{Network, Origin};

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

/// A procedure of a tenant for which the grant was checked; the grant may be for this procedure alone.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuthorizedProcedure {
    tenant: TenantId,
    procedure: Uuid,
}

impl AuthorizedProcedure {
    /// Whose procedure it is.
    pub fn tenant(&self) -> &TenantId {
        &self.tenant
    }

    /// The procedure.
    pub fn id(&self) -> Uuid {
        self.procedure
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
    rule.check(principal, Target::Tenant(&tenant)).map(|()| AuthorizedTenant(tenant))
}

/// Who makes the call that a handler serves, and what the table says about it.
#[derive(Debug, Clone)]
pub struct Caller {
    principal: Principal,
    path: &'static str,
    rule: Rule,
    remote: Option<TraceContext>,
    origin: Origin,
    tenants: Tenants,
}

impl Caller {
    /// The caller of this request; an error only on a server that was not made by [`crate::serve::Server`].
    pub fn of<T>(request: &tonic::Request<T>) -> Result<Self, Status> {
        request.extensions().get::<Self>().cloned().ok_or_else(|| Status::internal("the call was not authorised"))
    }

    /// Takes the value of a request's `tenant` field: checks its form, that the caller may do this for that tenant as a
    /// whole, and that it is there.
    pub fn tenant(&self, value: &str) -> Result<AuthorizedTenant, Status> {
        let tenant = self.tenant_to_be(value)?;
        self.tenants.check(tenant.id())?;
        Ok(tenant)
    }

    /// The same for one that may not be there yet: for what makes it, and for what belongs to the whole installation. All
    /// else would begin something that nobody answers for.
    pub fn tenant_to_be(&self, value: &str) -> Result<AuthorizedTenant, Status> {
        let tenant = parse(value)?;
        self.rule.check(&self.principal, Target::Tenant(&tenant))?;
        Ok(AuthorizedTenant(tenant))
    }

    /// The same as [`tenant`](Self::tenant) for what concerns one procedure of it, which a grant for that procedure allows
    /// too.
    ///
    /// The caller is told of no procedure by this: it may not exist.
    pub fn procedure(&self, tenant: &str, procedure: Uuid) -> Result<AuthorizedProcedure, Status> {
        let tenant = parse(tenant)?;
        self.rule.check(&self.principal, Target::Procedure(&tenant, procedure))?;
        self.tenants.check(&tenant)?;
        Ok(AuthorizedProcedure { tenant, procedure })
    }

    /// Who acts; absent for visitors.
    pub fn subject(&self) -> Option<SubjectId> {
        self.principal.subject
    }

    /// Who acts, for what only a person can do.
    pub fn signed_in(&self) -> Result<SubjectId, Status> {
        self.principal.subject.ok_or_else(|| Denied::Unauthenticated.into())
    }

    /// How surely it is known who acts.
    pub fn level(&self) -> Level {
        self.principal.level
    }

    /// Whether the caller is one of these for all of `tenant`: for answers that show more to some.
    pub fn has_role(&self, tenant: &TenantId, roles: &[Role]) -> bool {
        self.principal.holds(roles, |scope| scope.covers(tenant))
    }

    /// Whether the caller is one of these for a procedure of `tenant`.
    pub fn has_role_in(&self, tenant: &TenantId, procedure: Uuid, roles: &[Role]) -> bool {
        self.principal.holds(roles, |scope| scope.covers_procedure(tenant, procedure))
    }

    /// Who calls, with all grants.
    pub fn principal(&self) -> &Principal {
        &self.principal
    }

    /// Whom the call counts for where there are limits.
    pub fn origin(&self) -> Origin {
        self.origin
    }

    /// The same caller, counted for another.
    pub(crate) fn from(self, origin: Origin) -> Self {
        Self { origin, ..self }
    }

    /// The rpc's path or the route, as in the table.
    pub fn path(&self) -> &'static str {
        self.path
    }

    /// The trace to store with what the call causes: this process's span, or in a process without a tracer the
    /// caller's.
    pub fn trace(&self) -> Option<TraceContext> {
        context::current().or(self.remote)
    }
}

impl<S: Send + Sync> FromRequestParts<S> for Caller {
    type Rejection = StatusCode;

    /// The caller of a route behind a [`Guard`](super::Guard).
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, StatusCode> {
        parts.extensions.get::<Self>().cloned().ok_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl<S: Send + Sync> OptionalFromRequestParts<S> for Caller {
    type Rejection = Infallible;

    /// The caller where a guard was passed: a page for what was not found has none.
    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Option<Self>, Infallible> {
        Ok(parts.extensions.get::<Self>().cloned())
    }
}

fn parse(tenant: &str) -> Result<TenantId, Status> {
    TenantId::parse(tenant).map_err(|error| invalid_field("tenant", Problem::from(error)))
}

/// Lets a call through to its handler: who calls is known, and some tenant is open to them.
pub(crate) fn admit(
    entry: Option<Entry>,
    authenticator: &Arc<dyn Authenticator>,
    headers: &HeaderMap,
) -> Result<Caller, Denied> {
    let entry = entry.ok_or(Denied::UnknownMethod)?;
    let principal = bearer(authenticator.as_ref(), headers)?.unwrap_or_default();
    admit_as(entry, principal, Arc::clone(authenticator), headers)
}

/// Lets a call through that `principal` makes.
pub(super) fn admit_as(
    (path, rule): Entry,
    principal: Principal,
    authenticator: Arc<dyn Authenticator>,
    headers: &HeaderMap,
) -> Result<Caller, Denied> {
    rule.check(&principal, Target::Somewhere)?;
    // Until somebody says from where it comes, a visitor is one of all those of whom that is not known.
    let origin = principal.subject.map_or(Origin::Address(Network::UNKNOWN), Origin::Person);
    let remote = TraceContext::from_headers(headers);
    Ok(Caller { principal, path, rule, remote, origin, tenants: Tenants(authenticator) })
}

/// Who shows a bearer token; none makes a visitor. A wrong one is refused also where none is needed, so that its holder
/// notices.
pub(super) fn bearer(authenticator: &dyn Authenticator, headers: &HeaderMap) -> Result<Option<Principal>, Denied> {
    let mut values = headers.get_all(AUTHORIZATION).iter();
    let value = match (values.next(), values.next()) {
        (None, _) => return Ok(None),
        (Some(value), None) => value.to_str().map_err(|_| Denied::Unauthenticated)?,
        (Some(_), Some(_)) => return Err(Denied::Unauthenticated),
    };
    let (scheme, token) = value.split_once(' ').ok_or(Denied::Unauthenticated)?;
    if !scheme.eq_ignore_ascii_case("bearer") {
        return Err(Denied::Unauthenticated);
    }
    authenticator.authenticate(token.trim()).map(Some)
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderValue;
    use tonic::Code;
    use tonic_types::StatusExt as _;

    use super::*;
    use crate::authorize::{Grant, LocalTokens, Scope};
    use crate::secrets::FolderSecrets;

    const STEWARDS: Rule = Rule::AnyOf(&[Role::DataSteward, Role::PlatformOperator]);

    fn table() -> Table {
        Table::new(&[&[("/a.B/Read", Rule::Visitor), ("/a.B/Write", STEWARDS)]])
    }

    fn tenant(name: &str) -> TenantId {
        TenantId::parse(name).unwrap()
    }

    fn with(role: Role, scope: Scope) -> Principal {
        let subject = Some(SubjectId::new(Uuid::from_u128(1)));
        Principal { subject, level: Level::Email, grants: [Grant { role, scope }].into() }
    }

    fn steward_of(name: &str) -> Principal {
        with(Role::DataSteward, Scope::Tenant(tenant(name)))
    }

    /// Knows two towns.
    struct Towns;

    impl Authenticator for Towns {
        fn authenticate(&self, _: &str) -> Result<Principal, Denied> {
            Err(Denied::Unauthenticated)
        }

        fn has_tenant(&self, tenant: &TenantId) -> Result<bool, Denied> {
            Ok(matches!(tenant.as_str(), "koeln" | "bonn"))
        }
    }

    fn caller(principal: Principal) -> Caller {
        admit_as(("/a.B/Write", STEWARDS), principal, Arc::new(Towns), &HeaderMap::new()).unwrap()
    }

    #[test]
    fn a_tenant_must_be_there_also_for_who_may_do_all() {
        let operator = caller(Principal::platform_operator());
        assert!(operator.tenant("koeln").is_ok() && operator.procedure("koeln", Uuid::from_u128(7)).is_ok());
        for refused in [operator.tenant("nirgends").err(), operator.procedure("nirgends", Uuid::from_u128(7)).err()] {
            let refused = refused.unwrap();
            assert_eq!(refused.code(), Code::NotFound);
            assert_eq!(refused.get_details_error_info().unwrap().reason, "TENANT_UNKNOWN");
        }
        assert_eq!(operator.tenant_to_be("nirgends").unwrap().id(), &tenant("nirgends"));
        // Who may do nothing there is told no more than that.
        assert_eq!(caller(steward_of("koeln")).tenant("nirgends").unwrap_err().code(), Code::PermissionDenied);
    }

    #[test]
    fn who_comes_from_nowhere_is_counted_all_the_same() {
        let admitted = |principal| {
            let entry = ("/a.B/Read", Rule::Visitor);
            admit_as(entry, principal, Arc::new(Towns), &HeaderMap::new()).unwrap().origin()
        };
        assert_eq!(admitted(Principal::visitor()), Origin::Address(Network::UNKNOWN));
        let operator = Principal::platform_operator();
        assert_eq!(admitted(operator.clone()), Origin::Person(operator.subject.unwrap()));
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
        let moderator = with(Role::Moderator, Scope::Tenant(tenant("koeln")));
        assert_eq!(authorize(&table(), &moderator, "/a.B/Write", tenant("koeln")), Err(Denied::Forbidden));
    }

    #[test]
    fn a_grant_for_a_procedure_is_for_nothing_else() {
        let (own, other) = (Uuid::from_u128(7), Uuid::from_u128(8));
        let caller = caller(with(Role::DataSteward, Scope::Procedure(tenant("koeln"), own)));
        assert_eq!(caller.procedure("koeln", own).unwrap().id(), own);
        for (tenant, procedure) in [("koeln", other), ("bonn", own)] {
            assert_eq!(caller.procedure(tenant, procedure).unwrap_err().code(), Code::PermissionDenied);
        }
        assert_eq!(caller.tenant("koeln").unwrap_err().code(), Code::PermissionDenied);
        assert!(caller.has_role_in(&tenant("koeln"), own, &[Role::DataSteward]));
        assert!(!caller.has_role(&tenant("koeln"), &[Role::DataSteward]));
        let wide = Caller { principal: steward_of("koeln"), ..caller };
        assert!(wide.procedure("koeln", other).is_ok());
    }

    #[test]
    fn who_has_signed_in_needs_no_grant() {
        let table = Table::new(&[&[("/a.B/Mine", Rule::SignedIn)]]);
        let person = Principal { subject: Some(SubjectId::new(Uuid::from_u128(1))), ..Principal::default() };
        assert!(authorize(&table, &person, "/a.B/Mine", tenant("koeln")).is_ok());
        let visitor = authorize(&table, &Principal::visitor(), "/a.B/Mine", tenant("koeln"));
        assert_eq!(visitor, Err(Denied::Unauthenticated));
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
        let caller = caller(steward_of("koeln"));
        assert_eq!(caller.tenant("koeln").unwrap().id(), &tenant("koeln"));
        assert_eq!(caller.tenant("bonn").unwrap_err().code(), Code::PermissionDenied);
        let status = caller.tenant("Not a tenant").unwrap_err();
        assert_eq!(status.code(), Code::InvalidArgument);
        assert!(!status.message().contains("Not a tenant"), "{status}");
    }

    #[test]
    fn a_wrong_token_is_refused_even_where_none_is_needed() {
        let data = tempfile::tempdir().unwrap();
        let tokens: Arc<dyn Authenticator> = Arc::new(LocalTokens::open(&FolderSecrets::new(data.path())).unwrap());
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
