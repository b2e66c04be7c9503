use allmende_kernel::RequestId;
use allmende_opendata_domain::dataset::{Command, MAX_CATEGORIES, Release, WithdrawalReason};
use allmende_opendata_domain::{
    DatasetId, Description, InvalidDescription, MAX_DESCRIPTION, MAX_TITLE, Source, Wording,
};
use allmende_proto::opendata::v1 as pb;
use allmende_runtime::errors::{Problem, Rule, Violations};
use allmende_runtime::fields;
use tonic::Status;

use super::words::{frequency, line, lines, terms, theme};
use super::{UNKNOWN_VALUE, dataset_id, version};
use crate::app::Change;

pub(crate) fn of_dataset(request: &str, dataset: &str) -> Result<(RequestId, DatasetId), Status> {
    let mut violations = Violations::default();
    let request = violations.check("request_id", fields::request_id(request));
    let dataset = violations.check("dataset_id", dataset_id(dataset));
    violations.finish(|| Some((request?, dataset?)))
}

pub(crate) fn of_version(request: &str, dataset: &str, number: u32) -> Result<(RequestId, DatasetId, u32), Status> {
    let mut violations = Violations::default();
    let request = violations.check("request_id", fields::request_id(request));
    let dataset = violations.check("dataset_id", dataset_id(dataset));
    let number = violations.check("version", version(number));
    violations.finish(|| Some((request?, dataset?, number?)))
}

pub(crate) fn register_dataset(message: &pb::RegisterDatasetRequest) -> Result<(RequestId, DatasetId, Change), Status> {
    let mut violations = Violations::default();
    let request = violations.check("request_id", fields::request_id(&message.request_id));
    let id = violations.check("dataset_id", dataset_id(&message.dataset_id));
    let description = description(&mut violations, message.description.as_ref());
    let terms = terms(&mut violations, "terms", message.terms.as_ref());
    violations.finish(|| {
        let (description, terms) = (description?, Some(terms?));
        let register: Change = Box::new(move |at| Command::Register {
            source: Source::Manual,
            description: description.clone(),
            terms: terms.clone(),
            at,
        });
        Some((request?, id?, register))
    })
}

fn description(violations: &mut Violations, message: Option<&pb::Description>) -> Option<Description> {
    let Some(message) = message else {
        violations.add("description", "must be set");
        return None;
    };
    let mut themes = Vec::new();
    for (index, value) in message.themes.iter().enumerate() {
        themes.push(violations.check(format_args!("description.themes[{index}]"), theme(*value)));
    }
    let frequency = violations.check("description.frequency", frequency(message.frequency));
    let title = violations.check("description.title", line(message.title.as_ref(), 1..=MAX_TITLE));
    let held = lines(message.description.as_ref(), 1..=MAX_DESCRIPTION);
    let held = violations.check("description.description", held);
    let wording = Wording {
        title: title?,
        description: held?,
        themes: themes.into_iter().collect::<Option<_>>()?,
        keywords: message.keywords.clone(),
        frequency: frequency?,
        days: (message.first_day.clone(), message.last_day.clone()),
    };
    Description::new(wording)
        .map_err(|error| {
            let (field, rule) = match error {
                InvalidDescription::Title => ("description.title", Rule::Form),
                InvalidDescription::Description => ("description.description", Rule::Form),
                InvalidDescription::Themes if message.themes.is_empty() => ("description.themes", Rule::Required),
                InvalidDescription::Themes => ("description.themes", Rule::Once),
                InvalidDescription::Keywords => ("description.keywords", Rule::Form),
                InvalidDescription::Days => ("description.last_day", Rule::Day),
                InvalidDescription::Order => ("description.last_day", Rule::Order),
            };
            violations.add(field, rule.says(error.to_string()));
        })
        .ok()
}

