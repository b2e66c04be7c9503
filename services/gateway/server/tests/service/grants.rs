use std::time::Duration;

use allmende_proto::gateway::v1 as pb;
use tonic::{Code, Status};

use crate::support::{Running, reason, start};

fn revoke(running: &Running, tenant: &str, subject: &str, role: pb::Role) -> pb::RevokeRoleRequest {
    pb::RevokeRoleRequest {
        tenant: tenant.into(),
        request_id: running.request_id(),
        subject_id: subject.into(),
        role: role.into(),
        procedure_id: String::new(),
    }
}

#[tokio::test]
async fn a_grant_counts_at_once_and_no_longer_than_it_stands() {
    let running = start().await;
    let (subject, mut maria) = running.somebody("koeln", "maria@example.org", &[]).await;
    let people = |tenant: &str| pb::ListPeopleRequest { tenant: tenant.into(), ..pb::ListPeopleRequest::default() };
    for _ in 0..20 {
        let refused = maria.identity.list_people(people("koeln")).await.unwrap_err();
        assert_eq!(refused.code(), Code::PermissionDenied);
        running.grant("koeln", &subject, pb::Role::TenantAdministrator).await;
        let listed = maria.identity.list_people(people("koeln")).await.unwrap().into_inner().people;
        assert_eq!((listed.len(), listed[0].email.as_str()), (1, "maria@example.org"));
        assert_eq!(maria.identity.list_people(people("bonn")).await.unwrap_err().code(), Code::PermissionDenied);
        let request = revoke(&running, "koeln", &subject, pb::Role::TenantAdministrator);
        running.operator().identity.revoke_role(request).await.unwrap();
    }
}

#[tokio::test]
async fn an_administrator_gives_roles_of_their_own_tenant_and_makes_no_operators() {
    let running = start().await;
    let (_, mut admin) = running.somebody("koeln", "admin@example.org", &[pb::Role::TenantAdministrator]).await;
    let subject = running.registered("bonn", "maria@example.org").await;
    let grant = |tenant: &str, role: pb::Role| pb::GrantRoleRequest {
        tenant: tenant.into(),
        request_id: running.request_id(),
        email: "maria@example.org".into(),
        role: role.into(),
        ..pb::GrantRoleRequest::default()
    };
    // Somebody with an account elsewhere acts here too.
    let given = admin.identity.grant_role(grant("koeln", pb::Role::Moderator)).await.unwrap().into_inner();
    assert_eq!(given.grant.unwrap().subject_id, subject);
    let refused = admin.identity.grant_role(grant("bonn", pb::Role::Moderator)).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::PermissionDenied, "PERMISSION_DENIED"));
    let refused = admin.identity.grant_role(grant("koeln", pb::Role::PlatformOperator)).await.unwrap_err();
    assert_eq!((refused.code(), reason(&refused).as_str()), (Code::PermissionDenied, "GRANT_NOT_YOURS_TO_GIVE"));
    let unknown = pb::GrantRoleRequest { email: "nobody@example.org".into(), ..grant("koeln", pb::Role::Moderator) };
    assert_eq!(reason(&admin.identity.grant_role(unknown).await.unwrap_err()), "PERSON_UNKNOWN");

    let list = pb::ListGrantsRequest { tenant: "koeln".into(), ..pb::ListGrantsRequest::default() };
    let grants = admin.identity.list_grants(list).await.unwrap().into_inner().grants;
    assert_eq!(grants.len(), 2);
    let people = pb::ListPeopleRequest { tenant: "koeln".into(), page_size: 1, ..pb::ListPeopleRequest::default() };
    let first = admin.identity.list_people(people.clone()).await.unwrap().into_inner();
    let next = pb::ListPeopleRequest { page_token: first.next_page_token, ..people };
    let second = admin.identity.list_people(next).await.unwrap().into_inner();
    assert_eq!((first.people.len(), second.people.len(), second.next_page_token.as_str()), (1, 1, ""));
    // What they are called is for the administration of their home.
    let mut people = [first.people, second.people].concat();
    people.retain(|person| person.subject_id == subject);
    assert_eq!(people, [pb::Person { subject_id: subject, language: pb::Language::De.into(), ..Default::default() }]);
}

/// A call of which nobody waits for the answer.
async fn given_up<T>(patience: Duration, call: impl Future<Output = Result<T, Status>>) -> bool {
    tokio::time::timeout(patience, call).await.is_err()
}

#[tokio::test]
async fn a_grant_that_was_taken_back_is_gone_though_nobody_waits_for_the_answer() {
    let running = start().await;
    let (subject, mut maria) = running.somebody("koeln", "maria@example.org", &[]).await;
    let grants = || pb::ListGrantsRequest { tenant: "koeln".into(), ..pb::ListGrantsRequest::default() };
    let mut cut_off = 0;
    // How long a commit takes is a question of the machine: longer and longer patience, from the beginning again.
    for micros in (0..10_000).step_by(50).cycle().take(1_000) {
        running.grant("koeln", &subject, pb::Role::Auditor).await;
        maria.identity.list_grants(grants()).await.unwrap();
        let request = revoke(&running, "koeln", &subject, pb::Role::Auditor);
        let mut operator = running.operator().identity;
        let given_up = given_up(Duration::from_micros(micros), operator.revoke_role(request.clone())).await;
        if !given_up {
            continue;
        }
        // Mostly, whatever was cut off is stored by now, or never will be.
        tokio::time::sleep(Duration::from_millis(50)).await;
        let left = running.operator().identity.list_grants(grants()).await.unwrap().into_inner().grants;
        if left.is_empty() {
            cut_off += 1;
            let refused = maria.identity.list_grants(grants()).await.unwrap_err();
            assert_eq!(refused.code(), Code::PermissionDenied, "{micros} us");
            if cut_off == 3 {
                break;
            }
        }
        // Sent again it is the same, however late the first one comes: it takes nothing of the next round.
        operator.revoke_role(request).await.unwrap();
    }
    assert!(cut_off > 0, "no call was cut off between its commit and its answer");
}

#[tokio::test]
async fn an_operator_makes_another_for_all_tenants() {
    let running = start().await;
    let (subject, mut maria) = running.somebody("koeln", "maria@example.org", &[pb::Role::PlatformOperator]).await;
    let me = maria.identity.get_me(pb::GetMeRequest::default()).await.unwrap().into_inner();
    assert_eq!((me.grants.len(), me.grants[0].tenant.as_str()), (1, ""));
    for tenant in ["koeln", "bonn"] {
        let request = pb::GrantRoleRequest {
            tenant: tenant.into(),
            request_id: running.request_id(),
            subject_id: subject.clone(),
            role: pb::Role::PlatformOperator.into(),
            ..pb::GrantRoleRequest::default()
        };
        maria.identity.grant_role(request).await.unwrap();
    }
}
