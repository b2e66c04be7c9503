//! A table of values that staff upload: CSV (RFC 4180), UTF-8, its columns named in its first line.

use std::collections::BTreeSet;

use allmende_proto::opendata::v1::ColumnType;
use jiff::Timestamp;
use jiff::civil::Date;

/// The most columns that a file of a dataset has.
const MAX_COLUMNS: usize = 200;
/// How many rows tell what kind of values a column holds.
const LOOKED_AT: usize = 200;

/// A file that was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Table {
    pub(super) columns: Vec<(String, ColumnType)>,
    /// The first few rows.
    pub(super) first: Vec<Vec<String>>,
    pub(super) rows: usize,
}

/// What is wrong with a file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Fault {
    NoText,
    /// The column's name, as it stands there.
    Header(String),
    /// The number of the line.
    Row(u64),
}

impl Table {
    /// Reads a file as a whole, so that a row that does not fit is found before anything is stored.
    pub(super) fn read(content: &[u8]) -> Result<Self, Fault> {
        let text = std::str::from_utf8(content).map_err(|_| Fault::NoText)?;
        let mut reader = csv::Reader::from_reader(text.trim_start_matches('\u{feff}').as_bytes());
        let header = reader.headers().map_err(|_| Fault::Row(1))?.clone();
        let names: Vec<&str> = header.iter().collect();
        let mut seen = BTreeSet::new();
        let fit = |name: &&str| {
            let letters = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            (1..=60).contains(&name.len()) && name.bytes().all(letters)
        };
        if let Some(name) = names.iter().find(|name| !fit(name) || !seen.insert(**name)) {
            return Err(Fault::Header((*name).to_owned()));
        }
        if names.is_empty() || names.len() > MAX_COLUMNS {
            return Err(Fault::Header(names.len().to_string()));
        }
        let (mut first, mut rows, mut kinds) = (Vec::new(), 0, vec![None; names.len()]);
        let mut record = csv::StringRecord::new();
        loop {
            match reader.read_record(&mut record) {
                Ok(false) => break,
                Ok(true) if rows < LOOKED_AT => {
                    for (kind, value) in kinds.iter_mut().zip(&record) {
                        *kind = Some(kind_of(value, *kind));
                    }
                    if rows < 3 {
                        first.push(record.iter().map(str::to_owned).collect());
                    }
                }
                Ok(true) => {}
                Err(error) => return Err(Fault::Row(error.position().map_or(0, csv::Position::line))),
            }
            rows += 1;
        }
        let column = |(name, kind): (&str, Option<ColumnType>)| (name.to_owned(), kind.unwrap_or(ColumnType::String));
        let columns = names.into_iter().zip(kinds).map(column).collect();
        Ok(Self { columns, first, rows })
    }
}

/// What a column holds that held `before` so far, if anything, and now this.
fn kind_of(value: &str, before: Option<ColumnType>) -> ColumnType {
    let value = value.trim();
    if value.is_empty() {
        return before.unwrap_or(ColumnType::String);
    }
    let now = if value == "true" || value == "false" {
        ColumnType::Boolean
    } else if value.parse::<i64>().is_ok() {
        ColumnType::Integer
    } else if value.parse::<f64>().is_ok_and(f64::is_finite) {
        ColumnType::Number
    } else if value.len() == 10 && value.parse::<Date>().is_ok() {
        ColumnType::Date
    } else if value.ends_with('Z') && value.parse::<Timestamp>().is_ok() {
        ColumnType::Datetime
    } else {
        ColumnType::String
    };
    match before {
        None => now,
        Some(before) if before == now => now,
        Some(ColumnType::Integer | ColumnType::Number) if matches!(now, ColumnType::Integer | ColumnType::Number) => {
            ColumnType::Number
        }
        Some(_) => ColumnType::String,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn columns_and_their_kinds_are_found() {
        let text = "\u{feff}day,place,count,share,open,at\r\n2019-09-27,Markt,3,0.5,true,2019-09-27T12:00:00Z\r\n\
            2019-09-28,\"a, b\",,2,false,2019-09-28T12:00:00Z\r\n";
        let table = Table::read(text.as_bytes()).unwrap();
        let kinds: Vec<_> = table.columns.iter().map(|(name, kind)| (name.as_str(), *kind)).collect();
        use ColumnType::{Boolean, Date, Datetime, Integer, Number, String};
        let expected = [
            ("day", Date),
            ("place", String),
            ("count", Integer),
            ("share", Number),
            ("open", Boolean),
            ("at", Datetime),
        ];
        assert_eq!(kinds, expected);
        assert_eq!((table.rows, table.first[1][1].as_str()), (2, "a, b"));
    }

    #[test]
    fn what_does_not_fit_is_named() {
        let fault = |text: &[u8]| Table::read(text).unwrap_err();
        assert_eq!(fault(b"a,b\n\xff,1\n"), Fault::NoText);
        assert_eq!(fault(b"day;count\n1;2\n"), Fault::Header("day;count".to_owned()));
        assert_eq!(fault(b"day,Tag\n"), Fault::Header("Tag".to_owned()));
        assert_eq!(fault(b"a,b,a\n"), Fault::Header("a".to_owned()));
        assert_eq!(fault(b""), Fault::Header("0".to_owned()));
        assert_eq!(fault(b"a,b\n1,2\n3\n"), Fault::Row(3));
    }

    #[test]
    fn a_column_that_changes_its_mind_is_text() {
        let kinds = |text: &str| Table::read(text.as_bytes()).unwrap().columns[0].1;
        assert_eq!(kinds("a\n1\n2.5\n3\n"), ColumnType::Number);
        assert_eq!(kinds("a\n1\nx\n3\n"), ColumnType::String);
        assert_eq!(kinds("a\n"), ColumnType::String);
    }
}
