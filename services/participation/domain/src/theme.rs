//! A subject under which contributions are answered together. Stream `{tenant}/theme/{theme_id}`.

use allmende_kernel::{Decider, Timestamp};

use crate::{Fingerprint, ProcedureId};

/// What somebody wants of a theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Make it.
    Define {
        /// Of which procedure.
        procedure: ProcedureId,
        /// What it is called.
        title: String,
        /// What belongs to it.
        description: String,
        /// When.
        at: Timestamp,
    },
    /// Answer everything in it.
    Answer {
        /// Of which procedure it is.
        procedure: ProcedureId,
        /// The answer.
        text: String,
        /// When.
        at: Timestamp,
    },
}

/// What happened to a theme.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was made.
    Defined {
        /// Of which procedure.
        procedure: ProcedureId,
        /// What it is called.
        title: String,
        /// What belongs to it.
        description: String,
        /// When.
        at: Timestamp,
    },
    /// Everything in it was answered.
    Answered {
        /// The answer.
        text: String,
        /// When.
        at: Timestamp,
    },
}

/// Why a theme is not changed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// There is no such procedure.
    #[error("the procedure does not exist")]
    ProcedureUnknown,
    /// It was never made, or is another procedure's.
    #[error("the theme does not exist in that procedure")]
    Unknown,
    /// It was made with other properties.
    #[error("the theme was defined before with other properties")]
    Differs,
}

/// A theme that was made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Theme {
    /// Of which procedure.
    pub procedure: ProcedureId,
    words: Fingerprint,
    answer: Option<Fingerprint>,
}

/// What a theme's rule knows of its procedure: whether it is there.
pub type ProcedureExists = bool;

/// The theme's decisions.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "theme";
    type Command = Command;
    type Event = Event;
    type State = Option<Theme>;
    type Context = ProcedureExists;
    type Rejection = Rejection;

    fn initial() -> Self::State {
        None
    }

    fn decide(state: &Self::State, exists: &bool, command: &Command) -> Result<Vec<Event>, Rejection> {
        if !exists {
            return Err(Rejection::ProcedureUnknown);
        }
        match (state, command) {
            (None, Command::Define { procedure, title, description, at }) => Ok(vec![Event::Defined {
                procedure: *procedure,
                title: title.clone(),
                description: description.clone(),
                at: *at,
            }]),
            (Some(theme), Command::Define { procedure, title, description, .. }) => {
                let same = theme.procedure == *procedure && theme.words == words(title, description);
                if same { Ok(Vec::new()) } else { Err(Rejection::Differs) }
            }
            (Some(theme), Command::Answer { procedure, text, at }) if theme.procedure == *procedure => {
                let same = theme.answer == Some(Fingerprint::of(text));
                Ok((!same).then(|| Event::Answered { text: text.clone(), at: *at }).into_iter().collect())
            }
            (_, Command::Answer { .. }) => Err(Rejection::Unknown),
        }
    }

    fn evolve(state: Self::State, event: &Event) -> Self::State {
        match event {
            Event::Defined { procedure, title, description, .. } => {
                Some(Theme { procedure: *procedure, words: words(title, description), answer: None })
            }
            Event::Answered { text, .. } => state.map(|theme| Theme { answer: Some(Fingerprint::of(text)), ..theme }),
        }
    }
}

fn words(title: &str, description: &str) -> Fingerprint {
    Fingerprint::of(&(title, description))
}
