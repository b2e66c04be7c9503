use allmende_proto::gateway::v1 as pb;
use tonic::Code;

use crate::support::{Running, reason, start, start_empty};

fn koeln() -> pb::Tenant {
    let text = |de: &str| Some(pb::LocalizedText { de: de.into(), en: String::new() });
    pb::Tenant {
        tenant: "koeln".into(),
        name: "Stadt Köln".into(),
        kind: pb::TenantKind::Municipality.into(),
        regional_key: "053150000000".into(),
        imprint: text("Stadt Köln, Die Oberbürgermeisterin"),
        privacy_notice: text("Wir verarbeiten …"),
        accessibility_statement: text("Wir bemühen uns …"),
        contact: text("Rathaus"),
        demo: true,
        registered_at_us: 0,
    }
}

fn register(running: &Running, tenant: pb::Tenant) -> pb::RegisterTenantRequest {
    pb::RegisterTenantRequest { request_id: running.request_id(), tenant: Some(tenant) }
}

#[tokio::test]
async fn a_tenant_is_registered_updated_and_read_by_everybody() {
    let running = start_empty().await;
    let mut operator = running.operator().tenants;
    let made = operator.register_tenant(register(&running, koeln())).await.unwrap().into_inner().tenant.unwrap();
    assert_eq!(pb::Tenant { registered_at_us: 0, ..made.clone() }, koeln());
    operator.register_tenant(register(&running, koeln())).await.unwrap();
    let differs = pb::Tenant { name: "Köln".into(), ..koeln() };
    let refused = operator.register_tenant(register(&running, differs.clone())).await.unwrap_err();
    assert_eq!(reason(&refused), "TENANT_DIFFERS");
    let kept = pb::Tenant { tenant: "allmende".into(), ..koeln() };
    assert_eq!(operator.register_tenant(register(&running, kept)).await.unwrap_err().code(), Code::InvalidArgument);

    let (_, mut admin) = running.somebody("koeln", "admin@example.org", &[pb::Role::TenantAdministrator]).await;
    let update = pb::UpdateTenantRequest { request_id: running.request_id(), tenant: Some(differs) };
    let updated = admin.tenants.update_tenant(update).await.unwrap().into_inner();
    let other = pb::UpdateTenantRequest {
        request_id: running.request_id(),
        tenant: Some(pb::Tenant { tenant: "bonn".into(), ..koeln() }),
    };
    assert_eq!(admin.tenants.update_tenant(other).await.unwrap_err().code(), Code::PermissionDenied);

    let mut visitor = running.visitor().tenants;
    let get = pb::GetTenantRequest { tenant: "koeln".into(), consistency_token: updated.consistency_token };
    let read = visitor.get_tenant(get).await.unwrap().into_inner().tenant.unwrap();
    assert_eq!((read.name.as_str(), read.demo), ("Köln", true));
    let get = pb::GetTenantRequest { tenant: "bonn".into(), consistency_token: String::new() };
    assert_eq!(visitor.get_tenant(get).await.unwrap_err().code(), Code::NotFound);
    let all = visitor.list_tenants(pb::ListTenantsRequest::default()).await.unwrap().into_inner().tenants;
    assert_eq!((all.len(), all[0].name.as_str(), &all[0].imprint), (1, "Köln", &None));
}

#[tokio::test]
async fn feedback_reaches_those_who_are_to_read_it_and_nobody_else() {
    let running = start().await;
    let mut visitor = running.visitor().tenants;
    let send = pb::SendFeedbackRequest {
        tenant: "koeln".into(),
        request_id: running.request_id(),
        feedback_id: "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57".into(),
        topic: pb::FeedbackTopic::Accessibility.into(),
        text: "Der Knopf hat keinen Namen.".into(),
        reply_to: "maria@example.org".into(),
        page: "/koeln/verfahren".into(),
    };
    visitor.send_feedback(send.clone()).await.unwrap();
    visitor.send_feedback(send.clone()).await.unwrap();
    let other = pb::SendFeedbackRequest { request_id: running.request_id(), text: "Anderes".into(), ..send };
    assert_eq!(reason(&visitor.send_feedback(other).await.unwrap_err()), "FEEDBACK_DIFFERS");

    let list = pb::ListFeedbackRequest { tenant: "koeln".into(), ..pb::ListFeedbackRequest::default() };
    assert_eq!(visitor.list_feedback(list.clone()).await.unwrap_err().code(), Code::Unauthenticated);
    let (_, mut admin) = running.somebody("koeln", "admin@example.org", &[pb::Role::TenantAdministrator]).await;
    let told = admin.tenants.list_feedback(list).await.unwrap().into_inner().feedback;
    assert_eq!(told.len(), 1);
    let expected = ("Der Knopf hat keinen Namen.", "maria@example.org", false);
    assert_eq!((told[0].text.as_str(), told[0].reply_to.as_str(), told[0].erased), expected);
}

