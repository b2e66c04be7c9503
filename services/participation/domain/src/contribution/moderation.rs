use allmende_kernel::{Sealed, SubjectId, Timestamp};

use super::{Event, Rejection};
use crate::Fingerprint;

/// The most people whose reports of one text are kept; that it is looked at does not take more.
pub const MAX_REPORTS: usize = 100;

/// Why a text is not shown, or was reported.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// Not about the matter.
    OffTopic,
    /// Insults somebody.
    Insult,
    /// Sets people down for what they are.
    Discrimination,
    /// Tells things about people.
    PersonalData,
    /// Advertises.
    Advertising,
    /// Against the law.
    Unlawful,
    /// Said before by the same person.
    Duplicate,
    /// Something else; the note says what.
    Other,
}

impl Reason {
    /// All reasons.
    pub const ALL: [Self; 8] = [
        Self::OffTopic,
        Self::Insult,
        Self::Discrimination,
        Self::PersonalData,
        Self::Advertising,
        Self::Unlawful,
        Self::Duplicate,
        Self::Other,
    ];
}

/// Why, in a word and in a sentence for the author.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Grounds {
    /// In a word.
    pub reason: Reason,
    /// In a sentence; sealed, as it may repeat what was written.
    pub note: Option<Sealed>,
}

impl Grounds {
    /// Whoever seals the same words anew decides something else: a box differs each time.
    fn fingerprint(&self, wording: Option<&Sealed>) -> Fingerprint {
        Fingerprint::of(&(self.reason, &self.note, wording))
    }
}

/// What a moderator decides about a text.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Decision {
    /// It is shown as it was written.
    Publish,
    /// It is not shown; it never was.
    Reject(Grounds),
    /// It is shown no more.
    Hide(Grounds),
    /// Another wording is shown beside the original, which is kept.
    Redact {
        /// The wording.
        text: Sealed,
        /// Why.
        grounds: Grounds,
    },
}

/// Whether a text is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Visibility {
    /// Nobody has looked yet.
    #[default]
    Pending,
    /// As it was written.
    Published,
    /// Never was.
    Rejected(Reason),
    /// No more.
    Hidden(Reason),
    /// In another wording.
    Redacted(Reason),
}

impl Visibility {
    /// Whether the public sees something of the text.
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Published | Self::Redacted(_))
    }
}

/// What became of the author's objection to the last decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Objection {
    /// None was raised.
    #[default]
    None,
    /// Waits for a second person.
    Open,
    /// The text was published.
    Granted,
    /// The decision stands.
    Dismissed,
}

/// A text's moderation so far.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Moderation {
    /// Whether it is shown.
    pub visibility: Visibility,
    /// Who decided last.
    pub decided_by: Option<SubjectId>,
    /// On which grounds, and for which wording: tells the same decision from another one.
    pub(super) decided_on: Option<Fingerprint>,
    /// The author's objection to that.
    pub objection: Objection,
    /// Who reported it, ever.
    pub(super) reporters: Vec<SubjectId>,
    /// Reports since the last decision.
    pub open_reports: usize,
}

impl Moderation {
    /// `None` for "already so".
    pub(super) fn moderate(
        &self,
        moderator: SubjectId,
        decision: &Decision,
        at: Timestamp,
    ) -> Result<Option<Event>, Rejection> {
        use Visibility::{Hidden, Pending, Published, Redacted, Rejected};
        if self.objection == Objection::Open {
            return Err(Rejection::ObjectionOpen);
        }
        let event = match (decision, self.visibility) {
            // Looked at again, and found in order.
            (Decision::Publish, Published) if self.open_reports == 0 => return Ok(None),
            (Decision::Publish, _) => Event::Published { moderator, at },
            (Decision::Reject(grounds), Rejected(_)) | (Decision::Hide(grounds), Hidden(_))
                if self.decided_on == Some(grounds.fingerprint(None)) =>
            {
                return Ok(None);
            }
            (Decision::Reject(grounds), Pending) => Event::Rejected { grounds: grounds.clone(), moderator, at },
            (Decision::Hide(grounds), Published | Redacted(_)) => {
                Event::Hidden { grounds: grounds.clone(), moderator, at }
            }
            (Decision::Reject(_) | Decision::Hide(_), _) => return Err(Rejection::DecisionUnfit),
            (Decision::Redact { text, grounds }, Redacted(_))
                if self.decided_on == Some(grounds.fingerprint(Some(text))) && self.open_reports == 0 =>
            {
                return Ok(None);
            }
            (Decision::Redact { text, grounds }, _) => {
                Event::Redacted { text: text.clone(), grounds: grounds.clone(), moderator, at }
            }
        };
        Ok(Some(event))
    }

