//! What became of contributions. Stream `{tenant}/project/{project_id}`.

use allmende_kernel::{Decider, Timestamp};

use crate::{Fingerprint, ProcedureId};

/// How a project stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Standing {
    /// Decided, not begun.
    Planned,
    /// Under way.
    InProgress,
    /// Finished.
    Done,
    /// Given up.
    Stopped,
}

/// What somebody wants of a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Begin it.
    Start {
        /// In which procedure.
        procedure: ProcedureId,
        /// What it is called.
        title: String,
        /// What it is about.
        summary: String,
        /// When.
        at: Timestamp,
    },
    /// Tell the public how it stands.
    Update {
        /// In which procedure it is.
        procedure: ProcedureId,
        /// How it stands.
        standing: Standing,
        /// What is told.
        text: String,
        /// When.
        at: Timestamp,
    },
}

/// What happened to a project.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It began.
    Started {
        /// In which procedure.
        procedure: ProcedureId,
        /// What it is called.
        title: String,
        /// What it is about.
        summary: String,
        /// When.
        at: Timestamp,
    },
    /// The public was told how it stands.
    Updated {
        /// How it stands.
        standing: Standing,
        /// What was told.
        text: String,
        /// When.
        at: Timestamp,
    },
}

/// Why a project is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It never began, or is another procedure's.
    #[error("the project does not exist in that procedure")]
    Unknown,
    /// It began with other properties.
    #[error("the project was started before with other properties")]
    Differs,
}

/// A project that began.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Project {
    /// In which procedure.
    pub procedure: ProcedureId,
    words: Fingerprint,
    last: Option<(Standing, Fingerprint)>,
}

/// The project's decisions.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "project";
    type Command = Command;
    type Event = Event;
    type State = Option<Project>;
    type Context = ();
    type Rejection = Rejection;

    fn initial() -> Self::State {
        None
    }

    fn decide(state: &Self::State, (): &(), command: &Command) -> Result<Vec<Event>, Rejection> {
        match (state, command) {
            (None, Command::Start { procedure, title, summary, at }) => Ok(vec![Event::Started {
                procedure: *procedure,
                title: title.clone(),
                summary: summary.clone(),
                at: *at,
            }]),
            (Some(project), Command::Start { procedure, title, summary, .. }) => {
                let same = project.procedure == *procedure && project.words == words(title, summary);
                if same { Ok(Vec::new()) } else { Err(Rejection::Differs) }
            }
            (Some(project), Command::Update { procedure, standing, text, at }) if project.procedure == *procedure => {
                let same = project.last == Some((*standing, Fingerprint::of(text)));
                let updated = || Event::Updated { standing: *standing, text: text.clone(), at: *at };
                Ok((!same).then(updated).into_iter().collect())
            }
            (_, Command::Update { .. }) => Err(Rejection::Unknown),
        }
    }

    fn evolve(state: Self::State, event: &Event) -> Self::State {
        match event {
            Event::Started { procedure, title, summary, .. } => {
                Some(Project { procedure: *procedure, words: words(title, summary), last: None })
            }
            Event::Updated { standing, text, .. } => {
                state.map(|project| Project { last: Some((*standing, Fingerprint::of(text))), ..project })
            }
        }
    }
}

fn words(title: &str, summary: &str) -> Fingerprint {
    Fingerprint::of(&(title, summary))
}
