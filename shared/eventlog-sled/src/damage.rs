use std::collections::BTreeMap;

/// Groups that cannot be read, both ends included.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Damage {
    /// First damaged group.
    pub first: u64,
    /// Last damaged group.
    pub last: u64,
}

/// Damage seen so far, so that a range is searched once and counted once.
#[derive(Debug, Default)]
pub(crate) struct DamageMap(BTreeMap<u64, u64>);

impl DamageMap {
    pub(crate) fn add(&mut self, damage: Damage) {
        let last = self.0.entry(damage.first).or_insert(damage.last);
        *last = damage.last.max(*last);
    }

    pub(crate) fn containing(&self, group: u64) -> Option<Damage> {
        let (first, last) = self.0.range(..=group).next_back()?;
        (group <= *last).then_some(Damage { first: *first, last: *last })
    }

    pub(crate) fn all(&self) -> Vec<Damage> {
        self.0.iter().map(|(first, last)| Damage { first: *first, last: *last }).collect()
    }
}
