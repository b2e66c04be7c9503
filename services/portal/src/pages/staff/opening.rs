use allmende_proto::participation::v1::OpenProcedureRequest;
use axum::Extension;

use super::{phases, work};
use crate::forms::{Field, Form, Submitted};
use crate::pages::Outcome;
use crate::view::Page;
use crate::visit::{Service, Visit, Visiting};
use crate::words;

/// How many phases the form has room for; more are added when the course is changed.
const ROOMS: usize = 4;

fn form(visit: &Visit) -> Form {
    let (m, s, language) = (visit.m, visit.language.staff(), visit.language);
    let form = Form::new(visit, "eroeffnen", m.open_procedure)
        .with_new_id("procedure_id")
        .field(Field::line("title", m.headline, 200))
        .field(Field::area("summary", m.summary, 5, 5_000))
        .field(Field::line("method", m.method, 100).hint(m.method_hint))
        .field(Field::select("required_level", m.required_level, words::sign_in_levels(language)).value("2"))
        .field(
            Field::select("licence", m.licence, words::licences_of_contributions()).hint(s.licence_of_contributions),
        );
    phases::with_phases(visit, form, &[], ROOMS)
        .field(Field::day("transcription_until_day", m.letters_until).optional())
        .group(s.limits)
        .field(Field::line("supports_per_person", m.supports_per_person, 6).optional())
        .field(Field::line("support_threshold", m.support_threshold, 9).optional())
        .field(Field::tick("counts_hidden", m.hide_counts).optional())
}

fn page(visit: &Visit, form: Form) -> Page {
    visit.staff_page(visit.m.open_procedure).lead(visit.m.open_procedure_lead).with_form(form)
}

pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    visit.only(work::OPEN_PROCEDURE)?;
    Ok(page(&visit, form(&visit)).respond(&visit))
}

pub(crate) async fn submit(Extension(visit): Visiting, submitted: Submitted) -> Outcome {
    visit.only(work::OPEN_PROCEDURE)?;
    let submitted = phases::without_gaps(submitted);
    let (phases, mut form) = phases::read(&visit, &submitted, form(&visit).filled(&submitted));
    let number =
        |name: &str| if submitted.get(name).is_empty() { Some(0) } else { submitted.get(name).parse::<u32>().ok() };
    let (supports_per_person, support_threshold) = (number("supports_per_person"), number("support_threshold"));
    for (name, value) in [("supports_per_person", supports_per_person), ("support_threshold", support_threshold)] {
        if value.is_none() {
            form = form.wrong(name, visit.m.error_number);
        }
    }
    if form.is_wrong() {
        return Ok(page(&visit, form).respond(&visit));
    }
    let procedure_id = submitted.text("procedure_id");
    let request = OpenProcedureRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        procedure_id: procedure_id.clone(),
        title: submitted.text("title"),
        summary: submitted.text("summary"),
        method: submitted.text("method"),
        required_level: submitted.number("required_level"),
        phases,
        transcription_until_day: submitted.text("transcription_until_day"),
        counts_hidden: submitted.is_ticked("counts_hidden"),
        licence: submitted.text("licence"),
        supports_per_person: supports_per_person.unwrap_or_default(),
        support_threshold: support_threshold.unwrap_or_default(),
    };
    match visit.api.participation().open_procedure(visit.ask(request)).await {
        Ok(answer) => {
            let to = visit.to(&format!("/verwaltung/verfahren/{procedure_id}"));
            Ok(visit.done(&to, "eroeffnet", Service::Participation, &answer.into_inner().consistency_token))
        }
        Err(status) => Ok(page(&visit, form.refused(&visit, &status)?).respond(&visit)),
    }
}
