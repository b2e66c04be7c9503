//! A made-up town, as its services would answer.

mod air;
mod changes;
mod datasets;
mod people;
mod procedures;
mod reports;
mod texts;
mod things;

use tonic::Status;

use crate::fake::{Calls, Fake};

pub(crate) const PROCEDURE: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a01";
pub(crate) const DOCUMENT: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a02";
pub(crate) const COMMENT: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a03";
pub(crate) const OWN: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a04";
pub(crate) const PROPOSAL: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a05";
pub(crate) const PROJECT: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a06";
pub(crate) const STATION: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a07";
pub(crate) const DATASET: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a08";
pub(crate) const REPORT: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a09";
pub(crate) const RUN: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a10";
pub(crate) const ERASURE: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a11";
pub(crate) const DRAFT_RUN: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a13";
pub(crate) const INDICATOR: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a14";
pub(crate) const MAIL: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a15";
pub(crate) const AMENDMENT: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a16";
pub(crate) const OBJECTED: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a17";
pub(crate) const REJECTED: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a18";
pub(crate) const FILLED: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a19";
pub(crate) const LATER_RUN: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a20";
pub(crate) const WHOLE_ERASURE: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a21";
const OTHER_SUBJECT: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1bcafe";
const SUBJECT: &str = "0198a3c2-7d1e-7b5a-9c43-2f6d8e1b0a12";

/// Tokens of those who may sign in.
pub(crate) const CITIZEN: &str = "citizen";
pub(crate) const STAFF: &str = "staff";

/// Written by somebody who means no good.
pub(crate) const HOSTILE: &str = "<script>alert(1)</script> \"><img src=x onerror=alert(1)> \u{202e}drehen\u{0} & mehr";

const NOON: i64 = 1_568_973_600_000_000;

fn signed_in(token: &str) -> Result<(), Status> {
    if token.is_empty() { Err(Status::unauthenticated("sign in")) } else { Ok(()) }
}

fn staff(token: &str) -> Result<(), Status> {
    if token == STAFF { Ok(()) } else { Err(Status::permission_denied("staff only")) }
}

/// The services of the town. What they are asked is kept in `calls`.
pub(crate) fn services(calls: Calls) -> Fake {
    let fake = people::serve(Fake::new(calls));
    let fake = texts::serve(procedures::serve(fake));
    changes::serve(reports::serve(datasets::serve(air::serve(fake))))
}
