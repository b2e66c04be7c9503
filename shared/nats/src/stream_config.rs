//! How streams that keep everything are set up, and what is wrong with one that is set up otherwise.

use std::fmt::Debug;
use std::time::Duration;

use async_nats::jetstream::stream::{Config, DiscardPolicy, PersistenceMode, RetentionPolicy, StorageType};

/// The largest message with its headers: what servers take unless told otherwise, and the makers of NATS advise.
pub(crate) const LARGEST: usize = 1 << 20;
/// What a message may have in headers: what it expects, and the trace.
pub(crate) const HEADERS: usize = 1 << 10;

/// A stream that keeps every message of `subject` for ever.
pub(crate) fn needed(name: &str, subject: &str, replicas: usize) -> Config {
    Config {
        name: name.to_owned(),
        subjects: vec![subject.to_owned()],
        retention: RetentionPolicy::Limits,
        storage: StorageType::File,
        num_replicas: replicas,
        deny_delete: true,
        deny_purge: true,
        discard: DiscardPolicy::New,
        max_bytes: -1,
        max_messages: -1,
        max_messages_per_subject: -1,
        max_consumers: -1,
        max_message_size: LARGEST as i32,
        ..Config::default()
    }
}

/// Each setting of `actual` that the platform cannot live with, in words. What is neither here nor there is left to the
/// operator: description, metadata, placement, compression, the window for duplicates, which no message of a log uses.
pub(crate) fn differences(actual: &Config, needed: &Config) -> Vec<String> {
    let mut found = Found::between(actual, needed);
    // Whatever removes or replaces a message leaves a hole in history.
    found.unless_equal("retention", &actual.retention, &needed.retention);
    found.unless_equal("deny_delete", &actual.deny_delete, &true);
    found.unless_equal("deny_purge", &actual.deny_purge, &true);
    found.unless_equal("allow_rollup_hdrs", &actual.allow_rollup, &false);
    found.unless_equal("allow_msg_ttl", &actual.allow_message_ttl, &false);
    found.unless_unlimited("max_msgs_per_subject", actual.max_messages_per_subject);
    // Whatever stores a message that nobody published here, or another one than was published.
    found.unless_none("mirror", actual.mirror.as_ref());
    found.unless_none("sources", actual.sources.as_ref().filter(|sources| !sources.is_empty()));
    found.unless_none("subject_transform", actual.subject_transform.as_ref());
    found.unless_equal("allow_msg_counter", &actual.allow_message_counter, &false);
    found.unless_equal("allow_msg_schedules", &actual.allow_message_schedules, &false);
    // Whatever acknowledges what is not stored, or not at all.
    let is_async = actual.persist_mode.as_ref().is_some_and(|mode| matches!(mode, PersistenceMode::Async));
    found.unless_equal("persist_mode async", &is_async, &false);
    found.unless_equal("no_ack", &actual.no_ack, &false);
    found.unless_equal("sealed", &actual.sealed, &false);
    // Groups are numbered from 1.
    found.unless_equal("first_seq", &actual.first_sequence.unwrap_or_default().max(1), &1);
    // Followers come and go, and copies of the log leave the platform only through it.
    found.unless_unlimited("max_consumers", i64::from(actual.max_consumers));
    found.unless_none("republish", actual.republish.as_ref());
    if (0..needed.max_message_size).contains(&actual.max_message_size) && actual.max_message_size != 0 {
        found
            .0
            .push(format!("max_msg_size is {}, needed {} or more", actual.max_message_size, needed.max_message_size));
    }
    found.0
}

/// Differences, in words.
pub(crate) struct Found(pub(crate) Vec<String>);

