//! Search indexes, as tantivy reads them: every document of every segment, deleted or not, and every word.

use std::fs;
use std::path::Path;

use tantivy::Index;
use tantivy::schema::{FieldType, Schema};

use super::{Layer, Marker, Report};

const META: &str = "meta.json";

/// Whether the folder is an index.
pub(super) fn is_one(folder: &Path) -> bool {
    // Other things have a file of this name, too.
    fs::read_to_string(folder.join(META)).is_ok_and(|meta| meta.contains("\"segments\"") && meta.contains("\"schema\""))
}

/// Searches a copy, as opening an index writes to its folder.
pub(super) fn search(folder: &Path, marker: &Marker, report: &mut Report) {
    let searched = copied(folder).map_err(tantivy::TantivyError::from).and_then(|copy| {
        let index = Index::open_in_dir(copy.path())?;
        search_segments(folder, &index, marker, report)
    });
    if let Err(error) = searched {
        report.unread(folder, &error);
    }
}

fn copied(folder: &Path) -> std::io::Result<tempfile::TempDir> {
    let copy = tempfile::tempdir()?;
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_file() {
            fs::copy(&path, copy.path().join(path.file_name().unwrap()))?;
        }
    }
    Ok(copy)
}

fn search_segments(folder: &Path, index: &Index, marker: &Marker, report: &mut Report) -> tantivy::Result<()> {
    let segments = index.searchable_segment_ids()?;
    tell_unread(folder, &segments.iter().map(|id| id.uuid_string()).collect::<Vec<_>>(), &index.schema(), report);
    for reader in index.reader()?.searcher().segment_readers() {
        let store = reader.get_store_reader(1)?;
        for document in 0..reader.max_doc() {
            look(folder, &store.get_document_bytes(document)?, marker, report);
        }
        for (field, entry) in index.schema().fields().filter(|(_, entry)| entry.is_indexed()) {
            let inverted = reader.inverted_index(field)?;
            let mut words = inverted.terms().stream()?;
            let mut all = entry.name().as_bytes().to_vec();
            while words.advance() {
                all.push(b'\n');
                all.extend_from_slice(words.key());
            }
            look(folder, &all, marker, report);
        }
    }
    Ok(())
}

/// Files of segments that are no more, and columns of text, are not decoded here.
fn tell_unread(folder: &Path, segments: &[String], schema: &Schema, report: &mut Report) {
    let stores = fs::read_dir(folder).into_iter().flatten().flatten().map(|entry| entry.path());
    for store in stores.filter(|path| path.extension().is_some_and(|extension| extension == "store")) {
        let of = store.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default().to_owned();
        if !segments.contains(&of) {
            report.unread(&store, &"a segment that the index does not name any more");
        }
    }
    for (_, entry) in schema.fields() {
        if matches!(entry.field_type(), FieldType::Str(_) | FieldType::JsonObject(_)) && entry.is_fast() {
            report.unread(folder, &format!("the column of {}", entry.name()));
        }
    }
}

fn look(folder: &Path, bytes: &[u8], marker: &Marker, report: &mut Report) {
    super::look(folder, Layer::SearchIndex, bytes, marker, report, super::DEPTH - 1);
}
