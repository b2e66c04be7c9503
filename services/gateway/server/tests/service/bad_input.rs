use allmende_proto::gateway::v1 as pb;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use crate::support::{Running, start};

/// The fields that a refusal names.
#[track_caller]
fn fields<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<String> {
    let status = answer.unwrap_err();
    assert_eq!(status.code(), Code::InvalidArgument, "{status}");
    let details = status.get_details_bad_request().unwrap();
    details.field_violations.into_iter().map(|violation| violation.field).collect()
}

#[tokio::test]
async fn accounts_name_each_field_that_is_wrong() {
    let running = start().await;
    let mut visitor = running.visitor().identity;
    let wrong = pb::RegisterRequest {
        tenant: "koeln".into(),
        request_id: "1".into(),
        email: "no address".into(),
        password: "short".into(),
        name: "a\u{0}b".into(),
        language: 99,
    };
    let named = fields(visitor.register(wrong.clone()).await);
    assert_eq!(named, ["request_id", "email", "password", "name", "language"]);
    for tenant in ["", "Köln", "a/b"] {
        let wrong = pb::RegisterRequest { tenant: tenant.into(), ..wrong.clone() };
        assert_eq!(fields(visitor.register(wrong).await), ["tenant"], "{tenant}");
    }
    // What belongs to the whole installation is no tenant.
    let platform = pb::RegisterRequest { tenant: "allmende".into(), ..wrong.clone() };
    assert_eq!(visitor.register(platform).await.unwrap_err().code(), Code::NotFound);
    let long = pb::RegisterRequest { password: "x".repeat(100_000), ..running.register_request("koeln", "a@b.de") };
    assert_eq!(fields(visitor.register(long).await), ["password"]);
    let confirm = pb::ConfirmEmailRequest { tenant: "koeln".into(), ..pb::ConfirmEmailRequest::default() };
    assert_eq!(fields(visitor.confirm_email(confirm).await), ["request_id", "code", "password"]);
    assert_eq!(fields(visitor.sign_in(pb::SignInRequest::default()).await), ["email", "password"]);
    assert_eq!(fields(visitor.refresh(pb::RefreshRequest::default()).await), ["refresh_token"]);
    let long = pb::SignOutRequest { refresh_token: "x".repeat(10_000) };
    assert_eq!(fields(visitor.sign_out(long).await), ["refresh_token"]);
    let reset = pb::RequestPasswordResetRequest::default();
    assert_eq!(fields(visitor.request_password_reset(reset).await), ["request_id", "email"]);
    let reset = pb::ResetPasswordRequest { tenant: "koeln".into(), ..pb::ResetPasswordRequest::default() };
    assert_eq!(fields(visitor.reset_password(reset).await), ["request_id", "code", "new_password"]);
}

#[tokio::test]
async fn grants_and_lists_name_each_field_that_is_wrong() {
    let running = start().await;
    let mut operator = running.operator().identity;
    let wrong = pb::GrantRoleRequest {
        tenant: "koeln".into(),
        request_id: "x".into(),
        role: 99,
        procedure_id: "x".into(),
        ..pb::GrantRoleRequest::default()
    };
    let named = fields(operator.grant_role(wrong.clone()).await);
    assert_eq!(named, ["subject_id", "request_id", "role", "procedure_id"]);
    let both = pb::GrantRoleRequest { subject_id: "x".into(), email: "x".into(), ..wrong };
    assert_eq!(fields(operator.grant_role(both).await)[0], "subject_id");
    let list = pb::ListGrantsRequest {
        tenant: "koeln".into(),
        page_size: 1_000,
        page_token: "!".into(),
        consistency_token: "!".into(),
    };
    assert_eq!(fields(operator.list_grants(list).await), ["page_size", "page_token", "consistency_token"]);
    let (_, mut admin) = running.somebody("koeln", "a@example.org", &[pb::Role::TenantAdministrator]).await;
    let list = pb::ListPeopleRequest { tenant: "koeln".into(), page_size: 501, ..pb::ListPeopleRequest::default() };
    assert_eq!(fields(admin.identity.list_people(list).await), ["page_size"]);
    let list = pb::ListOutboxRequest { tenant: "koeln".into(), state: 99, ..pb::ListOutboxRequest::default() };
    assert_eq!(fields(running.operator().mail.list_outbox(list).await), ["state"]);
}

