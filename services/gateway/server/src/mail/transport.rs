use std::io;
use std::path::PathBuf;
use std::time::Duration;

use allmende_gateway_domain::MailId;
use lettre::message::Message;
use lettre::transport::smtp;
use lettre::transport::smtp::authentication::Credentials;
use lettre::{AsyncSmtpTransport, AsyncTransport as _, Tokio1Executor};

use super::config::{Config, Tls};

/// Why mail cannot go out.
#[derive(Debug, thiserror::Error)]
pub enum TransportError {
    /// The mail server's name or its protection cannot be used.
    #[error("the mail server cannot be used")]
    Smtp(#[source] smtp::Error),
    /// The folder cannot be made.
    #[error("cannot make {path}")]
    Folder {
        /// The folder.
        path: PathBuf,
        /// What the system said.
        source: io::Error,
    },
}

/// A mail was not taken.
#[derive(Debug)]
pub(super) struct NotTaken {
    /// SMTP's reply code; 0 if there was no reply.
    pub(super) reply_code: u32,
    /// Whether another attempt is useless.
    pub(super) permanent: bool,
}

/// The way that mails go.
pub(crate) enum Transport {
    /// To a mail server.
    Smtp(Box<AsyncSmtpTransport<Tokio1Executor>>),
    /// Into files.
    Folder(PathBuf),
}

impl Transport {
    /// What is configured, if anything is.
    pub(crate) fn open(config: &Config) -> Result<Option<Self>, TransportError> {
        if let Some(path) = &config.folder {
            let failed = |source| TransportError::Folder { path: path.clone(), source };
            std::fs::create_dir_all(path).map_err(failed)?;
            return Ok(Some(Self::Folder(path.clone())));
        }
        if config.smtp_host.is_empty() {
            return Ok(None);
        }
        type Smtp = AsyncSmtpTransport<Tokio1Executor>;
        let mut builder = match config.smtp_tls {
            Tls::Starttls => Smtp::starttls_relay(&config.smtp_host).map_err(TransportError::Smtp)?,
            Tls::Tls => Smtp::relay(&config.smtp_host).map_err(TransportError::Smtp)?,
            Tls::None => Smtp::builder_dangerous(&config.smtp_host),
        };
        builder = builder.port(config.smtp_port).timeout(Some(Duration::from_secs(config.smtp_timeout_s)));
        if !config.smtp_user.is_empty() {
            let password = config.smtp_password.expose().to_owned();
            builder = builder.credentials(Credentials::new(config.smtp_user.clone(), password));
        }
        Ok(Some(Self::Smtp(Box::new(builder.build()))))
    }

    /// Hands a mail over.
    pub(super) async fn send(&self, id: MailId, message: Message) -> Result<(), NotTaken> {
        match self {
            Self::Smtp(server) => server.send(message).await.map(drop).map_err(|error| {
                let reply_code = error.status().map_or(0, |code| u32::from(u16::from(code)));
                // The error's text may repeat the address.
                tracing::warn!(mail = %id, reply_code, "the mail server did not take a mail");
                NotTaken { reply_code, permanent: error.is_permanent() }
            }),
            Self::Folder(folder) => {
                let (unfinished, file) = (folder.join(format!("{id}.new")), folder.join(format!("{id}.eml")));
                let written = async {
                    tokio::fs::write(&unfinished, message.formatted()).await?;
                    tokio::fs::rename(&unfinished, &file).await
                };
                written.await.map_err(|error| {
                    tracing::warn!(mail = %id, kind = %error.kind(), "a mail could not be written");
                    NotTaken { reply_code: 0, permanent: false }
                })
            }
        }
    }
}
