//! `allmende up`: every service in this process, until a signal ends it.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use allmende_instrumentation as instrumentation;
use allmende_proto::FILE_DESCRIPTOR_SET;
use allmende_runtime::authorize::{LocalTokens, Table};
use allmende_runtime::clock::SystemClock;
use allmende_runtime::config::{self, Sources};
use allmende_runtime::drain::{Drain, Draining};
use allmende_runtime::installation::Installation;
use allmende_runtime::{admin, serve};
use allmende_telemetry::{Ports, Telemetry};
use anyhow::Context as _;
use tokio::net::TcpListener;

use crate::cli::UpOptions;
use crate::config::Config;
use crate::{data_folder, demo, terminal};

/// Runs the platform.
pub fn run(options: UpOptions) -> anyhow::Result<ExitCode> {
    let print_only = options.print_config;
    let config: Config = sources(options)?.load()?;
    if print_only {
        terminal::line(config::print(&config)?.trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    let runtime = tokio::runtime::Builder::new_multi_thread()
        // Exporters need one worker beside the one that waits for them.
        .worker_threads(std::thread::available_parallelism().map_or(2, |cores| cores.get().max(2)))
        .enable_all()
        .build()?;
    runtime.block_on(async {
        let drain = Drain::on_signals(Duration::from_secs(config.drain_s))?;
        let listeners = Listeners::bind(&config).await?;
        up(config, listeners, drain.draining()).await
    })?;
    Ok(ExitCode::SUCCESS)
}

fn sources(options: UpOptions) -> anyhow::Result<Sources> {
    let mut flags = toml::Table::new();
    let mut set = |name: &str, value: Option<toml::Value>| {
        if let Some(value) = value {
            flags.insert(name.to_owned(), value);
        }
    };
    let data = options.data.map(|path| path.into_os_string().into_string());
    let data = data.transpose().map_err(|_| anyhow::anyhow!("--data is no valid text"))?;
    set("data", data.map(Into::into));
    set("demo", options.demo.then_some(true.into()));
    set("grpc", options.grpc.map(Into::into));
    set("admin", options.admin.map(Into::into));
    Ok(Sources { file: options.config, environment: config::environment(), flags })
}

/// The ports, bound before anything else starts.
pub struct Listeners {
    /// gRPC, all services.
    pub grpc: TcpListener,
    /// Health and metrics.
    pub admin: TcpListener,
}

impl Listeners {
    /// Binds what the configuration says.
    pub async fn bind(config: &Config) -> anyhow::Result<Self> {
        let bind = async |address: &str, name: &str| {
            TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address} ({name})"))
        };
        Ok(Self { grpc: bind(&config.grpc, "grpc").await?, admin: bind(&config.admin, "admin").await? })
    }
}

/// Runs the platform on the given ports until the drain is over.
pub async fn up(config: Config, listeners: Listeners, draining: Draining) -> anyhow::Result<()> {
    let service = instrumentation::Service { name: "allmende", version: env!("CARGO_PKG_VERSION") };
    let guard = instrumentation::init(service, &config.instrumentation)?;
    let lock = data_folder::lock(&config.data)?;
    let installation = Arc::new(Installation::open(&config.data)?);
    let tokens = LocalTokens::open(&config.data)?;
    let clock = Arc::new(SystemClock);
    let ports = Ports {
        data: config.data.clone(),
        clock,
        installation: Arc::clone(&installation),
        metrics: guard.metrics(),
    };
    let telemetry = Telemetry::start(config.telemetry.clone(), ports).await?;

    let grpc = listeners.grpc.local_addr()?;
    let admin_address = listeners.admin.local_addr()?;
    let ready = telemetry.ready();
    let router = admin::router(guard.metrics(), ready.clone(), draining.clone());
    let watched = tokio::spawn(admin::serve(listeners.admin, router));
    let table = Table::new(&[allmende_telemetry::AUTHORIZATION]);
    let server = serve::Server::new(config.server.clone(), table, tokens, guard.metrics(), FILE_DESCRIPTOR_SET)
        .with_service(telemetry.service());
    let mut serving = tokio::spawn(server.serve(listeners.grpc, ready, draining.clone()));

    let announce = async {
        if config.demo {
            let stations = demo::fill(&config.data, &grpc.to_string()).await.context("making the demo data")?;
            terminal::note(&format!("demo: {stations} generated stations of tenant {}", demo::TENANT));
        }
        terminal::line(&format!(
            "ready grpc=http://{grpc} admin=http://{admin_address} data={} token-file={}",
            config.data.display(),
            config.data.join(data_folder::TOKEN_FILE).display()
        ));
        anyhow::Ok(())
    };
    let served = tokio::select! {
        // The server ends by itself on a failure only; else it goes on below.
        ended = &mut serving => Some(ended),
        announced = announce => {
            announced?;
            None
        }
    };
    let served = match served {
        Some(ended) => ended,
        None => serving.await,
    };
    watched.abort();
    telemetry.close().await?;
    drop(lock);
    match served.context("the gRPC server's task failed")? {
        // Every rpc was answered; a client that does not close its connection is no failure of ours.
        Err(serve::ServeError::Overrun(_)) => tracing::warn!("connections were still open at the end of the drain"),
        ended => ended?,
    }
    guard.shutdown().await.context("the last traces and metrics were not sent")
}
