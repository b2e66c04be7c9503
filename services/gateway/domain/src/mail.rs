//! A mail that goes out: queued once for its cause, tried until it is taken or given up. Stream
//! `{tenant}/mail/{mail_id}`.

use allmende_kernel::{Decider, Duration, Sealed, SubjectId, TenantId, Timestamp};
use uuid::Uuid;

use crate::Language;

/// Waits between attempts, in seconds; after the last one the mail is given up, about two days after the first.
const WAITS_S: [i64; 8] = [60, 5 * 60, 30 * 60, 2 * 3_600, 6 * 3_600, 12 * 3_600, 12 * 3_600, 12 * 3_600];

/// What a mail is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Kind {
    /// The code that confirms an address.
    ConfirmEmail,
    /// Somebody tried to register an address that has an account.
    AlreadyRegistered,
    /// The code that a new password can be set with.
    ResetPassword,
    /// A new password was set.
    PasswordChanged,
    /// A contribution was received.
    ContributionReceived,
    /// It is public.
    ContributionPublished,
    /// It is not, or no longer.
    ContributionNotPublished,
    /// It was answered.
    ContributionAnswered,
    /// A deadline is near.
    DeadlineNear,
    /// A request to be forgotten was received.
    ErasureReceived,
    /// It was decided.
    ErasureDecided,
    /// The account can be signed in to with an identity of a provider.
    ProviderLinked,
    /// No more.
    ProviderUnlinked,
}

/// A mail before it is written.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mail {
    /// Whose address it goes to; it is looked up when the mail is sent.
    pub recipient: SubjectId,
    /// Where the account is.
    pub home: TenantId,
    /// What it is for.
    pub kind: Kind,
    /// What it is written in.
    pub language: Language,
    /// A code to be shown.
    pub code: Option<Sealed>,
    /// What it is about; absent if that is the account.
    pub about: Option<Uuid>,
    /// The address of a mail that outlives the account, under a key of the mail's own.
    pub address: Option<Sealed>,
    /// The last day of the deadline that it is about, as ISO text.
    pub deadline: Option<String>,
}

/// What somebody wants of a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Have it sent.
    Queue {
        /// The mail.
        mail: Mail,
        /// When.
        at: Timestamp,
    },
    /// Note that it was taken.
    NoteSent {
        /// Which attempt, from 1.
        attempt: u32,
        /// When.
        at: Timestamp,
    },
    /// Note that it was not taken.
    NoteFailure {
        /// Which attempt, from 1.
        attempt: u32,
        /// SMTP's reply code; 0 if there was no reply.
        reply_code: u32,
        /// Whether another attempt is useless.
        permanent: bool,
        /// When.
        at: Timestamp,
    },
    /// Try it once more now, though it waits or was given up.
    Retry {
        /// When.
        at: Timestamp,
    },
    /// Try it no more.
    Drop {
        /// When.
        at: Timestamp,
    },
}

/// What happened to a mail.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It is to be sent.
    Queued {
        /// The mail.
        mail: Mail,
        /// When.
        at: Timestamp,
    },
    /// It was taken.
    Sent {
        /// Which attempt.
        attempt: u32,
        /// When.
        at: Timestamp,
    },
    /// It was not taken, and is tried again.
    Failed {
        /// Which attempt.
        attempt: u32,
        /// SMTP's reply code.
        reply_code: u32,
        /// When.
        at: Timestamp,
        /// When it is tried again.
        next_at: Timestamp,
    },
    /// It was not taken, and is not tried again.
    GivenUp {
        /// How often it was tried.
        attempts: u32,
        /// SMTP's last reply code.
        reply_code: u32,
        /// When.
        at: Timestamp,
    },
    /// It is to be tried once more.
    Retried {
        /// From when on.
        at: Timestamp,
    },
    /// It is not tried any more.
    Dropped {
        /// When.
        at: Timestamp,
    },
}

/// Why a change of a mail is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// Another mail was queued under this id.
    #[error("there is another mail of this id")]
    Differs,
    /// No mail was queued under this id, or the attempt is not its next one.
    #[error("there is no such attempt")]
    Unknown,
    /// It was sent or dropped.
    #[error("the mail was sent or dropped")]
    Over,
}

/// Where a mail is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Progress {
    /// To be tried at this moment or later.
    Waiting {
        /// From when on.
        next_at: Timestamp,
    },
    /// Taken.
    Sent,
    /// Given up.
    GivenUp,
    /// Dropped by an operator.
    Dropped,
}

