//! The administration's pages. They show what the reader's grants allow; the services refuse the rest.

pub(crate) mod answers;
pub(crate) mod erasures;
pub(crate) mod letters;
pub(crate) mod messages;
pub(crate) mod moderation;
pub(crate) mod opening;
pub(crate) mod overview;
pub(crate) mod releases;
pub(crate) mod rights;
pub(crate) mod texts;
pub(crate) mod themes;

use crate::failure::Failure;
use crate::view::Page;
use crate::visit::Visit;
use crate::words;

impl Visit {
    /// Refuses whoever has no role here; which one is needed is for the services to say.
    pub(crate) fn staff_only(&self) -> Result<(), Failure> {
        self.sign_in_first()?;
        if self.is_staff() {
            return Ok(());
        }
        Err(tonic::Status::permission_denied("for staff only").into())
    }

    /// A page of the administration.
    pub(crate) fn staff_page(&self, title: &str) -> Page {
        Page::new(title).section(self.m.administration).crumb(self.to("/verwaltung"), self.m.administration)
    }

    /// A page of the administration about a procedure.
    pub(crate) fn procedure_page(&self, title: &str, procedure: &allmende_proto::participation::v1::Procedure) -> Page {
        let to = self.to(&format!("/verwaltung/verfahren/{}", procedure.procedure_id));
        self.staff_page(title).kicker(words::clean(&procedure.title)).crumb(to, &procedure.title)
    }
}
