use allmende_eventlog::{Aggregate, NewEvent, UnknownEvent};
use allmende_kernel::{PartitionName, Position, Timestamp};
use allmende_opendata_domain::dataset::{Event, Model, Release, State, WithdrawalReason};
use allmende_opendata_domain::{DatasetId, Month, Source, SourcePosition};
use allmende_proto::opendata::events::v1 as stored;

use super::description::description_message;
use super::distribution::{distribution_message, finding_message};
use super::source_licence::terms_message;
use super::{Malformed, description_of, distribution_of, event, findings_of, read, terms_of, unknown, uuid_of};

pub(crate) const DATASET_REGISTERED: &str = "allmende.opendata.events.v1.DatasetRegistered";
pub(crate) const DATASET_DESCRIBED: &str = "allmende.opendata.events.v1.DatasetDescribed";
pub(crate) const VERSION_BEGUN: &str = "allmende.opendata.events.v1.VersionBegun";
pub(crate) const DISTRIBUTION_ADDED: &str = "allmende.opendata.events.v1.DistributionAdded";
pub(crate) const RELEASE_CHECKED: &str = "allmende.opendata.events.v1.ReleaseChecked";
pub(crate) const VERSION_RELEASED: &str = "allmende.opendata.events.v1.VersionReleased";
pub(crate) const VERSION_WITHDRAWN: &str = "allmende.opendata.events.v1.VersionWithdrawn";
pub(crate) const FILES_REMOVED: &str = "allmende.opendata.events.v1.FilesRemoved";
pub(crate) const DATASET_DEPRECATED: &str = "allmende.opendata.events.v1.DatasetDeprecated";
pub(crate) const HVD_MARKED: &str = "allmende.opendata.events.v1.HvdMarked";

/// What a state takes beside its parts, and what a file and a version before the last one take.
const STATE_BYTES: usize = 2_048;
const FILE_BYTES: usize = 2_048;
const PAST_BYTES: usize = 4;

/// A dataset as the log keeps it.
#[derive(Debug)]
pub(crate) enum Dataset {}

impl Aggregate for Dataset {
    type Model = Model;

    fn encode(happened: &Event) -> NewEvent {
        match happened {
            Event::Registered { source, description, terms, at } => event(
                DATASET_REGISTERED,
                &stored::DatasetRegistered {
                    source: Some(source_message(*source)),
                    description: Some(description_message(description)),
                    terms: terms.as_ref().map(terms_message),
                    at_us: at.as_micros(),
                },
            ),
            Event::Described { description, at } => event(
                DATASET_DESCRIBED,
                &stored::DatasetDescribed {
                    description: Some(description_message(description)),
                    at_us: at.as_micros(),
                },
            ),
            Event::VersionBegun { version, source, at } => event(
                VERSION_BEGUN,
                &stored::VersionBegun {
                    version: *version,
                    source: source.as_ref().map(|SourcePosition { partition, position }| stored::SourcePosition {
                        partition: partition.to_string(),
                        group: position.group,
                        index: position.index,
                    }),
                    at_us: at.as_micros(),
                },
            ),
            Event::DistributionAdded { version, distribution } => {
                event(DISTRIBUTION_ADDED, &distribution_message(*version, distribution))
            }
            Event::ReleaseChecked { version, findings, at } => event(
                RELEASE_CHECKED,
                &stored::ReleaseChecked {
                    version: *version,
                    findings: findings.iter().map(finding_message).collect(),
                    at_us: at.as_micros(),
                },
            ),
            Event::VersionReleased { version, release, terms, at } => event(
                VERSION_RELEASED,
                &stored::VersionReleased {
                    version: *version,
                    release: match release {
                        Release::Draft => stored::Release::Unspecified,
                        Release::Public => stored::Release::Public,
                        Release::Cleared => stored::Release::Cleared,
                    }
                    .into(),
                    terms: Some(terms_message(terms)),
                    at_us: at.as_micros(),
                },
            ),
            Event::VersionWithdrawn { version, reason, at } => event(
                VERSION_WITHDRAWN,
                &stored::VersionWithdrawn {
                    version: *version,
                    reason: match reason {
                        WithdrawalReason::Erasure => stored::WithdrawalReason::Erasure,
                        WithdrawalReason::Incorrect => stored::WithdrawalReason::Incorrect,
                        WithdrawalReason::Rights => stored::WithdrawalReason::Rights,
                    }
                    .into(),
                    at_us: at.as_micros(),
                },
            ),
            Event::FilesRemoved { version, at } => {
                event(FILES_REMOVED, &stored::FilesRemoved { version: *version, at_us: at.as_micros() })
            }
            Event::Deprecated { successor, at } => event(
                DATASET_DEPRECATED,
                &stored::DatasetDeprecated {
                    successor_id: successor.map(|id| id.as_bytes().to_vec().into()).unwrap_or_default(),
                    at_us: at.as_micros(),
                },
            ),
            Event::HvdMarked { categories, at } => {
                event(HVD_MARKED, &stored::HvdMarked { categories: categories.clone(), at_us: at.as_micros() })
            }
        }
    }

