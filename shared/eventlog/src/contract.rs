//! The promises of the log's port, one public async function each. [`contract_suite!`](crate::contract_suite) turns all
//! of them into tests of an adapter, so that a failure names the promise that the adapter breaks.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, and a public suite cannot be cfg(test)")]

pub mod appending;
pub mod concurrency;
pub mod durability;
mod fixture;
mod harness;
mod held_log;
pub mod order;
pub mod reading;
pub mod repetition;
pub mod subscribing;

pub use harness::{Harness, ManualClock, run};
pub use held_log::HeldLog;

/// One test for each promise of the log's port.
///
/// Takes an expression that makes a fresh [`Harness`](crate::contract::Harness), evaluated once a test, and names the
/// tests after the promises; to be used once in a module.
///
/// ```
/// # use std::sync::Arc;
/// # use allmende_eventlog::{EventLog, MemoryLog, Window, contract::{Harness, ManualClock}};
/// # use allmende_kernel::{PartitionName, Timestamp};
/// struct InMemory(Arc<ManualClock>, Arc<MemoryLog>);
///
/// impl InMemory {
///     fn new() -> Self {
///         let clock = Arc::new(ManualClock::at(Timestamp::from_secs(1_767_225_600)));
///         let partition = PartitionName::parse("contract-0").expect("a valid name");
///         Self(clock.clone(), Arc::new(MemoryLog::new(partition, clock, Window::default())))
///     }
/// }
///
/// impl Harness for InMemory {
///     fn clock(&self) -> &Arc<ManualClock> {
///         &self.0
///     }
///     async fn open(&mut self) -> Arc<dyn EventLog> {
///         self.1.clone()
///     }
///     async fn close(&mut self, _log: Arc<dyn EventLog>) {}
/// }
///
/// allmende_eventlog::contract_suite!(InMemory::new());
/// ```
///
/// `contract_suite!(in turn: $all)` makes a single test of all promises, one after the other, for an adapter whose
/// surroundings take long to set up: `$all` is evaluated once, and its `harness()` makes a fresh [`Harness`] for each.
///
/// [`Harness`]: crate::contract::Harness
#[macro_export]
macro_rules! contract_suite {
    (in turn: $all:expr) => {
        $crate::contract_suite! { @list @in_turn $all }
    };
    ($harness:expr) => {
        $crate::contract_suite! { @list @tests $harness }
    };
    (@list @$how:ident $made:expr) => {
        $crate::contract_suite! { @$how $made;
            appending::any_takes_a_stream_as_it_is
            appending::no_stream_takes_a_new_stream_only
            appending::exact_takes_that_revision_only
            appending::a_wrong_revision_is_told_with_the_actual_one
            appending::streams_of_one_commit_are_written_all_or_none
            appending::a_stream_that_was_read_and_moved_refuses_the_commit
            appending::revisions_count_what_is_not_durable_yet
            appending::a_refused_commit_leaves_no_trace
            appending::a_commit_without_a_storable_form_is_refused
            appending::a_commit_just_below_the_limit_is_stored
            appending::overload_refuses_and_keeps_what_was_admitted
            order::revisions_are_dense_from_one
            order::positions_follow_admission
            order::groups_are_numbered_from_one_without_gaps
            order::time_never_goes_back
            order::time_never_goes_back_across_reopening
            repetition::a_repeated_request_gets_the_first_position
            repetition::a_request_id_with_another_digest_is_refused
            repetition::a_request_id_older_than_the_window_is_refused
            repetition::the_window_never_opens_again
            repetition::a_request_id_from_a_clock_ahead_is_refused
            repetition::requests_are_remembered_after_reopening
            repetition::concurrent_repetitions_get_one_position
            repetition::the_first_reaction_of_a_process_wins_for_ever
            repetition::recall_tells_what_a_submit_would_repeat
            repetition::a_repetition_is_answered_once_the_first_is_durable
            repetition::what_cannot_be_repeated_is_stored_each_time
            reading::a_commit_is_read_as_it_was_written
            reading::a_stream_is_read_forward_and_backward
            reading::a_stream_may_be_read_from_outside
            reading::groups_are_read_in_pages_of_bytes
            reading::groups_chain_from_the_genesis_hash
            reading::what_the_log_does_not_reach_is_beyond
            reading::groups_are_found_by_category
            reading::groups_are_found_by_type
            reading::an_outcome_is_kept
            reading::everything_reads_the_same_after_reopening
            subscribing::a_subscription_catches_up_and_then_follows
            subscribing::every_group_is_delivered_once_while_others_write
            subscribing::a_filter_admits_by_tenant_category_and_type
            subscribing::a_subscription_resumes_after_any_position
            subscribing::a_slow_subscriber_holds_up_nobody
            durability::an_acknowledged_commit_is_visible
            durability::nothing_is_visible_beyond_the_head
            durability::a_commit_is_visible_as_a_whole
            durability::settling_waits_for_what_was_admitted
            durability::a_dropped_wait_takes_nothing_back
            durability::a_log_continues_where_it_was_closed
            concurrency::of_racing_writers_one_wins_each_revision
            concurrency::nothing_is_lost_and_nothing_is_stored_twice
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
    (@in_turn $all:expr; $($promises:ident :: $promise:ident)*) => {
        #[test]
        fn all_promises_hold() {
            let all = $all;
            $(
                // What a failed test shows last is the promise that is broken.
                eprintln!(concat!(stringify!($promises), "::", stringify!($promise)));
                $crate::contract::run($crate::contract::$promises::$promise(all.harness()));
            )*
        }
    };
}

#[cfg(test)]
mod tests {
    /// A promise that is written and not listed would be tested by nobody.
    #[test]
    fn every_promise_is_in_the_suite() {
        let suite = include_str!("contract.rs");
        for (module, source) in [
            ("appending", include_str!("contract/appending.rs")),
            ("concurrency", include_str!("contract/concurrency.rs")),
            ("durability", include_str!("contract/durability.rs")),
            ("order", include_str!("contract/order.rs")),
            ("reading", include_str!("contract/reading.rs")),
            ("repetition", include_str!("contract/repetition.rs")),
            ("subscribing", include_str!("contract/subscribing.rs")),
        ] {
            for line in source.lines().filter_map(|line| line.strip_prefix("pub async fn ")) {
                let promise = line.split(['<', '(']).next().unwrap();
                assert!(suite.contains(&format!(" {module}::{promise}\n")), "{module}::{promise}");
            }
        }
    }
}
