use allmende_opendata_domain::DatasetId;
use allmende_opendata_domain::dataset::Release;
use allmende_proto::opendata::v1 as pb;
use allmende_runtime::authorize::Caller;
use allmende_runtime::errors::{Problem, Violations};
use allmende_runtime::fields::{self, ConsistencyToken, Paging};
use tonic::Status;

use super::words::theme;
use super::{NO_CURSOR, UNKNOWN_VALUE, dataset_id};
use crate::app::{ListDatasets, ListVersions};
use crate::dcat::Serialisation;
use crate::views::Wanted;

/// A page that was asked for: what it lists, what it has to show, and how to name the page after it.
pub(crate) struct Query<T> {
    pub(crate) asked: T,
    pub(crate) token: ConsistencyToken,
    pub(crate) pages: Paging,
}

pub(crate) fn token(text: &str) -> Result<ConsistencyToken, Status> {
    let mut violations = Violations::default();
    let token = violations.check("consistency_token", fields::consistency_token(text));
    violations.finish(|| token)
}

pub(crate) fn get_dataset(message: &pb::GetDatasetRequest) -> Result<(DatasetId, ConsistencyToken), Status> {
    let mut violations = Violations::default();
    let id = violations.check("dataset_id", dataset_id(&message.dataset_id));
    let token = violations.check("consistency_token", fields::consistency_token(&message.consistency_token));
    violations.finish(|| Some((id?, token?)))
}

pub(crate) fn list_datasets(caller: &Caller, message: &pb::ListDatasetsRequest) -> Result<Query<ListDatasets>, Status> {
    let mut violations = Violations::default();
    let parameters: &[&[u8]] =
        &[message.tenant.as_bytes(), &message.at_least.to_be_bytes(), &message.theme.to_be_bytes()];
    let pages = Paging::of(caller.path(), parameters);
    let at_least = match pb::Release::try_from(message.at_least) {
        Ok(pb::Release::Unspecified | pb::Release::Draft) => Ok(Release::Draft),
        Ok(pb::Release::Public) => Ok(Release::Public),
        Ok(pb::Release::Cleared) => Ok(Release::Cleared),
        Err(_) => Err(Problem::from(UNKNOWN_VALUE)),
    };
    let at_least = violations.check("at_least", at_least);
    let theme = match message.theme {
        0 => Ok(None),
        value => theme(value).map(Some),
    };
    let theme = violations.check("theme", theme);
    let max = violations.check("page_size", fields::page_size(message.page_size, 50, 500));
    let after = pages.cursor(&message.page_token).and_then(|cursor| {
        let id = |bytes: Vec<u8>| bytes.try_into().map(DatasetId::from_bytes).map_err(|_| Problem::from(NO_CURSOR));
        cursor.map(id).transpose()
    });
    let after = violations.check("page_token", after);
    let token = violations.check("consistency_token", fields::consistency_token(&message.consistency_token));
    violations.finish(|| {
        let wanted = Wanted { at_least: at_least?, theme: theme? };
        Some(Query { asked: ListDatasets { wanted, after: after?, max: max? }, token: token?, pages })
    })
}

pub(crate) fn list_versions(caller: &Caller, message: &pb::ListVersionsRequest) -> Result<Query<ListVersions>, Status> {
    let mut violations = Violations::default();
    let pages = Paging::of(caller.path(), &[message.tenant.as_bytes(), message.dataset_id.as_bytes()]);
    let id = violations.check("dataset_id", dataset_id(&message.dataset_id));
    let max = violations.check("page_size", fields::page_size(message.page_size, 20, 200));
    let before = pages.cursor(&message.page_token).and_then(|cursor| {
        let number = |bytes: Vec<u8>| bytes.try_into().map(u32::from_be_bytes).map_err(|_| Problem::from(NO_CURSOR));
        cursor.map(number).transpose()
    });
    let before = violations.check("page_token", before);
    let token = violations.check("consistency_token", fields::consistency_token(&message.consistency_token));
    violations
        .finish(|| Some(Query { asked: ListVersions { id: id?, before: before?, max: max? }, token: token?, pages }))
}

pub(crate) fn get_catalogue(
    message: &pb::GetCatalogueRequest,
) -> Result<(Serialisation, u64, ConsistencyToken), Status> {
    let mut violations = Violations::default();
    let serialisation = match pb::Serialisation::try_from(message.serialisation) {
        Ok(pb::Serialisation::Unspecified | pb::Serialisation::Turtle) => Ok(Serialisation::Turtle),
        Ok(pb::Serialisation::RdfXml) => Ok(Serialisation::RdfXml),
        Ok(pb::Serialisation::JsonLd) => Ok(Serialisation::JsonLd),
        Err(_) => Err(Problem::from(UNKNOWN_VALUE)),
    };
    let serialisation = violations.check("serialisation", serialisation);
    let token = violations.check("consistency_token", fields::consistency_token(&message.consistency_token));
    violations.finish(|| Some((serialisation?, u64::from(message.page.max(1)), token?)))
}
