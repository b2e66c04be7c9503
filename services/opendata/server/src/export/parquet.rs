use std::io;
use std::sync::Arc;

use allmende_opendata_domain::{Column, ColumnType};
use parquet::basic::{Compression, LogicalType, Repetition, TimeUnit, Type as Physical};
use parquet::data_type::{BoolType, ByteArray, ByteArrayType, DataType, DoubleType, Int32Type, Int64Type};
use parquet::errors::ParquetError;
use parquet::file::properties::WriterProperties;
use parquet::file::writer::{SerializedColumnWriter, SerializedFileWriter};
use parquet::schema::types::{Type, TypePtr};

use super::Value;
use crate::files::{Kept, Unfinished};

/// Rows that are held in memory before they are written, and bytes of texts in them.
const GROUP_ROWS: usize = 16_384;
const GROUP_BYTES: usize = 16 << 20;

/// A Parquet file without Arrow: rows are gathered by column and written in groups.
pub(super) struct ParquetFile {
    writer: SerializedFileWriter<Unfinished>,
    columns: Vec<Gathered>,
    rows: usize,
    bytes: usize,
}

/// Values of one column, and for each row whether it has one.
enum Gathered {
    Text(Vec<ByteArray>, Vec<i16>),
    Integer(Vec<i64>, Vec<i16>),
    Number(Vec<f64>, Vec<i16>),
    Boolean(Vec<bool>, Vec<i16>),
    Day(Vec<i32>, Vec<i16>),
    Moment(Vec<i64>, Vec<i16>),
}

impl ParquetFile {
    pub(super) fn begin(file: Unfinished, columns: &[Column]) -> io::Result<Self> {
        let fields: Result<Vec<TypePtr>, ParquetError> =
            columns.iter().map(|column| field(column).map(Arc::new)).collect();
        let schema = Type::group_type_builder("table").with_fields(fields.map_err(failed)?).build().map_err(failed)?;
        let properties = WriterProperties::builder()
            // The library's version would be in every file.
            .set_created_by("allmende".to_owned())
            .set_compression(Compression::SNAPPY)
            .build();
        let writer = SerializedFileWriter::new(file, Arc::new(schema), Arc::new(properties)).map_err(failed)?;
        Ok(Self { writer, columns: columns.iter().map(Gathered::of).collect(), rows: 0, bytes: 0 })
    }

    pub(super) fn row(&mut self, values: &[Value<'_>]) -> io::Result<()> {
        self.columns.iter_mut().zip(values).try_for_each(|(column, value)| column.push(value))?;
        self.rows += 1;
        self.bytes += values.iter().map(text_bytes).sum::<usize>();
        if self.rows >= GROUP_ROWS || self.bytes >= GROUP_BYTES { self.write_group() } else { Ok(()) }
    }

    fn write_group(&mut self) -> io::Result<()> {
        let mut group = self.writer.next_row_group().map_err(failed)?;
        for column in &mut self.columns {
            if let Some(mut writer) = group.next_column().map_err(failed)? {
                column.write(&mut writer).map_err(failed)?;
                writer.close().map_err(failed)?;
            }
        }
        group.close().map_err(failed)?;
        (self.rows, self.bytes) = (0, 0);
        Ok(())
    }

    pub(super) fn finish(mut self) -> io::Result<Kept> {
        if self.rows > 0 {
            self.write_group()?;
        }
        self.writer.into_inner().map_err(failed)?.keep()
    }
}

fn text_bytes(value: &Value<'_>) -> usize {
    match value {
        Value::Text(text) => text.len(),
        _ => 0,
    }
}

fn failed(error: ParquetError) -> io::Error {
    match error {
        ParquetError::External(source) => match source.downcast::<io::Error>() {
            Ok(error) => *error,
            Err(source) => io::Error::other(source),
        },
        error => io::Error::other(error),
    }
}

fn field(column: &Column) -> Result<Type, ParquetError> {
    let (physical, logical) = match column.kind {
        Some(ColumnType::Integer) => (Physical::INT64, None),
        Some(ColumnType::Number) => (Physical::DOUBLE, None),
        Some(ColumnType::Boolean) => (Physical::BOOLEAN, None),
        Some(ColumnType::Date) => (Physical::INT32, Some(LogicalType::Date)),
        Some(ColumnType::DateTime) => (Physical::INT64, Some(LogicalType::timestamp(true, TimeUnit::MICROS))),
        Some(ColumnType::String) | None => (Physical::BYTE_ARRAY, Some(LogicalType::String)),
    };
    Type::primitive_type_builder(column.name.as_str(), physical)
        .with_repetition(Repetition::OPTIONAL)
        .with_logical_type(logical)
        .build()
}

impl Gathered {
    fn of(column: &Column) -> Self {
        match column.kind {
            Some(ColumnType::Integer) => Self::Integer(Vec::new(), Vec::new()),
            Some(ColumnType::Number) => Self::Number(Vec::new(), Vec::new()),
            Some(ColumnType::Boolean) => Self::Boolean(Vec::new(), Vec::new()),
            Some(ColumnType::Date) => Self::Day(Vec::new(), Vec::new()),
            Some(ColumnType::DateTime) => Self::Moment(Vec::new(), Vec::new()),
            Some(ColumnType::String) | None => Self::Text(Vec::new(), Vec::new()),
        }
    }

