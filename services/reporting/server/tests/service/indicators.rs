//! Indicators: baselines, dated rules, readings, and repeated requests.

use allmende_proto::reporting::v1 as pb;
use tonic::Code;

use crate::support::{
    TENANT, failed_precondition, get_indicator, impact_logic, indicator, not_found, reading, readings, refusal,
    request_id, rule, run, start,
};

#[test]
fn an_indicator_without_a_baseline_before_its_activities_is_refused() {
    run(async {
        let mut service = start().await;
        let head = service.log_head();
        let without = pb::DefineIndicatorRequest { baseline: None, ..indicator() };
        let refused = refusal(service.client.define_indicator(without).await);
        assert_eq!(refused, failed_precondition("BASELINE_MISSING"));
        let mut late = indicator();
        late.baseline.as_mut().unwrap().measured_on = "2018-01-01".into();
        let refused = refusal(service.client.define_indicator(late).await);
        assert_eq!(refused, failed_precondition("BASELINE_TOO_LATE"));
        assert_eq!(service.log_head(), head);
        service.stop().await;
    });
}

#[test]
fn a_reading_is_judged_by_the_rule_in_force_on_its_day() {
    run(async {
        let mut service = start().await;
        let id = service.indicator(&[("2018-12-31", 300.0), ("2019-01-01", 300.0), ("2017-12-15", 130.0)]).await;
        let listed = service.client.list_readings(readings(&id)).await.unwrap().into_inner().readings;
        let told: Vec<_> = listed
            .iter()
            .map(|judged| {
                let on = judged.reading.as_ref().unwrap().measured_on.as_str();
                (on, judged.rule.as_ref().map(|rule| rule.rule_id.as_str()), judged.kept)
            })
            .collect();
        let expected = [
            ("2017-12-15", None, None),
            ("2018-12-31", Some("aim-2018"), Some(true)),
            ("2019-01-01", Some("aim-2019"), Some(false)),
        ];
        assert_eq!(told, expected);
        let known = service.client.get_indicator(get_indicator(&id)).await.unwrap().into_inner().indicator.unwrap();
        assert_eq!((known.readings, known.latest_reading.unwrap().measured_on.as_str()), (3, "2019-01-01"));

        // A new law: the one that had no end holds until it begins.
        let add = |rule| pb::AddIndicatorRuleRequest {
            tenant: TENANT.into(),
            request_id: request_id(),
            indicator_id: id.clone(),
            rule: Some(rule),
        };
        let added = service.client.add_indicator_rule(add(rule("aim-2020", "2020-01-01", "", 900.0))).await.unwrap();
        let added = added.into_inner();
        assert_eq!(added.indicator.unwrap().rules.len(), 3);
        service.settle(&added.consistency_token).await;
        let overlapping = add(rule("other", "2018-06-01", "2018-06-30", 1.0));
        let refused = refusal(service.client.add_indicator_rule(overlapping).await);
        assert_eq!(refused, failed_precondition("RULES_OVERLAP"));
        let known = service.client.get_indicator(get_indicator(&id)).await.unwrap().into_inner().indicator.unwrap();
        let rules: Vec<&str> = known.rules.iter().map(|rule| rule.rule_id.as_str()).collect();
        assert_eq!(rules, ["aim-2018", "aim-2019", "aim-2020"]);
        service.stop().await;
    });
}

#[test]
fn a_value_changes_only_as_a_correction() {
    run(async {
        let mut service = start().await;
        let id = service.indicator(&[("2018-05-01", 130.0)]).await;
        let refused = refusal(service.client.record_reading(reading(&id, "2018-05-01", 131.0)).await);
        assert_eq!(refused, failed_precondition("READING_DIFFERS"));
        let correction = pb::RecordReadingRequest { correction: true, ..reading(&id, "2018-05-01", 131.0) };
        let answer = service.client.record_reading(correction.clone()).await.unwrap().into_inner();
        assert!(answer.indicator.unwrap().latest_reading.unwrap().corrected);
        service.settle(&answer.consistency_token).await;
        let listed = service.client.list_readings(readings(&id)).await.unwrap().into_inner().readings;
        assert_eq!(listed[0].reading.as_ref().unwrap().value, 131.0);
        let elsewhere = pb::RecordReadingRequest { correction: true, ..reading(&id, "2018-05-02", 1.0) };
        let refused = refusal(service.client.record_reading(elsewhere).await);
        assert_eq!(refused, failed_precondition("READING_UNKNOWN"));
        let unknown = refusal(service.client.record_reading(reading(&crate::support::id(), "2018-05-02", 1.0)).await);
        assert_eq!(unknown, not_found("INDICATOR_UNKNOWN"));
        service.stop().await;
    });
}

#[test]
fn a_repeated_request_gets_the_first_answer() {
    run(async {
        let mut service = start().await;
        let id = service.indicator(&[]).await;
        let first = reading(&id, "2018-05-01", 130.0);
        let answered = service.client.record_reading(first.clone()).await.unwrap().into_inner();
        let later = service.client.record_reading(reading(&id, "2018-06-01", 140.0)).await.unwrap().into_inner();
        assert_eq!(later.indicator.unwrap().readings, 2);
        let head = service.log_head();
        let again = service.client.record_reading(first.clone()).await.unwrap().into_inner();
        assert_eq!(again, answered);
        let other = pb::RecordReadingRequest { value: 1.0, ..first };
        let refused = refusal(service.client.record_reading(other).await);
        assert_eq!(refused, (Code::AlreadyExists, "REQUEST_ID_REUSED".to_owned()));
        assert_eq!(service.log_head(), head);
        service.stop().await;
    });
}

#[test]
fn an_impact_logics_activities_begin_after_the_baselines() {
    run(async {
        let mut service = start().await;
        let id = service.indicator(&[]).await;
        let good = impact_logic(&[&id]);
        let answer = service.client.define_impact_logic(good.clone()).await.unwrap().into_inner();
        assert_eq!(answer.impact_logic, good.impact_logic);
        let mut early = impact_logic(&[&id]);
        early.impact_logic.as_mut().unwrap().activities[0].begins_on = "2017-12-01".into();
        let refused = refusal(service.client.define_impact_logic(early).await);
        assert_eq!(refused, failed_precondition("ACTIVITY_BEFORE_BASELINE"));
        let unknown = impact_logic(&[&crate::support::id()]);
        let refused = refusal(service.client.define_impact_logic(unknown).await);
        assert_eq!(refused, not_found("INDICATOR_UNKNOWN"));
        service.stop().await;
    });
}
