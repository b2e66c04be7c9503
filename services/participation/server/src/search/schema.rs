use std::path::Path;

use tantivy::schema::{Field, IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{
    Language, LowerCaser, RemoveLongFilter, SimpleTokenizer, Stemmer, TextAnalyzer, TokenizerManager,
};
use tantivy::{Index, TantivyError};

/// Words longer than that, in bytes, are not looked for.
const LONGEST_WORD: usize = 60;
const GERMAN: &str = "german";

/// What is kept of a public text: its words and where they stand in it, and not the text.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields {
    /// Aggregate that it is from: `{tenant}/contribution/{id}`. All of one is replaced at once.
    pub(super) owner: Field,
    /// Where it is shown, as [`super::indexer`] writes it.
    pub(super) place: Field,
    pub(super) tenant: Field,
    pub(super) procedure: Field,
    pub(super) title: Field,
    pub(super) body: Field,
}

fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let indexing =
        TextFieldIndexing::default().set_tokenizer(GERMAN).set_index_option(IndexRecordOption::WithFreqsAndPositions);
    let words = TextOptions::default().set_indexing_options(indexing);
    let fields = Fields {
        owner: schema.add_text_field("owner", STRING),
        place: schema.add_text_field("place", STRING | STORED),
        tenant: schema.add_text_field("tenant", STRING),
        procedure: schema.add_text_field("procedure", STRING),
        title: schema.add_text_field("title", words.clone()),
        body: schema.add_text_field("body", words),
    };
    (schema.build(), fields)
}

/// Words in any form: lower case, German endings taken off.
pub(super) fn analyzer() -> TextAnalyzer {
    TextAnalyzer::builder(SimpleTokenizer::default())
        .filter(RemoveLongFilter::limit(LONGEST_WORD))
        .filter(LowerCaser)
        .filter(Stemmer::new(Language::German))
        .build()
}

/// Opens the index in a folder; one that is damaged or of another form is made anew.
pub(super) fn open(folder: &Path) -> Result<(Index, Fields), TantivyError> {
    let (schema, fields) = schema();
    std::fs::create_dir_all(folder)?;
    let opened = Index::open_in_dir(folder).ok().filter(|index| index.schema() == schema);
    let mut index = match opened {
        Some(index) => index,
        None => {
            std::fs::remove_dir_all(folder)?;
            std::fs::create_dir_all(folder)?;
            Index::create_in_dir(folder, schema)?
        }
    };
    let analyzers = TokenizerManager::default();
    analyzers.register(GERMAN, analyzer());
    index.set_tokenizers(analyzers);
    Ok((index, fields))
}
