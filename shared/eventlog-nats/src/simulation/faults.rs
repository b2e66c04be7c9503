/// What may go wrong, in thousandths of the times that it could.
#[derive(Debug, Clone, Copy)]
pub(super) struct Faults {
    /// A message to the server is lost.
    pub(super) lost_requests: u64,
    /// A message to the server comes after its sender has given up, after its connection was closed too.
    pub(super) late_requests: u64,
    /// An answer is lost.
    pub(super) lost_answers: u64,
    /// A message is refused, though nothing stands at its place.
    pub(super) refused_for_nothing: u64,
    /// A message is acknowledged, and the stream set back to before it before anybody has read it.
    pub(super) acknowledged_and_lost: u64,
    /// A connection is not made.
    pub(super) refused_connections: u64,
    /// A follower ends.
    pub(super) ended_followers: u64,
    /// A message is given again.
    pub(super) repeated_messages: u64,
    /// A follower stands still for seconds.
    pub(super) slow_followers: u64,
    /// A hint is old.
    pub(super) old_hints: u64,
    /// A client gives up waiting and asks again elsewhere.
    pub(super) impatient_clients: u64,
    /// At each of the moments when something is done to a member: it is killed, or paused.
    pub(super) kills: u64,
    pub(super) pauses: u64,
    /// The lease goes to another member.
    pub(super) moves: u64,
    /// So many members' clocks are ahead by up to so many seconds.
    pub(super) skew_seconds: u64,
}

impl Faults {
    pub(super) const NONE: Self = Self {
        lost_requests: 0,
        late_requests: 0,
        lost_answers: 0,
        refused_for_nothing: 0,
        acknowledged_and_lost: 0,
        refused_connections: 0,
        ended_followers: 0,
        repeated_messages: 0,
        slow_followers: 0,
        old_hints: 0,
        impatient_clients: 0,
        kills: 0,
        pauses: 0,
        moves: 0,
        skew_seconds: 0,
    };

    /// Everything, often.
    pub(super) const STORM: Self = Self {
        lost_requests: 20,
        late_requests: 30,
        lost_answers: 40,
        refused_for_nothing: 20,
        acknowledged_and_lost: 20,
        refused_connections: 100,
        ended_followers: 20,
        repeated_messages: 100,
        slow_followers: 20,
        old_hints: 300,
        impatient_clients: 30,
        kills: 150,
        pauses: 300,
        moves: 400,
        skew_seconds: 90,
    };
}