#[tokio::test]
async fn feedback_is_erased_by_those_who_are_to_read_it() {
    let running = start().await;
    let (_, admin) = running.somebody("koeln", "admin@example.org", &[pb::Role::TenantAdministrator]).await;
    let (mut visitor, mut admin) = (running.visitor().tenants, admin.tenants);
    let id = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57";
    let erase = || pb::EraseFeedbackRequest {
        tenant: "koeln".into(),
        request_id: running.request_id(),
        feedback_id: id.into(),
    };
    let unknown = admin.erase_feedback(erase()).await.unwrap_err();
    assert_eq!((unknown.code(), reason(&unknown).as_str()), (Code::NotFound, "FEEDBACK_UNKNOWN"));
    let send = pb::SendFeedbackRequest {
        tenant: "koeln".into(),
        request_id: running.request_id(),
        feedback_id: id.into(),
        topic: pb::FeedbackTopic::Other.into(),
        text: "Maria Muster hat das geschrieben.".into(),
        reply_to: "maria@example.org".into(),
        page: "/koeln".into(),
    };
    let sent = visitor.send_feedback(send.clone()).await.unwrap().into_inner().consistency_token;
    let keys = running.keyring.copy_keys().len();

    assert_eq!(visitor.erase_feedback(erase()).await.unwrap_err().code(), Code::Unauthenticated);
    let elsewhere = pb::EraseFeedbackRequest { tenant: "bonn".into(), ..erase() };
    assert_eq!(admin.erase_feedback(elsewhere).await.unwrap_err().code(), Code::PermissionDenied);
    let once = erase();
    let token = admin.erase_feedback(once.clone()).await.unwrap().into_inner().consistency_token;
    assert_eq!(running.keyring.copy_keys().len(), keys - 1);
    let list = pb::ListFeedbackRequest {
        tenant: "koeln".into(),
        consistency_token: token.clone(),
        ..pb::ListFeedbackRequest::default()
    };
    let told = admin.list_feedback(list).await.unwrap().into_inner().feedback;
    let left = (told[0].text.as_str(), told[0].reply_to.as_str(), told[0].page.as_str(), told[0].erased);
    assert_eq!((told.len(), left), (1, ("", "", "/koeln", true)));
    assert_eq!(admin.erase_feedback(once).await.unwrap().into_inner().consistency_token, token);
    admin.erase_feedback(erase()).await.unwrap();

    // Who did not get the answer still gets it; others get none for which they would ask again and again.
    assert_eq!(visitor.send_feedback(send.clone()).await.unwrap().into_inner().consistency_token, sent);
    let other = pb::SendFeedbackRequest { request_id: running.request_id(), ..send };
    let differs = visitor.send_feedback(other).await.unwrap_err();
    assert_eq!((differs.code(), reason(&differs).as_str()), (Code::FailedPrecondition, "FEEDBACK_DIFFERS"));
    assert_eq!(running.keyring.copy_keys().len(), keys - 1);
}

#[tokio::test]
async fn nothing_is_kept_at_a_town_that_is_not_there() {
    let running = start().await;
    let (subject, mut maria) = running.somebody("koeln", "maria@example.org", &[]).await;
    let (tenant, request_id) = ("koeln-x".to_owned(), || running.request_id());
    let feedback = pb::SendFeedbackRequest {
        tenant: tenant.clone(),
        request_id: request_id(),
        feedback_id: "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57".into(),
        topic: pb::FeedbackTopic::Other.into(),
        text: "Die Hecke".into(),
        ..pb::SendFeedbackRequest::default()
    };
    let erasure = pb::RequestErasureRequest {
        tenant: tenant.clone(),
        request_id: request_id(),
        erasure_id: "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a57".into(),
        scope: pb::ErasureScope::Contributions.into(),
        ..pb::RequestErasureRequest::default()
    };
    let grant = pb::GrantRoleRequest {
        tenant: tenant.clone(),
        request_id: request_id(),
        subject_id: subject,
        role: pb::Role::Moderator.into(),
        ..pb::GrantRoleRequest::default()
    };
    let register = running.register_request(&tenant, "paul@example.org");
    let (mut visitor, mut operator) = (running.visitor(), running.operator());
    let refusals = [
        visitor.identity.register(register).await.unwrap_err(),
        visitor.tenants.send_feedback(feedback).await.unwrap_err(),
        maria.erasure.request_erasure(erasure).await.unwrap_err(),
        operator.identity.grant_role(grant).await.unwrap_err(),
    ];
    for refused in refusals {
        assert_eq!((refused.code(), reason(&refused).as_str()), (Code::NotFound, "TENANT_UNKNOWN"));
    }
    // It counts from the answer on that it is there.
    running.register_tenant(&tenant).await;
    running.visitor().identity.register(running.register_request(&tenant, "paul@example.org")).await.unwrap();
}
