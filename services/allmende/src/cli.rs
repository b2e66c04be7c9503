//! The command line.

use std::path::PathBuf;

use allmende_proto::telemetry::v1 as pb;
use clap::{Args, Parser, Subcommand, ValueEnum};

use crate::doctor::DoctorOptions;
use crate::keyring_commands::KeyringCommand;
use crate::nats_options::NatsOptions;
use crate::outbox::OutboxCommand;
use crate::tenants::TenantCommand;

/// Allmende, the open-government platform of a municipality.
#[derive(Debug, Parser)]
#[command(version, about, max_term_width = 110)]
pub struct Arguments {
    /// What to do.
    #[command(subcommand)]
    pub command: Command,
}

/// The commands.
#[derive(Debug, Subcommand)]
pub enum Command {
    /// Run the platform in this process.
    Up(UpOptions),
    /// Add tenants to a running platform.
    #[command(subcommand)]
    Tenant(TenantCommand),
    /// Bring data in from elsewhere.
    #[command(subcommand)]
    Import(ImportCommand),
    /// Ask a running platform, and print its answers as tables.
    #[command(subcommand)]
    Show(ShowCommand),
    /// Copy everything that a platform keeps to a folder, also while it runs; again, what is new.
    Backup(BackupOptions),
    /// Make a data folder of a backup, and check all of it.
    Restore(RestoreOptions),
    /// Check, count, copy and move the log.
    #[command(subcommand)]
    Log(LogCommand),
    /// Check, renew and copy the keys that seal what people wrote.
    #[command(subcommand)]
    Keyring(KeyringCommand),
    /// Look at mails of a running platform, and have them tried again or dropped.
    #[command(subcommand)]
    Outbox(OutboxCommand),
    /// Look whether a NATS cluster keeps what it acknowledges.
    Doctor(DoctorOptions),
    /// Measure this machine with this software.
    #[command(subcommand)]
    Bench(BenchCommand),
}

/// Options of `up`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  allmende up --data data --demo\n\n\
    Prints one line that begins with `ready` when it serves. SIGTERM ends it in order.\n\
    Every setting may also come from a TOML file or the environment; see --print-config.")]
pub struct UpOptions {
    /// Folder for everything that is kept [default: data].
    #[arg(long)]
    pub data: Option<PathBuf>,
    /// Make nine tenants with generated stations, procedures, datasets and reports, marked as such.
    #[arg(long)]
    pub demo: bool,
    /// Address of a NATS server: this process is a member of the cluster that meets there. May be given several times.
    #[arg(long)]
    pub nats: Vec<String>,
    /// This process's name among the members, which it keeps across restarts [default: the name of its host].
    #[arg(long, requires = "nats")]
    pub member: Option<String>,
    /// Address of the gRPC port; port 0 picks a free one [default: 127.0.0.1:7400].
    #[arg(long)]
    pub grpc: Option<String>,
    /// Address of the HTTP port [default: 127.0.0.1:7480].
    #[arg(long)]
    pub http: Option<String>,
    /// Address of the port for health and metrics [default: 127.0.0.1:7490].
    #[arg(long)]
    pub admin: Option<String>,
    /// TOML file with settings.
    #[arg(long, env = "ALLMENDE_CONFIG")]
    pub config: Option<PathBuf>,
    /// Print the settings that would be used, without secrets, and end.
    #[arg(long)]
    pub print_config: bool,
}

/// Where a running platform is, and who asks.
#[derive(Debug, Clone, Args)]
pub struct Connection {
    /// Address of the platform's gRPC port.
    #[arg(long, env = "ALLMENDE_URL", default_value = "http://127.0.0.1:7400")]
    pub url: String,
    /// Access token; where it is missing, it is read from the token file.
    #[arg(long, env = "ALLMENDE_TOKEN", hide_env_values = true)]
    pub token: Option<String>,
    /// File with the access token.
    #[arg(long, default_value = "data/operator.token")]
    pub token_file: PathBuf,
}

/// What can be imported.
#[derive(Debug, Subcommand)]
pub enum ImportCommand {
    /// Archive files of sensor.community (SDS011, PMS, SPS30, BME280, BMP280, DHT22), into a running platform.
    SensorCommunity(SensorCommunityOptions),
}

/// Options of `import sensor-community`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  allmende import sensor-community archive/*.csv --tenant koeln\n\n\
    Sensors of one location become one station. Importing again changes nothing, so an import that was\n\
    cut is simply started again. Neither the exact place nor the archive's own ids are stored.")]
