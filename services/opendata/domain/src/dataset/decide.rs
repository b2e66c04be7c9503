use allmende_kernel::{Decider, Timestamp};

use super::state::{Dataset, State, Version};
use super::{Command, Event, MAX_DISTRIBUTIONS, Rejection, Release};
use crate::{FileName, LicenceTerms, SourcePosition, findings};

/// The dataset's decisions. Their context is what the source's licence allows; for uploaded content, nothing.
///
/// A version is bound to a position of its source, so beginning one at a position that the last one has reached changes
/// nothing: whoever issues versions may be interrupted anywhere and begin again.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "dataset";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = Option<LicenceTerms>;
    type Rejection = Rejection;

    fn initial() -> State {
        State::Absent
    }

    fn decide(state: &State, context: &Self::Context, command: &Command) -> Result<Vec<Event>, Rejection> {
        let dataset = match (state, command) {
            (State::Absent, Command::Register { source, description, terms, at }) => {
                let (source, description, terms, at) = (*source, description.clone(), terms.clone(), *at);
                return Ok(vec![Event::Registered { source, description, terms, at }]);
            }
            (State::Absent, _) => return Err(Rejection::DatasetUnknown),
            (State::Registered(dataset), _) => dataset,
        };
        let terms = match dataset.source.is_filled() {
            true => context.as_ref(),
            false => dataset.terms.as_ref(),
        };
        let happened = match command {
            Command::Register { source, description, terms, .. } => {
                let same = (source, description, terms) == (&dataset.source, &dataset.description, &dataset.terms);
                if same { None } else { return Err(Rejection::DatasetDiffers) }
            }
            Command::Describe { description, at } => (*description != dataset.description)
                .then(|| Event::Described { description: description.clone(), at: *at }),
            Command::BeginVersion { source, at } => dataset
                .next_version(source.as_ref())?
                .map(|version| Event::VersionBegun { version, source: source.clone(), at: *at }),
            Command::AddDistribution { version, distribution } => {
                let open = dataset.worked_on(*version)?;
                match open.distributions.iter().find(|known| known.file == distribution.file) {
                    Some(known) if known == distribution => None,
                    Some(_) => return Err(Rejection::DistributionDiffers),
                    None if open.release != Release::Draft => return Err(Rejection::VersionReleased),
                    None if open.distributions.len() >= MAX_DISTRIBUTIONS => return Err(Rejection::VersionFull),
                    None => Some(Event::DistributionAdded { version: *version, distribution: distribution.clone() }),
                }
            }
            Command::Check { version, damaged, at } => {
                let checked = dataset.worked_on(*version)?;
                let damaged: Vec<String> = damaged.iter().map(FileName::to_string).collect();
                let findings = findings(terms, &checked.distributions, &damaged);
                let known = checked.check.as_ref().is_some_and(|check| check.findings == findings);
                (!known).then_some(Event::ReleaseChecked { version: *version, findings, at: *at })
            }
            Command::Release { version, release, at } => {
                if *release == Release::Draft {
                    return Err(Rejection::NotARelease);
                }
                let released = dataset.worked_on(*version)?;
                match *release <= released.release {
                    true => None,
                    false => Some(release_of(released, terms, *release, *at)?),
                }
            }
            Command::Withdraw { version, reason, at } => {
                let known = dataset.version(*version).ok_or(Rejection::VersionUnknown)?;
                (!known.withdrawn).then_some(Event::VersionWithdrawn { version: *version, reason: *reason, at: *at })
            }
            Command::NoteFilesRemoved { version, at } => {
                let known = dataset.version(*version).ok_or(Rejection::VersionUnknown)?;
                match (known.withdrawn, known.files_removed) {
                    (false, _) => return Err(Rejection::VersionStands),
                    (true, true) => None,
                    (true, false) => Some(Event::FilesRemoved { version: *version, at: *at }),
                }
            }
            Command::Deprecate { successor, at } => {
                let known = dataset.deprecation.is_some_and(|known| known.successor == *successor);
                (!known).then_some(Event::Deprecated { successor: *successor, at: *at })
            }
            Command::MarkHvd { categories, at } => (*categories != dataset.hvd_categories)
                .then(|| Event::HvdMarked { categories: categories.clone(), at: *at }),
        };
        Ok(happened.into_iter().collect())
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (State::Absent, Event::Registered { source, description, terms, at }) => {
                State::Registered(Box::new(Dataset {
                    source: *source,
                    description: description.clone(),
                    terms: terms.clone(),
                    registered_at: *at,
                    past: Vec::new(),
                    last: None,
                    deprecation: None,
                    hvd_categories: Vec::new(),
                }))
            }
            (State::Registered(mut dataset), event) => {
                dataset.evolve(event);
                State::Registered(dataset)
            }
            // `decide` emits nothing else; what was stored anyway changes nothing.
            (State::Absent, _) => State::Absent,
        }
    }
}

impl Dataset {
    /// The number of the version that is to be begun; `None` if what is wanted is there.
    fn next_version(&self, source: Option<&SourcePosition>) -> Result<Option<u32>, Rejection> {
        if source.is_some() != self.source.is_filled() {
            return Err(Rejection::SourceDiffers);
        }
        let next = self.versions() + 1;
        let Some(last) = &self.last else {
            return if self.deprecation.is_some() { Err(Rejection::DatasetDeprecated) } else { Ok(Some(next)) };
        };
        let wanted = match (source, &last.source) {
            // What a withdrawn version held is issued anew, also from where it was issued.
            (Some(source), Some(known)) => last.withdrawn.is_some() || source.position > known.position,
            (Some(_), None) => true,
            (None, _) => last.release != Release::Draft || last.withdrawn.is_some(),
        };
        match (wanted, self.deprecation.is_some()) {
            (false, _) => Ok(None),
            (true, true) => Err(Rejection::DatasetDeprecated),
            (true, false) => Ok(Some(next)),
        }
    }

    /// The last version, if it has that number and stands.
    fn worked_on(&self, number: u32) -> Result<&Version, Rejection> {
        match &self.last {
            Some(last) if last.number == number && last.withdrawn.is_some() => Err(Rejection::VersionWithdrawn),
            Some(last) if last.number == number => Ok(last),
            _ => match self.version(number) {
                Some(_) => Err(Rejection::VersionSuperseded),
                None => Err(Rejection::VersionUnknown),
            },
        }
    }
}

fn release_of(
    version: &Version,
    terms: Option<&LicenceTerms>,
    release: Release,
    at: Timestamp,
) -> Result<Event, Rejection> {
    let check = version.check.as_ref().ok_or_else(|| Rejection::CheckFailed(Vec::new()))?;
    // The licence may have been given, or another one, since the check.
    let missing = match terms {
        Some(_) if check.findings.is_empty() => Vec::new(),
        Some(_) => check.findings.clone(),
        None => findings(None, &version.distributions, &[]),
    };
    match terms {
        Some(terms) if missing.is_empty() => {
            Ok(Event::VersionReleased { version: version.number, release, terms: terms.clone(), at })
        }
        _ => Err(Rejection::CheckFailed(missing)),
    }
}
