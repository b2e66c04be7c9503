use std::sync::Arc;

use allmende_opendata_domain::{
    Column, ColumnName, ColumnType, Description, Frequency, Licence, LicenceTerms, Source, Text, Theme, Wording,
};
use allmende_views::{Tables, ViewError};

use super::keys::{DOCUMENTS, PROCEDURES, of as key};
use super::rows::{self, Document, Procedure};
use crate::sources::{Outline, Terms};

/// What is to be said of a dataset of texts.
pub(super) fn of(tables: &impl Tables, tenant: &str, source: Source) -> Result<Option<Outline>, ViewError> {
    let (procedure, document) = match source {
        Source::Contributions { procedure } => (procedure, None),
        Source::Synopsis { document } => {
            let Some(row) = rows::get::<Document>(tables, DOCUMENTS, &key(tenant, document))? else { return Ok(None) };
            let Some(procedure) = rows::id(&row.procedure) else { return Ok(None) };
            (procedure, Some(row))
        }
        Source::Manual | Source::Observations { .. } => return Ok(None),
    };
    let Some(row) = rows::get::<Procedure>(tables, PROCEDURES, &key(tenant, procedure))? else { return Ok(None) };
    let terms = Terms::Granted(terms(&row));
    Ok(match document {
        None => contributions(&row, terms),
        Some(document) => synopsis(&document, terms),
    })
}

/// What contributors granted, with the procedure as whom to name: their names are not known, and would not be told.
fn terms(procedure: &Procedure) -> Option<LicenceTerms> {
    let licence = licence(&procedure.licence)?;
    let attribution = match licence.needs_attribution() {
        true => format!("Beiträge zum Beteiligungsverfahren „{}“", procedure.title),
        false => String::new(),
    };
    Some(LicenceTerms { licence, attribution })
}

/// The open licence that a procedure names, in one of the usual spellings.
fn licence(text: &str) -> Option<Licence> {
    let spelled: String = text.to_lowercase().chars().filter(char::is_ascii_alphanumeric).collect();
    Some(match spelled.as_str() {
        "dldeby20" | "dlbyde20" | "datenlizenzdeutschlandnamensnennung20" => Licence::DlByDe2,
        "dldezero20" | "dlzerode20" | "datenlizenzdeutschlandzero20" => Licence::DlZeroDe2,
        "ccby40" | "ccby" => Licence::CcBy4,
        "ccbysa40" | "ccbysa" => Licence::CcBySa4,
        "cc010" | "cc0" | "cczero" | "cczero10" => Licence::CcZero,
        "odbl10" | "odbl" => Licence::Odbl,
        _ => return None,
    })
}

/// A title with what it is about in front, cut where titles end.
fn title(german: &str, english: &str, of: &str) -> Text {
    const MOST: usize = 200;
    let cut = |whole: String, end: &str| match whole.chars().count() <= MOST {
        true => whole,
        false => whole.chars().take(MOST - 2).chain(end.chars()).collect(),
    };
    Text::new(cut(format!("{german} „{of}“"), "…“"), cut(format!("{english} “{of}”"), "…”"))
}

fn contributions(row: &Procedure, terms: Terms) -> Option<Outline> {
    let description = Description::new(Wording {
        title: title("Beiträge zu", "Contributions to", &row.title),
        description: Text::new(
            "Die veröffentlichten Beiträge eines Beteiligungsverfahrens mit den Antworten der Verwaltung, ohne Angaben \
             zu Personen. Beiträge, deren Verfasser keine Lizenz erteilt haben, sind nicht enthalten.",
            "The published contributions to a participation procedure with the administration's answers, without \
             personal data. Contributions whose authors granted no licence are left out.",
        ),
        themes: vec![Theme::Government],
        keywords: ["Bürgerbeteiligung", "Beiträge"].map(str::to_owned).into(),
        frequency: Some(Frequency::Irregular),
        days: (String::new(), String::new()),
    });
    Some(Outline { description: description.ok()?, terms, columns: contribution_columns(), file: "contributions" })
}

fn synopsis(document: &Document, terms: Terms) -> Option<Outline> {
    let description = Description::new(Wording {
        title: title("Synopse zu", "Synopsis of", &document.title),
        description: Text::new(
            "Die veröffentlichten Anmerkungen und Änderungsvorschläge zu einem Text, nach Abschnitten geordnet, mit den \
             Antworten der Verwaltung, ohne Angaben zu Personen.",
            "The published comments on a text and proposed amendments by section, with the administration's answers, \
             without personal data.",
        ),
        themes: vec![Theme::Government],
        keywords: ["Bürgerbeteiligung", "Konsultation", "Synopse"].map(str::to_owned).into(),
        frequency: Some(Frequency::Irregular),
        days: (String::new(), String::new()),
    });
    Some(Outline { description: description.ok()?, terms, columns: synopsis_columns(), file: "synopsis" })
}

