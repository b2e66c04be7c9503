//! `allmende up`: every service in this process, until a signal ends it.

use std::fmt;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use allmende_gateway::Gateway;
use allmende_hosting::{Cluster, Logs, Ports};
use allmende_instrumentation as instrumentation;
use allmende_keyring::{FileKeyring, Keyring, Options as KeyringOptions, Places};
use allmende_nats::open_shared;
use allmende_opendata::OpenData;
use allmende_participation::Participation;
use allmende_proto::FILE_DESCRIPTOR_SET;
use allmende_reporting::{GrpcSources, Reporting};
use allmende_runtime::clock::SystemClock;
use allmende_runtime::config::{self, Sources};
use allmende_runtime::drain::{Drain, Draining};
use allmende_runtime::forward::Forwarding;
use allmende_runtime::installation::Installation;
use allmende_runtime::limits::Proxies;
use allmende_runtime::{admin, secrets, serve};
use allmende_telemetry::Telemetry;
use anyhow::Context as _;
use tokio::net::TcpListener;
use tokio::sync::watch;
use tokio_stream::wrappers::WatchStream;
use tokio_stream::{StreamExt as _, StreamMap};

use crate::cli::UpOptions;
use crate::config::Config;
use crate::{authorization, data_folder, demo, open_files, terminal, web};

/// Runs the platform.
pub fn run(options: UpOptions) -> anyhow::Result<ExitCode> {
    let print_only = options.print_config;
    let config: Config = sources(options)?.load()?;
    if print_only {
        terminal::line(config::print(&config)?.trim_end());
        return Ok(ExitCode::SUCCESS);
    }
    open_files::allow_all().context("raising the limit of open files")?;
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
    set("http", options.http.map(Into::into));
    set("admin", options.admin.map(Into::into));
    let mut nats = toml::Table::new();
    if !options.nats.is_empty() {
        nats.insert("servers".to_owned(), options.nats.into());
    }
    if let Some(member) = options.member {
        nats.insert("member".to_owned(), member.into());
    }
    set("nats", (!nats.is_empty()).then_some(nats.into()));
    Ok(Sources { file: options.config, environment: config::environment(), flags })
}

/// The ports, bound before anything else starts.
pub struct Listeners {
    /// gRPC, all services.
    pub grpc: TcpListener,
    /// HTTP, for the public.
    pub http: TcpListener,
    /// Health and metrics.
    pub admin: TcpListener,
}

impl Listeners {
    /// Binds what the configuration says.
    pub async fn bind(config: &Config) -> anyhow::Result<Self> {
        let bind = async |address: &str, name: &str| {
            TcpListener::bind(address).await.with_context(|| format!("cannot listen on {address} ({name})"))
        };
        Ok(Self {
            grpc: bind(&config.grpc, "grpc").await?,
            http: bind(&config.http, "http").await?,
            admin: bind(&config.admin, "admin").await?,
        })
    }
}

/// Where a platform serves. Its text is the line `ready`.
#[derive(Debug, Clone)]
pub struct Serving {
    /// Address of the gRPC port.
    pub grpc: SocketAddr,
    /// Address of the HTTP port.
    pub http: SocketAddr,
    /// Address of the port for health and metrics.
    pub admin: SocketAddr,
    /// Folder for everything that is kept.
    pub data: PathBuf,
    /// File with the operator's token.
    pub token_file: PathBuf,
}

