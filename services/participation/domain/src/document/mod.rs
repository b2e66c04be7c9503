//! A text that people are asked about, in versions of sections. Stream `{tenant}/document/{document_id}`.
//!
//! A section keeps its id over all versions: comments hang on it.

mod anchors;
mod outline;
mod section;

use std::collections::BTreeSet;

use allmende_kernel::{Decider, Timestamp};

use crate::contribution::Target;
use crate::{DayRange, Fingerprint, ProcedureId};

pub use outline::{InvalidOutline, MAX_BYTES, MAX_SECTIONS, parse};
pub use section::{Draft, InvalidSectionId, Section, SectionId};

/// The most versions of a text.
pub const MAX_VERSIONS: u32 = 100;

/// What somebody wants of a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Publish its first version.
    PublishDraft {
        /// In which procedure.
        procedure: ProcedureId,
        /// What it is called.
        title: String,
        /// Its sections as they were written.
        drafts: Vec<Draft>,
        /// When.
        at: Timestamp,
    },
    /// Invite comments, or for other days than before.
    OpenConsultation {
        /// In which procedure it is.
        procedure: ProcedureId,
        /// When comments are taken.
        days: DayRange,
        /// When this was decided.
        at: Timestamp,
    },
    /// Publish the next version.
    PublishRevision {
        /// In which procedure it is.
        procedure: ProcedureId,
        /// The version that it was made from.
        base: u32,
        /// Its sections as they were written.
        drafts: Vec<Draft>,
        /// Public comments without an answer, in spite of which it is published.
        unanswered: u32,
        /// When.
        at: Timestamp,
    },
}

/// What happened to a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// Its first version was published.
    DraftPublished {
        /// In which procedure.
        procedure: ProcedureId,
        /// What it is called.
        title: String,
        /// Its sections in order.
        sections: Vec<Section>,
        /// When.
        at: Timestamp,
    },
    /// Comments were invited.
    ConsultationOpened {
        /// When they are taken.
        days: DayRange,
        /// When this was decided.
        at: Timestamp,
    },
    /// The next version was published.
    RevisionPublished {
        /// Its number.
        version: u32,
        /// Its sections in order.
        sections: Vec<Section>,
        /// Public comments without an answer at that moment.
        unanswered: u32,
        /// When.
        at: Timestamp,
    },
}

/// Why a text is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such procedure.
    #[error("the procedure does not exist")]
    ProcedureUnknown,
    /// It was never published, or is another procedure's.
    #[error("the document does not exist in that procedure")]
    Unknown,
    /// It was published with another title or text.
    #[error("the document was published before with other properties")]
    Differs,
    /// Another revision came first.
    #[error("the revision was made from another version than the latest, {latest}")]
    Outdated {
        /// The latest version.
        latest: u32,
    },
    /// No room for a version.
    #[error("a document has at most {MAX_VERSIONS} versions")]
    Full,
}

/// A text that was published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Document {
    /// In which procedure.
    pub procedure: ProcedureId,
    /// What it is called.
    pub title: String,
    /// The number of the latest version, from 1.
    pub version: u32,
    /// The sections of the latest version.
    pub sections: Vec<Section>,
    /// When comments are taken.
    pub consultation: Option<DayRange>,
    /// Ids that any version had: none is given twice.
    used: BTreeSet<SectionId>,
    first: Fingerprint,
}

impl Document {
    fn take(&mut self, version: u32, sections: &[Section]) {
        self.version = version;
        self.sections = sections.to_vec();
        self.used.extend(sections.iter().map(|section| section.id.clone()));
    }
}

/// What became of a text so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct State(Option<Box<Document>>);

impl State {
    /// The text; `None` if it was never published.
    pub fn document(&self) -> Option<&Document> {
        self.0.as_deref()
    }

    /// What the rule for a comment on one of its sections knows.
    pub fn target(&self, id: &SectionId) -> Target {
        let Some(document) = self.document() else { return Target::Unknown };
        match document.sections.iter().any(|section| section.id == *id) {
            true => Target::Section {
                procedure: document.procedure,
                consultation: document.consultation,
                version: document.version,
            },
            false => Target::SectionUnknown,
        }
    }

    fn of(&self, procedure: ProcedureId) -> Result<&Document, Rejection> {
        self.document().filter(|document| document.procedure == procedure).ok_or(Rejection::Unknown)
    }
}

/// What a text's rule knows of its procedure: whether it is there.
pub type ProcedureExists = bool;

/// The decisions about a text.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "document";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = ProcedureExists;
    type Rejection = Rejection;

    fn initial() -> State {
        State::default()
    }

    fn decide(state: &State, exists: &bool, command: &Command) -> Result<Vec<Event>, Rejection> {
        if !exists {
            return Err(Rejection::ProcedureUnknown);
        }
        let event = match command {
            Command::PublishDraft { procedure, title, drafts, at } => {
                let sections = anchors::assign(&[], &BTreeSet::new(), drafts);
                let first = Fingerprint::of(&sections);
                match state.document() {
                    None => {
                        Some(Event::DraftPublished { procedure: *procedure, title: title.clone(), sections, at: *at })
                    }
                    Some(known) if (known.procedure, &known.title, known.first) == (*procedure, title, first) => None,
                    Some(_) => return Err(Rejection::Differs),
                }
            }
            Command::OpenConsultation { procedure, days, at } => {
                let document = state.of(*procedure)?;
                (document.consultation != Some(*days)).then_some(Event::ConsultationOpened { days: *days, at: *at })
            }
            Command::PublishRevision { procedure, base, drafts, unanswered, at } => {
                let document = state.of(*procedure)?;
                let sections = anchors::assign(&document.sections, &document.used, drafts);
                let latest = document.version;
                match sections == document.sections {
                    true => None,
                    false if *base != latest => return Err(Rejection::Outdated { latest }),
                    false if latest >= MAX_VERSIONS => return Err(Rejection::Full),
                    false => Some(Event::RevisionPublished {
                        version: latest + 1,
                        sections,
                        unanswered: *unanswered,
                        at: *at,
                    }),
                }
            }
        };
        Ok(event.into_iter().collect())
    }

    fn evolve(state: State, event: &Event) -> State {
        let mut state = state;
        match (event, state.0.as_mut()) {
            (Event::DraftPublished { procedure, title, sections, .. }, None) => {
                let mut document = Document {
                    procedure: *procedure,
                    title: title.clone(),
                    version: 0,
                    sections: Vec::new(),
                    consultation: None,
                    used: BTreeSet::new(),
                    first: Fingerprint::of(sections),
                };
                document.take(1, sections);
                state.0 = Some(Box::new(document));
            }
            (Event::ConsultationOpened { days, .. }, Some(document)) => document.consultation = Some(*days),
            (Event::RevisionPublished { version, sections, .. }, Some(document)) => document.take(*version, sections),
            // `decide` emits nothing else; what was stored anyway changes nothing.
            _ => {}
        }
        state
    }
}
