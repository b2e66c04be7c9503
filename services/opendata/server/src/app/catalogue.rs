use std::sync::Arc;

use allmende_kernel::TenantId;
use allmende_runtime::fields::ConsistencyToken;
use allmende_views::ViewError;

use super::{Answer, App, blocking};
use crate::dcat::{self, Catalogue, Described, PAGE_DATASETS, Serialisation};
use crate::error::{Error, Rejection};
use crate::views::Reader;

/// How many versions are looked at for the one before: of most datasets it is the first.
const PREVIOUS: usize = 20;

/// A page of the catalogue, written.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct CataloguePage {
    pub(crate) content: Vec<u8>,
    pub(crate) number: u64,
    pub(crate) pages: u64,
    pub(crate) datasets: u64,
}

/// The last page is shown for every number behind it.
fn catalogue(reader: Reader<'_>, tenant: Option<TenantId>, number: u64) -> Result<Catalogue, ViewError> {
    let total = reader.cleared_count(tenant.as_ref())?;
    let pages = total.div_ceil(PAGE_DATASETS as u64).max(1);
    let number = number.clamp(1, pages);
    let mut datasets = Vec::new();
    for (of, id) in reader.cleared(tenant.as_ref(), (number as usize - 1) * PAGE_DATASETS, PAGE_DATASETS)? {
        let Some(dataset) = reader.dataset(&of, id)? else { continue };
        let Some(version) = reader.version(&of, id, dataset.cleared)? else { continue };
        let before = reader.versions(&of, id, false, Some(version.number), PREVIOUS)?.items;
        let previous = before.iter().find(|before| before.withdrawn.is_none()).map(|before| before.number);
        let publisher = reader.publisher(&of)?;
        datasets.push(Described { tenant: of, id, dataset, version, previous, publisher });
    }
    let tenant = match tenant {
        Some(tenant) => {
            let publisher = reader.publisher(&tenant)?;
            Some((tenant, publisher))
        }
        None => None,
    };
    Ok(Catalogue { tenant, datasets, number, pages, total })
}

impl App {
    pub(crate) async fn get_catalogue(
        self: &Arc<Self>,
        tenant: Option<TenantId>,
        serialisation: Serialisation,
        page: u64,
        token: &ConsistencyToken,
    ) -> Result<Answer<CataloguePage>, Error> {
        let read = self.read(token, move |reader| Ok(catalogue(reader, tenant, page)?));
        let Answer { value: catalogue, seen } = read.await?;
        let app = Arc::clone(self);
        let written = blocking(move || {
            let triples = dcat::page(&app.config, &catalogue);
            let content = dcat::write(&triples, serialisation).map_err(|_| Rejection::Catalogue)?;
            let (number, pages, datasets) = (catalogue.number, catalogue.pages, catalogue.total);
            Ok(CataloguePage { content, number, pages, datasets })
        });
        Ok(Answer { value: written.await?, seen })
    }
}
