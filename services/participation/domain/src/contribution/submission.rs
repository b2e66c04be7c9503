use allmende_kernel::{Level, Sealed, SubjectId, Timestamp};

use crate::document::SectionId;
use crate::procedure::Receipt;
use crate::{AttachmentId, Channel, CoarsePoint, ContributionId, Day, DayRange, DocumentId, ProcedureId};

/// The most files that go with a text.
pub const MAX_ATTACHMENTS: usize = 5;

/// A section of a text that people are asked about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct SectionRef {
    /// Which text.
    pub document: DocumentId,
    /// Which section of it.
    pub section: SectionId,
}

/// What a contribution is, and what it is about.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub enum About {
    /// An idea, a hint, a wish.
    Idea,
    /// A proposal that others may support and that gets an official answer.
    Proposal,
    /// A comment on a section.
    SectionComment(SectionRef),
    /// Another wording for a section.
    Amendment(SectionRef),
    /// A comment on a proposal.
    ProposalComment(ContributionId),
}

impl About {
    /// The section it is about.
    pub const fn section(&self) -> Option<&SectionRef> {
        match self {
            Self::SectionComment(section) | Self::Amendment(section) => Some(section),
            _ => None,
        }
    }
}

/// Who hands something in, and by which way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Source {
    /// Its author, here.
    Online {
        /// Who wrote it.
        author: SubjectId,
        /// How surely they are known.
        level: Level,
        /// Web or app.
        channel: Channel,
    },
    /// Somebody of the administration, for a person who wrote or said it elsewhere.
    Offline {
        /// Who entered it.
        transcriber: SubjectId,
        /// How it came.
        channel: Channel,
        /// The day on which it came.
        received_on: Day,
        /// The first moment of that day.
        day_begins: Timestamp,
    },
}

impl Source {
    /// Who wrote it, if they are known here.
    pub const fn author(&self) -> Option<SubjectId> {
        match self {
            Self::Online { author, .. } => Some(*author),
            Self::Offline { .. } => None,
        }
    }

    /// How it came.
    pub const fn channel(&self) -> Channel {
        match self {
            Self::Online { channel, .. } | Self::Offline { channel, .. } => *channel,
        }
    }

    pub(super) const fn receipt(&self, at: Timestamp) -> Receipt {
        match self {
            Self::Online { .. } => Receipt::Online(at),
            Self::Offline { received_on, day_begins, .. } => {
                Receipt::Offline { on: *received_on, begins: *day_begins, entered: at }
            }
        }
    }
}

/// Which place a text is about. Where somebody lives may be one, so it is kept as the text is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// Sealed like the text.
    Sealed(Sealed),
    /// In plain: as it was stored before places were sealed.
    Plain(CoarsePoint),
}

/// A file that goes with a text: sealed like it, and kept outside the log.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Attachment {
    /// Which one it is.
    pub id: AttachmentId,
    /// What it is, e.g. `image/png`.
    pub media_type: String,
    /// Bytes of the plain file.
    pub size_bytes: u64,
    /// SHA-256 of the sealed file.
    pub sealed_sha256: [u8; 32],
}

/// What somebody hands in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Submission {
    /// In which procedure.
    pub procedure: ProcedureId,
    /// What it is.
    pub about: About,
    /// Whom it is from.
    pub source: Source,
    /// What was written.
    pub text: Sealed,
    /// Under which it may be used; a letter may grant none.
    pub licence: Option<String>,
    /// Which place it is about.
    pub place: Option<Place>,
    /// Files.
    pub attachments: Vec<Attachment>,
    /// When the request arrived.
    pub at: Timestamp,
}

/// What a comment's rule knows of the thing that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Target {
    /// The text of citizens or of the administration does not exist, or is not public.
    #[default]
    Unknown,
    /// The text exists, the section does not.
    SectionUnknown,
    /// A section of a text.
    Section {
        /// The text's procedure.
        procedure: ProcedureId,
        /// When comments are invited.
        consultation: Option<DayRange>,
        /// The text's latest version.
        version: u32,
    },
    /// A public proposal.
    Proposal {
        /// Its procedure.
        procedure: ProcedureId,
    },
}
