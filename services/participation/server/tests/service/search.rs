//! German full text over what is public.

use allmende_kernel::TenantId;
use allmende_keyring::{KeyId, Keyring as _};
use allmende_proto::participation::v1 as pb;
use allmende_proto::participation::v1::search_hit::Thing;
use uuid::Uuid;

use crate::support::{Running, TENANT, fields, run, start};

async fn hits(service: &Running, query: &str) -> Vec<pb::SearchHit> {
    let request = pb::SearchPublicRequest { tenant: TENANT.into(), query: query.into(), ..Default::default() };
    service.visitor().search_public(request).await.unwrap().into_inner().hits
}

fn contributions(hits: &[pb::SearchHit]) -> Vec<String> {
    let id = |hit: &pb::SearchHit| match hit.thing.as_ref().unwrap() {
        Thing::ContributionId(id) => Some(id.clone()),
        _ => None,
    };
    hits.iter().filter_map(id).collect()
}

/// Waits until the search shows what was done.
async fn shown(service: &Running, token: &str) {
    let request = pb::SearchPublicRequest {
        tenant: TENANT.into(),
        query: "egal".into(),
        consistency_token: token.into(),
        ..Default::default()
    };
    service.visitor().search_public(request).await.unwrap();
}

async fn head(service: &Running) -> String {
    let request = pb::ListProceduresRequest { tenant: TENANT.into(), ..Default::default() };
    service.visitor().list_procedures(request).await.unwrap().into_inner().consistency_token
}

#[test]
fn words_are_found_in_any_form_with_what_stands_around_them() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let benches =
            service.published_comment("anna", &procedure, "ziele", "Es fehlen Bänke unter den alten Bäumen.").await;
        let cars = service
            .published_comment("ben", &procedure, "ziele", "Es fahren zu viele Wagen auf schmalen Straßen.")
            .await;
        shown(&service, &head(&service).await).await;

        let found = hits(&service, "Baum").await;
        assert_eq!(contributions(&found), std::slice::from_ref(&benches));
        let mark = &found[0].marks[0];
        assert_eq!(&found[0].snippet[mark.start as usize..mark.end as usize], "Bäumen");
        assert_eq!(contributions(&hits(&service, "Strasse").await), std::slice::from_ref(&cars));
        assert_eq!(contributions(&hits(&service, "fehlen -Wagen").await), std::slice::from_ref(&benches));
        assert_eq!(contributions(&hits(&service, "\"alten Bäumen\"").await), std::slice::from_ref(&benches));
        assert!(hits(&service, "\"Bäumen alten\"").await.is_empty());
        // Titles and texts of the administration too, and syntax of no kind.
        assert!(matches!(hits(&service, "Mit-Mach-Stadt").await[0].thing, Some(Thing::ProcedureId(_))));
        assert!(matches!(hits(&service, "verwaltet").await[0].thing, Some(Thing::Section(_))));
        for hostile in ["tenant:brandis", "a:[* TO *]", "(((", "*", "Bänke AND OR NOT", "owner:x^99"] {
            let request =
                pb::SearchPublicRequest { tenant: TENANT.into(), query: hostile.into(), ..Default::default() };
            let answer = service.visitor().search_public(request).await;
            assert!(answer.map_or_else(|status| status.code() == tonic::Code::InvalidArgument, |_| true), "{hostile}");
        }
        let nothing = pb::SearchPublicRequest { tenant: TENANT.into(), query: "-nur".into(), ..Default::default() };
        assert_eq!(fields(service.visitor().search_public(nothing).await), ["query"]);
        let elsewhere = pb::SearchPublicRequest { tenant: "grimma".into(), query: "Baum".into(), ..Default::default() };
        assert!(service.visitor().search_public(elsewhere).await.unwrap().into_inner().hits.is_empty());
        service.stop().await;
    });
}

#[test]
fn a_missing_or_damaged_index_is_made_anew() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let id = service.published_comment("anna", &procedure, "ziele", "Ein Wort: Fahrradständer.").await;
        let folder = service.data.path().join("search/participation-0");
        let (data, keyring) = {
            let service = service.restart().await;
            shown(&service, &head(&service).await).await;
            assert_eq!(contributions(&hits(&service, "Fahrradständer").await), std::slice::from_ref(&id));
            service.stop().await
        };
        std::fs::write(folder.join("meta.json"), "{").unwrap();
        let service = crate::support::start_again(data, keyring).await;
        shown(&service, &head(&service).await).await;
        assert_eq!(contributions(&hits(&service, "Fahrradständer").await), [id]);
        service.stop().await;
    });
}

#[test]
fn a_text_that_does_not_open_holds_up_no_other() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let comment = service.comment(&procedure, "ziele", "Quittenbrot");
        let id = comment.contribution_id.clone();
        service.by("anna").post_comment(comment).await.unwrap();
        // Another key in its place: the box is as good as damaged.
        service.keyring.restore(Vec::new());
        let tenant = TenantId::parse(TENANT).unwrap();
        let key = KeyId::contribution(Uuid::parse_str(&id).unwrap());
        service.keyring.ensure(&tenant, key).await.unwrap();
        service.publish(&procedure, &id).await;
        let other = service.published_comment("ben", &procedure, "ziele", "Apfelmus").await;
        shown(&service, &head(&service).await).await;
        assert_eq!(contributions(&hits(&service, "Apfelmus").await), [other]);
        assert!(*service.participation.ready().borrow());
        service.stop().await;
    });
}
