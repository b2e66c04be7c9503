//! Ideas and proposals.

use allmende_proto::participation::v1::{
    AttachmentUpload, CoarsePoint, PhaseKind, Procedure, SubmitContributionRequest, SubmitProposalRequest, Text,
};
use axum::Extension;
use axum::extract::Path;

use super::{Outcome, contributions, procedures};
use crate::forms::{Field, Form, Submitted};
use crate::view::{Notice, Page};
use crate::visit::{Service, Visit, Visiting};
use crate::words;

/// The media type of a file by its first bytes; the service looks again.
pub(crate) fn upload(content: &axum::body::Bytes) -> AttachmentUpload {
    let media_type = match content.as_ref() {
        [0xff, 0xd8, 0xff, ..] => "image/jpeg",
        [0x89, b'P', b'N', b'G', ..] => "image/png",
        [b'%', b'P', b'D', b'F', ..] => "application/pdf",
        _ => "application/octet-stream",
    };
    AttachmentUpload { media_type: media_type.to_owned(), content: content.clone() }
}

fn form(visit: &Visit, procedure: &Procedure) -> Form {
    let m = visit.m;
    let kinds = vec![("1".to_owned(), m.kind_idea.to_owned()), ("2".to_owned(), m.kind_proposal.to_owned())];
    Form::new(visit, "beitrag", m.send_contribution)
        .with_new_id("contribution_id")
        .field(Field::select("kind", m.what_is_it, kinds).hint(m.kind_hint))
        .field(Field::line("text.title", m.headline, 200))
        .field(Field::area("text.body", m.your_text, 9, 10_000).hint(m.comment_hint))
        .field(
            Field::file("attachments", m.attachment, "image/jpeg,image/png,application/pdf")
                .optional()
                .hint(m.attachment_hint),
        )
        .field(place_field(visit))
        .field(contributions::licence_field(visit, procedure))
}

/// Which place a text is about, for whoever has no map: a service takes coordinates.
pub(crate) fn place_field(visit: &Visit) -> Field {
    Field::line("place", visit.m.place, 80).optional().hint(visit.m.place_hint)
}

/// The place that was entered, if one was; the form says so if it is none.
pub(crate) fn place_of(visit: &Visit, submitted: &Submitted, form: Form) -> (Option<CoarsePoint>, Form) {
    let place = words::parse_place(submitted.get("place"));
    let is_none = place.is_none() && !submitted.get("place").is_empty();
    (place, if is_none { form.wrong("place", visit.m.error_place) } else { form })
}

fn page(visit: &Visit, procedure: &Procedure, form: Form) -> Page {
    let m = visit.m;
    let page = Page::new(m.contribute)
        .kicker(visit.theirs(&procedure.title))
        .lead(m.contribute_lead)
        .crumb(visit.to("/verfahren"), m.procedures)
        .crumb(visit.to(&format!("/verfahren/{}", procedure.procedure_id)), visit.theirs(&procedure.title))
        .section(m.procedures);
    let is_open = procedure.closed_at_us.is_none() && procedure.open_phases().any(|open| open == PhaseKind::Submission);
    let page = if is_open { page } else { page.with(Notice::warning(m.submission_closed)) };
    page.with_form(form)
}

pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.sign_in_first()?;
    let procedure = procedures::find(&visit, &id).await?;
    Ok(page(&visit, &procedure, form(&visit, &procedure)).respond(&visit))
}

pub(crate) async fn submit(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.sign_in_first()?;
    let procedure = procedures::find(&visit, &id).await?;
    let (place, form) = place_of(&visit, &submitted, form(&visit, &procedure).filled(&submitted));
    if form.is_wrong() {
        return Ok(page(&visit, &procedure, form).respond(&visit));
    }
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let (contribution_id, procedure_id) = (submitted.text("contribution_id"), id);
    let text = Some(Text { title: submitted.text("text.title"), body: submitted.text("text.body"), ..Text::default() });
    let attachments: Vec<_> = submitted.files("attachments").map(upload).collect();
    let (granted_licence, channel) = (procedure.licence.clone(), 0);
    let mut client = visit.api.participation();
    let sent = if submitted.get("kind") == "2" {
        let request = SubmitProposalRequest {
            tenant,
            request_id,
            contribution_id: contribution_id.clone(),
            procedure_id,
            text,
            channel,
            granted_licence,
            place,
            attachments,
        };
        client.submit_proposal(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
    } else {
        let request = SubmitContributionRequest {
            tenant,
            request_id,
            contribution_id: contribution_id.clone(),
            procedure_id,
            text,
            channel,
            granted_licence,
            place,
            attachments,
        };
        client.submit_contribution(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
    };
    match sent {
        Ok(token) => {
            let to = visit.to(&format!("/beitraege/{contribution_id}"));
            Ok(visit.done(&to, "eingegangen", Service::Participation, &token))
        }
        Err(status) => Ok(page(&visit, &procedure, form.refused(&visit, &status)?).respond(&visit)),
    }
}
