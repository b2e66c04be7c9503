//! What the administration does with what it got.

use allmende_kernel::Decider as _;
use allmende_participation_domain::contribution::{About, Answer, ByStaff, Context, Event, Model, Rejection};
use allmende_participation_domain::{ProjectId, ThemeId, project, theme};
use allmende_testkit::{Ready, given};
use uuid::Uuid;

use crate::fixture::{procedure_id, published, said, section, september, staff, submitted};

fn public(about: About) -> Ready<Model> {
    given::<Model>([submitted(about), published()]).with(Context::default())
}

fn answer(text: &str) -> ByStaff {
    ByStaff::Answer { text: said(text), at: september(20) }
}

fn official(accepted: bool) -> Answer {
    Answer { accepted, reasons: said("Der Stadtrat hat es so beschlossen"), cost_cents: Some(1_250_000) }
}

#[test]
fn a_public_text_is_answered_and_the_answer_can_be_replaced() {
    let answered = |text: &str| Event::Answered { text: said(text), at: september(20) };
    public(About::Idea).when(staff(answer("Gut"))).then([answered("Gut")]);
    let history = || given::<Model>([submitted(About::Idea), published(), answered("Gut")]).with(Context::default());
    history().when(staff(answer("Gut"))).then([]);
    history().when(staff(answer("Besser"))).then([answered("Besser")]);
    given::<Model>([submitted(About::Idea)])
        .with(Context::default())
        .when(staff(answer("Gut")))
        .then_rejected(Rejection::NotPublished);
}

#[test]
fn a_proposal_gets_one_final_answer() {
    let answer_proposal = |accepted| staff(ByStaff::AnswerProposal { answer: official(accepted), at: september(20) });
    let answered = || Event::ProposalAnswered { answer: official(true), at: september(20) };
    public(About::Proposal).when(answer_proposal(true)).then([answered()]);
    let history = || given::<Model>([submitted(About::Proposal), published(), answered()]).with(Context::default());
    history().when(answer_proposal(true)).then([]);
    history().when(answer_proposal(false)).then_rejected(Rejection::ProposalAnswered);
    let evaluate = || staff(ByStaff::StartEvaluation { at: september(21) });
    history().when(evaluate()).then_rejected(Rejection::ProposalAnswered);
    public(About::Proposal).when(evaluate()).then([Event::EvaluationStarted { at: september(21) }]);
    public(About::Idea).when(answer_proposal(true)).then_rejected(Rejection::WrongKind);
    public(About::Proposal).when(staff(answer("So nicht"))).then_rejected(Rejection::WrongKind);
}

#[test]
fn only_an_amendment_is_taken_over_and_only_ideas_become_projects() {
    let accept = || staff(ByStaff::AcceptAmendment { at: september(20) });
    public(About::Amendment(section())).when(accept()).then([Event::AmendmentAccepted { at: september(20) }]);
    public(About::SectionComment(section())).when(accept()).then_rejected(Rejection::WrongKind);
    let project = ProjectId::new(Uuid::from_u128(5));
    let promote = || staff(ByStaff::Promote { project, at: september(20) });
    public(About::Idea).when(promote()).then([Event::PromotedToProject { project, at: september(20) }]);
    public(About::SectionComment(section())).when(promote()).then_rejected(Rejection::WrongKind);
}

#[test]
fn a_theme_is_one_of_the_same_procedure() {
    let theme = ThemeId::new(Uuid::from_u128(4));
    let assign = |theme| staff(ByStaff::AssignTheme { theme, at: september(20) });
    let with = |procedure| Context { theme: procedure, ..Context::default() };
    let pending = |context| given::<Model>([submitted(About::Idea)]).with(context);
    let assigned = Event::ThemeAssigned { theme: Some(theme), at: september(20) };
    pending(with(Some(procedure_id()))).when(assign(Some(theme))).then([assigned.clone()]);
    let elsewhere = allmende_participation_domain::ProcedureId::new(Uuid::from_u128(2));
    for context in [with(None), with(Some(elsewhere))] {
        pending(context).when(assign(Some(theme))).then_rejected(Rejection::ThemeUnknown);
    }
    let history = given::<Model>([submitted(About::Idea), assigned]);
    history.with(with(None)).when(assign(None)).then([Event::ThemeAssigned { theme: None, at: september(20) }]);
}

#[test]
fn themes_and_projects_belong_to_one_procedure() {
    let defined = theme::Event::Defined {
        procedure: procedure_id(),
        title: "Verkehr".into(),
        description: String::new(),
        at: september(8),
    };
    let elsewhere = allmende_participation_domain::ProcedureId::new(Uuid::from_u128(2));
    let answer = |procedure| theme::Command::Answer { procedure, text: "Ja".into(), at: september(20) };
    let given_theme = || given::<theme::Model>([defined.clone()]);
    given_theme().with(true).when(answer(elsewhere)).then_rejected(theme::Rejection::Unknown);
    let answered = theme::Event::Answered { text: "Ja".into(), at: september(20) };
    let state = given_theme().with(true).when(answer(procedure_id())).then([answered]);
    assert_eq!(theme::Model::decide(&state, &true, &answer(procedure_id())), Ok(vec![]));
    given::<theme::Model>([])
        .with(false)
        .when(answer(procedure_id()))
        .then_rejected(theme::Rejection::ProcedureUnknown);

    let update = |procedure| project::Command::Update {
        procedure,
        standing: project::Standing::InProgress,
        text: "Die Bänke sind bestellt".into(),
        at: september(20),
    };
    given::<project::Model>([]).when(update(procedure_id())).then_rejected(project::Rejection::Unknown);
}
