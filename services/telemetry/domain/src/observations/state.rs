use std::collections::BTreeSet;

use allmende_kernel::{Duration, Timestamp};

use super::{Event, MAX_FLAGS_PER_DAY, MAX_PER_DAY, ManualFlag, Observation, Rejection};
use crate::AirQualityDay;

/// A datastream's day so far.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct State {
    // Columns ascending in time: a day of readings a second is 1.4 MB and is searched by halving.
    times: Vec<Timestamp>,
    results: Vec<f64>,
    conflicts: BTreeSet<(Timestamp, u64)>,
    flags: Vec<ManualFlag>,
}

/// What becomes of a batch of observations.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Outcome {
    /// New ones.
    pub recorded: usize,
    /// Equal to what is stored, or to an earlier one of the batch.
    pub repeated: usize,
    /// Different from what is stored at their time, or from an earlier one of the batch.
    pub conflicting: usize,
}

enum Fate {
    New,
    Repeated,
    Conflicting { kept: f64 },
}

impl Outcome {
    /// What becomes of a batch if it meets `state`, the day as it was before. Says nothing about whether the batch is
    /// accepted.
    pub fn of(state: &State, observations: &[Observation]) -> Self {
        let mut outcome = Self::default();
        state.judge(observations, |_, fate| match fate {
            Fate::New => outcome.recorded += 1,
            Fate::Repeated => outcome.repeated += 1,
            Fate::Conflicting { .. } => outcome.conflicting += 1,
        });
        outcome
    }
}

impl std::ops::AddAssign for Outcome {
    fn add_assign(&mut self, other: Self) {
        self.recorded += other.recorded;
        self.repeated += other.repeated;
        self.conflicting += other.conflicting;
    }
}

impl State {
    /// How many observations are stored.
    pub fn len(&self) -> usize {
        self.times.len()
    }

    /// Whether none is.
    pub fn is_empty(&self) -> bool {
        self.times.is_empty()
    }

    /// The day, once something is stored.
    pub fn day(&self) -> Option<AirQualityDay> {
        self.times.first().map(|first| AirQualityDay::of(*first))
    }

    /// The result stored for a moment.
    pub fn result_at(&self, time: Timestamp) -> Option<f64> {
        self.times.binary_search(&time).ok().map(|index| self.results[index])
    }

    /// What is stored, in order of time.
    pub fn observations(&self) -> impl Iterator<Item = Observation> {
        self.times.iter().zip(&self.results).map(|(time, result)| Observation { time: *time, result: *result })
    }

    /// How many distinct values were refused because another one was stored for their time.
    pub fn conflicts(&self) -> usize {
        self.conflicts.len()
    }

    /// What people marked, in the order in which they did.
    pub fn flags(&self) -> &[ManualFlag] {
        &self.flags
    }

    /// Tells of each observation, in order of time and then of the batch, what becomes of it.
    fn judge(&self, observations: &[Observation], mut tell: impl FnMut(&Observation, Fate)) {
        let mut order: Vec<&Observation> = observations.iter().collect();
        // Stable: of two for the same moment the one that came first counts as first.
        order.sort_by_key(|observation| observation.time);
        let mut first: Option<Observation> = None;
        for observation in order {
            let known = match first {
                Some(first) if first.time == observation.time => Some(first.result),
                _ => {
                    let known = self.result_at(observation.time);
                    first = Some(Observation { time: observation.time, result: known.unwrap_or(observation.result) });
                    known
                }
            };
            let fate = match known {
                None => Fate::New,
                Some(kept) if kept == observation.result => Fate::Repeated,
                Some(kept) => Fate::Conflicting { kept },
            };
            tell(observation, fate);
        }
    }

    pub(super) fn record(&self, observations: &[Observation], received_at: Timestamp) -> Result<Vec<Event>, Rejection> {
        let mut fresh = Vec::new();
        let mut conflicts = Vec::new();
        let mut refused_now = BTreeSet::new();
        self.judge(observations, |observation, fate| match fate {
            Fate::New => fresh.push(*observation),
            Fate::Repeated => {}
            Fate::Conflicting { kept } => {
                let Observation { time, result: refused } = *observation;
                let key = conflict_key(time, refused);
                if !self.conflicts.contains(&key) && refused_now.insert(key) {
                    conflicts.push(Event::Conflicted { time, kept, refused, received_at });
                }
            }
        });
        let full = self.times.len() + fresh.len() > MAX_PER_DAY || self.conflicts.len() + conflicts.len() > MAX_PER_DAY;
        if full && !(fresh.is_empty() && conflicts.is_empty()) {
            return Err(Rejection::DayFull);
        }
        let recorded = (!fresh.is_empty()).then_some(Event::Recorded { observations: fresh });
        Ok(recorded.into_iter().chain(conflicts).collect())
    }

    pub(super) fn flag(&self, flag: &ManualFlag) -> Result<Vec<Event>, Rejection> {
        let within = flag.from < flag.to
            && AirQualityDay::of(flag.from) == AirQualityDay::of(flag.to - Duration::from_micros(1));
        if !within {
            return Err(Rejection::FlagRange);
        }
        let same = |known: &ManualFlag| (known.from, known.to, known.reason) == (flag.from, flag.to, flag.reason);
        if self.flags.iter().any(same) {
            return Ok(Vec::new());
        }
        if self.flags.len() >= MAX_FLAGS_PER_DAY {
            return Err(Rejection::DayFull);
        }
        Ok(vec![Event::Flagged(*flag)])
    }

    pub(super) fn apply(&mut self, event: &Event) {
        match event {
            Event::Recorded { observations } => self.insert(observations),
            Event::Conflicted { time, refused, .. } => {
                self.conflicts.insert(conflict_key(*time, *refused));
            }
            Event::Flagged(flag) => self.flags.push(*flag),
        }
    }

    fn insert(&mut self, block: &[Observation]) {
        let Some(earliest) = block.iter().map(|observation| observation.time).min() else { return };
        // What is stored before the block stays where it is; a block of new readings only appends.
        let untouched = self.times.partition_point(|time| *time < earliest);
        let later = self.times.split_off(untouched).into_iter().zip(self.results.split_off(untouched));
        let mut tail: Vec<Observation> = later.map(|(time, result)| Observation { time, result }).collect();
        tail.extend_from_slice(block);
        // Stable, so that should a block ever repeat a stored time, the first value stays.
        tail.sort_by_key(|observation| observation.time);
        tail.dedup_by_key(|observation| observation.time);
        self.times.extend(tail.iter().map(|observation| observation.time));
        self.results.extend(tail.iter().map(|observation| observation.result));
    }
}

/// Equal for equal values: `-0.0` and `0.0` are one.
fn conflict_key(time: Timestamp, refused: f64) -> (Timestamp, u64) {
    (time, (refused + 0.0).to_bits())
}
