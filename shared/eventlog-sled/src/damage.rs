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
    /// Adds a range; ranges that meet become one.
    pub(crate) fn add(&mut self, damage: Damage) {
        let Damage { mut first, mut last } = damage;
        while let Some((&other_first, &other_last)) = self.0.range(..=last.saturating_add(1)).next_back()
            && other_last.saturating_add(1) >= first
        {
            self.0.remove(&other_first);
            first = first.min(other_first);
            last = last.max(other_last);
        }
        self.0.insert(first, last);
    }

    pub(crate) fn containing(&self, group: u64) -> Option<Damage> {
        let (first, last) = self.0.range(..=group).next_back()?;
        (group <= *last).then_some(Damage { first: *first, last: *last })
    }

    pub(crate) fn all(&self) -> Vec<Damage> {
        self.0.iter().map(|(first, last)| Damage { first: *first, last: *last }).collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_that_meet_become_one() {
        let mut map = DamageMap::default();
        for (first, last) in [(5, 6), (20, 30), (8, 9), (7, 7), (22, 25), (19, 40), (1, 1)] {
            map.add(Damage { first, last });
        }
        let ranges: Vec<_> = map.all().iter().map(|damage| (damage.first, damage.last)).collect();
        assert_eq!(ranges, [(1, 1), (5, 9), (19, 40)]);
        assert_eq!(map.containing(9), Some(Damage { first: 5, last: 9 }));
        assert_eq!(map.containing(10), None);
    }
}
