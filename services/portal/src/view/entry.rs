use allmende_proto::participation::v1::{
    Contribution, ContributionKind, ModerationReason, ModerationState, ObjectionState, ProposalState, Target, target,
};
use askama::Template;

use crate::visit::Visit;
use crate::words::{self, Messages, fill};

/// A text of a citizen.
#[derive(Debug, Clone, Default)]
pub(crate) struct Entry {
    pub(crate) id: String,
    pub(crate) kind: &'static str,
    pub(crate) tone: &'static str,
    /// Told to its author and to staff.
    pub(crate) state: &'static str,
    pub(crate) state_tone: &'static str,
    pub(crate) note: String,
    /// Empty where the page is called so, or where the text has none: then the way to it stands below it.
    pub(crate) title: String,
    pub(crate) href: String,
    pub(crate) body: String,
    pub(crate) wording: String,
    pub(crate) is_own: bool,
    /// What the administration says of it: label and text.
    pub(crate) remarks: Vec<(String, String)>,
    pub(crate) files: Vec<(String, String)>,
    /// Buttons, rendered.
    pub(crate) actions: Vec<String>,
}

#[derive(Debug, Clone, Template)]
#[template(path = "entries.html")]
pub(crate) struct Entries {
    pub(crate) m: &'static Messages,
    pub(crate) items: Vec<Entry>,
}

impl Entry {
    /// As `visit` may see it.
    pub(crate) fn of(visit: &Visit, contribution: &Contribution) -> Self {
        let (m, language) = (visit.m, visit.language);
        let id = contribution.contribution_id.clone();
        let text = contribution.text.clone().unwrap_or_default();
        let kind = words::contribution_kind(contribution.kind(), language);
        let moderation = contribution.moderation.clone().unwrap_or_default();
        let public = matches!(moderation.state(), ModerationState::Published | ModerationState::Redacted);
        let (state, state_tone) = if contribution.withdrawn_at_us.is_some() {
            (m.state_withdrawn, "")
        } else if contribution.own || !public {
            words::moderation_state(moderation.state(), language)
        } else if moderation.state() == ModerationState::Redacted {
            (m.shortened, "warn")
        } else {
            ("", "")
        };
        let title = if !text.title.is_empty() {
            visit.theirs(&text.title)
        } else {
            fill(m.untitled_on, &[kind, &words::moment(contribution.submitted_at_us, language)])
        };
        let href = format!("{}/beitraege/{id}", visit.to(""));
        let body = if contribution.erased { m.erased_text.to_owned() } else { visit.theirs(&text.body) };
        let mut entry = Self {
            kind,
            tone: "",
            state,
            state_tone,
            note: note(visit, contribution),
            title,
            href,
            body,
            wording: visit.theirs(&text.proposed_text),
            is_own: contribution.own,
            remarks: Vec::new(),
            files: Vec::new(),
            actions: Vec::new(),
            id,
        };
        entry.add_remarks(visit, contribution);
        for (number, file) in contribution.attachments.iter().enumerate() {
            let size = words::bytes(file.size_bytes, language);
            let label = format!("{} {} ({size})", m.attachment, number + 1);
            entry.files.push((format!("{}/anhang/{}", entry.href, file.attachment_id), label));
        }
        entry
    }

    fn add_remarks(&mut self, visit: &Visit, contribution: &Contribution) {
        let (m, language) = (visit.m, visit.language);
        let moderation = contribution.moderation.clone().unwrap_or_default();
        let mut add = |label: String, text: &str| {
            if !text.is_empty() {
                self.remarks.push((label, text.to_owned()));
            }
        };
        if let Some(original) = &contribution.original {
            add(m.original_text.to_owned(), &visit.theirs(&original.body));
        }
        if moderation.reason() != ModerationReason::Unspecified {
            add(m.reason.to_owned(), words::moderation_reason(moderation.reason(), language));
        }
        add(m.note_of_moderation.to_owned(), &visit.theirs(&moderation.note));
        if moderation.objection() != ObjectionState::Unspecified {
            let note = visit.theirs(&moderation.objection_note);
            add(words::objection_state(moderation.objection(), language).to_owned(), &note);
        }
        if let Some(response) = &contribution.response {
            let when = words::moment(response.at_us, language);
            add(fill(m.answer_of, &[&when]), &visit.theirs(&response.text));
        }
        if let Some(standing) = contribution.proposal.as_ref().filter(|standing| !standing.reasons.is_empty()) {
            let reasons = visit.theirs(&standing.reasons);
            add(fill(m.official_answer, &[words::proposal_state(standing.state(), language)]), &reasons);
            if let Some(cents) = standing.cost_cents {
                add(m.cost.to_owned(), &words::euros(cents, language));
            }
        }
        if contribution.accepted_at_us.is_some() {
            add(m.amendment_accepted.to_owned(), m.amendment_accepted_text);
        }
    }

    /// What tells the way to it from others, where it has no title.
    fn beginning(&self) -> String {
        words::excerpt(&self.body, 60)
    }

    /// Without a way to the text's own page, for that page.
    pub(crate) fn unlinked(self) -> Self {
        Self { href: String::new(), ..self }
    }

    pub(crate) fn action(mut self, action: &impl Template) -> Self {
        self.actions.extend(action.render().ok());
        self
    }
}

fn note(visit: &Visit, contribution: &Contribution) -> String {
    let (m, language) = (visit.m, visit.language);
    let mut parts = Vec::new();
    // Without a title of its own, a text is called by its time.
    if contribution.text.as_ref().is_some_and(|text| !text.title.is_empty()) {
        parts.push(words::moment(contribution.submitted_at_us, language));
    }
    if contribution.channel() as i32 > 2 {
        parts.push(words::channel(contribution.channel(), language).to_owned());
    }
    if let Some(Target { target: Some(target::Target::Section(section)) }) = &contribution.target
        && section.version > 0
    {
        parts.push(fill(m.on_version, &[&section.version.to_string()]));
    }
    if let Some(supports) =
        contribution.supports.filter(|count| *count > 0 && contribution.kind() != ContributionKind::Idea)
    {
        parts.push(words::supports(supports, language));
    }
    if let Some(place) = &contribution.place {
        parts.push(fill(m.place_near, &[&words::place(place, language)]));
    }
    if contribution.comments > 0 {
        parts.push(words::comments(contribution.comments, language));
    }
    if let Some(standing) =
        contribution.proposal.as_ref().filter(|standing| standing.state() != ProposalState::Unspecified)
    {
        parts.push(words::proposal_state(standing.state(), language).to_owned());
    }
    parts.join(" · ")
}