impl Found {
    /// Those that no stream or bucket of the platform may have: where it is, on how many servers, and that nothing goes by
    /// itself.
    pub(crate) fn between(actual: &Config, needed: &Config) -> Self {
        let mut found = Self(Vec::new());
        found.unless_equal("subjects", &actual.subjects, &needed.subjects);
        found.unless_equal("storage", &actual.storage, &needed.storage);
        found.unless_equal("num_replicas", &actual.num_replicas, &needed.num_replicas);
        found.unless_equal("max_age", &actual.max_age, &Duration::ZERO);
        found.unless_unlimited("max_bytes", actual.max_bytes);
        found.unless_unlimited("max_msgs", actual.max_messages);
        found
    }

    pub(crate) fn unless_equal<T: PartialEq + Debug>(&mut self, name: &str, actual: &T, needed: &T) {
        if actual != needed {
            self.0.push(format!("{name} is {actual:?}, needed {needed:?}"));
        }
    }

    /// 0 and -1 both mean that there is no limit.
    pub(crate) fn unless_unlimited(&mut self, name: &str, actual: i64) {
        if actual > 0 {
            self.0.push(format!("{name} is {actual}, needed no limit"));
        }
    }

    fn unless_none<T>(&mut self, name: &str, actual: Option<T>) {
        if actual.is_some() {
            self.0.push(format!("{name} is set, needed none"));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_nats::jetstream::stream::{Republish, Source, SubjectTransform};

    fn needed_config() -> Config {
        needed("ALLMENDE_X_0", "allmende.log.x.0", 3)
    }

    #[test]
    fn what_is_needed_has_no_difference() {
        assert_eq!(differences(&needed_config(), &needed_config()), Vec::<String>::new());
        let tolerated = Config {
            description: None,
            duplicate_window: Duration::from_secs(120),
            max_message_size: -1,
            first_sequence: Some(1),
            ..needed_config()
        };
        assert_eq!(differences(&tolerated, &needed_config()), Vec::<String>::new());
    }

    #[test]
    fn each_difference_is_named() {
        type Change = fn(&mut Config);
        let changes: [(&str, Change); 24] = [
            ("subjects", |config| config.subjects.push("other".into())),
            ("storage", |config| config.storage = StorageType::Memory),
            ("num_replicas", |config| config.num_replicas = 1),
            ("retention", |config| config.retention = RetentionPolicy::WorkQueue),
            ("deny_delete", |config| config.deny_delete = false),
            ("deny_purge", |config| config.deny_purge = false),
            ("allow_rollup_hdrs", |config| config.allow_rollup = true),
            ("allow_msg_ttl", |config| config.allow_message_ttl = true),
            ("max_age", |config| config.max_age = Duration::from_secs(1)),
            ("max_bytes", |config| config.max_bytes = 1),
            ("max_msgs", |config| config.max_messages = 1),
            ("max_msgs_per_subject", |config| config.max_messages_per_subject = 1),
            ("mirror", |config| config.mirror = Some(Source::default())),
            ("sources", |config| config.sources = Some(vec![Source::default()])),
            ("subject_transform", |config| {
                config.subject_transform = Some(SubjectTransform { source: "a".into(), destination: "b".into() });
            }),
            ("allow_msg_schedules", |config| config.allow_message_schedules = true),
            ("republish", |config| {
                config.republish =
                    Some(Republish { source: ">".into(), destination: "copy.>".into(), headers_only: false });
            }),
            ("allow_msg_counter", |config| config.allow_message_counter = true),
            ("persist_mode async", |config| config.persist_mode = Some(PersistenceMode::Async)),
            ("no_ack", |config| config.no_ack = true),
            ("sealed", |config| config.sealed = true),
            ("first_seq", |config| config.first_sequence = Some(2)),
            ("max_consumers", |config| config.max_consumers = 1),
            ("max_msg_size", |config| config.max_message_size = 1_000),
        ];
        for (name, change) in changes {
            let mut config = needed_config();
            change(&mut config);
            let found = differences(&config, &needed_config());
            assert!(found.len() == 1 && found[0].starts_with(name), "{name}: {found:?}");
        }
    }
}