pub struct SensorCommunityOptions {
    /// The archive's CSV files.
    #[arg(required = true)]
    pub files: Vec<PathBuf>,
    /// Whose stations they are.
    #[arg(long)]
    pub tenant: String,
    /// Edge of the grid cell that may be known, in metres: 250, 500, 1000, 2000, 5000 or 10000.
    #[arg(long, default_value_t = 250)]
    pub cell: u32,
    /// Rows sent at a time.
    #[arg(long, default_value_t = 1_000, value_parser = clap::value_parser!(u32).range(1..=3_000))]
    pub batch: u32,
    /// Where to.
    #[command(flatten)]
    pub connection: Connection,
}

/// What can be shown.
#[derive(Debug, Subcommand)]
pub enum ShowCommand {
    /// A tenant's stations with the latest value of each datastream.
    #[command(after_help = "Example:\n  allmende show stations --tenant brandis")]
    Stations {
        /// Whose.
        #[arg(long)]
        tenant: String,
        /// Where from.
        #[command(flatten)]
        connection: Connection,
    },
    /// Means by hour, day or year.
    #[command(
        after_help = "Example:\n  allmende show means --tenant koeln --property pm10 --from 2018-07-20 --to 2018-07-31"
    )]
    Means {
        /// Of what.
        #[command(flatten)]
        series: Series,
        /// First air-quality day (UTC+1).
        #[arg(long)]
        from: String,
        /// Last one.
        #[arg(long)]
        to: String,
        /// Of how long.
        #[arg(long, value_enum, default_value_t = MeanPeriod::Day)]
        period: MeanPeriod,
    },
    /// A year against the limits.
    #[command(after_help = "Example:\n  allmende show limits --tenant koeln --property pm10 --year 2018")]
    Limits {
        /// Of what.
        #[command(flatten)]
        series: Series,
        /// The year.
        #[arg(long)]
        year: u32,
        /// Rule set; without, the one in force at the end of the year.
        #[arg(long)]
        rules: Option<String>,
    },
}

/// Which values.
#[derive(Debug, Clone, Args)]
pub struct Series {
    /// Whose.
    #[arg(long)]
    pub tenant: String,
    /// Station, or the beginning of its id; the tenant's first one without.
    #[arg(long)]
    pub station: Option<String>,
    /// Observed property: pm10, pm25, no2, air_temperature, relative_humidity or air_pressure.
    #[arg(long)]
    pub property: String,
    /// Which values count.
    #[arg(long, value_enum, default_value_t = Selected::All)]
    pub selection: Selected,
    /// Where from.
    #[command(flatten)]
    pub connection: Connection,
}

/// Which values count.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum Selected {
    /// Every stored value.
    All,
    /// Values observed at a relative humidity known to be at or below 70 %.
    Dry,
    /// Values without any flag.
    Unflagged,
}

impl From<Selected> for pb::Selection {
    fn from(selected: Selected) -> Self {
        match selected {
            Selected::All => Self::All,
            Selected::Dry => Self::Dry,
            Selected::Unflagged => Self::Unflagged,
        }
    }
}

/// Length of what is averaged.
#[derive(Debug, Clone, Copy, ValueEnum)]
pub enum MeanPeriod {
    /// An hour.
    Hour,
    /// An air-quality day.
    Day,
    /// A year.
    Year,
}

impl From<MeanPeriod> for pb::Period {
    fn from(period: MeanPeriod) -> Self {
        match period {
            MeanPeriod::Hour => Self::Hour,
            MeanPeriod::Day => Self::Day,
            MeanPeriod::Year => Self::Year,
        }
    }
}

/// Options of `backup`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  allmende backup /backup/allmende --data data \\\n    \
    --master-key /vault/allmende/master --secrets /vault/allmende/secrets\n\n\
    Copied: the logs of all services, the files of datasets, attachments, and the keys that seal what people wrote, each \
    wrapped by the master key. What the platform has removed since goes from the backup too.\n\
    Made anew by the platform, and not copied: views, search and the logs' indexes. Mails that a demo has written are \
    not copied.\n\
    Secrets go to places apart, or nowhere: the master key opens the keys, installation.key is needed to sign in; \
    operator.token and the keys of access tokens (tokens/) would be made anew; demo.password is a demo's.\n\
    After `keyring rotate` make a backup at once, with --master-key, and throw older copies of both away: what was erased \
    can be read where an older copy of the keys and of their master key come together.\n\
    Ends with 2 if the backup is complete but for files that are damaged or away in the data folder; they are named.")]
