//! Requests into what the use cases take. A request is checked whole, so that its sender learns of all faults at once.

mod datasets;
mod files;
mod publishers;
mod queries;
mod words;

pub(super) use datasets::{deprecate, mark_hvd, of_dataset, of_version, publish, register_dataset, withdraw};
pub(super) use files::{add_distribution, end, get_distribution};
pub(super) use publishers::{declare_source_licence, describe_publisher};
pub(super) use queries::{Query, get_catalogue, get_dataset, list_datasets, list_versions, token};

use allmende_opendata_domain::DatasetId;
use allmende_runtime::errors::Problem;
use allmende_runtime::fields;

const UNKNOWN_VALUE: &str = "must be one of the values of its type";
const NO_CURSOR: &str = "must be empty or a next_page_token as it was given";

fn dataset_id(text: &str) -> Result<DatasetId, Problem> {
    fields::uuid(text).map(DatasetId::new)
}

/// Versions are numbered from 1.
fn version(number: u32) -> Result<u32, Problem> {
    if number > 0 { Ok(number) } else { Err(Problem::from("must be the number of a version, from 1")) }
}