    fn push(&mut self, value: &Value<'_>) -> io::Result<()> {
        fn put<T>(values: &mut Vec<T>, there: &mut Vec<i16>, value: T) {
            values.push(value);
            there.push(1);
        }
        match (self, value) {
            (
                Self::Text(_, there)
                | Self::Integer(_, there)
                | Self::Number(_, there)
                | Self::Boolean(_, there)
                | Self::Day(_, there)
                | Self::Moment(_, there),
                Value::Nothing,
            ) => there.push(0),
            (Self::Text(values, there), Value::Text(text)) => put(values, there, ByteArray::from(text.as_ref())),
            (Self::Integer(values, there), Value::Integer(number)) => put(values, there, *number),
            (Self::Number(values, there), Value::Number(number)) => put(values, there, *number),
            (Self::Boolean(values, there), Value::Boolean(yes)) => put(values, there, *yes),
            (Self::Day(values, there), Value::Date(day)) => put(values, there, epoch_day(day)?),
            (Self::Moment(values, there), Value::Moment(at)) => put(values, there, at.as_micros()),
            _ => return Err(io::Error::other("a value is of another type than its column")),
        }
        Ok(())
    }

    /// Writes what was gathered and forgets it.
    fn write(&mut self, writer: &mut SerializedColumnWriter<'_>) -> Result<(), ParquetError> {
        fn write<T: DataType>(
            writer: &mut SerializedColumnWriter<'_>,
            values: &mut Vec<T::T>,
            there: &mut Vec<i16>,
        ) -> Result<(), ParquetError> {
            writer.typed::<T>().write_batch(values, Some(there), None)?;
            values.clear();
            there.clear();
            Ok(())
        }
        match self {
            Self::Text(values, there) => write::<ByteArrayType>(writer, values, there),
            Self::Integer(values, there) | Self::Moment(values, there) => write::<Int64Type>(writer, values, there),
            Self::Number(values, there) => write::<DoubleType>(writer, values, there),
            Self::Boolean(values, there) => write::<BoolType>(writer, values, there),
            Self::Day(values, there) => write::<Int32Type>(writer, values, there),
        }
    }
}

/// Days since 1970-01-01.
fn epoch_day(day: &str) -> io::Result<i32> {
    let date: jiff::civil::Date = day.parse().map_err(io::Error::other)?;
    let epoch = jiff::civil::date(1970, 1, 1);
    date.since((jiff::Unit::Day, epoch)).map(|span| span.get_days()).map_err(io::Error::other)
}
