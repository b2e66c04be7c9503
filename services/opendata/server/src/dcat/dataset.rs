use allmende_opendata_domain::dataset::Release;
use allmende_opendata_domain::{Distribution, Source, Text};
use oxrdf::NamedNode;

use super::catalogue::{Described, Iris, agent, contact, place};
use super::graph::{About, Graph};
use super::vocabulary::{self as words, ADMS, DCAT, DCATAP, DCATDE, DCT, HVD_REGULATION, SPDX, term};

/// A dataset, its files, and what both name.
pub(super) fn describe(graph: &mut Graph, iris: &Iris<'_>, described: &Described) {
    let Described { tenant, id, dataset, version, previous, publisher } = described;
    debug_assert_eq!(version.release, Release::Cleared);
    let said = dataset.description.wording();
    let this = iris.dataset(*id);
    let agent = agent(graph, iris, tenant, publisher.as_ref());
    let contact = contact(graph, iris, tenant, publisher.as_ref());
    let place = place(graph, publisher.as_ref());
    let period = period(graph, &this, dataset.description.days().map(|(first, last)| (first.as_str(), last.as_str())));
    let series = series(graph, iris, described, &agent);
    let files: Vec<NamedNode> =
        version.distributions.iter().map(|file| distribution(graph, iris, described, file)).collect();

    let Some(mut about) = graph.describe(&this, &[term(DCAT, "Dataset")]) else { return };
    about
        .text(term(DCT, "title"), &said.title)
        .text(term(DCT, "description"), &said.description)
        .plain(term(DCT, "identifier"), this.as_str())
        .link(term(DCT, "publisher"), agent)
        .link(term(DCT, "accessRights"), words::access_public())
        .link(term(DCAT, "landingPage"), this.clone())
        .moment(term(DCT, "issued"), dataset.registered_at)
        .moment(term(DCT, "modified"), version.issued_at.max(dataset.described_at))
        // Versions by DCAT 3's own terms.
        .plain(term(DCAT, "version"), &version.number.to_string())
        .link(term(DCATAP, "availability"), words::available());
    if let Some(previous) = previous {
        about.link(term(DCAT, "previousVersion"), iris.version(*id, *previous));
    }
    languages(&mut about, &said.description);
    for theme in &said.themes {
        about.link(term(DCAT, "theme"), words::theme(*theme));
    }
    for keyword in &said.keywords {
        about.text(term(DCAT, "keyword"), &Text::new(keyword.as_str(), ""));
    }
    if let Some(frequency) = said.frequency {
        about.link(term(DCT, "accrualPeriodicity"), words::frequency(frequency));
    }
    let own = publisher.as_ref().map(|publisher| publisher.contributor_id.as_str()).filter(|id| !id.is_empty());
    if let Ok(contributor) = NamedNode::new(own.unwrap_or(&iris.0.contributor_id)) {
        about.link(term(DCATDE, "contributorID"), contributor);
    }
    for (predicate, object) in [
        (term(DCAT, "contactPoint"), contact),
        (term(DCT, "spatial"), place),
        (term(DCT, "temporal"), period),
        (term(DCAT, "inSeries"), series),
    ] {
        if let Some(object) = object {
            about.link(predicate, object);
        }
    }
    for file in files {
        about.link(term(DCAT, "distribution"), file);
    }
    high_value(&mut about, &dataset.hvd_categories);
    for category in &dataset.hvd_categories {
        if let Ok(category) = NamedNode::new(category.as_str()) {
            about.link(term(DCATAP, "hvdCategory"), category);
        }
    }
}

fn languages(about: &mut About<'_>, text: &Text) {
    about.link(term(DCT, "language"), words::language("DEU"));
    if !text.en.is_empty() {
        about.link(term(DCT, "language"), words::language("ENG"));
    }
}

fn high_value(about: &mut About<'_>, categories: &[String]) {
    if !categories.is_empty() {
        about.link(term(DCATAP, "applicableLegislation"), NamedNode::new_unchecked(HVD_REGULATION));
    }
}