type Said = (&'static str, ColumnType, &'static str, &'static str);

const CONTRIBUTION: Said = ("contribution_id", ColumnType::String, "Kennung des Beitrags", "Id of the contribution");
const KIND: Said = (
    "kind",
    ColumnType::String,
    "Art: idea (Idee), proposal (Vorschlag), comment (Anmerkung), amendment (Änderungsvorschlag)",
    "Kind: idea, proposal, comment, amendment",
);
const CHANNEL: Said = (
    "channel",
    ColumnType::String,
    "Weg: web, app, letter (Brief), postcard (Postkarte), event (Veranstaltung), phone (Telefon)",
    "Channel: web, app, letter, postcard, event, phone",
);
const DAY: Said = ("submitted_on", ColumnType::Date, "Tag des Eingangs (UTC)", "Day of receipt (UTC)");
const TITLE: Said = ("title", ColumnType::String, "Überschrift", "Title");
const BODY: Said = ("body", ColumnType::String, "Wortlaut", "Wording");
const PROPOSED: Said = ("proposed_text", ColumnType::String, "Vorgeschlagener neuer Text", "Proposed new text");
const REDACTED: Said = (
    "redacted",
    ColumnType::Boolean,
    "Ob der Wortlaut vor der Veröffentlichung gekürzt wurde",
    "Whether the wording was shortened before publication",
);
const THEME: Said = ("theme", ColumnType::String, "Thema, dem die Verwaltung es zuordnet", "Theme it was assigned to");
const RESPONSE: Said = ("response", ColumnType::String, "Antwort der Verwaltung", "The administration's answer");

fn contribution_columns() -> Arc<[Column]> {
    columns(&[
        CONTRIBUTION,
        KIND,
        CHANNEL,
        DAY,
        TITLE,
        BODY,
        PROPOSED,
        REDACTED,
        THEME,
        RESPONSE,
        (
            "latitude",
            ColumnType::Number,
            "Geographische Breite, auf ein Tausendstel Grad",
            "Latitude, to 0.001 degrees",
        ),
        (
            "longitude",
            ColumnType::Number,
            "Geographische Länge, auf ein Tausendstel Grad",
            "Longitude, to 0.001 degrees",
        ),
    ])
}

fn synopsis_columns() -> Arc<[Column]> {
    columns(&[
        ("section_id", ColumnType::String, "Kennung des Abschnitts", "Id of the section"),
        ("heading", ColumnType::String, "Überschrift des Abschnitts", "Heading of the section"),
        CONTRIBUTION,
        KIND,
        CHANNEL,
        ("version", ColumnType::Integer, "Fassung des Textes, zu der es gehört", "Version of the text it is about"),
        TITLE,
        BODY,
        PROPOSED,
        REDACTED,
        THEME,
        RESPONSE,
        ("accepted", ColumnType::Boolean, "Ob der Änderungsvorschlag übernommen wurde", "Whether it was taken over"),
    ])
}

fn columns(said: &[Said]) -> Arc<[Column]> {
    let column = |(name, kind, de, en): &Said| {
        let name = ColumnName::parse(name).ok()?;
        Some(Column { name, kind: Some(*kind), description: Text::new(*de, *en), unit: String::new() })
    };
    said.iter().filter_map(column).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_column_is_described_and_none_is_personal() {
        for (columns, number) in [(contribution_columns(), 12), (synopsis_columns(), 13)] {
            assert_eq!(columns.len(), number);
            assert!(columns.iter().all(Column::is_described));
            assert!(!columns.iter().any(|column| allmende_opendata_domain::is_personal(column.name.as_str())));
        }
    }

    #[test]
    fn a_licence_is_known_in_its_usual_spellings() {
        for (text, licence_of) in [
            ("dl-de/by-2-0", Licence::DlByDe2),
            ("dl-by-de/2.0", Licence::DlByDe2),
            ("CC BY 4.0", Licence::CcBy4),
            ("CC0-1.0", Licence::CcZero),
            ("ODbL-1.0", Licence::Odbl),
        ] {
            assert_eq!(licence(text), Some(licence_of), "{text}");
        }
        assert_eq!(licence("all rights reserved"), None);
    }

    #[test]
    fn long_titles_are_cut() {
        let row = Procedure { title: "x".repeat(300), licence: "cc-by-4.0".into() };
        let outline = contributions(&row, Terms::Granted(terms(&row))).unwrap();
        let title = &outline.description.wording().title;
        assert_eq!((title.de.chars().count(), title.en.chars().count()), (200, 200));
        assert!(title.de.ends_with("x…“") && title.en.ends_with("x…”"), "{title:?}");
    }
}
