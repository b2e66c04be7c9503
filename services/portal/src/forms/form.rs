use allmende_runtime::errors::{Rule, violations};
use askama::Template;
use axum::http::StatusCode;
use tonic::{Code, Status};
use tonic_types::StatusExt as _;

use super::field::Kind;
use super::kept::AGAIN;
use super::{Field, Name, Submitted};
use crate::failure::Failure;
use crate::visit::{Visit, fresh_id};
use crate::words::{self, Language, Messages};

/// A form with what was entered and what is wrong with it.
#[derive(Debug, Clone, Template)]
#[template(path = "form.html")]
pub(crate) struct Form {
    m: &'static Messages,
    language: Language,
    csrf: String,
    /// Tells the ids of its fields from those of other forms of the page.
    id: &'static str,
    action: String,
    title: String,
    explanation: String,
    submit: String,
    hidden: Vec<(Name, String)>,
    fields: Vec<Field>,
    /// Where fields begin that belong together, and what they are called together; nothing ends a group.
    groups: Vec<(usize, String)>,
    /// What is wrong with all of it.
    error: String,
    is_grave: bool,
    /// It could not be taken before, and is shown as it was filled in.
    is_again: bool,
    /// Files were chosen that it does not hold any more.
    lost_files: bool,
}

impl Form {
    /// A form that is sent to the page it stands on. `id` is unique on the page.
    pub(crate) fn new(visit: &Visit, id: &'static str, submit: &str) -> Self {
        Self {
            m: visit.m,
            language: visit.language,
            csrf: visit.csrf.clone(),
            id,
            action: visit.here(),
            title: String::new(),
            explanation: String::new(),
            submit: submit.to_owned(),
            hidden: vec![("form".into(), id.to_owned()), ("request_id".into(), fresh_id())],
            fields: Vec::new(),
            groups: Vec::new(),
            error: String::new(),
            is_grave: false,
            is_again: false,
            lost_files: false,
        }
    }

    pub(crate) fn titled(self, title: &str) -> Self {
        Self { title: title.to_owned(), ..self }
    }

    /// What it does, below its title.
    pub(crate) fn explained(self, explanation: &str) -> Self {
        Self { explanation: explanation.to_owned(), ..self }
    }

    pub(crate) fn to(self, action: String) -> Self {
        Self { action, ..self }
    }

    /// What it does cannot be undone.
    pub(crate) fn grave(self) -> Self {
        Self { is_grave: true, ..self }
    }

    pub(crate) fn field(mut self, field: Field) -> Self {
        self.fields.push(field);
        self
    }

    /// Begins a group: the fields after it are called this together. An empty name ends one.
    pub(crate) fn group(mut self, name: impl Into<String>) -> Self {
        self.groups.push((self.fields.len(), name.into()));
        self
    }

    pub(crate) fn hidden(mut self, name: impl Into<Name>, value: impl Into<String>) -> Self {
        self.hidden.push((name.into(), value.into()));
        self
    }

    /// With an id for the new thing that the form makes.
    pub(crate) fn with_new_id(self, name: &'static str) -> Self {
        self.hidden(name, fresh_id())
    }

    /// Takes over what was sent, and notes what is missing.
    pub(crate) fn filled(mut self, submitted: &Submitted) -> Self {
        self.is_again = submitted.is_ticked(AGAIN);
        self.lost_files = submitted.lost_files();
        for (name, value) in &mut self.hidden {
            if !submitted.get(name).is_empty() {
                *value = submitted.text(name);
            }
        }
        for field in &mut self.fields {
            let is_missing = match field.kind {
                Kind::File(_) => submitted.files(&field.name).next().is_none() && submitted.get(&field.name).is_empty(),
                Kind::Boxes(_) => {
                    field.ticked = submitted.all(&field.name);
                    field.ticked.is_empty()
                }
                _ => submitted.get(&field.name).is_empty(),
            };
            if field.is_shown_again() {
                field.value = submitted.raw(&field.name).to_owned();
            }
            if field.is_required && is_missing && !self.is_again {
                field.error = self.m.error_missing.to_owned();
            }
            // The page would show another choice in its place.
            if let Kind::Select(options) = &field.kind
                && !is_missing
                && options.iter().all(|(value, _)| *value != field.value)
            {
                field.error = words::problem(Rule::Value, self.language);
            }
        }
        self
    }

    /// With a request id of its own: what was sent before was a question, and is answered.
    pub(crate) fn renewed(mut self) -> Self {
        for (name, value) in &mut self.hidden {
            if name == "request_id" {
                *value = fresh_id();
            }
        }
        self
    }

    /// Notes what is wrong with a field.
    pub(crate) fn wrong(mut self, name: &str, error: &str) -> Self {
        if let Some(field) = self.fields.iter_mut().find(|field| field.name == name) {
            field.error = error.to_owned();
        }
        self
    }

    /// Whether it goes back to who sent it: something is wrong with it, or it is there to be looked at once more.
    pub(crate) fn is_wrong(&self) -> bool {
        self.is_again || self.has_errors()
    }

    fn has_errors(&self) -> bool {
        !self.error.is_empty() || self.fields.iter().any(|field| !field.error.is_empty())
    }

    /// The status of a page with the form on it.
    pub(crate) fn status(&self) -> StatusCode {
        if self.has_errors() { StatusCode::UNPROCESSABLE_ENTITY } else { StatusCode::OK }
    }

