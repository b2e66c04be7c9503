//! What is read: one view of the partition, its tables, and the questions they answer.
//!
//! Rows hold stored events, sealed as they are: boxes are opened when an answer is made, and not before.

mod fold;
mod keys;
mod lists;
mod query;
mod standing;

pub(crate) use fold::GatewayView;
pub(crate) use lists::{ErasureRow, FeedbackRow, GrantRow, MailRow, Page, TenantRow};
pub(crate) use query::{Due, Reader};
pub(crate) use standing::Standing;
