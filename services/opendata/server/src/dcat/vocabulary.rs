//! Namespaces, and IRIs of the vocabularies that DCAT-AP.de prescribes.

use allmende_opendata_domain::publisher::Kind;
use allmende_opendata_domain::{Format, Frequency, Licence, Theme};
use oxrdf::NamedNode;

/// Prefixes for the serialisations that have them.
pub(super) const PREFIXES: &[(&str, &str)] = &[
    ("adms", ADMS),
    ("dcat", DCAT),
    ("dcatap", DCATAP),
    ("dcatde", DCATDE),
    ("dct", DCT),
    ("foaf", FOAF),
    ("hydra", HYDRA),
    ("locn", LOCN),
    ("skos", SKOS),
    ("spdx", SPDX),
    ("vcard", VCARD),
    ("xsd", XSD),
];

pub(super) const ADMS: &str = "http://www.w3.org/ns/adms#";
pub(super) const DCAT: &str = "http://www.w3.org/ns/dcat#";
pub(super) const DCATAP: &str = "http://data.europa.eu/r5r/";
pub(super) const DCATDE: &str = "http://dcat-ap.de/def/dcatde/";
pub(super) const DCT: &str = "http://purl.org/dc/terms/";
pub(super) const FOAF: &str = "http://xmlns.com/foaf/0.1/";
pub(super) const HYDRA: &str = "http://www.w3.org/ns/hydra/core#";
pub(super) const LOCN: &str = "http://www.w3.org/ns/locn#";
pub(super) const SKOS: &str = "http://www.w3.org/2004/02/skos/core#";
pub(super) const SPDX: &str = "http://spdx.org/rdf/terms#";
pub(super) const VCARD: &str = "http://www.w3.org/2006/vcard/ns#";
pub(super) const XSD: &str = "http://www.w3.org/2001/XMLSchema#";

const AUTHORITY: &str = "http://publications.europa.eu/resource/authority/";

/// The regulation on high-value datasets.
pub(super) const HVD_REGULATION: &str = "http://data.europa.eu/eli/reg_impl/2023/138/oj";

/// A term of a namespace.
pub(super) fn term(namespace: &str, name: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{namespace}{name}"))
}

pub(super) fn licence(licence: Licence) -> NamedNode {
    NamedNode::new_unchecked(format!("http://dcat-ap.de/def/licenses/{}", licence.code()))
}

pub(super) fn theme(theme: Theme) -> NamedNode {
    NamedNode::new_unchecked(format!("{AUTHORITY}data-theme/{}", theme.code()))
}

pub(super) fn frequency(frequency: Frequency) -> NamedNode {
    NamedNode::new_unchecked(format!("{AUTHORITY}frequency/{}", frequency.code()))
}

pub(super) fn file_type(format: Format) -> NamedNode {
    NamedNode::new_unchecked(format!("{AUTHORITY}file-type/{}", format.file_type()))
}

pub(super) fn media_type(format: Format) -> NamedNode {
    NamedNode::new_unchecked(format!("https://www.iana.org/assignments/media-types/{}", format.media_type()))
}

pub(super) fn language(code: &str) -> NamedNode {
    NamedNode::new_unchecked(format!("{AUTHORITY}language/{code}"))
}

pub(super) fn access_public() -> NamedNode {
    NamedNode::new_unchecked(format!("{AUTHORITY}access-right/PUBLIC"))
}

pub(super) fn available() -> NamedNode {
    NamedNode::new_unchecked(format!("{AUTHORITY}planned-availability/AVAILABLE"))
}

/// Whether a distribution is kept up.
pub(super) fn status(deprecated: bool) -> NamedNode {
    let code = if deprecated { "DEPRECATED" } else { "COMPLETED" };
    NamedNode::new_unchecked(format!("{AUTHORITY}distribution-status/{code}"))
}

pub(super) fn publisher_kind(kind: Kind) -> NamedNode {
    NamedNode::new_unchecked(format!("http://purl.org/adms/publishertype/{}", kind.code()))
}

pub(super) fn sha256() -> NamedNode {
    term(SPDX, "checksumAlgorithm_sha256")
}