    /// Shows why the service refused it, at the fields where they are named. What no sender can mend is a failure of the
    /// page.
    pub(crate) fn refused(mut self, visit: &Visit, status: &Status) -> Result<Self, Failure> {
        let mends = matches!(
            status.code(),
            Code::InvalidArgument
                | Code::FailedPrecondition
                | Code::AlreadyExists
                | Code::Aborted
                | Code::ResourceExhausted
                | Code::OutOfRange
        ) || status.get_details_error_info().is_some_and(|info| info.reason == "CREDENTIALS_WRONG");
        if !mends {
            return Err(status.clone().into());
        }
        let mut named = false;
        for violation in violations(status) {
            let place = place_of(&violation.field, self.fields.iter().map(|field| field.name.as_ref()));
            if let Some(field) = place.and_then(|place| self.fields.get_mut(place)) {
                field.error = words::problem(violation.rule, visit.language);
                named = true;
            }
        }
        if !named {
            self.error = words::reason(status, visit.language);
        }
        Ok(self)
    }

    pub(crate) fn id(&self) -> &'static str {
        self.id
    }

    /// The fields in their groups; a group without a name is none.
    fn parts(&self) -> Vec<(&str, &[Field])> {
        let ends = self.groups.iter().skip(1).map(|(start, _)| *start).chain([self.fields.len()]);
        let named = self.groups.iter().zip(ends).map(|((start, name), end)| (name.as_str(), &self.fields[*start..end]));
        let first = self.groups.first().map_or(self.fields.len(), |(start, _)| *start);
        std::iter::once(("", &self.fields[..first])).chain(named).filter(|(_, fields)| !fields.is_empty()).collect()
    }

    fn has_files(&self) -> bool {
        self.fields.iter().any(Field::is_file)
    }

    /// The same as a mere button.
    pub(crate) fn as_action(&self, about: &str) -> Action {
        Action {
            csrf: self.csrf.clone(),
            action: self.action.clone(),
            label: self.submit.clone(),
            about: about.to_owned(),
            hidden: self.hidden.clone(),
            is_quiet: true,
            is_chief: false,
        }
    }

    /// The id of a field's error or hint.
    fn described_by(&self, field: &Field) -> String {
        let hint = (!field.hint.is_empty()).then(|| format!("{}-{}-hint", self.id, field.name));
        let error = (!field.error.is_empty()).then(|| format!("{}-{}-error", self.id, field.name));
        hint.into_iter().chain(error).collect::<Vec<_>>().join(" ")
    }
}

/// A button that does one thing.
#[derive(Debug, Clone, Template)]
#[template(path = "action.html")]
pub(crate) struct Action {
    csrf: String,
    action: String,
    label: String,
    /// Said to screen readers after the label, where a page has the button often.
    about: String,
    hidden: Vec<(Name, String)>,
    is_quiet: bool,
    is_chief: bool,
}

impl Action {
    pub(crate) fn new(visit: &Visit, action: String, label: &str) -> Self {
        let hidden = vec![("request_id".into(), fresh_id()), ("back".into(), visit.path.clone())];
        Self::holding(visit, action, label, hidden)
    }

    /// With these fields and no others.
    pub(super) fn holding(visit: &Visit, action: String, label: &str, hidden: Vec<(Name, String)>) -> Self {
        Self {
            csrf: visit.csrf.clone(),
            action,
            label: label.to_owned(),
            about: String::new(),
            hidden,
            is_quiet: false,
            is_chief: false,
        }
    }

    pub(crate) fn about(self, about: impl Into<String>) -> Self {
        Self { about: about.into(), ..self }
    }

    /// The chief thing to do on its page.
    pub(crate) fn chief(self) -> Self {
        Self { is_chief: true, ..self }
    }

    pub(crate) fn quiet(self) -> Self {
        Self { is_quiet: true, ..self }
    }
}

/// Which of the fields a violation is about: the one of its name, where the n-th of a list `things` is `thingsN`, from 1;
/// or the first one within what it names; or the one that it is within.
fn place_of<'a>(violation: &str, names: impl Iterator<Item = &'a str> + Clone) -> Option<usize> {
    let within = |inner: &str, outer: &str| inner.strip_prefix(outer).is_some_and(|rest| rest.starts_with(['.', '[']));
    let counted = counted(violation);
    names
        .clone()
        .position(|name| name == violation || name == counted)
        .or_else(|| names.clone().position(|name| within(name, violation) || within(name, &counted)))
        .or_else(|| names.clone().position(|name| within(violation, name) || within(&counted, name)))
}

/// `phases[0].to_day` as `phases1.to_day`.
fn counted(violation: &str) -> String {
    let mut parts = violation.split('[');
    let mut name = parts.next().unwrap_or_default().to_owned();
    for part in parts {
        let (index, rest) = part.split_once(']').unwrap_or((part, ""));
        match index.parse::<usize>() {
            Ok(index) => name.push_str(&index.saturating_add(1).to_string()),
            Err(_) => name.push_str(index),
        }
        name.push_str(rest);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_violation_finds_its_field() {
        let names = ["title.de", "title.en", "phases1.to_day", "phases2.to_day", "place", "ids"];
        let found = |violation: &str| place_of(violation, names.into_iter()).map(|place| names[place]);
        assert_eq!(found("title"), Some("title.de"));
        assert_eq!(found("title.en"), Some("title.en"));
        assert_eq!(found("phases[1].to_day"), Some("phases2.to_day"));
        assert_eq!(found("phases[1]"), Some("phases2.to_day"));
        assert_eq!(found("place.latitude"), Some("place"));
        assert_eq!(found("ids[17]"), Some("ids"));
        assert_eq!(found("titles"), None);
        assert_eq!(found("phases[x].to_day"), None);
    }
}
