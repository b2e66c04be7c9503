//! Uploading a file to a dataset, in two steps: the file is chosen and read; then its columns are described. Between the
//! two the file is kept by the page, not by the portal, so that nothing typed is lost and nothing half done is stored.

use allmende_proto::opendata::v1::add_distribution_request::{End, Head, Part};
use allmende_proto::opendata::v1::{AddDistributionRequest, Column, Dataset, Format};
use axum::Extension;
use axum::extract::Path;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest as _, Sha256};
use tonic::Status;

use super::table::{Fault, Table};
use super::{fields, releases, work};
use crate::failure::Failure;
use crate::forms::{Field, Form, Submitted};
use crate::pages::{Outcome, data};
use crate::view::{self, Cell, Heading, Links, Paragraph};
use crate::visit::{Service, Visit, Visiting};
use crate::words::{self, fill};

const CHOOSE: &str = "datei";
const DESCRIBE: &str = "spalten";
/// The longest file: encoded, it fits in a form.
const MAX_BYTES: usize = 2_000_000;
/// How much is sent to the service at once.
const CHUNK: usize = 512 << 10;

fn choose_form(visit: &Visit) -> Form {
    let s = visit.language.staff();
    Form::new(visit, CHOOSE, s.read_file)
        .field(Field::file("csv", s.csv_file, ".csv,text/csv").hint(s.csv_file_hint))
        .field(Field::line("head.file", s.file_name, 60).value("daten.csv").hint(s.file_name_hint))
}

fn describe_form(visit: &Visit, table: &Table, content: &[u8], file: &str) -> Form {
    let (m, s, language) = (visit.m, visit.language.staff(), visit.language);
    let mut form = Form::new(visit, DESCRIBE, s.store_file)
        .hidden("csv", BASE64.encode(content))
        .field(Field::line("head.file", s.file_name, 60).value(file).hint(s.file_name_hint));
    for (number, (name, kind)) in (1..).zip(&table.columns) {
        let at = |part: &str| format!("head.columns{number}.{part}");
        form = form
            .group(format!("{} {number}: {name}", m.column))
            .field(
                Field::select(at("type"), s.column_type, words::column_types(language))
                    .value((*kind as i32).to_string()),
            )
            .field(Field::line(at("description.de"), fill(s.in_german, &[m.meaning]), 500))
            .field(Field::line(at("description.en"), fill(s.in_english, &[m.meaning]), 500).optional())
            .field(Field::line(at("unit"), m.unit, 40).optional().hint(s.unit_hint));
    }
    form
}

fn page(visit: &Visit, dataset: &Dataset) -> view::Page {
    let (m, s) = (visit.m, visit.language.staff());
    let of_dataset = visit.to(&format!("/verwaltung/daten/{}", dataset.dataset_id));
    visit
        .staff_page(s.upload_file)
        .crumb(visit.to("/verwaltung/daten"), m.data_release)
        .crumb(of_dataset, data::title(visit, dataset))
        .lead(s.upload_lead)
}

/// The second step: what was read, and the form for its columns.
fn described(visit: &Visit, dataset: &Dataset, table: &Table, form: Form) -> Outcome {
    let s = visit.language.staff();
    let counts = fill(s.rows_read, &[&table.rows.to_string(), &table.columns.len().to_string()]);
    let heads = (1..).zip(&table.columns).map(|(number, (name, _))| Cell::text(format!("{number}: {name}"))).collect();
    let rows = table.first.iter().map(|row| row.iter().map(|value| Cell::text(words::excerpt(value, 60))).collect());
    let preview = view::Table { caption: s.first_rows.to_owned(), heads, rows: rows.collect() };
    let page = page(visit, dataset)
        .with(Heading::new(s.describe_columns))
        .with(Paragraph::new(s.describe_columns_text))
        .with(Paragraph::soft(counts))
        .with(preview)
        .with_some(Links::buttons(vec![(visit.path.clone(), s.another_file.to_owned())]))
        .with_form(form);
    Ok(page.respond(visit))
}

pub(crate) async fn show(Extension(visit): Visiting, Path((_, id)): Path<(String, String)>) -> Outcome {
    visit.only(work::UPLOAD)?;
    let dataset = releases::dataset(&visit, &id).await?;
    Ok(page(&visit, &dataset).with_form(choose_form(&visit)).respond(&visit))
}

