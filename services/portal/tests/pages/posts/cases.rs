//! The forms, each with input that is good and input that is not.

mod citizens;
mod data;
mod staff;

/// A form of a page.
#[derive(Debug, Clone, Default)]
pub(crate) struct Case {
    /// Whose token; empty for a visitor.
    pub(crate) who: &'static str,
    /// Where the form is.
    pub(crate) page: String,
    /// Its id; or the address that it is sent to, for a mere button.
    pub(crate) form: String,
    /// What is entered on top of what the page holds.
    pub(crate) good: &'static [(&'static str, &'static str)],
    /// What the portal itself finds fault with.
    pub(crate) bad: Option<(&'static str, &'static str)>,
    /// Where it says so, if elsewhere.
    pub(crate) named: Option<&'static str>,
    /// What a service may find fault with: as it names it, and the field.
    pub(crate) refused: Option<(&'static str, &'static str)>,
    /// Whether the form comes back with a refusal that is about no field.
    pub(crate) comes_back: bool,
    /// Whether a failure is not told, so that nothing is learnt from it.
    pub(crate) hides_failures: bool,
    /// What it comes down to.
    pub(crate) rpc: &'static str,
}

impl Case {
    /// Where it is sent.
    pub(crate) fn to(&self) -> String {
        let page = self.page.split('?').next().unwrap_or_default();
        if self.form.starts_with('/') { self.form.clone() } else { page.to_owned() }
    }
}

/// All of them.
pub(crate) fn all() -> Vec<Case> {
    [citizens::cases(), staff::cases(), data::cases()].concat()
}
