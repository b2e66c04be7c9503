//! `allmende doctor`: whether what the platform stands on keeps what it acknowledges.

use std::path::PathBuf;
use std::process::ExitCode;

use allmende_nats::{Connection, Finding, Looking, Severity, check};
use anyhow::Context as _;
use clap::Args;

use crate::nats_options::NatsOptions;
use crate::terminal;

/// Options of `doctor`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  allmende doctor --nats tls://nats-0:4222 --nats-creds allmende.creds \\\n    \
    --system-creds system.creds --other-creds integrator.creds\n\n\
    Each finding says what follows from it, and what to do. Looks only; changes nothing. Ends with 1 if something that was \
    acknowledged may be lost, or somebody else may write history. How servers are set up, and why: deploy/nats/README.md.")]
pub struct DoctorOptions {
    /// The cluster, as the platform reaches it.
    #[command(flatten)]
    pub nats: NatsOptions,
    /// File with credentials of the system account, in any form of --nats-creds: it sees all servers.
    #[arg(long)]
    pub system_creds: Option<PathBuf>,
    /// File with credentials of somebody who is not the platform; may be given several times. Tried is whether they may
    /// publish to logs, where nothing is stored by it.
    #[arg(long)]
    pub other_creds: Vec<PathBuf>,
    /// Address of a server's monitoring port, http://host:port; for each of them, where there is no system account to ask.
    #[arg(long)]
    pub monitor: Vec<String>,
    /// How many replicas streams must have.
    #[arg(long, default_value_t = 3)]
    pub replicas: usize,
}

/// Prints what it finds, the worst last.
pub fn run(options: DoctorOptions) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting")?;
    let mut findings = runtime.block_on(look(&options))?;
    findings.sort_by_key(|finding| finding.severity);
    for finding in &findings {
        terminal::line(&format!("{:8} {}: {}", word(finding), finding.about, finding.text));
        if !finding.remedy.is_empty() {
            terminal::line(&format!("{:8} -> {}", "", finding.remedy));
        }
    }
    let faulty = findings.iter().any(|finding| finding.severity == Severity::Fault);
    Ok(if faulty { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

async fn look(options: &DoctorOptions) -> anyhow::Result<Vec<Finding>> {
    let platform = Connection::open(options.nats.settings("allmende doctor")?).await?;
    let system = match &options.system_creds {
        Some(path) => {
            let settings = options.nats.settings_of("allmende doctor", Some(path))?;
            Some(Connection::open(settings).await.with_context(|| format!("with {}", path.display()))?)
        }
        None => None,
    };
    let named = |path: &PathBuf| options.nats.settings_of(&path.display().to_string(), Some(path));
    let others = options.other_creds.iter().map(named).collect::<anyhow::Result<Vec<_>>>()?;
    let looking = Looking {
        platform: &platform,
        replicas: options.replicas,
        system: system.as_ref(),
        monitors: &options.monitor,
        others: &others,
    };
    Ok(check(&looking).await)
}

fn word(finding: &Finding) -> &'static str {
    match finding.severity {
        Severity::Fine => "fine",
        Severity::Unseen => "unseen",
        Severity::Warning => "warning",
        Severity::Fault => "FAULT",
    }
}
