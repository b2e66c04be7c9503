use serde::{Deserialize, Serialize};

/// What can be set of the reporting service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Memory for the log's index, in MiB.
    pub index_cache_mib: u64,
    /// Memory for what is read, in MiB.
    pub view_cache_mib: u64,
    /// How long one of a report's queries may take, in seconds.
    pub query_timeout_s: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { index_cache_mib: 4, view_cache_mib: 4, query_timeout_s: 10 }
    }
}
