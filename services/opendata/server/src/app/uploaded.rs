//! What an uploaded file has, whatever its sender says of it: a column that nobody mentioned may hold anything.

use std::fmt;
use std::io::{self, BufRead, BufReader, Read};

use allmende_opendata_domain::{Format, MAX_COLUMNS};
use parquet::file::metadata::ParquetMetaDataReader;
use serde::de::{DeserializeSeed, Deserializer, IgnoredAny, MapAccess, SeqAccess, Visitor};

/// Bytes of a CSV file in which its header has to end.
const HEADER_BYTES: u64 = 64 << 10;
/// The longest string in a JSON file that is looked at: a name is held in memory.
const STRING_BYTES: u64 = 1 << 20;
/// The longest description at the end of a Parquet file.
const FOOTER_BYTES: usize = 4 << 20;
const BUFFER_BYTES: usize = 64 << 10;

/// Names of columns as they first come, and rows.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) columns: Vec<String>,
    pub(super) rows: u64,
}

impl Found {
    fn note(&mut self, name: String) {
        // One more than a file may have is enough to know that it has too many.
        if self.columns.len() <= MAX_COLUMNS && !self.columns.contains(&name) {
            self.columns.push(name);
        }
    }
}

/// Looks through a file, which `open` opens from its beginning; `None`, if it is not of its format.
pub(super) fn found<R: Read>(format: Format, open: impl Fn() -> io::Result<R>) -> io::Result<Option<Found>> {
    let file = open()?;
    match format {
        Format::Csv => {
            let columns = header(file);
            Ok(Some(Found { columns, rows: lines(BufReader::with_capacity(BUFFER_BYTES, open()?))?.saturating_sub(1) }))
        }
        Format::Json => Ok(json(file, Thing::Rows)),
        Format::GeoJson => Ok(json(file, Thing::Collection)),
        Format::Parquet => footer(file),
    }
}

fn header(file: impl Read) -> Vec<String> {
    let mut reader = csv::Reader::from_reader(file.take(HEADER_BYTES));
    match reader.headers() {
        Ok(header) => header.iter().map(|name| name.trim_start_matches('\u{feff}').to_owned()).collect(),
        Err(_) => Vec::new(),
    }
}

/// Lines that are not empty, of which one may be broken within quotes.
fn lines(file: impl BufRead) -> io::Result<u64> {
    let (mut lines, mut quoted, mut begun) = (0, false, false);
    for byte in file.bytes() {
        match byte? {
            b'\n' | b'\r' if !quoted => {
                lines += u64::from(begun);
                begun = false;
            }
            byte => {
                quoted ^= byte == b'"';
                begun = true;
            }
        }
    }
    Ok(lines + u64::from(begun))
}

fn json(file: impl Read, of: Thing) -> Option<Found> {
    let mut found = Found::default();
    let file = Strings { file, within: false, escaped: false, bytes: 0 };
    let mut reader = serde_json::Deserializer::from_reader(BufReader::with_capacity(BUFFER_BYTES, file));
    Look { found: &mut found, of }.deserialize(&mut reader).ok()?;
    reader.end().ok()?;
    Some(found)
}

/// Fails at a string that is too long to be held in memory.
struct Strings<R> {
    file: R,
    within: bool,
    escaped: bool,
    bytes: u64,
}

impl<R: Read> Read for Strings<R> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        for byte in &buffer[..read] {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = self.within,
                b'"' => (self.within, self.bytes) = (!self.within, 0),
                _ => {}
            }
            self.bytes += u64::from(self.within);
            if self.bytes > STRING_BYTES {
                return Err(io::ErrorKind::InvalidData.into());
            }
        }
        Ok(read)
    }
}

/// What of a JSON file is looked at.
#[derive(Debug, Clone, Copy)]
enum Thing {
    Rows,
    Row,
    Collection,
    Features,
    Feature,
    Properties,
}

struct Look<'f> {
    found: &'f mut Found,
    of: Thing,
}

impl<'de> DeserializeSeed<'de> for Look<'_> {
    type Value = ();

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        match self.of {
            Thing::Rows | Thing::Features => deserializer.deserialize_seq(self),
            Thing::Properties => deserializer.deserialize_option(self),
            Thing::Row | Thing::Collection | Thing::Feature => deserializer.deserialize_map(self),
        }
    }
}

