//! Connections: one that comes back, for reading and for buckets; and ones that do not, for publishing.

use std::io;
use std::sync::Arc;
use std::time::Duration;

use async_nats::jetstream::{self, context::ContextBuilder};
use async_nats::{Client, ConnectErrorKind, ConnectOptions, Event, RequestErrorKind, ServerError, connection::State};
use rand::seq::SliceRandom as _;
use tokio::sync::Notify;

use crate::backoff;
use crate::settings::{Credentials, Settings};

/// After three of these without a word the server counts as gone.
const PING: Duration = Duration::from_secs(2);
/// What waits to be sent, in commands; who asks for more waits.
const QUEUE: usize = 256;
/// What one subscription holds that was not taken yet, in messages. Followers ask for less.
const SUBSCRIPTION: usize = 4096;
/// Nobody listens there: connecting fails at once.
const NOWHERE: &str = "nats://127.0.0.1:0";

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// An address, a credential or a certificate cannot be used. Trying again does not help.
    #[error("the settings for NATS cannot be used: {0}")]
    Settings(String),
    /// A file could not be read.
    #[error("reading {what} for NATS: {source}")]
    File {
        /// Which one.
        what: &'static str,
        /// The system's word.
        source: io::Error,
    },
    /// The servers refused who we are.
    #[error("NATS refuses the credentials")]
    Refused,
    /// No server answered.
    #[error("no NATS server can be reached: {0}")]
    Unreachable(String),
}

/// A connection to the cluster that comes back by itself when it is lost: with jitter, to any of the servers.
///
/// Requests wait for their answer as long as the settings say. What was asked for while there was no connection may be
/// sent later than that, when nobody waits for it any more; so nothing is published to a log over it, see
/// [`fresh`](Self::fresh).
#[derive(Clone)]
pub struct Connection {
    settings: Arc<Settings>,
    client: Client,
    jetstream: jetstream::Context,
}

impl Connection {
    /// Connects to one of the servers. Tries each of them once.
    pub async fn open(settings: Settings) -> Result<Self, ConnectError> {
        let options = options(&settings).await?.reconnect_delay_callback(backoff::before);
        let client = options.connect(settings.servers.as_slice()).await.map_err(ConnectError::from)?;
        let jetstream = context(client.clone(), settings.timeout);
        Ok(Self { settings: Arc::new(settings), client, jetstream })
    }

    /// How it was made.
    pub fn settings(&self) -> &Settings {
        &self.settings
    }

    /// Whether a server is at the other end, as far as is known: a server that was paused or cut off is missed after six
    /// seconds.
    pub fn is_connected(&self) -> bool {
        self.client.connection_state() == State::Connected
    }

    /// The largest message that the server takes, headers and all.
    pub fn max_payload(&self) -> usize {
        self.client.max_payload()
    }

    /// Version of the server at the other end.
    pub fn server_version(&self) -> String {
        self.client.server_info().version
    }

    /// A connection of its own that has sent nothing yet and is never made again: when it is lost it stays lost, and what
    /// was not sent by then never is.
    ///
    /// A client that comes back sends what had been queued while it was away. For whoever leads a partition that would
    /// be a message of an earlier term, so each term has one of these.
    pub(crate) async fn fresh(&self) -> Result<Client, ConnectError> {
        let mut servers = self.settings.servers.clone();
        servers.shuffle(&mut rand::rng());
        let mut last = ConnectError::Settings("no servers".to_owned());
        for server in servers {
            // One attempt and no more is what 1 says here: attempts count from the last one that succeeded.
            let options = options(&self.settings).await?.max_reconnects(1).reconnect_delay_callback(|_| Duration::ZERO);
            let client = match options.connect(&server).await {
                Ok(client) => client,
                Err(error) => {
                    last = error.into();
                    continue;
                }
            };
            // From here on the one attempt to come back is spent on a place where nobody listens.
            match tokio::time::timeout(self.settings.timeout, client.set_server_pool(NOWHERE)).await {
                Ok(Ok(())) => return Ok(client),
                Ok(Err(error)) => last = ConnectError::Unreachable(error.to_string()),
                Err(elapsed) => last = ConnectError::Unreachable(elapsed.to_string()),
            }
        }
        Err(last)
    }

