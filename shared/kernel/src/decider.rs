/// A pure decision model: no I/O, clock or randomness. Time, actor and fresh ids arrive inside the command.
///
/// Three laws hold for every implementation and are property-tested with `allmende-testkit`: folding what `decide`
/// emitted never panics and keeps the state's invariants; a snapshot and the tail fold to the same state as the whole
/// stream; an accepted command decided again yields nothing.
pub trait Decider {
    /// Stream category; an instance's stream is `{tenant}/{CATEGORY}/{id}`.
    const CATEGORY: &'static str;
    /// What somebody wants to happen, with its time, actor and ids already stamped.
    type Command;
    /// What happened.
    type Event;
    /// The fold of the events so far.
    type State;
    /// Folded state of other streams of the same partition that the rule needs, at the same head; `()` for most.
    type Context;
    /// Why a command is refused.
    type Rejection: std::error::Error;

    /// The state of a stream with no events.
    fn initial() -> Self::State;

    /// What happens next. An empty list means "already so" and is a success.
    fn decide(
        state: &Self::State,
        context: &Self::Context,
        command: &Self::Command,
    ) -> Result<Vec<Self::Event>, Self::Rejection>;

    /// The state after one more event. Total: an event that was stored is never refused.
    fn evolve(state: Self::State, event: &Self::Event) -> Self::State;
}
