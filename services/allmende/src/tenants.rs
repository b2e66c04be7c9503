//! `allmende tenant …`: the towns of a running platform. Nothing is taken for one that is not registered.

use std::process::ExitCode;

use allmende_proto::gateway::v1 as pb;
use allmende_runtime::clock::SystemClock;
use allmende_runtime::ids;
use clap::{Args, Subcommand, ValueEnum};

use crate::cli::Connection;
use crate::{client, terminal};

/// What can be done with tenants.
#[derive(Debug, Subcommand)]
pub enum TenantCommand {
    /// Add a tenant. Again with the same properties it changes nothing.
    #[command(
        after_help = "Example:\n  allmende tenant add brandis --name \"Stadt Brandis\" --regional-key 147290030030\n\n\
        Imprint, privacy notice and what else the law asks for are written on its pages."
    )]
    Add(TenantOptions),
}

/// A tenant to be added.
#[derive(Debug, Args)]
pub struct TenantOptions {
    /// Its name in addresses: small letters, digits and hyphens.
    pub tenant: String,
    /// What people call it.
    #[arg(long)]
    pub name: String,
    /// What it is.
    #[arg(long, value_enum, default_value_t = Kind::Municipality)]
    pub kind: Kind,
    /// Its official regional key, 12 digits.
    #[arg(long, default_value = "")]
    pub regional_key: String,
    /// Where to.
    #[command(flatten)]
    pub connection: Connection,
}

/// What a tenant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Kind {
    /// A town.
    Municipality,
    /// A county.
    County,
    /// A living lab.
    Lab,
}

impl From<Kind> for pb::TenantKind {
    fn from(kind: Kind) -> Self {
        match kind {
            Kind::Municipality => Self::Municipality,
            Kind::County => Self::County,
            Kind::Lab => Self::Lab,
        }
    }
}

/// Runs a command.
pub fn run(command: TenantCommand) -> anyhow::Result<ExitCode> {
    let TenantCommand::Add(options) = command;
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    runtime.block_on(add(options))?;
    Ok(ExitCode::SUCCESS)
}

async fn add(options: TenantOptions) -> anyhow::Result<()> {
    let mut tenants = client::tenants(&options.connection)?;
    let tenant = pb::Tenant {
        tenant: options.tenant,
        name: options.name,
        kind: pb::TenantKind::from(options.kind).into(),
        regional_key: options.regional_key,
        ..Default::default()
    };
    let request_id = ids::request_id(&SystemClock).to_string();
    let request = pb::RegisterTenantRequest { request_id, tenant: Some(tenant) };
    let answer = client::with_retries(async || tenants.register_tenant(request.clone()).await).await;
    let added = answer.map_err(|status| client::explain(&status))?.into_inner().tenant;
    added.iter().for_each(|tenant| terminal::line(&format!("{} {}", tenant.tenant, tenant.name)));
    Ok(())
}
