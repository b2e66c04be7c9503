use std::collections::BTreeMap;

use rand::Rng;
use rand::rngs::StdRng;

/// What a drive writes as a whole or not at all.
pub(super) const SECTOR: usize = 512;
/// Earlier contents of a sector that are kept until it is synced.
const VERSIONS: usize = 3;

type Sector = [u8; SECTOR];

/// A file: as its readers see it, and as it is after a cut.
#[derive(Debug, Clone, Default)]
pub(super) struct FileData {
    pub(super) now: Vec<u8>,
    synced: Vec<u8>,
    /// What sectors held since the last sync, oldest first.
    written: BTreeMap<usize, Vec<Sector>>,
    /// Sizes since the last sync, oldest first.
    sizes: Vec<usize>,
}

impl FileData {
    pub(super) fn resize(&mut self, size: usize) {
        if size != self.now.len() {
            let (from, to) = (self.now.len().min(size), self.now.len().max(size));
            self.now.resize(size, 0);
            self.sizes.push(size);
            // What is cut off reads as zeros if the file grows again.
            if size == from {
                self.note(from, to);
            }
        }
    }

    pub(super) fn write(&mut self, at: usize, bytes: &[u8]) {
        let end = at + bytes.len();
        if end > self.now.len() {
            self.resize(end);
        }
        self.now[at..end].copy_from_slice(bytes);
        self.note(at, end);
    }

    /// Remembers the present content of these bytes' sectors.
    fn note(&mut self, from: usize, to: usize) {
        for sector in from / SECTOR..to.div_ceil(SECTOR) {
            let versions = self.written.entry(sector).or_default();
            if versions.len() == VERSIONS {
                versions.remove(0);
            }
            versions.push(sector_of(&self.now, sector));
        }
    }

    /// Content, and the size that is needed to read it, are durable.
    pub(super) fn sync(&mut self) {
        self.synced.resize(self.now.len(), 0);
        for sector in std::mem::take(&mut self.written).into_keys() {
            put(&mut self.synced, sector, &sector_of(&self.now, sector));
        }
        self.sizes.clear();
    }

    /// What is left after a cut: each sector and the size on their own, as they were synced or at any time since.
    pub(super) fn survivor(&self, random: &mut StdRng, keep: f64) -> Self {
        let mut left = self.synced.clone();
        if !self.sizes.is_empty() && random.random_bool(keep) {
            left.resize(self.sizes[random.random_range(0..self.sizes.len())], 0);
        }
        for (sector, versions) in &self.written {
            if random.random_bool(keep) {
                put(&mut left, *sector, &versions[random.random_range(0..versions.len())]);
            }
        }
        Self::durable(left)
    }

    /// A file that holds this durably.
    pub(super) fn durable(content: Vec<u8>) -> Self {
        Self { now: content.clone(), synced: content, ..Self::default() }
    }
}

fn sector_of(bytes: &[u8], sector: usize) -> Sector {
    let mut content = [0; SECTOR];
    let from = (sector * SECTOR).min(bytes.len());
    let to = (from + SECTOR).min(bytes.len());
    content[..to - from].copy_from_slice(&bytes[from..to]);
    content
}

fn put(bytes: &mut [u8], sector: usize, content: &Sector) {
    let from = (sector * SECTOR).min(bytes.len());
    let to = (from + SECTOR).min(bytes.len());
    bytes[from..to].copy_from_slice(&content[..to - from]);
}
