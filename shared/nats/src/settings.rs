//! How to reach a cluster.

use std::path::{Path, PathBuf};
use std::time::Duration;
use std::{fmt, fs, io};

/// Where the servers are and who we are to them.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Their addresses, `nats://host:port` or `tls://host:port`. Only these are used, in no order, whatever else a server
    /// tells about its cluster: certificates and network policies know these.
    pub servers: Vec<String>,
    /// What we show them.
    pub credentials: Credentials,
    /// Certificates. Without them `tls://` trusts the system's authorities.
    pub tls: Tls,
    /// What servers show as the connection's name: the member's, with its service.
    pub name: String,
    /// How long a request waits for its answer, and a connection for its handshake.
    pub timeout: Duration,
}

/// How a connection is recognised.
#[derive(Clone, Default)]
pub enum Credentials {
    /// Not at all, or by its certificate.
    #[default]
    None,
    /// By a password.
    Password {
        /// Whose.
        user: String,
        /// The password.
        password: String,
    },
    /// By a token that everybody has.
    Token(String),
    /// By an nkey: its seed, `SU…`.
    Nkey(String),
    /// By a file with a JWT and its nkey's seed, as `nsc` writes it.
    File(PathBuf),
}

/// Certificates as PEM files.
#[derive(Debug, Clone, Default)]
pub struct Tls {
    /// Authorities that are trusted, instead of the system's.
    pub authorities: Option<PathBuf>,
    /// Our own certificate with its key, where the servers ask for one.
    pub identity: Option<Identity>,
}

/// A certificate and its key.
#[derive(Debug, Clone)]
pub struct Identity {
    /// The certificate, and those between it and the authority.
    pub certificate: PathBuf,
    /// Its private key.
    pub key: PathBuf,
}

impl Settings {
    /// Servers without credentials or certificates, under this name.
    pub fn new(servers: Vec<String>, name: &str) -> Self {
        Self {
            servers,
            credentials: Credentials::None,
            tls: Tls::default(),
            name: name.to_owned(),
            timeout: Duration::from_secs(5),
        }
    }
}

/// What a file with a JWT has in it, as `nsc` writes it.
const JWT: &str = "BEGIN NATS USER JWT";
/// What the seed of a user's nkey begins with.
const SEED: &str = "SU";

impl Credentials {
    /// What a file holds: a JWT and its nkey's seed, as `nsc` writes them; or alone in it an nkey's seed (`SU…`),
    /// `user:password`, or a token.
    pub fn read(path: &Path) -> io::Result<Self> {
        let text = fs::read_to_string(path)?;
        if text.contains(JWT) {
            return Ok(Self::File(path.to_owned()));
        }
        let text = text.trim();
        if text.is_empty() || text.lines().count() > 1 {
            return Err(io::Error::new(io::ErrorKind::InvalidData, "it holds no credentials"));
        }
        Ok(match text.split_once(':') {
            Some((user, password)) => Self::Password { user: user.to_owned(), password: password.to_owned() },
            None if text.starts_with(SEED) && text.len() == 58 => Self::Nkey(text.to_owned()),
            None => Self::Token(text.to_owned()),
        })
    }
}

/// Without secrets.
impl fmt::Debug for Credentials {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::None => f.write_str("None"),
            Self::Password { user, .. } => f.debug_struct("Password").field("user", user).finish_non_exhaustive(),
            Self::Token(_) => f.write_str("Token(..)"),
            Self::Nkey(_) => f.write_str("Nkey(..)"),
            Self::File(path) => f.debug_tuple("File").field(path).finish(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_not_shown() {
        let secrets = [
            Credentials::Password { user: "allmende".into(), password: "hedge-sparrow".into() },
            Credentials::Token("hedge-sparrow".into()),
            Credentials::Nkey("SUhedge-sparrow".into()),
        ];
        for credentials in secrets {
            let settings = Settings { credentials, ..Settings::new(vec![], "test") };
            assert!(!format!("{settings:?}").contains("sparrow"), "{settings:?}");
        }
    }

    #[test]
    fn a_file_holds_one_kind_of_credentials() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("creds");
        let read = |text: &str| {
            fs::write(&path, text).unwrap();
            Credentials::read(&path)
        };
        let jwt = "-----BEGIN NATS USER JWT-----\neyJ0\n------END NATS USER JWT------\n";
        assert!(matches!(read(jwt).unwrap(), Credentials::File(of) if of == path));
        assert!(matches!(
            read("allmende:hedge:row\n").unwrap(),
            Credentials::Password { user, password } if user == "allmende" && password == "hedge:row"
        ));
        let seed = format!("SU{}", "A".repeat(56));
        assert!(matches!(read(&format!("{seed}\n")).unwrap(), Credentials::Nkey(read) if read == seed));
        assert!(matches!(read("SUMMER").unwrap(), Credentials::Token(token) if token == "SUMMER"));
        for none in ["", " \n", "two\nlines"] {
            assert_eq!(read(none).unwrap_err().kind(), io::ErrorKind::InvalidData, "{none:?}");
        }
        assert!(Credentials::read(&folder.path().join("none")).is_err());
    }
}
