//! What a report holds: tables whose numbers name the queries that gave them.

use crate::{Day, Text, Word};

/// A question that was asked.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Query {
    /// Path of the rpc, e.g. `/allmende.telemetry.v1.TelemetryService/CheckLimits`.
    pub rpc: String,
    /// The request as JSON, with the fields' names of its proto and without a consistency token.
    pub request: String,
}

/// What is made of the values at a path.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Take {
    /// The one value.
    Value,
    /// How many there are.
    Count,
    /// Their sum.
    Sum,
}

/// Where a number is from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Source {
    /// Index into the run's queries.
    pub query: u32,
    /// JSON path (RFC 9535) into the answer.
    pub path: String,
    /// What is made of the values there.
    pub take: Take,
    /// Whether it is subtracted from the others.
    pub subtracted: bool,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Value {
    /// A number.
    Number {
        /// As the query gave it.
        value: f64,
        /// Decimal places that it is shown with.
        decimals: u8,
    },
    /// A word of the vocabulary.
    Word(Word),
    /// A text.
    Text(Text),
    /// A day.
    Day(Day),
    /// Under five persons, or left out so that others cannot be computed.
    Suppressed,
    /// There is no value.
    Nothing,
}

/// A cell, and where its number is from: the sum of its sources.
#[derive(Debug, Clone, PartialEq)]
pub struct Cell {
    /// What stands in it.
    pub value: Value,
    /// Where a number is from; empty for anything else but a suppressed one.
    pub sources: Vec<Source>,
}

impl Cell {
    /// A number with its sources.
    pub fn number(value: f64, decimals: u8, sources: Vec<Source>) -> Self {
        Self { value: Value::Number { value, decimals }, sources }
    }

    /// Anything that is no number.
    pub fn plain(value: Value) -> Self {
        Self { value, sources: Vec::new() }
    }
}

/// What stands at the head of a row or a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Label {
    /// A word of the vocabulary.
    Word(Word),
    /// A text.
    Text(Text),
    /// A day.
    Day(Day),
}

impl From<Word> for Label {
    fn from(word: Word) -> Self {
        Self::Word(word)
    }
}

impl From<Text> for Label {
    fn from(text: Text) -> Self {
        Self::Text(text)
    }
}

/// A row.
#[derive(Debug, Clone, PartialEq)]
pub struct Row {
    /// One for each of the table's row headings.
    pub labels: Vec<Label>,
    /// One for each column.
    pub cells: Vec<Cell>,
}

/// What a table shows.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Kind {
    /// The report at a glance.
    Overview,
    /// A year of stations against the limits in force.
    AirLimits,
    /// Procedures and how they stand.
    Procedures,
    /// Contributions received, by channel.
    Reach,
    /// Contributions by what became of them.
    Responses,
    /// Indicators, their baselines and latest values.
    Indicators,
    /// The readings of an indicator.
    Readings,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 7] = [
        Self::Overview,
        Self::AirLimits,
        Self::Procedures,
        Self::Reach,
        Self::Responses,
        Self::Indicators,
        Self::Readings,
    ];

    /// The key that it is stored by, for ever.
    pub const fn key(self) -> &'static str {
        match self {
            Self::Overview => "overview",
            Self::AirLimits => "air-limits",
            Self::Procedures => "procedures",
            Self::Reach => "reach",
            Self::Responses => "responses",
            Self::Indicators => "indicators",
            Self::Readings => "readings",
        }
    }

    /// The kind of a key.
    pub fn from_key(key: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.key() == key)
    }
}

/// A table. Captions and charts follow from its kind.
#[derive(Debug, Clone, PartialEq)]
pub struct Table {
    /// What it shows.
    pub kind: Kind,
    /// Which one of its kind: a year, the title of an indicator; may be empty.
    pub subject: String,
    /// What the rows' labels are.
    pub row_headings: Vec<Label>,
    /// What the cells are.
    pub columns: Vec<Label>,
    /// In the order in which they are shown.
    pub rows: Vec<Row>,
}

impl Table {
    /// Every cell.
    pub fn cells(&self) -> impl Iterator<Item = &Cell> {
        self.rows.iter().flat_map(|row| &row.cells)
    }
}
