//! One support per person, in the phase for it, and no more than the procedure gives.

use allmende_kernel::{Level, Timestamp};
use allmende_participation_domain::DayRange;
use allmende_participation_domain::allowance::{self, Exhausted};
use allmende_participation_domain::contribution::{self, About, ErasureReason};
use allmende_participation_domain::procedure::{self, Rejection as Late};
use allmende_participation_domain::support::{Command, Context, Event, Model, Rejection, parse_stream_id, stream_id};
use allmende_testkit::given;

use crate::fixture::{
    contribution_id, days, opened, person, procedure_after, published, section, september, submitted,
};

fn thing(events: impl IntoIterator<Item = contribution::Event>) -> contribution::State {
    given::<contribution::Model>(events).state()
}

fn public(about: About) -> contribution::State {
    thing([submitted(about), published()])
}

fn support(thing: &contribution::State, consultation: Option<&DayRange>, at: Timestamp) -> Result<(), Rejection> {
    use allmende_kernel::Decider as _;
    let procedure = procedure_after([opened()]);
    let context = Context { thing, procedure: &procedure, consultation, level: Level::Email };
    Model::decide(&false, &context.to_support(at), &Command::Support { at }).map(|_| ())
}

fn closed() -> Result<(), Rejection> {
    Err(Late::PhaseClosed.into())
}

#[test]
fn a_person_supports_a_thing_once() {
    let (proposal, procedure, at) = (public(About::Proposal), procedure_after([opened()]), september(20));
    let context = Context { thing: &proposal, procedure: &procedure, consultation: None, level: Level::Substantial };
    let open = context.to_support(at);
    given::<Model>([]).with(open.clone()).when(Command::Support { at }).then([Event::Given { at }]);
    given::<Model>([Event::Given { at }]).with(open.clone()).when(Command::Support { at }).then([]);
    given::<Model>([Event::Given { at }])
        .with(open.clone())
        .when(Command::TakeBack { at })
        .then([Event::TakenBack { at }]);
    given::<Model>([]).with(open).when(Command::TakeBack { at }).then([]);
    let weak = Context { level: Level::None, ..context };
    given::<Model>([]).with(weak.to_support(at)).when(Command::Support { at }).then_rejected(Late::SignInLevel.into());
}

#[test]
fn proposals_are_supported_in_the_support_phase_and_comments_while_they_are_taken() {
    let proposal = public(About::Proposal);
    assert_eq!(support(&proposal, None, september(15)), closed());
    assert_eq!(support(&proposal, None, september(16)), Ok(()));
    assert_eq!(support(&proposal, None, september(28)), closed());
    let comment = public(About::SectionComment(section()));
    assert_eq!(support(&comment, Some(&days(7, 27)), september(10)), Ok(()));
    assert_eq!(support(&comment, Some(&days(7, 27)), september(28)), closed());
    assert_eq!(support(&comment, None, september(10)), closed());
    assert_eq!(support(&public(About::Idea), None, september(20)), Err(Rejection::WrongKind));
}

#[test]
fn what_is_not_public_is_not_supported_but_supports_come_back() {
    let at = september(20);
    assert_eq!(support(&thing([submitted(About::Proposal)]), None, at), Err(Rejection::Unknown));
    assert_eq!(support(&thing([]), None, at), Err(Rejection::Unknown));
    let erased = contribution::Event::Erased { reason: ErasureReason::Request, at };
    let (erased, procedure) = (thing([submitted(About::Proposal), published(), erased]), procedure_after([opened()]));
    let context = Context { thing: &erased, procedure: &procedure, consultation: None, level: Level::Email };
    given::<Model>([Event::Given { at }])
        .with(context.to_take_back(at))
        .when(Command::TakeBack { at })
        .then([Event::TakenBack { at }]);
}

#[test]
fn no_more_supports_than_the_procedure_gives() {
    let spend = |number| allowance::Command::Spend { on: contribution_id(number), of: 2 };
    let spent = |number| allowance::Event::Spent(contribution_id(number));
    given::<allowance::Model>([spent(1)]).when(spend(2)).then([spent(2)]);
    given::<allowance::Model>([spent(1), spent(2)]).when(spend(3)).then_rejected(Exhausted);
    given::<allowance::Model>([spent(1), spent(2)]).when(spend(2)).then([]);
    let back = allowance::Event::Returned(contribution_id(1));
    given::<allowance::Model>([spent(1), spent(2)])
        .when(allowance::Command::Return { of: contribution_id(1) })
        .then([back]);
    let state = given::<allowance::Model>([spent(1), spent(2), back]).state();
    assert_eq!((state.left(2), state.given()), (1, 1));
}

#[test]
fn counts_are_hidden_until_the_support_phase_has_ended() {
    let state = procedure_after([opened()]);
    let procedure = state.procedure().unwrap();
    assert!(procedure.hides_counts(september(27)));
    assert!(!procedure.hides_counts(september(28)));
    let closed = procedure::Event::Closed { reason: String::new(), at: september(20) };
    let state = procedure_after([opened(), closed]);
    assert!(!state.procedure().unwrap().hides_counts(september(20)));
}

#[test]
fn a_streams_id_tells_the_thing() {
    let id = stream_id(contribution_id(77), person(3));
    assert_eq!(parse_stream_id(&id), Some(contribution_id(77)));
    assert_eq!(parse_stream_id("x"), None);
    assert!(id.len() <= 100);
}
