use std::collections::HashMap;

use crate::authorize::rpcs;

/// How long an rpc may stay open, and what it counts as.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub(crate) enum Kind {
    /// One request, one answer.
    Call,
    /// The caller sends as long as it likes.
    Delivery,
    /// The server alone does.
    Download,
}

/// What kind each rpc is, as the descriptors say.
#[derive(Debug, Clone)]
pub(crate) struct Kinds(HashMap<String, Kind>);

impl Kinds {
    pub(crate) fn new(descriptors: &[&[u8]]) -> Self {
        Self(descriptors.iter().flat_map(|set| rpcs(set)).collect())
    }

    /// An rpc that no descriptor tells of is taken for a call.
    pub(crate) fn of(&self, path: &str) -> Kind {
        self.0.get(path).copied().unwrap_or(Kind::Call)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn streams_are_told_from_the_descriptors() {
        let kinds = Kinds::new(&[tonic_health::pb::FILE_DESCRIPTOR_SET, tonic_reflection::pb::v1::FILE_DESCRIPTOR_SET]);
        assert_eq!(kinds.of("/grpc.health.v1.Health/Check"), Kind::Call);
        assert_eq!(kinds.of("/grpc.health.v1.Health/Watch"), Kind::Download);
        assert_eq!(kinds.of("/grpc.reflection.v1.ServerReflection/ServerReflectionInfo"), Kind::Delivery);
        assert_eq!(kinds.of("/a.B/C"), Kind::Call);
    }
}
