use std::borrow::Cow;

/// What a field is called in a form.
pub(crate) type Name = Cow<'static, str>;

/// How a field is entered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Kind {
    /// One line; the `type` of the input.
    Line(&'static str),
    /// Several lines.
    Area(u8),
    /// One of some: value and label.
    Select(Vec<(String, String)>),
    /// Any of some: value and label.
    Boxes(Vec<(String, String)>),
    /// Yes or no.
    Tick,
    /// A file of these types.
    File(&'static str),
}

/// A field of a form, named as in the request that is made of it, so that a violation is shown where it belongs.
#[derive(Debug, Clone)]
pub(crate) struct Field {
    pub(crate) name: Name,
    pub(crate) label: String,
    pub(crate) hint: String,
    pub(crate) kind: Kind,
    pub(crate) value: String,
    /// The boxes that are ticked.
    pub(crate) ticked: Vec<String>,
    /// Where each box's thing can be looked at; empty if nowhere.
    pub(crate) hrefs: Vec<String>,
    pub(crate) is_required: bool,
    pub(crate) error: String,
    pub(crate) autocomplete: &'static str,
    pub(crate) max: u32,
}

impl Field {
    fn new(name: impl Into<Name>, label: impl Into<String>, kind: Kind) -> Self {
        Self {
            name: name.into(),
            label: label.into(),
            hint: String::new(),
            kind,
            value: String::new(),
            ticked: Vec::new(),
            hrefs: Vec::new(),
            is_required: true,
            error: String::new(),
            autocomplete: "",
            max: 0,
        }
    }

    pub(crate) fn line(name: impl Into<Name>, label: impl Into<String>, max: u32) -> Self {
        Self { max, ..Self::new(name, label, Kind::Line("text")) }
    }

    pub(crate) fn email(name: impl Into<Name>, label: impl Into<String>) -> Self {
        Self { max: 254, autocomplete: "email", ..Self::new(name, label, Kind::Line("email")) }
    }

    /// `autocomplete` tells a new password from the one that is there.
    pub(crate) fn password(name: impl Into<Name>, label: impl Into<String>, autocomplete: &'static str) -> Self {
        Self { max: 256, autocomplete, ..Self::new(name, label, Kind::Line("password")) }
    }

    pub(crate) fn day(name: impl Into<Name>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Line("date"))
    }

    /// A day and a time of it, on clocks in Germany.
    pub(crate) fn moment(name: impl Into<Name>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Line("datetime-local"))
    }

    pub(crate) fn area(name: impl Into<Name>, label: impl Into<String>, rows: u8, max: u32) -> Self {
        Self { max, ..Self::new(name, label, Kind::Area(rows)) }
    }

    pub(crate) fn select(name: impl Into<Name>, label: impl Into<String>, options: Vec<(String, String)>) -> Self {
        Self::new(name, label, Kind::Select(options))
    }

    pub(crate) fn boxes(name: impl Into<Name>, label: impl Into<String>, options: Vec<(String, String)>) -> Self {
        Self::new(name, label, Kind::Boxes(options))
    }

    pub(crate) fn tick(name: impl Into<Name>, label: impl Into<String>) -> Self {
        Self::new(name, label, Kind::Tick)
    }

    pub(crate) fn file(name: impl Into<Name>, label: impl Into<String>, accept: &'static str) -> Self {
        Self::new(name, label, Kind::File(accept))
    }

    pub(crate) fn optional(self) -> Self {
        Self { is_required: false, ..self }
    }

    pub(crate) fn hint(self, hint: impl Into<String>) -> Self {
        Self { hint: hint.into(), ..self }
    }

    pub(crate) fn value(self, value: impl Into<String>) -> Self {
        Self { value: value.into(), ..self }
    }

    /// With these boxes ticked.
    pub(crate) fn ticked(self, ticked: Vec<String>) -> Self {
        Self { ticked, ..self }
    }

    /// With the way to each box's thing.
    pub(crate) fn leading(self, hrefs: Vec<String>) -> Self {
        Self { hrefs, ..self }
    }

    /// Where the thing of a box is, counted from 0.
    pub(crate) fn href(&self, place: usize) -> &str {
        self.hrefs.get(place).map_or("", String::as_str)
    }

    /// With a tick, or without.
    pub(crate) fn tick_if(self, is_ticked: bool) -> Self {
        Self { value: if is_ticked { "1".to_owned() } else { String::new() }, ..self }
    }

    /// Whether what was entered is shown again when the form is.
    pub(super) fn is_shown_again(&self) -> bool {
        !matches!(self.kind, Kind::Line("password") | Kind::File(_))
    }

    /// Its hint stands above the boxes: below them it would be read when all is chosen.
    pub(crate) fn is_boxes(&self) -> bool {
        matches!(self.kind, Kind::Boxes(_))
    }

    pub(crate) fn is_file(&self) -> bool {
        matches!(self.kind, Kind::File(_))
    }
}
