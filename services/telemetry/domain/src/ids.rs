pub use allmende_kernel::InvalidUuid;
use allmende_kernel::uuid_id;

uuid_id! {
    /// A station: a Thing in SensorThings.
    StationId
}

uuid_id! {
    /// A sensor of a station.
    SensorId
}

uuid_id! {
    /// What one sensor measures of one property.
    DatastreamId
}
