//! Flags follow from what is known, whenever it came.

use allmende_proto::telemetry::v1 as pb;

use crate::support::{DAY_US, NOON_US, Running, SECOND_US, Station, flags, not_found, refusal, run, start};

use pb::QualityFlag::{Humid, HumidityUnknown, Manual, OutOfRange};

async fn flags_of(service: &mut Running, station: &Station, datastream: &str) -> Vec<Vec<pb::QualityFlag>> {
    let observations = service.observations(station, datastream, pb::Selection::All).await;
    observations.iter().map(flags).collect()
}

async fn hours(service: &mut Running, station: &Station, selection: pb::Selection) -> Vec<(String, u32, f64)> {
    let means = service.means(station, &station.pm10, pb::Period::Hour, selection).await;
    means.into_iter().map(|mean| (mean.label, mean.count, mean.mean.unwrap())).collect()
}

#[test]
fn humidity_that_comes_later_changes_flags_and_means() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        service.record(&station, &station.pm10, &[(0, 10.0), (145, 20.0), (290, 60.0)]).await;
        assert_eq!(flags_of(&mut service, &station, &station.pm10).await, vec![vec![HumidityUnknown]; 3]);
        assert_eq!(hours(&mut service, &station, pb::Selection::Dry).await, []);

        // 70.0 % is dry, what is above is humid; 150 s away still counts.
        service.record(&station, &station.humidity, &[(2, 70.0), (440, 70.1)]).await;
        let dry: Vec<pb::QualityFlag> = Vec::new();
        assert_eq!(flags_of(&mut service, &station, &station.pm10).await, [dry.clone(), dry, vec![Humid]]);
        let all = hours(&mut service, &station, pb::Selection::All).await;
        assert_eq!(all, [("2020-03-01T13".to_owned(), 3, 30.0)]);
        let dry = hours(&mut service, &station, pb::Selection::Dry).await;
        assert_eq!(dry, [("2020-03-01T13".to_owned(), 2, 15.0)]);
        assert_eq!(hours(&mut service, &station, pb::Selection::Unflagged).await, dry);
        let listed = service.observations(&station, &station.pm10, pb::Selection::Dry).await;
        assert_eq!(listed.iter().map(|o| o.result).collect::<Vec<_>>(), [10.0, 20.0]);
        assert_eq!(flags_of(&mut service, &station, &station.humidity).await, vec![vec![]; 2]);
        service.stop().await;
    });
}

#[test]
fn humidity_of_the_next_day_speaks_for_the_last_minutes_of_a_day() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        // Noon in UTC is eleven hours before the day's end in UTC+1.
        let end = 11 * 3_600;
        service.record(&station, &station.pm10, &[(end - 60, 10.0)]).await;
        service.record(&station, &station.humidity, &[(end + 90, 50.0)]).await;
        assert_eq!(flags_of(&mut service, &station, &station.pm10).await, [vec![]]);
        let dry = hours(&mut service, &station, pb::Selection::Dry).await;
        assert_eq!(dry, [("2020-03-01T23".to_owned(), 1, 10.0)]);
        service.stop().await;
    });
}

#[test]
fn a_value_outside_the_makers_range_is_kept_and_flagged() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        service.record(&station, &station.pm10, &[(0, 999.9), (1, 1_000.0), (2, -0.1)]).await;
        service.record(&station, &station.humidity, &[(0, 50.0)]).await;
        let expected = [vec![], vec![OutOfRange], vec![OutOfRange]];
        assert_eq!(flags_of(&mut service, &station, &station.pm10).await, expected);
        // A broken hygrometer leaves "unknown", not "dry".
        service.record(&station, &station.humidity, &[(600, 130.0)]).await;
        service.record(&station, &station.pm10, &[(600, 5.0)]).await;
        assert_eq!(flags_of(&mut service, &station, &station.pm10).await[3], [HumidityUnknown]);
        service.stop().await;
    });
}

#[test]
fn what_a_person_marks_stays_and_is_flagged() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        let day = DAY_US / SECOND_US;
        service.record(&station, &station.pm10, &[(0, 1.0), (100, 2.0), (day, 3.0), (2 * day, 4.0)]).await;
        service.record(&station, &station.humidity, &[(0, 50.0), (day, 50.0), (2 * day, 50.0)]).await;
        // To before its end, over two days.
        let request = station.flag(&station.pm10, 100, 2 * day);
        let token = service.client.flag_observations(request.clone()).await.unwrap().into_inner().consistency_token;
        service.settle(&token).await;
        let expected = [vec![], vec![Manual], vec![Manual], vec![]];
        assert_eq!(flags_of(&mut service, &station, &station.pm10).await, expected);
        let unflagged = hours(&mut service, &station, pb::Selection::Unflagged).await;
        assert_eq!(unflagged, [("2020-03-01T13".to_owned(), 1, 1.0), ("2020-03-03T13".to_owned(), 1, 4.0)]);
        assert_eq!(hours(&mut service, &station, pb::Selection::All).await.len(), 3);
        let latest = service.client.list_observations(pb::ListObservationsRequest {
            from_us: NOON_US + day * SECOND_US,
            to_us: NOON_US + day * SECOND_US + 1,
            ..station.observations(&station.pm10, pb::Selection::All)
        });
        assert_eq!(flags(&latest.await.unwrap().into_inner().observations[0]), [Manual]);

        // Again, and once more under an id of its own: nothing new.
        let head = service.log_head();
        service.client.flag_observations(request).await.unwrap();
        service.client.flag_observations(station.flag(&station.pm10, 100, 2 * day)).await.unwrap();
        assert_eq!(service.log_head(), head);
        service.stop().await;
    });
}

#[test]
fn a_marked_reading_of_humidity_speaks_for_nothing() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        service.record(&station, &station.humidity, &[(0, 50.0)]).await;
        service.record(&station, &station.pm10, &[(60, 1.0)]).await;
        assert_eq!(flags_of(&mut service, &station, &station.pm10).await, [vec![]]);
        let marked = service.client.flag_observations(station.flag(&station.humidity, -1, 1)).await.unwrap();
        service.settle(&marked.into_inner().consistency_token).await;
        assert_eq!(flags_of(&mut service, &station, &station.pm10).await, [vec![HumidityUnknown]]);
        assert_eq!(hours(&mut service, &station, pb::Selection::Dry).await, []);
        service.stop().await;
    });
}

#[test]
fn an_observation_that_is_not_there_can_be_marked_before_it_comes() {
    run(async {
        let mut service = start().await;
        let station = service.station().await;
        service.client.flag_observations(station.flag(&station.temperature, 0, 60)).await.unwrap();
        service.record(&station, &station.temperature, &[(30, 20.0), (60, 21.0)]).await;
        assert_eq!(flags_of(&mut service, &station, &station.temperature).await, [vec![Manual], vec![]]);
        let nobody = Station::ids();
        assert_eq!(
            refusal(service.client.flag_observations(nobody.flag(&nobody.pm10, 0, 1)).await),
            not_found("STATION_UNKNOWN")
        );
        service.stop().await;
    });
}
