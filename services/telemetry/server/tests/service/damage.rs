//! What is damaged is named, never served, and hides nothing else.

use std::path::PathBuf;

use allmende_proto::telemetry::v1 as pb;
use tonic::Code;

use crate::support::{DAY_US, NOON_US, SECOND_US, refusal, run, start, start_in};

#[test]
fn a_damaged_block_is_data_loss_for_its_day_and_no_other() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let day = DAY_US / SECOND_US;
        for of_day in 0..3 {
            service.record(&station, &station.temperature, &[(of_day * day, 20.0)]).await;
        }
        let data = service.stop().await;
        flip_a_bit_of(data.path().join("log/telemetry-0/segments"), &format!("{}.2020-03-02", station.temperature));
        let mut service = start_in(data).await;
        let of_day = |of_day: i64| pb::ListObservationsRequest {
            from_us: NOON_US + of_day * DAY_US,
            to_us: NOON_US + of_day * DAY_US + 1,
            ..station.observations(&station.temperature, pb::Selection::All)
        };
        for intact in [0, 2] {
            let page = service.client.list_observations(of_day(intact)).await.unwrap().into_inner();
            assert_eq!(page.observations.len(), 1);
        }
        let status = service.client.list_observations(of_day(1)).await.unwrap_err();
        assert!(status.message().contains("groups 5 to 5"), "{status}");
        assert_eq!(refusal::<()>(Err(status)), (Code::DataLoss, "DATA_LOSS".to_owned()));
        // Means were computed before.
        let days = service.means(&station, &station.temperature, pb::Period::Hour, pb::Selection::All).await;
        assert_eq!(days.len(), 3);
        service.stop().await;
    });
}

/// Short groups are stored as they are, so a stream's name leads to its group.
fn flip_a_bit_of(segments: PathBuf, stream: &str) {
    let mut flipped = 0;
    for segment in std::fs::read_dir(segments).unwrap() {
        let path = segment.unwrap().path();
        let mut content = std::fs::read(&path).unwrap();
        let places: Vec<usize> = content
            .windows(stream.len())
            .enumerate()
            .filter(|(_, window)| *window == stream.as_bytes())
            .map(|(place, _)| place)
            .collect();
        places.iter().for_each(|place| content[*place] ^= 1);
        flipped += places.len();
        std::fs::write(&path, content).unwrap();
    }
    assert_eq!(flipped, 1);
}
