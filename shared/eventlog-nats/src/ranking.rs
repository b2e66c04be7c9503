//! Which member leads which partition, as far as all agree on who lives: rendezvous hashing, so that a member which comes
//! or goes moves the leadership of its own partitions and of no other.

use allmende_kernel::PartitionName;
use sha2::{Digest, Sha256};

use crate::cluster::{Announcement, ReplicaHead, Standing};

/// Groups that who takes over may have to read first. An announcement is some seconds old.
const HAND_OVER_LAG: u64 = 2_000;

/// The members that may lead the partition, the first one first: they stay, their replicas are good for it, and hold what
/// the others hold but for the last few groups, so that their lead is no wait for everybody.
pub(crate) fn able<'a>(partition: &PartitionName, live: &'a [Announcement]) -> Vec<&'a str> {
    let head = |member: &'a Announcement| member.heads.iter().find(|head| head.partition == *partition);
    let is_able = |head: &&ReplicaHead| head.standing == Standing::Able;
    let staying = live.iter().filter(|member| !member.leaving);
    let able: Vec<(&str, u64)> = staying
        .filter_map(|member| head(member).filter(is_able).map(|head| (member.member.as_str(), head.group)))
        .collect();
    let furthest = able.iter().map(|(_, group)| *group).max().unwrap_or_default();
    ranking(partition, able.into_iter().filter(|(_, group)| group + HAND_OVER_LAG >= furthest).map(|(name, _)| name))
}

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

    /// The first in rank leads, unless its replica is no good for it.
    #[test]
    fn who_cannot_lead_has_no_rank() {
        let partition = PartitionName::parse("participation-0").unwrap();
        let member = |name: &str, change: &dyn Fn(&mut Announcement)| {
            let (partition, hash) = (partition.clone(), allmende_eventlog::Hash::default());
            let head = ReplicaHead { partition, group: 10_000, epoch: 1, hash, standing: Standing::Able };
            let mut announcement = Announcement {
                member: name.to_owned(),
                service: "participation".to_owned(),
                address: String::new(),
                leaving: false,
                heads: vec![head],
                event_types: Default::default(),
                announced_at: Default::default(),
            };
            change(&mut announcement);
            announcement
        };
        let with = |change: &dyn Fn(&mut Announcement)| {
            let live = [member("a", change), member("b", &|_| {}), member("c", &|_| {})];
            able(&partition, &live).into_iter().map(str::to_owned).collect::<Vec<_>>()
        };
        assert_eq!(with(&|_| {}), ["a", "c", "b"]);
        assert_eq!(with(&|a| a.heads[0].group = 10_000 - HAND_OVER_LAG), ["a", "c", "b"]);
        let unfit: [&dyn Fn(&mut Announcement); 5] = [
            &|a| a.leaving = true,
            &|a| a.heads.clear(),
            &|a| a.heads[0].standing = Standing::Unable,
            &|a| (a.heads[0].standing, a.heads[0].group) = (Standing::Astray, 1_000_000),
            &|a| a.heads[0].group = 9_999 - HAND_OVER_LAG,
        ];
        for unfit in unfit {
            assert_eq!(with(unfit), ["c", "b"]);
        }
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
