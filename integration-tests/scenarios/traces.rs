//! The search for what should have been forgotten finds what was planted, in everything that keeps something.

#![allow(clippy::unwrap_used, reason = "a failed unwrap is a failed test")]

use std::fs::{self, File};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use allmende_eventlog::contract::ManualClock;
use allmende_eventlog::{CommitView, EventLog, NewCommit, NewEvent, Origin, StreamAppend};
use allmende_eventlog_sled::{Options, SledLog, backup};
use allmende_integration_tests::client::NOW;
use allmende_integration_tests::traces::{Form, Layer, Marker, Report, Trace, search, search_bytes};
use allmende_kernel::{ExpectedRevision, PartitionName, StreamName};
use allmende_views::{Table, View, ViewError, ViewStore, WriteSet};
use bytes::Bytes;

const WORD: &str = "Quittengelee7f3a91";
const PHRASE: &str = "Müllers \"Grüner\" Garten & Söhne 88";

fn marker() -> Marker {
    Marker::new(&[WORD, PHRASE])
}

/// Words enough to be compressed, the marker among them.
fn long_text() -> String {
    let words: Vec<_> =
        (0..2_000u32).map(|number| format!("Hecke {} am Weg", number.wrapping_mul(2_654_435_761) % 97)).collect();
    format!("{} {WORD} {}", words[..1_000].join(", "), words[1_000..].join(", "))
}

fn layers(report: &Report, folder: &Path) -> Vec<(Layer, Form)> {
    let mut layers: Vec<_> = report
        .traces()
        .filter(|trace| trace.file.starts_with(folder))
        .map(|Trace { layer, form, .. }| (*layer, *form))
        .collect();
    layers.dedup();
    layers
}