    pub(super) fn report(&self, by: SubjectId, grounds: &Grounds, at: Timestamp) -> Result<Option<Event>, Rejection> {
        if !self.visibility.is_public() {
            return Err(Rejection::NotPublished);
        }
        if self.reporters.contains(&by) || self.reporters.len() >= MAX_REPORTS {
            return Ok(None);
        }
        Ok(Some(Event::Reported { by, grounds: grounds.clone(), at }))
    }

    pub(super) fn object(&self, note: &Sealed, at: Timestamp) -> Result<Option<Event>, Rejection> {
        let decided_against = !matches!(self.visibility, Visibility::Pending | Visibility::Published);
        match self.objection {
            Objection::None if decided_against => Ok(Some(Event::ObjectionRaised { note: note.clone(), at })),
            Objection::Open => Ok(None),
            _ => Err(Rejection::ObjectionUnfit),
        }
    }

    pub(super) fn decide_objection(&self, by: SubjectId, grant: bool, at: Timestamp) -> Result<Vec<Event>, Rejection> {
        match (self.objection, grant) {
            (Objection::Granted, true) | (Objection::Dismissed, false) => Ok(Vec::new()),
            (Objection::Open, _) if self.decided_by == Some(by) => Err(Rejection::SecondPersonNeeded),
            (Objection::Open, false) => Ok(vec![Event::ObjectionDecided { granted: false, by, at }]),
            (Objection::Open, true) => {
                Ok(vec![Event::ObjectionDecided { granted: true, by, at }, Event::Published { moderator: by, at }])
            }
            _ => Err(Rejection::ObjectionUnfit),
        }
    }

    pub(super) fn evolve(&mut self, event: &Event) {
        match event {
            Event::Published { moderator, .. } => {
                let objection = if self.objection == Objection::Granted { Objection::Granted } else { Objection::None };
                self.decided(Visibility::Published, *moderator, None, objection);
            }
            Event::Rejected { grounds, moderator, .. } => {
                let on = grounds.fingerprint(None);
                self.decided(Visibility::Rejected(grounds.reason), *moderator, Some(on), Objection::None);
            }
            Event::Hidden { grounds, moderator, .. } => {
                let on = grounds.fingerprint(None);
                self.decided(Visibility::Hidden(grounds.reason), *moderator, Some(on), Objection::None);
            }
            Event::Redacted { text, grounds, moderator, .. } => {
                let on = grounds.fingerprint(Some(text));
                self.decided(Visibility::Redacted(grounds.reason), *moderator, Some(on), Objection::None);
            }
            Event::Reported { by, .. } => {
                self.reporters.push(*by);
                self.open_reports += 1;
            }
            Event::ObjectionRaised { .. } => self.objection = Objection::Open,
            Event::ObjectionDecided { granted, .. } => {
                self.objection = if *granted { Objection::Granted } else { Objection::Dismissed };
            }
            _ => {}
        }
    }

    fn decided(&mut self, visibility: Visibility, by: SubjectId, on: Option<Fingerprint>, objection: Objection) {
        self.visibility = visibility;
        self.decided_by = Some(by);
        self.decided_on = on;
        self.objection = objection;
        self.open_reports = 0;
    }
}