pub struct BackupOptions {
    /// The backup's folder: empty, or one of earlier backups.
    pub target: PathBuf,
    /// The platform's data folder.
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
    /// File for a copy of the master key, in another place than the backup.
    #[arg(long)]
    pub master_key: Option<PathBuf>,
    /// Folder for copies of installation.key, operator.token, tokens/ and demo.password, in another place likewise.
    #[arg(long)]
    pub secrets: Option<PathBuf>,
}

/// Options of `restore`.
#[derive(Debug, Args)]
#[command(after_help = "Example:\n  allmende restore /backup/allmende --data data \\\n    \
    --master-key /vault/allmende/master --secrets /vault/allmende/secrets\n\n\
    Every log is checked hash by hash, every file against its name, every key opened; the first that is damaged is named, \
    and nothing is restored. The platform must not be running, and the data folder must be empty. Views and search are made \
    when it starts.\n\
    Who was erased after the backup is erased again with a list that is newer (--erased, a copy of erased/keys of the data \
    folder).")]
pub struct RestoreOptions {
    /// The backup's folder.
    pub source: PathBuf,
    /// The data folder to be made.
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
    /// The copy of the master key.
    #[arg(long)]
    pub master_key: PathBuf,
    /// The folder with copies of installation.key and the other secrets.
    #[arg(long)]
    pub secrets: PathBuf,
    /// A list of the erased that is newer than the backup's.
    #[arg(long)]
    pub erased: Option<PathBuf>,
}

/// Which partition of which data folder.
#[derive(Debug, Clone, Args)]
pub struct Place {
    /// The platform's data folder.
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
    /// The partition.
    #[arg(long, default_value = "telemetry-0")]
    pub partition: String,
}

/// What can be done to a log.
#[derive(Debug, Subcommand)]
pub enum LogCommand {
    /// Read everything and recompute every hash. Ends with 1 if anything is wrong.
    #[command(after_help = "Example:\n  allmende log verify --data data")]
    Verify {
        /// Which log.
        #[command(flatten)]
        place: Place,
    },
    /// Count groups, commits, events and bytes.
    #[command(after_help = "Example:\n  allmende log stats --data data --json")]
    Stats {
        /// Which log.
        #[command(flatten)]
        place: Place,
        /// Print JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write the log to a file or to standard output.
    #[command(after_help = "Examples:\n  allmende log export --out telemetry.log\n  \
        allmende log export --format jsonl | head")]
    Export {
        /// Which log.
        #[command(flatten)]
        place: Place,
        /// The file; standard output without.
        #[arg(long)]
        out: Option<PathBuf>,
        /// What to write.
        #[arg(long, value_enum, default_value_t = ExportFormat::Binary)]
        format: ExportFormat,
    },
    /// Make a log of an exported one, checking every hash. The platform must not be running.
    #[command(after_help = "Example:\n  allmende log import telemetry.log --data other")]
    Import {
        /// An export in binary form.
        file: PathBuf,
        /// Which log.
        #[command(flatten)]
        place: Place,
    },
    /// Copy one partition's log to a folder, also while the platform runs; a second backup there copies what is new.
    #[command(after_help = "Example:\n  allmende log backup /backup/telemetry --data data --partition telemetry-0\n\n\
        One log of several, without files and keys: `allmende backup` copies everything that a platform keeps.")]
    Backup {
        /// The backup's folder.
        target: PathBuf,
        /// Which log.
        #[command(flatten)]
        place: Place,
    },
    /// Make one partition's log of a backup and check all of it. The platform must not be running.
    #[command(
        after_help = "Example:\n  allmende log restore /backup/telemetry --data data --partition telemetry-0\n\n\
        For a backup of everything there is `allmende restore`."
    )]
    Restore {
        /// The backup's folder.
        source: PathBuf,
        /// Which log.
        #[command(flatten)]
        place: Place,
    },
    /// Take a data folder into a cluster: logs, at the same positions, keys, secrets and files. The platform must not be running.
    Migrate(MigrateOptions),
}

