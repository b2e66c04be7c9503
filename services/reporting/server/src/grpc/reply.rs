//! What the use cases tell, as messages.

use allmende_proto::reporting::v1 as pb;
use sha2::{Digest as _, Sha256};

use crate::app::Rendered;
use crate::describe;
use crate::views::JudgedReading;

pub(super) fn judged(JudgedReading { reading, rule }: JudgedReading) -> pb::JudgedReading {
    pb::JudgedReading {
        kept: rule.as_ref().map(|rule| rule.is_kept_by(reading.value)),
        rule: rule.as_ref().map(describe::rule),
        reading: Some(reading),
    }
}

pub(super) fn rendered(rendered: Rendered, consistency_token: String) -> pb::RenderReportResponse {
    pb::RenderReportResponse {
        sha256: Sha256::digest(&rendered.content).to_vec(),
        content: rendered.content.into(),
        content_type: rendered.content_type.to_owned(),
        file_name: rendered.file_name,
        content_security_policy: rendered.content_security_policy,
        consistency_token,
    }
}
