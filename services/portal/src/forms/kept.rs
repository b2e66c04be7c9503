//! What was typed into a form that could not be taken. It goes along in the pages that follow, through a sign-in too,
//! until it is shown again in its form. Nothing of it is kept here, none of it stands in an address, and nothing is done
//! with it before it is sent once more.

use std::fmt;
use std::sync::Arc;

use super::{Action, Form, Name, Submitted};
use crate::authorization::AUTHORIZATION;
use crate::visit::Visit;

/// The most that goes along, in bytes: about what a form can hold.
const MOST: usize = 3 << 20;
/// The most fields that go along: more than any form has.
const MOST_FIELDS: usize = 1_000;
/// What a field's name begins with in the form that takes it along.
const ALONG: &str = "mit.";
/// The field that says: show the form with what it holds, and do not take it.
pub(super) const AGAIN: &str = "noch-einmal";
/// The field that says: files were chosen, too.
pub(super) const WITHOUT_FILES: &str = "ohne-dateien";

/// A form's fields, and where they were sent.
#[derive(Clone)]
pub(crate) struct Kept {
    to: String,
    fields: Arc<Vec<(String, String)>>,
    /// Files were chosen, too. A page cannot hold them, so it is said until the form is there again.
    pub(crate) had_files: bool,
}

impl Kept {
    /// What this visit sent, if it is what people typed: not a mere button, and no password.
    pub(super) fn of(visit: &Visit, submitted: &Submitted) -> Option<Self> {
        let is_typed = takes_text(&visit.path) && visit.page() == visit.path;
        Self::bounded(visit.here(), Arc::clone(&submitted.fields), submitted.lost_files()).filter(|_| is_typed)
    }

    /// What a form took along for another one of this tenant.
    pub(super) fn along(visit: &Visit, to: &str, submitted: &Submitted) -> Option<Self> {
        let fields = submitted.fields.iter().filter_map(|(name, value)| Some((name.strip_prefix(ALONG)?, value)));
        let fields: Vec<_> = fields.map(|(name, value)| (name.to_owned(), value.clone())).collect();
        let to = visit.own_page(to).filter(|to| takes_text(to.split('?').next().unwrap_or_default()))?;
        let is_there = !fields.is_empty();
        Self::bounded(to, Arc::new(fields), submitted.lost_files()).filter(|_| is_there)
    }

    fn bounded(to: String, fields: Arc<Vec<(String, String)>>, had_files: bool) -> Option<Self> {
        let bytes: usize = fields.iter().map(|(name, value)| name.len() + value.len()).sum();
        (bytes <= MOST && fields.len() <= MOST_FIELDS).then_some(Self { to, fields, had_files })
    }

    /// The page of the form, with the places of its lists.
    pub(crate) fn to(&self) -> &str {
        &self.to
    }

    /// The fields but those that are made anew with each page.
    fn typed(&self) -> impl Iterator<Item = &(String, String)> {
        self.fields.iter().filter(|(name, _)| name != "csrf" && name != AGAIN && name != WITHOUT_FILES)
    }

    /// The field that says so, if files were chosen.
    fn without_files(&self) -> Option<(Name, String)> {
        self.had_files.then(|| (Name::from(WITHOUT_FILES), "1".to_owned()))
    }

    /// A button that leads to the form as it was filled in.
    pub(crate) fn action(&self, visit: &Visit, label: &str) -> Action {
        let typed = self.typed().map(|(name, value)| (Name::from(name.clone()), value.clone()));
        let fields = typed.chain([(Name::from(AGAIN), "1".to_owned())]).chain(self.without_files()).collect();
        let form = self.fields.iter().find(|(name, _)| name == "form").map_or("", |(_, form)| form);
        let is_id = !form.is_empty() && form.bytes().all(|byte| byte.is_ascii_lowercase());
        let to = if is_id { format!("{}#{form}", self.to) } else { self.to.clone() };
        Action::holding(visit, to, label, fields)
    }

    /// A form that takes the fields along.
    pub(crate) fn ride(&self, form: Form) -> Form {
        let form = self.without_files().into_iter().fold(form, |form, (name, value)| form.hidden(name, value));
        self.typed().fold(form, |form, (name, value)| form.hidden(format!("{ALONG}{name}"), value.clone()))
    }
}

impl fmt::Debug for Kept {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Kept").field("fields", &self.fields.len()).finish_non_exhaustive()
    }
}

/// Whether a form that people write into is sent to this address. Those of the account hold passwords and codes, all but
/// the one that asks to be forgotten.
fn takes_text(path: &str) -> bool {
    let routes = AUTHORIZATION.iter().filter_map(|(route, _)| route.strip_prefix("POST "));
    let mut taking = routes.filter(|route| !route.contains("/konto/") || route.ends_with("/loeschung"));
    taking.any(|route| {
        let is_of = |(pattern, part): (&str, &str)| pattern == part || pattern.starts_with('{') && !part.is_empty();
        route.split('/').count() == path.split('/').count() && route.split('/').zip(path.split('/')).all(is_of)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn text_is_sent_to_forms_that_there_are() {
        for path in ["/a/texte/1/abschnitte/ziele", "/a/rueckmeldung", "/a/konto/loeschung", "/a/verwaltung/angaben"] {
            assert!(takes_text(path), "{path}");
        }
        let others = ["/a/konto/passwort", "/a/konto/anmelden", "/a/verfahren", "/a/texte//abschnitte/ziele", "/", ""];
        for path in others {
            assert!(!takes_text(path), "{path}");
        }
    }

    #[test]
    fn there_is_an_end_to_what_goes_along() {
        let of = |bytes: usize| Arc::new(vec![("text".to_owned(), "x".repeat(bytes))]);
        assert!(Kept::bounded("/a".to_owned(), of(MOST - 4), false).is_some());
        assert!(Kept::bounded("/a".to_owned(), of(MOST - 3), false).is_none());
        let many = vec![(String::new(), String::new()); MOST_FIELDS + 1];
        assert!(Kept::bounded("/a".to_owned(), Arc::new(many), false).is_none());
        let kept = Kept::bounded("/a".to_owned(), of(7), false).unwrap();
        assert!(!format!("{kept:?}").contains("xxx"));
    }
}
