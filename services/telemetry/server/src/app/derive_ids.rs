use allmende_runtime::authorize::AuthorizedTenant;

use super::App;

/// Keys that others know things under.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct DeriveIds {
    pub(crate) source: String,
    pub(crate) keys: Vec<String>,
}

impl App {
    /// An id for each key, different for each tenant: the same box at two towns must not be recognised as one.
    pub(crate) fn derive_ids(&self, tenant: &AuthorizedTenant, DeriveIds { source, keys }: &DeriveIds) -> Vec<String> {
        let id =
            |key: &String| self.installation.derive_id("telemetry", &[tenant.id().as_str(), source, key]).to_string();
        keys.iter().map(id).collect()
    }
}
