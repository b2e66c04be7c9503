//! The architecture as tables. A new crate gets its line here before anything else may build on it.

/// Which of our own crates a crate may depend on.
pub(crate) enum Ours {
    /// These and no others.
    Only(&'static [&'static str]),
    /// Any but these.
    AnyBut(&'static [&'static str]),
}

use Ours::{AnyBut, Only};

/// Every crate of the workspace and what it may depend on, test code included (see [`TEST_SUPPORT`]).
pub(crate) const MAY_DEPEND_ON: &[(&str, Ours)] = &[
    // Libraries; none knows a service.
    ("allmende-kernel", Only(&[])),
    ("allmende-proto", Only(&[])),
    ("allmende-columns", Only(&[])),
    ("allmende-instrumentation", Only(&["allmende-kernel"])),
    ("allmende-eventlog", Only(&["allmende-kernel", "allmende-proto"])),
    ("allmende-eventlog-sled", Only(&["allmende-kernel", "allmende-eventlog"])),
    ("allmende-eventlog-nats", Only(&["allmende-kernel", "allmende-eventlog", "allmende-eventlog-sled"])),
    ("allmende-views", Only(&["allmende-kernel", "allmende-eventlog"])),
    ("allmende-keyring", Only(&["allmende-kernel"])),
    ("allmende-files", Only(&[])),
    (
        "allmende-nats",
        Only(&[
            "allmende-kernel",
            "allmende-eventlog",
            "allmende-eventlog-nats",
            "allmende-keyring",
            "allmende-files",
            "allmende-runtime",
            "allmende-instrumentation",
        ]),
    ),
    ("allmende-testkit", Only(&["allmende-kernel", "allmende-eventlog"])),
    ("allmende-runtime", Only(&["allmende-kernel", "allmende-proto", "allmende-instrumentation"])),
    // The only library that knows runtime, log and views at once, so that services need not repeat how they meet.
    (
        "allmende-hosting",
        Only(&[
            "allmende-kernel",
            "allmende-eventlog",
            "allmende-eventlog-nats",
            "allmende-eventlog-sled",
            "allmende-files",
            "allmende-nats",
            "allmende-views",
            "allmende-runtime",
            "allmende-instrumentation",
        ]),
    ),
    // Services; none knows another.
    ("allmende-opendata-domain", Only(&["allmende-kernel"])),
    (
        "allmende-opendata",
        Only(&[
            "allmende-kernel",
            "allmende-columns",
            "allmende-eventlog",
            "allmende-proto",
            "allmende-views",
            "allmende-files",
            "allmende-keyring",
            "allmende-runtime",
            "allmende-hosting",
            "allmende-instrumentation",
            "allmende-opendata-domain",
        ]),
    ),
    ("allmende-telemetry-domain", Only(&["allmende-kernel"])),
    (
        "allmende-telemetry",
        Only(&[
            "allmende-kernel",
            "allmende-columns",
            "allmende-eventlog",
            "allmende-hosting",
            "allmende-eventlog-sled",
            "allmende-proto",
            "allmende-views",
            "allmende-runtime",
            "allmende-instrumentation",
            "allmende-telemetry-domain",
        ]),
    ),
    ("allmende-participation-domain", Only(&["allmende-kernel"])),
    (
        "allmende-participation",
        Only(&[
            "allmende-kernel",
            "allmende-eventlog",
            "allmende-hosting",
            "allmende-eventlog-sled",
            "allmende-files",
            "allmende-keyring",
            "allmende-proto",
            "allmende-views",
            "allmende-runtime",
            "allmende-instrumentation",
            "allmende-participation-domain",
        ]),
    ),
    ("allmende-reporting-domain", Only(&["allmende-kernel"])),
    (
        "allmende-reporting",
        Only(&[
            "allmende-kernel",
            "allmende-eventlog",
            "allmende-hosting",
            "allmende-proto",
            "allmende-views",
            "allmende-runtime",
            "allmende-instrumentation",
            "allmende-reporting-domain",
        ]),
    ),
    ("allmende-gateway-domain", Only(&["allmende-kernel"])),
    (
        "allmende-gateway",
        Only(&[
            "allmende-kernel",
            "allmende-keyring",
            "allmende-eventlog",
            "allmende-hosting",
            "allmende-eventlog-sled",
            "allmende-proto",
            "allmende-views",
            "allmende-runtime",
            "allmende-instrumentation",
            "allmende-gateway-domain",
        ]),
    ),
    ("allmende-portal", Only(&["allmende-kernel", "allmende-proto", "allmende-runtime"])),
    // Whoever may know all of them.
    ("allmende", AnyBut(&["xtask", "allmende-integration-tests"])),
    ("allmende-integration-tests", AnyBut(&["xtask"])),
    ("xtask", Only(&[])),
];

/// Any crate may have it as a dev-dependency.
pub(crate) const TEST_SUPPORT: &str = "allmende-testkit";

/// Packages that one crate alone may name, so that a change of mind about them stays in one place.
pub(crate) const SOLE_USERS: &[(&str, &str)] = &[
    ("sled", "allmende-eventlog-sled"),
    ("fjall", "allmende-views"),
    ("fuser", "allmende-integration-tests"),
    ("kube", "allmende-operator"),
    ("async-nats", "allmende-nats"),
];

/// Crates of adapters, as source code spells them: in a server only its wiring may pick one.
pub(crate) const ADAPTERS: &[&str] = &["allmende_eventlog_sled"];

/// Packages of which two versions compile but do not work together: spans and interceptors of the one are not seen
/// by the other.
pub(crate) const ONE_VERSION: &[&str] = &["tonic", "opentelemetry"];

/// A file longer than this is probably two ideas.
pub(crate) const LONG_FILE_LINES: usize = 600;
