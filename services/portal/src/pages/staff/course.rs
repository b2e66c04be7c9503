//! The course of a procedure: its phases changed, and its end.

use allmende_proto::participation::v1::{AmendPhasesRequest, CloseProcedureRequest, Procedure};
use axum::Extension;
use axum::extract::Path;

use super::{phases, work};
use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::{Outcome, procedures};
use crate::view::{Heading, Notice};
use crate::visit::{Service, Visit, Visiting};

const AMEND: &str = "ablauf";
const CLOSE: &str = "abschluss";

fn amend_form(visit: &Visit, procedure: &Procedure) -> Form {
    let (m, s) = (visit.m, visit.language.staff());
    let form = Form::new(visit, AMEND, m.save).titled(s.new_course);
    phases::with_phases(visit, form, &procedure.phases, phases::rooms(procedure))
        .field(
            Field::day("transcription_until_day", m.letters_until)
                .value(procedure.transcription_until_day.clone())
                .optional(),
        )
        .field(Field::area("reason", s.reason_public, 3, 1_000).hint(s.reason_public_hint))
}

fn close_form(visit: &Visit) -> Form {
    let s = visit.language.staff();
    Form::new(visit, CLOSE, s.close_procedure)
        .titled(s.close_procedure)
        .grave()
        .field(Field::area("reason", s.reason_public, 3, 1_000).hint(s.reason_public_hint))
        .field(Field::tick("understood", s.close_understood).hint(s.close_procedure_hint))
}

fn forms(visit: &Visit, procedure: &Procedure) -> Vec<Form> {
    if procedure.closed_at_us.is_some() {
        return Vec::new();
    }
    let close = visit.may(work::CLOSE_PROCEDURE).then(|| close_form(visit));
    std::iter::once(amend_form(visit, procedure)).chain(close).collect()
}

fn page(visit: &Visit, procedure: &Procedure, tried: Option<Form>) -> Outcome {
    let (m, s) = (visit.m, visit.language.staff());
    let page = visit.procedure_page(s.amend_phases, procedure).lead(s.amend_phases_lead);
    let page = page.with(Heading::new(m.phases)).with(procedures::phases(visit, procedure));
    if procedure.closed_at_us.is_some() {
        return Ok(page.with(Notice::plain(s.procedure_is_closed)).respond(visit));
    }
    Ok(page.with_forms(forms(visit, procedure), tried).respond(visit))
}

pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.only(work::AMEND_PHASES)?;
    page(&visit, &procedures::find(&visit, &id).await?, None)
}

pub(crate) async fn submit(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.only(work::AMEND_PHASES)?;
    let procedure = procedures::find(&visit, &id).await?;
    let submitted = phases::without_gaps(submitted);
    let sent = submitted.get("form");
    let form = forms(&visit, &procedure).into_iter().find(|form| form.id() == sent).ok_or(Failure::NotFound)?;
    let (phases, form) = phases::read(&visit, &submitted, form.filled(&submitted));
    if form.is_wrong() {
        return page(&visit, &procedure, Some(form));
    }
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let (procedure_id, reason) = (id.clone(), submitted.text("reason"));
    let mut client = visit.api.participation();
    let (code, answer) = if sent == CLOSE {
        let request = CloseProcedureRequest { tenant, request_id, procedure_id, reason };
        let answer = client.close_procedure(visit.ask(request)).await;
        ("abgeschlossen", answer.map(|answer| answer.into_inner().consistency_token))
    } else {
        let transcription_until_day = submitted.text("transcription_until_day");
        let request = AmendPhasesRequest { tenant, request_id, procedure_id, phases, transcription_until_day, reason };
        let answer = client.amend_phases(visit.ask(request)).await;
        ("geaendert", answer.map(|answer| answer.into_inner().consistency_token))
    };
    match answer {
        Ok(token) => {
            let to = visit.to(&format!("/verwaltung/verfahren/{id}"));
            Ok(visit.done(&to, code, Service::Participation, &token))
        }
        Err(status) => page(&visit, &procedure, Some(form.refused(&visit, &status)?)),
    }
}
