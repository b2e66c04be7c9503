use std::collections::HashMap;

use allmende_reporting_domain::run::{MAX_QUERIES, Rejection as RunRejection};
use allmende_reporting_domain::table::{Cell, Query, Source, Take};
use allmende_runtime::fields::ConsistencyToken;
use serde_json::Value;

use super::Wanted;
use crate::error::Rejection;
use crate::sources::{AskError, Authorization, Question, Sources, figure};

/// One round of questions: each is asked once, and what it answered is kept under its number.
pub(super) struct Session<'a> {
    sources: &'a dyn Sources,
    authorization: Option<&'a Authorization>,
    /// What every answer has to show.
    at_least: ConsistencyToken,
    seen: ConsistencyToken,
    queries: Vec<Query>,
    answers: Vec<Value>,
    known: HashMap<(String, String), u32>,
}

impl<'a> Session<'a> {
    pub(super) fn new(sources: &'a dyn Sources, wanted: &'a Wanted, at_least: ConsistencyToken) -> Self {
        Self {
            sources,
            authorization: wanted.authorization.as_ref(),
            seen: ConsistencyToken::default(),
            at_least,
            queries: Vec::new(),
            answers: Vec::new(),
            known: HashMap::new(),
        }
    }

    /// Asks, and tells under which number question and answer are kept.
    pub(super) async fn ask(&mut self, rpc: &str, request: Value) -> Result<u32, Rejection> {
        let text = request.to_string();
        if let Some(number) = self.known.get(&(rpc.to_owned(), text.clone())) {
            return Ok(*number);
        }
        if self.queries.len() >= MAX_QUERIES {
            return Err(RunRejection::TooLarge.into());
        }
        let question = Question { rpc, request: &request, seen: &self.at_least, authorization: self.authorization };
        let answered = self.sources.ask(question).await?;
        for (partition, position) in answered.seen.positions() {
            self.seen.advance(partition.clone(), position);
        }
        let number = self.queries.len() as u32;
        self.known.insert((rpc.to_owned(), text.clone()), number);
        self.queries.push(Query { rpc: rpc.to_owned(), request: text });
        self.answers.push(answered.answer);
        Ok(number)
    }

    /// Asks for every page of a list; the numbers of the pages. More than `most` items are too many for a report.
    pub(super) async fn pages(
        &mut self,
        rpc: &str,
        mut request: Value,
        items: &str,
        most: usize,
    ) -> Result<Vec<u32>, Rejection> {
        let (mut pages, mut total) = (Vec::new(), 0);
        loop {
            let page = self.ask(rpc, request.clone()).await?;
            pages.push(page);
            let answer = self.answer(page);
            total += answer[items].as_array().map_or(0, Vec::len);
            if total > most {
                return Err(RunRejection::TooLarge.into());
            }
            match answer["next_page_token"].as_str() {
                Some(next) if !next.is_empty() => request["page_token"] = next.into(),
                _ => return Ok(pages),
            }
        }
    }

    /// What was answered.
    pub(super) fn answer(&self, query: u32) -> &Value {
        self.answers.get(query as usize).unwrap_or(&Value::Null)
    }

    /// The number of these sources.
    pub(super) fn figure(&self, sources: &[Source]) -> Result<f64, Rejection> {
        figure(sources, |query| self.answers.get(query as usize)).map_err(|_| self.unexpected(sources))
    }

    /// The number of these sources as a cell.
    pub(super) fn cell(&self, decimals: u8, sources: Vec<Source>) -> Result<Cell, Rejection> {
        Ok(Cell::number(self.figure(&sources)?, decimals, sources))
    }

    /// The number of these sources as a number of things.
    pub(super) fn count(&self, sources: &[Source]) -> Result<u64, Rejection> {
        let value = self.figure(sources)?;
        if value < 0.0 || value.fract() != 0.0 || value > 1e12 {
            return Err(self.unexpected(sources));
        }
        Ok(value as u64)
    }

    fn unexpected(&self, sources: &[Source]) -> Rejection {
        let query = sources.first().and_then(|source| self.queries.get(source.query as usize));
        let rpc = query.map(|query| query.rpc.clone()).unwrap_or_default();
        AskError::Unexpected { rpc, what: "the answer does not hold the number that the report needs" }.into()
    }

    /// What was asked, and the positions that all the answers together reflect.
    pub(super) fn finish(self) -> (Vec<Query>, ConsistencyToken) {
        let mut seen = self.at_least;
        for (partition, position) in self.seen.positions() {
            seen.advance(partition.clone(), position);
        }
        (self.queries, seen)
    }
}

/// The one value at a path.
pub(super) fn value(query: u32, path: impl Into<String>) -> Source {
    Source { query, path: path.into(), take: Take::Value, subtracted: false }
}

/// How many values there are at a path.
pub(super) fn count(query: u32, path: impl Into<String>) -> Source {
    Source { query, path: path.into(), take: Take::Count, subtracted: false }
}

/// The sum of the values at a path, which may be none.
pub(super) fn sum(query: u32, path: impl Into<String>) -> Source {
    Source { query, path: path.into(), take: Take::Sum, subtracted: false }
}

/// The same, subtracted.
pub(super) fn less(source: Source) -> Source {
    Source { subtracted: true, ..source }
}
