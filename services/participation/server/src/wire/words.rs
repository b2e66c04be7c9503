use allmende_kernel::Level;
use allmende_participation_domain::contribution::{ErasureReason, Reason};
use allmende_participation_domain::project::Standing;
use allmende_participation_domain::{Channel, PhaseKind};
use allmende_proto::participation::events::v1 as stored;
use allmende_proto::participation::v1 as pb;

/// A word of the domain that is an enum of protobuf `M` with the same members, and one for "not said" beside them.
pub(crate) trait Word<M>: Sized {
    /// The enum's member.
    fn message(self) -> M;

    /// The word of a number; `None` for "not said" and for what this version does not know.
    fn of(number: i32) -> Option<Self>;
}

macro_rules! words {
    ($($domain:ty => $($message:ty),+ { $($word:ident),+ })+) => {
        $(words!(@each $domain, [$($message),+], [$($word),+]);)+
    };
    (@each $domain:ty, [$($message:ty),+], $words:tt) => {
        $(words!(@one $domain, $message, $words);)+
    };
    (@one $domain:ty, $message:ty, [$($word:ident),+]) => {
        impl Word<$message> for $domain {
            fn message(self) -> $message {
                match self {
                    $(<$domain>::$word => <$message>::$word,)+
                }
            }

            fn of(number: i32) -> Option<Self> {
                match <$message>::try_from(number) {
                    $(Ok(<$message>::$word) => Some(<$domain>::$word),)+
                    Ok(<$message>::Unspecified) | Err(_) => None,
                }
            }
        }
    };
}

words! {
    Level => stored::SignInLevel, pb::SignInLevel { None, Email, Substantial, High }
    PhaseKind => stored::PhaseKind, pb::PhaseKind {
        Information, Submission, Consultation, Support, Evaluation, Implementation
    }
    Channel => stored::Channel, pb::Channel { Web, App, Letter, Postcard, Event, Phone }
    Reason => stored::ModerationReason, pb::ModerationReason {
        OffTopic, Insult, Discrimination, PersonalData, Advertising, Unlawful, Duplicate, Other
    }
    Standing => stored::ProjectState, pb::ProjectState { Planned, InProgress, Done, Stopped }
    ErasureReason => stored::ErasureReason { Request, Retention, Order }
}
