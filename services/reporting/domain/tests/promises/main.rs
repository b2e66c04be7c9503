//! What reporting's domain promises, one file for each of its rooms.
#![allow(clippy::unwrap_used, reason = "helpers of tests are tests to people, not to the linter")]

mod attacker;

mod calendar;
mod counts;
mod impact_logic;
mod indicator;
mod report;
mod run;
mod vocabulary;

use allmende_kernel::Timestamp;
use allmende_reporting_domain::{Day, IndicatorId, Text};

fn day(text: &str) -> Day {
    text.parse().unwrap()
}

fn at(secs: i64) -> Timestamp {
    Timestamp::from_secs(secs)
}

fn text(de: &str) -> Text {
    Text::new(de, "").unwrap()
}

fn indicator_id(number: u8) -> IndicatorId {
    IndicatorId::from_bytes([number; 16])
}
