//! What servers are told to do with what they store.

use std::collections::BTreeSet;
use std::time::Duration;

use async_nats::ServerInfo;
use serde_json::Value;

use super::Finding;
use crate::stream_config;

/// What everything here was tested with, and the first version with all that is used.
const TESTED: &str = "2.15.1";
const OLDEST: (u32, u32) = (2, 12);

/// What a server says about itself (`varz`).
pub(super) struct Server {
    about: String,
    told: Value,
}

impl Server {
    /// `seen` says where it was seen.
    pub(super) fn new(seen: impl std::fmt::Display, told: Value) -> Self {
        let about = format!("server {} {seen}", told["server_name"].as_str().unwrap_or_default());
        Self { about, told }
    }

    fn jetstream(&self) -> &Value {
        &self.told["jetstream"]["config"]
    }

    fn version(&self) -> &str {
        self.told["version"].as_str().unwrap_or_default()
    }

    fn look(&self) -> Vec<Finding> {
        let about = self.about.as_str();
        let config = self.jetstream();
        if !config.is_object() {
            return vec![
                Finding::fault(about, "JetStream is not enabled: it stores nothing")
                    .remedy("set jetstream { store_dir: …, sync_interval: always }"),
            ];
        }
        let mut findings = Vec::new();
        if config["sync_always"].as_bool().unwrap_or_default() {
            let folder = config["store_dir"].as_str().unwrap_or_default();
            findings.push(Finding::fine(about, format!("syncs before it acknowledges; stores in {folder}")));
        } else {
            let every = Duration::from_nanos(config["sync_interval"].as_u64().unwrap_or_default());
            let text = format!(
                "syncs every {every:?}: what was acknowledged since is lost if the power of all replicas fails, or if one \
                 that lost it leads next"
            );
            findings.push(Finding::fault(about, text).remedy("set jetstream { sync_interval: always }"));
        }
        if is_old(self.version()) {
            let text = format!("version {} is older than what this was made for", self.version());
            findings.push(Finding::warning(about, text).remedy(format!("install {TESTED} or later")));
        }
        findings
    }

    fn tags(&self) -> Vec<&str> {
        self.told["tags"].as_array().into_iter().flatten().filter_map(Value::as_str).collect()
    }
}

/// Servers with JetStream in its cluster, as a server knows.
pub(super) fn cluster_size(told: &Value) -> usize {
    told["jetstream"]["meta"]["cluster_size"].as_u64().map_or(1, |size| size as usize)
}

/// Every server for itself, and what they must have in common.
pub(super) fn all(servers: &[Server], replicas: usize) -> Vec<Finding> {
    if servers.is_empty() {
        let text = "whether servers sync before they acknowledge is not visible to the platform's account";
        let remedy = "give credentials of the system account, or the servers' monitoring ports";
        return vec![Finding::unseen("servers", text).remedy(remedy)];
    }
    let mut findings: Vec<_> = servers.iter().flat_map(Server::look).collect();
    let there = servers.iter().map(|server| cluster_size(&server.told)).max().unwrap_or(1).max(replicas);
    if servers.len() < there {
        let text = format!("{} of {there} servers were looked at: the others may not sync", servers.len());
        let remedy =
            "start those that are down, and give the monitoring ports of all of them where no system account is asked";
        findings.push(Finding::unseen("servers", text).remedy(remedy));
    }
    let versions: BTreeSet<_> = servers.iter().map(Server::version).collect();
    if versions.len() > 1 {
        let text = format!("they are of different versions: {}", versions.into_iter().collect::<Vec<_>>().join(", "));
        findings.push(Finding::warning("servers", text).remedy("finish the upgrade"));
    }
    if replicas > 1 {
        findings.push(placement(servers));
    }
    findings
}

/// Whether replicas cannot but be in different failure zones.
fn placement(servers: &[Server]) -> Finding {
    let about = "placement";
    let unique: BTreeSet<_> =
        servers.iter().map(|server| server.jetstream()["unique_tag"].as_str().unwrap_or_default()).collect();
    let remedy = "set server_tags: [\"az:…\"] to where each server is, and jetstream { unique_tag: \"az:\" } on all";
    let mut prefixes = unique.into_iter();
    let (Some(prefix), None) = (prefixes.next(), prefixes.next()) else {
        return Finding::warning(about, "the servers have different unique_tag: replicas may be put together")
            .remedy(remedy);
    };
    if prefix.is_empty() {
        let text = "no unique_tag: replicas may be put into one failure zone, and fail together";
        return Finding::warning(about, text).remedy(remedy);
    }
    let zone = |server: &Server| server.tags().into_iter().find(|tag| tag.starts_with(prefix)).map(str::to_owned);
    let zones: Vec<_> = servers.iter().map(zone).collect();
    if zones.contains(&None) {
        return Finding::warning(about, format!("not every server has a tag {prefix}…: it gets no replica"))
            .remedy(remedy);
    }
    let different: BTreeSet<_> = zones.into_iter().flatten().collect();
    Finding::fine(
        about,
        format!("replicas are put into different zones: {}", different.into_iter().collect::<Vec<_>>().join(", ")),
    )
}

/// What the server at the other end takes.
pub(super) fn limits(server: &ServerInfo) -> Finding {
    let about = format!("server {}", server.server_name);
    if server.max_payload < stream_config::LARGEST {
        let text = format!("max_payload is {}: larger groups go to the bodies more often", server.max_payload);
        return Finding::warning(about, text).remedy("set max_payload: 1MB, the default");
    }
    Finding::fine(about, format!("version {}, max_payload {}", server.version, server.max_payload))
}

fn is_old(version: &str) -> bool {
    let mut numbers = version.split('.').map_while(|number| number.parse::<u32>().ok());
    match (numbers.next(), numbers.next()) {
        (Some(major), Some(minor)) => (major, minor) < OLDEST,
        _ => true,
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::super::Severity;
    use super::*;

    fn server(name: &str, zone: &str, unique: &str) -> Server {
        let told = json!({
            "server_name": name, "version": "2.15.1", "tags": [zone],
            "jetstream": {
                "config": { "sync_always": true, "store_dir": "/data", "unique_tag": unique },
                "meta": { "cluster_size": 3 },
            },
        });
        Server::new("here", told)
    }

    fn worst(servers: &[Server]) -> Finding {
        all(servers, 3).into_iter().max_by_key(|finding| finding.severity).unwrap()
    }

    #[test]
    fn replicas_belong_into_different_zones() {
        let good = [server("a", "az:1", "az:"), server("b", "az:2", "az:"), server("c", "az:3", "az:")];
        assert_eq!(worst(&good).severity, Severity::Fine);
        let untagged = [server("a", "az:1", "az:"), server("b", "", "az:"), server("c", "az:3", "az:")];
        assert!(worst(&untagged).text.contains("not every server"));
        let mixed = [server("a", "az:1", "az:"), server("b", "az:2", ""), server("c", "az:3", "az:")];
        assert!(worst(&mixed).text.contains("different unique_tag"));
        let anywhere = [server("a", "", ""), server("b", "", ""), server("c", "", "")];
        assert!(worst(&anywhere).text.contains("no unique_tag"));
        assert!(worst(&good[..2]).text.starts_with("2 of 3"));
    }

    #[test]
    fn an_old_version_is_one_before_the_first_with_all_that_is_used() {
        for (version, old) in
            [("2.11.9", true), ("2.12.0", false), ("2.15.1-RC.1", false), ("3.0.0", false), ("", true)]
        {
            assert_eq!(is_old(version), old, "{version}");
        }
    }
}
