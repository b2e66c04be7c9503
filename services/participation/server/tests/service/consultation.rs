//! A text in versions: anchors, differences, answers by theme, the warning before a revision.

use allmende_proto::participation::v1 as pb;
use tonic::Code;

use crate::support::{DRAFT, TENANT, id, not_found, refusal, run, start};

const SECOND: &str = "# Leitfaden\nWorum es geht.\n## Was wir erreichen wollen\nDie Stadt wird ganz offen verwaltet.\n\
                      ## Neues\nEtwas ganz anderes.\n";

#[test]
fn a_revision_warns_while_comments_lack_an_answer_and_anchors_survive_it() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let on_goals = service.published_comment("anna", &procedure, "ziele", "Was heißt offen?").await;
        service.clock.advance(allmende_kernel::Duration::from_secs(1));
        let on_ways = service.published_comment("ben", &procedure, "wege", "Wer alles?").await;
        let mut owner = service.by("owner");
        let warned = owner.publish_revision(service.revision(&procedure, 1, SECOND)).await.unwrap().into_inner();
        assert_eq!((warned.published, warned.unanswered, warned.document.unwrap().latest_version), (false, 2, 1));
        assert_eq!(warned.unanswered_ids, [on_goals.clone(), on_ways.clone()]);

        // A theme answers both, also the one that is assigned after the answer.
        let theme = pb::DefineThemeRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            procedure_id: procedure.id.clone(),
            theme_id: id(),
            title: "Offenheit".into(),
            description: String::new(),
        };
        let mut clerk = service.by("clerk");
        clerk.define_theme(theme.clone()).await.unwrap();
        let assign = |contribution: &str| pb::AssignThemeRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            procedure_id: procedure.id.clone(),
            contribution_ids: vec![contribution.into()],
            theme_id: theme.theme_id.clone(),
        };
        clerk.assign_theme(assign(&on_goals)).await.unwrap();
        let response = pb::RespondToThemeRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            procedure_id: procedure.id.clone(),
            theme_id: theme.theme_id.clone(),
            text: "Alle Unterlagen stehen im Netz.".into(),
        };
        clerk.respond_to_theme(response).await.unwrap();
        clerk.assign_theme(assign(&on_ways)).await.unwrap();

        let revision = service.revision(&procedure, 1, SECOND);
        let revised = owner.publish_revision(revision.clone()).await.unwrap().into_inner();
        assert_eq!((revised.published, revised.unanswered, revised.document.unwrap().latest_version), (true, 0, 2));
        let outdated = owner.publish_revision(service.revision(&procedure, 1, "# Anders\n")).await;
        assert_eq!(refusal(outdated), (Code::Aborted, "VERSION_OUTDATED".to_owned()));

        let request = pb::GetDocumentRequest {
            tenant: TENANT.into(),
            document_id: procedure.document.clone(),
            version: 0,
            consistency_token: String::new(),
        };
        let version = service.visitor().get_document(request).await.unwrap().into_inner().version.unwrap();
        let sections: Vec<_> = version.sections.iter().map(|it| (it.section_id.as_str(), it.comments)).collect();
        assert_eq!(sections, [("leitfaden", 0), ("ziele", 1), ("neues", 0)]);
        assert_eq!(service.thread(&procedure, "ziele").await, ["Was heißt offen?"]);

        let synopsis = service.visitor().list_synopsis(procedure.synopsis()).await.unwrap().into_inner().entries;
        let lines: Vec<_> = synopsis
            .iter()
            .map(|it| (it.heading.as_str(), it.version, it.response.as_ref().map(|it| it.text.as_str())))
            .collect();
        let answer = Some("Alle Unterlagen stehen im Netz.");
        assert_eq!(lines, [("Was wir erreichen wollen", 1, answer), ("Wege", 1, answer)], "what is gone comes last");

        // Sent again it is published still, though somebody has commented since.
        service.published_comment("carla", &procedure, "neues", "Und die Bäder?").await;
        let again = owner.publish_revision(revision).await.unwrap().into_inner();
        assert_eq!((again.published, again.unanswered, again.document.unwrap().latest_version), (true, 1, 2));
        service.stop().await;
    });
}

