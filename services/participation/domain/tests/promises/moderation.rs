//! Pending, published, rejected, hidden, redacted; reports; objection and second pair of eyes.

use allmende_participation_domain::contribution::{
    About, ByCitizen, ByStaff, Command, Context, Decision, ErasureReason, Event, Grounds, Model, Objection, Reason,
    Rejection, State, Visibility,
};
use allmende_testkit::given;

use crate::fixture::{author, grounds, moderate, person, published, sealed, september, staff, submitted};

fn first() -> allmende_kernel::SubjectId {
    person(20)
}

fn second() -> allmende_kernel::SubjectId {
    person(21)
}

fn rejected() -> Event {
    Event::Rejected { grounds: grounds(Reason::Insult), moderator: first(), at: september(11) }
}

fn objected() -> Event {
    Event::ObjectionRaised { note: sealed("Das war nicht so gemeint"), at: september(12) }
}

fn object() -> Command {
    Command::Citizen(author(), ByCitizen::Object { note: sealed("Das war nicht so gemeint"), at: september(12) })
}

fn decide(by: allmende_kernel::SubjectId, grant: bool) -> Command {
    staff(ByStaff::DecideObjection { by, grant, at: september(13) })
}

fn report(by: u128) -> Command {
    let grounds = grounds(Reason::Advertising);
    Command::Citizen(person(by), ByCitizen::Report { grounds, at: september(12) })
}

fn redact(text: &str) -> Decision {
    Decision::Redact { text: sealed(text), grounds: grounds(Reason::PersonalData) }
}

fn visibility(state: &State) -> Visibility {
    state.known().unwrap().moderation.visibility
}

#[test]
fn a_text_is_pending_until_somebody_looks() {
    let state = given::<Model>([submitted(About::Idea)]).state();
    assert_eq!((visibility(&state), state.known().unwrap().is_public()), (Visibility::Pending, false));
    let state = given::<Model>([submitted(About::Idea)])
        .with(Context::default())
        .when(moderate(first(), Decision::Publish))
        .then([Event::Published { moderator: first(), at: september(12) }]);
    assert!(state.known().unwrap().is_public());
}

#[test]
fn what_was_never_public_is_rejected_and_what_is_public_is_hidden() {
    let (insult, other) = (grounds(Reason::Insult), grounds(Reason::Other));
    let pending = || given::<Model>([submitted(About::Idea)]).with(Context::default());
    let public = || given::<Model>([submitted(About::Idea), published()]).with(Context::default());
    pending().when(moderate(first(), Decision::Hide(insult.clone()))).then_rejected(Rejection::DecisionUnfit);
    public().when(moderate(first(), Decision::Reject(insult.clone()))).then_rejected(Rejection::DecisionUnfit);
    let state = pending().when(moderate(first(), Decision::Reject(insult.clone()))).then([Event::Rejected {
        grounds: insult.clone(),
        moderator: first(),
        at: september(12),
    }]);
    assert_eq!(visibility(&state), Visibility::Rejected(Reason::Insult));
    let state = public().when(moderate(first(), Decision::Hide(other.clone()))).then([Event::Hidden {
        grounds: other,
        moderator: first(),
        at: september(12),
    }]);
    assert_eq!(visibility(&state), Visibility::Hidden(Reason::Other));
}

#[test]
fn a_redacted_text_is_public_in_its_other_wording() {
    let state = given::<Model>([submitted(About::Idea)])
        .with(Context::default())
        .when(moderate(first(), redact("Mehr Bänke")))
        .then([Event::Redacted {
            text: sealed("Mehr Bänke"),
            grounds: grounds(Reason::PersonalData),
            moderator: first(),
            at: september(12),
        }]);
    assert!(state.known().unwrap().is_public());
}

#[test]
fn what_is_decided_again_is_the_same_or_another_decision_and_never_half_of_one() {
    let noted = |note: &str| Grounds { reason: Reason::Insult, note: Some(sealed(note)) };
    let redacted = |text, note: &str| Decision::Redact { text: sealed(text), grounds: noted(note) };
    let after = |history: &[Event], decision| {
        let history = [&[submitted(About::Idea)], history].concat();
        given::<Model>(history).with(Context::default()).when(moderate(first(), decision))
    };
    let rejected = [Event::Rejected { grounds: noted("Bitte sachlich"), moderator: first(), at: september(11) }];
    after(&rejected, Decision::Reject(noted("Bitte sachlich"))).then([]);
    after(&rejected, Decision::Reject(noted("Bitte ohne Namen"))).then_rejected(Rejection::DecisionUnfit);
    let hidden =
        [published(), Event::Hidden { grounds: noted("Bitte sachlich"), moderator: first(), at: september(11) }];
    after(&hidden, Decision::Hide(noted("Bitte sachlich"))).then([]);
    after(&hidden, Decision::Hide(noted("Bitte ohne Namen"))).then_rejected(Rejection::DecisionUnfit);
    let wording = |note: &str| Event::Redacted {
        text: sealed("Mehr Bänke"),
        grounds: noted(note),
        moderator: first(),
        at: september(12),
    };
    let first_wording = [wording("Ohne Namen")];
    after(&first_wording, redacted("Mehr Bänke", "Ohne Namen")).then([]);
    after(&first_wording, redacted("Mehr Bänke", "Ohne Adressen")).then([wording("Ohne Adressen")]);
}

