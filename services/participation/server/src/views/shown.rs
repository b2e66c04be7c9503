use allmende_kernel::{SubjectId, TenantId};
use allmende_keyring::Opened;
use allmende_participation_domain::{ContributionId, ProcedureId};
use allmende_proto::participation::events::v1 as stored;
use allmende_proto::participation::v1::{ModerationState, QueueReason};
use allmende_runtime::authorize::{Caller, Role};

use super::page::Wordy;
use super::rows::ContributionRow;
use crate::sealing::Part;

/// Who sees what is not public, with its moderation.
const STAFF: &[Role] = &[
    Role::Moderator,
    Role::CaseWorker,
    Role::ProcedureOwner,
    Role::Approver,
    Role::TenantAdministrator,
    Role::PlatformOperator,
];

/// Who asks: what they may see depends on what they wrote and what they are.
#[derive(Debug, Clone)]
pub(crate) struct Viewer {
    pub(crate) subject: Option<SubjectId>,
    caller: Option<Caller>,
}

impl Viewer {
    /// Who makes a call.
    pub(crate) fn of(caller: &Caller) -> Self {
        Self { subject: caller.subject(), caller: Some(caller.clone()) }
    }

    /// Nobody in particular.
    pub(crate) fn public() -> Self {
        Self { subject: None, caller: None }
    }

    pub(super) fn is_staff(&self, tenant: &TenantId, procedure: ProcedureId) -> bool {
        self.caller.as_ref().is_some_and(|caller| caller.has_role_in(tenant, procedure.as_uuid(), STAFF))
    }

    pub(super) fn wrote(&self, row: &ContributionRow) -> bool {
        let author = row.submitted.as_ref().map(|submitted| submitted.author.as_ref()).unwrap_or_default();
        self.subject.is_some_and(|subject| subject.as_bytes() == author)
    }
}

/// A text, opened.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub(crate) struct Text {
    pub(crate) title: String,
    pub(crate) body: String,
    pub(crate) proposed_text: String,
}

impl From<stored::ContributionText> for Text {
    fn from(text: stored::ContributionText) -> Self {
        let stored::ContributionText { title, body, proposed_text } = text;
        Self { title, body, proposed_text }
    }
}

/// A contribution as far as who asks may see it.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shown {
    pub(crate) id: ContributionId,
    pub(crate) row: ContributionRow,
    /// What may be read; `None` for what is erased.
    pub(crate) text: Option<Text>,
    pub(crate) place: Option<stored::CoarsePoint>,
    /// Behind a redacted wording; for its author and for staff.
    pub(crate) original: Option<Text>,
    pub(crate) note: String,
    pub(crate) objection_note: String,
    /// Whether moderation is shown with reasons.
    pub(crate) with_reasons: bool,
    pub(crate) supports: Option<u32>,
    pub(crate) supported: bool,
    pub(crate) own: bool,
    pub(crate) comments: u32,
    /// What the administration said to it; `None` for what is erased, too.
    pub(crate) answer: Option<String>,
    pub(crate) theme_answer: Option<stored::ThemeAnswered>,
    pub(crate) threshold_reached: bool,
}

impl Wordy for Shown {
    fn bytes(&self) -> usize {
        let of = |text: &Text| text.title.len() + text.body.len() + text.proposed_text.len();
        let texts = [&self.text, &self.original].into_iter().flatten().map(of).sum::<usize>();
        let answers =
            self.answer.as_ref().map_or(0, String::len) + self.theme_answer.as_ref().map_or(0, |it| it.text.len());
        texts + answers + self.note.len() + self.objection_note.len()
    }
}

/// What waits for a moderator.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Queued {
    pub(crate) reason: QueueReason,
    pub(crate) shown: Shown,
    /// Reason, note and time of each report.
    pub(crate) reports: Vec<(i32, String, i64)>,
}

impl Wordy for Queued {
    fn bytes(&self) -> usize {
        self.shown.bytes() + self.reports.iter().map(|(_, note, _)| note.len()).sum::<usize>()
    }
}

/// A line of a synopsis.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct SynopsisLine {
    pub(crate) section_id: String,
    pub(crate) heading: String,
    pub(crate) shown: Shown,
}

impl super::Reader<'_> {
    /// What somebody may see of a contribution; `None` if it does not exist for them.
    pub(crate) fn show(
        &self,
        id: ContributionId,
        mut row: ContributionRow,
    ) -> Result<Option<Shown>, crate::error::Error> {
        let submitted = row.submission();
        let procedure = procedure_of(&submitted);
        let own = self.viewer.wrote(&row);
        let inside = own || self.viewer.is_staff(self.tenant, procedure);
        // Of what was public and is erased everybody may know that it was there.
        if !(row.is_public() || inside || (row.erased && row.was_public)) {
            return Ok(None);
        }
        if !inside && row.moderation() == ModerationState::Redacted {
            row.hide_attachments();
        }
        let original = self.text(id, Part::Text, &submitted.text_sealed)?;
        let redacted = self.text(id, Part::Redacted, &row.redacted_sealed)?;
        let (text, original) = match redacted {
            Some(redacted) => (Some(redacted), original.filter(|_| inside)),
            None => (original, None),
        };
        let note =
            |part, sealed| if inside { self.vault.note(self.tenant, id, part, sealed) } else { Ok(String::new()) };
        let supports = self.supports(id)?;
        let procedure = self.procedure(procedure)?;
        let hidden = procedure.as_ref().is_some_and(|procedure| procedure.hides_counts);
        let threshold = procedure.as_ref().and_then(|procedure| procedure.threshold());
        Ok(Some(Shown {
            id,
            text: text.filter(|_| !row.erased),
            place: self.vault.place(self.tenant, id, &submitted)?,
            original,
            note: note(Part::Note, &row.note_sealed)?,
            objection_note: note(Part::Objection, &row.objection_sealed)?,
            with_reasons: inside,
            supports: (!hidden).then_some(supports),
            supported: self.is_supported(id)?,
            own,
            comments: self.comments_on(id)?,
            answer: self.answer(id, &row)?,
            theme_answer: self.theme_answer(&row)?,
            threshold_reached: !hidden && threshold.is_some_and(|threshold| supports >= threshold),
            row,
        }))
    }

    fn answer(&self, id: ContributionId, row: &ContributionRow) -> Result<Option<String>, crate::error::Error> {
        let (plain, sealed) = match (&row.answer, &row.proposal_answer) {
            (Some(answer), _) => (&answer.text, &answer.text_sealed),
            (None, Some(answer)) => (&answer.reasons, &answer.reasons_sealed),
            (None, None) => return Ok(None),
        };
        let text = match sealed.is_empty() {
            true => plain.clone(),
            false => self.vault.note(self.tenant, id, Part::Answer, sealed)?,
        };
        Ok(Some(text).filter(|text| !text.is_empty()))
    }

    /// A text that is there and whose key is.
    fn text(&self, id: ContributionId, part: Part, sealed: &[u8]) -> Result<Option<Text>, crate::error::Error> {
        if sealed.is_empty() {
            return Ok(None);
        }
        Ok(match self.vault.text(self.tenant, id, part, sealed)? {
            Opened::Content(text) => Some(text.into()),
            Opened::Erased => None,
        })
    }
}

pub(super) fn procedure_of(submitted: &stored::ContributionSubmitted) -> ProcedureId {
    // A stored id has 16 bytes: it was decoded when it was folded.
    ProcedureId::from_bytes(submitted.procedure_id.as_ref().try_into().unwrap_or_default())
}
