use std::collections::{BTreeSet, HashMap};

use allmende_kernel::TenantId;
use prost::Message as _;
use prost_types::FileDescriptorSet;
use tonic::{Code, Status};

use super::{Principal, Role};
use crate::errors::{DOMAIN, rejection};

/// Who may call an rpc.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Rule {
    /// Everybody, without a token.
    Visitor,
    /// Who holds one of these roles for the tenant in question.
    AnyOf(&'static [Role]),
}

impl Rule {
    /// Whether `principal` may do it for `tenant`, or for at least some tenant when none is named yet.
    pub(super) fn check(self, principal: &Principal, tenant: Option<&TenantId>) -> Result<(), Denied> {
        let Self::AnyOf(roles) = self else { return Ok(()) };
        let granted = principal
            .grants
            .iter()
            .any(|grant| roles.contains(&grant.role) && tenant.is_none_or(|tenant| grant.scope.covers(tenant)));
        match (granted, principal.subject) {
            (true, _) => Ok(()),
            (false, Some(_)) => Err(Denied::Forbidden),
            (false, None) => Err(Denied::Unauthenticated),
        }
    }
}

/// Why a call is not let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Denied {
    /// No such rpc in the table.
    #[error("there is no such method")]
    UnknownMethod,
    /// No token, or one that nobody holds.
    #[error("this needs a valid token: authorization: Bearer <token>")]
    Unauthenticated,
    /// None of the caller's grants allows it for that tenant.
    #[error("none of the caller's roles allows this for the tenant")]
    Forbidden,
}

impl From<Denied> for Status {
    fn from(denied: Denied) -> Self {
        let (reason, code) = match denied {
            Denied::UnknownMethod => ("UNKNOWN_METHOD", Code::Unimplemented),
            Denied::Unauthenticated => ("UNAUTHENTICATED", Code::Unauthenticated),
            Denied::Forbidden => ("PERMISSION_DENIED", Code::PermissionDenied),
        };
        rejection(DOMAIN, reason, code, denied.to_string())
    }
}

/// An rpc's path (`/allmende.telemetry.v1.TelemetryService/RegisterStation`) and its rule.
pub type Entry = (&'static str, Rule);

/// What every server has beside its services: health for probes, and the descriptors, which are public.
const PLATFORM: &[Entry] = &[
    ("/grpc.health.v1.Health/Check", Rule::Visitor),
    ("/grpc.health.v1.Health/Watch", Rule::Visitor),
    ("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo", Rule::Visitor),
    ("/grpc.reflection.v1alpha.ServerReflection/ServerReflectionInfo", Rule::Visitor),
];

/// The rules of all rpcs of a server.
#[derive(Debug, Clone)]
pub struct Table(HashMap<&'static str, Rule>);

impl Table {
    /// Joins the services' lists, and adds health and reflection.
    ///
    /// # Panics
    /// When a path stands in two places: the lists are constants.
    pub fn new(services: &[&'static [Entry]]) -> Self {
        let mut rules = HashMap::new();
        for (path, rule) in services.iter().copied().flatten().chain(PLATFORM) {
            assert!(rules.insert(*path, *rule).is_none(), "{path} has two rules");
        }
        Self(rules)
    }

    /// The rpc at `path`, if there is one.
    pub fn find(&self, path: &str) -> Option<Entry> {
        self.0.get_key_value(path).map(|(path, rule)| (*path, *rule))
    }
}

/// For a test in each binary: every rpc in the descriptors (beside health and reflection, which are added) has a rule,
/// and every rule an rpc.
///
/// # Panics
/// When they differ, naming the paths, or when the bytes are no `FileDescriptorSet`.
pub fn assert_covers(table: &Table, file_descriptor_set: &[u8]) {
    let sets = [
        file_descriptor_set,
        tonic_health::pb::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET,
        tonic_reflection::pb::v1alpha::FILE_DESCRIPTOR_SET,
    ];
    let rpcs: BTreeSet<_> = sets.into_iter().flat_map(rpcs).map(|(path, _)| path).collect();
    let rules: BTreeSet<_> = table.0.keys().map(|path| (*path).to_owned()).collect();
    let without_rule: Vec<_> = rpcs.difference(&rules).collect();
    let without_rpc: Vec<_> = rules.difference(&rpcs).collect();
    assert!(without_rule.is_empty(), "rpcs without a rule: {without_rule:?}");
    assert!(without_rpc.is_empty(), "rules without an rpc: {without_rpc:?}");
}

/// Path of every rpc in a descriptor set, and whether one side of it is a stream.
pub(crate) fn rpcs(file_descriptor_set: &[u8]) -> Vec<(String, bool)> {
    let set = FileDescriptorSet::decode(file_descriptor_set).expect("the build made a FileDescriptorSet");
    let mut rpcs = Vec::new();
    for file in &set.file {
        for service in &file.service {
            for method in &service.method {
                let path = format!("/{}.{}/{}", file.package(), service.name(), method.name());
                rpcs.push((path, method.client_streaming() || method.server_streaming()));
            }
        }
    }
    rpcs
}

#[cfg(test)]
mod tests {
    use super::*;

    const EMPTY: &[u8] = &[];

    #[test]
    fn health_and_reflection_are_covered_by_themselves() {
        assert_covers(&Table::new(&[]), EMPTY);
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
    #[should_panic(expected = "has two rules")]
    fn two_rules_for_a_path_are_a_mistake() {
        Table::new(&[&[("/a.B/C", Rule::Visitor)], &[("/a.B/C", Rule::Visitor)]]);
    }

    #[test]
    fn streams_are_told_from_the_descriptors() {
        let health = rpcs(tonic_health::pb::FILE_DESCRIPTOR_SET);
        assert!(health.contains(&("/grpc.health.v1.Health/Check".to_owned(), false)));
        assert!(health.contains(&("/grpc.health.v1.Health/Watch".to_owned(), true)));
    }
}