pub(crate) fn publish(message: &pb::PublishRequest) -> Result<(RequestId, DatasetId, u32, Release), Status> {
    let mut violations = Violations::default();
    let request = violations.check("request_id", fields::request_id(&message.request_id));
    let dataset = violations.check("dataset_id", dataset_id(&message.dataset_id));
    let number = violations.check("version", version(message.version));
    let release = match pb::Release::try_from(message.release) {
        Ok(pb::Release::Public) => Ok(Release::Public),
        Ok(pb::Release::Cleared) => Ok(Release::Cleared),
        Ok(pb::Release::Unspecified | pb::Release::Draft) | Err(_) => {
            Err(Rule::Value.says("must be RELEASE_PUBLIC or RELEASE_CLEARED"))
        }
    };
    let release = violations.check("release", release);
    violations.finish(|| Some((request?, dataset?, number?, release?)))
}

pub(crate) fn withdraw(message: &pb::WithdrawRequest) -> Result<(RequestId, DatasetId, u32, WithdrawalReason), Status> {
    let mut violations = Violations::default();
    let request = violations.check("request_id", fields::request_id(&message.request_id));
    let dataset = violations.check("dataset_id", dataset_id(&message.dataset_id));
    let number = violations.check("version", version(message.version));
    let reason = match pb::WithdrawalReason::try_from(message.reason) {
        Ok(pb::WithdrawalReason::Erasure) => Ok(WithdrawalReason::Erasure),
        Ok(pb::WithdrawalReason::Incorrect) => Ok(WithdrawalReason::Incorrect),
        Ok(pb::WithdrawalReason::Rights) => Ok(WithdrawalReason::Rights),
        Ok(pb::WithdrawalReason::Unspecified) | Err(_) => Err(Problem::from(UNKNOWN_VALUE)),
    };
    let reason = violations.check("reason", reason);
    violations.finish(|| Some((request?, dataset?, number?, reason?)))
}

pub(crate) fn deprecate(message: &pb::DeprecateRequest) -> Result<(RequestId, DatasetId, Option<DatasetId>), Status> {
    let mut violations = Violations::default();
    let request = violations.check("request_id", fields::request_id(&message.request_id));
    let dataset = violations.check("dataset_id", dataset_id(&message.dataset_id));
    let successor = match message.successor_id.as_str() {
        "" => Ok(None),
        id => dataset_id(id).map(Some),
    };
    let successor = violations.check("successor_id", successor);
    if successor.is_some_and(|successor| successor.is_some() && successor == dataset) {
        violations.add("successor_id", "must be another dataset");
    }
    violations.finish(|| Some((request?, dataset?, successor?)))
}

pub(crate) fn mark_hvd(message: &pb::MarkHvdRequest) -> Result<(RequestId, DatasetId, Vec<String>), Status> {
    let mut violations = Violations::default();
    let request = violations.check("request_id", fields::request_id(&message.request_id));
    let dataset = violations.check("dataset_id", dataset_id(&message.dataset_id));
    let categories = message.high_value.as_ref().map(|high_value| high_value.categories.clone()).unwrap_or_default();
    if !(1..=MAX_CATEGORIES).contains(&categories.len()) {
        let problem = format!("must be 1 to {MAX_CATEGORIES} categories");
        violations.add("high_value.categories", Rule::Count(1, MAX_CATEGORIES as u64).says(problem));
    }
    for (index, category) in categories.iter().take(MAX_CATEGORIES).enumerate() {
        violations.check(format_args!("high_value.categories[{index}]"), category_iri(category));
    }
    violations.finish(|| Some((request?, dataset?, categories)))
}

/// A category as the EU named it.
fn category_iri(iri: &str) -> Result<(), Problem> {
    const BEGINNING: &str = "http://data.europa.eu/bna/";
    match iri.len() <= 200 && iri.starts_with(BEGINNING) && oxrdf::NamedNode::new(iri).is_ok() {
        true => Ok(()),
        false => Err(Rule::Form.says(format!("must be an IRI that begins with {BEGINNING}"))),
    }
}
