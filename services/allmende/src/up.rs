//! `allmende up`: every service in this process, until a signal ends it.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use allmende_hosting::Ports;
use allmende_instrumentation as instrumentation;
use allmende_proto::FILE_DESCRIPTOR_SET;
use allmende_runtime::authorize::{LocalTokens, Table};
use allmende_runtime::clock::SystemClock;
use allmende_runtime::config::{self, Sources};
use allmende_runtime::drain::{Drain, Draining};
use allmende_runtime::installation::Installation;
use allmende_runtime::{admin, serve};
use allmende_telemetry::Telemetry;
use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::sync::watch;

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
        up(config, listeners, drain.draining(), |serving| terminal::line(&serving.to_string())).await
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

/// Where a platform serves. Its text is the line `ready`.
#[derive(Debug, Clone)]
pub struct Serving {
    /// Address of the gRPC port.
    pub grpc: SocketAddr,
    /// Address of the port for health and metrics.
    pub admin: SocketAddr,
    /// Folder for everything that is kept.
    pub data: PathBuf,
    /// File with the operator's token.
    pub token_file: PathBuf,
}

impl fmt::Display for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { grpc, admin, data, token_file } = self;
        write!(
            f,
            "ready grpc=http://{grpc} admin=http://{admin} data={} token-file={}",
            data.display(),
            token_file.display()
        )
    }
}

/// Runs the platform on the given ports until the drain is over. `on_ready` is told when it serves.
pub async fn up(
    config: Config,
    listeners: Listeners,
    draining: Draining,
    on_ready: impl FnOnce(Serving),
) -> anyhow::Result<()> {
    let service = instrumentation::Service { name: "allmende", version: env!("CARGO_PKG_VERSION") };
    let guard = instrumentation::init(service, &config.instrumentation)?;
    let lock = data_folder::lock(&config.data)?;
    let installation = Arc::new(Installation::open(&config.data)?);
    let tokens = LocalTokens::open(&config.data)?;
    let clock = Arc::new(SystemClock);
    let ports =
        Ports { data: config.data.clone(), clock, installation: Arc::clone(&installation), metrics: guard.metrics() };
    // Health is answered from the first moment: a start after a power loss may take a while.
    let (set_ready, ready) = watch::channel(false);
    let router = admin::router(guard.metrics(), ready.clone(), draining.clone());
    let admin_address = listeners.admin.local_addr()?;
    let watched = tokio::spawn(admin::serve(listeners.admin, router));
    let telemetry = Telemetry::start(config.telemetry.clone(), ports).await?;
    let telling = tokio::spawn(pass_on(telemetry.ready(), set_ready));

    let serving = Serving {
        grpc: listeners.grpc.local_addr()?,
        admin: admin_address,
        data: config.data.clone(),
        token_file: config.data.join(data_folder::TOKEN_FILE),
    };
    let table = Table::new(&[allmende_telemetry::AUTHORIZATION]);
    let server = serve::Server::new(config.server.clone(), table, tokens, guard.metrics(), FILE_DESCRIPTOR_SET)
        .with_service(telemetry.service());
    let mut readiness = ready.clone();
    let mut server = tokio::spawn(server.serve(listeners.grpc, ready, draining.clone()));

    let announce = async {
        if config.demo {
            let stations = demo::fill(&config.data, &serving.grpc.to_string()).await.context("making the demo data")?;
            terminal::note(&format!("demo: {stations} generated stations of tenant {}", demo::TENANT));
        }
        // Ends with the server only, if what is served never gets ready.
        readiness.wait_for(|ready| *ready).await?;
        on_ready(serving);
        anyhow::Ok(())
    };
    let served = tokio::select! {
        // By itself it ends on a failure only.
        ended = &mut server => ended,
        announced = announce => {
            announced?;
            server.await
        }
    };
    watched.abort();
    telling.abort();
    telemetry.close().await?;
    drop(lock);
    match served.context("the gRPC server's task failed")? {
        // Every rpc was answered; a client that does not close its connection is no failure of ours.
        Err(serve::ServeError::Overrun(_)) => tracing::warn!("connections were still open at the end of the drain"),
        ended => ended?,
    }
    guard.shutdown().await.context("the last traces and metrics were not sent")
}

/// Tells the one what the other is told.
async fn pass_on(mut from: watch::Receiver<bool>, to: watch::Sender<bool>) {
    loop {
        to.send_replace(*from.borrow_and_update());
        if from.changed().await.is_err() {
            return;
        }
    }
}
