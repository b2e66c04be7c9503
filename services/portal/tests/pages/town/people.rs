//! Gateway: tenants, people and what they ask to be erased.

use allmende_proto::gateway::v1 as g;
use tonic::{Code, Status};

use super::{
    CITIZEN, COMMENT, ERASURE, HOSTILE, MAIL, NOON, OTHER_SUBJECT, OWN, PROCEDURE, STAFF, SUBJECT, WHOLE_ERASURE,
    signed_in, staff,
};
use crate::fake::Fake;

/// Who has a role and is on no page of the people.
const UNLISTED: &str = "0000aaaa-0000-7000-8000-00000badcafe";

fn tenant() -> g::Tenant {
    let text = |de: &str, en: &str| Some(g::LocalizedText { de: de.to_owned(), en: en.to_owned() });
    g::Tenant {
        tenant: "musterstadt".to_owned(),
        name: "Stadt Musterstadt".to_owned(),
        kind: g::TenantKind::Municipality.into(),
        imprint: text(
            "## Anbieter\n\nStadt Musterstadt, Rathausplatz 1, 12345 Musterstadt",
            "## Provider\n\nCity of Musterstadt",
        ),
        privacy_notice: text("Wir speichern so wenig wie möglich.", "We store as little as possible."),
        accessibility_statement: text("Diese Seiten sollen für alle da sein.", "These pages are meant for everybody."),
        contact: text("[Bürgerbüro](mailto:buergerbuero@example.org)", ""),
        demo: true,
        ..g::Tenant::default()
    }
}

fn me(token: &str) -> Result<g::GetMeResponse, Status> {
    let person = |name: &str| g::Person {
        subject_id: SUBJECT.to_owned(),
        home_tenant: "musterstadt".to_owned(),
        email: "erika@example.org".to_owned(),
        name: name.to_owned(),
        email_confirmed: true,
        ..g::Person::default()
    };
    let grants = |roles: &[g::Role]| roles.iter().map(|role| grant(*role)).collect();
    use g::Role::{Approver, DataProtectionOfficer, DataSteward, Moderator, ProcedureOwner, TenantAdministrator};
    let (name, grants) = match token {
        CITIZEN => ("Erika Mustermann", Vec::new()),
        STAFF => (
            "Max Amtmann",
            grants(&[Moderator, ProcedureOwner, Approver, DataSteward, DataProtectionOfficer, TenantAdministrator]),
        ),
        _ => return Err(Status::unauthenticated("who?")),
    };
    Ok(g::GetMeResponse {
        person: Some(person(name)),
        subject_id: SUBJECT.to_owned(),
        level: g::Level::Email.into(),
        grants,
        consistency_token: String::new(),
    })
}

fn grant(role: g::Role) -> g::Grant {
    g::Grant {
        subject_id: SUBJECT.to_owned(),
        tenant: "musterstadt".to_owned(),
        role: role.into(),
        granted_at_us: NOON,
        ..g::Grant::default()
    }
}

fn session(token: &str) -> g::Session {
    let later = 4_000_000_000_000_000;
    g::Session {
        access_token: token.to_owned(),
        expires_at_us: later,
        refresh_token: format!("refresh-{token}"),
        session_ends_at_us: later,
        ..g::Session::default()
    }
}

fn linked() -> g::LinkedProvider {
    g::LinkedProvider {
        linked_provider_id: OWN.to_owned(),
        provider: "bund".to_owned(),
        name: "Bürgerkonto".to_owned(),
        linked_at_us: NOON,
    }
}

fn erasure() -> g::Erasure {
    g::Erasure {
        erasure_id: ERASURE.to_owned(),
        subject_id: SUBJECT.to_owned(),
        scope: g::ErasureScope::NamedContributions.into(),
        contribution_ids: vec![COMMENT.to_owned()],
        state: g::ErasureState::Requested.into(),
        requested_at_us: NOON,
        due_day: "2019-10-20".to_owned(),
        ..g::Erasure::default()
    }
}

