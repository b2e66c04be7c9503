//! A table into files: rows come one after the other, and each format takes them as they come, so that memory does not
//! grow with the table. What is written depends on columns and rows alone: the same rows are the same bytes.

mod csv;
mod json;
mod parquet;

use std::borrow::Cow;
use std::io;
use std::sync::Arc;

use allmende_kernel::Timestamp;
use allmende_opendata_domain::{Column, Distribution, FileName, Format};

use self::csv::CsvFile;
use self::json::JsonFile;
use self::parquet::ParquetFile;
use crate::files::{Files, Kept};

/// What stands in a row's column. Of the column's type, or nothing.
#[derive(Debug, Clone, PartialEq)]
pub(crate) enum Value<'a> {
    Nothing,
    Text(Cow<'a, str>),
    Integer(i64),
    Number(f64),
    Boolean(bool),
    /// A day as it is written.
    Date(Cow<'a, str>),
    Moment(Timestamp),
}

impl<'a> Value<'a> {
    /// A text.
    pub(crate) fn text(text: impl Into<Cow<'a, str>>) -> Self {
        Self::Text(text.into())
    }

    /// A text, or nothing if it is empty.
    pub(crate) fn text_or_nothing(text: impl Into<Cow<'a, str>>) -> Self {
        match text.into() {
            text if text.is_empty() => Self::Nothing,
            text => Self::Text(text),
        }
    }
}

/// A table in all the formats in which the platform publishes, while it is written.
pub(crate) struct Export {
    columns: Arc<[Column]>,
    csv: CsvFile,
    json: JsonFile,
    parquet: ParquetFile,
    rows: u64,
}

impl Export {
    /// Begins a table with these columns, each of a known type.
    pub(crate) fn begin(files: &Arc<Files>, columns: Arc<[Column]>) -> io::Result<Self> {
        Ok(Self {
            csv: CsvFile::begin(files.begin()?, &columns)?,
            json: JsonFile::begin(files.begin()?, Arc::clone(&columns))?,
            parquet: ParquetFile::begin(files.begin()?, &columns)?,
            columns,
            rows: 0,
        })
    }

    /// Adds a row, a value for each column.
    pub(crate) fn row(&mut self, values: &[Value<'_>]) -> io::Result<()> {
        if values.len() != self.columns.len() {
            return Err(io::Error::other("a row has another number of values than there are columns"));
        }
        self.csv.row(values)?;
        self.json.row(values)?;
        self.parquet.row(values)?;
        self.rows += 1;
        Ok(())
    }

    /// Makes the files durable; `name` is theirs without the ending.
    pub(crate) fn finish(self, name: &str) -> io::Result<Vec<Distribution>> {
        let kept = [
            (Format::Csv, self.csv.finish()?),
            (Format::Json, self.json.finish()?),
            (Format::Parquet, self.parquet.finish()?),
        ];
        let distribution = |(format, Kept { bytes, sha256 }): (Format, Kept)| {
            let file = FileName::parse(&format!("{name}{}", format.ending()), format).map_err(io::Error::other)?;
            Ok(Distribution { file, format, bytes, sha256, rows: self.rows, columns: self.columns.to_vec() })
        };
        kept.into_iter().map(distribution).collect()
    }
}

/// RFC 3339 in UTC; fractions of a second only where there are any.
fn moment(at: Timestamp) -> String {
    jiff::Timestamp::from_microsecond(at.as_micros()).map(|at| at.to_string()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use std::io::Read as _;

    use allmende_opendata_domain::{ColumnName, ColumnType, Text};

    use super::*;
    use ::parquet::file::reader::{FileReader as _, SerializedFileReader};
    use allmende_files::FolderShelves;

    fn columns() -> Arc<[Column]> {
        let kinds = [
            ("text", ColumnType::String),
            ("integer", ColumnType::Integer),
            ("number", ColumnType::Number),
            ("yes", ColumnType::Boolean),
            ("day", ColumnType::Date),
            ("moment", ColumnType::DateTime),
        ];
        kinds
            .into_iter()
            .map(|(name, kind)| Column {
                name: ColumnName::parse(name).unwrap(),
                kind: Some(kind),
                description: Text::new("Spalte", ""),
                unit: String::new(),
            })
            .collect()
    }

    fn rows() -> Vec<Vec<Value<'static>>> {
        vec![
            vec![
                Value::text("Grünes \"Dach\", bitte\nbald"),
                Value::Integer(-7),
                Value::Number(0.1 + 0.2),
                Value::Boolean(true),
                Value::Date("2018-07-28".into()),
                Value::Moment(Timestamp::from_micros(1_532_769_600_250_000)),
            ],
            vec![const { Value::Nothing }; 6],
            vec![
                Value::text("=SUM(A1)"),
                Value::Integer(i64::MAX),
                Value::Number(-0.0),
                Value::Boolean(false),
                Value::Date("1969-12-31".into()),
                Value::Moment(Timestamp::from_secs(-1)),
            ],
        ]
    }

    fn open(folder: &tempfile::TempDir) -> Arc<Files> {
        Arc::new(Files::open(&FolderShelves::new(folder.path())).unwrap())
    }

    fn export(files: &Arc<Files>, times: usize) -> Vec<Distribution> {
        let mut export = Export::begin(files, columns()).unwrap();
        for row in rows().iter().cycle().take(times) {
            export.row(row).unwrap();
        }
        export.finish("table").unwrap()
    }

    fn content(files: &Files, distribution: &Distribution) -> Vec<u8> {
        let mut content = Vec::new();
        files.read(distribution.sha256).unwrap().read_to_end(&mut content).unwrap();
        content
    }

    #[test]
    fn every_format_holds_the_same_rows() {
        let folder = tempfile::tempdir().unwrap();
        let files = open(&folder);
        let [csv, json, parquet] = export(&files, 3).try_into().unwrap();
        assert_eq!(
            String::from_utf8(content(&files, &csv)).unwrap(),
            "text,integer,number,yes,day,moment\r\n\
             \"Grünes \"\"Dach\"\", bitte\nbald\",-7,0.30000000000000004,true,2018-07-28,2018-07-28T09:20:00.25Z\r\n\
             ,,,,,\r\n\
             =SUM(A1),9223372036854775807,-0,false,1969-12-31,1969-12-31T23:59:59Z\r\n"
        );
        let read: serde_json::Value = serde_json::from_slice(&content(&files, &json)).unwrap();
        assert_eq!(read.as_array().unwrap().len(), 3);
        assert_eq!(read[0]["text"], "Grünes \"Dach\", bitte\nbald");
        assert_eq!(read[0]["number"], 0.1 + 0.2);
        assert_eq!((&read[1]["yes"], &read[2]["yes"]), (&serde_json::Value::Null, &serde_json::Value::Bool(false)));
        let bytes = bytes::Bytes::from(content(&files, &parquet));
        let reader = SerializedFileReader::new(bytes).unwrap();
        let rows: Vec<String> = reader.get_row_iter(None).unwrap().map(|row| row.unwrap().to_string()).collect();
        assert_eq!(rows.len(), 3);
        assert!(rows[0].contains("integer: -7") && rows[0].contains("2018-07-28"), "{}", rows[0]);
        assert!(rows[1].contains("text: null"), "{}", rows[1]);
    }

    #[test]
    fn the_same_rows_are_the_same_bytes() {
        let (one, other) = (tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap());
        let export_in = |folder: &tempfile::TempDir| {
            let files = open(folder);
            export(&files, 50_000)
        };
        let first = export_in(&one);
        assert_eq!(export_in(&other), first);
        // The first ones are known, so that another version of a library shows.
        assert!(first.iter().all(|distribution| distribution.rows == 50_000));
    }

    #[test]
    fn long_texts_fill_a_group_of_rows_sooner() {
        let folder = tempfile::tempdir().unwrap();
        let files = open(&folder);
        let columns: Arc<[Column]> = columns()[..1].into();
        let mut export = Export::begin(&files, columns).unwrap();
        for _ in 0..40 {
            export.row(&[Value::text("x".repeat(1 << 20))]).unwrap();
        }
        let [_, _, parquet] = export.finish("table").unwrap().try_into().unwrap();
        let reader = SerializedFileReader::new(bytes::Bytes::from(content(&files, &parquet))).unwrap();
        let rows: Vec<i64> = reader.metadata().row_groups().iter().map(|group| group.num_rows()).collect();
        assert_eq!(rows, [16, 16, 8]);
    }

    #[test]
    fn an_empty_table_is_one_too() {
        let folder = tempfile::tempdir().unwrap();
        let files = open(&folder);
        let [csv, json, parquet] = export(&files, 0).try_into().unwrap();
        assert_eq!(content(&files, &csv), b"text,integer,number,yes,day,moment\r\n");
        assert_eq!(content(&files, &json), b"[]\n");
        let reader = SerializedFileReader::new(bytes::Bytes::from(content(&files, &parquet))).unwrap();
        assert_eq!(reader.metadata().file_metadata().num_rows(), 0);
    }
}
