//! Every stored event of every version, as bytes that were written once.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test, in its helpers too")]

use allmende_eventlog::Aggregate as _;
use allmende_kernel::{Level, Sealed, SubjectId, Timestamp};
use allmende_participation_domain::contribution::{
    About, Answer, Attachment, ErasureReason, Event, Grounds, Place, Reason, Said, SectionRef, Source, Submission,
};
use allmende_participation_domain::document::{self, Section, SectionId};
use allmende_participation_domain::procedure::{self, Terms};
use allmende_participation_domain::{
    AttachmentId, Channel, CoarsePoint, ContributionId, DayRange, DocumentId, Phase, PhaseKind, ProcedureId, ProjectId,
    Schedule, ThemeId, Transcription, allowance, project, support, theme,
};
use allmende_testkit::Golden;
use uuid::Uuid;

use super::{Allowance, Contribution, Document, Procedure, Project, Support, Theme};

const GOLDEN: Golden = Golden::of(env!("CARGO_MANIFEST_DIR"));

/// Noon of 20 September 2019 in Berlin.
fn at() -> Timestamp {
    Timestamp::from_secs(1_568_973_600)
}

fn uuid(byte: u8) -> Uuid {
    Uuid::from_bytes([byte; 16])
}

fn person(byte: u8) -> SubjectId {
    SubjectId::new(uuid(byte))
}

fn sealed(text: &str) -> Sealed {
    Sealed::from_bytes(text.as_bytes())
}

fn days(from: &str, to: &str) -> DayRange {
    DayRange {
        from: from.parse().unwrap(),
        to: to.parse().unwrap(),
        opens: Timestamp::from_secs(1_567_807_200),
        closes: Timestamp::from_secs(1_569_621_600),
    }
}

#[test]
fn events_of_procedures_are_written_and_read_as_ever() {
    let phases = [
        PhaseKind::Information,
        PhaseKind::Submission,
        PhaseKind::Consultation,
        PhaseKind::Support,
        PhaseKind::Evaluation,
        PhaseKind::Implementation,
    ];
    let phases = phases.map(|kind| Phase { kind, days: days("2019-09-07", "2019-09-27") }).to_vec();
    let transcription =
        Transcription { until: "2019-09-29".parse().unwrap(), closes: Timestamp::from_secs(1_569_794_400) };
    let schedule = Schedule::new(phases, Some(transcription));
    let terms = Terms {
        title: "Mit-Mach-Stadt".into(),
        summary: "Ideen für Brandis".into(),
        method: "Ideenaufruf".into(),
        required_level: Level::Email,
        counts_hidden: true,
        licence: "dl-de/by-2-0".into(),
        supports_per_person: Some(3),
        support_threshold: Some(100),
    };
    let plain = Terms { supports_per_person: None, support_threshold: None, counts_hidden: false, ..terms.clone() };
    let short = Schedule::new(vec![schedule.phases()[0]], None);
    let reason = || "Viele Anfragen".to_owned();
    for (name, event) in [
        ("procedure_opened_v1", procedure::Event::Opened { terms, schedule: schedule.clone(), at: at() }),
        ("procedure_opened_plain_v1", procedure::Event::Opened { terms: plain, schedule: short, at: at() }),
        ("phases_amended_v1", procedure::Event::PhasesAmended { schedule, reason: reason(), at: at() }),
        ("status_published_v1", procedure::Event::StatusPublished { text: "Der Rat berät".into(), at: at() }),
        ("procedure_closed_v1", procedure::Event::Closed { reason: reason(), at: at() }),
    ] {
        GOLDEN.check::<Procedure>(name, &event);
    }
}

#[test]
fn submissions_are_written_and_read_as_ever() {
    let procedure = ProcedureId::new(uuid(1));
    let section = SectionRef { document: DocumentId::new(uuid(2)), section: SectionId::parse("ziele").unwrap() };
    let online = Source::Online { author: person(7), level: Level::High, channel: Channel::App };
    let letter = Source::Offline {
        transcriber: person(8),
        channel: Channel::Letter,
        received_on: "2019-09-27".parse().unwrap(),
        day_begins: Timestamp::from_secs(1_569_535_200),
    };
    let attachment = Attachment {
        id: AttachmentId::new(uuid(9)),
        media_type: "image/png".into(),
        size_bytes: 1_024,
        sealed_sha256: [0xa5; 32],
    };
    let submission = |about, source| Submission {
        procedure,
        about,
        source,
        text: sealed("a box"),
        licence: Some("dl-de/by-2-0".into()),
        place: None,
        attachments: Vec::new(),
        at: at(),
    };
    let rich = Submission {
        place: Some(Place::Plain(CoarsePoint::from_milli(51_336, -12_609).unwrap())),
        attachments: vec![attachment],
        ..submission(About::Idea, online)
    };
    let placed = Submission { place: Some(Place::Sealed(sealed("a place"))), ..rich.clone() };
    let card = Submission { licence: None, ..submission(About::Proposal, letter) };
    let on_section = submission(About::SectionComment(section.clone()), online);
    let on_proposal = submission(About::ProposalComment(ContributionId::new(uuid(3))), online);
    for (name, submission, version) in [
        ("contribution_submitted_idea_v1", rich, 0),
        ("contribution_submitted_idea_v2", placed, 0),
        ("contribution_submitted_proposal_offline_v1", card, 0),
        ("contribution_submitted_section_comment_v1", on_section, 2),
        ("contribution_submitted_proposal_comment_v1", on_proposal, 0),
        ("contribution_submitted_amendment_v1", submission(About::Amendment(section), letter), 1),
    ] {
        GOLDEN.check::<Contribution>(name, &Event::Submitted { submission, version });
    }
}

