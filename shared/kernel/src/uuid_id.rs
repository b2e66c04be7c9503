/// A text that is not a UUID.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("must be a UUID")]
pub struct InvalidUuid;

/// Defines an id of its own type for each kind of thing, over a UUID that a client minted or that was derived.
///
/// ```
/// allmende_kernel::uuid_id! {
///     /// A place where people meet.
///     PlaceId
/// }
/// let id = PlaceId::parse("42198540-302b-8e58-b3d2-d41a8c8db323").unwrap();
/// assert_eq!(id.to_string(), "42198540-302b-8e58-b3d2-d41a8c8db323");
/// ```
#[macro_export]
macro_rules! uuid_id {
    ($($(#[$doc:meta])* $name:ident);+ $(;)?) => {$(
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name($crate::Uuid);

        impl $name {
            /// Takes the UUID.
            pub const fn new(uuid: $crate::Uuid) -> Self {
                Self(uuid)
            }

            /// Parses the hyphenated or simple text form.
            pub fn parse(text: &str) -> ::std::result::Result<Self, $crate::InvalidUuid> {
                $crate::Uuid::try_parse(text).map(Self).map_err(|_| $crate::InvalidUuid)
            }

            /// Takes the sixteen bytes of a stored id.
            pub const fn from_bytes(bytes: [u8; 16]) -> Self {
                Self($crate::Uuid::from_bytes(bytes))
            }

            /// The id's bytes.
            pub const fn as_bytes(&self) -> &[u8; 16] {
                self.0.as_bytes()
            }

            /// The id as a UUID.
            pub const fn as_uuid(&self) -> $crate::Uuid {
                self.0
            }
        }

        impl ::std::convert::From<$crate::Uuid> for $name {
            fn from(uuid: $crate::Uuid) -> Self {
                Self(uuid)
            }
        }

        impl ::std::fmt::Display for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::fmt::Display::fmt(&self.0.hyphenated(), f)
            }
        }

        impl ::std::fmt::Debug for $name {
            fn fmt(&self, f: &mut ::std::fmt::Formatter<'_>) -> ::std::fmt::Result {
                ::std::write!(f, "{}({})", ::std::stringify!($name), self.0)
            }
        }
    )+};
}