#[test]
fn nobody_decides_on_a_text_of_their_own() {
    let pending = || given::<Model>([submitted(About::Idea)]).with(Context::default());
    for decision in [Decision::Publish, Decision::Reject(grounds(Reason::Insult)), redact("Mehr Bänke")] {
        pending().when(moderate(author(), decision)).then_rejected(Rejection::SecondPersonNeeded);
    }
    given::<Model>([submitted(About::Idea), rejected(), objected()])
        .with(Context::default())
        .when(decide(author(), true))
        .then_rejected(Rejection::SecondPersonNeeded);
}

#[test]
fn only_the_author_objects_and_only_to_a_decision_against_the_text() {
    let rejected_one = || given::<Model>([submitted(About::Idea), rejected()]).with(Context::default());
    rejected_one().when(object()).then([objected()]);
    let stranger = ByCitizen::Object { note: sealed("x"), at: september(12) };
    rejected_one().when(Command::Citizen(person(8), stranger)).then_rejected(Rejection::NotTheAuthor);
    for history in [vec![submitted(About::Idea)], vec![submitted(About::Idea), published()]] {
        given::<Model>(history).with(Context::default()).when(object()).then_rejected(Rejection::ObjectionUnfit);
    }
}

#[test]
fn a_second_person_decides_on_an_objection() {
    let history = || given::<Model>([submitted(About::Idea), rejected(), objected()]).with(Context::default());
    history().when(decide(first(), true)).then_rejected(Rejection::SecondPersonNeeded);
    history().when(moderate(second(), Decision::Publish)).then_rejected(Rejection::ObjectionOpen);
    let state = history().when(decide(second(), false)).then([Event::ObjectionDecided {
        granted: false,
        by: second(),
        at: september(13),
    }]);
    assert_eq!(visibility(&state), Visibility::Rejected(Reason::Insult));
    let state = history().when(decide(second(), true)).then([
        Event::ObjectionDecided { granted: true, by: second(), at: september(13) },
        Event::Published { moderator: second(), at: september(13) },
    ]);
    let moderation = &state.known().unwrap().moderation;
    assert_eq!((moderation.visibility, moderation.objection), (Visibility::Published, Objection::Granted));
}

#[test]
fn an_objection_is_raised_once_for_each_decision() {
    let dismissed = Event::ObjectionDecided { granted: false, by: second(), at: september(13) };
    let history = vec![submitted(About::Idea), rejected(), objected(), dismissed];
    given::<Model>(history.clone()).with(Context::default()).when(object()).then_rejected(Rejection::ObjectionUnfit);
    let hidden = Event::Hidden { grounds: grounds(Reason::Other), moderator: first(), at: september(14) };
    let again = history.into_iter().chain([published(), hidden]);
    given::<Model>(again).with(Context::default()).when(object()).then([objected()]);
}

#[test]
fn a_report_is_kept_once_a_person_and_settled_by_looking_again() {
    let public = || vec![submitted(About::Idea), published()];
    let reported = Event::Reported { by: person(30), grounds: grounds(Reason::Advertising), at: september(12) };
    let state = given::<Model>(public()).with(Context::default()).when(report(30)).then([reported.clone()]);
    assert_eq!(state.known().unwrap().moderation.open_reports, 1);
    let history = || public().into_iter().chain([reported.clone()]);
    given::<Model>(history()).with(Context::default()).when(report(30)).then([]);
    let state = given::<Model>(history())
        .with(Context::default())
        .when(moderate(second(), Decision::Publish))
        .then([Event::Published { moderator: second(), at: september(12) }]);
    assert_eq!(state.known().unwrap().moderation.open_reports, 0);
    given::<Model>(public()).with(Context::default()).when(moderate(second(), Decision::Publish)).then([]);
    given::<Model>([submitted(About::Idea)])
        .with(Context::default())
        .when(report(30))
        .then_rejected(Rejection::NotPublished);
}

#[test]
fn a_text_of_another_procedure_does_not_exist() {
    let elsewhere = allmende_participation_domain::ProcedureId::new(uuid::Uuid::from_u128(2));
    let publish = ByStaff::Moderate { moderator: first(), decision: Decision::Publish, at: september(12) };
    given::<Model>([submitted(About::Idea)])
        .with(Context::default())
        .when(Command::Staff(elsewhere, publish))
        .then_rejected(Rejection::Unknown);
}

#[test]
fn what_was_taken_back_or_erased_is_left_alone() {
    let withdrawn = Event::Withdrawn { at: september(12) };
    let history = [submitted(About::Idea), published(), withdrawn];
    let state = given::<Model>(history.clone()).state();
    assert!(!state.known().unwrap().is_public());
    given::<Model>(history)
        .with(Context::default())
        .when(moderate(first(), Decision::Publish))
        .then_rejected(Rejection::Withdrawn);

    let erase = |reason| Command::Erase { reason, at: september(20) };
    let erased = Event::Erased { reason: ErasureReason::Request, at: september(20) };
    let state = given::<Model>([submitted(About::Idea), published()])
        .with(Context::default())
        .when(erase(ErasureReason::Request))
        .then([erased.clone()]);
    assert_eq!(state.known(), Err(Rejection::Erased));
    assert!(state.shown().is_err());
    let history = [submitted(About::Idea), published(), erased];
    given::<Model>(history.clone()).with(Context::default()).when(erase(ErasureReason::Order)).then([]);
    given::<Model>(history)
        .with(Context::default())
        .when(moderate(first(), Decision::Publish))
        .then_rejected(Rejection::Erased);
}
