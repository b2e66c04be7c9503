//! Bad input is named by its fields, and stores nothing.

use allmende_proto::participation::v1 as pb;
use allmende_runtime::errors::{Rule, violations};
use tonic::{Code, Status};

use crate::support::{LICENCE, Procedure, TENANT, fields, getting, id, phase, refusal, run, start, text};

/// The fields that come before what they are to follow.
fn backwards<T>(answer: &Result<T, Status>) -> Vec<String> {
    let violations = answer.as_ref().err().map(violations).unwrap_or_default().into_iter();
    violations.filter(|violation| violation.rule == Rule::Order).map(|violation| violation.field).collect()
}

#[test]
fn fields_of_a_procedure_are_named() {
    run(async {
        let service = start().await;
        let mut owner = service.by("owner");
        let empty = pb::OpenProcedureRequest {
            tenant: TENANT.into(),
            procedure_id: id(),
            supports_per_person: 1_001,
            ..Default::default()
        };
        let expected = ["request_id", "title", "method", "required_level", "licence", "supports_per_person", "phases"];
        assert_eq!(fields(owner.open_procedure(empty).await), expected);
        let mut wrong = service.opening(&id());
        wrong.title = "Zwei\nZeilen".into();
        wrong.phases = vec![
            phase(pb::PhaseKind::Submission, "2019-09-27", "2019-09-07"),
            phase(pb::PhaseKind::Unspecified, "27.09.2019", "2019-02-29"),
        ];
        wrong.transcription_until_day = "morgen".into();
        let refused = owner.open_procedure(wrong).await;
        assert_eq!(backwards(&refused), ["phases[0].to_day"]);
        assert_eq!(
            fields(refused),
            [
                "title",
                "phases[0].to_day",
                "phases[1].kind",
                "phases[1].from_day",
                "phases[1].to_day",
                "transcription_until_day"
            ]
        );
        let nobody = pb::OpenProcedureRequest { procedure_id: "x".into(), ..service.opening("") };
        assert_eq!(fields(owner.open_procedure(nobody).await), ["procedure_id"]);
        let consultation = service.consultation(&Procedure { id: id(), document: id() });
        let wrong = pb::OpenConsultationRequest { to_day: "2019-09-06".into(), ..consultation };
        assert_eq!(backwards(&owner.open_consultation(wrong).await), ["to_day"]);
        service.stop().await;
    });
}

#[test]
fn fields_of_a_comment_are_named() {
    run(async {
        let service = start().await;
        let procedure = Procedure { id: id(), document: id() };
        let mut anna = service.by("anna");
        let wrong = pb::PostCommentRequest {
            request_id: "x".into(),
            contribution_id: "y".into(),
            target: Some(procedure.section("Groß geschrieben")),
            text: None,
            channel: pb::Channel::Letter.into(),
            ..service.comment(&procedure, "ziele", "")
        };
        let expected = ["request_id", "target.section.section_id", "channel", "contribution_id", "text"];
        assert_eq!(fields(anna.post_comment(wrong).await), expected);
        for body in ["", "  \n ", "a\u{0}b", "a\u{202e}b", "a\u{1b}[31m", &"ä".repeat(10_001)] {
            let comment = pb::PostCommentRequest { text: text(body), ..service.comment(&procedure, "ziele", "") };
            assert_eq!(fields(anna.post_comment(comment).await), ["text.body"], "{body:?}");
        }
        let proposed = pb::PostCommentRequest {
            text: Some(pb::Text { title: String::new(), body: "a".into(), proposed_text: "b".into() }),
            ..service.comment(&procedure, "ziele", "")
        };
        assert_eq!(fields(anna.post_comment(proposed).await), ["text.proposed_text"]);
        service.stop().await;
    });
}

#[test]
fn markup_is_text() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let hostile = "<script>alert('x')</script> ' OR 1=1 -- {{7*7}} \u{1F4A9} ../../etc/passwd";
        let id = service.published_comment("anna", &procedure, "ziele", hostile).await;
        assert_eq!(service.see("ben", &id).await.text.unwrap().body, hostile);
        service.stop().await;
    });
}

