//! A gateway with a clock of the test's own, whose mails lie in a folder.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use allmende_gateway::{AUTHORIZATION, Config, Gateway};
use allmende_hosting::Ports;
use allmende_instrumentation::Metrics;
use allmende_kernel::Timestamp;
use allmende_keyring::{Keyring, MemoryKeyring};
use allmende_proto::FILE_DESCRIPTOR_SET;
use allmende_proto::gateway::v1 as pb;
use allmende_proto::gateway::v1::erasure_service_client::ErasureServiceClient;
use allmende_proto::gateway::v1::identity_service_client::IdentityServiceClient;
use allmende_proto::gateway::v1::mail_service_client::MailServiceClient;
use allmende_proto::gateway::v1::tenant_service_client::TenantServiceClient;
use allmende_runtime::authorize::Table;
use allmende_runtime::drain::Drain;
use allmende_runtime::installation::Installation;
use allmende_runtime::serve::{Config as ServerConfig, ServeError, Server, inside};
use allmende_testkit::ManualClock;
use tempfile::TempDir;
use tokio::net::TcpListener;
use tokio::task::JoinHandle;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::{Channel, Endpoint};
use tonic::{Request, Status};
use tonic_types::StatusExt as _;

pub(crate) const NOW: Timestamp = Timestamp::from_secs(1_790_000_000);
pub(crate) const PASSWORD: &str = "Die Hecke am Bach";

/// Adds a token to each call, if there is one.
#[derive(Clone)]
pub(crate) struct Token(Option<String>);

impl tonic::service::Interceptor for Token {
    fn call(&mut self, mut request: Request<()>) -> Result<Request<()>, Status> {
        if let Some(token) = &self.0 {
            request.metadata_mut().insert("authorization", format!("Bearer {token}").parse().unwrap());
        }
        Ok(request)
    }
}

type Caller = InterceptedService<Channel, Token>;

/// All clients of one caller.
#[derive(Clone)]
pub(crate) struct Clients {
    pub(crate) identity: IdentityServiceClient<Caller>,
    pub(crate) tenants: TenantServiceClient<Caller>,
    pub(crate) erasure: ErasureServiceClient<Caller>,
    pub(crate) mail: MailServiceClient<Caller>,
}

pub(crate) struct Running {
    pub(crate) clock: Arc<ManualClock>,
    pub(crate) keyring: Arc<MemoryKeyring>,
    pub(crate) gateway: Gateway,
    pub(crate) operator: String,
    channel: Channel,
    /// The way in for pages.
    pub(crate) own: Channel,
    drain: Drain,
    server: JoinHandle<Result<(), ServeError>>,
    data: TempDir,
}

/// A gateway with two towns.
pub(crate) async fn start() -> Running {
    let running = start_empty().await;
    for tenant in ["koeln", "bonn"] {
        running.register_tenant(tenant).await;
    }
    running
}

/// One where nothing was stored yet.
pub(crate) async fn start_empty() -> Running {
    start_with(tempfile::tempdir().unwrap(), Arc::new(MemoryKeyring::new()), NOW, |config| config).await
}

pub(crate) async fn start_with(
    data: TempDir,
    keyring: Arc<MemoryKeyring>,
    now: Timestamp,
    configure: impl FnOnce(Config) -> Config,
) -> Running {
    let clock = Arc::new(ManualClock::at(now));
    let metrics = Metrics::new();
    let installation = Arc::new(Installation::open(data.path()).unwrap());
    let ports = Ports::alone(data.path(), clock.clone(), installation, metrics.clone());
    let mut config = Config::default();
    config.mail.folder = Some(data.path().join("outbox"));
    let keys: Arc<dyn Keyring> = keyring.clone();
    let gateway = Gateway::start(configure(config), ports, keys).await.unwrap();
    let mut ready = gateway.ready();
    tokio::time::timeout(Duration::from_secs(60), ready.wait_for(|ready| *ready)).await.unwrap().unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address: SocketAddr = listener.local_addr().unwrap();
    let drain = Drain::new(Duration::from_secs(10));
    let (own, inside) = inside();
    let server = Server::new(
        ServerConfig::default(),
        Table::new(&[AUTHORIZATION]),
        gateway.authenticator(),
        metrics,
        FILE_DESCRIPTOR_SET,
    )
    .with_service(gateway.identity())
    .with_service(gateway.tenants())
    .with_service(gateway.erasure())
    .with_service(gateway.mail())
    .with_inside(inside);
    let server = tokio::spawn(server.serve(listener, gateway.ready(), drain.draining()));
    let operator = std::fs::read_to_string(data.path().join("operator.token")).unwrap().trim().to_owned();
    let channel = Endpoint::from_shared(format!("http://{address}")).unwrap().connect().await.unwrap();
    Running { clock, keyring, gateway, operator, channel, own, drain, server, data }
}

impl Running {
    /// Ends it as a signal does, and gives back what it leaves behind.
    pub(crate) async fn stop(self) -> (TempDir, Arc<MemoryKeyring>) {
        drop((self.channel, self.own));
        self.drain.begin();
        self.server.await.unwrap().unwrap();
        self.gateway.close().await.unwrap();
        (self.data, self.keyring)
    }

