use std::collections::BTreeSet;
use std::time::Duration;

use allmende_eventlog::Window;

/// How a member takes part in its partition.
#[derive(Debug, Clone)]
pub struct Options {
    /// Its name, which it keeps across restarts.
    pub member: String,
    /// How long request ids are remembered.
    pub window: Window,
    /// Most commits a group may hold.
    pub group_commits: u32,
    /// The types of events that this version can read; `None` if it reads whatever comes. A member whose replica holds
    /// another one applies, and does not lead: what it decides would rest on less than what happened.
    pub event_types: Option<BTreeSet<String>>,
    /// How long things may take.
    pub timing: Timing,
}

/// How long things may take before something else is tried.
#[derive(Debug, Clone, Copy)]
pub struct Timing {
    /// For the answer to a publish.
    pub publish: Duration,
    /// For a message to be read that the server says is there. Then it is made sure that something comes, and the reader is
    /// begun anew; if nothing comes of that, after twice as long the next time.
    pub read: Duration,
    /// Between two attempts at the same, at first; doubled each time, with jitter.
    pub pause: Duration,
    /// Between two attempts at most.
    pub longest_pause: Duration,
    /// Between two comparisons with the other members.
    pub compare: Duration,
    /// For what waits when leadership is given up.
    pub hand_over: Duration,
}

impl Default for Timing {
    fn default() -> Self {
        Self {
            publish: Duration::from_secs(2),
            read: Duration::from_secs(2),
            pause: Duration::from_millis(50),
            longest_pause: Duration::from_secs(2),
            compare: Duration::from_secs(10),
            hand_over: Duration::from_secs(3),
        }
    }
}

impl Options {
    /// The options of a member that reads every event.
    pub fn of(member: &str) -> Self {
        Self {
            member: member.to_owned(),
            window: Window::default(),
            group_commits: 4_096,
            event_types: None,
            timing: Timing::default(),
        }
    }
}
