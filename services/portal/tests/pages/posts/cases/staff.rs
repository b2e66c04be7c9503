//! What staff do about procedures, texts and people.

use super::Case;
use crate::town::{AMENDMENT, COMMENT, DOCUMENT, ERASURE, MAIL, OBJECTED, OWN, PROCEDURE, PROJECT, PROPOSAL, STAFF};

/// A form of the administration.
pub(super) fn staff(page: impl AsRef<str>, form: impl Into<String>, rpc: &'static str) -> Case {
    let page = format!("/musterstadt/verwaltung/{}", page.as_ref());
    Case { who: STAFF, page, form: form.into(), rpc, comes_back: true, ..Case::default() }
}

pub(super) fn cases() -> Vec<Case> {
    [procedures(), letters_and_themes(), texts(), people()].concat()
}

fn procedures() -> Vec<Case> {
    let procedure = format!("verfahren/{PROCEDURE}");
    vec![
        Case {
            good: &[
                ("title", "Radwege <neu>"),
                ("summary", "Worum es geht."),
                ("method", "Ideenaufruf"),
                ("phases1.kind", "2"),
                ("phases1.from_day", "2026-03-01"),
                ("phases1.to_day", "2026-03-31"),
                ("support_threshold", "100"),
            ],
            bad: Some(("support_threshold", "viele")),
            refused: Some(("phases[0].to_day", "phases1.to_day")),
            ..staff("verfahren-eroeffnen", "eroeffnen", "OpenProcedure")
        },
        Case {
            good: &[("text", "Es geht voran.")],
            bad: Some(("text", "")),
            refused: Some(("text", "text")),
            ..staff(&procedure, "stand", "PublishStatus")
        },
        Case {
            good: &[("reason", "Der Rat tagt später."), ("phases3.to_day", "2019-12-31")],
            bad: Some(("phases3.to_day", "")),
            refused: Some(("phases[2].to_day", "phases3.to_day")),
            ..staff(format!("{procedure}/ablauf"), "ablauf", "AmendPhases")
        },
        Case {
            good: &[("reason", "Alles ist beantwortet."), ("understood", "1")],
            bad: Some(("reason", "")),
            refused: Some(("reason", "reason")),
            ..staff(format!("{procedure}/ablauf"), "abschluss", "CloseProcedure")
        },
        Case {
            good: &[("title", "Fahrradparkhaus"), ("contribution_ids", PROPOSAL)],
            bad: Some(("title", "")),
            refused: Some(("contribution_ids[0]", "contribution_ids")),
            ..staff(format!("{procedure}/vorhaben"), "vorhaben", "PromoteToProject")
        },
        Case {
            good: &[("text", "Der Bau ist fertig."), ("state", "3")],
            bad: Some(("text", "")),
            refused: Some(("text", "text")),
            ..staff(format!("vorhaben/{PROJECT}"), "fortschritt", "UpdateProject")
        },
    ]
}

fn letters_and_themes() -> Vec<Case> {
    let procedure = format!("verfahren/{PROCEDURE}");
    let themes = format!("{procedure}/themen");
    vec![
        Case {
            good: &[
                ("channel", "3"),
                ("received_on", "2019-09-20"),
                ("kind", "1"),
                ("text.body", "Mehr Bänke am Rhein."),
                ("place", "51,246 6,642"),
            ],
            bad: Some(("place", "am Rhein")),
            refused: Some(("received_on", "received_on")),
            ..staff(format!("{procedure}/briefe"), "abschrift", "TranscribeOfflineContribution")
        },
        Case {
            good: &[("title", "Radverkehr")],
            bad: Some(("title", "")),
            refused: Some(("description", "description")),
            ..staff(&themes, "thema", "DefineTheme")
        },
        Case {
            good: &[("contribution_ids", COMMENT)],
            refused: Some(("contribution_ids", "contribution_ids")),
            ..staff(&themes, "zuordnen", "AssignTheme")
        },
        Case {
            good: &[("text", "Das kommt in den Haushalt.")],
            bad: Some(("text", "")),
            refused: Some(("text", "text")),
            ..staff(&themes, "antwort", "RespondToTheme")
        },
    ]
}

fn texts() -> Vec<Case> {
    vec![
        Case {
            good: &[("title", "Handbuch"), ("markdown", "# Ziele\n\nOffen & digital.")],
            bad: Some(("markdown", "")),
            refused: Some(("markdown", "markdown")),
            ..staff(format!("verfahren/{PROCEDURE}/entwurf"), "entwurf", "PublishDraft")
        },
        Case {
            good: &[("from_day", "2019-09-06"), ("to_day", "2019-09-27")],
            bad: Some(("to_day", "")),
            refused: Some(("to_day", "to_day")),
            ..staff(format!("texte/{DOCUMENT}"), "konsultation", "OpenConsultation")
        },
        Case {
            bad: Some(("markdown", "")),
            refused: Some(("markdown", "markdown")),
            ..staff(format!("texte/{DOCUMENT}"), "fassung", "PublishRevision")
        },
        Case {
            good: &[("text", "Danke für den Hinweis.")],
            bad: Some(("text", "")),
            refused: Some(("text", "text")),
            ..staff(format!("antworten/{COMMENT}"), "antwort", "RespondToContribution")
        },
        staff(format!("antworten/{PROPOSAL}"), "pruefung", "StartEvaluation"),
        Case {
            good: &[("accepted", "1"), ("reasons", "Wir bauen sie."), ("cost_cents", "12500,50")],
            bad: Some(("cost_cents", "viel")),
            refused: Some(("reasons", "reasons")),
            ..staff(format!("antworten/{PROPOSAL}"), "bescheid", "AnswerProposal")
        },
        staff(format!("antworten/{AMENDMENT}"), "uebernahme", "AcceptAmendment"),
        Case {
            good: &[("decision", "1")],
            bad: Some(("decision", "2")),
            named: Some("reason"),
            refused: Some(("note", "note")),
            ..staff(format!("moderation/{OWN}"), "entscheidung", "ModerateContribution")
        },
        Case {
            refused: Some(("grant", "grant")),
            ..staff(format!("moderation/{OBJECTED}"), "widerspruch", "DecideObjection")
        },
    ]
}

fn people() -> Vec<Case> {
    let button = |page: &str, action: String, rpc| Case {
        comes_back: false,
        ..staff(page, format!("/musterstadt/verwaltung/{action}"), rpc)
    };
    vec![
        Case {
            good: &[("verdict", "annehmen")],
            bad: Some(("verdict", "ablehnen")),
            named: Some("ground"),
            refused: Some(("legal_basis", "legal_basis")),
            ..staff(format!("loeschungen/{ERASURE}"), "entscheidung", "DecideErasure")
        },
        Case {
            good: &[("email", "max@example.org"), ("role", "2")],
            bad: Some(("email", "")),
            refused: Some(("procedure_id", "procedure_id")),
            ..staff("rechte", "recht", "GrantRole")
        },
        button("rechte", "rechte/entziehen".to_owned(), "RevokeRole"),
        Case {
            good: &[("tenant.name", "Stadt \"Musterstadt\""), ("tenant.imprint.de", "## Anbieter\n\nStadt & Rat")],
            bad: Some(("tenant.name", "")),
            refused: Some(("tenant.contact.de", "tenant.contact.de")),
            ..staff("angaben", "angaben", "UpdateTenant")
        },
        button("post", format!("post/{MAIL}/erneut"), "RetryMail"),
        button("post", format!("post/{MAIL}/verwerfen"), "DropMail"),
    ]
}