#[test]
fn events_of_contributions_are_written_and_read_as_ever() {
    let (moderator, at) = (person(20), at());
    let grounds = |reason| Grounds { reason, note: Some(sealed("a note")) };
    let bare = Grounds { reason: Reason::Other, note: None };
    let plain = |text: &str| Said::Plain(text.into());
    let sealed_words = |text: &str| Said::Sealed(sealed(text));
    let answer = |cost_cents: Option<u64>, reasons| Answer { accepted: cost_cents.is_some(), reasons, cost_cents };
    let theme = ThemeId::new(uuid(4));
    for (name, event) in [
        ("contribution_published_v1", Event::Published { moderator, at }),
        ("contribution_rejected_v1", Event::Rejected { grounds: grounds(Reason::Insult), moderator, at }),
        ("contribution_hidden_v1", Event::Hidden { grounds: bare, moderator, at }),
        (
            "contribution_redacted_v1",
            Event::Redacted { text: sealed("shorter"), grounds: grounds(Reason::PersonalData), moderator, at },
        ),
        ("contribution_reported_v1", Event::Reported { by: person(30), grounds: grounds(Reason::Unlawful), at }),
        ("objection_raised_v1", Event::ObjectionRaised { note: sealed("no"), at }),
        ("objection_decided_v1", Event::ObjectionDecided { granted: true, by: person(21), at }),
        ("theme_assigned_v1", Event::ThemeAssigned { theme: Some(theme), at }),
        ("theme_assigned_none_v1", Event::ThemeAssigned { theme: None, at }),
        ("contribution_answered_v1", Event::Answered { text: plain("Danke"), at }),
        ("contribution_answered_sealed_v1", Event::Answered { text: sealed_words("thanks"), at }),
        ("amendment_accepted_v1", Event::AmendmentAccepted { at }),
        ("proposal_evaluation_started_v1", Event::EvaluationStarted { at }),
        ("proposal_answered_v1", Event::ProposalAnswered { answer: answer(Some(1_250_000), plain("Beschlossen")), at }),
        ("proposal_answered_no_v1", Event::ProposalAnswered { answer: answer(None, plain("Beschlossen")), at }),
        ("proposal_answered_sealed_v1", Event::ProposalAnswered { answer: answer(None, sealed_words("no")), at }),
        ("promoted_to_project_v1", Event::PromotedToProject { project: ProjectId::new(uuid(5)), at }),
        ("contribution_withdrawn_v1", Event::Withdrawn { at }),
        ("contribution_erased_v1", Event::Erased { reason: ErasureReason::Request, at }),
    ] {
        GOLDEN.check::<Contribution>(name, &event);
    }
}

#[test]
fn other_events_are_written_and_read_as_ever() {
    let (procedure, at) = (ProcedureId::new(uuid(1)), at());
    GOLDEN.check::<Support>("support_given_v1", &support::Event::Given { at });
    GOLDEN.check::<Support>("support_taken_back_v1", &support::Event::TakenBack { at });
    let thing = ContributionId::new(uuid(3));
    GOLDEN.check::<Allowance>("support_spent_v1", &allowance::Event::Spent(thing));
    GOLDEN.check::<Allowance>("support_returned_v1", &allowance::Event::Returned(thing));
    let (title, description) = ("Verkehr".to_owned(), "Rad und Fuß".to_owned());
    GOLDEN.check::<Theme>("theme_defined_v1", &theme::Event::Defined { procedure, title, description, at });
    GOLDEN.check::<Theme>("theme_answered_v1", &theme::Event::Answered { text: "Ja".into(), at });
    let (title, summary) = ("Bänke".to_owned(), "Am Markt".to_owned());
    GOLDEN.check::<Project>("project_started_v1", &project::Event::Started { procedure, title, summary, at });
    let standing = project::Standing::InProgress;
    GOLDEN.check::<Project>("project_updated_v1", &project::Event::Updated { standing, text: "Bestellt".into(), at });
}

#[test]
fn events_of_documents_are_written_and_read_as_ever() {
    let (procedure, at) = (ProcedureId::new(uuid(1)), at());
    let section = |id: &str, level| Section {
        id: SectionId::parse(id).unwrap(),
        heading: id.to_uppercase(),
        level,
        text: "Die Stadt wird offen.".into(),
    };
    let sections = vec![section("vorab", 0), section("ziele", 2)];
    let title = "Leitbild".to_owned();
    for (name, event) in [
        ("draft_published_v1", document::Event::DraftPublished { procedure, title, sections: sections.clone(), at }),
        ("consultation_opened_v1", document::Event::ConsultationOpened { days: days("2019-09-07", "2019-09-27"), at }),
        ("revision_published_v1", document::Event::RevisionPublished { version: 2, sections, unanswered: 3, at }),
    ] {
        GOLDEN.check::<Document>(name, &event);
    }
}

#[test]
fn an_event_that_is_not_known_is_named() {
    let error = Contribution::decode("allmende.participation.events.v9.ContributionSung", b"").unwrap_err();
    assert_eq!(error.event_type, "allmende.participation.events.v9.ContributionSung");
    for name in ["ContributionSubmitted", "ContributionPublished", "ContributionRedacted", "PromotedToProject"] {
        assert!(Contribution::decode(&format!("allmende.participation.events.v1.{name}"), b"").is_err(), "{name}");
    }
}
