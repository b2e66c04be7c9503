use allmende_eventlog::{CommitView, EventView};
use allmende_kernel::Decider;
use allmende_opendata_domain::dataset::Release;
use allmende_opendata_domain::{DatasetId, Source, dataset, publisher, source_licence};
use allmende_proto::opendata::events::v1 as stored;
use allmende_views::{Keys, Order, Table, Tables as _, View, ViewError, WriteSet};
use prost::Message;

use super::keys::{
    self, BY_TITLE, CLEARED, COUNTS, DATASETS, DECLARED, DRAFTS, LICENCE_OF, PUBLISHERS, REFERENCES, TENANTS,
    TO_REMOVE, VERSIONS,
};
use super::rows::{DatasetRecord, DatasetRow, VersionRecord};
use crate::sources::changes::position_bytes;
use crate::wire::{self, names};

/// Datasets, versions, publishers, and what is left to do.
pub(crate) struct CatalogueView;

impl View for CatalogueView {
    const NAME: &'static str = "opendata-catalogue";
    const VERSION: u32 = 4;

    fn apply(&self, tables: &mut WriteSet<'_>, commit: CommitView<'_>) -> Result<(), ViewError> {
        let events = commit.writes().flat_map(|write| write.events().map(move |event| (write.stream_parts(), event)));
        for ((tenant, category, id), event) in events {
            match category {
                dataset::Model::CATEGORY => {
                    let id = DatasetId::parse(id).map_err(|_| ViewError::unreadable(event))?;
                    let key = keys::dataset(tenant, id);
                    Fold { tables, tenant, id, key }.apply(event)?;
                }
                publisher::Model::CATEGORY if event.event_type() == names::PUBLISHER_DESCRIBED => {
                    tables.put(PUBLISHERS, &keys::tenant(tenant), event.payload().to_vec());
                }
                source_licence::Model::CATEGORY if event.event_type() == names::SOURCE_LICENCE_DECLARED => {
                    let key = keys::licence(tenant, id);
                    tables.put(LICENCE_OF, &key, event.payload().to_vec());
                    tables.put(DECLARED, &[&position_bytes(commit.position())[..], &key].concat(), Vec::new());
                }
                _ => {}
            }
        }
        Ok(())
    }
}

struct Fold<'a, 't> {
    tables: &'a mut WriteSet<'t>,
    tenant: &'a str,
    id: DatasetId,
    key: Vec<u8>,
}

fn message<M: Message + Default>(event: EventView<'_>) -> Result<M, ViewError> {
    M::decode(event.payload()).map_err(|_| ViewError::unreadable(event))
}

impl Fold<'_, '_> {
    fn get<M: Message + Default>(&self, table: Table, key: &[u8]) -> Result<M, ViewError> {
        let row = self.tables.get(table, key)?;
        row.map_or(Ok(M::default()), |row| M::decode(&row[..]).map_err(|_| ViewError::Row(table)))
    }

    fn apply(mut self, event: EventView<'_>) -> Result<(), ViewError> {
        let mut dataset: DatasetRecord = self.get(DATASETS, &self.key)?;
        let place = self.place(&dataset);
        match event.event_type() {
            names::DATASET_REGISTERED => {
                dataset.registered = Some(message(event)?);
                self.tables.put(TENANTS, self.id.as_bytes(), self.tenant.as_bytes().to_vec());
            }
            names::DATASET_DESCRIBED => dataset.described = Some(message(event)?),
            names::VERSION_BEGUN => self.begun(&mut dataset, message(event)?),
            names::DISTRIBUTION_ADDED => {
                let added: stored::DistributionAdded = message(event)?;
                let file = wire::distribution_of(&added).map_err(|_| ViewError::unreadable(event))?;
                self.tables.put(REFERENCES, &keys::reference(file.sha256, &self.key, added.version), Vec::new());
                self.change(added.version, |version| {
                    version.checked = None;
                    version.distributions.push(added);
                })?;
            }
            names::RELEASE_CHECKED => {
                let checked: stored::ReleaseChecked = message(event)?;
                self.change(checked.version, |version| version.checked = Some(checked))?;
            }
            names::VERSION_RELEASED => {
                let released: stored::VersionReleased = message(event)?;
                self.change(released.version, |version| version.released = Some(released))?;
                self.draft(&dataset, false);
                self.settle(&mut dataset)?;
            }
            names::VERSION_WITHDRAWN => {
                let withdrawn: stored::VersionWithdrawn = message(event)?;
                let number = withdrawn.version;
                let version = self.change(number, |version| version.withdrawn = Some(withdrawn))?;
                for file in &version.distributions {
                    let file = wire::distribution_of(file).map_err(|_| ViewError::Row(VERSIONS))?;
                    self.tables.delete(REFERENCES, &keys::reference(file.sha256, &self.key, number));
                }
                self.tables.put(TO_REMOVE, &keys::version(&self.key, number), Vec::new());
                if number == dataset.versions {
                    self.draft(&dataset, false);
                }
                self.settle(&mut dataset)?;
            }
            names::FILES_REMOVED => {
                let removed: stored::FilesRemoved = message(event)?;
                self.change(removed.version, |version| version.files_removed = true)?;
                self.tables.delete(TO_REMOVE, &keys::version(&self.key, removed.version));
            }
            names::DATASET_DEPRECATED => dataset.deprecated = Some(message(event)?),
            names::HVD_MARKED => dataset.hvd_categories = message::<stored::HvdMarked>(event)?.categories,
            _ => return Ok(()),
        }
        let now = self.place(&dataset);
        if place != now {
            if let Some(place) = place {
                self.tables.delete(BY_TITLE, &place);
            }
            if let Some(now) = now {
                self.tables.put(BY_TITLE, &now, Vec::new());
            }
        }
        self.tables.put(DATASETS, &self.key, dataset.encode_to_vec());
        Ok(())
    }

