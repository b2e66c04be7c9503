//! The page's own style sheet: in the page, so that a saved report looks as it did; allowed by its hash, so that a
//! strict policy can forbid everything else.

use base64::Engine as _;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest as _, Sha256};

/// The style sheet.
pub(super) const CSS: &str = include_str!("report.css");

/// The policy to serve the page with.
pub(super) fn policy() -> String {
    let hash = BASE64_STANDARD.encode(Sha256::digest(CSS));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
    )
}

/// The same in the page: what a policy in a page may not say is left out.
pub(super) fn policy_in_page() -> String {
    let policy = policy();
    policy.split_once("; frame-ancestors").map(|(policy, _)| policy.to_owned()).unwrap_or(policy)
}
