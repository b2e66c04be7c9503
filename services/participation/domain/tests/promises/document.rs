//! A text is published, asked about and revised.

use allmende_participation_domain::contribution::Target;
use allmende_participation_domain::document::{Command, Event, MAX_VERSIONS, Model, Rejection, SectionId, parse};
use allmende_testkit::given;

use crate::fixture::{days, procedure_id, september};

fn draft(title: &str, markdown: &str) -> Command {
    let drafts = parse(markdown).unwrap();
    Command::PublishDraft { procedure: procedure_id(), title: title.into(), drafts, at: september(1) }
}

fn revision(base: u32, markdown: &str) -> Command {
    let drafts = parse(markdown).unwrap();
    Command::PublishRevision { procedure: procedure_id(), base, drafts, unanswered: 3, at: september(20) }
}

fn open() -> Command {
    Command::OpenConsultation { procedure: procedure_id(), days: days(7, 27), at: september(2) }
}

fn history(commands: &[Command]) -> Vec<Event> {
    let steps: Vec<_> = commands.iter().map(|command| (true, command.clone())).collect();
    allmende_testkit::laws::history::<Model>(&steps)
}

#[test]
fn a_draft_is_published_once() {
    let published = || given::<Model>(history(&[draft("Leitbild", "# A\na")])).with(true);
    published().when(draft("Leitbild", "# A\na")).then([]);
    published().when(draft("Leitbild", "# A\nb")).then_rejected(Rejection::Differs);
    published().when(draft("Anders", "# A\na")).then_rejected(Rejection::Differs);
    given::<Model>([]).with(false).when(draft("Leitbild", "# A\na")).then_rejected(Rejection::ProcedureUnknown);
    given::<Model>([]).with(true).when(open()).then_rejected(Rejection::Unknown);
}

#[test]
fn comments_hang_on_sections_of_the_latest_version() {
    let state = given::<Model>(history(&[draft("Leitbild", "# A\na"), open(), revision(1, "# B\nganz neu")])).state();
    let target = |id: &str| state.target(&SectionId::parse(id).unwrap());
    assert_eq!(target("b"), Target::Section { procedure: procedure_id(), consultation: Some(days(7, 27)), version: 2 });
    assert_eq!(target("a"), Target::SectionUnknown);
    assert_eq!(given::<Model>([]).state().target(&SectionId::parse("a").unwrap()), Target::Unknown);
}

#[test]
fn a_revision_is_made_from_the_latest_version() {
    let commands = [draft("Leitbild", "# A\na"), revision(1, "# A\nb")];
    let revised = || given::<Model>(history(&commands)).with(true);
    revised().when(revision(1, "# A\nc")).then_rejected(Rejection::Outdated { latest: 2 });
    revised().when(revision(1, "# A\nb")).then([]);
    let state = given::<Model>(history(&commands)).state();
    assert_eq!(state.document().unwrap().version, 2);
}

#[test]
fn versions_have_a_bound() {
    let mut commands = vec![draft("Leitbild", "# A\n0")];
    commands.extend((1..MAX_VERSIONS).map(|base| revision(base, &format!("# A\n{base}"))));
    let full = given::<Model>(history(&commands)).with(true);
    full.when(revision(MAX_VERSIONS, "# A\nx")).then_rejected(Rejection::Full);
}