impl fmt::Display for Serving {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { grpc, http, admin, data, token_file } = self;
        write!(
            f,
            "ready grpc=http://{grpc} http=http://{http} admin=http://{admin} data={} token-file={}",
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
    data_folder::check_whole(&config.data)?;
    let installation = Arc::new(match &config.installation_key_file {
        Some(path) => Installation::read(path)?,
        None => Installation::open(&config.data)?,
    });
    let clock = Arc::new(SystemClock);
    // Health is answered from the first moment: a start after a power loss may take a while.
    let (set_ready, ready) = watch::channel(false);
    let router = admin::router(guard.metrics(), ready.clone(), draining.clone());
    let admin_address = listeners.admin.local_addr()?;
    let watched = tokio::spawn(admin::serve(listeners.admin, router));
    let grpc_address = listeners.grpc.local_addr()?;
    let cluster = join(&config, grpc_address, draining.clone()).await?;
    let logs = cluster.clone().map_or(Logs::Local, Logs::Replicated);
    let alone = Ports::alone(&config.data, Arc::clone(&clock) as _, Arc::clone(&installation), guard.metrics());
    let mut ports = Ports { logs, ..alone };
    let keyring = match &cluster {
        Some(cluster) => {
            let shared = open_shared(cluster.connection(), cluster.replicas(), &installation, &config.data).await?;
            (ports.secrets, ports.files) = (shared.secrets, shared.files);
            shared.keyring
        }
        None => open_keyring(config.data.clone()).await?,
    };
    let accounts = if config.demo { demo::gateway(&config)? } else { config.gateway.clone() };
    let mut gateway = Gateway::start(accounts, ports.clone(), Arc::clone(&keyring)).await?;
    if cluster.is_some() {
        // For whoever operates the cluster from this machine.
        secrets::copy_to(ports.secrets.as_ref(), data_folder::TOKEN_FILE, &config.data)?;
    }
    let telemetry = Telemetry::start(config.telemetry.clone(), ports.clone()).await?;
    let mut participation =
        Participation::start(config.participation.clone(), ports.clone(), Arc::clone(&keyring)).await?;
    participation.follow_gateway(gateway.log());
    gateway.follow(allmende_gateway::Sources { participation: Some(participation.log()) });
    let published = allmende_opendata::Sources {
        telemetry: Some(telemetry.log()),
        participation: Some((participation.log(), keyring)),
    };
    let opendata = OpenData::start(config.opendata.clone(), ports.clone(), published).await?;
    // Reports and pages ask over gRPC, as any client does; here all services are behind one port.
    let (services, inside) = serve::inside();
    let sources =
        GrpcSources::new(services.clone()).with_timeout(Duration::from_secs(config.reporting.query_timeout_s));
    let reporting = Reporting::start(config.reporting.clone(), ports, Arc::new(sources)).await?;
    let all = vec![gateway.ready(), telemetry.ready(), participation.ready(), opendata.ready(), reporting.ready()];
    let telling = tokio::spawn(pass_on(all, set_ready));

    let serving = Serving {
        grpc: grpc_address,
        http: listeners.http.local_addr()?,
        admin: admin_address,
        data: config.data.clone(),
        token_file: config.data.join(data_folder::TOKEN_FILE),
    };
    let table = authorization::table();
    let pages = web::router(&config, services, &installation, Arc::new(SystemClock), &gateway, &opendata);
    let proxies = Proxies::new(&config.server.trusted_proxies);
    let port = allmende_gateway::http::Port { listener: listeners.http, proxies, metrics: guard.metrics() };
    let (of_pages, end_of_pages) = (config.gateway.http.clone(), draining.clone());
    let web = tokio::spawn(async move { allmende_gateway::http::serve(&of_pages, port, pages, end_of_pages).await });
    let people = gateway.authenticator();
    let led = [gateway.led(), telemetry.led(), participation.led(), opendata.led(), reporting.led()];
    let led = led.into_iter().flatten().collect();
    let forwarding = cluster.map(|cluster| Forwarding::new(cluster.address(), &installation, clock, led));
    let server = serve::Server::new(config.server.clone(), table, people, guard.metrics(), FILE_DESCRIPTOR_SET)
        .with_service(gateway.identity())
        .with_service(gateway.tenants())
        .with_service(gateway.erasure())
        .with_service(gateway.mail())
        .with_service(telemetry.service())
        .with_service(participation.service())
        .with_service(opendata.service())
        .with_service(reporting.service())
        .with_inside(inside)
        .with_forwarding(forwarding);
    let mut readiness = ready.clone();
    let mut server = tokio::spawn(server.serve(listeners.grpc, ready, draining.clone()));

    let announce = async {
        // Ends with the server only, if what is served never gets ready.
        readiness.wait_for(|ready| *ready).await?;
        if config.demo {
            demo::fill(&config, &serving.grpc.to_string()).await.context("making the demo data")?;
        }
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
    if draining.has_begun() {
        // It ends by itself, at the latest with the drain.
        let _ = web.await;
    } else {
        web.abort();
    }
    watched.abort();
    telling.abort();
    // Those that follow others before these.
    let closed = [
        reporting.close().await,
        opendata.close().await,
        participation.close().await,
        telemetry.close().await,
        gateway.close().await,
    ];
    drop(lock);
    // Each was closed, whatever became of the others.
    closed.into_iter().collect::<Result<(), _>>()?;
    match served.context("the gRPC server's task failed")? {
        // Every rpc was answered; a client that does not close its connection is no failure of ours.
        Err(serve::ServeError::Overrun(_)) => tracing::warn!("connections were still open at the end of the drain"),
        ended => ended?,
    }
    guard.shutdown().await.context("the last traces and metrics were not sent")
}

/// Makes this process a member of the cluster, if there is one. When the drain begins it hands over what it leads.
async fn join(config: &Config, address: SocketAddr, draining: Draining) -> anyhow::Result<Option<Arc<Cluster>>> {
    if config.nats.servers.is_empty() {
        return Ok(None);
    }
    let cluster = Cluster::join(&config.nats, address, FILE_DESCRIPTOR_SET).await.context("joining the cluster")?;
    let cluster = Arc::new(cluster);
    let leaving = Arc::clone(&cluster);
    tokio::spawn(async move {
        draining.begun().await;
        leaving.leave();
    });
    Ok(Some(cluster))
}

/// Opens the keys under the data folder; those on the list of the erased are gone when it returns.
async fn open_keyring(data: PathBuf) -> anyhow::Result<Arc<dyn Keyring>> {
    let opening =
        tokio::task::spawn_blocking(move || FileKeyring::open(&Places::under(&data), KeyringOptions::default()));
    Ok(Arc::new(opening.await?.context("the keyring does not open")?))
}

/// Tells whether all of them are ready.
async fn pass_on(services: Vec<watch::Receiver<bool>>, to: watch::Sender<bool>) {
    let mut ready = vec![false; services.len()];
    let mut told: StreamMap<_, _> = services.into_iter().map(WatchStream::new).enumerate().collect();
    while let Some((index, serves)) = told.next().await {
        ready[index] = serves;
        to.send_replace(ready.iter().all(|ready| *ready));
    }
}
