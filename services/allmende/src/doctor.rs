//! `allmende doctor`: whether what the platform stands on keeps what it acknowledges.

use std::path::PathBuf;
use std::process::ExitCode;

use allmende_nats::{Connection, Credentials, Finding, Identity, Settings, Severity, Tls, check};
use anyhow::Context as _;
use clap::Args;

use crate::terminal;

/// Options of `doctor`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  allmende doctor --nats tls://nats-0:4222 --nats-creds allmende.creds \\\n    \
    --monitor http://nats-0:8222 --monitor http://nats-1:8222 --monitor http://nats-2:8222\n\n\
    Looks only; changes nothing. Ends with 1 if something that was acknowledged may be lost.")]
pub struct DoctorOptions {
    /// Address of a NATS server; may be given several times.
    #[arg(long, required = true)]
    pub nats: Vec<String>,
    /// File with the platform's credentials for NATS.
    #[arg(long)]
    pub nats_creds: Option<PathBuf>,
    /// PEM file with the authorities that are trusted, instead of the system's.
    #[arg(long)]
    pub nats_ca: Option<PathBuf>,
    /// PEM file with our own certificate for NATS.
    #[arg(long, requires = "nats_key")]
    pub nats_cert: Option<PathBuf>,
    /// PEM file with its key.
    #[arg(long, requires = "nats_cert")]
    pub nats_key: Option<PathBuf>,
    /// Address of a server's monitoring port, http://host:port; for each of them. Only there is seen whether a server syncs.
    #[arg(long)]
    pub monitor: Vec<String>,
    /// How many replicas streams must have.
    #[arg(long, default_value_t = 3)]
    pub replicas: usize,
}

impl DoctorOptions {
    fn settings(&self) -> Settings {
        let credentials = self.nats_creds.clone().map_or(Credentials::None, Credentials::File);
        let identity = self.nats_cert.clone().zip(self.nats_key.clone());
        let tls = Tls {
            authorities: self.nats_ca.clone(),
            identity: identity.map(|(certificate, key)| Identity { certificate, key }),
        };
        Settings { credentials, tls, ..Settings::new(self.nats.clone(), "allmende doctor") }
    }
}

/// Prints what it finds, the worst last.
pub fn run(options: DoctorOptions) -> anyhow::Result<ExitCode> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().context("starting")?;
    let mut findings = runtime.block_on(async {
        let connection = Connection::open(options.settings()).await?;
        anyhow::Ok(check(&connection, options.replicas, &options.monitor).await)
    })?;
    findings.sort_by_key(|finding| finding.severity);
    for finding in &findings {
        terminal::line(&format!("{:8} {}: {}", word(finding), finding.about, finding.text));
    }
    let faulty = findings.iter().any(|finding| finding.severity == Severity::Fault);
    Ok(if faulty { ExitCode::FAILURE } else { ExitCode::SUCCESS })
}

fn word(finding: &Finding) -> &'static str {
    match finding.severity {
        Severity::Fine => "fine",
        Severity::Unseen => "unseen",
        Severity::Warning => "warning",
        Severity::Fault => "FAULT",
    }
}
