use allmende_kernel::TenantId;
use allmende_participation_domain::document::SectionId;
use allmende_participation_domain::{ContributionId, DocumentId, ProcedureId, ProjectId};
use tantivy::collector::TopDocs;
use tantivy::query::{BooleanQuery, BoostQuery, Occur, PhraseQuery, Query as TantivyQuery, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Value as _};
use tantivy::snippet::SnippetGenerator;
use tantivy::{TantivyDocument, Term};

use super::schema::analyzer;
use super::{Search, SearchError};
use crate::app::{Found, Place};
use crate::error::Error;
use crate::views::Reader;

/// Characters around a hit.
const SNIPPET_CHARS: usize = 240;
/// A word in a title counts so much more.
const TITLE: f32 = 2.0;

/// What is looked for: everything that is said.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Query {
    procedure: Option<ProcedureId>,
    words: Vec<Word>,
}

/// A word, or words in a row.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Word {
    text: String,
    /// What must not be there.
    not: bool,
}

impl Query {
    /// Words, `"words in a row"` and `-words` that must not be there.
    pub(crate) fn parse(text: &str, procedure: Option<ProcedureId>) -> Self {
        let mut words = Vec::new();
        // What stands between quotation marks has an odd number.
        for (number, part) in text.replace(['„', '“', '”'], "\"").split('"').enumerate() {
            match number % 2 {
                0 => words.extend(part.split_whitespace().map(|word| match word.strip_prefix('-') {
                    Some(word) => Word { text: word.to_owned(), not: true },
                    None => Word { text: word.to_owned(), not: false },
                })),
                _ => words.push(Word { text: part.to_owned(), not: false }),
            }
        }
        words.retain(|word| word.text.chars().any(char::is_alphanumeric));
        Self { procedure, words }
    }

    /// Whether there is something to look for.
    pub(crate) fn says_something(&self) -> bool {
        self.words.iter().any(|word| !word.not)
    }
}

impl Search {
    /// What is found for a tenant, best first, as far as the reader shows it.
    pub(crate) fn find(
        &self,
        tenant: &TenantId,
        reader: &Reader<'_>,
        query: &Query,
        offset: usize,
        max: usize,
    ) -> Result<(Vec<Found>, bool), Error> {
        let searcher = self.reader.searcher();
        let query = self.query(tenant, query);
        let top = TopDocs::with_limit(max).and_offset(offset).order_by_score();
        let hits = searcher.search(&query, &top).map_err(SearchError::from)?;
        let mut snippets = SnippetGenerator::create(&searcher, &query, self.fields.body).map_err(SearchError::from)?;
        snippets.set_max_num_chars(SNIPPET_CHARS);
        let full = hits.len() == max;
        let mut found = Vec::new();
        for (_, address) in hits {
            let document: TantivyDocument = searcher.doc(address).map_err(SearchError::from)?;
            let place = document.get_first(self.fields.place).and_then(|value| value.as_str().map(str::to_owned));
            let Some(place) = place.as_deref().and_then(parse_place) else { continue };
            if let Some((place, title, body)) = words_of(reader, place)? {
                let snippet = snippets.snippet(&body);
                let (snippet, marks) = match snippet.is_empty() {
                    false => (snippet.fragment().to_owned(), snippet.highlighted().to_vec()),
                    // Found in the title.
                    true => (body.chars().take(SNIPPET_CHARS).collect(), Vec::new()),
                };
                found.push(Found { place, title, snippet, marks });
            }
        }
        Ok((found, full))
    }

