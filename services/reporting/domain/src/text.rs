/// The most characters of a text.
pub const MAX_TEXT: usize = 500;

/// Why a text is not taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum InvalidText {
    /// Nothing, or too much.
    #[error("must have 1 to {MAX_TEXT} characters, not only spaces")]
    Length,
    /// Something that is not printed.
    #[error("must not hold control characters")]
    Control,
}

/// An official text for people: German first; where there is no English one, the German one stands for it.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Text {
    de: String,
    en: Option<String>,
}

impl Text {
    /// Checks and takes the German text and, if it is not empty, the English one.
    pub fn new(de: impl Into<String>, en: impl Into<String>) -> Result<Self, InvalidText> {
        let (de, en) = (de.into(), en.into());
        checked(&de)?;
        if !en.is_empty() {
            checked(&en)?;
        }
        Ok(Self { de, en: (!en.is_empty()).then_some(en) })
    }

    /// A text that is the same in every language, such as a unit or a title; cut to what a text may have.
    pub fn plain(text: &str) -> Self {
        let de: String = text.chars().filter(|c| !c.is_control()).take(MAX_TEXT).collect();
        Self { de, en: None }
    }

    /// In German.
    pub fn de(&self) -> &str {
        &self.de
    }

    /// In English, if somebody wrote it in English.
    pub fn en(&self) -> Option<&str> {
        self.en.as_deref()
    }
}

fn checked(text: &str) -> Result<(), InvalidText> {
    if text.trim().is_empty() || text.chars().count() > MAX_TEXT {
        return Err(InvalidText::Length);
    }
    if text.chars().any(char::is_control) {
        return Err(InvalidText::Control);
    }
    Ok(())
}
