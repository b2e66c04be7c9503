use allmende_runtime::authorize::Role::{DataSteward, DeviceOwner, Integrator, PlatformOperator, TenantAdministrator};
use allmende_runtime::authorize::{Entry, Rule};

const EQUIP: Rule = Rule::AnyOf(&[DeviceOwner, DataSteward, TenantAdministrator, PlatformOperator]);
const RECORD: Rule = Rule::AnyOf(&[DeviceOwner, Integrator, DataSteward, PlatformOperator]);
const DERIVE: Rule = Rule::AnyOf(&[DeviceOwner, Integrator, DataSteward, TenantAdministrator, PlatformOperator]);
const JUDGE: Rule = Rule::AnyOf(&[DataSteward, TenantAdministrator, PlatformOperator]);

/// Also what a batch of a stream counts as: sent again either way, it is the same request.
pub(crate) const RECORD_OBSERVATIONS: &str = "/allmende.telemetry.v1.TelemetryService/RecordObservations";

/// Who may call each rpc, for [`allmende_runtime::authorize::Table`]. What is measured is public.
pub const AUTHORIZATION: &[Entry] = &[
    ("/allmende.telemetry.v1.TelemetryService/DeriveIds", DERIVE),
    ("/allmende.telemetry.v1.TelemetryService/RegisterStation", EQUIP),
    ("/allmende.telemetry.v1.TelemetryService/RelocateStation", EQUIP),
    ("/allmende.telemetry.v1.TelemetryService/RetireStation", EQUIP),
    ("/allmende.telemetry.v1.TelemetryService/RegisterSensor", EQUIP),
    (RECORD_OBSERVATIONS, RECORD),
    ("/allmende.telemetry.v1.TelemetryService/StreamObservations", RECORD),
    ("/allmende.telemetry.v1.TelemetryService/DeliverObservations", RECORD),
    ("/allmende.telemetry.v1.TelemetryService/FlagObservations", JUDGE),
    ("/allmende.telemetry.v1.TelemetryService/ListStations", Rule::Visitor),
    ("/allmende.telemetry.v1.TelemetryService/GetStation", Rule::Visitor),
    ("/allmende.telemetry.v1.TelemetryService/GetLatest", Rule::Visitor),
    ("/allmende.telemetry.v1.TelemetryService/ListObservations", Rule::Visitor),
    ("/allmende.telemetry.v1.TelemetryService/ListMeans", Rule::Visitor),
    ("/allmende.telemetry.v1.TelemetryService/ListConflicts", Rule::Visitor),
    ("/allmende.telemetry.v1.TelemetryService/CheckLimits", Rule::Visitor),
];

#[cfg(test)]
mod tests {
    use allmende_runtime::authorize::{Table, assert_covers_packages};

    #[test]
    fn every_rpc_has_a_rule() {
        let packages = &["allmende.telemetry.v1"];
        assert_covers_packages(&Table::new(&[super::AUTHORIZATION]), allmende_proto::FILE_DESCRIPTOR_SET, packages);
    }
}