fn tenant() -> pb::Tenant {
    let text = pb::LocalizedText { de: String::new(), en: "only English".into() };
    pb::Tenant {
        tenant: "koeln".into(),
        name: "a\nb".into(),
        kind: 0,
        regional_key: "12".into(),
        imprint: Some(text),
        contact: Some(pb::LocalizedText { de: "x".repeat(50_001), en: String::new() }),
        ..pb::Tenant::default()
    }
}

#[tokio::test]
async fn tenants_and_feedback_name_each_field_that_is_wrong() {
    let running = start().await;
    let mut operator = running.operator().tenants;
    let nothing = pb::RegisterTenantRequest { request_id: running.request_id(), tenant: None };
    assert_eq!(fields(operator.register_tenant(nothing).await), ["tenant"]);
    let wrong = pb::RegisterTenantRequest { request_id: "x".into(), tenant: Some(tenant()) };
    let named = fields(operator.register_tenant(wrong).await);
    let expected =
        ["request_id", "tenant.name", "tenant.kind", "tenant.regional_key", "tenant.imprint.de", "tenant.contact.de"];
    assert_eq!(named, expected);
    let wrong = pb::SendFeedbackRequest { tenant: "koeln".into(), page: "x".repeat(201), ..Default::default() };
    let named = fields(running.visitor().tenants.send_feedback(wrong).await);
    assert_eq!(named, ["request_id", "feedback_id", "topic", "text", "page"]);
    let good = pb::SendFeedbackRequest {
        tenant: "koeln".into(),
        request_id: running.request_id(),
        feedback_id: "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57".into(),
        topic: pb::FeedbackTopic::Other.into(),
        text: "Die Hecke".into(),
        ..Default::default()
    };
    for page in ["/koeln/suche?q=Maria+Muster", "Maria Muster", "/a b", "/\u{fc}", &format!("/{}", "x".repeat(200))] {
        let wrong = pb::SendFeedbackRequest { page: page.into(), ..good.clone() };
        assert_eq!(fields(running.visitor().tenants.send_feedback(wrong).await), ["page"], "{page}");
    }
    for text in [" ", "\n\n", "Hecke\u{202e}"] {
        let wrong = pb::SendFeedbackRequest { text: text.into(), ..good.clone() };
        assert_eq!(fields(running.visitor().tenants.send_feedback(wrong).await), ["text"], "{text:?}");
    }
    let page = "/koeln/verfahren/0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57".into();
    running.visitor().tenants.send_feedback(pb::SendFeedbackRequest { page, ..good }).await.unwrap();
    let (_, admin) = running.somebody("koeln", "admin@example.org", &[pb::Role::TenantAdministrator]).await;
    let wrong = pb::EraseFeedbackRequest { tenant: "koeln".into(), ..Default::default() };
    assert_eq!(fields(admin.tenants.clone().erase_feedback(wrong).await), ["request_id", "feedback_id"]);
}

#[tokio::test]
async fn erasure_names_each_field_that_is_wrong() {
    let running: Running = start().await;
    let (_, mut maria) = running.somebody("koeln", "maria@example.org", &[pb::Role::DataProtectionOfficer]).await;
    let wrong = pb::RequestErasureRequest { tenant: "koeln".into(), ..pb::RequestErasureRequest::default() };
    assert_eq!(fields(maria.erasure.request_erasure(wrong).await), ["request_id", "erasure_id", "scope"]);
    let named = pb::RequestErasureRequest {
        tenant: "koeln".into(),
        request_id: running.request_id(),
        erasure_id: "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57".into(),
        scope: pb::ErasureScope::NamedContributions.into(),
        contribution_ids: vec!["x".into()],
        subject_id: "x".into(),
    };
    let found = fields(maria.erasure.request_erasure(named.clone()).await);
    assert_eq!(found, ["contribution_ids[0]", "subject_id"]);
    let empty = pb::RequestErasureRequest { contribution_ids: Vec::new(), subject_id: String::new(), ..named };
    assert_eq!(fields(maria.erasure.request_erasure(empty).await), ["contribution_ids"]);
    let wrong = pb::DecideErasureRequest { tenant: "koeln".into(), ..pb::DecideErasureRequest::default() };
    assert_eq!(fields(maria.erasure.decide_erasure(wrong).await), ["request_id", "erasure_id", "verdict"]);
    let wrong = pb::GetErasureRequest { tenant: "koeln".into(), ..pb::GetErasureRequest::default() };
    assert_eq!(fields(maria.erasure.get_erasure(wrong).await), ["erasure_id"]);
}
