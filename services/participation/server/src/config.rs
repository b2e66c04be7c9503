use serde::{Deserialize, Serialize};

/// What can be set of the participation service.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Memory for the log's index, in MiB.
    pub index_cache_mib: u64,
    /// Memory for what is read, in MiB.
    pub view_cache_mib: u64,
    /// Disk for files that go with contributions, in MiB: beyond it they are refused.
    pub attachments_mib: u64,
    /// The same for those of one tenant.
    pub tenant_attachments_mib: u64,
}

impl Default for Config {
    fn default() -> Self {
        Self { index_cache_mib: 32, view_cache_mib: 16, attachments_mib: 10_240, tenant_attachments_mib: 2_048 }
    }
}
