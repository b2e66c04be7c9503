use crate::file::error::FileError;
use crate::file::slot::Slot;
use crate::file::{Places, open};

/// What a repair found.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RepairReport {
    /// Damaged slots that were wiped.
    pub wiped: u64,
}

/// Gives up what is damaged: wipes the slots whose checksum is wrong, so that ids which may have been in them are
/// answered again, as unknown. What those keys sealed is lost. A backup put back instead would lose nothing.
pub fn repair(places: &Places) -> Result<RepairReport, FileError> {
    let _lock = open::lock(places)?;
    let store = open::parts(places)?.store;
    let mut wiped = 0;
    let mut wipe = || {
        for table in store.tables() {
            for page in 0..table.pages() {
                for (place, slot) in table.read(page)?.slots() {
                    if slot.is_none() {
                        store.write(place, &Slot::Lost)?;
                        wiped += 1;
                    }
                }
            }
        }
        store.sync()
    };
    wipe().map_err(FileError::at(&places.keys))?;
    Ok(RepairReport { wiped })
}
