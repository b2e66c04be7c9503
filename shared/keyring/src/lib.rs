//! Sealing keys: what a person wrote is stored sealed, under a key that is kept apart from it. Erasing the key erases
//! the text wherever its box is: in the log, in views, on replicas, in backups.
//!
//! ```
//! # use allmende_kernel::TenantId;
//! # use allmende_keyring::{KeyId, Keyring, MemoryKeyring, Opened, open_text};
//! # use uuid::Uuid;
//! # async fn example(contribution: Uuid) -> Result<(), Box<dyn std::error::Error>> {
//! let keyring = MemoryKeyring::new();
//! let tenant = TenantId::parse("koeln")?;
//! let context = format!("contribution/{contribution}/body");
//!
//! // Before the command is decided: the key is durable before a commit can rest on it.
//! let key = keyring.ensure(&tenant, KeyId::contribution(contribution)).await?;
//! let sealed = key.seal(&context, "Die Hecke am Mühlbach".as_bytes())?;
//!
//! // When an answer is made.
//! let opened = open_text(&keyring, &tenant, &context, &sealed)?;
//! assert_eq!(opened, Opened::Content("Die Hecke am Mühlbach".to_owned()));
//!
//! keyring.erase(&tenant, KeyId::contribution(contribution)).await?;
//! assert_eq!(open_text(&keyring, &tenant, &context, &sealed)?, Opened::Erased);
//! # Ok(())
//! # }
//! ```
//!
//! # What holds
//!
//! - A key is durable before it is handed out to seal with, and an id has one key, ever.
//! - An erasure is durable and final before it is answered: the id is found erased from then on and never gets a key
//!   again, not after a restart and not after an older copy of the keys was put back.
//! - A box opens as what it was sealed as only: the same tenant, the same context, the same key.
//! - Damage is named. A key is never guessed, and none is made in place of one that may be there.
//!
//! [`contract`] has these promises as tests, which every adapter runs.
//!
//! # Elsewhere
//!
//! A keyring that others keep (a cluster's) holds keys wrapped by a [`WrappingKey`], which it does not have. [`carry`] tells
//! what one in files has for it.
//!
//! # The adapter in files
//!
//! **Tables.** [`FileKeyring`] keeps keys in tables of fixed slots, each wrapped by the master key. Tables grow by adding one
//! of four times the size; a slot stays where it is for ever. A name has one home page in each table and is in the first
//! that had room, so a look-up reads one page a table, and memory holds the keys used last and nothing else. One thread
//! writes; all that waits is made durable by one sync.
//!
//! **An erased key's bytes.** The id is put on the list of the erased and synced; then the slot is overwritten in place
//! and synced. The list lies outside the keys' folder, is in no backup's way, and is applied whenever the keyring opens.
//! What overwriting means depends on what is below:
//!
//! - ext4 and XFS on a magnetic disk overwrite the same sectors: the bytes are gone.
//! - A solid-state drive writes elsewhere and erases the old cells later; a file system that copies on write (btrfs, ZFS,
//!   snapshots of any volume manager) keeps the old block while something refers to it. What remains there is the key
//!   *wrapped by the master key*. [`rotate`](FileKeyring::rotate) makes a new master key, wraps the keys that are left
//!   by it, and overwrites the old one: the remains open no more. Rotating once a month keeps what is left of an erased
//!   key within the month that the law gives.
//! - The same is true of the old master key itself. Its file is one and a half kilobytes and may lie elsewhere
//!   ([`Places::master`]): on a file system that overwrites in place, or in memory that a key service fills at the start.
//!
//! **Backups.** [`backup`] copies keys without the erased; [`copy_master`] copies the master key, to be kept apart. The keyring
//! only grows, so the newest copy opens every older backup of the logs, and older copies of the keyring are not needed:
//! they should be thrown away, and open no more once the master key was rotated and its old copy destroyed. Make a backup
//! after each rotation, of the keyring after the logs, and ship the list of the erased more often than either: who is
//! not on it is not erased again by [`restore`].
//!
//! **Crashes.** A slot lies within one sector of 512 bytes, which drives write whole or not at all. Where that does not
//! hold, checksums find the torn slot: ids that may have been in it are answered with an error until the copy is put
//! back or [`repair`] gives the slot up. [`verify`] opens every key and names what is damaged.

pub mod contract;
mod file;
mod key;
mod memory;
mod port;
mod sealing;
mod wrapping;

pub use file::{
    BackupReport, Carried, FileError, FileKeyring, Options, Places, RepairReport, VerifyReport, backup, carry,
    copy_master, repair, restore, verify,
};
pub use key::{Key, KeyId};
pub use memory::MemoryKeyring;
pub use port::{Found, Keyring, KeyringError};
pub use sealing::{BoxError, Opened, key_of, open, open_text};
pub use wrapping::WrappingKey;