pub(crate) async fn submit(
    Extension(visit): Visiting,
    Path((_, id)): Path<(String, String)>,
    submitted: Submitted,
) -> Outcome {
    visit.only(work::UPLOAD)?;
    let dataset = releases::dataset(&visit, &id).await?;
    match submitted.get("form") {
        CHOOSE => choose(&visit, &dataset, &submitted),
        DESCRIBE => store(&visit, &dataset, &submitted).await,
        _ => Err(Failure::NotFound),
    }
}

fn choose(visit: &Visit, dataset: &Dataset, submitted: &Submitted) -> Outcome {
    let form = choose_form(visit).filled(submitted);
    let Some(content) = submitted.files("csv").next() else {
        return Ok(page(visit, dataset).with_form(form).respond(visit));
    };
    match read(visit, content) {
        // The file is there, and is not asked for again because of its name.
        Ok(table) => {
            let name = submitted.get("head.file");
            let form = describe_form(visit, &table, content, name);
            let form = if name.is_empty() { form.wrong("head.file", visit.m.error_missing) } else { form };
            described(visit, dataset, &table, form)
        }
        Err(fault) => Ok(page(visit, dataset).with_form(form.wrong("csv", &fault)).respond(visit)),
    }
}

fn read(visit: &Visit, content: &[u8]) -> Result<Table, String> {
    let s = visit.language.staff();
    if content.len() > MAX_BYTES {
        return Err(s.error_file_large.to_owned());
    }
    Table::read(content).map_err(|fault| match fault {
        Fault::NoText => s.error_file_text.to_owned(),
        Fault::Header(name) => fill(s.error_file_header, &[&words::excerpt(&name, 60)]),
        Fault::Row(line) => fill(s.error_file_rows, &[&line.to_string()]),
    })
}

async fn store(visit: &Visit, dataset: &Dataset, submitted: &Submitted) -> Outcome {
    let content = BASE64.decode(submitted.get("csv")).map_err(|_| Failure::Unreadable)?;
    let table = Table::read(&content).map_err(|_| Failure::Unreadable)?;
    let form = describe_form(visit, &table, &content, "").filled(submitted);
    if form.is_wrong() {
        return described(visit, dataset, &table, form);
    }
    let column = |(number, (name, _)): (usize, &(String, _))| Column {
        name: name.clone(),
        r#type: submitted.number(&format!("head.columns{number}.type")),
        description: fields::text(submitted, &format!("head.columns{number}.description")),
        unit: submitted.text(&format!("head.columns{number}.unit")),
    };
    let head = Head {
        tenant: visit.of_tenant(),
        request_id: submitted.text("request_id"),
        dataset_id: dataset.dataset_id.clone(),
        file: submitted.text("head.file"),
        format: Format::Csv.into(),
        columns: (1..).zip(&table.columns).map(column).collect(),
    };
    match send(visit, head, content).await {
        Ok(token) => {
            let to = visit.to(&format!("/verwaltung/daten/{}", dataset.dataset_id));
            Ok(visit.done(&to, "hochgeladen", Service::Opendata, &token))
        }
        Err(status) => described(visit, dataset, &table, form.refused(visit, &status)?),
    }
}

/// Sends the file in pieces, and at its end what it has to be.
async fn send(visit: &Visit, head: Head, content: Vec<u8>) -> Result<String, Status> {
    let sha256 = Sha256::digest(&content).iter().map(|byte| format!("{byte:02x}")).collect();
    let end = End { bytes: content.len() as u64, sha256 };
    let chunks: Vec<Part> = content.chunks(CHUNK).map(|chunk| Part::Chunk(chunk.to_vec().into())).collect();
    let parts = std::iter::once(Part::Head(head)).chain(chunks).chain(std::iter::once(Part::End(end)));
    let messages: Vec<_> = parts.map(|part| AddDistributionRequest { part: Some(part) }).collect();
    let request = visit.ask(tokio_stream::iter(messages));
    Ok(visit.api.opendata().add_distribution(request).await?.into_inner().consistency_token)
}
