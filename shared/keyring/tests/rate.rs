//! How many keys a second are made durable, one after the other and by many at once. Run it with
//! `cargo nextest run --release -p allmende-keyring --run-ignored only --no-capture`.

#![allow(clippy::unwrap_used, clippy::print_stdout, reason = "a measurement, read by a person")]

mod support;

use std::sync::Arc;
use std::time::Instant;

use allmende_keyring::{Found, Keyring, Places};
use support::{id, opened, tenant};

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn keys_a_second() {
    let data = tempfile::tempdir_in(".").unwrap();
    let keyring = Arc::new(opened(&Places::under(data.path())).unwrap());
    let mut made = 0;
    for (clients, each) in [(1, 2_000), (64, 2_000), (512, 500)] {
        let begun = Instant::now();
        let asking: Vec<_> = (0..clients)
            .map(|client| {
                let (keyring, from) = (Arc::clone(&keyring), made + client * each);
                tokio::spawn(async move {
                    for number in from..from + each {
                        keyring.ensure(&tenant(), id(number)).await.unwrap();
                    }
                })
            })
            .collect();
        for asked in asking {
            asked.await.unwrap();
        }
        made += clients * each;
        println!("{clients} clients: {:.0} keys/s", (clients * each) as f64 / begun.elapsed().as_secs_f64());
    }
    let begun = Instant::now();
    for number in 0..made {
        assert!(matches!(keyring.find(&tenant(), id(number)).unwrap(), Found::Key(_)));
    }
    println!("{made} keys: {:.1} µs a cold look-up", begun.elapsed().as_micros() as f64 / made as f64);
    let begun = Instant::now();
    keyring.rotate().await.unwrap();
    println!("rotated in {:?}", begun.elapsed());
}
