use allmende_gateway_domain::PLATFORM_TENANT;
use allmende_gateway_domain::grants::Grant;
use allmende_kernel::{RequestId, Role};
use allmende_proto::gateway::v1 as pb;
use allmende_runtime::authorize::{AuthorizedTenant, Caller, Scope};
use allmende_runtime::errors::Violations;
use allmende_runtime::fields;
use tonic::Status;

use super::parse::{self, next_page, query};
use super::{Grpc, reply};
use crate::app::{ChangeGrant, Register, Whom};
use crate::secrets::{RefreshToken, parse_code};

impl Grpc {
    pub(super) async fn register(
        &self,
        caller: Caller,
        message: pb::RegisterRequest,
    ) -> Result<pb::RegisterResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut violations = Violations::default();
        let id = violations.check("request_id", fields::request_id(&message.request_id));
        let email = violations.check("email", parse::email(&message.email));
        violations.check("password", parse::no_or_a_password(&message.password));
        let name = violations.check("name", fields::line(&message.name, 0..=100));
        let language = violations.check("language", parse::language(message.language));
        let (id, wanted) = violations.finish(|| {
            let name = Some(name?).filter(|name| !name.is_empty());
            Some((id?, Register { email: email?, name, language: language? }))
        })?;
        let asked = self.asked(&caller, id, &pb::RegisterRequest { password: String::new(), ..message });
        let seen = self.app.register(&tenant, &asked, wanted).await?;
        Ok(pb::RegisterResponse { consistency_token: seen.to_text() })
    }

    pub(super) async fn confirm_email(
        &self,
        caller: Caller,
        message: pb::ConfirmEmailRequest,
    ) -> Result<pb::ConfirmEmailResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut violations = Violations::default();
        let id = violations.check("request_id", fields::request_id(&message.request_id));
        let code = violations.check("code", parse::secret(&message.code));
        let password = violations.check("password", parse::password(&message.password));
        let (id, code, password) = violations.finish(|| Some((id?, code?, password?)))?;
        let code = parse_code(&self.app.installation, code);
        let asked = self.asked(&caller, id, &pb::ConfirmEmailRequest { password: String::new(), ..message });
        let answer = self.app.confirm_email(&tenant, &asked, code, &password, caller.origin()).await?;
        Ok(pb::ConfirmEmailResponse { subject_id: answer.value.to_string(), consistency_token: answer.seen.to_text() })
    }

    pub(super) async fn sign_in(
        &self,
        caller: Caller,
        message: pb::SignInRequest,
    ) -> Result<pb::SignInResponse, Status> {
        let mut violations = Violations::default();
        let email = violations.check("email", parse::email(&message.email));
        let password = violations.check("password", parse::given_password(&message.password));
        let device = violations.check("device", parse::device(&message.device));
        let (email, password, device) = violations.finish(|| Some((email?, password?, device?)))?;
        let (begun, device) = self.app.sign_in(&email, &password, device, caller.origin()).await?;
        Ok(pb::SignInResponse { session: Some(reply::session(begun)), device })
    }

    pub(super) async fn refresh(&self, _: Caller, message: pb::RefreshRequest) -> Result<pb::RefreshResponse, Status> {
        let mut violations = Violations::default();
        let token = violations.check("refresh_token", parse::secret(&message.refresh_token));
        let token = violations.finish(|| token)?;
        let begun = self.app.refresh(RefreshToken::parse(&self.app.installation, token)).await?;
        Ok(pb::RefreshResponse { session: Some(reply::session(begun)) })
    }

    pub(super) async fn sign_out(&self, _: Caller, message: pb::SignOutRequest) -> Result<pb::SignOutResponse, Status> {
        let mut violations = Violations::default();
        let token = violations.check("refresh_token", parse::secret(&message.refresh_token));
        let token = violations.finish(|| token)?;
        self.app.sign_out(RefreshToken::parse(&self.app.installation, token)).await?;
        Ok(pb::SignOutResponse {})
    }

    pub(super) async fn request_password_reset(
        &self,
        caller: Caller,
        message: pb::RequestPasswordResetRequest,
    ) -> Result<pb::RequestPasswordResetResponse, Status> {
        let mut violations = Violations::default();
        let id = violations.check("request_id", fields::request_id(&message.request_id));
        let email = violations.check("email", parse::email(&message.email));
        let (id, email) = violations.finish(|| Some((id?, email?)))?;
        let asked = self.asked(&caller, id, &message);
        self.app.request_password_reset(&asked, &email).await?;
        Ok(pb::RequestPasswordResetResponse {})
    }

    pub(super) async fn reset_password(
        &self,
        caller: Caller,
        message: pb::ResetPasswordRequest,
    ) -> Result<pb::ResetPasswordResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let mut violations = Violations::default();
        let id = violations.check("request_id", fields::request_id(&message.request_id));
        let code = violations.check("code", parse::secret(&message.code));
        let password = violations.check("new_password", parse::password(&message.new_password));
        let (id, code, password) = violations.finish(|| Some((id?, code?, password?)))?;
        let code = parse_code(&self.app.installation, code);
        let asked = self.asked(&caller, id, &pb::ResetPasswordRequest { new_password: String::new(), ..message });
        let seen = self.app.reset_password(&tenant, &asked, code, &password, caller.origin()).await?;
        Ok(pb::ResetPasswordResponse { consistency_token: seen.to_text() })
    }

    pub(super) async fn get_me(&self, caller: Caller, message: pb::GetMeRequest) -> Result<pb::GetMeResponse, Status> {
        let token = parse::token(&message.consistency_token)?;
        let subject = caller.signed_in()?;
        let answer = self.app.get_me(subject, &token).await?;
        Ok(pb::GetMeResponse {
            person: answer.value.person.map(reply::person),
            subject_id: subject.to_string(),
            level: reply::level(caller.level()).into(),
            grants: answer.value.grants.into_iter().map(reply::grant).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn list_people(
        &self,
        caller: Caller,
        message: pb::ListPeopleRequest,
    ) -> Result<pb::ListPeopleResponse, Status> {
        let tenant = caller.tenant(&message.tenant)?;
        let pb::ListPeopleRequest { tenant: name, page_size, page_token, consistency_token } = &message;
        let query = query(&caller, &[name.as_bytes()], (*page_size, 50, 500), page_token, consistency_token)?;
        let answer = self.app.list_people(&tenant, query.listing, &query.token).await?;
        Ok(pb::ListPeopleResponse {
            next_page_token: next_page(&query.pages, answer.value.next.as_ref()),
            people: answer.value.items.into_iter().map(reply::person).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }

    pub(super) async fn grant_role(
        &self,
        caller: Caller,
        message: pb::GrantRoleRequest,
    ) -> Result<pb::GrantRoleResponse, Status> {
        let tenant = tenant_of_grant(&caller, &message.tenant, message.role)?;
        let mut violations = Violations::default();
        let whom = match (message.subject_id.is_empty(), message.email.is_empty()) {
            (false, true) => violations.check("subject_id", parse::subject_id(&message.subject_id)).map(Whom::Subject),
            (true, false) => violations.check("email", parse::email(&message.email)).map(Whom::Email),
            _ => {
                violations.add("subject_id", "must be set, or email, and not both");
                None
            }
        };
        let fields = (&*message.request_id, message.role, &*message.procedure_id);
        let (id, change) = change_grant(&caller, violations, fields, whom)?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.grant_role(&tenant, &asked, change).await?;
        Ok(pb::GrantRoleResponse { grant: Some(reply::grant(answer.value)), consistency_token: answer.seen.to_text() })
    }

    pub(super) async fn revoke_role(
        &self,
        caller: Caller,
        message: pb::RevokeRoleRequest,
    ) -> Result<pb::RevokeRoleResponse, Status> {
        let tenant = tenant_of_grant(&caller, &message.tenant, message.role)?;
        let mut violations = Violations::default();
        let whom = violations.check("subject_id", parse::subject_id(&message.subject_id)).map(Whom::Subject);
        let fields = (&*message.request_id, message.role, &*message.procedure_id);
        let (id, change) = change_grant(&caller, violations, fields, whom)?;
        let asked = self.asked(&caller, id, &message);
        let answer = self.app.revoke_role(&tenant, &asked, change).await?;
        Ok(pb::RevokeRoleResponse { consistency_token: answer.seen.to_text() })
    }

    pub(super) async fn list_grants(
        &self,
        caller: Caller,
        message: pb::ListGrantsRequest,
    ) -> Result<pb::ListGrantsResponse, Status> {
        // Those of the installation are listed under a name that is no tenant's.
        let tenant = match message.tenant.as_str() {
            PLATFORM_TENANT => caller.tenant_to_be(PLATFORM_TENANT)?,
            name => caller.tenant(name)?,
        };
        let pb::ListGrantsRequest { tenant: name, page_size, page_token, consistency_token } = &message;
        let query = query(&caller, &[name.as_bytes()], (*page_size, 50, 500), page_token, consistency_token)?;
        let answer = self.app.list_grants(&tenant, query.listing, &query.token).await?;
        Ok(pb::ListGrantsResponse {
            next_page_token: next_page(&query.pages, answer.value.next.as_ref()),
            grants: answer.value.items.into_iter().map(reply::grant).collect(),
            consistency_token: answer.seen.to_text(),
        })
    }
}

/// What is for all tenants is given anywhere, also where there is none yet.
fn tenant_of_grant(caller: &Caller, name: &str, role: i32) -> Result<AuthorizedTenant, Status> {
    match parse::value(role, parse::role_of) {
        Ok(Role::PlatformOperator) => caller.tenant_to_be(name),
        _ => caller.tenant(name),
    }
}

fn change_grant(
    caller: &Caller,
    mut violations: Violations,
    (request_id, role, procedure_id): (&str, i32, &str),
    whom: Option<Whom>,
) -> Result<(RequestId, ChangeGrant), Status> {
    let by = caller.signed_in()?;
    let id = violations.check("request_id", fields::request_id(request_id));
    let role = violations.check("role", parse::value(role, parse::role_of));
    let procedure = violations.check("procedure_id", parse::procedure_id(procedure_id));
    violations.finish(|| {
        let grant = Grant { role: role?, procedure: procedure? };
        Some((id?, ChangeGrant { whom: whom?, grant, by, operator: is_operator(caller) }))
    })
}

/// Whether the caller runs the platform.
fn is_operator(caller: &Caller) -> bool {
    let grants = &caller.principal().grants;
    grants.iter().any(|grant| grant.role == Role::PlatformOperator && grant.scope == Scope::AllTenants)
}
