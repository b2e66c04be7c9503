//! Configuration from defaults, one TOML file, the environment and flags, each going before the one it follows.

mod secret;

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Serialize;
use serde::de::DeserializeOwned;
use toml::{Table, Value};

pub use secret::Secret;

const PREFIX: &str = "ALLMENDE_";

/// Variables with the prefix that are not settings: they name the file, or are for clients.
const NOT_SETTINGS: [&str; 3] = ["ALLMENDE_CONFIG", "ALLMENDE_TOKEN", "ALLMENDE_URL"];

/// Where settings come from.
///
/// The configuration is any struct whose fields all have defaults and that refuses unknown fields
/// (`#[serde(default, deny_unknown_fields)]`, nested ones too).
#[derive(Debug, Clone, Default)]
pub struct Sources {
    /// The TOML file, if one was named.
    pub file: Option<PathBuf>,
    /// Environment variables, from [`environment`]; those that begin with `ALLMENDE_` are settings.
    /// `ALLMENDE_SERVER__KEEPALIVE_S` is `keepalive_s` in `[server]`. A value is read as TOML where that fits the
    /// field, else as text.
    ///
    /// Kubernetes adds `ALLMENDE_PORT` and the like for a Service named `allmende` unless `enableServiceLinks` is
    /// false; they are refused like every unknown setting.
    pub environment: Vec<(String, String)>,
    /// What was given on the command line, in the configuration's own shape.
    pub flags: Table,
}

/// Why there is no configuration.
#[derive(Debug, thiserror::Error)]
pub enum ConfigError {
    /// The file cannot be read.
    #[error("cannot read {path}")]
    Read {
        /// The file.
        path: PathBuf,
        /// What the system said.
        source: std::io::Error,
    },
    /// The file is no TOML, or has an unknown key or a value that does not fit.
    #[error("{path}, line {line}: {problem}")]
    File {
        /// The file.
        path: PathBuf,
        /// Line, from 1.
        line: usize,
        /// What is wrong, naming the key.
        problem: String,
    },
    /// An environment variable names no setting or does not fit.
    #[error("environment variable {name}: {problem}")]
    Variable {
        /// The variable.
        name: String,
        /// What is wrong, naming the key.
        problem: String,
    },
    /// A flag does not fit.
    #[error("command line: {problem}")]
    Flag {
        /// What is wrong, naming the key.
        problem: String,
    },
}

impl Sources {
    /// Reads and merges all sources. An error names the source that brought it.
    pub fn load<T: DeserializeOwned>(&self) -> Result<T, ConfigError> {
        // Each source is tried on top of the ones before it: the first failure is that source's.
        let mut merged = match &self.file {
            Some(path) => read::<T>(path)?,
            None => Table::new(),
        };
        let mut variables: Vec<_> = self.environment.iter().filter(|(name, _)| is_setting(name)).collect();
        variables.sort();
        for (name, text) in variables {
            merged = with_variable::<T>(&merged, name, text)?;
        }
        merge(&mut merged, &self.flags);
        fit(&merged).map_err(|problem| ConfigError::Flag { problem })
    }
}

/// This process's variables that begin with `ALLMENDE_`.
pub fn environment() -> Vec<(String, String)> {
    // Not `vars`, which panics at any variable that is not Unicode; one of ours will not fit its field.
    let text = |text: OsString| text.to_string_lossy().into_owned();
    std::env::vars_os().map(|(name, value)| (text(name), text(value))).filter(|(name, _)| is_setting(name)).collect()
}

/// The effective configuration as TOML; secrets read `***`.
pub fn print<T: Serialize>(config: &T) -> Result<String, toml::ser::Error> {
    toml::to_string_pretty(config)
}

fn is_setting(name: &str) -> bool {
    name.starts_with(PREFIX) && !NOT_SETTINGS.contains(&name)
}

fn read<T: DeserializeOwned>(path: &Path) -> Result<Table, ConfigError> {
    let text = std::fs::read_to_string(path).map_err(|source| ConfigError::Read { path: path.to_owned(), source })?;
    // Not the error's own display: it quotes the line, which may hold a secret.
    let refused = |error: toml::de::Error| {
        let before = text.get(..error.span().map_or(0, |span| span.start)).unwrap_or_default();
        let line = before.matches('\n').count() + 1;
        ConfigError::File { path: path.to_owned(), line, problem: error.message().to_owned() }
    };
    toml::from_str::<T>(&text).map_err(refused)?;
    toml::from_str(&text).map_err(refused)
}

fn with_variable<T: DeserializeOwned>(base: &Table, name: &str, text: &str) -> Result<Table, ConfigError> {
    let path: Vec<_> = name[PREFIX.len()..].to_ascii_lowercase().split("__").map(str::to_owned).collect();
    let with = |value: Value| {
        let nested = path.iter().rev().fold(value, |value, key| Value::Table(Table::from_iter([(key.clone(), value)])));
        let mut table = base.clone();
        if let Value::Table(nested) = nested {
            merge(&mut table, &nested);
        }
        fit::<T>(&table).map(|_| table)
    };
    // "8" may be a number or a text: only the field can tell.
    let typed = text.parse::<Value>().ok().map(with);
    match typed {
        Some(Ok(table)) => Ok(table),
        Some(Err(problem)) => with(Value::String(text.to_owned())).map_err(|_| problem),
        None => with(Value::String(text.to_owned())),
    }
    .map_err(|problem| ConfigError::Variable { name: name.to_owned(), problem })
}

