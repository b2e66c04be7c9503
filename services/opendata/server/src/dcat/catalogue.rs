use allmende_kernel::TenantId;
use allmende_opendata_domain::publisher::Publisher;
use allmende_opendata_domain::{DatasetId, Text};
use oxrdf::{NamedNode, Triple};

use super::dataset;
use super::graph::Graph;
use super::vocabulary::{self as words, DCAT, DCT, FOAF, HYDRA, VCARD, term};
use crate::config::Config;
use crate::views::{DatasetRow, VersionRow};

/// Datasets of one page: some 200 KB of Turtle, where harvesters take 50 MB.
pub(crate) const PAGE_DATASETS: usize = 100;

/// A dataset with the version that is in the catalogue.
pub(crate) struct Described {
    pub(crate) tenant: TenantId,
    pub(crate) id: DatasetId,
    pub(crate) dataset: DatasetRow,
    pub(crate) version: VersionRow,
    /// The number of the one before it that stands.
    pub(crate) previous: Option<u32>,
    /// Who publishes it; `None` while nobody said.
    pub(crate) publisher: Option<Publisher>,
}

/// A page of the catalogue.
pub(crate) struct Catalogue {
    /// Whose; `None` for all tenants.
    pub(crate) tenant: Option<(TenantId, Option<Publisher>)>,
    pub(crate) datasets: Vec<Described>,
    /// From 1.
    pub(crate) number: u64,
    /// How many there are; at least one.
    pub(crate) pages: u64,
    /// Datasets on all pages.
    pub(crate) total: u64,
}

/// The page as a graph. IRIs begin with the installation's public address.
pub(crate) fn page(config: &Config, catalogue: &Catalogue) -> Vec<Triple> {
    let mut graph = Graph::default();
    let iris = Iris(config);
    let tenant = catalogue.tenant.as_ref().map(|(tenant, _)| tenant);
    let this = iris.catalogue(tenant);
    let publisher = match &catalogue.tenant {
        Some((tenant, publisher)) => agent(&mut graph, &iris, tenant, publisher.as_ref()),
        None => operator(&mut graph, &iris),
    };
    for described in &catalogue.datasets {
        dataset::describe(&mut graph, &iris, described);
    }
    if let Some(mut about) = graph.describe(&this, &[term(DCAT, "Catalog")]) {
        about
            .text(term(DCT, "title"), &Text::new(config.catalogue_title.as_str(), ""))
            .text(
                term(DCT, "description"),
                &Text::new(
                    "Datensätze, die für die offene Nutzung freigegeben sind.",
                    "Datasets that are cleared for open use.",
                ),
            )
            .link(term(DCT, "publisher"), publisher)
            .link(term(DCT, "language"), words::language("DEU"))
            .link(term(DCAT, "themeTaxonomy"), term("http://publications.europa.eu/resource/authority/", "data-theme"))
            .link(term(FOAF, "homepage"), iris.page("/"));
        for described in &catalogue.datasets {
            about.link(term(DCAT, "dataset"), iris.dataset(described.id));
        }
    }
    paging(&mut graph, &iris, catalogue);
    graph.into_triples()
}

/// Hydra's words for pages, as harvesters follow them.
fn paging(graph: &mut Graph, iris: &Iris<'_>, catalogue: &Catalogue) {
    let tenant = catalogue.tenant.as_ref().map(|(tenant, _)| tenant);
    let page = |number| iris.catalogue_page(tenant, number);
    // The older words and the newer ones: some harvesters know the one, some the other.
    let classes = [term(HYDRA, "PagedCollection"), term(HYDRA, "PartialCollectionView")];
    let Some(mut about) = graph.describe(&page(catalogue.number), &classes) else { return };
    about.typed(term(HYDRA, "totalItems"), catalogue.total, "integer").typed(
        term(HYDRA, "itemsPerPage"),
        PAGE_DATASETS,
        "integer",
    );
    let next = (catalogue.number < catalogue.pages).then_some(catalogue.number + 1);
    let previous = (catalogue.number > 1).then(|| catalogue.number - 1);
    for (older, newer, number) in [
        ("firstPage", "first", Some(1)),
        ("lastPage", "last", Some(catalogue.pages)),
        ("nextPage", "next", next),
        ("previousPage", "previous", previous),
    ] {
        if let Some(number) = number {
            about.link(term(HYDRA, older), page(number)).link(term(HYDRA, newer), page(number));
        }
    }
}

