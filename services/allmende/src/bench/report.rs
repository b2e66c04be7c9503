use std::time::Duration;

use serde::Serialize;

/// One measured case, printed as a line of JSON.
#[derive(Debug, Default, Serialize)]
pub(super) struct Case {
    /// What was measured.
    pub case: String,
    /// Events a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub events_per_s: Option<f64>,
    /// Observations a second.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub observations_per_s: Option<f64>,
    /// The same by the limit, measured in the same run, alternating.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub limit_per_s: Option<f64>,
    /// Rate by limit; for latencies, limit by latency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub ratio: Option<f64>,
    /// Median latency in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p50_us: Option<f64>,
    /// 99th percentile in microseconds.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub p99_us: Option<f64>,
    /// Resident memory of the process afterwards, in MB.
    pub rss_mb: f64,
    /// What else belongs to the case.
    #[serde(flatten)]
    pub more: serde_json::Map<String, serde_json::Value>,
}

impl Case {
    /// A case with nothing measured yet.
    pub(super) fn new(case: impl Into<String>) -> Self {
        Self { case: case.into(), ..Self::default() }
    }

    /// Adds something that only this case has.
    pub(super) fn with(mut self, name: &str, value: impl Into<serde_json::Value>) -> Self {
        self.more.insert(name.to_owned(), value.into());
        self
    }

    /// Takes median and 99th percentile.
    pub(super) fn latencies(mut self, mut times: Vec<Duration>) -> Self {
        times.sort_unstable();
        self.p50_us = percentile(&times, 50);
        self.p99_us = percentile(&times, 99);
        self
    }

    /// Notes the memory and prints the case: a line of JSON, or a line for people.
    pub(super) fn print(mut self, json: bool) {
        self.rss_mb = round(resident_mb(std::process::id()).unwrap_or_default());
        let line = if json { serde_json::to_string(&self).unwrap_or_default() } else { self.to_string() };
        crate::terminal::line(&line);
    }
}

impl std::fmt::Display for Case {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "{:<44}", self.case)?;
        let mut put = |name: &str, value: Option<f64>| match value {
            Some(value) => write!(f, " {name} {value:>12.2}"),
            None => Ok(()),
        };
        put("events/s", self.events_per_s)?;
        put("observations/s", self.observations_per_s)?;
        put("limit/s", self.limit_per_s)?;
        put("ratio", self.ratio)?;
        put("p50 µs", self.p50_us)?;
        put("p99 µs", self.p99_us)?;
        put("rss MB", Some(self.rss_mb))?;
        self.more.iter().try_for_each(|(name, value)| write!(f, " {name} {value}"))
    }
}

/// The value below which `percent` of sorted times lie, in microseconds.
pub(super) fn percentile(sorted: &[Duration], percent: usize) -> Option<f64> {
    let index = (sorted.len() * percent / 100).min(sorted.len().checked_sub(1)?);
    Some(round(sorted[index].as_secs_f64() * 1e6))
}

/// To two decimals.
pub(super) fn round(value: f64) -> f64 {
    (value * 100.0).round() / 100.0
}

/// Resident memory of a process in MB, where `/proc` tells.
pub(super) fn resident_mb(process: u32) -> Option<f64> {
    let status = std::fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    let kib: f64 = line.split_whitespace().next()?.parse().ok()?;
    Some(kib / 1024.0)
}
