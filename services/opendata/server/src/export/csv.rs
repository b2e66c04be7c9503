use std::io;

use allmende_opendata_domain::Column;
use csv::{Terminator, Writer, WriterBuilder};

use super::{Value, moment};
use crate::files::{Kept, Unfinished};

/// RFC 4180: a header, and lines that end in CR LF.
pub(super) struct CsvFile(Writer<Unfinished>);

impl CsvFile {
    pub(super) fn begin(file: Unfinished, columns: &[Column]) -> io::Result<Self> {
        let mut writer = WriterBuilder::new().terminator(Terminator::CRLF).from_writer(file);
        writer.write_record(columns.iter().map(|column| column.name.as_str()))?;
        Ok(Self(writer))
    }

    pub(super) fn row(&mut self, values: &[Value<'_>]) -> io::Result<()> {
        for value in values {
            match value {
                Value::Nothing => self.0.write_field(""),
                Value::Text(text) | Value::Date(text) => self.0.write_field(text.as_ref()),
                Value::Integer(number) => self.0.write_field(number.to_string()),
                Value::Number(number) => self.0.write_field(number.to_string()),
                Value::Boolean(yes) => self.0.write_field(if *yes { "true" } else { "false" }),
                Value::Moment(at) => self.0.write_field(moment(*at)),
            }?;
        }
        self.0.write_record(None::<&[u8]>)?;
        Ok(())
    }

    pub(super) fn finish(self) -> io::Result<Kept> {
        self.0.into_inner().map_err(|error| error.into_error())?.keep()
    }
}
