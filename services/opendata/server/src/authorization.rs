use allmende_runtime::authorize::Role::{self, Approver, Auditor, DataSteward, PlatformOperator, TenantAdministrator};
use allmende_runtime::authorize::{Entry, Rule};

const KEEP: Rule = Rule::AnyOf(&[DataSteward, TenantAdministrator, PlatformOperator]);
const RELEASE: Rule = Rule::AnyOf(&[Approver, DataSteward, TenantAdministrator, PlatformOperator]);

/// Who sees drafts, and what is missing for their release.
pub(crate) const STAFF: &[Role] = &[DataSteward, Approver, TenantAdministrator, Auditor, PlatformOperator];

pub(crate) const CATALOGUE: &str = "GET /catalog";
pub(crate) const CATALOGUE_TTL: &str = "GET /catalog.ttl";
pub(crate) const CATALOGUE_RDF: &str = "GET /catalog.rdf";
pub(crate) const CATALOGUE_JSONLD: &str = "GET /catalog.jsonld";
pub(crate) const DATASET: &str = "GET /datasets/{id}";
pub(crate) const VERSION: &str = "GET /datasets/{id}/versions/{version}";
pub(crate) const FILE: &str = "GET /datasets/{id}/versions/{version}/{file}";

/// Who may call each rpc and each route, for [`allmende_runtime::authorize::Table`]. What is released is public.
pub const AUTHORIZATION: &[Entry] = &[
    ("/allmende.opendata.v1.CatalogService/DescribePublisher", KEEP),
    ("/allmende.opendata.v1.CatalogService/GetPublisher", Rule::Visitor),
    ("/allmende.opendata.v1.CatalogService/DeclareSourceLicence", KEEP),
    ("/allmende.opendata.v1.CatalogService/RegisterDataset", KEEP),
    ("/allmende.opendata.v1.CatalogService/AddDistribution", KEEP),
    ("/allmende.opendata.v1.CatalogService/RunReleaseCheck", RELEASE),
    ("/allmende.opendata.v1.CatalogService/Publish", RELEASE),
    ("/allmende.opendata.v1.CatalogService/Withdraw", RELEASE),
    ("/allmende.opendata.v1.CatalogService/IssueVersion", KEEP),
    ("/allmende.opendata.v1.CatalogService/Deprecate", KEEP),
    ("/allmende.opendata.v1.CatalogService/MarkHvd", KEEP),
    ("/allmende.opendata.v1.CatalogService/GetDataset", Rule::Visitor),
    ("/allmende.opendata.v1.CatalogService/ListDatasets", Rule::Visitor),
    ("/allmende.opendata.v1.CatalogService/ListVersions", Rule::Visitor),
    ("/allmende.opendata.v1.CatalogService/GetDistribution", Rule::Visitor),
    ("/allmende.opendata.v1.CatalogService/GetCatalogue", Rule::Visitor),
    (CATALOGUE, Rule::Visitor),
    (CATALOGUE_TTL, Rule::Visitor),
    (CATALOGUE_RDF, Rule::Visitor),
    (CATALOGUE_JSONLD, Rule::Visitor),
    (DATASET, Rule::Visitor),
    (VERSION, Rule::Visitor),
    (FILE, Rule::Visitor),
];

#[cfg(test)]
mod tests {
    use allmende_runtime::authorize::{Table, assert_covers_packages, assert_covers_routes};

    #[test]
    fn every_rpc_has_a_rule() {
        let packages = &["allmende.opendata.v1"];
        assert_covers_packages(&Table::new(&[super::AUTHORIZATION]), allmende_proto::FILE_DESCRIPTOR_SET, packages);
    }

    #[test]
    fn every_route_has_a_rule() {
        let names = [
            super::CATALOGUE,
            super::CATALOGUE_TTL,
            super::CATALOGUE_RDF,
            super::CATALOGUE_JSONLD,
            super::DATASET,
            super::VERSION,
            super::FILE,
        ];
        assert_covers_routes(&Table::new(&[super::AUTHORIZATION]), names);
    }
}
