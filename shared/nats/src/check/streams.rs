//! How a stream of the platform is set up and replicated.

use async_nats::jetstream::stream::{ClusterInfo, Info};

use super::{Finding, Severity};
use crate::{bucket, stream_config};

/// Nothing about a stream that is not the platform's.
pub(super) fn look(info: &Info, replicas: usize) -> Vec<Finding> {
    let config = &info.config;
    let about = format!("stream {}", config.name);
    let differences = match (subject_of(&config.name), config.name.starts_with("KV_allmende_")) {
        (Some(subject), _) => {
            stream_config::differences(config, &stream_config::needed(&config.name, &subject, replicas))
        }
        (None, true) => bucket::differences(config, replicas),
        (None, false) => return Vec::new(),
    };
    let mut findings: Vec<_> =
        differences.into_iter().map(|difference| Finding::new(Severity::Fault, &about, difference)).collect();
    findings.extend(info.cluster.as_ref().map(|cluster| copies(&about, cluster)).unwrap_or_default());
    if findings.is_empty() {
        let text = format!("set up as needed, {} messages, {} bytes", info.state.messages, info.state.bytes);
        findings.push(Finding::new(Severity::Fine, about, text));
    }
    findings
}

/// The subject of a log's or a body's stream.
fn subject_of(name: &str) -> Option<String> {
    let rest = name.strip_prefix("ALLMENDE_")?;
    if let Some(service) = rest.strip_prefix("BODIES_") {
        return Some(format!("allmende.body.{}.>", service.to_ascii_lowercase()));
    }
    let (service, number) = rest.rsplit_once('_')?;
    Some(format!("allmende.log.{}.{number}", service.to_ascii_lowercase()))
}

fn copies(about: &str, cluster: &ClusterInfo) -> Vec<Finding> {
    let mut findings = Vec::new();
    if cluster.leader.as_ref().is_none_or(String::is_empty) {
        findings.push(Finding::new(Severity::Fault, about, "it has no leader: nothing can be stored"));
    }
    for replica in &cluster.replicas {
        if replica.offline {
            let text = format!("its replica on {} is offline: one more that fails stops it", replica.name);
            findings.push(Finding::new(Severity::Fault, about, text));
        } else if !replica.current {
            let text = format!("its replica on {} is behind by {}", replica.name, replica.lag.unwrap_or_default());
            findings.push(Finding::new(Severity::Warning, about, text));
        }
    }
    findings
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_platforms_streams_are_known_by_name() {
        let subject = |name| subject_of(name).unwrap_or_default();
        assert_eq!(subject("ALLMENDE_PARTICIPATION_3"), "allmende.log.participation.3");
        assert_eq!(subject("ALLMENDE_BODIES_TELEMETRY"), "allmende.body.telemetry.>");
        assert_eq!(subject_of("ORDERS"), None);
    }
}