/// Options of `log migrate`.
#[derive(Debug, Args)]
#[command(
    after_help = "Example:\n  allmende log migrate --data data --nats tls://nats-0:4222 --nats-creds allmende.creds\n\n\
    Every log is checked hash by hash before anything is published, and read back from the cluster afterwards. A stream \
    that holds something else is refused. What was cut off is simply started again; the data folder is only read.\n\
    Keys, the list of the erased, secrets, attachments and files of datasets follow the logs, to where the members keep \
    them; each is read back. A cluster that another installation.key was used with is refused. Do all of it before the first \
    member starts: what members made themselves stays theirs. What is left to be done by hand is told at the end."
)]
pub struct MigrateOptions {
    /// The data folder.
    #[arg(long, default_value = "data")]
    pub data: PathBuf,
    /// Only this partition; may be given several times. All of them, with keys, secrets and files, without.
    #[arg(long)]
    pub partition: Vec<String>,
    /// The installation's key, if it is not in the data folder.
    #[arg(long)]
    pub installation_key_file: Option<PathBuf>,
    /// How many replicas the streams have.
    #[arg(long, default_value_t = 3)]
    pub replicas: usize,
    /// The cluster.
    #[command(flatten)]
    pub nats: NatsOptions,
}

/// Form of an exported log.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum ExportFormat {
    /// The groups as they are stored: what `import` reads.
    Binary,
    /// A line of JSON for each event, its payload in base64.
    Jsonl,
}

/// What can be measured.
#[derive(Debug, Subcommand)]
pub enum BenchCommand {
    /// The log: appends against a plain file, reads, opening.
    #[command(after_help = "Example:\n  allmende bench log --json\n\n\
        The limit is a plain preallocated file with the same bytes and as many syncs, in turns with the log;\n\
        overwriting_per_s is what a file gives whose blocks were written before.")]
    Log(BenchOptions),
    /// The replicated log over NATS: a leader against bare publishing of the same groups, a new replica.
    #[command(after_help = "Example:\n  allmende bench nats --server nats-server --json\n\n\
        In turns: a leader for a while, and then its groups published by somebody who stores nothing, one in flight with as \
        many replicas; read_back_per_s is that with a wait for the publisher's own reader before the next.\n\
        With --nats the streams ALLMENDE_BENCH_… stay in the cluster.")]
    Nats(NatsBenchOptions),
    /// Participation over gRPC, clients on the same machine: supports, and a long thread of comments.
    #[command(after_help = "Example:\n  allmende bench participation --json\n\n\
        With --nats the platform is a member of a cluster, whose streams stay.")]
    Participation(ServiceBenchOptions),
    /// Telemetry over gRPC, client on the same machine.
    #[command(after_help = "Example:\n  allmende bench telemetry --json")]
    Telemetry(BenchOptions),
}

/// Options of `bench nats`.
#[derive(Debug, Clone, Args)]
pub struct NatsBenchOptions {
    /// Print a line of JSON for each case.
    #[arg(long)]
    pub json: bool,
    /// Folder on the disk to be measured.
    #[arg(long, default_value = ".")]
    pub folder: PathBuf,
    /// The program `nats-server`: one and then three are started for the bench.
    #[arg(long, required_unless_present = "nats")]
    pub server: Option<PathBuf>,
    /// Address of a running server, without credentials; may be given several times.
    #[arg(long, conflicts_with = "server")]
    pub nats: Vec<String>,
    /// How many replicas streams have on running servers.
    #[arg(long, default_value_t = 3)]
    pub replicas: usize,
    /// How long a leader leads, in seconds, in each of five turns.
    #[arg(long, default_value_t = 3)]
    pub seconds: u64,
    /// Events in the stream that a new replica reads.
    #[arg(long, default_value_t = 500_000)]
    pub events: u64,
}

/// Options of benchmarks over the whole platform.
#[derive(Debug, Clone, Args)]
pub struct ServiceBenchOptions {
    /// Those of all benchmarks.
    #[command(flatten)]
    pub bench: BenchOptions,
    /// Address of a running NATS server, without credentials; may be given several times.
    #[arg(long)]
    pub nats: Vec<String>,
    /// How many replicas streams have there.
    #[arg(long, default_value_t = 3)]
    pub replicas: usize,
}

/// Options of all benchmarks.
#[derive(Debug, Clone, Args)]
pub struct BenchOptions {
    /// Print a line of JSON for each case.
    #[arg(long)]
    pub json: bool,
    /// Folder on the disk to be measured.
    #[arg(long, default_value = ".")]
    pub folder: PathBuf,
    /// Events, or observations, in the long log.
    #[arg(long, default_value_t = 10_000_000)]
    pub events: u64,
}
