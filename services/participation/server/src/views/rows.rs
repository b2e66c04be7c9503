//! What rows hold, as protobuf: of stored events as much as is asked for, and what became of them. Texts stay sealed.

use allmende_proto::participation::events::v1 as stored;
use allmende_proto::participation::v1::{ModerationState, ObjectionState, ProposalState};
use bytes::Bytes;

/// The most reports of a text that are shown.
pub(super) const REPORTS_SHOWN: usize = 20;

/// A contribution.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ContributionRow {
    #[prost(message, optional, tag = "1")]
    pub(crate) submitted: Option<stored::ContributionSubmitted>,
    #[prost(enumeration = "ModerationState", tag = "2")]
    pub(crate) moderation: i32,
    #[prost(enumeration = "stored::ModerationReason", tag = "3")]
    pub(crate) reason: i32,
    #[prost(bytes = "bytes", tag = "4")]
    pub(crate) note_sealed: Bytes,
    #[prost(sfixed64, optional, tag = "5")]
    pub(crate) decided_at_us: Option<i64>,
    #[prost(bytes = "bytes", tag = "6")]
    pub(crate) redacted_sealed: Bytes,
    #[prost(enumeration = "ObjectionState", tag = "7")]
    pub(crate) objection: i32,
    #[prost(bytes = "bytes", tag = "8")]
    pub(crate) objection_sealed: Bytes,
    /// Reports since the last decision, the first [`REPORTS_SHOWN`] of them.
    #[prost(message, repeated, tag = "9")]
    pub(crate) reports: Vec<stored::ContributionReported>,
    /// Since when it waits for a moderator.
    #[prost(sfixed64, tag = "10")]
    pub(crate) waits_since_us: i64,
    #[prost(bytes = "bytes", tag = "11")]
    pub(crate) theme_id: Bytes,
    /// Whether its theme has an answer.
    #[prost(bool, tag = "12")]
    pub(crate) theme_answered: bool,
    #[prost(message, optional, tag = "13")]
    pub(crate) answer: Option<stored::ContributionAnswered>,
    #[prost(sfixed64, optional, tag = "14")]
    pub(crate) accepted_at_us: Option<i64>,
    #[prost(enumeration = "ProposalState", tag = "15")]
    pub(crate) proposal: i32,
    #[prost(message, optional, tag = "16")]
    pub(crate) proposal_answer: Option<stored::ProposalAnswered>,
    #[prost(bytes = "bytes", tag = "17")]
    pub(crate) project_id: Bytes,
    #[prost(sfixed64, optional, tag = "18")]
    pub(crate) withdrawn_at_us: Option<i64>,
    #[prost(bool, tag = "19")]
    pub(crate) erased: bool,
    /// Whether the public ever saw it.
    #[prost(bool, tag = "20")]
    pub(crate) was_public: bool,
}

impl ContributionRow {
    /// What was handed in; nothing of a row that never was is read.
    pub(crate) fn submission(&self) -> stored::ContributionSubmitted {
        self.submitted.clone().unwrap_or_default()
    }

    /// Whether the public sees it.
    pub(crate) fn is_public(&self) -> bool {
        let shown = matches!(self.moderation(), ModerationState::Published | ModerationState::Redacted);
        shown && self.withdrawn_at_us.is_none() && !self.erased
    }

    /// Whether the administration has said something to it.
    pub(super) fn is_answered(&self) -> bool {
        self.answer.is_some() || self.theme_answered || self.accepted_at_us.is_some() || self.proposal_answer.is_some()
    }

    /// A file may show what a redacted wording leaves out.
    pub(super) fn hide_attachments(&mut self) {
        if let Some(submitted) = &mut self.submitted {
            submitted.attachments.clear();
        }
    }

    /// Forgets what cannot be opened any more, and who wrote it.
    pub(super) fn erase(&mut self) {
        self.erased = true;
        self.note_sealed.clear();
        self.redacted_sealed.clear();
        self.objection_sealed.clear();
        self.reports.clear();
        // That there was an answer stays; its words may repeat the text.
        if let Some(answer) = &mut self.answer {
            answer.text.clear();
            answer.text_sealed.clear();
        }
        if let Some(answer) = &mut self.proposal_answer {
            answer.reasons.clear();
            answer.reasons_sealed.clear();
        }
        if let Some(submitted) = &mut self.submitted {
            submitted.text_sealed.clear();
            submitted.author.clear();
            submitted.attachments.clear();
            submitted.place = None;
            submitted.place_sealed.clear();
        }
    }
}

/// A procedure, with the schedule that holds now.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ProcedureRow {
    #[prost(message, optional, tag = "1")]
    pub(crate) opened: Option<stored::ProcedureOpened>,
    #[prost(sfixed64, optional, tag = "2")]
    pub(crate) closed_at_us: Option<i64>,
    /// Newest first.
    #[prost(message, repeated, tag = "3")]
    pub(crate) status: Vec<stored::StatusPublished>,
}

/// A theme.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ThemeRow {
    #[prost(message, optional, tag = "1")]
    pub(crate) defined: Option<stored::ThemeDefined>,
    #[prost(message, optional, tag = "2")]
    pub(crate) answer: Option<stored::ThemeAnswered>,
}

/// A text that people are asked about.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct DocumentRow {
    #[prost(bytes = "bytes", tag = "1")]
    pub(crate) procedure_id: Bytes,
    #[prost(string, tag = "2")]
    pub(crate) title: String,
    #[prost(uint32, tag = "3")]
    pub(crate) latest_version: u32,
    #[prost(message, optional, tag = "4")]
    pub(crate) consultation: Option<stored::DayRange>,
}

/// A version of it.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct VersionRow {
    #[prost(message, repeated, tag = "1")]
    pub(crate) sections: Vec<stored::Section>,
    #[prost(sfixed64, tag = "2")]
    pub(crate) published_at_us: i64,
}

/// Where a section stood last.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct SectionRow {
    #[prost(string, tag = "1")]
    pub(crate) heading: String,
    #[prost(uint32, tag = "2")]
    pub(crate) version: u32,
}

/// A project.
#[derive(Clone, PartialEq, prost::Message)]
pub(crate) struct ProjectRow {
    #[prost(message, optional, tag = "1")]
    pub(crate) started: Option<stored::ProjectStarted>,
    #[prost(enumeration = "stored::ProjectState", tag = "2")]
    pub(crate) state: i32,
    /// Newest first.
    #[prost(message, repeated, tag = "3")]
    pub(crate) status: Vec<stored::ProjectUpdated>,
    #[prost(bytes = "bytes", repeated, tag = "4")]
    pub(crate) contribution_ids: Vec<Bytes>,
}
