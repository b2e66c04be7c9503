//! What is in time: online by the moment of receipt, offline by the day of receipt.

use allmende_kernel::{Duration, Level};
use allmende_participation_domain::Channel;
use allmende_participation_domain::contribution::{About, Command, Context, Event, Model, Rejection, Source, Target};
use allmende_participation_domain::procedure::{self, Rejection as Late};
use allmende_testkit::given;

use crate::fixture::{
    author, context, contribution_id, days, letter, on_section, online, opened, person, procedure_after, procedure_id,
    section, september, submission,
};

const LAST_MOMENT: Duration = Duration::from_micros(1);

fn hand_in(context: Context, about: About, source: Source, at: allmende_kernel::Timestamp) -> Result<u32, Rejection> {
    use allmende_kernel::Decider as _;
    let command = Command::Submit(submission(about, source, at));
    match Model::decide(&Model::initial(), &context, &command)?.as_slice() {
        [Event::Submitted { version, .. }] => Ok(*version),
        other => panic!("{other:?}"),
    }
}

fn late(rejection: Late) -> Result<u32, Rejection> {
    Err(Rejection::Procedure(rejection))
}

#[test]
fn a_comment_is_in_time_to_the_end_of_the_last_day() {
    let comment = |at| hand_in(on_section(), About::SectionComment(section()), online(author()), at);
    assert_eq!(comment(september(7) - LAST_MOMENT), late(Late::PhaseClosed));
    assert_eq!(comment(september(7)), Ok(2));
    assert_eq!(comment(september(28) - Duration::from_micros(1_000)), Ok(2), "23:59:59.999");
    assert_eq!(comment(september(28) - LAST_MOMENT), Ok(2));
    assert_eq!(comment(september(28)), late(Late::PhaseClosed), "00:00:00");
}

#[test]
fn an_idea_is_in_time_in_its_phase() {
    let idea = |at| hand_in(context(), About::Idea, online(author()), at);
    assert_eq!(idea(september(7) - LAST_MOMENT), late(Late::PhaseClosed));
    assert_eq!(idea(september(15)), Ok(0));
    assert_eq!(idea(september(16) - LAST_MOMENT), Ok(0));
    assert_eq!(idea(september(16)), late(Late::PhaseClosed));
}

#[test]
fn a_letter_is_judged_by_the_day_it_came_and_entered_until_the_grace_date() {
    let idea = |received, entered| hand_in(context(), About::Idea, letter(received), entered);
    assert_eq!(idea(15, september(15)), Ok(0));
    assert_eq!(idea(15, september(30) - LAST_MOMENT), Ok(0), "entered on the last day of transcription");
    assert_eq!(idea(15, september(30)), late(Late::TranscriptionClosed));
    assert_eq!(idea(16, september(16)), late(Late::PhaseClosed), "came a day late");
    assert_eq!(idea(6, september(8)), late(Late::PhaseClosed), "came before anything was asked");

    let comment =
        |received, entered| hand_in(on_section(), About::SectionComment(section()), letter(received), entered);
    assert_eq!(comment(27, september(29)), Ok(2));
    assert_eq!(comment(28, september(29)), late(Late::PhaseClosed));
    assert_eq!(comment(27, september(30)), late(Late::TranscriptionClosed));
}

#[test]
fn without_a_grace_date_letters_are_entered_while_the_phase_is_open() {
    let schedule = allmende_participation_domain::Schedule::new(crate::fixture::schedule().phases().to_vec(), None);
    let opened = procedure::Event::Opened { terms: crate::fixture::terms(), schedule, at: september(1) };
    let context = Context { procedure: procedure_after([opened]), ..Context::default() };
    let idea = |entered| hand_in(context.clone(), About::Idea, letter(15), entered);
    assert_eq!(idea(september(16) - LAST_MOMENT), Ok(0));
    assert_eq!(idea(september(16)), late(Late::TranscriptionClosed));
}

