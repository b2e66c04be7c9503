use crate::{Distribution, LicenceTerms, is_personal};

/// What has to be there before anything is public.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Requirement {
    /// A licence that the source allows.
    Licence,
    /// The name that the licence demands.
    Attribution,
    /// At least one file.
    Distribution,
    /// Every column has a type and a description.
    Schema,
    /// No column is on the list of personal data.
    NoPersonalData,
    /// Every file has a checksum, and still has it.
    Checksum,
}

/// Something that is missing, and where.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Finding {
    /// What is missing.
    pub requirement: Requirement,
    /// A file, or a file and a column as `file#column`; empty for the version as a whole.
    pub subject: String,
}

/// What is missing for a release: nothing, if the list is empty. `damaged` are names of files that no longer have their
/// checksum, which only somebody who can read them knows.
pub fn findings(terms: Option<&LicenceTerms>, files: &[Distribution], damaged: &[String]) -> Vec<Finding> {
    let mut findings = Vec::new();
    let mut find = |requirement, subject: String| findings.push(Finding { requirement, subject });
    match terms {
        None => find(Requirement::Licence, String::new()),
        Some(terms) if terms.licence.needs_attribution() && terms.attribution.trim().is_empty() => {
            find(Requirement::Attribution, String::new());
        }
        Some(_) => {}
    }
    if files.is_empty() {
        find(Requirement::Distribution, String::new());
    }
    for Distribution { file, columns, .. } in files {
        if columns.is_empty() {
            find(Requirement::Schema, file.to_string());
        }
        for column in columns {
            if !column.is_described() {
                find(Requirement::Schema, format!("{file}#{}", column.name));
            }
            if is_personal(column.name.as_str()) {
                find(Requirement::NoPersonalData, format!("{file}#{}", column.name));
            }
        }
        if damaged.iter().any(|damaged| damaged == file.as_str()) {
            find(Requirement::Checksum, file.to_string());
        }
    }
    findings
}
