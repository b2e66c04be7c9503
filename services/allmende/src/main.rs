//! x
fn main() -> anyhow::Result<()> {
    let events = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(1_000_000);
    allmende::bench::log::run(std::path::Path::new("target"), events, false)
}
