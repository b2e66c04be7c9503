/// How a metric's values add up.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Kind {
    /// A total that only grows; recorded with [`crate::Metrics::add`].
    Counter,
    /// A distribution over buckets with these upper bounds; recorded with [`crate::Metrics::record`].
    Histogram(&'static [f64]),
    /// The present value; recorded with [`crate::Metrics::set`].
    Gauge,
}

/// What a metric is called and means.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Definition {
    /// OpenTelemetry name.
    pub name: &'static str,
    /// UCUM unit; in braces what is counted.
    pub unit: &'static str,
    /// How values add up.
    pub kind: Kind,
    /// One sentence for people.
    pub description: &'static str,
}

const COUNTS: Kind = Kind::Histogram(&[1.0, 2.0, 4.0, 8.0, 16.0, 32.0, 64.0, 128.0, 256.0, 512.0, 1024.0, 4096.0]);
const BYTES: Kind = Kind::Histogram(&[256.0, 1024.0, 4096.0, 16384.0, 65536.0, 262_144.0, 1_048_576.0, 4_194_304.0]);
const SECONDS: Kind =
    Kind::Histogram(&[0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0, 30.0]);

macro_rules! catalogue {
    ($($variant:ident = $name:literal, $unit:literal, $kind:expr, $description:literal;)*) => {
        /// Every metric there is. Dashboards, alerts and the documentation are checked against this list.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        pub enum Metric {
            $(#[doc = $description] $variant,)*
        }

        impl Metric {
            /// All metrics, in the order of their declaration.
            pub const ALL: &'static [Metric] = &[$(Metric::$variant),*];

            /// Name, unit, kind and description.
            pub const fn definition(self) -> Definition {
                match self {
                    $(Metric::$variant => {
                        Definition { name: $name, unit: $unit, kind: $kind, description: $description }
                    })*
                }
            }
        }
    };
}

catalogue! {
    LogAppendDuration = "allmende.log.append.duration", "s", SECONDS,
        "From handing a commit to the log until it is durable.";
    LogGroupCommits = "allmende.log.group.commits", "{commit}", COUNTS,
        "Commits in a commit group.";
    LogGroupBytes = "allmende.log.group.bytes", "By", BYTES,
        "Size of a commit group as written.";
    LogSyncDuration = "allmende.log.sync.duration", "s", SECONDS,
        "Time that fdatasync of a commit group took.";
    LogHead = "allmende.log.head", "{group}", Kind::Gauge,
        "Number of the last durable commit group.";
    LogDamagedGroups = "allmende.log.damaged_groups", "{group}", Kind::Gauge,
        "Commit groups that are known to be damaged and are not served.";
    LogLeading = "allmende.log.leading", "{partition}", Kind::Gauge,
        "1 on the member that takes a partition's commands, 0 on the others.";
    IndexLag = "allmende.index.lag", "{group}", Kind::Gauge,
        "Commit groups that are durable but not yet in the log's index.";
    ViewLag = "allmende.view.lag", "{group}", Kind::Gauge,
        "Commit groups that are durable but not yet in a view.";
    ViewRebuilds = "allmende.view.rebuilds", "{rebuild}", Kind::Counter,
        "Views that were set aside and folded anew.";
    ProcessParked = "allmende.process.parked", "{group}", Kind::Gauge,
        "Commit groups of another service's log that could not be carried out and are tried from time to time.";
    TaskRestarts = "allmende.task.restarts", "{restart}", Kind::Counter,
        "Tasks of a service that broke off and were begun anew, by task.";
    ConnectionsClosed = "allmende.connections.closed", "{connection}", Kind::Counter,
        "Connections that a port closed by itself, by port and why.";
    RpcDuration = "rpc.server.duration", "s", SECONDS,
        "From an rpc's first byte to the end of its answer.";
    RpcRejections = "allmende.rpc.rejections", "{rejection}", Kind::Counter,
        "Rpcs that were refused, by reason.";
    TelemetryObservations = "allmende.telemetry.observations", "{observation}", Kind::Counter,
        "Observations that were sent, by what became of them.";
    ImportRows = "allmende.import.rows", "{row}", Kind::Counter,
        "Rows that an import read, by what became of them.";
}

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_in_opentelemetry_style() {
        let names: HashSet<_> = Metric::ALL.iter().map(|metric| metric.definition().name).collect();
        assert_eq!(names.len(), Metric::ALL.len());
        for name in names {
            assert!(name.starts_with("allmende.") || name.starts_with("rpc."), "{name}");
            for part in name.split('.') {
                let word = |word: &str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_lowercase());
                assert!(part.split('_').all(word), "{name}");
            }
        }
    }
}
