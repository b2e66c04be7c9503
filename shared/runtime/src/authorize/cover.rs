//! Nothing is served without a rule, and no rule is for nothing: for tests.

use std::collections::BTreeSet;

use prost::Message as _;
use prost_types::FileDescriptorSet;

use super::Table;
use crate::kind::Kind;

/// For a test in each binary: every rpc in the descriptors (beside health and reflection, which are added) has a rule,
/// and every rule an rpc.
///
/// # Panics
/// When they differ, naming the paths, or when the bytes are no `FileDescriptorSet`.
pub fn assert_covers(table: &Table, file_descriptor_set: &[u8]) {
    let platform = [
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    ];
    let all = platform.into_iter().chain([file_descriptor_set]).flat_map(rpcs).map(|(path, _)| path);
    compare("rpc", table, |path| path.starts_with('/'), all.collect());
}

/// For a test in each service: the same for the rpcs of these packages (`allmende.telemetry.v1`) alone.
///
/// # Panics
/// When they differ, naming the paths, or when the bytes are no `FileDescriptorSet`.
pub fn assert_covers_packages(table: &Table, file_descriptor_set: &[u8], packages: &[&str]) {
    let within = |path: &str| {
        let service = path.strip_prefix('/').and_then(|path| path.split('/').next()).unwrap_or_default();
        service.rsplit_once('.').is_some_and(|(package, _)| packages.contains(&package))
    };
    let all = rpcs(file_descriptor_set).into_iter().map(|(path, _)| path).filter(|path| within(path));
    compare("rpc", table, |path| path.starts_with('/') && !path.starts_with("/grpc."), all.collect());
}

/// For a test in each binary that serves HTTP: every route (`GET /procedures/{id}`) has a rule, and every rule for a
/// route its route.
///
/// # Panics
/// When they differ, naming the routes.
pub fn assert_covers_routes<'a>(table: &Table, routes: impl IntoIterator<Item = &'a str>) {
    compare("route", table, |path| !path.starts_with('/'), routes.into_iter().map(str::to_owned).collect());
}

fn compare(what: &str, table: &Table, of_kind: impl Fn(&str) -> bool, served: BTreeSet<String>) {
    let paths = table.entries().into_iter().map(|(path, _)| path);
    let rules: BTreeSet<_> = paths.filter(|path| of_kind(path)).map(str::to_owned).collect();
    let without_rule: Vec<_> = served.difference(&rules).collect();
    let unserved: Vec<_> = rules.difference(&served).collect();
    assert!(without_rule.is_empty(), "{what}s without a rule: {without_rule:?}");
    let article = if what == "rpc" { "an" } else { "a" };
    assert!(unserved.is_empty(), "rules without {article} {what}: {unserved:?}");
}

/// Path and kind of every rpc in a descriptor set.
pub(crate) fn rpcs(file_descriptor_set: &[u8]) -> Vec<(String, Kind)> {
    let set = FileDescriptorSet::decode(file_descriptor_set).expect("the build made a FileDescriptorSet");
    let mut rpcs = Vec::new();
    for file in &set.file {
        for service in &file.service {
            for method in &service.method {
                let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                let kind = match (method.client_streaming(), method.server_streaming()) {
                    (true, _) => Kind::Delivery,
                    (false, true) => Kind::Download,
                    (false, false) => Kind::Call,
                };
                rpcs.push((path, kind));
            }
        }
    }
    rpcs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::authorize::Rule;

    const EMPTY: &[u8] = &[];

    #[test]
    fn health_and_reflection_are_covered_by_themselves() {
        assert_covers(&Table::new(&[]), EMPTY);
        assert_covers_packages(&Table::new(&[]), EMPTY, &["a"]);
    }

    #[test]
    #[should_panic(expected = "rules without an rpc: [\"/a.B/C\"]")]
    fn a_rule_without_an_rpc_is_found() {
        assert_covers(&Table::new(&[&[("/a.B/C", Rule::Visitor)]]), EMPTY);
    }

    #[test]
    #[should_panic(expected = "rpcs without a rule")]
    fn an_rpc_without_a_rule_is_found() {
        assert_covers(&Table::new(&[]), allmende_proto::FILE_DESCRIPTOR_SET);
    }

    #[test]
    #[should_panic(expected = "rpcs without a rule: [\"/allmende.telemetry.v1.TelemetryService/CheckLimits\"")]
    fn an_rpc_of_the_package_without_a_rule_is_found() {
        assert_covers_packages(&Table::new(&[]), allmende_proto::FILE_DESCRIPTOR_SET, &["allmende.telemetry.v1"]);
    }

    #[test]
    fn routes_are_covered_apart_from_rpcs() {
        let table = Table::new(&[&[("GET /a/{id}", Rule::Visitor), ("POST /a/{id}", Rule::SignedIn)]]);
        assert_covers_routes(&table, ["POST /a/{id}", "GET /a/{id}"]);
        assert_covers(&table, EMPTY);
    }

    #[test]
    #[should_panic(expected = "routes without a rule: [\"POST /a\"]")]
    fn a_route_without_a_rule_is_found() {
        assert_covers_routes(&Table::new(&[&[("GET /a", Rule::Visitor)]]), ["GET /a", "POST /a"]);
    }

    #[test]
    #[should_panic(expected = "rules without a route: [\"GET /b\"]")]
    fn a_rule_without_a_route_is_found() {
        assert_covers_routes(&Table::new(&[&[("GET /b", Rule::Visitor)]]), []);
    }
}