    fn query(&self, tenant: &TenantId, query: &Query) -> BooleanQuery {
        let exactly = |field: Field, text: &str| -> Box<dyn TantivyQuery> {
            Box::new(TermQuery::new(Term::from_field_text(field, text), IndexRecordOption::Basic))
        };
        let mut clauses = vec![(Occur::Must, exactly(self.fields.tenant, tenant.as_str()))];
        if let Some(procedure) = query.procedure {
            clauses.push((Occur::Must, exactly(self.fields.procedure, &procedure.to_string())));
        }
        for word in &query.words {
            let tokens = tokens(&word.text);
            let title = self.words(self.fields.title, &tokens);
            let body = self.words(self.fields.body, &tokens);
            let (Some(title), Some(body)) = (title, body) else { continue };
            let title: Box<dyn TantivyQuery> = Box::new(BoostQuery::new(title, TITLE));
            let anywhere = BooleanQuery::new(vec![(Occur::Should, title), (Occur::Should, body)]);
            clauses.push((if word.not { Occur::MustNot } else { Occur::Must }, Box::new(anywhere)));
        }
        BooleanQuery::new(clauses)
    }

    /// One word, or words in a row: also what is one word with hyphens.
    fn words(&self, field: Field, tokens: &[String]) -> Option<Box<dyn TantivyQuery>> {
        let terms: Vec<Term> = tokens.iter().map(|token| Term::from_field_text(field, token)).collect();
        match terms.as_slice() {
            [] => None,
            [term] => Some(Box::new(TermQuery::new(term.clone(), IndexRecordOption::WithFreqs))),
            _ => Some(Box::new(PhraseQuery::new(terms))),
        }
    }
}

fn tokens(text: &str) -> Vec<String> {
    let mut analyzer = analyzer();
    let mut stream = analyzer.token_stream(text);
    let mut tokens = Vec::new();
    stream.process(&mut |token| tokens.push(token.text.clone()));
    tokens
}

fn parse_place(text: &str) -> Option<Place> {
    let mut parts = text.split('/');
    let (category, id) = (parts.next()?, parts.next()?);
    Some(match (category, parts.next()) {
        ("contribution", None) => Place::Contribution(ContributionId::parse(id).ok()?),
        ("procedure", None) => Place::Procedure(ProcedureId::parse(id).ok()?),
        ("project", None) => Place::Project(ProjectId::parse(id).ok()?),
        ("document", Some(section)) => Place::Section(DocumentId::parse(id).ok()?, SectionId::parse(section).ok()?, 0),
        _ => return None,
    })
}

/// Title and text of a place as they are now; `None` if it is public no more.
fn words_of(reader: &Reader<'_>, place: Place) -> Result<Option<(Place, String, String)>, Error> {
    Ok(match place {
        Place::Contribution(id) => {
            let row = reader.row(id)?.filter(|row| row.is_public());
            let text = row.map(|row| reader.show(id, row)).transpose()?.flatten().and_then(|shown| shown.text);
            text.map(|text| (place, text.title, [text.body, text.proposed_text].join("\n")))
        }
        Place::Procedure(id) => {
            let opened = reader.procedure(id)?.and_then(|shown| shown.row.opened);
            opened.map(|opened| (place, opened.title, opened.summary))
        }
        Place::Project(id) => {
            let started = reader.project(id)?.and_then(|shown| shown.row.started);
            started.map(|started| (place, started.title, started.summary))
        }
        Place::Section(document, section, _) => {
            let Some(shown) = reader.document(document)? else { return Ok(None) };
            let latest = shown.row.latest_version;
            let version = reader.version(document, latest)?;
            let sections = version.into_iter().flat_map(|version| version.row.sections);
            let found = sections.into_iter().find(|it| it.section_id == section.as_str());
            found.map(|found| (Place::Section(document, section, latest), found.heading, found.text))
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_question_is_words_phrases_and_what_must_not_be_there() {
        let word = |text: &str, not| Word { text: text.into(), not };
        let query = Query::parse("Bänke -Auto „am Markt“ … \"offene Phrase", None);
        let words = [word("Bänke", false), word("Auto", true), word("am Markt", false), word("offene Phrase", false)];
        assert_eq!(query.words, words);
        assert!(!Query::parse("-Auto", None).says_something());
        assert!(!Query::parse("… !", None).says_something());
    }

    #[test]
    fn words_are_looked_for_in_any_form() {
        assert_eq!(tokens("Häuser"), tokens("häusern"));
        assert_eq!(tokens("Mit-Mach-Stadt").len(), 3);
        assert_ne!(tokens("Rad"), tokens("Rat"));
    }
}
