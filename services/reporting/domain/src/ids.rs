pub use allmende_kernel::InvalidUuid;
use allmende_kernel::uuid_id;

uuid_id! {
    /// Something that is measured again and again to see whether it changes.
    IndicatorId
}

uuid_id! {
    /// How resources are hoped to lead to effects.
    ImpactLogicId
}

uuid_id! {
    /// What is reported on again and again.
    ReportId
}

uuid_id! {
    /// A report at one moment.
    RunId
}

uuid_id! {
    /// A station of telemetry.
    StationId
}

uuid_id! {
    /// A procedure of participation.
    ProcedureId
}