/// A mail and how it fared.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Queued {
    /// The mail.
    pub mail: Mail,
    /// When it was queued.
    pub queued_at: Timestamp,
    /// How often it was tried.
    pub attempts: u32,
    /// When it was tried last.
    pub tried_at: Option<Timestamp>,
    /// SMTP's last reply code; 0 if there was none.
    pub reply_code: u32,
    /// Where it is.
    pub progress: Progress,
}

/// The mail, if it was queued.
pub type State = Option<Queued>;

/// The decisions about a mail.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "mail";
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
            (None, Command::Queue { mail, at }) => Ok(vec![Event::Queued { mail: mail.clone(), at: *at }]),
            (Some(queued), Command::Queue { mail, .. }) => {
                // Sealed parts differ each time they are made.
                let key = |mail: &Mail| (mail.recipient, mail.kind, mail.about);
                if key(&queued.mail) == key(mail) { Ok(Vec::new()) } else { Err(Rejection::Differs) }
            }
            (None, _) => Err(Rejection::Unknown),
            (Some(queued), Command::NoteSent { attempt, at }) => {
                let event = Event::Sent { attempt: *attempt, at: *at };
                next_attempt(queued, *attempt).map(|next| next.then_some(event).into_iter().collect())
            }
            (Some(queued), Command::NoteFailure { attempt, reply_code, permanent, at }) => {
                // One that was under way when the mail was dropped is not followed by another.
                if !next_attempt(queued, *attempt)? || queued.progress == Progress::Dropped {
                    return Ok(Vec::new());
                }
                let (attempt, reply_code, at) = (*attempt, *reply_code, *at);
                Ok(vec![match wait_after(attempt).filter(|_| !permanent) {
                    Some(wait) => Event::Failed { attempt, reply_code, at, next_at: at + wait },
                    None => Event::GivenUp { attempts: attempt, reply_code, at },
                }])
            }
            (Some(queued), Command::Retry { at }) => match queued.progress {
                // It is being tried, or will be at once.
                Progress::Waiting { next_at } if next_at <= *at => Ok(Vec::new()),
                Progress::Waiting { .. } | Progress::GivenUp => Ok(vec![Event::Retried { at: *at }]),
                Progress::Sent | Progress::Dropped => Err(Rejection::Over),
            },
            (Some(queued), Command::Drop { at }) => match queued.progress {
                Progress::Waiting { .. } | Progress::GivenUp => Ok(vec![Event::Dropped { at: *at }]),
                Progress::Dropped => Ok(Vec::new()),
                Progress::Sent => Err(Rejection::Over),
            },
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        let mut queued = match (state, event) {
            (None, Event::Queued { mail, at }) => {
                return Some(Queued {
                    mail: mail.clone(),
                    queued_at: *at,
                    attempts: 0,
                    tried_at: None,
                    reply_code: 0,
                    progress: Progress::Waiting { next_at: *at },
                });
            }
            (Some(queued), _) => queued,
            // `decide` emits nothing else; what was stored anyway changes nothing.
            (None, _) => return None,
        };
        match event {
            Event::Queued { .. } => {}
            Event::Sent { attempt, at } => {
                queued.attempts = *attempt;
                queued.tried_at = Some(*at);
                queued.progress = Progress::Sent;
            }
            Event::Failed { attempt, reply_code, at, next_at } => {
                queued.attempts = *attempt;
                queued.reply_code = *reply_code;
                queued.tried_at = Some(*at);
                queued.progress = Progress::Waiting { next_at: *next_at };
            }
            Event::GivenUp { attempts, reply_code, at } => {
                queued.attempts = *attempts;
                queued.reply_code = *reply_code;
                queued.tried_at = Some(*at);
                queued.progress = Progress::GivenUp;
            }
            Event::Retried { at } => queued.progress = Progress::Waiting { next_at: *at },
            Event::Dropped { .. } => queued.progress = Progress::Dropped,
        }
        Some(queued)
    }
}

/// Whether the attempt is the one to come; not if it was noted before.
fn next_attempt(queued: &Queued, attempt: u32) -> Result<bool, Rejection> {
    match queued.progress {
        _ if attempt <= queued.attempts && attempt > 0 => Ok(false),
        Progress::Waiting { .. } | Progress::Dropped if attempt == queued.attempts + 1 => Ok(true),
        _ => Err(Rejection::Unknown),
    }
}

fn wait_after(attempt: u32) -> Option<Duration> {
    let index = usize::try_from(attempt).ok()?.checked_sub(1)?;
    WAITS_S.get(index).map(|secs| Duration::from_secs(*secs))
}
