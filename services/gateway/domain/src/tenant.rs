//! A tenant: who it is, and what the law asks it to say. Stream `{tenant}/tenant/profile`.

use allmende_kernel::{Decider, Timestamp};

/// The id of a tenant's one profile.
pub const STREAM_ID: &str = "profile";

/// What a tenant is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A municipality.
    Municipality,
    /// A county.
    County,
    /// A consortium of several.
    Lab,
}

/// An official text. German is always there, English may be empty.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Text {
    /// In German, as Markdown.
    pub de: String,
    /// In English, as Markdown.
    pub en: String,
}

/// What can be changed of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Profile {
    /// Its name, e.g. "Stadt Köln".
    pub name: String,
    /// What it is.
    pub kind: Kind,
    /// Amtlicher Regionalschlüssel, or empty.
    pub regional_key: String,
    /// Who answers for the pages: § 5 DDG.
    pub imprint: Text,
    /// What becomes of personal data: Regulation (EU) 2016/679, article 13.
    pub privacy_notice: Text,
    /// How accessible the pages are: § 12b BGG.
    pub accessibility_statement: Text,
    /// How the administration is reached.
    pub contact: Text,
}

/// What somebody wants of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Add it.
    Register {
        /// What it is.
        profile: Profile,
        /// Whether everything in it is made up.
        demo: bool,
        /// When.
        at: Timestamp,
    },
    /// Replace its properties.
    Update {
        /// What it is from now on.
        profile: Profile,
        /// When.
        at: Timestamp,
    },
}

/// What happened to a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was added.
    Registered {
        /// What it is.
        profile: Profile,
        /// Whether everything in it is made up.
        demo: bool,
        /// When.
        at: Timestamp,
    },
    /// Its properties were replaced.
    Updated {
        /// What it is since.
        profile: Profile,
        /// When.
        at: Timestamp,
    },
}

/// Why a change of a tenant is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It is there with other properties.
    #[error("the tenant was registered before with other properties")]
    Differs,
    /// It is not there.
    #[error("there is no such tenant")]
    Unknown,
}

/// A tenant as it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tenant {
    /// What it is.
    pub profile: Profile,
    /// Whether everything in it is made up.
    pub demo: bool,
    /// When it was added.
    pub registered_at: Timestamp,
}

/// The tenant, if it was registered.
pub type State = Option<Tenant>;

/// The tenant's decisions.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "tenant";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = ();
    type Rejection = Rejection;

    fn initial() -> State {
        None
    }

    fn decide(state: &State, (): &(), command: &Command) -> Result<Vec<Event>, Rejection> {
        match (state, command) {
            (None, Command::Register { profile, demo, at }) => {
                Ok(vec![Event::Registered { profile: profile.clone(), demo: *demo, at: *at }])
            }
            (Some(tenant), Command::Register { profile, demo, .. }) => {
                let same = (&tenant.profile, tenant.demo) == (profile, *demo);
                if same { Ok(Vec::new()) } else { Err(Rejection::Differs) }
            }
            (None, Command::Update { .. }) => Err(Rejection::Unknown),
            (Some(tenant), Command::Update { profile, .. }) if tenant.profile == *profile => Ok(Vec::new()),
            (Some(_), Command::Update { profile, at }) => {
                Ok(vec![Event::Updated { profile: profile.clone(), at: *at }])
            }
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (None, Event::Registered { profile, demo, at }) => {
                Some(Tenant { profile: profile.clone(), demo: *demo, registered_at: *at })
            }
            (Some(tenant), Event::Updated { profile, .. }) => Some(Tenant { profile: profile.clone(), ..tenant }),
            // `decide` emits nothing else; what was stored anyway changes nothing.
            (state, _) => state,
        }
    }
}
