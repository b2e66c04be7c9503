//! The laws of deciders, for any commands in any order.

use allmende_kernel::{Decider, SubjectId};
use allmende_participation_domain::contribution::{
    self, About, Answer, ByCitizen, ByStaff, Command, Context, Decision, ErasureReason, Reason, Visibility,
};
use allmende_participation_domain::{ProjectId, ThemeId, allowance, document, procedure, support};
use allmende_testkit::laws;
use proptest::prelude::*;
use uuid::Uuid;

use crate::fixture::{
    author, contribution_id, days, grounds, on_section, online, opened, person, procedure_after, procedure_id, said,
    schedule, sealed, section, september, staff, submission, terms,
};

fn some_context() -> Context {
    Context { theme: Some(procedure_id()), ..on_section() }
}

fn about() -> impl Strategy<Value = About> {
    prop_oneof![Just(About::Idea), Just(About::Proposal), Just(About::Amendment(section()))]
}

fn decision() -> impl Strategy<Value = Decision> {
    let reason = prop_oneof![Just(Reason::Insult), Just(Reason::Other)];
    prop_oneof![
        2 => Just(Decision::Publish),
        1 => reason.clone().prop_map(|reason| Decision::Reject(grounds(reason))),
        1 => reason.clone().prop_map(|reason| Decision::Hide(grounds(reason))),
        1 => reason.prop_map(|reason| Decision::Redact { text: sealed("kürzer"), grounds: grounds(reason) }),
    ]
}

fn somebody() -> impl Strategy<Value = SubjectId> {
    prop_oneof![Just(author()), Just(person(20)), Just(person(21))]
}

fn command() -> impl Strategy<Value = Command> {
    let at = september(12);
    let answer = any::<bool>().prop_map(|accepted| Answer { accepted, reasons: said("So"), cost_cents: None });
    prop_oneof![
        3 => about().prop_map(|about| Command::Submit(submission(about, online(author()), september(10)))),
        5 => (somebody(), decision())
            .prop_map(move |(moderator, decision)| staff(ByStaff::Moderate { moderator, decision, at })),
        2 => (somebody(), any::<bool>())
            .prop_map(move |(by, grant)| staff(ByStaff::DecideObjection { by, grant, at })),
        2 => somebody().prop_map(move |by| Command::Citizen(by, ByCitizen::Object { note: sealed("doch"), at })),
        1 => somebody().prop_map(move |by| {
            Command::Citizen(by, ByCitizen::Report { grounds: grounds(Reason::Other), at })
        }),
        1 => somebody().prop_map(move |by| Command::Citizen(by, ByCitizen::Withdraw { at })),
        1 => "[ab]".prop_map(move |text| staff(ByStaff::Answer { text: said(&text), at })),
        1 => answer.prop_map(move |answer| staff(ByStaff::AnswerProposal { answer, at })),
        1 => Just(staff(ByStaff::StartEvaluation { at })),
        1 => Just(staff(ByStaff::AcceptAmendment { at })),
        1 => Just(staff(ByStaff::Promote { project: ProjectId::new(Uuid::from_u128(5)), at })),
        1 => prop::option::of(Just(ThemeId::new(Uuid::from_u128(4))))
            .prop_map(move |theme| staff(ByStaff::AssignTheme { theme, at })),
        1 => Just(Command::Erase { reason: ErasureReason::Request, at }),
    ]
}

fn invariant(state: &contribution::State) -> Result<(), String> {
    let contribution::State::Present(contribution) = state else { return Ok(()) };
    let moderation = &contribution.moderation;
    let decided = moderation.visibility != Visibility::Pending;
    match decided == moderation.decided_by.is_some() {
        true => Ok(()),
        false => Err(format!("{moderation:?} is decided by nobody, or undecided by somebody")),
    }
}

fn contributions() -> impl Strategy<Value = Vec<(Context, Command)>> {
    prop::collection::vec(command().prop_map(|command| (some_context(), command)), 0..40)
}

fn procedures() -> impl Strategy<Value = Vec<((), procedure::Command)>> {
    let at = september(9);
    let command = prop_oneof![
        2 => Just(procedure::Command::Open { terms: terms(), schedule: schedule(), at }),
        1 => Just(procedure::Command::AmendPhases { schedule: Default::default(), reason: String::new(), at }),
        1 => "[ab]".prop_map(move |text| procedure::Command::PublishStatus { text, at }),
        1 => Just(procedure::Command::Close { reason: String::new(), at }),
    ];
    prop::collection::vec(command.prop_map(|command| ((), command)), 0..20)
}

