//! Changing the master key: every key is wrapped anew, a portion between two batches, and then the old master key is
//! overwritten. What a crash interrupts goes on at the next start.

use std::io;

use crate::file::shared::damaged;
use crate::file::slot::Slot;
use crate::file::writer::{Reply, Writer};
use crate::port::KeyringError;

/// Pages that others wait for.
const PORTION: u32 = 64;

/// How far it is.
#[derive(Default)]
pub(crate) struct Rotation {
    table: usize,
    page: u32,
    waiting: Vec<Reply<u32>>,
}

impl Writer {
    pub(crate) fn begin_rotation(&mut self, reply: Reply<u32>) -> io::Result<()> {
        let rotation = self.rotation.get_or_insert_default();
        rotation.waiting.push(reply);
        let mut disk = self.shared.disk.write();
        if !disk.masters.is_rotating() {
            disk.masters.begin_rotation()?;
        }
        Ok(())
    }

    /// Wraps the next portion anew.
    pub(crate) fn rotate_some(&mut self) -> io::Result<()> {
        let Some(mut rotation) = self.rotation.take() else { return Ok(()) };
        for _ in 0..PORTION {
            let pages = self.shared.disk.read().store.tables().get(rotation.table).map(|table| table.pages());
            let outcome = match pages {
                None => {
                    self.sync()?;
                    let mut disk = self.shared.disk.write();
                    disk.masters.destroy_old()?;
                    Ok(disk.masters.current())
                }
                Some(pages) if rotation.page == pages => {
                    rotation.table += 1;
                    rotation.page = 0;
                    continue;
                }
                Some(_) => match self.rewrap(rotation.table, rotation.page)? {
                    Ok(()) => {
                        rotation.page += 1;
                        continue;
                    }
                    Err(error) => Err(error),
                },
            };
            for reply in rotation.waiting {
                let _ = reply.send(outcome.clone());
            }
            return Ok(());
        }
        self.rotation = Some(rotation);
        self.sync()
    }

    /// The keys of a page that an old master key wraps. One that cannot be read keeps the old master key in use.
    fn rewrap(&mut self, table: usize, page: u32) -> io::Result<Result<(), KeyringError>> {
        let disk = self.shared.disk.write();
        let current = disk.masters.current();
        for (place, slot) in disk.store.tables()[table].read(page)?.slots() {
            match slot {
                Some(Slot::Key(name, wrapped)) if wrapped.generation != current => {
                    let secret = match disk.unwrap(&name, place, &wrapped) {
                        Ok(secret) => secret,
                        Err(error) => return Ok(Err(error)),
                    };
                    disk.store.write(place, &Slot::Key(name, disk.masters.wrap(&name, &secret)?))?;
                    self.dirty |= 1 << place.table;
                }
                Some(_) => {}
                None => return Ok(Err(damaged(place))),
            }
        }
        Ok(Ok(()))
    }
}
