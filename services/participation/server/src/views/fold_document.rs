use allmende_proto::participation::events::v1 as stored;
use allmende_views::{ViewError, WriteSet};

use super::fold::{Place, get, put};
use super::keys::{DOCUMENTS, DOCUMENTS_OF, Key, SECTIONS, VERSIONS};
use super::rows::{DocumentRow, SectionRow, VersionRow};
use crate::wire::event_type;

pub(super) fn document(tables: &mut WriteSet<'_>, at: Place<'_>) -> Result<(), ViewError> {
    let mut row = get::<DocumentRow>(tables, DOCUMENTS, &at.key())?.unwrap_or_default();
    if at.is(event_type!("DraftPublished")) {
        let stored::DraftPublished { procedure_id, title, sections, at_us } = at.stored()?;
        let of = Key::of(at.tenant).id(&procedure_id).moment(at_us).id(at.id);
        tables.put(DOCUMENTS_OF, of.as_bytes(), b"");
        row = DocumentRow { procedure_id, title, latest_version: 1, consultation: None };
        version(tables, &at, 1, sections, at_us);
    } else if at.is(event_type!("ConsultationOpened")) {
        let opened: stored::ConsultationOpened = at.stored()?;
        row.consultation = opened.days;
    } else if at.is(event_type!("RevisionPublished")) {
        let revision: stored::RevisionPublished = at.stored()?;
        row.latest_version = revision.version;
        version(tables, &at, revision.version, revision.sections, revision.at_us);
    } else {
        return Err(at.unreadable());
    }
    put(tables, DOCUMENTS, &at.key(), &row);
    Ok(())
}

fn version(
    tables: &mut WriteSet<'_>,
    at: &Place<'_>,
    number: u32,
    sections: Vec<stored::Section>,
    published_at_us: i64,
) {
    for section in &sections {
        let row = SectionRow { heading: section.heading.clone(), version: number };
        put(tables, SECTIONS, &at.key().name(&section.section_id), &row);
    }
    put(tables, VERSIONS, &at.key().number(number), &VersionRow { sections, published_at_us });
}