    pub(crate) fn with(&self, token: Option<&str>) -> Clients {
        let token = Token(token.map(str::to_owned));
        let channel = || self.channel.clone();
        Clients {
            identity: IdentityServiceClient::with_interceptor(channel(), token.clone()),
            tenants: TenantServiceClient::with_interceptor(channel(), token.clone()),
            erasure: ErasureServiceClient::with_interceptor(channel(), token.clone()),
            mail: MailServiceClient::with_interceptor(channel(), token),
        }
    }

    pub(crate) fn visitor(&self) -> Clients {
        self.with(None)
    }

    pub(crate) fn operator(&self) -> Clients {
        self.with(Some(&self.operator))
    }

    pub(crate) fn request_id(&self) -> String {
        allmende_runtime::ids::request_id(self.clock.as_ref()).to_string()
    }

    /// Moves the clock on.
    pub(crate) fn later(&self, secs: i64) {
        self.clock.advance(allmende_kernel::Duration::from_secs(secs));
    }

    pub(crate) fn outbox(&self) -> PathBuf {
        self.data.path().join("outbox")
    }

    /// The code of the latest mail to an address that leads to a page; waits until there is one.
    pub(crate) async fn code_for(&self, address: &str, page: &str) -> String {
        self.code_after(address, page, 0).await
    }

    fn mails_to(&self, address: &str, page: &str) -> Vec<String> {
        let to = format!("To: {address}");
        mails(&self.outbox()).into_iter().filter(|text| text.contains(&to) && text.contains(page)).collect()
    }

    /// The same when there were so many before.
    pub(crate) async fn code_after(&self, address: &str, page: &str, before: usize) -> String {
        for _ in 0..6_000 {
            let found = self.mails_to(address, page);
            if found.len() > before {
                let (_, rest) = found[found.len() - 1].split_once("?code=").unwrap();
                return rest.split_whitespace().next().unwrap().to_owned();
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        panic!("no mail to {address}");
    }

    pub(crate) fn register_request(&self, tenant: &str, email: &str) -> pb::RegisterRequest {
        pb::RegisterRequest {
            tenant: tenant.to_owned(),
            request_id: self.request_id(),
            email: email.to_owned(),
            password: String::new(),
            name: "Maria Muster".to_owned(),
            language: pb::Language::De.into(),
        }
    }

    /// An account whose address is confirmed; gives its id.
    pub(crate) async fn registered(&self, tenant: &str, email: &str) -> String {
        let mut identity = self.visitor().identity;
        let before = self.mails_to(email, "/konto/bestaetigen").len();
        identity.register(self.register_request(tenant, email)).await.unwrap();
        let code = self.code_after(email, "/konto/bestaetigen", before).await;
        identity.confirm_email(self.confirm_request(tenant, code)).await.unwrap().into_inner().subject_id
    }

    pub(crate) fn confirm_request(&self, tenant: &str, code: String) -> pb::ConfirmEmailRequest {
        let (request_id, password) = (self.request_id(), PASSWORD.to_owned());
        pb::ConfirmEmailRequest { tenant: tenant.to_owned(), request_id, code, password }
    }

    pub(crate) async fn register_tenant(&self, tenant: &str) {
        let tenant = pb::Tenant {
            tenant: tenant.to_owned(),
            name: tenant.to_owned(),
            kind: pb::TenantKind::Municipality.into(),
            ..pb::Tenant::default()
        };
        let request = pb::RegisterTenantRequest { request_id: self.request_id(), tenant: Some(tenant) };
        self.operator().tenants.register_tenant(request).await.unwrap();
    }

    pub(crate) async fn sign_in(&self, email: &str) -> pb::Session {
        let request =
            pb::SignInRequest { email: email.to_owned(), password: PASSWORD.to_owned(), ..Default::default() };
        self.visitor().identity.sign_in(request).await.unwrap().into_inner().session.unwrap()
    }

    /// Somebody with an account, signed in, with these roles.
    pub(crate) async fn somebody(&self, tenant: &str, email: &str, roles: &[pb::Role]) -> (String, Clients) {
        let subject = self.registered(tenant, email).await;
        for role in roles {
            self.grant(tenant, &subject, *role).await;
        }
        let session = self.sign_in(email).await;
        (subject, self.with(Some(&session.access_token)))
    }

    pub(crate) async fn grant(&self, tenant: &str, subject: &str, role: pb::Role) {
        let request = pb::GrantRoleRequest {
            tenant: tenant.to_owned(),
            request_id: self.request_id(),
            subject_id: subject.to_owned(),
            role: role.into(),
            ..pb::GrantRoleRequest::default()
        };
        self.operator().identity.grant_role(request).await.unwrap();
    }
}

/// All mails in the folder, as one line of text after the other, the oldest first.
pub(crate) fn mails(folder: &std::path::Path) -> Vec<String> {
    let mut files: Vec<_> = std::fs::read_dir(folder).unwrap().map(|entry| entry.unwrap()).collect();
    files.retain(|file| file.path().extension().is_some_and(|extension| extension == "eml"));
    files.sort_by_key(|file| file.metadata().unwrap().modified().unwrap());
    // Long lines are broken as quoted-printable has it.
    let read = |path: PathBuf| std::fs::read_to_string(path).unwrap().replace("=\r\n", "").replace("=3D", "=");
    files.into_iter().map(|file| read(file.path())).collect()
}

/// The reason of a refusal.
pub(crate) fn reason(status: &Status) -> String {
    status.get_details_error_info().map(|info| info.reason).unwrap_or_default()
}
