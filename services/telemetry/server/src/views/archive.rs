use std::sync::Arc;

use allmende_eventlog::{Aggregate as _, EventLog, RecordedGroup};
use allmende_telemetry_domain::observations::{Event, Observation};
use allmende_views::ViewError;
use lru::LruCache;
use parking_lot::Mutex;

use super::keys::{BLOCKS, Place};
use crate::wire::{OBSERVATIONS_RECORDED, Observations};

/// What a kept block takes beside its observations.
const BLOCK_BYTES: usize = 160;

/// The log's blocks of observations, the last used ones decoded.
pub(crate) struct Archive {
    log: Arc<dyn EventLog>,
    max_bytes: usize,
    kept: Mutex<Kept>,
}

struct Kept {
    blocks: LruCache<Place, Arc<[Observation]>>,
    bytes: usize,
    /// Blocks that are read one after the other often stand in one group.
    group: Option<Arc<RecordedGroup>>,
}

impl Archive {
    /// Keeps decoded blocks of about `max_bytes`.
    pub(crate) fn new(log: Arc<dyn EventLog>, max_bytes: usize) -> Self {
        Self { log, max_bytes, kept: Mutex::new(Kept { blocks: LruCache::unbounded(), bytes: 0, group: None }) }
    }

    /// The block that stands there. Blocks on the disk.
    pub(super) fn block(&self, place: Place) -> Result<Arc<[Observation]>, ViewError> {
        let group = {
            let mut kept = self.kept.lock();
            if let Some(block) = kept.blocks.get(&place) {
                return Ok(Arc::clone(block));
            }
            kept.group.clone().filter(|group| group.header().number == place.position.group)
        };
        let group = match group {
            Some(group) => group,
            None => self.log.read_group(place.position.group)?,
        };
        let block = decode(&group, place)?;
        self.kept.lock().group = Some(group);
        self.keep(place, Arc::clone(&block));
        Ok(block)
    }

    /// Keeps a block that was decoded elsewhere.
    pub(super) fn keep(&self, place: Place, block: Arc<[Observation]>) {
        let mut kept = self.kept.lock();
        kept.bytes += size(&block);
        if let Some((_, gone)) = kept.blocks.push(place, block) {
            kept.bytes -= size(&gone);
        }
        while kept.bytes > self.max_bytes
            && let Some((_, gone)) = kept.blocks.pop_lru()
        {
            kept.bytes -= size(&gone);
        }
    }
}

fn size(block: &[Observation]) -> usize {
    BLOCK_BYTES + size_of_val(block)
}

fn decode(group: &RecordedGroup, place: Place) -> Result<Arc<[Observation]>, ViewError> {
    // A place that holds something else was not written by this view.
    let misplaced = ViewError::Row(BLOCKS);
    let commit = group.commit(place.position.index).ok_or(misplaced.clone())?;
    let event = commit.events().nth(place.ordinal as usize).ok_or(misplaced.clone())?;
    if event.event_type() != OBSERVATIONS_RECORDED {
        return Err(misplaced);
    }
    match Observations::decode(event.event_type(), event.payload()) {
        Ok(Event::Recorded { observations }) => Ok(observations.into()),
        Ok(_) | Err(_) => Err(ViewError::unreadable(event)),
    }
}

#[cfg(test)]
mod tests {
    use allmende_eventlog::{MemoryLog, ReadError, Window, contract::ManualClock};
    use allmende_kernel::{PartitionName, Position, Timestamp};

    use super::*;

    fn place(group: u64) -> Place {
        Place { position: Position::new(group, 0), ordinal: 0 }
    }

    #[test]
    fn memory_is_bounded_and_the_last_used_stays() {
        let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_600_000_000)));
        let log = MemoryLog::new(PartitionName::parse("telemetry-0").unwrap(), clock, Window::default());
        let archive = Archive::new(Arc::new(log), 64 << 10);
        let block: Arc<[Observation]> = vec![Observation { time: Timestamp::default(), result: 0.0 }; 100].into();
        for group in 1..=1_000 {
            archive.keep(place(group), Arc::clone(&block));
            archive.keep(place(group), Arc::clone(&block));
            archive.block(place(1)).unwrap();
        }
        let kept = archive.kept.lock();
        assert!(kept.bytes <= 64 << 10 && kept.bytes == kept.blocks.len() * size(&block));
        drop(kept);
        let gone = archive.block(place(2)).unwrap_err();
        assert!(matches!(gone, ViewError::Log(ReadError::Beyond(2))), "{gone}");
    }
}
