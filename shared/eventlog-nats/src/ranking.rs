//! Which member leads which partition, as far as all agree on who lives: rendezvous hashing, so that a member which comes
//! or goes moves the leadership of its own partitions and of no other.

use allmende_kernel::PartitionName;
use sha2::{Digest, Sha256};

/// The members in the order in which they are to lead the partition, the first one first.
///
/// Each has a weight of its own for each partition, the first eight bytes of SHA-256 over both names, and the heaviest is
/// first: another member more or less leaves the order of the rest as it is.
pub fn ranking<'a>(partition: &PartitionName, members: impl IntoIterator<Item = &'a str>) -> Vec<&'a str> {
    let weight = |member: &str| {
        let hash: [u8; 32] =
            Sha256::new_with_prefix(member).chain_update([0]).chain_update(partition.as_str()).finalize().into();
        u64::from_be_bytes([hash[0], hash[1], hash[2], hash[3], hash[4], hash[5], hash[6], hash[7]])
    };
    let mut ranked: Vec<(u64, &str)> = members.into_iter().map(|member| (weight(member), member)).collect();
    ranked.sort_unstable_by(|a, b| b.cmp(a));
    ranked.dedup();
    ranked.into_iter().map(|(_, member)| member).collect()
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeMap;

    use super::*;

    fn partitions() -> Vec<PartitionName> {
        (0..300).map(|number| PartitionName::parse(&format!("participation-{number}")).unwrap()).collect()
    }

    /// What every version computes must be the same while they run side by side.
    #[test]
    fn the_order_is_fixed() {
        let partition = PartitionName::parse("participation-0").unwrap();
        assert_eq!(ranking(&partition, ["a", "b", "c", "a"]), ranking(&partition, ["c", "b", "a"]));
        let first: Vec<_> =
            partitions().iter().take(8).map(|partition| ranking(partition, ["a", "b", "c"])[0]).collect();
        assert_eq!(first, ["a", "a", "c", "b", "a", "b", "c", "a"]);
    }

    #[test]
    fn a_member_more_takes_its_share_and_moves_nothing_else() {
        let mut share: BTreeMap<&str, usize> = BTreeMap::new();
        for partition in partitions() {
            let before = ranking(&partition, ["a", "b", "c"]);
            let after = ranking(&partition, ["a", "b", "c", "d"]);
            assert_eq!(after.iter().filter(|member| **member != "d").copied().collect::<Vec<_>>(), before);
            *share.entry(after[0]).or_default() += 1;
        }
        assert!(share.values().all(|share| (45..110).contains(share)), "{share:?}");
    }
}