fn documents() -> impl Strategy<Value = Vec<(bool, document::Command)>> {
    let (at, procedure) = (september(9), procedure_id());
    let drafts = prop::collection::vec("# [ABC]\n[xyz]{0,3} [xyz]{4}\n", 1..5)
        .prop_map(|sections| document::parse(&sections.concat()).unwrap());
    let command = prop_oneof![
        2 => drafts.clone().prop_map(move |drafts| document::Command::PublishDraft {
            procedure, title: "Leitbild".into(), drafts, at,
        }),
        5 => (1u32..4, drafts).prop_map(move |(base, drafts)| document::Command::PublishRevision {
            procedure, base, drafts, unanswered: 0, at,
        }),
        1 => Just(document::Command::OpenConsultation { procedure, days: days(7, 27), at }),
    ];
    prop::collection::vec(command.prop_map(|command| (true, command)), 0..20)
}

fn distinct_ids(state: &document::State) -> Result<(), String> {
    let sections = state.document().map_or(&[][..], |document| &document.sections);
    let ids: std::collections::BTreeSet<_> = sections.iter().map(|section| &section.id).collect();
    if ids.len() == sections.len() { Ok(()) } else { Err("two sections share an id".into()) }
}

fn supports() -> impl Strategy<Value = Vec<(support::Admission, support::Command)>> {
    let at = september(20);
    let events = [crate::fixture::submitted(About::Proposal), crate::fixture::published()];
    let thing = allmende_testkit::given::<contribution::Model>(events).state();
    let procedure = procedure_after([opened()]);
    let level = allmende_kernel::Level::High;
    let open = support::Context { thing: &thing, procedure: &procedure, consultation: None, level }.to_support(at);
    let command = prop_oneof![Just(support::Command::Support { at }), Just(support::Command::TakeBack { at })];
    prop::collection::vec(command.prop_map(move |command| (open.clone(), command)), 0..10)
}

fn allowances() -> impl Strategy<Value = Vec<((), allowance::Command)>> {
    let command = prop_oneof![
        2 => (0u128..6).prop_map(|number| allowance::Command::Spend { on: contribution_id(number), of: 3 }),
        1 => (0u128..6).prop_map(|number| allowance::Command::Return { of: contribution_id(number) }),
    ];
    prop::collection::vec(command.prop_map(|command| ((), command)), 0..30)
}

fn same<D: Decider>(state: D::State) -> D::State {
    state
}

proptest! {
    #[test]
    fn contributions_keep_the_laws(steps in contributions()) {
        laws::replay_keeps::<contribution::Model>(&steps, invariant)?;
        laws::snapshot_and_tail_are_the_whole::<contribution::Model>(&steps, same::<contribution::Model>)?;
        laws::decided_again_yields_nothing::<contribution::Model>(&steps)?;
    }

    #[test]
    fn procedures_keep_the_laws(steps in procedures()) {
        laws::snapshot_and_tail_are_the_whole::<procedure::Model>(&steps, same::<procedure::Model>)?;
        laws::decided_again_yields_nothing::<procedure::Model>(&steps)?;
    }

    #[test]
    fn documents_keep_the_laws(steps in documents()) {
        laws::replay_keeps::<document::Model>(&steps, distinct_ids)?;
        laws::snapshot_and_tail_are_the_whole::<document::Model>(&steps, same::<document::Model>)?;
        laws::decided_again_yields_nothing::<document::Model>(&steps)?;
    }

    #[test]
    fn supports_keep_the_laws(steps in supports()) {
        laws::snapshot_and_tail_are_the_whole::<support::Model>(&steps, same::<support::Model>)?;
        laws::decided_again_yields_nothing::<support::Model>(&steps)?;
    }

    #[test]
    fn no_more_supports_are_given_than_there_are(steps in allowances()) {
        laws::replay_keeps::<allowance::Model>(&steps, |state| {
            if state.given() <= 3 { Ok(()) } else { Err(format!("{} given", state.given())) }
        })?;
        laws::decided_again_yields_nothing::<allowance::Model>(&steps)?;
    }
}
