//! The master key: what is on disk of a key is wrapped by it. It is changed by [`rotate`](super::FileKeyring::rotate),
//! after which the old one is overwritten, so that old copies of wrapped keys open no more.
//!
//! The file, in sectors of 512 bytes that are overwritten in place and never moved:
//!
//! ```text
//! 0     "ALMMAS01", keyring id, zeros, CRC-32 at 508
//! 512   generation (4 bytes), key (32 bytes), zeros, CRC-32 at 1020; all zeros if there is none
//! 1024  the same: while keys are wrapped anew there are two
//! ```

use std::fs::File;
use std::io::{self, Write as _};
use std::os::unix::fs::FileExt as _;
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key as CipherKey, XChaCha20Poly1305, XNonce};
use zeroize::Zeroizing;

use crate::file::disk;
use crate::file::error::FileError;
use crate::file::name::{KeyringId, Name};
use crate::file::slot::Wrapped;
use crate::key::Secret;

const SECTOR: usize = 512;
const CRC: usize = SECTOR - 4;
const MAGIC: &[u8; 8] = b"ALMMAS01";

type MasterKey = Zeroizing<[u8; 32]>;

pub(crate) struct Masters {
    file: File,
    id: KeyringId,
    /// By their place in the file.
    keys: [Option<(u32, MasterKey)>; 2],
}

impl Masters {
    /// Makes the file with a first key.
    pub(crate) fn create(path: &Path, id: KeyringId) -> io::Result<()> {
        let key = random()?;
        disk::create_file(path, |file| {
            file.write_all(&header(id))?;
            file.write_all(encode(1, &key).as_slice())?;
            file.write_all(&[0; SECTOR])
        })
    }

    pub(crate) fn open(path: &Path) -> Result<Self, FileError> {
        let damaged = || FileError::Damaged(path.display().to_string());
        let file = disk::open_file(path).map_err(FileError::at(path))?;
        let mut bytes = Zeroizing::new([0; 3 * SECTOR]);
        file.read_exact_at(bytes.as_mut_slice(), 0).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => damaged(),
            _ => FileError::at(path)(error),
        })?;
        let id = *bytes[8..].first_chunk().ok_or_else(damaged)?;
        if bytes[..SECTOR] != header(id) {
            return Err(damaged());
        }
        // One that is damaged counts as missing: what it wraps says so, and nothing else needs it.
        let keys = [decode(&bytes[SECTOR..2 * SECTOR]), decode(&bytes[2 * SECTOR..])];
        if keys.iter().all(Option::is_none) {
            return Err(damaged());
        }
        Ok(Self { file, id, keys })
    }

    pub(crate) fn id(&self) -> KeyringId {
        self.id
    }

    /// The generation that new keys are wrapped by.
    pub(crate) fn current(&self) -> u32 {
        self.keys.iter().flatten().map(|(generation, _)| *generation).max().unwrap_or(0)
    }

    /// Whether there are two.
    pub(crate) fn is_rotating(&self) -> bool {
        self.keys.iter().all(Option::is_some)
    }

    /// Adds the next generation, durable before anything is wrapped by it.
    pub(crate) fn begin_rotation(&mut self) -> io::Result<()> {
        let (next, key) = (self.current() + 1, random()?);
        let free = usize::from(self.keys[0].is_some());
        self.write(free, &encode(next, &key))?;
        self.keys[free] = Some((next, key));
        Ok(())
    }

    /// Overwrites what is not current. Nothing is wrapped by it any more.
    pub(crate) fn destroy_old(&mut self) -> io::Result<()> {
        let current = self.current();
        for place in 0..2 {
            if self.keys[place].as_ref().is_none_or(|(generation, _)| *generation != current) {
                self.write(place, &[0; SECTOR])?;
                self.keys[place] = None;
            }
        }
        Ok(())
    }

    fn write(&self, place: usize, sector: &[u8; SECTOR]) -> io::Result<()> {
        self.file.write_all_at(sector, ((place + 1) * SECTOR) as u64)?;
        self.file.sync_data()
    }

    /// The key as it may be stored under `name`.
    pub(crate) fn wrap(&self, name: &Name, secret: &Secret) -> io::Result<Wrapped> {
        let generation = self.current();
        let cipher = self.cipher(generation).ok_or(io::ErrorKind::NotFound)?;
        let mut nonce = [0; 24];
        fill(&mut nonce)?;
        let aad = associated_data(name, generation);
        let payload = Payload { msg: secret.as_slice(), aad: &aad };
        let wrapped = cipher.encrypt(&XNonce::from(nonce), payload).expect("32 bytes are not too long");
        Ok(Wrapped { generation, nonce, secret: wrapped.try_into().expect("32 bytes and a tag of 16") })
    }

    /// The key again; nothing if its master is not here.
    pub(crate) fn unwrap(&self, name: &Name, wrapped: &Wrapped) -> Option<Secret> {
        let aad = associated_data(name, wrapped.generation);
        let payload = Payload { msg: &wrapped.secret, aad: &aad };
        let opened = self.cipher(wrapped.generation)?.decrypt(&XNonce::from(wrapped.nonce), payload).ok()?;
        let opened = Zeroizing::new(opened);
        Some(Secret::new(Zeroizing::new(opened.as_slice().try_into().ok()?)))
    }

    pub(crate) fn has(&self, generation: u32) -> bool {
        self.keys.iter().flatten().any(|(of, _)| *of == generation)
    }

    fn cipher(&self, generation: u32) -> Option<XChaCha20Poly1305> {
        let (_, key) = self.keys.iter().flatten().find(|(of, _)| *of == generation)?;
        Some(XChaCha20Poly1305::new(&CipherKey::from(**key)))
    }
}

fn header(id: KeyringId) -> [u8; SECTOR] {
    let mut bytes = [0; SECTOR];
    bytes[..8].copy_from_slice(MAGIC);
    bytes[8..24].copy_from_slice(&id);
    let crc = crc32fast::hash(&bytes[..CRC]);
    bytes[CRC..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

fn encode(generation: u32, key: &MasterKey) -> Zeroizing<[u8; SECTOR]> {
    let mut bytes = Zeroizing::new([0; SECTOR]);
    bytes[..4].copy_from_slice(&generation.to_le_bytes());
    bytes[4..36].copy_from_slice(key.as_slice());
    let crc = crc32fast::hash(&bytes[..CRC]);
    bytes[CRC..].copy_from_slice(&crc.to_le_bytes());
    bytes
}

fn decode(bytes: &[u8]) -> Option<(u32, MasterKey)> {
    let generation = u32::from_le_bytes(*bytes.first_chunk()?);
    let intact = generation > 0 && bytes[CRC..] == crc32fast::hash(&bytes[..CRC]).to_le_bytes();
    intact.then_some((generation, Zeroizing::new(*bytes[4..].first_chunk()?)))
}

fn associated_data(name: &Name, generation: u32) -> [u8; 36] {
    let mut data = [0; 36];
    data[..32].copy_from_slice(&name.0);
    data[32..].copy_from_slice(&generation.to_le_bytes());
    data
}

fn random() -> io::Result<MasterKey> {
    let mut key = Zeroizing::new([0; 32]);
    fill(key.as_mut_slice())?;
    Ok(key)
}

pub(crate) fn fill(bytes: &mut [u8]) -> io::Result<()> {
    getrandom::fill(bytes).map_err(io::Error::other)
}
