//! Connections to NATS, and what the replicated log keeps there: a stream for each partition, leases, members, and bodies
//! that do not fit into a message. The only crate that names `async-nats`.
//!
//! [`LogStream`], [`BucketLeases`], [`BucketMembers`] and [`StreamBodies`] are the ports of `allmende-eventlog-nats` on a real
//! cluster. They promise what those ports say and no more: what keeps history one is in the data, not here.
//!
//! # Two kinds of connection
//!
//! A [`Connection`] comes back by itself and serves reading, buckets and bodies. What was asked for while it was away may be
//! sent when nobody waits for it any more: harmless there, as a bucket compares revisions and a body is what its hash says.
//! A publisher of a log has a connection of its own, made for one term, that never comes back: what it had not sent when it
//! was lost is never sent. What it *had* sent may still arrive, at any later time; that is why groups carry an epoch.
//!
//! # What members share beside the logs
//!
//! [`open_shared`] opens it, each with as many replicas as the logs have:
//!
//! | bucket | stream | what is in it | disk |
//! |---|---|---|---|
//! | `allmende_keys` | `KV_allmende_keys` | the keys that texts and accounts are sealed under, wrapped by the installation's key; what says that one was erased | 0.3 KB a key, for ever |
//! | `allmende_erased` | `KV_allmende_erased` | the list of the erased | 0.2 KB an erased key, for ever |
//! | `allmende_secrets` | `KV_allmende_secrets` | the operator's token and the keys that sign tokens, wrapped likewise; the fingerprint of the installation's key | some KB |
//! | `allmende_attachments` | `OBJ_allmende_attachments` | files that go with contributions, each sealed | what they take |
//! | `allmende_datasets` | `OBJ_allmende_datasets` | files of datasets, compressed | what they take |
//!
//! **The installation's key** is the one secret that is in none of them: every member is given it as a file. Whoever has a
//! copy of the servers' disks and not this file reads no key and no secret. Whoever loses it has lost every sealed text.
//!
//! **Backup.** `nats stream backup` copies each of these streams while the platform runs: the logs first, then files and
//! secrets, then the keys, and the list of the erased last and most often. Keep the installation's key apart from all
//! of it. To put back an older copy of the keys, stop all members, and put back the *newest* copy of the list: the first
//! member that starts erases again whoever is on it, and refuses a list that is older than what it has applied. Older copies
//! of the keys open what was erased since for whoever has the installation's key too: throw them away.
//!
//! # What a cluster has to be
//!
//! | needed | because |
//! |---|---|
//! | `jetstream { sync_interval: always }` on every server | the default syncs every two minutes, with three replicas too: after a power failure a server comes back without messages it had acknowledged, and if it and another one elect a leader, they are gone for all |
//! | three replicas, on three servers | one server that fails loses nothing and stops nothing |
//! | placement in different failure zones, by tags | replicas in one rack fail together; neither a client nor a server can tell |
//! | file storage on a disk of its own, with room | a stream that cannot grow stops its partition; what a full disk does to a server's own Raft log is worse |
//! | an account of the platform's own, with credentials | whoever may publish to `allmende.log.>` can make a partition take void groups, and whoever may change streams can take its limits away |
//! | `deny_delete`, `deny_purge`, no limits, no TTL | a removed message is a hole in history; both denials cannot be taken back |
//! | `max_payload` of 1 MiB, the default | smaller: more groups go to the bodies; larger is not used |
//! | no `Nats-Expected-Last-Msg-Id` from anybody | on 2.14.0 to 2.15.1 one mismatch stops a replicated stream for good; nothing here sends it |
//!
//! Streams and buckets that are missing are created so. Those that are there are compared, and not changed: an operator is
//! told each difference. [`check`] looks at a running cluster.
//!
//! # What was seen on 2.15.1
//!
//! The tests keep: a message that a deposed leader sent late is stored where its expected sequence fits (so a sequence is no
//! fence); a publish whose answer was lost may be stored; a paused server may store it after it was resumed; a leader of a
//! stream that has lost its replicas refuses (10071) what collides with a message that it proposed and that may never be
//! stored; a replicated stream answers a second message for a place that is being decided with 10164, which says that
//! this attempt is not stored and not that the place is taken.

mod announcement;
pub mod backoff;
mod blocking;
mod bodies;
mod bucket;
mod bucket_watch;
mod check;
mod connection;
mod consumer;
mod headers;
mod keyring;
mod leases;
mod log;
mod members;
mod reading;
mod secrets;
mod settings;
mod shared;
mod shelves;
mod storing;
mod stream_config;
mod streams;
mod values;
mod watched;

pub use bodies::{BodyError, StreamBodies};
pub use check::{Finding, Looking, Severity, check};
pub use connection::{ConnectError, Connection};
pub use keyring::{BucketKeyring, KeyringOpenError, TakeError, Taken};
pub use leases::BucketLeases;
pub use log::LogStream;
pub use members::BucketMembers;
pub use secrets::{BucketSecrets, SecretsOpenError};
pub use settings::{Credentials, Identity, Settings, Tls};
pub use shared::{Shared, SharedOpenError, open_shared};
pub use shelves::ObjectShelves;
