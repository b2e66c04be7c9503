use std::borrow::Cow;

use allmende_kernel::{Sealed, TenantId};
use allmende_keyring::{Keyring, Opened};
use allmende_proto::participation::events::v1 as stored;
use allmende_views::{Keys, Order, Tables, ViewError};
use prost::Message;
use uuid::Uuid;

use super::keys::{CONTRIBUTIONS, DOCUMENTS, OF_DOCUMENT, OF_PROCEDURE, THEMES, id_at_end, of};
use super::rows::{self, Contribution, Document, Theme};
use crate::export::{Export, Value};
use crate::sources::SourceError;

/// Writes rows while texts are opened one by one: none stays in memory.
pub(super) struct Writing<'a, T> {
    pub(super) tables: &'a T,
    pub(super) tenant: &'a TenantId,
    pub(super) keyring: &'a dyn Keyring,
    pub(super) export: &'a mut Export,
}

impl<T: Tables> Writing<'_, T> {
    /// Contributions to a procedure, by id, which is by the time of submission.
    pub(super) fn contributions(&mut self, procedure: Uuid) -> Result<(), SourceError> {
        let keys = Keys::prefix(&of(self.tenant.as_str(), procedure));
        for row in self.tables.scan(OF_PROCEDURE, &keys, Order::Ascending) {
            let id = id_at_end(row?.key()).ok_or(ViewError::Row(OF_PROCEDURE))?;
            let Some((row, text)) = self.open(id)? else { continue };
            let theme = self.theme(&row)?;
            let day = jiff::Timestamp::from_microsecond(row.at_us).map(|at| at.to_string()).unwrap_or_default();
            let Opened::Content(place) = self.place(id, &row)? else { continue };
            let degrees = |milli: fn(&stored::CoarsePoint) -> i32| {
                place.as_ref().map_or(Value::Nothing, |place| Value::Number(f64::from(milli(place)) / 1e3))
            };
            self.export.row(&[
                Value::text(id.to_string()),
                kind(&row),
                channel(&row),
                Value::Date(Cow::Borrowed(day.get(..10).unwrap_or_default())),
                Value::text_or_nothing(text.title.as_str()),
                Value::text_or_nothing(text.body.as_str()),
                Value::text_or_nothing(text.proposed_text.as_str()),
                Value::Boolean(row.redacted),
                Value::text_or_nothing(theme.title.as_str()),
                Value::text_or_nothing(response(&row, &theme)),
                degrees(|place| place.latitude_milli),
                degrees(|place| place.longitude_milli),
            ])?;
        }
        Ok(())
    }

    /// What was said on a document, by section.
    pub(super) fn synopsis(&mut self, document: Uuid) -> Result<(), SourceError> {
        let key = of(self.tenant.as_str(), document);
        let sections = rows::get::<Document>(self.tables, DOCUMENTS, &key)?.unwrap_or_default().sections;
        for row in self.tables.scan(OF_DOCUMENT, &Keys::prefix(&key), Order::Ascending) {
            let id = id_at_end(row?.key()).ok_or(ViewError::Row(OF_DOCUMENT))?;
            let Some((row, text)) = self.open(id)? else { continue };
            let theme = self.theme(&row)?;
            let heading = sections.iter().find(|section| section.id == row.section);
            self.export.row(&[
                Value::text(row.section.as_str()),
                heading.map_or(Value::Nothing, |section| Value::text_or_nothing(section.heading.as_str())),
                Value::text(id.to_string()),
                kind(&row),
                channel(&row),
                Value::Integer(row.version.into()),
                Value::text_or_nothing(text.title.as_str()),
                Value::text_or_nothing(text.body.as_str()),
                Value::text_or_nothing(text.proposed_text.as_str()),
                Value::Boolean(row.redacted),
                Value::text_or_nothing(theme.title.as_str()),
                Value::text_or_nothing(response(&row, &theme)),
                Value::Boolean(row.accepted),
            ])?;
        }
        Ok(())
    }

    /// A contribution that may stand in an open dataset, its answer opened, with its text; `None` for others, and for one
    /// whose key went a moment ago.
    fn open(&self, id: Uuid) -> Result<Option<(Contribution, stored::ContributionText)>, SourceError> {
        let row = rows::get::<Contribution>(self.tables, CONTRIBUTIONS, &of(self.tenant.as_str(), id))?;
        let Some(mut row) = row.filter(Contribution::is_open) else { return Ok(None) };
        if !row.answer_sealed.is_empty() {
            let sealed = Sealed::from_bytes(row.answer_sealed.clone());
            match allmende_keyring::open_text(self.keyring, self.tenant, &context(id, "answer"), &sealed)? {
                Opened::Erased => return Ok(None),
                Opened::Content(answer) => row.answer = answer,
            }
        }
        let sealed = Sealed::from_bytes(row.text_sealed.clone());
        let part = if row.redacted { "redacted" } else { "text" };
        match allmende_keyring::open(self.keyring, self.tenant, &context(id, part), &sealed)? {
            Opened::Erased => Ok(None),
            Opened::Content(text) => {
                let text = stored::ContributionText::decode(&text[..]).map_err(|_| SourceError::Event)?;
                Ok(Some((row, text)))
            }
        }
    }

    /// Which place it is about, if it tells one and its key did not go a moment ago.
    fn place(&self, id: Uuid, row: &Contribution) -> Result<Opened<Option<stored::CoarsePoint>>, SourceError> {
        if row.place_sealed.is_empty() {
            let plain = row.latitude_milli.zip(row.longitude_milli);
            let point = |(latitude_milli, longitude_milli)| stored::CoarsePoint { latitude_milli, longitude_milli };
            return Ok(Opened::Content(plain.map(point)));
        }
        let sealed = Sealed::from_bytes(row.place_sealed.clone());
        Ok(match allmende_keyring::open(self.keyring, self.tenant, &context(id, "place"), &sealed)? {
            Opened::Erased => Opened::Erased,
            Opened::Content(place) => {
                Opened::Content(Some(stored::CoarsePoint::decode(&place[..]).map_err(|_| SourceError::Event)?))
            }
        })
    }

    fn theme(&self, row: &Contribution) -> Result<Theme, SourceError> {
        let Some(id) = rows::id(&row.theme) else { return Ok(Theme::default()) };
        Ok(rows::get(self.tables, THEMES, &of(self.tenant.as_str(), id))?.unwrap_or_default())
    }
}