pub(super) fn serve(fake: Fake) -> Fake {
    fake.rpc("/allmende.gateway.v1.TenantService/ListTenants", |_, _: g::ListTenantsRequest| {
        let other = g::Tenant { tenant: "moers".into(), name: "Stadt Moers".into(), ..g::Tenant::default() };
        Ok(g::ListTenantsResponse { tenants: vec![tenant(), other], ..g::ListTenantsResponse::default() })
    })
    .rpc("/allmende.gateway.v1.TenantService/GetTenant", |_, asked: g::GetTenantRequest| match asked.tenant.as_str() {
        "musterstadt" => Ok(g::GetTenantResponse { tenant: Some(tenant()), ..g::GetTenantResponse::default() }),
        _ => Err(Status::not_found("unknown")),
    })
    .rpc("/allmende.gateway.v1.TenantService/SendFeedback", |_, _: g::SendFeedbackRequest| {
        Ok(g::SendFeedbackResponse::default())
    })
    .rpc("/allmende.gateway.v1.TenantService/ListFeedback", |token, _: g::ListFeedbackRequest| {
        staff(token)?;
        let text =
            g::Feedback { feedback_id: OWN.into(), text: HOSTILE.into(), sent_at_us: NOON, ..g::Feedback::default() };
        Ok(g::ListFeedbackResponse { feedback: vec![text], ..g::ListFeedbackResponse::default() })
    })
    .rpc("/allmende.gateway.v1.IdentityService/GetMe", |token, _: g::GetMeRequest| me(token))
    .rpc("/allmende.gateway.v1.IdentityService/SignIn", |_, asked: g::SignInRequest| {
        let token = match (asked.email.as_str(), asked.password.as_str()) {
            ("erika@example.org", "correct horse") => CITIZEN,
            ("max@example.org", "correct horse") => STAFF,
            _ => {
                let reason = ("gateway.allmende", "CREDENTIALS_WRONG");
                return Err(allmende_runtime::errors::rejection(reason.0, reason.1, Code::Unauthenticated, "wrong"));
            }
        };
        Ok(g::SignInResponse { session: Some(session(token)), device: "a-device".into() })
    })
    .rpc("/allmende.gateway.v1.IdentityService/GetSignInProviders", |_, _: g::GetSignInProvidersRequest| {
        let provider = g::SignInProvider { provider: "bund".into(), name: "Bürgerkonto".into() };
        Ok(g::GetSignInProvidersResponse { providers: vec![provider] })
    })
    .rpc("/allmende.gateway.v1.IdentityService/BeginProviderSignIn", |_, _: g::BeginProviderSignInRequest| {
        let authorization_url = "https://id.example/authorize?state=musterstadt.s".into();
        Ok(g::BeginProviderSignInResponse { authorization_url, sign_in: "musterstadt.bund.x".into() })
    })
    .rpc("/allmende.gateway.v1.IdentityService/CompleteProviderSignIn", |_, asked: g::CompleteProviderSignInRequest| {
        match (asked.sign_in.as_str(), asked.state.as_str(), asked.code.as_str()) {
            ("musterstadt.bund.x", "musterstadt.s", "c") => {
                Ok(g::CompleteProviderSignInResponse { session: Some(session(CITIZEN)) })
            }
            _ => Err(allmende_runtime::errors::rejection(
                "gateway.allmende",
                "SIGN_IN_OVER",
                Code::FailedPrecondition,
                "over",
            )),
        }
    })
    .rpc("/allmende.gateway.v1.IdentityService/GetSignInMethods", |token, _: g::GetSignInMethodsRequest| {
        signed_in(token)?;
        let gone = g::LinkedProvider { provider: "alt".into(), linked_provider_id: OTHER_SUBJECT.into(), ..linked() };
        let methods = g::GetSignInMethodsResponse { password: true, ..g::GetSignInMethodsResponse::default() };
        // Whoever is staff signs in with one provider and nothing else.
        Ok(match token {
            CITIZEN => g::GetSignInMethodsResponse {
                providers: vec![linked(), g::LinkedProvider { name: String::new(), ..gone }],
                ..methods
            },
            _ => g::GetSignInMethodsResponse { providers: vec![linked()], password: false, ..methods },
        })
    })
    .rpc("/allmende.gateway.v1.IdentityService/BeginProviderLink", |token, _: g::BeginProviderLinkRequest| {
        signed_in(token)?;
        let authorization_url = "https://id.example/authorize?a=b&state=musterstadt.link.s".into();
        Ok(g::BeginProviderLinkResponse { authorization_url, link: "musterstadt.bund.y".into() })
    })
    .rpc("/allmende.gateway.v1.IdentityService/LinkProvider", |token, asked: g::LinkProviderRequest| {
        signed_in(token)?;
        match (asked.link.as_str(), asked.state.as_str(), asked.code.as_str()) {
            ("musterstadt.bund.y", "musterstadt.link.s", "c") => {
                Ok(g::LinkProviderResponse { consistency_token: "seen".into() })
            }
            _ => Err(allmende_runtime::errors::rejection(
                "gateway.allmende",
                "SIGN_IN_OVER",
                Code::FailedPrecondition,
                "over",
            )),
        }
    })
    .rpc("/allmende.gateway.v1.IdentityService/UnlinkProvider", |token, _: g::UnlinkProviderRequest| {
        signed_in(token)?;
        Ok(g::UnlinkProviderResponse::default())
    })
    .rpc("/allmende.gateway.v1.IdentityService/Refresh", |_, asked: g::RefreshRequest| {
        match asked.refresh_token.strip_prefix("refresh-") {
            Some(token) => Ok(g::RefreshResponse { session: Some(session(token)) }),
            None => Err(Status::unauthenticated("over")),
        }
    })
    .rpc("/allmende.gateway.v1.IdentityService/SignOut", |_, _: g::SignOutRequest| Ok(g::SignOutResponse {}))
    .rpc("/allmende.gateway.v1.IdentityService/ListGrants", |token, asked: g::ListGrantsRequest| {
        staff(token)?;
        if asked.page_token == "grants-2" {
            let grants = vec![g::Grant { subject_id: UNLISTED.into(), ..grant(g::Role::Moderator) }];
            return Ok(g::ListGrantsResponse { grants, ..g::ListGrantsResponse::default() });
        }
        let elsewhere = g::Grant { subject_id: OTHER_SUBJECT.into(), ..grant(g::Role::Moderator) };
        let in_one = g::Grant { procedure_id: PROCEDURE.into(), ..grant(g::Role::Moderator) };
        let grants = vec![in_one, g::Grant { granted_by: SUBJECT.into(), ..grant(g::Role::DataSteward) }, elsewhere];
        Ok(g::ListGrantsResponse { grants, ..g::ListGrantsResponse::default() })
    })
    .rpc("/allmende.gateway.v1.IdentityService/ListPeople", |token, asked: g::ListPeopleRequest| {
        staff(token)?;
        // Who has a role is on the second page. There is no end of those who have none.
        let (people, next_page_token) = match asked.page_token.as_str() {
            "" => (Vec::new(), "people-2".into()),
            "people-2" => {
                let elsewhere = g::Person { subject_id: OTHER_SUBJECT.into(), ..g::Person::default() };
                (me(CITIZEN)?.person.into_iter().chain([elsewhere]).collect(), "people-3".into())
            }
            _ => (Vec::new(), "people-3".into()),
        };
        Ok(g::ListPeopleResponse { people, next_page_token, ..g::ListPeopleResponse::default() })
    })
    .rpc("/allmende.gateway.v1.ErasureService/ListErasureRequests", |token, _: g::ListErasureRequestsRequest| {
        staff(token)?;
        Ok(g::ListErasureRequestsResponse { erasures: vec![erasure()], ..g::ListErasureRequestsResponse::default() })
    })
    .rpc("/allmende.gateway.v1.ErasureService/GetErasure", |token, asked: g::GetErasureRequest| {
        signed_in(token)?;
        if asked.erasure_id == WHOLE_ERASURE {
            let scope = g::ErasureScope::Account.into();
            let erasure = g::Erasure { erasure_id: asked.erasure_id, scope, contribution_ids: Vec::new(), ..erasure() };
            return Ok(g::GetErasureResponse { erasure: Some(erasure), ..g::GetErasureResponse::default() });
        }
        Ok(g::GetErasureResponse { erasure: Some(erasure()), ..g::GetErasureResponse::default() })
    })
    .rpc("/allmende.gateway.v1.MailService/ListOutbox", |token, _: g::ListOutboxRequest| {
        staff(token)?;
        Ok(g::ListOutboxResponse { mails: vec![mail()], ..g::ListOutboxResponse::default() })
    })
}

fn mail() -> g::Mail {
    g::Mail {
        mail_id: MAIL.to_owned(),
        kind: g::MailKind::ContributionReceived.into(),
        state: g::MailState::Failed.into(),
        attempts: 3,
        queued_at_us: NOON,
        tried_at_us: NOON,
        reply_code: 451,
    }
}
