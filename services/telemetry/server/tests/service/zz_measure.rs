//! Scratch.
use std::time::Instant;
use allmende_proto::telemetry::v1 as pb;
use crate::support::{columns, run, start};

#[test]
fn live() {
    run(async {
        let mut service = start().await;
        for (stations, reports) in [(1usize, 4_000i64), (100, 100)] {
            let mut all = Vec::new();
            for _ in 0..stations {
                all.push(service.station().await);
            }
            let mut batches = Vec::new();
            for n in 0..reports {
                for s in &all {
                    let t = n * 145;
                    batches.push(pb::StreamObservationsRequest { batch: Some(s.columns(vec![
                        columns(&s.pm10, &[(t, 10.0)]),
                        columns(&s.pm25, &[(t, 5.0)]),
                        columns(&s.humidity, &[(t + 1, 50.0)]),
                        columns(&s.temperature, &[(t + 1, 20.0)]),
                    ])) });
                }
            }
            let n = batches.len();
            let began = Instant::now();
            let answer = service.client.stream_observations(tokio_stream::iter(batches)).await.unwrap().into_inner();
            let stored = began.elapsed();
            service.settle(&answer.consistency_token).await;
            let read = began.elapsed();
            println!("{stations} stations: {n} reports stored in {stored:?} ({:.0}/s), readable after {read:?} ({:.0}/s)", n as f64 / stored.as_secs_f64(), n as f64 / read.as_secs_f64());
            let began = Instant::now();
            let o = service.observations(&all[0], &all[0].pm10, pb::Selection::All).await;
            println!("list {} in {:?}", o.len(), began.elapsed());
            let began = Instant::now();
            let o = service.observations(&all[0], &all[0].pm10, pb::Selection::All).await;
            println!("list again {} in {:?}", o.len(), began.elapsed());
        }
        service.stop().await;
    });
}
