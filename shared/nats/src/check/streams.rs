//! How a stream of the platform is set up and replicated.

use async_nats::jetstream::stream::{ClusterInfo, Info};

use super::Finding;
use crate::{bucket, shelves, stream_config, values};

/// Nothing about a stream that is not the platform's.
pub(super) fn look(info: &Info, replicas: usize) -> Vec<Finding> {
    let config = &info.config;
    let about = format!("stream {}", config.name);
    let bucket = config.name.strip_prefix("KV_").filter(|bucket| bucket.starts_with("allmende_"));
    let store = config.name.strip_prefix("OBJ_").filter(|bucket| bucket.starts_with("allmende_"));
    let differences = match (subject_of(&config.name), bucket, store) {
        (Some(subject), ..) => {
            stream_config::differences(config, &stream_config::needed(&config.name, &subject, replicas))
        }
        (None, Some(bucket), _) if values::BUCKETS.contains(&bucket) => {
            values::differences(config, &values::needed(bucket, replicas))
        }
        (None, Some(_), _) => bucket::differences(config, replicas),
        (None, None, Some(bucket)) => shelves::differences(config, &shelves::needed(bucket, replicas)),
        (None, None, None) => return Vec::new(),
    };
    let remedy = |difference: &str| {
        let name = &config.name;
        match difference.starts_with("deny_") || difference.starts_with("subjects") {
            true => format!("it was not made by the platform: move it away before anything is stored in {name}"),
            false => format!("nats stream edit {name}, back to what is needed"),
        }
    };
    let mut findings: Vec<_> = differences
        .into_iter()
        .map(|difference| Finding::fault(&about, &difference).remedy(remedy(&difference)))
        .collect();
    findings.extend(info.cluster.as_ref().map(|cluster| copies(&about, cluster)).unwrap_or_default());
    if findings.is_empty() {
        let text = format!("set up as needed, {} messages, {} bytes", info.state.messages, info.state.bytes);
        findings.push(Finding::fine(about, text));
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
        let text = "it has no leader: nothing can be stored";
        findings.push(Finding::fault(about, text).remedy("start the servers that are down: more than half must run"));
    }
    for replica in &cluster.replicas {
        if replica.offline {
            let text = format!("its replica on {} is offline: one more that fails stops it", replica.name);
            findings.push(Finding::fault(about, text).remedy(format!("start {} again", replica.name)));
        } else if !replica.current {
            let text = format!("its replica on {} is behind by {}", replica.name, replica.lag.unwrap_or_default());
            findings.push(Finding::warning(about, text).remedy("look again in a minute; then at its disk and network"));
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