#[test]
fn versions_are_compared_section_by_section() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let mut owner = service.by("owner");
        owner.publish_revision(service.revision(&procedure, 1, SECOND)).await.unwrap();
        let request = pb::DiffVersionsRequest {
            tenant: TENANT.into(),
            document_id: procedure.document.clone(),
            from_version: 1,
            to_version: 2,
            consistency_token: String::new(),
        };
        let diff = service.visitor().diff_versions(request.clone()).await.unwrap().into_inner().sections;
        let changes: Vec<_> = diff.iter().map(|it| (it.section_id.as_str(), it.change())).collect();
        use pb::SectionChange::{Added, Changed, Removed, Unchanged};
        assert_eq!(changes, [("leitfaden", Unchanged), ("ziele", Changed), ("neues", Added), ("wege", Removed)]);
        assert_eq!(diff[1].old_heading, "Ziele");
        let inserted = diff[1].spans.iter().find(|it| it.operation() == pb::DiffOperation::Inserted).unwrap();
        assert_eq!(inserted.text.trim(), "ganz");
        let unknown = pb::DiffVersionsRequest { to_version: 3, ..request };
        assert_eq!(refusal(service.visitor().diff_versions(unknown).await), not_found("VERSION_UNKNOWN"));
        service.stop().await;
    });
}

#[test]
fn an_amendment_is_proposed_and_taken_over() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let section =
            pb::SectionTarget { document_id: procedure.document.clone(), section_id: "ziele".into(), version: 0 };
        let amendment = pb::ProposeAmendmentRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            contribution_id: id(),
            procedure_id: procedure.id.clone(),
            section: Some(section),
            text: Some(pb::Text {
                title: String::new(),
                body: "Klarer so.".into(),
                proposed_text: "Die Stadt verwaltet offen.".into(),
            }),
            channel: 0,
            granted_licence: crate::support::LICENCE.into(),
        };
        service.by("anna").propose_amendment(amendment.clone()).await.unwrap();
        service.publish(&procedure, &amendment.contribution_id).await;
        let accept = pb::AcceptAmendmentRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            procedure_id: procedure.id.clone(),
            contribution_id: amendment.contribution_id.clone(),
        };
        service.by("clerk").accept_amendment(accept).await.unwrap();
        let revision = service.revision(&procedure, 1, &DRAFT.replace("wird offen verwaltet", "verwaltet offen"));
        let revised = service.by("owner").publish_revision(revision).await.unwrap().into_inner();
        assert!(revised.published, "an amendment that was taken over is answered");
        let synopsis = service.visitor().list_synopsis(procedure.synopsis()).await.unwrap().into_inner().entries;
        assert!(synopsis[0].accepted && synopsis[0].kind() == pb::ContributionKind::Amendment);
        service.stop().await;
    });
}

#[test]
fn a_synopsis_is_read_page_by_page() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let mut expected = Vec::new();
        for section in ["leitfaden", "ziele", "wege"] {
            for number in 0..3 {
                let body = format!("{section} {number}");
                service.published_comment("anna", &procedure, section, &body).await;
                service.clock.advance(allmende_kernel::Duration::from_secs(1));
                expected.push(body);
            }
        }
        for size in 1..=10 {
            let mut request = pb::ListSynopsisRequest { page_size: size, ..procedure.synopsis() };
            let mut read = Vec::new();
            loop {
                let page = service.visitor().list_synopsis(request.clone()).await.unwrap().into_inner();
                assert!(page.entries.len() <= size as usize);
                read.extend(page.entries.into_iter().map(|it| it.text.unwrap().body));
                if page.next_page_token.is_empty() {
                    break;
                }
                request.page_token = page.next_page_token;
            }
            assert_eq!(read, expected, "pages of {size}");
        }
        service.stop().await;
    });
}
