/// How bad something is, the worst last.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Severity {
    /// As it should be.
    Fine,
    /// It could not be seen from here.
    Unseen,
    /// Nothing is lost by it, and it should be otherwise.
    Warning,
    /// What was acknowledged may be lost, or somebody else may write history.
    Fault,
}

/// Something that was looked at.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Finding {
    /// How bad it is.
    pub severity: Severity,
    /// What it is about: a server, a stream, the account.
    pub about: String,
    /// What was found, and what follows from it.
    pub text: String,
    /// What to do about it. Nothing where it is as it should be.
    pub remedy: String,
}

impl Finding {
    fn new(severity: Severity, about: impl Into<String>, text: impl Into<String>) -> Self {
        Self { severity, about: about.into(), text: text.into(), remedy: String::new() }
    }

    pub(super) fn fine(about: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Severity::Fine, about, text)
    }

    pub(super) fn unseen(about: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Severity::Unseen, about, text)
    }

    pub(super) fn warning(about: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Severity::Warning, about, text)
    }

    pub(super) fn fault(about: impl Into<String>, text: impl Into<String>) -> Self {
        Self::new(Severity::Fault, about, text)
    }

    pub(super) fn remedy(self, remedy: impl Into<String>) -> Self {
        Self { remedy: remedy.into(), ..self }
    }
}