    pub(crate) fn client(&self) -> &Client {
        &self.client
    }

    pub(crate) fn jetstream(&self) -> &jetstream::Context {
        &self.jetstream
    }
}

/// Whether `settings` allow to publish on a subject that nothing listens on: the server says that there is nobody, or that it
/// is not allowed.
pub(crate) async fn may_publish(settings: &Settings, subject: &str) -> Result<bool, ConnectError> {
    let refused = Arc::new(Notify::new());
    let tells = Arc::clone(&refused);
    let options = options(settings).await?.event_callback(move |event| {
        if matches!(&event, Event::ServerError(ServerError::Other(text)) if is_violation(text)) {
            tells.notify_one();
        }
        async {}
    });
    let client = options.connect(settings.servers.as_slice()).await.map_err(ConnectError::from)?;
    let asking = client.request(subject.to_owned(), "".into());
    tokio::select! {
        biased;
        () = refused.notified() => Ok(false),
        answer = asking => match answer {
            Ok(_) => Ok(true),
            Err(error) if error.kind() == RequestErrorKind::NoResponders => Ok(true),
            Err(error) => Err(ConnectError::Unreachable(error.to_string())),
        },
    }
}

/// The server's words for what is not allowed.
fn is_violation(text: &str) -> bool {
    text.to_ascii_lowercase().contains("permissions violation for publish")
}

pub(crate) fn context(client: Client, timeout: Duration) -> jetstream::Context {
    ContextBuilder::new().timeout(timeout).ack_timeout(timeout).build(client)
}

/// What all connections have in common.
async fn options(settings: &Settings) -> Result<ConnectOptions, ConnectError> {
    let mut options = ConnectOptions::new()
        .name(&settings.name)
        .connection_timeout(settings.timeout)
        .request_timeout(Some(settings.timeout))
        .ping_interval(PING)
        .client_capacity(QUEUE)
        .subscription_capacity(SUBSCRIPTION)
        .ignore_discovered_servers()
        .event_callback(|event| async move { tell(&event) });
    options = match &settings.credentials {
        Credentials::None => options,
        Credentials::Password { user, password } => options.user_and_password(user.clone(), password.clone()),
        Credentials::Token(token) => options.token(token.clone()),
        Credentials::Nkey(seed) => options.nkey(seed.clone()),
        Credentials::File(path) => {
            let what = "the credentials";
            options.credentials_file(path).await.map_err(|source| ConnectError::File { what, source })?
        }
    };
    if let Some(authorities) = &settings.tls.authorities {
        options = options.add_root_certificates(authorities.clone()).require_tls(true);
    }
    if let Some(identity) = &settings.tls.identity {
        options = options.add_client_certificate(identity.certificate.clone(), identity.key.clone()).require_tls(true);
    }
    Ok(options)
}

fn tell(event: &Event) {
    match event {
        Event::Connected | Event::Closed | Event::Draining => tracing::debug!(%event, "nats"),
        Event::Disconnected | Event::LameDuckMode => tracing::info!(%event, "nats"),
        Event::SlowConsumer(_) | Event::ServerError(_) | Event::ClientError(_) => tracing::warn!(%event, "nats"),
    }
}

impl From<async_nats::ConnectError> for ConnectError {
    fn from(error: async_nats::ConnectError) -> Self {
        match error.kind() {
            ConnectErrorKind::ServerParse | ConnectErrorKind::Tls => Self::Settings(error.to_string()),
            ConnectErrorKind::Authentication | ConnectErrorKind::AuthorizationViolation => Self::Refused,
            ConnectErrorKind::Dns
            | ConnectErrorKind::TimedOut
            | ConnectErrorKind::Io
            | ConnectErrorKind::MaxReconnects => Self::Unreachable(error.to_string()),
        }
    }
}
