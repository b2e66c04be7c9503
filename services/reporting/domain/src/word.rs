macro_rules! words {
    ($($(#[$doc:meta])* $word:ident = $key:literal,)*) => {
        /// A word of the reports' vocabulary. It is stored by its key and translated when a report is rendered, so that a
        /// run has no language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Word {
            $($(#[$doc])* $word,)*
        }

        impl Word {
            /// Every word.
            pub const ALL: &[Word] = &[$(Word::$word,)*];

            /// The key that it is stored by, for ever.
            pub const fn key(self) -> &'static str {
                match self {
                    $(Self::$word => $key,)*
                }
            }

            /// The word of a key.
            pub fn from_key(key: &str) -> Option<Self> {
                match key {
                    $($key => Some(Self::$word),)*
                    _ => None,
                }
            }
        }
    };
}

words! {
    /// Heading: what an overview tells.
    KeyFigure = "key-figure",
    /// Heading: how many.
    Number = "number",
    /// Procedures that are reported on.
    Procedures = "procedures",
    /// Procedures in which something is taken.
    ProceduresOpen = "procedures-open",
    /// Contributions that came in.
    ContributionsReceived = "contributions-received",
    /// Public contributions that were answered.
    ResponsesGiven = "responses-given",
    /// Public contributions that were not answered yet.
    ResponsesOpen = "responses-open",
    /// Stations that are reported on.
    Stations = "stations",
    /// Heading: where it was measured.
    Station = "station",
    /// Heading: what was measured.
    Pollutant = "pollutant",
    /// Particulate matter up to 10 µm.
    Pm10 = "pm10",
    /// Particulate matter up to 2.5 µm.
    Pm25 = "pm25",
    /// Nitrogen dioxide.
    No2 = "no2",
    /// Heading: what the mean is taken over.
    AveragingTime = "averaging-time",
    /// An hour.
    Hour = "hour",
    /// An air-quality day.
    Day = "day",
    /// A calendar year.
    Year = "year",
    /// Heading: the value that is not to be exceeded.
    LimitValue = "limit-value",
    /// Heading: how often it may be.
    AllowedExceedances = "allowed-exceedances",
    /// Heading: how often it was.
    Exceedances = "exceedances",
    /// Heading: periods with enough readings.
    ValidPeriods = "valid-periods",
    /// Heading: how many of them a year needs.
    RequiredPeriods = "required-periods",
    /// Heading: the year's mean.
    YearlyMean = "yearly-mean",
    /// Heading: what follows.
    Verdict = "verdict",
    /// The limit was kept.
    VerdictKept = "verdict-kept",
    /// The limit was exceeded.
    VerdictExceeded = "verdict-exceeded",
    /// Kept, by a sensor from which nothing legal follows.
    VerdictKeptIndicative = "verdict-kept-indicative",
    /// Exceeded, by a sensor from which nothing legal follows.
    VerdictExceededIndicative = "verdict-exceeded-indicative",
    /// Too little was observed to say.
    VerdictInsufficientData = "verdict-insufficient-data",
    /// Heading: which procedure.
    Procedure = "procedure",
    /// Heading: how it stands.
    State = "state",
    /// Something is taken.
    ProcedureOpen = "procedure-open",
    /// It goes on, and nothing is taken at present.
    ProcedureOngoing = "procedure-ongoing",
    /// It has ended.
    ProcedureClosed = "procedure-closed",
    /// Heading: its first day.
    FirstDay = "first-day",
    /// Heading: its last day.
    LastDay = "last-day",
    /// The portal.
    ChannelWeb = "channel-web",
    /// An app.
    ChannelApp = "channel-app",
    /// Letters.
    ChannelLetter = "channel-letter",
    /// Postcards.
    ChannelPostcard = "channel-postcard",
    /// Events.
    ChannelEvent = "channel-event",
    /// Calls.
    ChannelPhone = "channel-phone",
    /// A sum.
    Total = "total",
    /// Public and answered.
    Answered = "answered",
    /// Public and not answered yet.
    Unanswered = "unanswered",
    /// Waits for moderation, or was rejected, hidden or withdrawn.
    NotPublic = "not-public",
    /// Heading: which indicator.
    Indicator = "indicator",
    /// Heading: its unit.
    Unit = "unit",
    /// Heading: its value before anything was done.
    BaselineValue = "baseline-value",
    /// Heading: when that was measured.
    BaselineOn = "baseline-on",
    /// Heading: its latest value in the time that is reported on.
    LatestValue = "latest-value",
    /// Heading: when that was measured.
    LatestOn = "latest-on",
    /// Heading: what the rule in force on that day asks for.
    RuleValue = "rule-value",
    /// Heading: what the rule asks.
    RuleAsks = "rule-asks",
    /// Not above.
    AtMost = "at-most",
    /// Not below.
    AtLeast = "at-least",
    /// Heading: whether it is so.
    Judgement = "judgement",
    /// It is so.
    RuleKept = "rule-kept",
    /// It is not so.
    RuleMissed = "rule-missed",
    /// Heading: when it was measured.
    MeasuredOn = "measured-on",
    /// Heading: what was measured.
    MeasuredValue = "measured-value",
}
