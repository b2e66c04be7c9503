//! Puts the service together.

use std::sync::Arc;

use allmende_eventlog::EventLog;
use allmende_hosting::{Caches, CloseError, Host, Partition, Ports};
use allmende_kernel::Duration;
use allmende_keyring::Keyring;
use allmende_proto::gateway::v1::erasure_service_server::ErasureServiceServer;
use allmende_proto::gateway::v1::identity_service_server::IdentityServiceServer;
use allmende_proto::gateway::v1::mail_service_server::MailServiceServer;
use allmende_proto::gateway::v1::tenant_service_server::TenantServiceServer;
use allmende_runtime::authorize::{LocalTokens, Routes};
use allmende_runtime::forward::Led;
use allmende_runtime::secrets::SecretError;
use allmende_runtime::serve::MAX_MESSAGE_BYTES;
use tokio::sync::watch;

use crate::app::App;
use crate::config::Config;
use crate::grpc::Grpc;
use crate::mail::{AddressError, Transport, TransportError, Writer, send_mails};
use crate::process;
use crate::providers::{Providers, ProvidersError};
use crate::secrets::Passwords;
use crate::tokens::{Issuer, KeysError, Outside, OutsideError, SigningKeys, Standings, Tokens};
use crate::views::GatewayView;

/// A service has one partition.
const PARTITION: &str = "gateway-0";
/// A token that is good for longer could outlive the memory of what ended its session.
const LONGEST_ACCESS_S: u32 = 3_600;

