use allmende_opendata_domain::{Description, Frequency, Text, Theme, Wording};
use allmende_proto::opendata::events::v1 as stored;

use super::Malformed;

pub(super) fn text_message(text: &Text) -> stored::Text {
    stored::Text { de: text.de.clone(), en: text.en.clone() }
}

/// Stored words; none are empty.
pub(crate) fn text_of(message: Option<stored::Text>) -> Text {
    let stored::Text { de, en } = message.unwrap_or_default();
    Text { de, en }
}

pub(super) fn description_message(description: &Description) -> stored::Description {
    let wording = description.wording();
    stored::Description {
        title: Some(text_message(&wording.title)),
        description: Some(text_message(&wording.description)),
        themes: wording.themes.iter().map(|theme| theme.code().to_owned()).collect(),
        keywords: wording.keywords.clone(),
        frequency: wording.frequency.map(|frequency| frequency.code().to_owned()).unwrap_or_default(),
        first_day: wording.days.0.clone(),
        last_day: wording.days.1.clone(),
    }
}

/// A stored description.
pub(crate) fn description_of(message: Option<stored::Description>) -> Result<Description, Malformed> {
    let message = message.ok_or(Malformed)?;
    let themes = message.themes.iter().map(|code| Theme::from_code(code).ok_or(Malformed));
    let frequency = match message.frequency.as_str() {
        "" => None,
        code => Some(Frequency::from_code(code).ok_or(Malformed)?),
    };
    let wording = Wording {
        title: text_of(message.title),
        description: text_of(message.description),
        themes: themes.collect::<Result<_, _>>()?,
        keywords: message.keywords,
        frequency,
        days: (message.first_day, message.last_day),
    };
    Description::new(wording).map_err(|_| Malformed)
}
