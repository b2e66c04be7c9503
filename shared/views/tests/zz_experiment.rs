#![allow(clippy::unwrap_used, unreachable_pub, dead_code, missing_docs)]
mod support;
use std::time::Instant;
use allmende_eventlog::contract::run;
use allmende_eventlog::{CommitView, EventLog};
use allmende_views::*;
use support::*;

#[test]
fn flips() {
    run(async {
        let mut random = Random(300);
        let mut bench = Bench::new();
        bench.options = Options { memtable_bytes: 8 << 10, batch_bytes: 2_000, ..bench.options };
        let mut store = bench.open();
        let view = store.run(Ledger).unwrap();
        write_randomly(&bench.log, &mut random, 150);
        view.catch_up(PATIENCE).await.unwrap();
        let (mut wrong, mut anew) = (0, 0);
        for flip in 0..150 {
            let left = bench.root.path().join(format!("flip-{flip}"));
            copy(&bench.dir(), &left);
            let mut journals: Vec<_> = std::fs::read_dir(&left).unwrap().map(|e| e.unwrap().path()).filter(|p| p.extension().is_some_and(|e| e == "jnl")).collect();
            journals.sort();
            let j = journals.pop().unwrap();
            let mut content = std::fs::read(&j).unwrap();
            let length = data_length(&content);
            content.truncate(length + 4096);
            let at = random.below(length as u64) as usize;
            content[at] ^= 1 + random.below(255) as u8;
            std::fs::write(&j, &content).unwrap();
            let mut s = bench.open_in(&left);
            anew += s.set_aside().is_some() as u32;
            let v = s.run(Ledger).unwrap();
            v.catch_up(PATIENCE).await.unwrap();
            if dump(&v.snapshot().unwrap()) != expected(&bench.log, u64::MAX) { wrong += 1; eprintln!("wrong at {at}"); }
            s.close().await;
            drop(v);
            std::fs::remove_dir_all(&left).unwrap();
        }
        eprintln!("wrong {wrong} anew {anew}");
        store.close().await;
    });
}

struct Simple<const N: usize>;
macro_rules! simple { ($n:literal, $name:literal) => {
impl View for Simple<$n> {
    const NAME: &'static str = $name;
    const VERSION: u32 = 1;
    fn apply(&self, tables: &mut WriteSet<'_>, commit: CommitView<'_>) -> Result<(), ViewError> {
        for event in commit.events() {
            let key = event.payload()[..8].to_vec();
            let n = tables.get(SUMS, &key)?.map_or(0, |v| u64::from_be_bytes(v[..8].try_into().unwrap()));
            let mut v = (n+1).to_be_bytes().to_vec(); v.resize(100, 7);
            tables.put(SUMS, &key, v);
        }
        Ok(())
    }
}}}
simple!(1, "s1"); simple!(2, "s2"); simple!(3, "s3"); simple!(4, "s4"); simple!(5, "s5");

fn rss() -> u64 {
    let s = std::fs::read_to_string("/proc/self/statm").unwrap();
    s.split(' ').nth(1).unwrap().parse::<u64>().unwrap() * 4096 / 1024 / 1024
}

#[test]
fn memory() {
    run(async {
        let bench = Bench::new();
        let log = std::sync::Arc::new(allmende_eventlog::contract::HeldLog::new(bench.log.partition().clone(), bench.clock.clone(), 256));
        let mut random = Random(1);
        for i in 0..300_000u64 {
            submit(&log, &(i % 1000).to_string(), &[random.below(200_000).wrapping_mul(0x9e3779b97f4a7c15)], 20);
            if i % 256 == 0 { log.write(); }
        }
        log.write();
        eprintln!("log only: {} MiB, groups {}", rss(), log.head().borrow().group);
        let base = rss();
        let dir = bench.dir();
        let mut store = ViewStore::open(&dir, log.clone(), opts()).unwrap();
        eprintln!("open: +{} MiB", rss() - base);
        let started = Instant::now();
        let v1 = store.run(Simple::<1>).unwrap();
        v1.catch_up(PATIENCE * 3).await.unwrap();
        eprintln!("one view: {:?}, {:?}, +{} MiB", started.elapsed(), v1.stats(), rss() - base);
        let started = Instant::now();
        let vs = vec![store.run(Simple::<2>).unwrap(), store.run(Simple::<3>).unwrap(), store.run(Simple::<4>).unwrap(), store.run(Simple::<5>).unwrap()];
        for v in &vs { v.catch_up(PATIENCE * 3).await.unwrap(); }
        eprintln!("four more: {:?}, {:?}, +{} MiB", started.elapsed(), vs[0].stats(), rss() - base);
        drop(vs); drop(v1);
        store.close().await;
        eprintln!("closed: +{} MiB", rss() - base);
        let mut store = ViewStore::open(&dir, log.clone(), opts()).unwrap();
        let v1 = store.run(Simple::<1>).unwrap();
        v1.catch_up(PATIENCE * 3).await.unwrap();
        eprintln!("reopened: +{} MiB", rss() - base);
    });
}

fn opts() -> Options {
    let get = |n: &str, d: u64| std::env::var(n).map_or(d, |v| v.parse().unwrap());
    Options { memtable_bytes: get("MEMT", 4096) << 10, batch_bytes: (get("BATCH", 8192) << 10) as usize, ..Options::default() }
}
