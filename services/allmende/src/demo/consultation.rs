//! A consultation on a text that goes on: comments over several channels, an amendment that was taken over, a revision,
//! and a comment that nobody has answered yet.

use allmende_proto::participation::v1 as pb;
use anyhow::Context as _;
use pb::PhaseKind::{Consultation, Evaluation, Information};

use super::scene::{Entry, LICENCE, Scene};
use super::texts::Draft;

/// First and last day of the consultation: three weeks, as the handbook's was.
const DAYS: (i64, i64) = (-7, 14);

pub(super) async fn hold(draft: &Draft, scene: &Scene<'_>) -> anyhow::Result<()> {
    let phases = [(Information, -21, -8), (Consultation, DAYS.0, DAYS.1), (Evaluation, 15, 60)];
    scene.open((draft.title, draft.summary), "Konsultation", &phases).await?;
    publish_draft(draft, scene).await?;
    let comments = comment(draft, scene).await?;
    let amendment = amend(draft, scene).await?;
    for contribution in comments.iter().take(3).chain([&amendment]) {
        scene.publish(contribution).await?;
    }
    scene.support(&comments[0], 5).await?;
    scene.support(&amendment, 7).await?;
    let answered = [comments[0].clone(), comments[1].clone(), amendment.clone()];
    scene.answer_theme("Klarheit und Verbindlichkeit", &answered, draft.answer).await?;
    accept(scene, &amendment).await?;
    revise(draft, scene).await
}

async fn publish_draft(draft: &Draft, scene: &Scene<'_>) -> anyhow::Result<()> {
    let mut client = scene.staff.administration.participation();
    client
        .publish_draft(pb::PublishDraftRequest {
            tenant: scene.tenant(),
            request_id: scene.request_id("draft"),
            procedure_id: scene.procedure_id(),
            document_id: scene.id("document"),
            title: draft.title.to_owned(),
            markdown: draft.markdown(None),
        })
        .await
        .context("publishing a draft")?;
    client
        .open_consultation(pb::OpenConsultationRequest {
            tenant: scene.tenant(),
            request_id: scene.request_id("consult"),
            procedure_id: scene.procedure_id(),
            document_id: scene.id("document"),
            from_day: scene.seed.day(DAYS.0),
            to_day: scene.seed.day(DAYS.1),
        })
        .await
        .context("opening a consultation")?;
    Ok(())
}

/// Three comments, one of them from a letter, and a fourth that nobody has looked at.
async fn comment(draft: &Draft, scene: &Scene<'_>) -> anyhow::Result<Vec<String>> {
    let mut comments = Vec::new();
    for (number, (section, body)) in draft.comments.iter().enumerate() {
        let mut entry = Entry::new(format!("comment {number}"), pb::ContributionKind::Comment, "", body);
        let section = section_of(draft, scene, *section);
        entry.target = Some(pb::Target { target: Some(pb::target::Target::Section(section)) });
        comments.push(match number {
            2 => scene.enter(pb::Channel::Letter, -2, &entry).await?,
            _ => scene.hand_in(number, &entry).await?,
        });
    }
    Ok(comments)
}

async fn amend(draft: &Draft, scene: &Scene<'_>) -> anyhow::Result<String> {
    let contribution_id = scene.id("amendment");
    let request = pb::ProposeAmendmentRequest {
        tenant: scene.tenant(),
        request_id: scene.request_id("amend"),
        contribution_id: contribution_id.clone(),
        procedure_id: scene.procedure_id(),
        section: Some(section_of(draft, scene, 1)),
        text: Some(pb::Text {
            title: String::new(),
            body: draft.amendment.1.to_owned(),
            proposed_text: draft.amendment.0.to_owned(),
        }),
        channel: pb::Channel::Web.into(),
        granted_licence: LICENCE.to_owned(),
    };
    scene.citizen(7).participation().propose_amendment(request).await.context("proposing an amendment")?;
    Ok(contribution_id)
}

async fn accept(scene: &Scene<'_>, amendment: &str) -> anyhow::Result<()> {
    let request = pb::AcceptAmendmentRequest {
        tenant: scene.tenant(),
        request_id: scene.request_id("accept"),
        procedure_id: scene.procedure_id(),
        contribution_id: amendment.to_owned(),
    };
    scene.staff.administration.participation().accept_amendment(request).await.context("accepting an amendment")?;
    Ok(())
}

async fn revise(draft: &Draft, scene: &Scene<'_>) -> anyhow::Result<()> {
    let request = pb::PublishRevisionRequest {
        tenant: scene.tenant(),
        request_id: scene.request_id("revise"),
        procedure_id: scene.procedure_id(),
        document_id: scene.id("document"),
        base_version: 1,
        markdown: draft.markdown(Some(draft.amendment.0)),
        // The letter has no answer yet.
        despite_unanswered: true,
    };
    scene.staff.administration.participation().publish_revision(request).await.context("publishing a revision")?;
    Ok(())
}

fn section_of(draft: &Draft, scene: &Scene<'_>, number: usize) -> pb::SectionTarget {
    let section_id = draft.sections[number].id.to_owned();
    pb::SectionTarget { document_id: scene.id("document"), section_id, version: 0 }
}
