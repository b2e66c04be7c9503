//! Files that are known by their content: what an event names by its SHA-256 and does not carry itself. Attachments and
//! files of datasets are such.
//!
//! ```
//! # use std::io::{Read as _, Write as _};
//! # use std::sync::Arc;
//! # use allmende_files::{FolderShelves, Form, Shelf, Shelves as _};
//! # fn example(data: &std::path::Path) -> std::io::Result<()> {
//! const LETTERS: Shelf = Shelf { name: "letters", form: Form::Plain, largest: 1 << 20 };
//! let letters = FolderShelves::new(data).open(LETTERS)?;
//!
//! // Before the commit that names it: the file is durable when `keep` returns.
//! let mut file = Arc::clone(&letters).begin()?;
//! file.write_all(b"Die Hecke")?;
//! let kept = file.keep()?;
//!
//! let mut content = String::new();
//! letters.read(&kept.name)?.read_to_string(&mut content)?;
//! assert_eq!(content, "Die Hecke");
//! # Ok(())
//! # }
//! ```
//!
//! # What holds
//!
//! - A file that is there is whole, and what is in it never changes.
//! - It is durable before [`keep`](Unfinished::keep) returns, so that an event may name it from then on. What was not
//!   kept is never found.
//! - Whoever reads gets what was kept, or an error; that a file was changed below is told by whoever checks its hash.
//! - What was removed is not found again, until the same content is kept again.
//!
//! [`contract`] has these promises as tests, which every adapter runs. Everything here blocks on a disk or on a network,
//! so it is called off the async workers.

pub mod contract;
mod folder;
mod name;
mod port;
mod staging;

pub use folder::{FolderFiles, FolderShelves};
pub use name::Name;
pub use port::{Content, Files, Form, Keeps, Kept, Shelf, Shelves, Unfinished};
pub use staging::{Incoming, Staged};
