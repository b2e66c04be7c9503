//! The administration's pages. They show what the reader's grants allow; the services refuse the rest.

pub(crate) mod answers;
pub(crate) mod course;
pub(crate) mod datasets;
pub(crate) mod defining;
pub(crate) mod erasures;
mod fields;
pub(crate) mod indicators;
pub(crate) mod letters;
pub(crate) mod mail;
pub(crate) mod messages;
pub(crate) mod moderation;
pub(crate) mod opening;
pub(crate) mod overview;
mod phases;
pub(crate) mod projects;
pub(crate) mod publisher;
pub(crate) mod readings;
pub(crate) mod registering;
pub(crate) mod releases;
pub(crate) mod reports;
pub(crate) mod rights;
mod station_forms;
pub(crate) mod stations;
mod table;
pub(crate) mod tenant;
pub(crate) mod texts;
pub(crate) mod themes;
pub(crate) mod upkeep;
pub(crate) mod uploads;
mod work;

use self::work::Work;
use crate::failure::Failure;
use crate::view::Page;
use crate::visit::Visit;

impl Visit {
    /// Refuses whoever has no role here; which one is needed is for the services to say.
    pub(crate) fn staff_only(&self) -> Result<(), Failure> {
        self.sign_in_first()?;
        if self.is_staff() {
            return Ok(());
        }
        Err(tonic::Status::permission_denied("for staff only").into())
    }

    /// Whether a piece of work is the reader's, here or in some procedure.
    pub(crate) fn may(&self, work: Work) -> bool {
        self.has_any(work.roles)
    }

    /// Refuses whose work it is not, so that nobody fills in a form that is refused.
    pub(crate) fn only(&self, work: Work) -> Result<(), Failure> {
        self.sign_in_first()?;
        if self.may(work) { Ok(()) } else { Err(tonic::Status::permission_denied("not the reader's work").into()) }
    }

    /// The ways to the reader's work among these: what it is, where, and what it is called.
    pub(crate) fn offered(&self, works: &[(Work, &str, &str)]) -> Vec<(String, String)> {
        let theirs = works.iter().filter(|(work, ..)| self.may(*work));
        theirs.map(|(_, page, label)| (self.to(page), (*label).to_owned())).collect()
    }

    /// A page of the administration.
    pub(crate) fn staff_page(&self, title: &str) -> Page {
        Page::new(title).section(self.m.administration).crumb(self.to("/verwaltung"), self.m.administration)
    }

    /// A page of the administration about a procedure.
    pub(crate) fn procedure_page(&self, title: &str, procedure: &allmende_proto::participation::v1::Procedure) -> Page {
        let to = self.to(&format!("/verwaltung/verfahren/{}", procedure.procedure_id));
        self.staff_page(title).crumb(to, self.theirs(&procedure.title))
    }
}