fn operator(graph: &mut Graph, iris: &Iris<'_>) -> NamedNode {
    let agent = iris.page("/catalog#publisher");
    if let Some(mut about) = graph.describe(&agent, &[term(FOAF, "Agent")]) {
        about.plain(term(FOAF, "name"), &iris.0.catalogue_publisher);
    }
    agent
}

/// The publisher of a tenant's data. Before anybody has said more, it is known by the tenant's name.
pub(super) fn agent(graph: &mut Graph, iris: &Iris<'_>, tenant: &TenantId, publisher: Option<&Publisher>) -> NamedNode {
    let agent = iris.of_tenant(tenant, "publisher");
    if let Some(mut about) = graph.describe(&agent, &[term(FOAF, "Agent")]) {
        match publisher {
            Some(publisher) => {
                about.text(term(FOAF, "name"), &publisher.name);
                about.link(term(DCT, "type"), words::publisher_kind(publisher.kind));
                if let Ok(homepage) = NamedNode::new(publisher.homepage.as_str()) {
                    about.link(term(FOAF, "homepage"), homepage);
                }
            }
            None => {
                about.plain(term(FOAF, "name"), tenant.as_str());
            }
        }
    }
    agent
}

/// The office that answers questions about a tenant's data, if somebody said which.
pub(super) fn contact(
    graph: &mut Graph,
    iris: &Iris<'_>,
    tenant: &TenantId,
    publisher: Option<&Publisher>,
) -> Option<NamedNode> {
    let publisher = publisher?;
    let email = NamedNode::new(format!("mailto:{}", publisher.contact_email)).ok()?;
    let contact = iris.of_tenant(tenant, "contact");
    if let Some(mut about) = graph.describe(&contact, &[term(VCARD, "Kind"), term(VCARD, "Organization")]) {
        about.plain(term(VCARD, "fn"), &publisher.contact_name).link(term(VCARD, "hasEmail"), email);
    }
    Some(contact)
}

/// The place that a tenant's data is of.
pub(super) fn place(graph: &mut Graph, publisher: Option<&Publisher>) -> Option<NamedNode> {
    let place = NamedNode::new(publisher?.place.as_str()).ok()?;
    if let Some(mut about) = graph.describe(&place, &[term(DCT, "Location")]) {
        about.text(term(words::SKOS, "prefLabel"), &publisher?.name);
    }
    Some(place)
}

/// Addresses of what the catalogue names. Config is checked at the start, so they are IRIs.
pub(super) struct Iris<'a>(pub(super) &'a Config);

impl Iris<'_> {
    pub(super) fn page(&self, path: &str) -> NamedNode {
        NamedNode::new_unchecked(format!("{}{path}", self.0.public_url))
    }

    fn catalogue(&self, tenant: Option<&TenantId>) -> NamedNode {
        match tenant {
            Some(tenant) => self.page(&format!("/catalog?tenant={tenant}")),
            None => self.page("/catalog"),
        }
    }

    fn catalogue_page(&self, tenant: Option<&TenantId>, number: u64) -> NamedNode {
        match tenant {
            Some(tenant) => self.page(&format!("/catalog?tenant={tenant}&page={number}")),
            None => self.page(&format!("/catalog?page={number}")),
        }
    }

    fn of_tenant(&self, tenant: &TenantId, what: &str) -> NamedNode {
        self.page(&format!("/catalog?tenant={tenant}#{what}"))
    }

    pub(super) fn series(&self, tenant: &TenantId, station: uuid::Uuid) -> NamedNode {
        self.of_tenant(tenant, &format!("station-{station}"))
    }

    pub(super) fn dataset(&self, id: DatasetId) -> NamedNode {
        self.page(&format!("/datasets/{id}"))
    }

    pub(super) fn version(&self, id: DatasetId, number: u32) -> NamedNode {
        self.page(&format!("/datasets/{id}/versions/{number}"))
    }

    pub(super) fn file(&self, id: DatasetId, number: u32, file: &str) -> NamedNode {
        self.page(&format!("/datasets/{id}/versions/{number}/{file}"))
    }
}
