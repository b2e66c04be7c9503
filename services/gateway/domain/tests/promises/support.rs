//! What many tests say the same way.

use allmende_gateway_domain::{CodeHash, ContributionId, ErasureId, KeptPassword, TokenHash};
use allmende_kernel::{Decider, Sealed, SubjectId, TenantId, Timestamp};
use allmende_testkit::laws;
use proptest::test_runner::TestCaseError;
use uuid::Uuid;

pub(crate) fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

pub(crate) fn subject(number: u128) -> SubjectId {
    SubjectId::new(Uuid::from_u128(number))
}

pub(crate) fn tenant(name: &str) -> TenantId {
    TenantId::parse(name).unwrap()
}

pub(crate) fn sealed(text: &str) -> Sealed {
    Sealed::from_bytes(text.as_bytes().to_vec())
}

pub(crate) fn code(number: u8) -> CodeHash {
    CodeHash::from_bytes([number; 32])
}

pub(crate) fn token(number: u8) -> TokenHash {
    TokenHash::from_bytes([number; 32])
}

pub(crate) fn password(text: &str) -> KeptPassword {
    KeptPassword::Sealed(sealed(text))
}

pub(crate) fn erasure(number: u128) -> ErasureId {
    ErasureId::new(Uuid::from_u128(number))
}

pub(crate) fn contribution(number: u128) -> ContributionId {
    ContributionId::new(Uuid::from_u128(number))
}

/// The three laws, for steps with contexts.
pub(crate) fn laws_hold<D>(
    steps: &[(D::Context, D::Command)],
    invariant: impl Fn(&D::State) -> Result<(), String>,
) -> Result<(), TestCaseError>
where
    D: Decider<State: std::fmt::Debug + PartialEq, Event: std::fmt::Debug, Command: std::fmt::Debug>,
{
    laws::replay_keeps::<D>(steps, invariant)?;
    laws::snapshot_and_tail_are_the_whole::<D>(steps, |state| state)?;
    laws::decided_again_yields_nothing::<D>(steps)
}
