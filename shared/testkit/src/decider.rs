use std::fmt::Debug;

use allmende_kernel::Decider;

/// A decider after `history`.
///
/// ```
/// # use allmende_kernel::Decider;
/// # use allmende_testkit::given;
/// # #[derive(Debug, PartialEq, thiserror::Error)]
/// # #[error("closed")]
/// # struct Closed;
/// # #[derive(Debug, PartialEq)]
/// # struct Supported;
/// # struct Proposal;
/// # impl Decider for Proposal {
/// #     const CATEGORY: &'static str = "proposal";
/// #     type Command = ();
/// #     type Event = Supported;
/// #     type State = bool;
/// #     type Context = bool;
/// #     type Rejection = Closed;
/// #     fn initial() -> bool { false }
/// #     fn decide(supported: &bool, open: &bool, _: &()) -> Result<Vec<Supported>, Closed> {
/// #         match (open, supported) { (false, _) => Err(Closed), (_, true) => Ok(vec![]), _ => Ok(vec![Supported]) }
/// #     }
/// #     fn evolve(_: bool, _: &Supported) -> bool { true }
/// # }
/// # let (support, phase_open, phase_closed) = ((), true, false);
/// given::<Proposal>([]).with(phase_open).when(support).then([Supported]);
/// given::<Proposal>([Supported]).with(phase_open).when(support).then([]);
/// given::<Proposal>([]).with(phase_closed).when(support).then_rejected(Closed);
/// ```
pub fn given<D: Decider>(history: impl IntoIterator<Item = D::Event>) -> Given<D> {
    Given { state: history.into_iter().fold(D::initial(), |state, event| D::evolve(state, &event)) }
}

/// A history; see [`given`].
pub struct Given<D: Decider> {
    state: D::State,
}

impl<D: Decider> Given<D> {
    /// What the rule knows of other streams.
    pub fn with(self, context: D::Context) -> Ready<D> {
        Ready { state: self.state, context }
    }

    /// The folded state, for a test of `evolve` alone.
    pub fn state(self) -> D::State {
        self.state
    }
}

impl<D: Decider<Context = ()>> Given<D> {
    /// Decides; for rules that know of no other stream.
    pub fn when(self, command: D::Command) -> Decided<D> {
        self.with(()).when(command)
    }
}

/// A history and a context; see [`given`].
pub struct Ready<D: Decider> {
    state: D::State,
    context: D::Context,
}

impl<D: Decider> Ready<D> {
    /// Decides.
    pub fn when(self, command: D::Command) -> Decided<D> {
        Decided { outcome: D::decide(&self.state, &self.context, &command), state: self.state }
    }
}

/// What was decided; see [`given`].
#[must_use = "a decision is to be compared with what should have been decided"]
pub struct Decided<D: Decider> {
    state: D::State,
    outcome: Result<Vec<D::Event>, D::Rejection>,
}

impl<D: Decider> Decided<D> {
    /// Accepted with exactly these events, none for "already so". Returns the state after them.
    ///
    /// # Panics
    /// When something else was decided.
    #[track_caller]
    pub fn then(self, expected: impl IntoIterator<Item = D::Event>) -> D::State
    where
        D::Event: Debug + PartialEq,
    {
        let expected: Vec<_> = expected.into_iter().collect();
        match self.outcome {
            Ok(events) => {
                assert_eq!(events, expected, "decided (left) is not what was expected (right)");
                events.iter().fold(self.state, D::evolve)
            }
            Err(rejection) => panic!("rejected with \"{rejection}\", expected {expected:?}"),
        }
    }

    /// Rejected for exactly this reason.
    ///
    /// # Panics
    /// When it was accepted, or rejected for another reason.
    #[track_caller]
    pub fn then_rejected(self, expected: D::Rejection)
    where
        D::Event: Debug,
        D::Rejection: PartialEq,
    {
        match self.outcome {
            Ok(events) => panic!("accepted with {events:?}, expected rejection {expected:?}"),
            Err(rejection) => assert_eq!(rejection, expected, "rejected for another reason"),
        }
    }
}
