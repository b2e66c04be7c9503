//! Parquet files, by their rows.

use std::fmt::Write as _;

use bytes::Bytes;
use parquet::errors::ParquetError;
use parquet::file::reader::{FileReader as _, SerializedFileReader};

use super::Layer;

/// What the format begins with.
const MAGIC: &[u8] = b"PAR1";

/// Every value of every row, if it is such a file.
pub(super) fn rows(bytes: &[u8], each: &mut impl FnMut(Layer, &[u8])) -> Result<(), ParquetError> {
    if !bytes.starts_with(MAGIC) {
        return Ok(());
    }
    let reader = SerializedFileReader::new(Bytes::copy_from_slice(bytes))?;
    for group in 0..reader.num_row_groups() {
        let mut text = String::new();
        for row in reader.get_row_group(group)?.get_row_iter(None)? {
            for (name, value) in row?.get_column_iter() {
                writeln!(text, "{name}: {value}").unwrap();
            }
        }
        each(Layer::Parquet, text.as_bytes());
    }
    Ok(())
}
