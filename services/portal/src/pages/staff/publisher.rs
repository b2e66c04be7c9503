//! Who publishes the tenant's data.

use allmende_proto::opendata::v1::{DescribePublisherRequest, GetPublisherRequest, Publisher};
use axum::Extension;
use tonic::Code;

use super::fields::{self, Bilingual};
use super::work;
use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::Outcome;
use crate::view::{Notice, Page};
use crate::visit::{Service, Visit, Visiting};
use crate::words;

async fn find(visit: &Visit) -> Result<Option<Publisher>, Failure> {
    let request = GetPublisherRequest { tenant: visit.of_tenant(), consistency_token: visit.seen(Service::Opendata) };
    match visit.api.opendata().get_publisher(visit.ask(request)).await {
        Ok(answer) => Ok(answer.into_inner().publisher),
        Err(status) if status.code() == Code::NotFound => Ok(None),
        Err(status) => Err(status.into()),
    }
}

fn form(visit: &Visit, present: Publisher) -> Form {
    let (m, s) = (visit.m, visit.language.staff());
    let name = present.name.unwrap_or_default();
    let present_name = (name.de, name.en);
    let name = Bilingual {
        name: "publisher.name",
        label: s.publisher_name,
        rows: 0,
        max: 200,
        is_needed: true,
        present: present_name,
    };
    let types = words::publisher_types(visit.language);
    let contributor = Field::line("publisher.contributor_id", s.contributor_id, 500).hint(s.contributor_id_hint);
    name.add_to(visit, Form::new(visit, "herausgeber", m.save))
        .field(Field::select("publisher.type", s.publisher_type, types).value(present.r#type))
        .field(
            Field::line("publisher.contact_name", s.contact_name, 200)
                .value(present.contact_name)
                .hint(s.contact_name_hint),
        )
        .field(Field::email("publisher.contact_email", m.email).value(present.contact_email))
        .field(Field::line("publisher.homepage", s.homepage, 500).value(present.homepage).optional())
        .field(contributor.value(present.contributor_id).optional())
        .field(Field::line("publisher.place", s.place_iri, 500).value(present.place).optional().hint(s.place_iri_hint))
}

fn page(visit: &Visit, form: Form) -> Page {
    let s = visit.language.staff();
    let page = visit.staff_page(s.publisher).crumb(visit.to("/verwaltung/daten"), visit.m.data_release);
    page.lead(s.publisher_lead).with_form(form)
}

pub(crate) async fn show(Extension(visit): Visiting) -> Outcome {
    visit.only(work::DESCRIBE_PUBLISHER)?;
    let found = find(&visit).await?;
    let missing = found.is_none().then(|| Notice::warning(visit.language.staff().publisher_missing));
    let form = form(&visit, found.unwrap_or_default());
    Ok(page(&visit, form).with_some(missing).respond(&visit))
}

pub(crate) async fn describe(Extension(visit): Visiting, submitted: Submitted) -> Outcome {
    visit.only(work::DESCRIBE_PUBLISHER)?;
    let form = form(&visit, Publisher::default()).filled(&submitted);
    if form.is_wrong() {
        return Ok(page(&visit, form).respond(&visit));
    }
    let publisher = Publisher {
        name: fields::text(&submitted, "publisher.name"),
        r#type: submitted.text("publisher.type"),
        homepage: submitted.text("publisher.homepage"),
        contact_name: submitted.text("publisher.contact_name"),
        contact_email: submitted.text("publisher.contact_email"),
        contributor_id: submitted.text("publisher.contributor_id"),
        place: submitted.text("publisher.place"),
    };
    let (tenant, request_id) = (visit.of_tenant(), submitted.text("request_id"));
    let request = DescribePublisherRequest { tenant, request_id, publisher: Some(publisher) };
    match visit.api.opendata().describe_publisher(visit.ask(request)).await {
        Ok(answer) => {
            let token = answer.into_inner().consistency_token;
            Ok(visit.done(&visit.path, "gespeichert", Service::Opendata, &token))
        }
        Err(status) => Ok(page(&visit, form.refused(&visit, &status)?).respond(&visit)),
    }
}