fn fit<T: DeserializeOwned>(table: &Table) -> Result<T, String> {
    T::deserialize(table.clone()).map_err(|error| error.to_string().trim().replace('\n', " "))
}

fn merge(base: &mut Table, over: &Table) {
    for (key, value) in over {
        match (base.get_mut(key), value) {
            (Some(Value::Table(base)), Value::Table(over)) => merge(base, over),
            _ => {
                base.insert(key.clone(), value.clone());
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[derive(Debug, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Config {
        name: String,
        password: Secret,
        server: Server,
    }

    #[derive(Debug, Default, PartialEq, Serialize, Deserialize)]
    #[serde(default, deny_unknown_fields)]
    struct Server {
        port: u16,
        tags: Vec<String>,
    }

    impl Default for Config {
        fn default() -> Self {
            Self { name: "town".into(), password: Secret::default(), server: Server { port: 7400, tags: vec![] } }
        }
    }

    fn file(text: &str) -> (tempfile::NamedTempFile, Sources) {
        let file = tempfile::NamedTempFile::new().unwrap();
        std::fs::write(file.path(), text).unwrap();
        let path = Some(file.path().to_owned());
        (file, Sources { file: path, ..Sources::default() })
    }

    fn variables(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
        pairs.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect()
    }

    #[test]
    fn each_source_goes_before_the_one_it_follows() {
        let (_file, mut sources) = file("name = 'file'\n[server]\nport = 1\ntags = ['a']\n");
        sources.environment = variables(&[("ALLMENDE_SERVER__PORT", "2"), ("ALLMENDE_NAME", "env"), ("HOME", "/x")]);
        sources.flags = toml::from_str("[server]\nport = 3").unwrap();
        let config: Config = sources.load().unwrap();
        assert_eq!((config.name.as_str(), config.server.port), ("env", 3));
        assert_eq!(config.server.tags, ["a"]);
        assert_eq!(Sources::default().load::<Config>().unwrap(), Config::default());
    }

    #[test]
    fn an_unknown_key_is_named_with_its_file_and_line() {
        let (file, sources) = file("name = 'x'\n[server]\nprot = 1\n");
        let error = sources.load::<Config>().unwrap_err();
        let ConfigError::File { path, line, problem } = &error else { panic!("{error:?}") };
        assert_eq!((path.as_path(), *line), (file.path(), 3));
        assert!(problem.contains("prot"), "{problem}");
    }

    #[test]
    fn an_unknown_variable_is_named() {
        let environment = variables(&[("ALLMENDE_CONFIG", "x.toml"), ("ALLMENDE_SERVER__PROT", "1")]);
        let error = Sources { environment, ..Sources::default() }.load::<Config>().unwrap_err().to_string();
        assert!(error.contains("ALLMENDE_SERVER__PROT") && error.contains("prot"), "{error}");
    }

    #[test]
    fn an_unknown_flag_is_named() {
        let flags = toml::from_str("server.prot = 1").unwrap();
        let error = Sources { flags, ..Sources::default() }.load::<Config>().unwrap_err().to_string();
        assert!(error.contains("command line") && error.contains("prot"), "{error}");
    }

    #[test]
    fn a_variable_is_read_as_its_field_wants_it() {
        let environment = variables(&[("ALLMENDE_NAME", "8"), ("ALLMENDE_SERVER__TAGS", "['a', 'b']")]);
        let config: Config = Sources { environment, ..Sources::default() }.load().unwrap();
        assert_eq!((config.name.as_str(), config.server.tags.len()), ("8", 2));
        let environment = variables(&[("ALLMENDE_SERVER__PORT", "many")]);
        assert!(Sources { environment, ..Sources::default() }.load::<Config>().is_err());
    }

    #[test]
    fn a_secret_is_read_but_never_shown() {
        let environment = variables(&[("ALLMENDE_PASSWORD", "12345")]);
        let config: Config = Sources { environment, ..Sources::default() }.load().unwrap();
        assert_eq!(config.password.expose(), "12345");
        let shown = format!("{}{config:?}", print(&config).unwrap());
        assert!(shown.contains("***") && !shown.contains("12345"), "{shown}");

        let (_file, sources) = file("password = 12345");
        let error = sources.load::<Config>().unwrap_err();
        assert!(!format!("{error}{error:?}").contains("12345"), "{error}");
    }

    #[test]
    fn what_is_printed_can_be_loaded() {
        let (_file, sources) = file(&print(&Config::default()).unwrap());
        assert_eq!(sources.load::<Config>().unwrap().server, Config::default().server);
    }
}