/// Why the service does not start.
#[derive(Debug, thiserror::Error)]
pub enum StartError {
    /// The operator token cannot be read.
    #[error("the operator token cannot be read")]
    Token(#[from] SecretError),
    /// The signing keys cannot be used.
    #[error("the signing keys cannot be used")]
    Keys(#[from] KeysError),
    /// An issuer outside cannot be believed.
    #[error("an issuer outside cannot be believed")]
    Outside(#[from] OutsideError),
    /// An identity provider cannot be used.
    #[error("an identity provider cannot be used")]
    Provider(#[from] ProvidersError),
    /// Mail cannot be from whom it is to be from.
    #[error("mail cannot be written")]
    Address(#[from] AddressError),
    /// Mail cannot go out.
    #[error("mail cannot go out")]
    Transport(#[from] TransportError),
    /// The partition does not open.
    #[error(transparent)]
    Partition(#[from] allmende_hosting::StartError),
}

/// Logs of other services that gateway follows.
#[derive(Default)]
pub struct Sources {
    /// Participation's: people are told by mail what became of what they wrote, and what ends soon.
    pub participation: Option<Arc<dyn EventLog>>,
}

/// The running service.
pub struct Gateway {
    app: Arc<App>,
    tokens: Arc<Tokens>,
    keys: Arc<SigningKeys>,
    host: Host,
}

impl Gateway {
    /// Opens log, views and keys, and begins to fold and to act. Serves from then on; [`ready`](Self::ready) tells when
    /// reads show all that was stored before, and until then nobody but the operator is let in.
    pub async fn start(config: Config, ports: Ports, keyring: Arc<dyn Keyring>) -> Result<Self, StartError> {
        let local = LocalTokens::open(ports.secrets.as_ref())?;
        let keys = Arc::new(SigningKeys::open(Arc::clone(&ports.secrets), ports.clock.as_ref())?);
        let outside: Vec<_> =
            config.issuers.iter().map(|issuer| Outside::open(issuer).map(Arc::new)).collect::<Result<_, _>>()?;
        let providers = Providers::open(&config.providers, &config.mail.public_url)?;
        let (writer, transport) = (Writer::new(&config.mail)?, Transport::open(&config.mail)?);
        let caches = Caches { index_mib: config.index_cache_mib, view_mib: config.view_cache_mib };
        let mut partition = Partition::open(&ports, PARTITION, caches).await?;
        let queries = partition.run(GatewayView)?;
        let commands = partition.commands();
        let mut host = partition.watched();

        let lifetime = Duration::from_secs(config.access_token_s.min(LONGEST_ACCESS_S).into());
        let issuer = Arc::new(Issuer::new(config.issuer, lifetime, Arc::clone(&keys), Arc::clone(&ports.clock)));
        let standings = Arc::new(Standings::new(queries.view().clone(), host.ready()));
        let tokens = Tokens::new(
            local,
            Arc::clone(&issuer),
            outside.clone(),
            Arc::clone(&ports.installation),
            Arc::clone(&ports.clock),
            standings,
        );
        let app = Arc::new(App {
            commands,
            queries,
            keyring,
            installation: ports.installation,
            clock: Arc::clone(&ports.clock),
            passwords: Passwords::new(),
            issuer,
            providers,
            session: Duration::from_secs(i64::from(config.session_h) * 3_600),
        });
        for issuer in outside.iter().filter(|outside| outside.is_remote()) {
            let (issuer, clock) = (Arc::clone(issuer), Arc::clone(&ports.clock));
            host.work("keys of an issuer", move || process::fetch_keys(Arc::clone(&issuer), Arc::clone(&clock)));
        }
        let (known, clock) = (Arc::clone(&keys), Arc::clone(&ports.clock));
        host.work("known keys", move || process::read_keys(Arc::clone(&known), outside.clone(), Arc::clone(&clock)));
        let (signing, clock) = (Arc::clone(&keys), ports.clock);
        host.work_leading("signing keys", move || process::rotate_keys(Arc::clone(&signing), Arc::clone(&clock)));
        let (partition, metrics, erasing) = (host.log().partition().clone(), ports.metrics, Arc::clone(&app));
        host.work_leading("erasures", move || {
            process::execute_erasures(Arc::clone(&erasing), partition.clone(), metrics.clone())
        });
        let abandoned = Arc::clone(&app);
        host.work_leading("abandoned accounts", move || process::forget_abandoned(Arc::clone(&abandoned)));
        match transport.map(Arc::new) {
            Some(transport) => {
                let (sending, writer) = (Arc::clone(&app), Arc::new(writer));
                host.work_leading("outbox", move || {
                    send_mails(Arc::clone(&sending), Arc::clone(&writer), Arc::clone(&transport))
                });
            }
            None => tracing::warn!("no mail server is configured: mail stays queued"),
        }
        Ok(Self { app, tokens: Arc::new(tokens), keys, host })
    }

    /// Tells whose token it is: for every server of the installation.
    pub fn authenticator(&self) -> Arc<Tokens> {
        Arc::clone(&self.tokens)
    }

    /// Accounts, sign-in and grants.
    pub fn identity(&self) -> IdentityServiceServer<Grpc> {
        IdentityServiceServer::new(self.grpc())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    /// Tenants and feedback.
    pub fn tenants(&self) -> TenantServiceServer<Grpc> {
        TenantServiceServer::new(self.grpc())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    /// Requests to be forgotten.
    pub fn erasure(&self) -> ErasureServiceServer<Grpc> {
        ErasureServiceServer::new(self.grpc())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    /// The outbox.
    pub fn mail(&self) -> MailServiceServer<Grpc> {
        MailServiceServer::new(self.grpc())
            .max_decoding_message_size(MAX_MESSAGE_BYTES)
            .max_encoding_message_size(MAX_MESSAGE_BYTES)
    }

    fn grpc(&self) -> Grpc {
        Grpc::new(Arc::clone(&self.app))
    }

    /// Gateway's own routes, for [`http::router`](crate::http::router).
    pub fn routes(&self) -> Routes {
        crate::http::routes(Arc::clone(&self.keys))
    }

    /// The public halves of the keys that sign access tokens (RFC 7517), as JSON.
    pub fn jwks(&self) -> Result<String, serde_json::Error> {
        serde_json::to_string(&self.keys.public())
    }

    /// Begins to follow other services. They may follow this one, so it comes after both have started; once.
    pub fn follow(&mut self, sources: Sources) {
        if let Some(participation) = sources.participation {
            let (app, source) = (Arc::clone(&self.app), Arc::clone(&participation));
            self.host.work_leading("reminders", move || process::remind(Arc::clone(&app), Arc::clone(&source)));
            let app = Arc::clone(&self.app);
            self.host.work_leading("notices", move || process::notify(Arc::clone(&app), Arc::clone(&participation)));
        }
    }

    /// The partition, for those who send its commands on to another member. `None` if there are no others.
    pub fn led(&self) -> Option<Arc<dyn Led>> {
        self.host.led()
    }

    /// The log, for services that follow it.
    pub fn log(&self) -> Arc<dyn EventLog> {
        self.host.log()
    }

    /// Whether reads show everything that was stored before the start.
    pub fn ready(&self) -> watch::Receiver<bool> {
        self.host.ready()
    }

    /// Writes what waits and stops. To be called when no rpc runs any more; later ones are answered UNAVAILABLE.
    pub async fn close(self) -> Result<(), CloseError> {
        self.host.close().await
    }
}
