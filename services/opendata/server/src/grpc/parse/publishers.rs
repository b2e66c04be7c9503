use allmende_kernel::RequestId;
use allmende_opendata_domain::LicenceTerms;
use allmende_opendata_domain::publisher::{Kind, Publisher};
use allmende_proto::opendata::v1 as pb;
use allmende_runtime::errors::{Problem, Rule, Violations};
use allmende_runtime::fields;
use tonic::Status;
use uuid::Uuid;

use super::words::{line, terms};

const MAX_NAME: usize = 200;
const MAX_IRI: usize = 500;

pub(crate) fn describe_publisher(message: &pb::DescribePublisherRequest) -> Result<(RequestId, Publisher), Status> {
    let mut violations = Violations::default();
    let id = violations.check("request_id", fields::request_id(&message.request_id));
    let Some(publisher) = &message.publisher else {
        violations.add("publisher", "must be set");
        return violations.finish(|| None);
    };
    let name = violations.check("publisher.name", line(publisher.name.as_ref(), 1..=MAX_NAME));
    let kind = Kind::from_code(&publisher.r#type).ok_or_else(|| {
        let codes: Vec<&str> = Kind::ALL.into_iter().map(Kind::code).collect();
        Rule::Value.says(format!("must be one of {}", codes.join(", ")))
    });
    let kind = violations.check("publisher.type", kind);
    let contact_name = violations.check("publisher.contact_name", fields::line(&publisher.contact_name, 1..=MAX_NAME));
    violations.check("publisher.contact_email", email(&publisher.contact_email));
    violations.check("publisher.homepage", iri(&publisher.homepage, &["https://", "http://"]));
    let contributors = &["http://dcat-ap.de/def/contributors/"];
    violations.check("publisher.contributor_id", iri(&publisher.contributor_id, contributors));
    let places = &["http://", "https://"];
    violations.check("publisher.place", iri(&publisher.place, places));
    violations.finish(|| {
        let publisher = Publisher {
            name: name?,
            kind: kind?,
            homepage: publisher.homepage.clone(),
            contact_name: contact_name?,
            contact_email: publisher.contact_email.clone(),
            contributor_id: publisher.contributor_id.clone(),
            place: publisher.place.clone(),
        };
        Some((id?, publisher))
    })
}

/// An address of the usual form: what is given to the public is checked for shape alone.
fn email(text: &str) -> Result<(), Problem> {
    let letters = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_alphanumeric() || b".-_+".contains(&byte))
    };
    let sound = text.len() <= 200 && text.split_once('@').is_some_and(|(local, host)| letters(local) && letters(host));
    if sound { Ok(()) } else { Err(Rule::Email.says("must be an e-mail address like offenedaten@example.org")) }
}

/// Empty, or an IRI that begins in one of these ways.
fn iri(text: &str, beginnings: &[&str]) -> Result<(), Problem> {
    let begins = beginnings.iter().any(|beginning| text.len() > beginning.len() && text.starts_with(beginning));
    let sound = text.is_empty() || (text.len() <= MAX_IRI && begins && oxrdf::NamedNode::new(text).is_ok());
    match sound {
        true => Ok(()),
        false => Err(Problem::new(format!("must be empty or an IRI that begins with {}", beginnings.join(" or ")))),
    }
}

pub(crate) fn declare_source_licence(
    message: &pb::DeclareSourceLicenceRequest,
) -> Result<(RequestId, Uuid, LicenceTerms), Status> {
    let mut violations = Violations::default();
    let id = violations.check("request_id", fields::request_id(&message.request_id));
    let station = violations.check("station_id", fields::uuid(&message.station_id));
    let terms = terms(&mut violations, "terms", message.terms.as_ref());
    violations.finish(|| Some((id?, station?, terms?)))
}
