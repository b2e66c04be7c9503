//! The promises of the keyring's port, one public async function each. [`contract_suite!`](crate::contract_suite) turns
//! all of them into tests of an adapter, so that a failure names the promise that the adapter breaks.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, and a public suite cannot be cfg(test)")]

pub mod erasing;
mod fixture;
mod harness;
pub mod keeping;
pub mod sealing;

pub use harness::{Harness, run};

/// One test for each promise of the keyring's port.
///
/// Takes an expression that makes a fresh [`Harness`](crate::contract::Harness), evaluated once a test, and names the
/// tests after the promises; to be used once in a module.
#[macro_export]
macro_rules! contract_suite {
    ($harness:expr) => {
        $crate::contract_suite! { @tests $harness;
            keeping::a_key_is_kept_over_reopening
            keeping::an_id_has_one_key
            keeping::an_id_has_one_key_however_many_ask_at_once
            keeping::many_keys_are_kept
            keeping::tenants_share_no_keys
            keeping::an_id_that_was_never_asked_for_is_unknown
            keeping::a_key_is_made_also_if_nobody_waits
            keeping::a_key_shows_nothing_of_itself
            erasing::an_erased_id_is_found_erased
            erasing::an_erased_id_never_gets_a_key_again
            erasing::an_erasure_is_kept_over_reopening
            erasing::an_id_without_a_key_can_be_erased
            erasing::erasing_again_changes_nothing
            erasing::erasing_touches_nothing_else
            erasing::whoever_asks_meanwhile_gets_a_key_before_or_none_after
            erasing::an_older_copy_of_the_keys_brings_nothing_back
            erasing::an_older_copy_of_the_keys_lacks_only_what_is_newer
            sealing::a_box_opens_with_its_key
            sealing::a_box_opens_nowhere_else
            sealing::a_damaged_box_is_told
            sealing::a_box_of_an_erased_key_is_erased
            sealing::a_box_of_an_unknown_key_is_told
            sealing::boxes_of_the_same_text_differ
        }
    };
    (@tests $harness:expr; $($promises:ident :: $promise:ident)*) => {
        $(
            #[test]
            fn $promise() {
                $crate::contract::run($crate::contract::$promises::$promise($harness));
            }
        )*
    };
}

#[cfg(test)]
mod tests {
    /// A promise that is written and not listed would be tested by nobody.
    #[test]
    fn every_promise_is_in_the_suite() {
        let suite = include_str!("contract.rs");
        for (module, source) in [
            ("erasing", include_str!("contract/erasing.rs")),
            ("keeping", include_str!("contract/keeping.rs")),
            ("sealing", include_str!("contract/sealing.rs")),
        ] {
            for line in source.lines().filter_map(|line| line.strip_prefix("pub async fn ")) {
                let promise = line.split(['<', '(']).next().unwrap();
                assert!(suite.contains(&format!(" {module}::{promise}\n")), "{module}::{promise}");
            }
        }
    }
}
