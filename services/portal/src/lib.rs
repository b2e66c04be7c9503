//! The portal: pages for citizens and for staff. A client of the gRPC services like any other; it keeps nothing.
//!
//! # Promises
//!
//! - Every page works without scripts, with a keyboard and a screen reader, in German and in English, at 320 pixels.
//! - Whoever reads a page is who the services say: it shows what its reader's own token may read, and nothing else.
//! - A form that is sent twice is one request: its id is minted here when the form is made.
//! - What was typed is not lost when the session has ended meanwhile: it goes through the sign-in in the pages, and comes
//!   back in its form.
//! - No list to choose from ends silently: it goes on page by page, or says that it is longer.
//! - A form of another site does nothing: each carries a token bound to the browser's visit, and the Origin must fit.
//! - What people wrote is text. It is never markup, and its control characters are not passed on.
//! - A change is seen by who made it: the page after it waits for the position that the change was answered with.
//!
//! # What a browser keeps
//!
//! All cookies are HttpOnly and SameSite=Lax: the access token (for [`allmende_runtime::authorize::Guard`] too), the
//! refresh token that continues it, a random number that forms are bound to, the language, and for a minute the
//! position of the last change. Nothing is kept on the server.
//!
//! # Rules
//!
//! Every route is a visitor's in [`AUTHORIZATION`]: a page asks the services with its reader's token, and their rules
//! decide. What the administration offers to whom follows their tables; a test holds it against them.

mod api;
mod assets;
mod authorization;
mod config;
mod failure;
mod forms;
mod markdown;
mod pages;
mod routes;
mod view;
mod visit;
mod words;

pub use authorization::AUTHORIZATION;
pub use config::{Config, FormKey};
pub use routes::{not_found, router, routes};
