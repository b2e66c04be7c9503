//! A session: what one sign-in began, and the refresh token that continues it. Stream
//! `{home tenant}/session/{session_id}`.

use allmende_kernel::{Decider, Duration, Level, SubjectId, Timestamp};

use crate::TokenHash;

/// How long after its use a refresh token may be used again: an answer can be lost, and a browser asks for several
/// pages at once.
const GRACE: Duration = Duration::from_secs(30);
/// Tokens that can be in that time at once; with more of them the first ones are out of it.
const MAX_REPLACED: usize = 16;

/// What the session rests on: the account, as it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing {
    /// Sessions begun before are over; absent when the account is gone.
    pub sessions_since: Option<Timestamp>,
}

/// What somebody wants of a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Command {
    /// Begin it.
    Begin {
        /// Whose.
        subject: SubjectId,
        /// How surely the person is known.
        level: Level,
        /// The first refresh token.
        token: TokenHash,
        /// When.
        at: Timestamp,
        /// When it ends at the latest.
        ends_at: Timestamp,
    },
    /// Go on with it. The token must be one that was made for this session; forged ones are not brought here.
    Refresh {
        /// The token that is shown.
        presented: TokenHash,
        /// The one that is good from now on. It follows from the one that is shown, so that everybody who shows that
        /// one goes on with the same.
        next: TokenHash,
        /// When.
        at: Timestamp,
    },
    /// End it.
    SignOut {
        /// When.
        at: Timestamp,
    },
}

/// What happened to a session.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    /// It was begun.
    Begun {
        /// Whose.
        subject: SubjectId,
        /// How surely the person is known.
        level: Level,
        /// The first refresh token.
        token: TokenHash,
        /// When.
        at: Timestamp,
        /// When it ends at the latest.
        ends_at: Timestamp,
    },
    /// Another refresh token is good.
    Refreshed {
        /// Which.
        token: TokenHash,
        /// Since when.
        at: Timestamp,
    },
    /// It was ended.
    Ended {
        /// Why.
        reason: End,
        /// When.
        at: Timestamp,
    },
}

/// Why a session was ended before its time.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum End {
    /// The person wanted it.
    SignedOut,
    /// A refresh token was used a second time: one of the two who had it should not.
    TokenReused,
}

/// Why a session does not go on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Rejection {
    /// It is over, or the token is not its own.
    #[error("the session is over, or the refresh token is not its own")]
    TokenWrong,
}

/// A session that goes on.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Open {
    /// Whose.
    pub subject: SubjectId,
    /// How surely the person is known.
    pub level: Level,
    /// When it was begun.
    pub begun_at: Timestamp,
    /// When it ends at the latest.
    pub ends_at: Timestamp,
    /// The refresh token that is good.
    pub token: TokenHash,
    /// Those that were good a moment ago, and since when they are not; the latest last.
    replaced: Vec<(TokenHash, Timestamp)>,
}

/// What became of a session so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum State {
    /// Never begun.
    #[default]
    Absent,
    /// Going on.
    Open(Open),
    /// Ended before its time.
    Ended {
        /// Why.
        reason: End,
        /// When.
        at: Timestamp,
    },
}

/// The session's decisions. A token that is used again too late ends the session, and is an event, not a rejection: it
/// must be remembered. Who asks looks whether the session is open after it.
#[derive(Debug)]
pub enum Model {}

impl Decider for Model {
    const CATEGORY: &'static str = "session";
    type Command = Command;
    type Event = Event;
    type State = State;
    type Context = Standing;
    type Rejection = Rejection;

    fn initial() -> State {
        State::Absent
    }

    fn decide(state: &State, standing: &Standing, command: &Command) -> Result<Vec<Event>, Rejection> {
        match (state, command) {
            (State::Absent, Command::Begin { subject, level, token, at, ends_at }) => {
                let (subject, level, token) = (*subject, *level, *token);
                Ok(vec![Event::Begun { subject, level, token, at: *at, ends_at: *ends_at }])
            }
            (State::Open(open), Command::Begin { subject, token, at, .. })
                if (open.subject, open.token, open.begun_at) == (*subject, *token, *at) =>
            {
                Ok(Vec::new())
            }
            (State::Open(open), Command::Refresh { presented, next, at }) => {
                let over = *at >= open.ends_at || standing.sessions_since.is_none_or(|since| open.begun_at < since);
                if over { Err(Rejection::TokenWrong) } else { refresh(open, *presented, *next, *at) }
            }
            (State::Open(_), Command::SignOut { at }) => Ok(vec![Event::Ended { reason: End::SignedOut, at: *at }]),
            (State::Absent | State::Ended { .. }, Command::SignOut { .. }) => Ok(Vec::new()),
            (State::Ended { reason: End::TokenReused, at: ended }, Command::Refresh { at, .. }) if ended == at => {
                Ok(Vec::new())
            }
            _ => Err(Rejection::TokenWrong),
        }
    }

    fn evolve(state: State, event: &Event) -> State {
        match (state, event) {
            (State::Absent, Event::Begun { subject, level, token, at, ends_at }) => State::Open(Open {
                subject: *subject,
                level: *level,
                begun_at: *at,
                ends_at: *ends_at,
                token: *token,
                replaced: Vec::new(),
            }),
            (State::Open(mut open), Event::Refreshed { token, at }) => {
                open.replaced.retain(|(_, since)| at.since(*since) <= GRACE);
                if open.replaced.len() == MAX_REPLACED {
                    open.replaced.remove(0);
                }
                open.replaced.push((open.token, *at));
                State::Open(Open { token: *token, ..open })
            }
            (State::Open(_), Event::Ended { reason, at }) => State::Ended { reason: *reason, at: *at },
            // `decide` emits nothing else; what was stored anyway changes nothing.
            (state, _) => state,
        }
    }
}

fn refresh(open: &Open, presented: TokenHash, next: TokenHash, at: Timestamp) -> Result<Vec<Event>, Rejection> {
    if presented == open.token {
        return Ok(vec![Event::Refreshed { token: next, at }]);
    }
    // Who shows one of these goes on with the one that is good now.
    let in_grace = |(token, since): &(TokenHash, Timestamp)| *token == presented && at.since(*since) <= GRACE;
    match open.replaced.iter().any(in_grace) {
        true => Ok(Vec::new()),
        false => Ok(vec![Event::Ended { reason: End::TokenReused, at }]),
    }
}
