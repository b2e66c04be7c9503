//! A procedure of September 2019, as its people would set it up.

use allmende_kernel::{Decider, Duration, Level, Sealed, SubjectId, Timestamp};
use allmende_participation_domain::contribution::{
    self, About, ByStaff, Command, Context, Decision, Grounds, Reason, Said, SectionRef, Source, Submission, Target,
};
use allmende_participation_domain::document::SectionId;
use allmende_participation_domain::procedure::{self, Terms};
use allmende_participation_domain::{
    Channel, ContributionId, Day, DayRange, DocumentId, Phase, PhaseKind, ProcedureId, Schedule, Transcription,
};
use uuid::Uuid;

pub(crate) const LICENCE: &str = "dl-de/by-2-0";
const DAY: Duration = Duration::from_secs(86_400);

pub(crate) fn procedure_id() -> ProcedureId {
    ProcedureId::new(Uuid::from_u128(1))
}

pub(crate) fn contribution_id(number: u128) -> ContributionId {
    ContributionId::new(Uuid::from_u128(number))
}

pub(crate) fn person(number: u128) -> SubjectId {
    SubjectId::new(Uuid::from_u128(number))
}

pub(crate) fn day(text: &str) -> Day {
    text.parse().unwrap()
}

/// Midnight of a September day in Berlin: two hours before midnight UTC.
pub(crate) fn september(day: u8) -> Timestamp {
    Timestamp::from_secs(1_567_288_800) + Duration::from_micros(DAY.as_micros() * i64::from(day - 1))
}

pub(crate) fn days(from: u8, to: u8) -> DayRange {
    DayRange {
        from: day(&format!("2019-09-{from:02}")),
        to: day(&format!("2019-09-{to:02}")),
        opens: september(from),
        closes: september(to) + DAY,
    }
}

pub(crate) fn phase(kind: PhaseKind, from: u8, to: u8) -> Phase {
    Phase { kind, days: days(from, to) }
}

/// Submission to the 15th, supports to the 27th, letters to the 29th.
pub(crate) fn schedule() -> Schedule {
    let transcription = Transcription { until: day("2019-09-29"), closes: september(29) + DAY };
    Schedule::new(vec![phase(PhaseKind::Support, 16, 27), phase(PhaseKind::Submission, 7, 15)], Some(transcription))
}

pub(crate) fn terms() -> Terms {
    Terms {
        title: "Mit-Mach-Stadt".into(),
        summary: "Ideen für Brandis".into(),
        method: "Ideenaufruf".into(),
        required_level: Level::Email,
        counts_hidden: true,
        licence: LICENCE.into(),
        supports_per_person: Some(3),
        support_threshold: Some(100),
    }
}

pub(crate) fn opened() -> procedure::Event {
    procedure::Event::Opened { terms: terms(), schedule: schedule(), at: september(1) }
}

pub(crate) fn procedure_after(events: impl IntoIterator<Item = procedure::Event>) -> procedure::State {
    events.into_iter().fold(procedure::Model::initial(), |state, event| procedure::Model::evolve(state, &event))
}

pub(crate) fn context() -> Context {
    Context { procedure: procedure_after([opened()]), ..Context::default() }
}

pub(crate) fn section() -> SectionRef {
    SectionRef { document: DocumentId::new(Uuid::from_u128(9)), section: SectionId::parse("ziele").unwrap() }
}

/// Asked about from the 7th to the 27th.
pub(crate) fn on_section() -> Context {
    let target = Target::Section { procedure: procedure_id(), consultation: Some(days(7, 27)), version: 2 };
    Context { target, ..context() }
}

pub(crate) fn sealed(text: &str) -> Sealed {
    Sealed::from_bytes(text.as_bytes())
}

pub(crate) fn said(text: &str) -> Said {
    Said::Sealed(sealed(text))
}

pub(crate) fn online(author: SubjectId) -> Source {
    Source::Online { author, level: Level::Email, channel: Channel::Web }
}

pub(crate) fn letter(received_on: u8) -> Source {
    Source::Offline {
        transcriber: person(50),
        channel: Channel::Letter,
        received_on: day(&format!("2019-09-{received_on:02}")),
        day_begins: september(received_on),
    }
}

pub(crate) fn submission(about: About, source: Source, at: Timestamp) -> Submission {
    Submission {
        procedure: procedure_id(),
        about,
        source,
        text: sealed("Mehr Bänke am Markt"),
        licence: Some(LICENCE.into()),
        place: None,
        attachments: Vec::new(),
        at,
    }
}

pub(crate) fn author() -> SubjectId {
    person(7)
}

pub(crate) fn submitted(about: About) -> contribution::Event {
    contribution::Event::Submitted { submission: submission(about, online(author()), september(10)), version: 0 }
}

pub(crate) fn published() -> contribution::Event {
    contribution::Event::Published { moderator: person(20), at: september(11) }
}

pub(crate) fn staff(wish: ByStaff) -> Command {
    Command::Staff(procedure_id(), wish)
}

pub(crate) fn grounds(reason: Reason) -> Grounds {
    Grounds { reason, note: Some(sealed("Bitte ohne Namen")) }
}

pub(crate) fn moderate(moderator: SubjectId, decision: Decision) -> Command {
    staff(ByStaff::Moderate { moderator, decision, at: september(12) })
}
