//! What participation stores, its texts sealed as it seals them.

use allmende_kernel::{Position, TenantId};
use allmende_keyring::{KeyId, Keyring as _};
use allmende_proto::participation::events::v1 as stored;
use prost::Message as _;
use uuid::Uuid;

use super::{NOW, TENANT, World, append, event};

pub(crate) const LICENCE: &str = "dl-de/by-2-0";

fn id(number: u128) -> Uuid {
    Uuid::from_u128(0x0199_0000_0000_7000_8000_0000_0000_0000 + number)
}

fn procedure() -> Uuid {
    id(1)
}

fn document() -> Uuid {
    id(2)
}

fn contribution(number: u128) -> Uuid {
    id(100 + number)
}

impl World {
    pub(crate) async fn open_procedure(&self, licence: &str) {
        let opened = stored::ProcedureOpened {
            title: "Handbuch".into(),
            licence: licence.into(),
            at_us: NOW.as_micros(),
            ..Default::default()
        };
        let opened = event("allmende.participation.events.v1.ProcedureOpened", &opened);
        append(&self.participation, &format!("{TENANT}/procedure/{}", procedure()), vec![opened]).await;
        let draft = stored::DraftPublished {
            procedure_id: procedure().as_bytes().to_vec().into(),
            title: "Kapitel 1".into(),
            sections: vec![stored::Section {
                section_id: "einleitung".into(),
                heading: "Einleitung".into(),
                level: 1,
                text: "Worum es geht".into(),
            }],
            at_us: NOW.as_micros(),
        };
        let draft = event("allmende.participation.events.v1.DraftPublished", &draft);
        append(&self.participation, &format!("{TENANT}/document/{}", document()), vec![draft]).await;
    }

    async fn sealed(&self, id: Uuid, part: &str, body: &str) -> Vec<u8> {
        let tenant = TenantId::parse(TENANT).unwrap();
        let key = self.keyring.ensure(&tenant, KeyId::contribution(id)).await.unwrap();
        let text = stored::ContributionText { title: "Titel".into(), body: body.into(), proposed_text: String::new() };
        key.seal(&format!("contribution/{id}/{part}"), &text.encode_to_vec()).unwrap().as_bytes().to_vec()
    }

    /// 51.336 N, 12.609 E.
    async fn place(&self, id: Uuid) -> Vec<u8> {
        let tenant = TenantId::parse(TENANT).unwrap();
        let key = self.keyring.ensure(&tenant, KeyId::contribution(id)).await.unwrap();
        let place = stored::CoarsePoint { latitude_milli: 51_336, longitude_milli: 12_609 };
        key.seal(&format!("contribution/{id}/place"), &place.encode_to_vec()).unwrap().as_bytes().to_vec()
    }

    /// A comment on the document; not published yet.
    pub(crate) async fn comment(&self, number: u128, body: &str, licence: &str) -> Position {
        let id = contribution(number);
        let submitted = stored::ContributionSubmitted {
            procedure_id: procedure().as_bytes().to_vec().into(),
            kind: stored::ContributionKind::Comment.into(),
            document_id: document().as_bytes().to_vec().into(),
            section_id: "einleitung".into(),
            version: 1,
            channel: stored::Channel::Web.into(),
            author: vec![7; 16].into(),
            at_us: NOW.as_micros(),
            text_sealed: self.sealed(id, "text", body).await.into(),
            licence: licence.into(),
            place_sealed: self.place(id).await.into(),
            ..Default::default()
        };
        self.happens(number, event("allmende.participation.events.v1.ContributionSubmitted", &submitted)).await
    }

    async fn happens(&self, number: u128, event: allmende_eventlog::NewEvent) -> Position {
        append(&self.participation, &format!("{TENANT}/contribution/{}", contribution(number)), vec![event]).await
    }

    pub(crate) async fn publish(&self, number: u128) -> Position {
        let published = stored::ContributionPublished { moderator: vec![8; 16].into(), at_us: NOW.as_micros() };
        self.happens(number, event("allmende.participation.events.v1.ContributionPublished", &published)).await
    }

    pub(crate) async fn answer(&self, number: u128, text: &str) -> Position {
        let (tenant, id) = (TenantId::parse(TENANT).unwrap(), contribution(number));
        let key = self.keyring.ensure(&tenant, KeyId::contribution(id)).await.unwrap();
        let sealed = key.seal(&format!("contribution/{id}/answer"), text.as_bytes()).unwrap();
        let text_sealed = sealed.as_bytes().to_vec().into();
        let answered = stored::ContributionAnswered { at_us: NOW.as_micros(), text_sealed, ..Default::default() };
        self.happens(number, event("allmende.participation.events.v1.ContributionAnswered", &answered)).await
    }

    pub(crate) async fn hide(&self, number: u128) -> Position {
        let hidden = stored::ContributionHidden { at_us: NOW.as_micros(), ..Default::default() };
        self.happens(number, event("allmende.participation.events.v1.ContributionHidden", &hidden)).await
    }

    pub(crate) async fn redact(&self, number: u128, body: &str) -> Position {
        let text_sealed = self.sealed(contribution(number), "redacted", body).await.into();
        let redacted = stored::ContributionRedacted { text_sealed, at_us: NOW.as_micros(), ..Default::default() };
        self.happens(number, event("allmende.participation.events.v1.ContributionRedacted", &redacted)).await
    }

    /// First the key, then the event, as participation does.
    pub(crate) async fn erase(&self, number: u128) -> Position {
        let tenant = TenantId::parse(TENANT).unwrap();
        self.keyring.erase(&tenant, KeyId::contribution(contribution(number))).await.unwrap();
        let erased = stored::ContributionErased { at_us: NOW.as_micros(), ..Default::default() };
        self.happens(number, event("allmende.participation.events.v1.ContributionErased", &erased)).await
    }
}
