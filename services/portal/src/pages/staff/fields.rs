//! Groups of fields that several forms have.

use allmende_proto::opendata::v1::{LicenceTerms, Text};
use allmende_proto::reporting::v1::LocalizedText;

use crate::forms::{Field, Form, Submitted};
use crate::visit::Visit;
use crate::words::{self, fill};

/// A text for people to be entered in both languages: German always, English if it is there.
pub(crate) struct Bilingual<'a> {
    /// What the request calls it.
    pub(crate) name: &'a str,
    pub(crate) label: &'a str,
    /// 0 for one line.
    pub(crate) rows: u8,
    pub(crate) max: u32,
    /// Whether it has to be there in German.
    pub(crate) is_needed: bool,
    pub(crate) present: (String, String),
}

impl Bilingual<'_> {
    pub(crate) fn add_to(self, visit: &Visit, form: Form) -> Form {
        let s = visit.language.staff();
        let field = |name: String, label: String| match self.rows {
            0 => Field::line(name, label, self.max),
            rows => Field::area(name, label, rows, self.max),
        };
        let german = field(format!("{}.de", self.name), fill(s.in_german, &[self.label]));
        let english = field(format!("{}.en", self.name), fill(s.in_english, &[self.label]));
        let german = german.value(self.present.0);
        form.field(if self.is_needed { german } else { german.optional() })
            .field(english.value(self.present.1).optional())
    }
}

/// What was entered in both languages.
pub(crate) fn both(submitted: &Submitted, name: &str) -> (String, String) {
    (submitted.text(&format!("{name}.de")), submitted.text(&format!("{name}.en")))
}

/// The same, for open data.
pub(crate) fn text(submitted: &Submitted, name: &str) -> Option<Text> {
    let (de, en) = both(submitted, name);
    Some(Text { de, en })
}

/// The same, for reports.
pub(crate) fn localized(submitted: &Submitted, name: &str) -> Option<LocalizedText> {
    let (de, en) = both(submitted, name);
    Some(LocalizedText { de, en })
}

/// A licence, and whom its users have to name.
pub(crate) fn with_terms(visit: &Visit, form: Form) -> Form {
    let (m, s) = (visit.m, visit.language.staff());
    let publisher = visit.tenant.as_ref().map(|tenant| words::clean(&tenant.name)).unwrap_or_default();
    form.field(Field::select("terms.licence", m.licence, words::licences())).field(
        Field::line("terms.attribution", s.attribution, 300).value(publisher).optional().hint(s.attribution_hint),
    )
}

/// The licence that was entered.
pub(crate) fn terms(submitted: &Submitted) -> Option<LicenceTerms> {
    Some(LicenceTerms { licence: submitted.number("terms.licence"), attribution: submitted.text("terms.attribution") })
}
