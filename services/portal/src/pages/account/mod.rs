//! A person's account: signing in and out, what they wrote, and being forgotten.

pub(crate) mod erasure;
pub(crate) mod methods;
pub(crate) mod own;
pub(crate) mod password;
pub(crate) mod provider;
pub(crate) mod register;
pub(crate) mod sign_in;