    /// Where it stands among the tenant's datasets, once it was registered.
    fn place(&self, dataset: &DatasetRecord) -> Option<Vec<u8>> {
        let row = DatasetRow::try_from(dataset.clone()).ok()?;
        Some(keys::by_title(self.tenant, &row.order(), self.id))
    }

    fn begun(&mut self, dataset: &mut DatasetRecord, begun: stored::VersionBegun) {
        dataset.versions = begun.version;
        self.draft(dataset, true);
        let key = keys::version(&self.key, begun.version);
        let version = VersionRecord { begun: Some(begun), ..VersionRecord::default() };
        self.tables.put(VERSIONS, &key, version.encode_to_vec());
    }

    /// Notes whether the last version is a draft, if it may be one for want of a licence that somebody will declare.
    fn draft(&mut self, dataset: &DatasetRecord, is_draft: bool) {
        let source = dataset.registered.as_ref().and_then(|registered| registered.source.as_ref());
        let Some(Ok(Source::Observations { station, .. })) = source.map(wire::source_of) else { return };
        let key = keys::draft(self.tenant, station, self.id);
        match is_draft {
            true => self.tables.put(DRAFTS, &key, Vec::new()),
            false => self.tables.delete(DRAFTS, &key),
        }
    }

    fn change(&mut self, number: u32, change: impl FnOnce(&mut VersionRecord)) -> Result<VersionRecord, ViewError> {
        let key = keys::version(&self.key, number);
        let mut version: VersionRecord = self.get(VERSIONS, &key)?;
        change(&mut version);
        self.tables.put(VERSIONS, &key, version.encode_to_vec());
        Ok(version)
    }

    /// Finds the versions that count from the last one back, which is rarely far.
    fn settle(&mut self, dataset: &mut DatasetRecord) -> Result<(), ViewError> {
        let was_cleared = dataset.cleared > 0;
        (dataset.public, dataset.cleared) = (0, 0);
        for row in self.tables.scan(VERSIONS, &Keys::prefix(&self.key), Order::Descending) {
            let row = row?;
            let version = VersionRecord::decode(&row.value[..]).map_err(|_| ViewError::Row(VERSIONS))?;
            let number = version.begun.as_ref().map_or(0, |begun| begun.version);
            let standing = version.standing();
            if standing >= Release::Public && dataset.public == 0 {
                dataset.public = number;
            }
            if standing == Release::Cleared {
                dataset.cleared = number;
                break;
            }
        }
        match (was_cleared, dataset.cleared > 0) {
            (false, true) => {
                self.tables.put(CLEARED, &self.key, Vec::new());
                self.count(1)?;
            }
            (true, false) => {
                self.tables.delete(CLEARED, &self.key);
                self.count(-1)?;
            }
            _ => {}
        }
        Ok(())
    }

    fn count(&mut self, by: i64) -> Result<(), ViewError> {
        for key in [keys::tenant(self.tenant), Vec::new()] {
            let before = match self.tables.get(COUNTS, &key)? {
                Some(row) => i64::from_be_bytes(row[..].try_into().map_err(|_| ViewError::Row(COUNTS))?),
                None => 0,
            };
            self.tables.put(COUNTS, &key, (before + by).to_be_bytes().to_vec());
        }
        Ok(())
    }
}
