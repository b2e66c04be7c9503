//! Caring for a dataset: a version out of turn, its category, the end of its upkeep.

use allmende_proto::opendata::v1::{
    Dataset, DeprecateRequest, HighValue, IssueVersionRequest, MarkHvdRequest, source::Kind,
};
use axum::Extension;
use axum::extract::Path;
use tonic::Status;

use super::{releases, work};
use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::{Outcome, data};
use crate::view::Notice;
use crate::visit::{Service, Visit, Visiting};
use crate::words;

const ISSUE: &str = "ausgabe";
const MARK: &str = "hochwertig";
const DEPRECATE: &str = "pflegeende";

/// Whether staff upload its content; the platform fills all others by itself.
pub(super) fn is_uploaded(dataset: &Dataset) -> bool {
    matches!(dataset.source.as_ref().and_then(|source| source.kind.as_ref()), None | Some(Kind::Manual(_)))
}

fn forms(visit: &Visit, dataset: &Dataset) -> Vec<Form> {
    let s = visit.language.staff();
    let mut forms = Vec::new();
    if !is_uploaded(dataset) && dataset.deprecation.is_none() {
        forms.push(Form::new(visit, ISSUE, s.issue_version).titled(s.issue_version).explained(s.issue_version_hint));
    }
    let marked = dataset.high_value.clone().unwrap_or_default().categories;
    forms.push(
        Form::new(visit, MARK, visit.m.save).titled(s.mark_high_value).field(
            Field::boxes("high_value.categories", s.high_value, words::high_values(visit.language)).ticked(marked),
        ),
    );
    if dataset.deprecation.is_none() {
        forms.push(
            Form::new(visit, DEPRECATE, s.deprecate)
                .titled(s.deprecate)
                .grave()
                .explained(s.deprecate_hint)
                .field(Field::line("successor_id", s.successor, 500).optional().hint(s.successor_hint)),
        );
    }
    forms
}

fn page(visit: &Visit, dataset: &Dataset, tried: Option<Form>) -> Outcome {
    let (m, s) = (visit.m, visit.language.staff());
    let of_dataset = visit.to(&format!("/verwaltung/daten/{}", dataset.dataset_id));
    let page = visit
        .staff_page(s.upkeep)
        .crumb(visit.to("/verwaltung/daten"), m.data_release)
        .crumb(of_dataset, data::title(visit, dataset))
        .with_some(dataset.deprecation.as_ref().map(|_| Notice::warning(m.deprecated)));
    Ok(page.with_forms(forms(visit, dataset), tried).respond(visit))
}

pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.only(work::CARE_FOR_DATASET)?;
    page(&visit, &releases::dataset(&visit, &id).await?, None)
}

pub(crate) async fn submit(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.only(work::CARE_FOR_DATASET)?;
    let dataset = releases::dataset(&visit, &id).await?;
    let sent = submitted.get("form");
    let form = forms(&visit, &dataset).into_iter().find(|form| form.id() == sent).ok_or(Failure::NotFound)?;
    let form = form.filled(&submitted);
    if form.is_wrong() {
        return page(&visit, &dataset, Some(form));
    }
    match change(&visit, id.clone(), &submitted).await {
        Ok(token) => {
            let to = visit.to(&format!("/verwaltung/daten/{id}"));
            Ok(visit.done(&to, "gespeichert", Service::Opendata, &token))
        }
        Err(status) => page(&visit, &dataset, Some(form.refused(&visit, &status)?)),
    }
}

async fn change(visit: &Visit, dataset_id: String, submitted: &Submitted) -> Result<String, Status> {
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let mut client = visit.api.opendata();
    match submitted.get("form") {
        ISSUE => {
            let request = IssueVersionRequest { tenant, request_id, dataset_id };
            client.issue_version(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
        }
        MARK => {
            let high_value = Some(HighValue { categories: submitted.all("high_value.categories") });
            let request = MarkHvdRequest { tenant, request_id, dataset_id, high_value };
            client.mark_hvd(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
        }
        _ => {
            let successor_id = words::id_in(submitted.get("successor_id"));
            let request = DeprecateRequest { tenant, request_id, dataset_id, successor_id };
            client.deprecate(visit.ask(request)).await.map(|answer| answer.into_inner().consistency_token)
        }
    }
}