#[test]
fn pages_have_a_size_and_tokens_their_query() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        for number in 0..3 {
            service.published_comment("anna", &procedure, "ziele", &number.to_string()).await;
        }
        let mut visitor = service.visitor();
        let large = pb::ListSectionThreadRequest { page_size: 201, ..procedure.thread("ziele") };
        assert_eq!(fields(visitor.list_section_thread(large).await), ["page_size"]);
        let page = pb::ListSectionThreadRequest { page_size: 1, ..procedure.thread("ziele") };
        let token = visitor.list_section_thread(page).await.unwrap().into_inner().next_page_token;
        let other = pb::ListSectionThreadRequest { page_token: token, ..procedure.thread("wege") };
        assert_eq!(fields(visitor.list_section_thread(other).await), ["page_token"]);
        let wrong = pb::GetContributionRequest { consistency_token: "!".into(), ..getting("x") };
        assert_eq!(fields(visitor.get_contribution(wrong).await), ["contribution_id", "consistency_token"]);
        let area = pb::ListContributionsRequest {
            tenant: TENANT.into(),
            procedure_id: procedure.id.clone(),
            area: Some(pb::Area { south: f64::NAN, west: 0.0, north: 1.0, east: 1.0 }),
            ..Default::default()
        };
        assert_eq!(fields(visitor.list_contributions(area).await), ["area"]);
        service.stop().await;
    });
}

/// A violation says which rule was broken: pages have a sentence for each.
#[test]
fn a_violation_is_of_the_rule_that_was_broken() {
    fn broken<T: std::fmt::Debug>(answer: Result<T, Status>) -> Vec<(String, Rule)> {
        let found = violations(&answer.unwrap_err()).into_iter();
        found.map(|violation| (violation.field, violation.rule)).collect()
    }
    let of = |field: &str, rule| vec![(field.to_owned(), rule)];
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let (mut anna, mut visitor) = (service.by("anna"), service.visitor());
        let comment = service.comment(&procedure, "ziele", "a\u{202e}b");
        assert_eq!(broken(anna.post_comment(comment).await), of("text.body", Rule::Visible));
        let comment =
            pb::PostCommentRequest { channel: pb::Channel::Letter.into(), ..service.comment(&procedure, "ziele", "a") };
        assert_eq!(broken(anna.post_comment(comment).await), of("channel", Rule::Value));
        let listed = || pb::ListContributionsRequest {
            tenant: TENANT.into(),
            procedure_id: procedure.id.clone(),
            ..Default::default()
        };
        let kinds = pb::ListContributionsRequest { kinds: vec![99], ..listed() };
        assert_eq!(broken(visitor.list_contributions(kinds).await), of("kinds", Rule::Value));
        let area = Some(pb::Area { south: 52.0, west: 6.0, north: 51.0, east: 7.0 });
        let area = pb::ListContributionsRequest { area, ..listed() };
        assert_eq!(broken(visitor.list_contributions(area).await), of("area", Rule::Order));
        let ruling = pb::ModerateContributionRequest { decision: 0, ..service.publishing(&procedure, &id()) };
        let ruling = pb::ModerateContributionRequest { reason: pb::ModerationReason::Insult.into(), ..ruling };
        let answer = service.by("moderator").moderate_contribution(ruling).await;
        assert_eq!(broken(answer), of("decision", Rule::Value));
        service.stop().await;
    });
}

#[test]
fn what_does_not_exist_is_said_to_whoever_may_know() {
    run(async {
        let service = start().await;
        let procedure = service.procedure().await;
        let mut moderator = service.by("moderator");
        let unknown = moderator.moderate_contribution(service.publishing(&procedure, &id())).await;
        assert_eq!(refusal(unknown), (Code::NotFound, "CONTRIBUTION_UNKNOWN".to_owned()));
        let report = pb::ReportContributionRequest {
            tenant: TENANT.into(),
            request_id: service.request_id(),
            contribution_id: id(),
            reason: pb::ModerationReason::Insult.into(),
            note: "x".into(),
        };
        let unknown = service.by("anna").report_contribution(report).await;
        assert_eq!(refusal(unknown), (Code::NotFound, "CONTRIBUTION_UNKNOWN".to_owned()));
        let no_section = service.comment(&procedure, "nirgends", "Wohin?");
        let answer = service.by("anna").post_comment(no_section).await;
        assert_eq!(refusal(answer), (Code::NotFound, "SECTION_UNKNOWN".to_owned()));
        let mut elsewhere = service.idea(&procedure, "Wo?");
        elsewhere.tenant = "grimma".into();
        elsewhere.granted_licence = LICENCE.into();
        let answer = service.by("anna").submit_contribution(elsewhere).await;
        assert_eq!(refusal(answer), (Code::NotFound, "PROCEDURE_UNKNOWN".to_owned()));
        service.stop().await;
    });
}