impl<'de> Visitor<'de> for Look<'_> {
    type Value = ();

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("rows or features")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut rows: A) -> Result<(), A::Error> {
        let of = if matches!(self.of, Thing::Rows) { Thing::Row } else { Thing::Feature };
        while rows.next_element_seed(Look { found: &mut *self.found, of })?.is_some() {
            self.found.rows += 1;
        }
        Ok(())
    }

    fn visit_map<A: MapAccess<'de>>(self, mut members: A) -> Result<(), A::Error> {
        while let Some(name) = members.next_key::<String>()? {
            let inner = match (self.of, name.as_str()) {
                (Thing::Collection, "features") => Some(Thing::Features),
                (Thing::Feature, "properties") => Some(Thing::Properties),
                (Thing::Feature, "type" | "geometry" | "bbox" | "id") | (Thing::Collection, _) => None,
                _ => {
                    self.found.note(name);
                    None
                }
            };
            match inner {
                Some(of) => members.next_value_seed(Look { found: &mut *self.found, of })?,
                None => members.next_value::<IgnoredAny>().map(|_| ())?,
            }
        }
        Ok(())
    }

    fn visit_some<D: Deserializer<'de>>(self, deserializer: D) -> Result<(), D::Error> {
        deserializer.deserialize_map(self)
    }

    fn visit_none<E>(self) -> Result<(), E> {
        Ok(())
    }
}

/// A Parquet file says at its end what it has.
fn footer(mut file: impl Read) -> io::Result<Option<Found>> {
    let (mut end, mut piece) = (Vec::new(), vec![0; BUFFER_BYTES]);
    loop {
        match file.read(&mut piece)? {
            0 => return Ok(described_by(&end)),
            read => end.extend_from_slice(&piece[..read]),
        }
        if end.len() > 2 * FOOTER_BYTES {
            end.drain(..end.len() - FOOTER_BYTES);
        }
    }
}

fn described_by(end: &[u8]) -> Option<Found> {
    let end = end.strip_suffix(b"PAR1")?;
    let (end, length) = end.split_last_chunk()?;
    let begins = end.len().checked_sub(usize::try_from(u32::from_le_bytes(*length)).ok()?)?;
    let metadata = ParquetMetaDataReader::decode_metadata(&end[begins..]).ok()?;
    let mut found = Found { columns: Vec::new(), rows: u64::try_from(metadata.file_metadata().num_rows()).ok()? };
    let fields = metadata.file_metadata().schema_descr().root_schema().get_fields();
    fields.iter().for_each(|field| found.note(field.name().to_owned()));
    Some(found)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(format: Format, content: &str) -> Option<(Vec<String>, u64)> {
        let found = found(format, || Ok(content.as_bytes())).unwrap();
        found.map(|found| (found.columns, found.rows))
    }

    fn columns(names: &[&str], rows: u64) -> Option<(Vec<String>, u64)> {
        Some((names.iter().map(|name| (*name).to_owned()).collect(), rows))
    }

    #[test]
    fn every_column_is_found_wherever_it_stands() {
        let csv = "\u{feff}species,note\r\nTilia,\"two\nlines\"\r\n\r\nAcer,\"\"\"x\"\"\"";
        assert_eq!(of(Format::Csv, csv), columns(&["species", "note"], 2));
        let rows = r#"[{"species": "Tilia \" }"}, {"species": null, "email": {"x": [1, "]"]}}]"#;
        assert_eq!(of(Format::Json, rows), columns(&["species", "email"], 2));
        let features = r#"{"type": "FeatureCollection", "name": "x", "features": [
            {"type": "Feature", "id": 7, "geometry": {"type": "Point", "coordinates": [7, 50]}, "properties": null},
            {"type": "Feature", "geometry": null, "owner": "Ada", "properties": {"species": "Tilia"}}]}"#;
        assert_eq!(of(Format::GeoJson, features), columns(&["owner", "species"], 2));
    }

    #[test]
    fn what_is_not_of_its_format_is_told() {
        for content in ["", "x", "{}", "[1]", "[{}] []", r#"[{"a": 1}"#] {
            assert_eq!(of(Format::Json, content), None, "{content}");
        }
        assert_eq!(of(Format::GeoJson, "[]"), None);
        for content in ["", "PAR1", "\u{1}\0\0\0PAR1", "x\u{1}\0\0\0PAR1"] {
            assert_eq!(of(Format::Parquet, content), None, "{content}");
        }
        let long = format!("[{{\"{}\": 1}}]", "x".repeat(STRING_BYTES as usize + 1));
        assert_eq!(of(Format::Json, &long), None);
    }

    #[test]
    fn no_more_columns_are_held_than_a_file_may_have() {
        let many: Vec<String> = (0..10 * MAX_COLUMNS).map(|number| format!("\"c{number}\": 1")).collect();
        let (columns, _) = of(Format::Json, &format!("[{{{}}}]", many.join(","))).unwrap();
        assert_eq!(columns.len(), MAX_COLUMNS + 1);
    }
}