    fn decode(event_type: &str, payload: &[u8]) -> Result<Event, UnknownEvent> {
        let at = Timestamp::from_micros;
        match event_type {
            DATASET_REGISTERED => read(event_type, payload, |message: stored::DatasetRegistered| {
                Ok(Event::Registered {
                    source: source_of(&message.source.ok_or(Malformed)?)?,
                    description: description_of(message.description)?,
                    terms: message.terms.as_ref().map(terms_of).transpose()?,
                    at: at(message.at_us),
                })
            }),
            DATASET_DESCRIBED => read(event_type, payload, |message: stored::DatasetDescribed| {
                Ok(Event::Described { description: description_of(message.description)?, at: at(message.at_us) })
            }),
            VERSION_BEGUN => read(event_type, payload, |message: stored::VersionBegun| {
                let source = message.source.as_ref().map(position_of).transpose()?;
                Ok(Event::VersionBegun { version: message.version, source, at: at(message.at_us) })
            }),
            DISTRIBUTION_ADDED => read(event_type, payload, |message: stored::DistributionAdded| {
                Ok(Event::DistributionAdded { version: message.version, distribution: distribution_of(&message)? })
            }),
            RELEASE_CHECKED => read(event_type, payload, |message: stored::ReleaseChecked| {
                let findings = findings_of(&message.findings)?;
                Ok(Event::ReleaseChecked { version: message.version, findings, at: at(message.at_us) })
            }),
            VERSION_RELEASED => read(event_type, payload, |message: stored::VersionReleased| {
                Ok(Event::VersionReleased {
                    version: message.version,
                    release: release_of(message.release())?,
                    terms: terms_of(message.terms.as_ref().ok_or(Malformed)?)?,
                    at: at(message.at_us),
                })
            }),
            VERSION_WITHDRAWN => read(event_type, payload, |message: stored::VersionWithdrawn| {
                let reason = reason_of(message.reason())?;
                Ok(Event::VersionWithdrawn { version: message.version, reason, at: at(message.at_us) })
            }),
            FILES_REMOVED => read(event_type, payload, |message: stored::FilesRemoved| {
                Ok(Event::FilesRemoved { version: message.version, at: at(message.at_us) })
            }),
            DATASET_DEPRECATED => read(event_type, payload, |message: stored::DatasetDeprecated| {
                let successor = match message.successor_id.as_ref() {
                    [] => None,
                    id => Some(DatasetId::new(uuid_of(id)?)),
                };
                Ok(Event::Deprecated { successor, at: at(message.at_us) })
            }),
            HVD_MARKED => read(event_type, payload, |message: stored::HvdMarked| {
                Ok(Event::HvdMarked { categories: message.categories, at: at(message.at_us) })
            }),
            _ => Err(unknown(event_type)),
        }
    }

    fn weight(state: &State) -> usize {
        state.dataset().map_or(0, |dataset| {
            let files = dataset.last.as_ref().map_or(0, |last| last.distributions.len());
            STATE_BYTES + files * FILE_BYTES + dataset.past.len() * PAST_BYTES
        })
    }
}

fn source_message(source: Source) -> stored::Source {
    let (kind, id, month) = match source {
        Source::Manual => (stored::SourceKind::Manual, None, 0),
        Source::Observations { station, month } => (stored::SourceKind::Observations, Some(station), month.number()),
        Source::Contributions { procedure } => (stored::SourceKind::Contributions, Some(procedure), 0),
        Source::Synopsis { document } => (stored::SourceKind::Synopsis, Some(document), 0),
    };
    stored::Source { kind: kind.into(), id: id.map(|id| id.as_bytes().to_vec().into()).unwrap_or_default(), month }
}

/// A stored source.
pub(crate) fn source_of(message: &stored::Source) -> Result<Source, Malformed> {
    Ok(match message.kind() {
        stored::SourceKind::Manual => Source::Manual,
        stored::SourceKind::Observations => Source::Observations {
            station: uuid_of(&message.id)?,
            month: Month::from_number(message.month).ok_or(Malformed)?,
        },
        stored::SourceKind::Contributions => Source::Contributions { procedure: uuid_of(&message.id)? },
        stored::SourceKind::Synopsis => Source::Synopsis { document: uuid_of(&message.id)? },
        stored::SourceKind::Unspecified => return Err(Malformed),
    })
}

/// A stored position of a source.
pub(crate) fn position_of(message: &stored::SourcePosition) -> Result<SourcePosition, Malformed> {
    let partition = PartitionName::parse(&message.partition).map_err(|_| Malformed)?;
    Ok(SourcePosition { partition, position: Position::new(message.group, message.index) })
}

/// How far a stored release opens a version.
pub(crate) fn release_of(release: stored::Release) -> Result<Release, Malformed> {
    match release {
        stored::Release::Public => Ok(Release::Public),
        stored::Release::Cleared => Ok(Release::Cleared),
        stored::Release::Unspecified => Err(Malformed),
    }
}

/// Why a version was withdrawn.
pub(crate) fn reason_of(reason: stored::WithdrawalReason) -> Result<WithdrawalReason, Malformed> {
    match reason {
        stored::WithdrawalReason::Erasure => Ok(WithdrawalReason::Erasure),
        stored::WithdrawalReason::Incorrect => Ok(WithdrawalReason::Incorrect),
        stored::WithdrawalReason::Rights => Ok(WithdrawalReason::Rights),
        stored::WithdrawalReason::Unspecified => Err(Malformed),
    }
}