/// What participation seals a part of a contribution as.
fn context(contribution: Uuid, part: &str) -> String {
    format!("contribution/{contribution}/{part}")
}

/// A text's own answer, or that to its theme.
fn response<'a>(row: &'a Contribution, theme: &'a Theme) -> &'a str {
    if row.answer.is_empty() { &theme.answer } else { &row.answer }
}

fn kind(row: &Contribution) -> Value<'static> {
    match stored::ContributionKind::try_from(row.kind) {
        Ok(stored::ContributionKind::Idea) => Value::text("idea"),
        Ok(stored::ContributionKind::Proposal) => Value::text("proposal"),
        Ok(stored::ContributionKind::Comment) => Value::text("comment"),
        Ok(stored::ContributionKind::Amendment) => Value::text("amendment"),
        Ok(stored::ContributionKind::Unspecified) | Err(_) => Value::Nothing,
    }
}

fn channel(row: &Contribution) -> Value<'static> {
    match stored::Channel::try_from(row.channel) {
        Ok(stored::Channel::Web) => Value::text("web"),
        Ok(stored::Channel::App) => Value::text("app"),
        Ok(stored::Channel::Letter) => Value::text("letter"),
        Ok(stored::Channel::Postcard) => Value::text("postcard"),
        Ok(stored::Channel::Event) => Value::text("event"),
        Ok(stored::Channel::Phone) => Value::text("phone"),
        Ok(stored::Channel::Unspecified) | Err(_) => Value::Nothing,
    }
}
