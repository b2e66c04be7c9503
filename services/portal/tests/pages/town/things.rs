//! Participation's things: a procedure with a text, and what people wrote.

use allmende_proto::participation::v1 as p;
use tonic::Status;

use super::{
    AMENDMENT, CITIZEN, COMMENT, DOCUMENT, HOSTILE, NOON, OBJECTED, OWN, PROCEDURE, PROJECT, PROPOSAL, REJECTED, STAFF,
};

pub(super) fn procedure() -> p::Procedure {
    let phase = |kind: p::PhaseKind, from: &str, to: &str| p::Phase {
        kind: kind.into(),
        from_day: from.to_owned(),
        to_day: to.to_owned(),
        ..p::Phase::default()
    };
    use p::PhaseKind::{Consultation, Evaluation, Submission, Support};
    p::Procedure {
        procedure_id: PROCEDURE.to_owned(),
        title: "Leitlinien für offenes Regieren".to_owned(),
        summary: "Schreiben Sie mit am Handbuch: drei Wochen lang ist jeder Abschnitt offen für Kommentare und andere Formulierungen.".to_owned(),
        method: "Konsultation".to_owned(),
        required_level: p::SignInLevel::Email.into(),
        phases: vec![
            phase(Submission, "2019-09-01", "2019-09-27"),
            phase(Consultation, "2019-09-06", "2019-09-27"),
            phase(Evaluation, "2019-09-28", "2019-11-30"),
        ],
        transcription_until_day: "2019-10-04".to_owned(),
        licence: "dl-de/by-2-0".to_owned(),
        supports_per_person: 5,
        support_threshold: 100,
        open_phases: vec![Submission.into(), Consultation.into(), Support.into()],
        status: vec![p::StatusUpdate { text: "Der Entwurf steht zur Diskussion.".to_owned(), at_us: NOON }],
        published_contributions: 42,
        ..p::Procedure::default()
    }
}

pub(super) fn document() -> p::Document {
    p::Document {
        document_id: DOCUMENT.to_owned(),
        procedure_id: PROCEDURE.to_owned(),
        title: "Handbuch Offene Kommune".to_owned(),
        latest_version: 2,
        consultation: Some(p::Consultation {
            from_day: "2019-09-06".to_owned(),
            to_day: "2019-09-27".to_owned(),
            open: true,
            ..p::Consultation::default()
        }),
    }
}

pub(super) fn version() -> p::Version {
    let section = |id: &str, heading: &str, level, text: &str, comments| p::Section {
        section_id: id.to_owned(),
        heading: heading.to_owned(),
        level,
        text: text.to_owned(),
        comments,
    };
    p::Version {
        number: 2,
        published_at_us: NOON,
        sections: vec![
            section(
                "ziele",
                "Ziele",
                1,
                "Die Kommune von morgen ist **transparent**, partizipativ und kooperativ.\n\n- offen\n- digital\n\n<b>kein Markup</b>",
                3,
            ),
            section(
                "transparenz",
                "Transparenz",
                2,
                "Daten gehören allen. Mehr dazu bei [GovData](https://www.govdata.de).",
                1,
            ),
            // Called as a part of every page is.
            section("inhalt", "Inhalt", 2, "Siehe [Ziele](#ziele).", 0),
            section(
                "beteiligung",
                "Beteiligung",
                2,
                "Wer betroffen ist, redet mit: früh, verständlich und mit Antwort.",
                0,
            ),
        ],
    }
}

pub(super) fn contribution(id: &str, kind: p::ContributionKind, title: &str, body: &str) -> p::Contribution {
    let target = p::SectionTarget { document_id: DOCUMENT.into(), section_id: "ziele".into(), version: 1 };
    let comments = matches!(kind, p::ContributionKind::Comment);
    p::Contribution {
        contribution_id: id.to_owned(),
        procedure_id: PROCEDURE.to_owned(),
        kind: kind.into(),
        target: comments.then_some(p::Target { target: Some(p::target::Target::Section(target)) }),
        channel: p::Channel::Web.into(),
        submitted_at_us: NOON,
        text: Some(p::Text { title: title.into(), body: body.into(), proposed_text: String::new() }),
        moderation: Some(p::Moderation { state: p::ModerationState::Published.into(), ..p::Moderation::default() }),
        supports: Some(17),
        licence: "dl-de/by-2-0".to_owned(),
        ..p::Contribution::default()
    }
}

