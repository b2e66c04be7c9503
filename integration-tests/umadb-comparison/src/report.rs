//! Numbers over all rounds, and how the two relate.

use std::collections::BTreeMap;
use std::io::{self, Write as _};
use std::time::Duration;

use serde_json::{Value, json};

use crate::turn::Turn;

/// Which server.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum System {
    /// umadb.
    Umadb,
    /// The platform.
    Allmende,
}

impl System {
    /// Who goes first in a round, and who second.
    pub(crate) fn order(round: u32) -> [Self; 2] {
        if round.is_multiple_of(2) { [Self::Umadb, Self::Allmende] } else { [Self::Allmende, Self::Umadb] }
    }

    fn name(self) -> &'static str {
        match self {
            Self::Umadb => "umadb",
            Self::Allmende => "allmende",
        }
    }
}

/// All counted turns, by writers and server.
#[derive(Debug, Default)]
pub(crate) struct Report(BTreeMap<(usize, System), Vec<Turn>>);

impl Report {
    /// Takes a turn in.
    pub(crate) fn add(&mut self, system: System, writers: usize, turn: Turn) {
        self.0.entry((writers, system)).or_default().push(turn);
    }

    /// Prints a line for each case and, after the two of as many writers, one with their ratio.
    pub(crate) fn print(&self, json: bool) -> io::Result<()> {
        let mut out = io::stdout().lock();
        for (&(writers, system), turns) in &self.0 {
            print_line(&mut out, &case(system, writers, turns), json)?;
            if let (System::Allmende, Some(umadb)) = (system, self.0.get(&(writers, System::Umadb))) {
                print_line(&mut out, &ratio(writers, turns, umadb), json)?;
            }
        }
        out.flush()
    }
}

fn print_line(out: &mut impl io::Write, line: &Value, json: bool) -> io::Result<()> {
    if json {
        return writeln!(out, "{line}");
    }
    let fields = line.as_object().into_iter().flatten();
    let text: Vec<String> = fields
        .map(|(name, value)| match value {
            Value::String(text) => format!("{text:9}"),
            other => format!("{name} {other}"),
        })
        .collect();
    writeln!(out, "{}", text.join("  "))
}

fn case(system: System, writers: usize, turns: &[Turn]) -> Value {
    let mut latencies: Vec<Duration> = turns.iter().flat_map(|turn| turn.latencies.iter().copied()).collect();
    latencies.sort_unstable();
    json!({
        "case": system.name(),
        "writers": writers,
        "commits": latencies.len(),
        "commits_per_s": rate(turns).round(),
        "p50_us": percentile(&latencies, 50),
        "p99_us": percentile(&latencies, 99),
    })
}

/// The platform's rate over umadb's: of all rounds together, and the smallest, middle and largest of single rounds.
fn ratio(writers: usize, allmende: &[Turn], umadb: &[Turn]) -> Value {
    let mut rounds: Vec<f64> = allmende
        .iter()
        .zip(umadb)
        .map(|(ours, theirs)| rate(std::slice::from_ref(ours)) / rate(std::slice::from_ref(theirs)))
        .collect();
    rounds.sort_by(f64::total_cmp);
    json!({
        "case": "ratio",
        "writers": writers,
        "allmende_to_umadb": two_decimals(rate(allmende) / rate(umadb)),
        "rounds_min": rounds.first().copied().map(two_decimals),
        "rounds_median": rounds.get(rounds.len() / 2).copied().map(two_decimals),
        "rounds_max": rounds.last().copied().map(two_decimals),
    })
}

fn rate(turns: &[Turn]) -> f64 {
    let commits: usize = turns.iter().map(|turn| turn.latencies.len()).sum();
    let elapsed: Duration = turns.iter().map(|turn| turn.elapsed).sum();
    commits as f64 / elapsed.as_secs_f64()
}

fn percentile(sorted: &[Duration], percent: usize) -> Option<u64> {
    let index = (sorted.len() * percent / 100).min(sorted.len().checked_sub(1)?);
    sorted.get(index).map(|latency| latency.as_micros() as u64)
}

fn two_decimals(number: f64) -> f64 {
    (number * 100.0).round() / 100.0
}
