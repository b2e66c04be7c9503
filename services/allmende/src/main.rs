//! x

/// glibc's allocator keeps far more than is used when many threads free what others allocated.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> anyhow::Result<()> {
    let events = std::env::args().nth(1).and_then(|a| a.parse().ok()).unwrap_or(1_000_000);
    allmende::bench::log::run(std::path::Path::new("target"), events, false)
}