#[test]
fn every_way_of_writing_it_is_known() {
    let forms = |text: &str| layers(&search_bytes(Path::new("page"), text.as_bytes(), &marker()), Path::new("page"));
    let found = |form| vec![(Layer::Bytes, form)];
    assert_eq!(forms(&format!("a,{WORD},b")), found(Form::Plain));
    assert_eq!(forms(&WORD.to_lowercase()), found(Form::LowerCase));
    assert_eq!(forms(&serde_json::to_string(PHRASE).unwrap()), found(Form::Json));
    assert_eq!(forms(r#"{"a":"M\u00fcllers \"Gr\u00fcner\" Garten & S\u00f6hne 88"}"#), found(Form::Json));
    assert_eq!(forms(r#"{"a":"M\u00FCllers \"Gr\u00FCner\" Garten & S\u00F6hne 88"}"#), found(Form::Json));
    assert_eq!(forms("<p>Müllers &quot;Grüner&quot; Garten &amp; Söhne 88</p>"), found(Form::Html));
    assert_eq!(forms("?q=M%C3%BCllers+%22Gr%C3%BCner%22+Garten+%26+S%C3%B6hne+88"), found(Form::Percent));
    assert_eq!(forms("M=C3=BCllers \"Gr=C3=BCner\" Garten & S=C3=B6hne 88"), found(Form::QuotedPrintable));
    for (before, after) in [("", ""), ("x", "yz"), ("xy", "z"), ("xyz", "")] {
        use base64::Engine as _;
        let text = base64::engine::general_purpose::URL_SAFE.encode(format!("{before}{WORD}{after}"));
        assert_eq!(forms(&text), found(Form::Base64), "{before:?} {after:?}");
    }
    assert_eq!(forms("Quittengelee7f3a92, Müllers Garten"), []);
}

#[test]
fn it_is_found_in_files_as_they_are_and_compressed() {
    let folder = tempfile::tempdir().unwrap();
    let plant = |name: &str, bytes: &[u8]| {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(&path, bytes).unwrap();
        path
    };
    let text = long_text();
    let mut gzip = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    gzip.write_all(text.as_bytes()).unwrap();
    let gzip = gzip.finish().unwrap();
    let mut zlib = b"%PDF stream ".to_vec();
    let mut encoder = flate2::write::ZlibEncoder::new(&mut zlib, flate2::Compression::default());
    encoder.write_all(text.as_bytes()).unwrap();
    encoder.finish().unwrap();
    let twice = zstd::encode_all(&gzip[..], 3).unwrap();
    let planted = [
        (plant("datasets/a.csv", text.as_bytes()), Layer::Bytes),
        (
            plant("datasets/a.csv.zst", &[b"head".to_vec(), zstd::encode_all(text.as_bytes(), 3).unwrap()].concat()),
            Layer::Zstd,
        ),
        (plant("trace.json.gz", &gzip), Layer::Deflate),
        (plant("report.pdf", &zlib), Layer::Deflate),
        (plant("backup/older/all", &twice), Layer::Deflate),
        (plant(&format!("{WORD}.txt"), b"nothing"), Layer::Name),
    ];
    plant("innocent.csv", b"nothing to see");
    let report = search(folder.path(), &marker());
    for (path, layer) in &planted {
        assert!(layers(&report, path).contains(&(*layer, Form::Plain)), "{path:?}: {report}");
    }
    assert!(!report.is_in(&folder.path().join("innocent.csv")));
    assert_eq!(report.not_searched(), []);
    assert!(report.bytes_of(Layer::Deflate) as usize > 2 * text.len());

    let other = search(folder.path(), &Marker::new(&["Quittengelee000000"]));
    other.assert_nothing("of another word");
}

/// Rows of a view: the texts by stream.
struct Texts;

impl View for Texts {
    const NAME: &'static str = "texts";
    const VERSION: u32 = 1;

    fn apply(&self, tables: &mut WriteSet<'_>, commit: CommitView<'_>) -> Result<(), ViewError> {
        for event in commit.events() {
            tables.put(Table::new(1), event.stream().as_bytes(), event.payload().to_vec());
        }
        Ok(())
    }
}

fn commit(id: &str, text: &str) -> NewCommit {
    NewCommit {
        origin: Origin::Unlinked,
        admitted_at: NOW,
        actor: None,
        trace: None,
        reads: Vec::new(),
        writes: vec![StreamAppend {
            stream: StreamName::parse(&format!("koeln/contribution/{id}")).unwrap(),
            expected: ExpectedRevision::Any,
            events: vec![NewEvent { event_type: "allmende.test.v1.Written", payload: Bytes::from(text.to_owned()) }],
        }],
        outcome: Bytes::new(),
    }
}

/// A log with its index, a backup of it, and a view, all holding a text, as an installation lays them out.
async fn plant(data: &Path, id: &str, text: &str) -> [PathBuf; 4] {
    let (log_folder, views, copy) =
        (data.join("log/test-0"), data.join("views/test-0"), data.join("backups/2026-11-24/log/test-0"));
    let partition = PartitionName::parse("test-0").unwrap();
    let clock = Arc::new(ManualClock::at(NOW));
    let log = Arc::new(SledLog::open(&log_folder, partition, clock, Options::default()).unwrap());
    let mut store = ViewStore::open(&views, Arc::clone(&log) as _, allmende_views::Options::default()).unwrap();
    let view = store.run(Texts).unwrap();
    // A later value does not undo the earlier one's bytes.
    for content in [text, "gone"] {
        let position = log.submit(commit(id, content)).unwrap().wait().await.unwrap().position;
        view.wait_for(position, std::time::Duration::from_secs(60)).await.unwrap();
    }
    store.close().await;
    drop(view);
    backup(&log_folder, &copy).unwrap();
    drop(log);
    [log_folder.join("segments"), log_folder.join("index"), views, copy]
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_found_in_logs_backups_and_views() {
    let data = tempfile::tempdir().unwrap();
    let [_, _, views, copy] = plant(data.path(), "1", &long_text()).await;
    let report = search(data.path(), &marker());
    assert_eq!(report.not_searched(), []);
    for folder in [data.path().join("log/test-0"), copy] {
        assert!(layers(&report, &folder).contains(&(Layer::Commit, Form::Plain)), "{folder:?}: {report}");
    }
    assert!(layers(&report, &views).contains(&(Layer::Journal, Form::Plain)), "{report}");
    assert!(report.bytes_of(Layer::Commit) > 0 && report.bytes_of(Layer::Journal) > 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn it_is_found_in_an_index_by_the_name_of_a_stream() {
    let data = tempfile::tempdir().unwrap();
    let [segments, index, views, copy] = plant(data.path(), WORD, "a short text").await;
    let report = search(data.path(), &marker());
    for folder in [segments, index, views, copy] {
        assert!(report.is_in(&folder), "{folder:?}: {report}");
    }
}

/// What could not be read is not taken for clean.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_is_told() {
    let data = tempfile::tempdir().unwrap();
    let [segments, ..] = plant(data.path(), "1", &long_text()).await;
    let segment = fs::read_dir(segments).unwrap().next().unwrap().unwrap().path();
    let mut bytes = fs::read(&segment).unwrap();
    bytes[128 + 60] ^= 1;
    File::create(&segment).unwrap().write_all(&bytes).unwrap();
    assert!(!search(data.path(), &Marker::new(&["Quittengelee000000"])).not_searched().is_empty());
}

/// Also a document that is deleted and not merged away yet, and also if only its words are kept.
#[test]
fn it_is_found_in_a_search_index() {
    use tantivy::schema::{INDEXED, STORED, STRING, Schema, TEXT};
    for kept in [true, false] {
        let folder = tempfile::tempdir().unwrap();
        let index_folder = folder.path().join("search/participation-0");
        fs::create_dir_all(&index_folder).unwrap();
        let mut schema = Schema::builder();
        let id = schema.add_text_field("id", STRING | STORED);
        let text = schema.add_text_field("text", if kept { STORED.into() } else { TEXT });
        let number = schema.add_u64_field("number", INDEXED);
        let index = tantivy::Index::create_in_dir(&index_folder, schema.build()).unwrap();
        let mut writer = index.writer_with_num_threads::<tantivy::TantivyDocument>(1, 20 << 20).unwrap();
        writer.set_merge_policy(Box::new(tantivy::merge_policy::NoMergePolicy));
        for (document, content) in ["nothing", &long_text(), "nothing else"].iter().enumerate() {
            let name = document.to_string();
            writer.add_document(tantivy::doc!(id => name, text => *content, number => document as u64)).unwrap();
        }
        writer.commit().unwrap();
        let find = || {
            let report = search(folder.path(), &marker());
            assert_eq!(report.not_searched(), []);
            layers(&report, &index_folder)
        };
        let form = if kept { Form::Plain } else { Form::LowerCase };
        assert!(find().contains(&(Layer::SearchIndex, form)), "{:?}", find());
        writer.delete_term(tantivy::Term::from_field_text(id, "1"));
        writer.commit().unwrap();
        assert!(find().contains(&(Layer::SearchIndex, form)), "{:?}", find());
    }
}

/// As a dataset's file is kept: Parquet with compressed pages, in a Zstandard frame.
#[test]
fn it_is_found_in_parquet() {
    use parquet::basic::Compression;
    use parquet::data_type::{ByteArray, ByteArrayType};
    use parquet::file::properties::WriterProperties;
    use parquet::file::writer::SerializedFileWriter;
    use parquet::schema::parser::parse_message_type;

    let schema = Arc::new(parse_message_type("message rows { required binary text (utf8); }").unwrap());
    let properties = WriterProperties::builder().set_compression(Compression::SNAPPY).build();
    let mut file = SerializedFileWriter::new(Vec::new(), schema, Arc::new(properties)).unwrap();
    let mut group = file.next_row_group().unwrap();
    let mut column = group.next_column().unwrap().unwrap();
    let values: Vec<ByteArray> = ["nothing", &long_text()].iter().map(|text| ByteArray::from(*text)).collect();
    column.typed::<ByteArrayType>().write_batch(&values, None, None).unwrap();
    column.close().unwrap();
    group.close().unwrap();
    let bytes = file.into_inner().unwrap();

    let folder = tempfile::tempdir().unwrap();
    for (name, bytes) in [("a.parquet", bytes.clone()), ("f00d", zstd::encode_all(&bytes[..], 3).unwrap())] {
        let path = folder.path().join(name);
        fs::write(&path, bytes).unwrap();
        let report = search(folder.path(), &marker());
        assert!(layers(&report, &path).contains(&(Layer::Parquet, Form::Plain)), "{name}: {report}");
        assert_eq!(report.not_searched(), []);
    }
    // A cut file was not searched.
    fs::write(folder.path().join("cut"), &bytes[..bytes.len() - 9]).unwrap();
    assert_eq!(search(folder.path(), &marker()).not_searched().len(), 1);
}

/// A block of a table as lsm-tree 3 writes it from its third level on, which takes more rows than a test has.
#[test]
fn it_is_found_in_compressed_blocks_of_tables() {
    let folder = tempfile::tempdir().unwrap();
    let text = long_text();
    let data = lz4_flex::block::compress(text.as_bytes());
    let mut block = b"LSM\x03\x00".to_vec();
    block.extend_from_slice(&[7; 16]);
    block.extend_from_slice(&(data.len() as u32).to_le_bytes());
    block.extend_from_slice(&(text.len() as u32).to_le_bytes());
    block.extend_from_slice(&[9; 4]);
    block.extend_from_slice(&data);
    fs::write(folder.path().join("7"), [b"before".to_vec(), block].concat()).unwrap();
    let report = search(folder.path(), &marker());
    assert!(layers(&report, folder.path()).contains(&(Layer::LsmBlock, Form::Plain)), "{report}");
}
