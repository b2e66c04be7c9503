//! Registering a dataset that staff upload.

use allmende_proto::opendata::v1::{Description, RegisterDatasetRequest};
use axum::Extension;

use super::fields::{self, Bilingual};
use super::work;
use crate::forms::{Field, Form, Submitted};
use crate::pages::Outcome;
use crate::view::Page;
use crate::visit::{Service, Visit, Visiting};
use crate::words;

fn form(visit: &Visit) -> Form {
    let (m, s, language) = (visit.m, visit.language.staff(), visit.language);
    let none = || (String::new(), String::new());
    let form = Form::new(visit, "datensatz", s.register_dataset).with_new_id("dataset_id").group(s.what_it_is);
    let title =
        Bilingual { name: "description.title", label: s.title, rows: 0, max: 200, is_needed: true, present: none() };
    let about = Bilingual {
        name: "description.description",
        label: m.description,
        rows: 4,
        max: 2_000,
        is_needed: true,
        present: none(),
    };
    let form = about.add_to(visit, title.add_to(visit, form));
    let form = form
        .field(Field::boxes("description.themes", s.themes, words::themes(language)))
        .field(Field::line("description.keywords", s.keywords, 1_300).optional().hint(s.keywords_hint))
        .field(Field::select("description.frequency", s.frequency, words::frequencies(language)))
        .field(Field::day("description.first_day", s.first_day).optional().hint(s.days_hint))
        .field(Field::day("description.last_day", s.last_day).optional())
        .group(s.terms);
    fields::with_terms(visit, form)
}

fn page(visit: &Visit, form: Form) -> Page {
    let s = visit.language.staff();
    let page = visit.staff_page(s.register_dataset).crumb(visit.to("/verwaltung/daten"), visit.m.data_release);
    page.lead(s.register_dataset_lead).with_form(form)
}

pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    visit.only(work::REGISTER_DATASET)?;
    Ok(page(&visit, form(&visit)).respond(&visit))
}

pub(crate) async fn register(Extension(visit): Visiting, submitted: Submitted) -> Outcome {
    visit.only(work::REGISTER_DATASET)?;
    let form = form(&visit).filled(&submitted);
    if form.is_wrong() {
        return Ok(page(&visit, form).respond(&visit));
    }
    let dataset_id = submitted.text("dataset_id");
    let keywords = submitted.get("description.keywords").split([',', ';']).map(str::trim);
    let themes = submitted.all("description.themes");
    let description = Description {
        title: fields::text(&submitted, "description.title"),
        description: fields::text(&submitted, "description.description"),
        themes: themes.iter().map(|theme| theme.parse().unwrap_or_default()).collect(),
        keywords: keywords.filter(|keyword| !keyword.is_empty()).map(str::to_owned).collect(),
        frequency: submitted.number("description.frequency"),
        first_day: submitted.text("description.first_day"),
        last_day: submitted.text("description.last_day"),
    };
    let request = RegisterDatasetRequest {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        dataset_id: dataset_id.clone(),
        description: Some(description),
        terms: fields::terms(&submitted),
    };
    match visit.api.opendata().register_dataset(visit.ask(request)).await {
        Ok(answer) => {
            let to = visit.to(&format!("/verwaltung/daten/{dataset_id}/datei"));
            Ok(visit.done(&to, "angelegt", Service::Opendata, &answer.into_inner().consistency_token))
        }
        Err(status) => Ok(page(&visit, form.refused(&visit, &status)?).respond(&visit)),
    }
}
