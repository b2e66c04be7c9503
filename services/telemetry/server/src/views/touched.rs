use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use allmende_kernel::{Duration, Timestamp};
use allmende_telemetry_domain::observations::Observation;
use allmende_telemetry_domain::station::Station;
use allmende_telemetry_domain::{DatastreamId, Hour, ObservedProperty};

use super::station_data::RULES;

const INSTANT: Duration = Duration::from_micros(1);

/// What changed at a station.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// First and last moment in each hour of a datastream.
    moments: BTreeMap<DatastreamId, BTreeMap<Hour, (Timestamp, Timestamp)>>,
    blocks: Vec<(DatastreamId, Arc<[Observation]>)>,
}

impl Touched {
    pub(super) fn observations(&mut self, datastream: DatastreamId, block: Arc<[Observation]>) {
        block.iter().for_each(|observation| self.moment(datastream, observation.time));
        self.blocks.push((datastream, block));
    }

    /// Blocks that came, in their order.
    pub(super) fn blocks(&self) -> impl Iterator<Item = (DatastreamId, &[Observation])> {
        self.blocks.iter().map(|(datastream, block)| (*datastream, &block[..]))
    }

    /// Everything in `[from, to)`, which lies within a day.
    pub(super) fn range(&mut self, datastream: DatastreamId, from: Timestamp, to: Timestamp) {
        let mut from = from;
        while from < to {
            let end = Hour::of(from).end().min(to);
            self.moment(datastream, from);
            self.moment(datastream, end - INSTANT);
            from = end;
        }
    }

    fn moment(&mut self, datastream: DatastreamId, moment: Timestamp) {
        let hours = self.moments.entry(datastream).or_default();
        let (first, last) = hours.entry(Hour::of(moment)).or_insert((moment, moment));
        *first = moment.min(*first);
        *last = moment.max(*last);
    }

    /// The hours whose means are to be computed anew. A change of humidity also changes the flags of what was observed
    /// close to it and depends on it.
    pub(super) fn hours(&self, station: &Station) -> BTreeMap<DatastreamId, BTreeSet<Hour>> {
        let mut hours: BTreeMap<DatastreamId, BTreeSet<Hour>> = BTreeMap::new();
        for (datastream, touched) in &self.moments {
            hours.entry(*datastream).or_default().extend(touched.keys());
            let property = station.datastream(*datastream).map(|(_, datastream)| datastream.property);
            if property != Some(ObservedProperty::RelativeHumidity) {
                continue;
            }
            let near: BTreeSet<Hour> = touched.values().flat_map(|(first, last)| hours_near(*first, *last)).collect();
            for (_, dependent) in station.datastreams().filter(|(_, other)| other.property.depends_on_humidity()) {
                hours.entry(dependent.id).or_default().extend(&near);
            }
        }
        hours
    }
}

/// Hours that hold a moment paired with one between `first` and `last`, which lie in one hour.
fn hours_near(first: Timestamp, last: Timestamp) -> [Hour; 3] {
    [Hour::of(first - RULES.pairing_within), Hour::of(first), Hour::of(last + RULES.pairing_within)]
}
