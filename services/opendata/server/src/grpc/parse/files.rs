use allmende_kernel::RequestId;
use allmende_opendata_domain::{FileName, MAX_COLUMNS, Sha256};
use allmende_proto::opendata::v1 as pb;
use allmende_proto::opendata::v1::add_distribution_request::{End, Head};
use allmende_runtime::errors::{Problem, Rule, Violations};
use allmende_runtime::fields::{self, ConsistencyToken};
use tonic::Status;

use super::dataset_id;
use super::words::{column, format};
use crate::app::{AddDistribution, OpenFile};
use crate::files::Kept;
use crate::http::SCHEMA;

pub(crate) fn add_distribution(message: &Head) -> Result<(RequestId, AddDistribution), Status> {
    let mut violations = Violations::default();
    let request = violations.check("head.request_id", fields::request_id(&message.request_id));
    let id = violations.check("head.dataset_id", dataset_id(&message.dataset_id));
    let format = violations.check("head.format", format(message.format));
    let file = format.and_then(|format| {
        let name = match message.file.ends_with(SCHEMA) {
            true => Err(Problem::from("must not end with .schema.json: there the schema of a file is found")),
            false => FileName::parse(&message.file, format).map_err(|error| Problem::new(error.to_string())),
        };
        violations.check("head.file", name)
    });
    if message.columns.len() > MAX_COLUMNS {
        violations.add(
            "head.columns",
            Rule::Count(1, MAX_COLUMNS as u64).says(format!("must be at most {MAX_COLUMNS} columns")),
        );
    }
    let mut columns = Vec::new();
    for (index, message) in message.columns.iter().enumerate().take(MAX_COLUMNS) {
        let parsed = column(&mut violations, &format!("head.columns[{index}]"), message);
        if let Some(parsed) = &parsed
            && columns.iter().flatten().any(|known: &allmende_opendata_domain::Column| known.name == parsed.name)
        {
            violations.add(format_args!("head.columns[{index}].name"), "must not be listed twice");
        }
        columns.push(parsed);
    }
    violations.finish(|| {
        let columns = columns.into_iter().collect::<Option<_>>()?;
        Some((request?, AddDistribution { id: id?, file: file?, format: format?, columns }))
    })
}

pub(crate) fn end(message: &End) -> Result<Kept, Status> {
    let mut violations = Violations::default();
    let sha256 = Sha256::parse(&message.sha256).ok_or(Problem::from("must have 64 hexadecimal digits"));
    let sha256 = violations.check("end.sha256", sha256);
    violations.finish(|| Some(Kept { bytes: message.bytes, sha256: sha256? }))
}

pub(crate) fn get_distribution(message: &pb::GetDistributionRequest) -> Result<(OpenFile, ConsistencyToken), Status> {
    let mut violations = Violations::default();
    let id = violations.check("dataset_id", dataset_id(&message.dataset_id));
    if !(1..=60).contains(&message.file.len()) {
        violations.add("file", "must be the name of a file, 1 to 60 characters");
    }
    let token = violations.check("consistency_token", fields::consistency_token(&message.consistency_token));
    violations.finish(|| Some((OpenFile { id: id?, version: message.version, file: message.file.clone() }, token?)))
}
