//! Commits per second of the platform and of umadb, in turns, by the same client on the same machine.

mod allmende;
mod report;
mod turn;
mod umadb;

use std::time::Duration;

use clap::{Parser, ValueEnum};

use crate::report::{Report, System};
use crate::turn::Connections;

/// How many write at once.
const WRITERS: [usize; 2] = [1, 16];
/// Between turns, so that work a server puts off falls into nobody's time.
const PAUSE: Duration = Duration::from_millis(300);

/// Compare single durable commits of Allmende and umadb. The servers must be running; one alone is measured too.
#[derive(Debug, Parser)]
#[command(version, max_term_width = 110)]
struct Arguments {
    /// Address of umadb's gRPC port, e.g. http://127.0.0.1:50051.
    #[arg(long)]
    umadb: Option<String>,
    /// Address of the platform's gRPC port, e.g. http://127.0.0.1:7400.
    #[arg(long, requires = "token")]
    allmende: Option<String>,
    /// The platform's access token.
    #[arg(long, env = "ALLMENDE_TOKEN", hide_env_values = true)]
    token: Option<String>,
    /// Counted rounds, after one that is not counted; the two change who goes first.
    #[arg(long, default_value_t = 10, value_parser = clap::value_parser!(u32).range(1..))]
    rounds: u32,
    /// Length of a turn.
    #[arg(long, default_value_t = 3.0, value_parser = seconds)]
    seconds: f64,
    /// Whether writers share one connection or have one each; the same for both servers.
    #[arg(long, value_enum, default_value_t = Sharing::Shared)]
    connections: Sharing,
    /// Which of the platform's rpcs takes a commit: one request each, or a call that stays open and answers each batch.
    #[arg(long, value_enum, default_value_t = Rpc::Deliver)]
    rpc: Rpc,
    /// Size of umadb's encoded event, in bytes.
    #[arg(long, default_value_t = 200)]
    event_bytes: usize,
    /// Print a line of JSON for each case.
    #[arg(long)]
    json: bool,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
enum Sharing {
    Shared,
    Each,
}

#[derive(Debug, Clone, Copy, ValueEnum)]
pub(crate) enum Rpc {
    /// RecordObservations.
    Record,
    /// DeliverObservations.
    Deliver,
}

fn seconds(text: &str) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(seconds) if seconds >= 0.1 && seconds.is_finite() => Ok(seconds),
        _ => Err("not a number of seconds from 0.1".to_owned()),
    }
}

#[tokio::main]
async fn main() -> anyhow::Result<()> {
    let arguments = Arguments::parse();
    let mut report = Report::default();
    for writers in WRITERS {
        let count = match arguments.connections {
            Sharing::Shared => 1,
            Sharing::Each => writers,
        };
        measure(&arguments, Connections { writers, count }, &mut report).await?;
    }
    report.print(arguments.json)?;
    Ok(())
}

async fn measure(arguments: &Arguments, connections: Connections, report: &mut Report) -> anyhow::Result<()> {
    let time = Duration::from_secs_f64(arguments.seconds);
    let (mut appenders, mut senders) = (Vec::new(), Vec::new());
    let mut head = 0;
    if let Some(url) = &arguments.umadb {
        appenders = umadb::connect(url, connections, arguments.event_bytes).await?;
        head = umadb::head(url).await?;
    }
    if let (Some(url), Some(token)) = (&arguments.allmende, &arguments.token) {
        senders = allmende::connect(url, token, connections, arguments.rpc).await?;
    }
    let mut appended = 0;
    for round in 0..=arguments.rounds {
        for system in System::order(round) {
            tokio::time::sleep(PAUSE).await;
            let turn = match system {
                System::Umadb => turn::take(&mut appenders, time).await?,
                System::Allmende => turn::take(&mut senders, time).await?,
            };
            if system == System::Umadb {
                appended += turn.latencies.len() as u64;
            }
            if round > 0 && !turn.latencies.is_empty() {
                report.add(system, connections.writers, turn);
            }
        }
    }
    if let Some(url) = &arguments.umadb {
        let stored = umadb::head(url).await? - head;
        anyhow::ensure!(stored == appended, "umadb stored {stored} of {appended} events");
    }
    allmende::check_stored(&mut senders).await
}
