pub use allmende_kernel::InvalidUuid;
use allmende_kernel::uuid_id;

uuid_id! {
    /// A dataset. One that the platform fills by itself has an id that follows from its source.
    DatasetId
}
