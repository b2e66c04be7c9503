use serde::{Deserialize, Serialize};

/// What can be set of the open-data service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Where the installation is reached from outside, without a slash at the end: what the catalogue's IRIs begin with.
    /// It must not change once harvesters know it.
    pub public_url: String,
    /// Title of the catalogue, in German.
    pub catalogue_title: String,
    /// Who runs the catalogue.
    pub catalogue_publisher: String,
    /// IRI of http://dcat-ap.de/def/contributors/ for tenants that have none of their own; empty for none.
    pub contributor_id: String,
    /// A dataset of observations of the running month is issued at most so often, in seconds.
    pub observations_every_s: u64,
    /// One of a past month, once nothing has come for so long, in seconds.
    pub observations_settle_s: u64,
    /// A dataset of texts that has changed is issued at most so often, in seconds, and more rarely the more versions it has;
    /// at once for whoever waits for it.
    pub texts_every_s: u64,
    /// Memory for the log's index, in MiB.
    pub index_cache_mib: u64,
    /// Memory for what is read, in MiB.
    pub view_cache_mib: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            public_url: "http://localhost:7480".to_owned(),
            catalogue_title: "Offene Daten".to_owned(),
            catalogue_publisher: "Allmende".to_owned(),
            contributor_id: String::new(),
            observations_every_s: 86_400,
            observations_settle_s: 10,
            texts_every_s: 60,
            index_cache_mib: 16,
            view_cache_mib: 8,
        }
    }
}
