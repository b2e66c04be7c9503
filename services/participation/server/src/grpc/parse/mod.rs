//! Requests as what the use cases take. Everything that is wrong with one is told at once.

mod area;
mod attachments;
mod procedures;
mod texts;

use std::ops::RangeInclusive;

use allmende_kernel::RequestId;
use allmende_participation_domain::Day;
use allmende_participation_domain::document::SectionId;
use allmende_runtime::authorize::Caller;
use allmende_runtime::errors::{Problem, Rule, Violations};
use allmende_runtime::fields::{self, ConsistencyToken, Paging};
use tonic::Status;
use uuid::Uuid;

pub(crate) use area::{area, shape};
pub(crate) use procedures::{schedule, terms};
pub(crate) use texts::{Online, Submitted, about, redacted, submit, transcribed};

use crate::views::Paged;
use crate::wire::Word;

/// The problem of a choice that was not made, or is not known here.
pub(super) fn not_chosen() -> Problem {
    Rule::Value.says("must be one of the values of its type, and set")
}

/// A request on its way.
#[derive(Default)]
pub(crate) struct Parse(Violations);

impl Parse {
    pub(crate) fn request(&mut self, id: &str) -> Option<RequestId> {
        self.0.check("request_id", fields::request_id(id))
    }

    pub(crate) fn token(&mut self, text: &str) -> Option<ConsistencyToken> {
        self.0.check("consistency_token", fields::consistency_token(text))
    }

    pub(crate) fn id<T: From<Uuid>>(&mut self, field: &str, text: &str) -> Option<T> {
        self.0.check(field, fields::uuid(text)).map(T::from)
    }

    /// The id of what may be left out.
    pub(crate) fn id_or_none<T: From<Uuid>>(&mut self, field: &str, text: &str) -> Option<Option<T>> {
        if text.is_empty() { Some(None) } else { self.id(field, text).map(Some) }
    }

    /// Ids of different things, as many as allowed.
    pub(crate) fn ids<T: From<Uuid>>(&mut self, field: &str, texts: &[String], max: usize) -> Option<Vec<T>> {
        if !(1..=max).contains(&texts.len()) {
            self.add(field, Rule::Count(1, max as u64).says(format!("must be 1 to {max} ids")));
            return None;
        }
        let mut seen = std::collections::BTreeSet::new();
        let mut ids = Vec::new();
        for (index, text) in texts.iter().enumerate() {
            let id = self.0.check(format_args!("{field}[{index}]"), fields::uuid(text));
            if id.is_some_and(|id| !seen.insert(id)) {
                self.0.add(format_args!("{field}[{index}]"), "must not be listed twice");
            }
            ids.push(id.map(T::from));
        }
        ids.into_iter().collect()
    }

    pub(crate) fn word<M, T: Word<M>>(&mut self, field: &str, number: i32) -> Option<T> {
        self.0.check(field, T::of(number).ok_or(not_chosen()))
    }

    /// Text of one line.
    pub(crate) fn line(&mut self, field: &str, text: &str, length: RangeInclusive<usize>) -> Option<String> {
        self.0.check(field, fields::line(text, length))
    }

    /// Plain text.
    pub(crate) fn text(&mut self, field: &str, text: &str, length: RangeInclusive<usize>) -> Option<String> {
        self.0.check(field, fields::text(text, length))
    }

    pub(crate) fn day(&mut self, field: &str, text: &str) -> Option<Day> {
        self.0.check(field, text.parse::<Day>().map_err(|error| Rule::Day.says(error.to_string())))
    }

    pub(crate) fn section(&mut self, field: &str, text: &str) -> Option<SectionId> {
        self.0.check(field, SectionId::parse(text).map_err(|error| Problem::new(error.to_string())))
    }

    /// The page of a list for these parameters: everything that decides what is listed.
    pub(crate) fn page(
        &mut self,
        caller: &Caller,
        parameters: &[&[u8]],
        (size, default, max): (u32, u32, u32),
        token: &str,
    ) -> Option<(Paged, Paging)> {
        let pages = Paging::of(caller.path(), parameters);
        let max = self.0.check("page_size", fields::page_size(size, default, max));
        let after = self.0.check("page_token", pages.cursor(token));
        Some((Paged { after: after?, max: max? }, pages))
    }

    pub(crate) fn add(&mut self, field: &str, problem: impl Into<Problem>) {
        self.0.add(field, problem);
    }

    pub(crate) fn finish<T>(self, build: impl FnOnce() -> Option<T>) -> Result<T, Status> {
        self.0.finish(build)
    }
}
