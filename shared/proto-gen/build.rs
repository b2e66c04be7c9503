//! Compiles `proto/` with protox, so that no `protoc` is needed, and keeps the descriptors for gRPC reflection.

use std::path::{Path, PathBuf};
use std::{env, fs, io};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let root = Path::new(&env::var("CARGO_MANIFEST_DIR")?).join("../../proto");
    println!("cargo::rerun-if-changed={}", root.display());

    let mut files = Vec::new();
    collect(&root, &mut files)?;
    files.sort();

    let descriptors = protox::compile(&files, [&root])?;
    let out = PathBuf::from(env::var("OUT_DIR")?);
    tonic_prost_build::configure()
        .file_descriptor_set_path(out.join("allmende.binpb"))
        .bytes(".allmende.log.v1")
        .bytes(".allmende.telemetry.events.v1")
        .bytes(".allmende.gateway.events.v1")
        .bytes(".allmende.participation.v1")
        .bytes(".allmende.participation.events.v1")
        .bytes(".allmende.opendata.v1")
        .bytes(".allmende.opendata.events.v1")
        .bytes(".allmende.reporting.events.v1")
        .bytes(".allmende.reporting.v1.RenderReportResponse.content")
        .compile_fds(descriptors.clone())?;
    fs::write(out.join("allmende.binpb"), prost::Message::encode_to_vec(&descriptors))?;
    Ok(())
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|extension| extension == "proto") {
            files.push(path);
        }
    }
    Ok(())
}
