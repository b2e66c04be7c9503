//! What participation knows: procedures with dated phases, what citizens write in them and who may read it, what the
//! administration answers, and texts that people are asked about.
//!
//! Pure: no I/O, clock, randomness or time zone. Days arrive with the moments they were resolved to, texts of citizens
//! arrive sealed. Everything that a citizen wrote (idea, proposal, comment, amendment) is one aggregate,
//! [`contribution`], and so has one moderation. What many do to one thing is a stream for each of them ([`support`]);
//! rules across streams (phase open? supports left?) come in through a decider's context.

pub mod allowance;
pub mod contribution;
pub mod document;
pub mod procedure;
pub mod project;
pub mod support;
pub mod theme;

mod calendar;
mod fingerprint;
mod ids;
mod schedule;
mod words;

pub use calendar::{Day, DayRange, InvalidDay};
pub use fingerprint::Fingerprint;
pub use ids::{AttachmentId, ContributionId, DocumentId, InvalidUuid, ProcedureId, ProjectId, ThemeId};
pub use schedule::{Act, MAX_PHASES, Phase, PhaseKind, Schedule, Transcription};
pub use words::{Channel, CoarsePoint, InvalidPoint};
