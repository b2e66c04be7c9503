use std::path::PathBuf;

use serde::{Deserialize, Serialize};

/// What can be set of the telemetry service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// TOML file with the rule sets of limit values; without one, those that this version comes with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rules: Option<PathBuf>,
    /// Memory for the log's index, in MiB.
    pub index_cache_mib: u64,
    /// Memory for what is read, in MiB.
    pub view_cache_mib: u64,
    /// Memory for decoded observations, in MiB.
    pub block_cache_mib: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { rules: None, index_cache_mib: 32, view_cache_mib: 16, block_cache_mib: 16 }
    }
}
