//! How long nobody was answered because of a fault: what the outside sees of an election.

use std::collections::BTreeMap;
use std::time::Duration;

use crate::faults::Struck;
use crate::history::{History, Moment, Partition};
use crate::schedule::Fault;

/// What comes later is not of this fault.
const AFTER: Duration = Duration::from_secs(40);

/// The longest time without an acknowledgement of the partition around each fault, by kind, in order of length. It ends with
/// the next fault at the latest.
pub(crate) fn silences(history: &History, struck: &[Struck]) -> BTreeMap<Fault, Vec<Duration>> {
    let mut by_kind: BTreeMap<Fault, Vec<Duration>> = BTreeMap::new();
    for (index, Struck { fault, of, at }) in struck.iter().enumerate() {
        let next = struck.get(index + 1).map_or(Moment::MAX, |next| next.at);
        let longest = longest_gap(&answered(history, *of), *at, next.min(*at + AFTER));
        by_kind.entry(*fault).or_default().push(longest);
    }
    by_kind.values_mut().for_each(|lengths| lengths.sort_unstable());
    by_kind
}

fn answered(history: &History, partition: Partition) -> Vec<Moment> {
    let commands = history.commands.iter().filter(|command| command.content.partition() == partition);
    let mut moments: Vec<_> =
        commands.flat_map(|command| command.acknowledgements().map(|(answered, ..)| answered)).collect();
    moments.sort_unstable();
    moments
}

/// Of gaps that reach into the time from `from` to `to`.
fn longest_gap(answered: &[Moment], from: Moment, to: Moment) -> Duration {
    let gaps = answered.windows(2).filter(|pair| pair[1] > from && pair[0] < to);
    gaps.map(|pair| pair[1] - pair[0]).max().unwrap_or_default()
}

/// A line a kind: how many, the median, the 99th percentile and the longest.
pub(crate) fn print(silences: &BTreeMap<Fault, Vec<Duration>>) {
    for (fault, lengths) in silences {
        let at = |share: f64| lengths[((lengths.len() - 1) as f64 * share).round() as usize].as_secs_f64();
        println!(
            "{:20} {:3} times; longest time without an answer: p50 {:.1} s, p90 {:.1} s, p99 {:.1} s, max {:.1} s",
            format!("{fault:?}"),
            lengths.len(),
            at(0.5),
            at(0.9),
            at(0.99),
            at(1.0)
        );
    }
}

#[test]
fn the_longest_gap_is_one_that_a_fault_reaches() {
    let seconds: Vec<_> = [1, 2, 9, 10, 30].map(Duration::from_secs).to_vec();
    let gap = |from, to| longest_gap(&seconds, Duration::from_secs(from), Duration::from_secs(to)).as_secs();
    assert_eq!(gap(3, 9), 7);
    assert_eq!(gap(9, 10), 1);
    assert_eq!(gap(9, 20), 20);
    assert_eq!(gap(40, 50), 0);
}
