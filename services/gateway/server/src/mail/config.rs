use std::path::PathBuf;

use allmende_runtime::config::Secret;
use serde::{Deserialize, Serialize};

/// How mail goes out. Without a host and without a folder it stays queued, and the outbox shows it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Who mail is from. The part behind the `@` also ends each Message-ID.
    pub from: String,
    /// Where people reach the platform, without a slash at the end: what links in mails begin with.
    pub public_url: String,
    /// The mail server; empty: there is none.
    pub smtp_host: String,
    /// Its port.
    pub smtp_port: u16,
    /// How the connection is protected.
    pub smtp_tls: Tls,
    /// User name there; empty: no sign-in.
    pub smtp_user: String,
    /// Its password.
    pub smtp_password: Secret,
    /// How long the server may take to answer, in seconds.
    pub smtp_timeout_s: u64,
    /// Folder that mails are written to as files instead, for trying out and for tests.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub folder: Option<PathBuf>,
}

/// How a connection to the mail server is protected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Tls {
    /// Turned to TLS by STARTTLS, or not used: port 587.
    #[default]
    Starttls,
    /// TLS from the first byte: port 465.
    Tls,
    /// Not at all: for a server on the same machine.
    None,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            from: "Allmende <allmende@localhost>".to_owned(),
            public_url: "http://127.0.0.1:7480".to_owned(),
            smtp_host: String::new(),
            smtp_port: 587,
            smtp_tls: Tls::default(),
            smtp_user: String::new(),
            smtp_password: Secret::default(),
            smtp_timeout_s: 20,
            folder: None,
        }
    }
}