#[test]
fn a_letter_is_entered_while_any_phase_that_took_it_is_open() {
    use allmende_participation_domain::PhaseKind::{Submission, Support};
    let phases = vec![crate::fixture::phase(Submission, 1, 10), crate::fixture::phase(Support, 5, 20)];
    let schedule = allmende_participation_domain::Schedule::new(phases, None);
    let opened = procedure::Event::Opened { terms: crate::fixture::terms(), schedule, at: september(1) };
    let target = Target::Proposal { procedure: procedure_id() };
    let context = Context { procedure: procedure_after([opened]), target, ..Context::default() };
    let comment = |received, entered| {
        hand_in(context.clone(), About::ProposalComment(contribution_id(3)), letter(received), entered)
    };
    assert_eq!(comment(7, september(15)), Ok(0), "the support phase took it too, and is open");
    assert_eq!(comment(3, september(15)), late(Late::TranscriptionClosed), "only the first phase took it");
    assert_eq!(comment(7, september(21)), late(Late::TranscriptionClosed));
}

#[test]
fn a_closed_procedure_takes_nothing_but_letters_that_came_before() {
    let closed = procedure::Event::Closed { reason: String::new(), at: september(10) + Duration::from_secs(3_600) };
    let context = Context { procedure: procedure_after([opened(), closed]), ..on_section() };
    let hand_in = |about, source, at| hand_in(context.clone(), about, source, at);
    assert_eq!(hand_in(About::Idea, online(author()), september(11)), late(Late::Closed));
    assert_eq!(hand_in(About::SectionComment(section()), online(author()), september(11)), late(Late::Closed));
    assert_eq!(hand_in(About::Idea, letter(10), september(12)), Ok(0));
    assert_eq!(hand_in(About::Idea, letter(11), september(12)), late(Late::Closed));
}

#[test]
fn what_is_about_nothing_that_is_there_is_refused() {
    let comment = |context| hand_in(context, About::SectionComment(section()), online(author()), september(10));
    assert_eq!(comment(context()), Err(Rejection::TargetUnknown));
    let removed = Context { target: Target::SectionUnknown, ..context() };
    assert_eq!(comment(removed), Err(Rejection::SectionUnknown));
    let elsewhere = allmende_participation_domain::ProcedureId::new(uuid::Uuid::from_u128(2));
    let target = Target::Section { procedure: elsewhere, consultation: Some(days(7, 27)), version: 1 };
    assert_eq!(comment(Context { target, ..context() }), Err(Rejection::TargetUnknown));
    let never_asked = Target::Section { procedure: procedure_id(), consultation: None, version: 1 };
    assert_eq!(comment(Context { target: never_asked, ..context() }), late(Late::PhaseClosed));
    assert_eq!(comment(Context::default()), late(Late::Unknown));
}

#[test]
fn comments_on_a_proposal_are_taken_while_it_is_handed_in_and_supported() {
    let target = Target::Proposal { procedure: procedure_id() };
    let context = Context { target, ..context() };
    let about = About::ProposalComment(contribution_id(3));
    let comment = |at| hand_in(context.clone(), about.clone(), online(author()), at);
    assert_eq!(comment(september(10)), Ok(0));
    assert_eq!(comment(september(27)), Ok(0));
    assert_eq!(comment(september(28)), late(Late::PhaseClosed));
}

#[test]
fn the_terms_of_the_procedure_are_kept() {
    let hand_in = |source, licence: Option<&str>| {
        let submission = allmende_participation_domain::contribution::Submission {
            licence: licence.map(Into::into),
            ..submission(About::Idea, source, september(10))
        };
        given::<Model>([]).with(context()).when(Command::Submit(submission))
    };
    let weak = Source::Online { author: author(), level: Level::None, channel: Channel::App };
    hand_in(weak, Some(crate::fixture::LICENCE)).then_rejected(Late::SignInLevel.into());
    hand_in(online(author()), None).then_rejected(Rejection::LicenceNotGranted);
    hand_in(online(author()), Some("cc0")).then_rejected(Rejection::LicenceNotGranted);
    hand_in(letter(10), Some("cc0")).then_rejected(Rejection::LicenceNotGranted);
    let mut card = submission(About::Idea, letter(10), september(10));
    card.licence = None;
    let submitted = Event::Submitted { submission: card.clone(), version: 0 };
    given::<Model>([]).with(context()).when(Command::Submit(card)).then([submitted]);
}

#[test]
fn an_id_belongs_to_one_text() {
    let first = submission(About::Idea, online(author()), september(10));
    let submitted = || Event::Submitted { submission: first.clone(), version: 0 };
    given::<Model>([submitted()]).with(context()).when(Command::Submit(first.clone())).then([]);
    let mut other = first.clone();
    other.source = online(person(8));
    given::<Model>([submitted()]).with(context()).when(Command::Submit(other)).then_rejected(Rejection::Differs);
}
