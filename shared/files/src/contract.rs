//! The promises of the port of files, one public function each. [`contract_suite!`](crate::contract_suite) turns all of
//! them into tests of an adapter, so that a failure names the promise that the adapter breaks.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, and a public suite cannot be cfg(test)")]

pub mod keeping;
pub mod removing;

use std::io::{self, Read as _, Write as _};
use std::sync::Arc;

use sha2::{Digest as _, Sha256};

use crate::name::Name;
use crate::port::{Files, Kept, Shelf};

/// What a file of the suite may have at most.
pub const LARGEST: u64 = 3 << 20;

/// What the suite needs of an adapter: one place for one shelf, which is opened, closed and opened again.
pub trait Harness {
    /// Opens the shelf: empty the first time, as it was left after that. Nobody has it open.
    fn open(&mut self, shelf: Shelf) -> Arc<dyn Files>;
}

/// One test for each promise of the port.
///
/// Takes the form of the shelf and an expression that makes a fresh [`Harness`](crate::contract::Harness) or `None`,
/// evaluated once a test, and names the tests after the promises; to be used once in a module.
#[macro_export]
macro_rules! contract_suite {
    ($form:expr, $harness:expr) => {
        $crate::contract_suite! { @tests $form, $harness;
            keeping::what_is_kept_is_read_as_it_was
            keeping::a_file_is_kept_over_reopening
            keeping::what_is_not_kept_is_never_found
            keeping::the_same_content_is_one_file
            keeping::what_is_too_large_is_refused
            keeping::many_keep_at_once
            removing::what_is_removed_is_not_found
            removing::what_is_removed_can_be_kept_again
            removing::removing_touches_nothing_else
        }
    };
    (@tests $form:expr, $harness:expr; $($promises:ident :: $promise:ident)*) => {
        $(
            #[test]
            fn $promise() {
                let Some(harness) = $harness else { return };
                $crate::contract::$promises::$promise(harness, $form);
            }
        )*
    };
}

fn shelf(form: crate::Form) -> Shelf {
    Shelf { name: "test", form, largest: LARGEST }
}

/// Bytes that no other seed gives.
fn content(seed: u8, length: usize) -> Vec<u8> {
    (0_u32..).flat_map(|number| (number / 7).wrapping_add(u32::from(seed) << 24).to_le_bytes()).take(length).collect()
}

fn keep(files: &Arc<dyn Files>, content: &[u8]) -> Kept {
    let mut file = Arc::clone(files).begin().unwrap();
    // Not in one go.
    content.chunks(100_000).for_each(|chunk| file.write_all(chunk).unwrap());
    let kept = file.keep().unwrap();
    assert_eq!(kept, Kept { name: Name(Sha256::digest(content).into()), bytes: content.len() as u64 });
    kept
}

fn read(files: &Arc<dyn Files>, name: &Name) -> Vec<u8> {
    let mut content = Vec::new();
    files.read(name).unwrap().read_to_end(&mut content).unwrap();
    content
}

fn is_absent(files: &Arc<dyn Files>, name: &Name) -> bool {
    let read = files.read(name).map(drop).map_err(|error| error.kind());
    let contained = files.contains(name).unwrap();
    assert_eq!(contained, read.is_ok());
    read == Err(io::ErrorKind::NotFound)
}

#[cfg(test)]
mod tests {
    /// A promise that is written and not listed would be tested by nobody.
    #[test]
    fn every_promise_is_in_the_suite() {
        let suite = include_str!("contract.rs");
        for (module, source) in
            [("keeping", include_str!("contract/keeping.rs")), ("removing", include_str!("contract/removing.rs"))]
        {
            for line in source.lines().filter_map(|line| line.strip_prefix("pub fn ")) {
                let promise = line.split(['<', '(']).next().unwrap();
                assert!(suite.contains(&format!(" {module}::{promise}\n")), "{module}::{promise}");
            }
        }
    }
}
