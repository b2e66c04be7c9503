//! All tables of a keyring as one: finding a name, and the place where a new one goes.
//!
//! A name is in its home page of the first table in which that page had room, and stays there for ever. So a page with
//! a free slot ends the search, nothing is ever moved while tables grow, and an erased key's bytes are in one place.
//!
//! That holds over a loss of power too: all tables are synced before a name in a later one is told to anybody, so the
//! full pages that sent it there are as durable as it is. What was told to nobody may be missed, and is made anew.

use std::io;
use std::path::{Path, PathBuf};

use crate::file::error::FileError;
use crate::file::name::{KeyringId, Name};
use crate::file::slot::Slot;
use crate::file::table::{MAX_TABLES, Place, Table, table_path};

/// Where a search ended.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Search {
    /// At the name.
    Found(Place, Slot),
    /// At the place where it would go.
    Free(Place),
    /// The name's pages are full in all tables.
    Full,
    /// The name may have been in this slot.
    Damaged(Place),
}

pub(crate) struct Store {
    folder: PathBuf,
    id: KeyringId,
    tables: Vec<Table>,
}

impl Store {
    /// Opens the tables there are; at least one.
    pub(crate) fn open(folder: &Path) -> Result<Self, FileError> {
        let mut tables = vec![Table::open(folder, 0)?];
        let id = tables[0].id();
        for number in 1..MAX_TABLES {
            if !table_path(folder, number).exists() {
                continue;
            }
            if tables.len() as u32 != number {
                return Err(FileError::Missing(table_path(folder, tables.len() as u32)));
            }
            let table = Table::open(folder, number)?;
            if table.id() != id {
                return Err(FileError::Foreign(table_path(folder, number)));
            }
            tables.push(table);
        }
        Ok(Self { folder: folder.to_owned(), id, tables })
    }

    pub(crate) fn id(&self) -> KeyringId {
        self.id
    }

    pub(crate) fn tables(&self) -> &[Table] {
        &self.tables
    }

    pub(crate) fn search(&self, name: &Name) -> io::Result<Search> {
        let mut damaged = None;
        for table in &self.tables {
            let mut free = None;
            for (place, slot) in table.read(table.home_of(name))?.slots() {
                match slot {
                    Some(slot) if slot.name() == Some(name) => return Ok(Search::Found(place, slot)),
                    Some(Slot::Free) => free = free.or(Some(place)),
                    Some(_) => {}
                    None => damaged = damaged.or(Some(place)),
                }
            }
            // A damaged slot may have held the name.
            match (damaged, free) {
                (None, Some(place)) => return Ok(Search::Free(place)),
                (Some(place), Some(_)) => return Ok(Search::Damaged(place)),
                (_, None) => {}
            }
        }
        Ok(damaged.map_or(Search::Full, Search::Damaged))
    }

    /// Overwrites a slot; durable with the next sync only.
    pub(crate) fn write(&self, place: Place, slot: &Slot) -> io::Result<()> {
        self.tables[place.table as usize].write(place, slot)
    }

    /// Creates the next table; it is [added](Self::add) when it is durable.
    pub(crate) fn next_table(&self) -> Result<Table, FileError> {
        let number = self.tables.len() as u32;
        let path = table_path(&self.folder, number);
        if number == MAX_TABLES {
            return Err(FileError::Io { path, source: io::ErrorKind::StorageFull.into() });
        }
        Table::create(&self.folder, self.id, number).map_err(FileError::at(&path))?;
        Table::open(&self.folder, number)
    }

    pub(crate) fn add(&mut self, table: Table) {
        self.tables.push(table);
    }

    /// Makes durable what was written to a table.
    pub(crate) fn sync_table(&self, table: u32) -> io::Result<()> {
        self.tables[table as usize].sync()
    }

    pub(crate) fn sync(&self) -> io::Result<()> {
        self.tables.iter().try_for_each(Table::sync)
    }

    /// Writes every page in use once more.
    pub(crate) fn rewrite(&self) -> io::Result<()> {
        for table in &self.tables {
            for number in 0..table.pages() {
                let page = table.read(number)?;
                if !page.is_free() {
                    table.rewrite(&page)?;
                }
            }
        }
        self.sync()
    }

    /// Whether there is not a single key or trace of one.
    pub(crate) fn is_empty(&self) -> io::Result<bool> {
        for table in &self.tables {
            for number in 0..table.pages() {
                if !table.read(number)?.is_free() {
                    return Ok(false);
                }
            }
        }
        Ok(true)
    }
}
