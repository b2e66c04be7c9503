//! What citizens and visitors send.

use super::Case;
use crate::town::{AMENDMENT, CITIZEN, DOCUMENT, OWN, PROCEDURE, PROPOSAL, REJECTED};

fn citizen(page: impl AsRef<str>, form: impl Into<String>, rpc: &'static str) -> Case {
    let page = format!("/musterstadt/{}", page.as_ref());
    Case { who: CITIZEN, page, form: form.into(), rpc, comes_back: true, ..Case::default() }
}

pub(super) fn cases() -> Vec<Case> {
    [contributions(), one_text(), visitors()].concat()
}

fn contributions() -> Vec<Case> {
    let new = format!("verfahren/{PROCEDURE}/beitraege/neu");
    let section = format!("texte/{DOCUMENT}/abschnitte/ziele");
    vec![
        Case {
            good: &[
                ("kind", "1"),
                ("text.title", "Bänke"),
                ("text.body", "Mehr \"Bänke\" <am> Rhein."),
                ("place", "51,24629 6,64183"),
                ("granted_licence", "1"),
            ],
            bad: Some(("place", "am Rhein")),
            refused: Some(("place.latitude", "place")),
            ..citizen(&new, "beitrag", "SubmitContribution")
        },
        Case {
            good: &[("kind", "2"), ("text.title", "Bänke"), ("text.body", "Mehr Bänke."), ("granted_licence", "1")],
            bad: Some(("text.title", "")),
            refused: Some(("text.title", "text.title")),
            ..citizen(&new, "beitrag", "SubmitProposal")
        },
        Case {
            good: &[("text.body", "Gut so."), ("granted_licence", "1")],
            bad: Some(("text.body", "")),
            refused: Some(("text.body", "text.body")),
            ..citizen(&section, "kommentar", "PostComment")
        },
        Case {
            good: &[("text.proposed_text", "Offen."), ("text.body", "Kürzer."), ("granted_licence", "1")],
            bad: Some(("text.body", "")),
            refused: Some(("text.proposed_text", "text.proposed_text")),
            ..citizen(&section, "aenderung", "ProposeAmendment")
        },
    ]
}

fn one_text() -> Vec<Case> {
    let button = |page: &str, action: String, rpc| Case {
        comes_back: false,
        ..citizen(page, format!("/musterstadt/beitraege/{action}"), rpc)
    };
    let proposal = format!("beitraege/{PROPOSAL}");
    vec![
        Case {
            good: &[("text.body", "Mit Luftpumpe!"), ("granted_licence", "1")],
            bad: Some(("text.body", " ")),
            refused: Some(("text.body", "text.body")),
            ..citizen(&proposal, "kommentar", "PostComment")
        },
        Case {
            good: &[("reason", "2")],
            bad: Some(("reason", "")),
            refused: Some(("note", "note")),
            ..citizen(&proposal, "meldung", "ReportContribution")
        },
        Case {
            good: &[("note", "Das war kein Scherz.")],
            bad: Some(("note", "")),
            refused: Some(("note", "note")),
            ..citizen(format!("beitraege/{REJECTED}"), "widerspruch", "ObjectToModeration")
        },
        button(&proposal, format!("{PROPOSAL}/unterstuetzen"), "SupportContribution"),
        button(&format!("beitraege/{AMENDMENT}"), format!("{AMENDMENT}/nicht-mehr-unterstuetzen"), "WithdrawSupport"),
        Case {
            good: &[("scope", "3"), ("contribution_ids", OWN)],
            bad: Some(("contribution_ids", "")),
            named: Some("scope"),
            refused: Some(("contribution_ids[0]", "contribution_ids")),
            ..citizen("konto/loeschung", "loeschung", "RequestErasure")
        },
    ]
}

fn visitors() -> Vec<Case> {
    let visitor = |page: &str, form: &str, rpc| Case { who: "", ..citizen(page, form, rpc) };
    vec![
        Case {
            good: &[("text", "Die Schrift ist zu klein.")],
            bad: Some(("text", "")),
            refused: Some(("reply_to", "reply_to")),
            ..visitor("rueckmeldung", "rueckmeldung", "SendFeedback")
        },
        Case {
            good: &[("email", "neu@example.org"), ("name", "Neu")],
            bad: Some(("email", "")),
            refused: Some(("email", "email")),
            ..visitor("konto/registrieren", "registrieren", "Register")
        },
        Case {
            good: &[("password", "correct horse battery")],
            bad: Some(("password", "")),
            refused: Some(("password", "password")),
            ..visitor("konto/bestaetigen?code=abc", "bestaetigen", "ConfirmEmail")
        },
        Case {
            good: &[("email", "erika@example.org")],
            bad: Some(("email", "")),
            refused: Some(("email", "email")),
            ..visitor("konto/passwort-vergessen", "vergessen", "RequestPasswordReset")
        },
        Case {
            good: &[("new_password", "correct horse battery")],
            bad: Some(("new_password", "")),
            refused: Some(("code", "code")),
            ..visitor("konto/passwort?code=abc", "passwort", "ResetPassword")
        },
    ]
}
