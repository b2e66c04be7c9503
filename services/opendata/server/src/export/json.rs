use std::io::{self, BufWriter, Write as _};
use std::sync::Arc;

use allmende_opendata_domain::Column;

use super::{Value, moment};
use crate::files::{Kept, Unfinished};

/// An array of objects, one a line.
pub(super) struct JsonFile {
    to: BufWriter<Unfinished>,
    columns: Arc<[Column]>,
    is_first: bool,
}

impl JsonFile {
    pub(super) fn begin(file: Unfinished, columns: Arc<[Column]>) -> io::Result<Self> {
        let mut to = BufWriter::new(file);
        to.write_all(b"[")?;
        Ok(Self { to, columns, is_first: true })
    }

    pub(super) fn row(&mut self, values: &[Value<'_>]) -> io::Result<()> {
        let Self { to, columns, is_first } = self;
        to.write_all(if std::mem::take(is_first) { b"\n{" } else { b",\n{" })?;
        for (index, (column, value)) in columns.iter().zip(values).enumerate() {
            // Names of columns are letters, digits and '_'.
            write!(to, "{}\"{}\":", if index == 0 { "" } else { "," }, column.name)?;
            match value {
                Value::Nothing => to.write_all(b"null")?,
                Value::Text(text) | Value::Date(text) => serde_json::to_writer(&mut *to, text.as_ref())?,
                Value::Integer(number) => write!(to, "{number}")?,
                Value::Number(number) => serde_json::to_writer(&mut *to, number)?,
                Value::Boolean(yes) => write!(to, "{yes}")?,
                Value::Moment(at) => write!(to, "\"{}\"", moment(*at))?,
            }
        }
        to.write_all(b"}")
    }

    pub(super) fn finish(mut self) -> io::Result<Kept> {
        self.to.write_all(if self.is_first { b"]\n" } else { b"\n]\n" })?;
        self.to.into_inner().map_err(io::IntoInnerError::into_error)?.keep()
    }
}
