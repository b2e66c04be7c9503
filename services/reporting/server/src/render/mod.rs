//! A run in forms for people and machines: functions of what the run holds, of a language, and of nothing else, so that
//! the same run gives the same bytes.

mod charts;
mod csv;
mod html;
mod json;
mod phrases;
mod style;
mod tables;
mod values;

use allmende_kernel::TenantId;
use allmende_reporting_domain::RunId;
use allmende_reporting_domain::run::Content;

/// Golden files are tests of the crate's own.
#[cfg(test)]
mod golden;

/// What is rendered.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Subject<'a> {
    /// Whose report it is.
    pub(crate) tenant: &'a TenantId,
    /// Which run.
    pub(crate) run: RunId,
    /// What it holds.
    pub(crate) content: &'a Content,
}

impl Subject<'_> {
    /// What people call the tenant.
    fn tenant_name(&self) -> &str {
        match self.content.tenant_name.as_str() {
            "" => self.tenant.as_str(),
            name => name,
        }
    }
}

/// The form.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    /// A whole page.
    Html,
    /// One line a number.
    Csv,
    /// Everything.
    Json,
}

/// The language of headings and words.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Language {
    /// German.
    German,
    /// English.
    English,
}

impl Language {
    /// The tag of BCP 47.
    const fn tag(self) -> &'static str {
        match self {
            Self::German => "de",
            Self::English => "en",
        }
    }

    /// The one of two phrases that is in this language.
    const fn of<'a>(self, german: &'a str, english: &'a str) -> &'a str {
        match self {
            Self::German => german,
            Self::English => english,
        }
    }
}

/// A rendered run.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Rendered {
    /// Its bytes.
    pub(crate) content: Vec<u8>,
    /// Their media type.
    pub(crate) content_type: &'static str,
    /// A name for the file.
    pub(crate) file_name: String,
    /// The policy to serve it with; empty for what is no page.
    pub(crate) content_security_policy: String,
}

/// Renders.
pub(crate) fn render(subject: &Subject<'_>, format: Format, language: Language) -> Rendered {
    let (content, content_type, extension, content_security_policy) = match format {
        Format::Html => {
            (html::page(subject, language).into_bytes(), "text/html; charset=utf-8", "html", style::policy())
        }
        Format::Csv => (csv::lines(subject, language), "text/csv; charset=utf-8; header=present", "csv", String::new()),
        Format::Json => (json::document(subject, language), "application/json", "json", String::new()),
    };
    let run = subject.run.to_string();
    let run = run.split('-').next_back().unwrap_or_default();
    let file_name = format!("{}-{}-{run}.{extension}", language.of("bericht", "report"), subject.tenant);
    Rendered { content, content_type, file_name, content_security_policy }
}