fn period(graph: &mut Graph, of: &NamedNode, days: Option<(&str, &str)>) -> Option<NamedNode> {
    let (first, last) = days?;
    let period = NamedNode::new_unchecked(format!("{}#period", of.as_str()));
    if let Some(mut about) = graph.describe(&period, &[term(DCT, "PeriodOfTime")]) {
        about.typed(term(DCAT, "startDate"), first, "date").typed(term(DCAT, "endDate"), last, "date");
    }
    Some(period)
}

/// The months of a station are a series.
fn series(graph: &mut Graph, iris: &Iris<'_>, described: &Described, agent: &NamedNode) -> Option<NamedNode> {
    let Source::Observations { station, .. } = described.dataset.source else { return None };
    let station_id = station.hyphenated().to_string();
    let short = &station_id[30..];
    let series = iris.series(&described.tenant, station);
    let contact = contact(graph, iris, &described.tenant, described.publisher.as_ref());
    if let Some(mut about) = graph.describe(&series, &[term(DCAT, "DatasetSeries")]) {
        about
            .text(
                term(DCT, "title"),
                &Text::new(
                    format!("Messwerte der Station {short}, Monat für Monat"),
                    format!("Observations of station {short}, month by month"),
                ),
            )
            .text(term(DCT, "description"), &Text::new("Ein Datensatz für jeden Monat.", "A dataset for each month."))
            .link(term(DCT, "publisher"), agent.clone())
            .link(term(DCT, "accrualPeriodicity"), words::frequency(allmende_opendata_domain::Frequency::Monthly));
        if let Some(contact) = contact {
            about.link(term(DCAT, "contactPoint"), contact);
        }
    }
    Some(series)
}

fn distribution(graph: &mut Graph, iris: &Iris<'_>, described: &Described, file: &Distribution) -> NamedNode {
    let Described { id, dataset, version, .. } = described;
    let address = iris.file(*id, version.number, file.file.as_str());
    let part = |name: &str| NamedNode::new_unchecked(format!("{}#{name}", address.as_str()));
    let (this, checksum) = (part("distribution"), part("checksum"));
    if let Some(mut about) = graph.describe(&checksum, &[term(SPDX, "Checksum")]) {
        about.link(term(SPDX, "algorithm"), words::sha256()).typed(
            term(SPDX, "checksumValue"),
            file.sha256,
            "hexBinary",
        );
    }
    let schema = iris.file(*id, version.number, &format!("{}.schema.json", file.file));
    if let Some(mut about) = graph.describe(&schema, &[term(DCT, "Standard")]) {
        about.text(term(DCT, "title"), &Text::new("Tabellenschema (Frictionless)", "Table schema (Frictionless)"));
    }
    let Some(mut about) = graph.describe(&this, &[term(DCAT, "Distribution")]) else { return this };
    about
        .text(term(DCT, "title"), &Text::new(file.file.as_str(), ""))
        .link(term(DCAT, "accessURL"), address.clone())
        .link(term(DCAT, "downloadURL"), address)
        .link(term(DCT, "format"), words::file_type(file.format))
        .link(term(DCAT, "mediaType"), words::media_type(file.format))
        .link(term(DCT, "conformsTo"), schema)
        .link(term(SPDX, "checksum"), checksum)
        .link(term(ADMS, "status"), words::status(dataset.deprecated.is_some()))
        .link(term(DCATAP, "availability"), words::available())
        .typed(term(DCAT, "byteSize"), file.bytes, "nonNegativeInteger")
        .moment(term(DCT, "issued"), version.issued_at)
        .moment(term(DCT, "modified"), version.issued_at);
    languages(&mut about, &dataset.description.wording().description);
    if let Some(terms) = &version.terms {
        about.link(term(DCT, "license"), words::licence(terms.licence));
        if !terms.attribution.is_empty() {
            about.plain(term(DCATDE, "licenseAttributionByText"), &terms.attribution);
        }
    }
    high_value(&mut about, &dataset.hvd_categories);
    this
}