pub(super) fn comment() -> p::Contribution {
    let response = p::Response { text: "Danke, das übernehmen wir.".to_owned(), at_us: NOON, theme_id: String::new() };
    let comment = contribution(COMMENT, p::ContributionKind::Comment, "", HOSTILE);
    p::Contribution { response: Some(response), channel: p::Channel::Letter.into(), ..comment }
}

pub(super) fn own() -> p::Contribution {
    let state = p::ModerationState::Pending.into();
    let own = contribution(OWN, p::ContributionKind::Comment, "", "Bitte auch an Menschen ohne Internet denken.");
    p::Contribution { own: true, moderation: Some(p::Moderation { state, ..p::Moderation::default() }), ..own }
}

pub(super) fn proposal() -> p::Contribution {
    let standing = p::ProposalStanding { state: p::ProposalState::Submitted.into(), ..p::ProposalStanding::default() };
    let text = "Zwischen Rathaus und Bahnhof fehlen 40 Stellplätze.\n\nMit Dach und Luftpumpe.";
    let proposal = contribution(PROPOSAL, p::ContributionKind::Proposal, "Mehr Fahrradständer am Markt", text);
    p::Contribution { proposal: Some(standing), comments: 2, ..proposal }
}

pub(super) fn find(id: &str, token: &str) -> Result<p::Contribution, Status> {
    match id {
        COMMENT => Ok(comment()),
        PROPOSAL => Ok(proposal()),
        AMENDMENT => Ok(amendment()),
        OBJECTED if token == STAFF => Ok(moderated(OBJECTED, p::ObjectionState::Open)),
        REJECTED if token == CITIZEN => {
            Ok(p::Contribution { own: true, ..moderated(REJECTED, p::ObjectionState::Unspecified) })
        }
        OWN if token == CITIZEN || token == STAFF => Ok(p::Contribution { own: token == CITIZEN, ..own() }),
        _ => Err(Status::not_found("unknown")),
    }
}

fn amendment() -> p::Contribution {
    let amendment = contribution(AMENDMENT, p::ContributionKind::Amendment, "", "So ist es kürzer.");
    let section = p::SectionTarget { document_id: DOCUMENT.into(), section_id: "ziele".into(), version: 2 };
    let text = amendment.text.map(|text| p::Text { proposed_text: "Offen und digital.".into(), ..text });
    let target = Some(p::Target { target: Some(p::target::Target::Section(section)) });
    p::Contribution { text, target, supported: true, ..amendment }
}

/// One that was not published, and what became of an objection to that.
fn moderated(id: &str, objection: p::ObjectionState) -> p::Contribution {
    let moderation = p::Moderation {
        state: p::ModerationState::Rejected.into(),
        reason: p::ModerationReason::OffTopic.into(),
        note: HOSTILE.to_owned(),
        objection: objection.into(),
        objection_note: "Das gehört sehr wohl hierher.".to_owned(),
        ..p::Moderation::default()
    };
    let idea = contribution(id, p::ContributionKind::Idea, "Ein Springbrunnen", "Vor dem Rathaus.");
    p::Contribution { moderation: Some(moderation), ..idea }
}

pub(super) fn theme() -> p::Theme {
    p::Theme {
        theme_id: OWN.to_owned(),
        procedure_id: PROCEDURE.to_owned(),
        title: "Digitale Teilhabe".to_owned(),
        description: "Zugänge für alle".to_owned(),
        response: Some(p::Response { text: "Wir richten Lernorte ein.".into(), at_us: NOON, theme_id: String::new() }),
        contributions: 7,
    }
}

pub(super) fn project() -> p::Project {
    p::Project {
        project_id: PROJECT.to_owned(),
        procedure_id: PROCEDURE.to_owned(),
        title: "Fahrradparkhaus am Bahnhof".to_owned(),
        summary: "200 überdachte Stellplätze".to_owned(),
        state: p::ProjectState::InProgress.into(),
        status: vec![p::StatusUpdate { text: "Der Bau hat begonnen.".to_owned(), at_us: NOON }],
        contribution_ids: vec![PROPOSAL.to_owned()],
        ..p::Project::default()
    }
}
