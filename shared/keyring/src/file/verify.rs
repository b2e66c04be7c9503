use std::io;
use std::time::Duration;

use crate::file::Places;
use crate::file::erased;
use crate::file::error::FileError;
use crate::file::master::Masters;
use crate::file::slot::Slot;
use crate::file::store::{Search, Store};
use crate::file::table::{Page, Table};

/// Damaged places that are named; further ones are counted.
const NAMED: usize = 100;

/// What a check found.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct VerifyReport {
    /// Keys that can be opened.
    pub keys: u64,
    /// Ids that are erased for ever.
    pub erased: u64,
    /// Keys of ids that are on the list of the erased: the next start erases them again.
    pub to_erase: u64,
    /// Keys whose master key is not here.
    pub other_master: u64,
    /// Slots that are damaged, or keys that do not open.
    pub damaged: u64,
    /// The first of these by their places.
    pub places: Vec<String>,
    /// The current generation of the master key.
    pub generation: u32,
    /// Whether a rotation was begun and is not done.
    pub rotating: bool,
}

impl VerifyReport {
    /// Whether every key that is there opens.
    pub fn is_intact(&self) -> bool {
        self.damaged == 0 && self.other_master == 0
    }
}

/// Opens every key, also beside a process that has the keyring open, and changes nothing. While that process rotates
/// the master key, keys may seem to be of another one.
pub fn verify(places: &Places) -> Result<VerifyReport, FileError> {
    let (store, masters) = (Store::open(&places.keys)?, Masters::open(&places.master)?);
    if store.id() != masters.id() {
        return Err(FileError::Foreign(places.master.clone()));
    }
    let mut report =
        VerifyReport { generation: masters.current(), rotating: masters.is_rotating(), ..VerifyReport::default() };
    let mut look = || -> io::Result<()> {
        for table in store.tables() {
            for number in 0..table.pages() {
                check(&settled(table, number)?, &masters, &mut report);
            }
        }
        Ok(())
    };
    look().map_err(FileError::at(&places.keys))?;
    let mut searched = Ok(());
    let list = erased::scan(&places.erased, |name| {
        if searched.is_ok() {
            searched = store.search(&name).map(|found| {
                report.to_erase += u64::from(matches!(found, Search::Found(_, Slot::Key(..))));
            });
        }
    })?;
    searched.map_err(FileError::at(&places.keys))?;
    if list.id != store.id() {
        return Err(FileError::Foreign(places.erased.clone()));
    }
    Ok(report)
}

/// A page. A slot that seems damaged may just be written by another process.
fn settled(table: &Table, number: u32) -> io::Result<Page> {
    let mut page = table.read(number)?;
    for _ in 0..20 {
        if page.slots().all(|(_, slot)| slot.is_some()) {
            break;
        }
        std::thread::sleep(Duration::from_millis(1));
        page = table.read(number)?;
    }
    Ok(page)
}

fn check(page: &Page, masters: &Masters, report: &mut VerifyReport) {
    for (place, slot) in page.slots() {
        let sound = match slot {
            Some(Slot::Free | Slot::Lost) => true,
            Some(Slot::Erased(_)) => {
                report.erased += 1;
                true
            }
            Some(Slot::Key(name, wrapped)) if masters.has(wrapped.generation) => {
                let opens = masters.unwrap(&name, &wrapped).is_some();
                report.keys += u64::from(opens);
                opens
            }
            Some(Slot::Key(..)) => {
                report.other_master += 1;
                true
            }
            None => false,
        };
        if !sound {
            report.damaged += 1;
            if report.places.len() < NAMED {
                report.places.push(place.to_string());
            }
        }
    }
}
