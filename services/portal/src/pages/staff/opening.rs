use allmende_proto::participation::v1::{OpenProcedureRequest, Phase};
use axum::Extension;

use crate::forms::{Field, Form, Submitted};
use crate::pages::Outcome;
use crate::view::Page;
use crate::visit::{Service, Visit, Visiting};
use crate::words;

/// How many phases the form has room for.
const PHASES: usize = 4;

/// Names of the fields of a phase; as in a violation, apart from the dots.
const FIELDS: [[&str; 3]; PHASES] = [
    ["phase1.kind", "phase1.from_day", "phase1.to_day"],
    ["phase2.kind", "phase2.from_day", "phase2.to_day"],
    ["phase3.kind", "phase3.from_day", "phase3.to_day"],
    ["phase4.kind", "phase4.from_day", "phase4.to_day"],
];

fn form(visit: &Visit) -> Form {
    let (m, language) = (visit.m, visit.language);
    let mut form = Form::new(visit, "eroeffnen", m.open_procedure)
        .with_new_id("procedure_id")
        .field(Field::line("title", m.headline, 200))
        .field(Field::area("summary", m.summary, 5, 5_000))
        .field(Field::line("method", m.method, 100).hint(m.method_hint))
        .field(Field::select("required_level", m.required_level, words::sign_in_levels(language)).value("2"))
        .field(Field::line("licence", m.licence, 100).value("dl-de/by-2-0"));
    for (number, [kind, from, to]) in FIELDS.into_iter().enumerate() {
        let label = |what: &str| format!("{} {}: {what}", m.phase, number + 1);
        let mut kinds = words::phase_kinds(language);
        if number > 0 {
            kinds.insert(0, (String::new(), m.none.to_owned()));
        }
        let fields = [
            Field::select(kind, label(m.kind), kinds),
            Field::day(from, label(m.first_day)),
            Field::day(to, label(m.last_day)),
        ];
        for field in fields {
            form = form.field(if number == 0 { field } else { field.optional() });
        }
    }
    form.field(Field::day("transcription_until_day", m.letters_until).optional())
        .field(Field::line("supports_per_person", m.supports_per_person, 6).optional())
        .field(Field::line("support_threshold", m.support_threshold, 9).optional())
        .field(Field::tick("counts_hidden", m.hide_counts).optional())
}

fn page(visit: &Visit, form: Form) -> Page {
    visit.staff_page(visit.m.open_procedure).lead(visit.m.open_procedure_lead).with_form(form)
}

pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    visit.staff_only()?;
    Ok(page(&visit, form(&visit)).respond(&visit))
}

pub(crate) async fn submit(Extension(visit): Visiting, submitted: Submitted) -> Outcome {
    visit.staff_only()?;
    let mut form = form(&visit).filled(&submitted);
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
    let phases = FIELDS.iter().filter(|[kind, ..]| submitted.number(kind) != 0).map(|[kind, from, to]| Phase {
        kind: submitted.number(kind),
        from_day: submitted.text(from),
        to_day: submitted.text(to),
        ..Phase::default()
    });
    let procedure_id = submitted.text("procedure_id");
    let request = OpenProcedureRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        procedure_id: procedure_id.clone(),
        title: submitted.text("title"),
        summary: submitted.text("summary"),
        method: submitted.text("method"),
        required_level: submitted.number("required_level"),
        phases: phases.collect(),
        transcription_until_day: submitted.text("transcription_until_day"),
        counts_hidden: submitted.is_ticked("counts_hidden"),
        licence: submitted.text("licence"),
        supports_per_person: supports_per_person.unwrap_or_default(),
        support_threshold: support_threshold.unwrap_or_default(),
    };
    match visit.api.participation().open_procedure(visit.ask(request)).await {
        Ok(answer) => {
            let to = visit.to(&format!("/verwaltung/verfahren/{procedure_id}"));
            Ok(visit.done(&to, "gespeichert", Service::Participation, &answer.into_inner().consistency_token))
        }
        Err(status) => Ok(page(&visit, form.refused(&visit, &status)?).respond(&visit)),
    }
}
