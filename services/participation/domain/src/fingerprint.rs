use std::hash::{DefaultHasher, Hash, Hasher as _};

/// Tells in memory whether two contents are the same, so that a state need not keep the content. Never stored.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Fingerprint(u64);

impl Fingerprint {
    /// The fingerprint of something.
    pub fn of(content: &(impl Hash + ?Sized)) -> Self {
        let mut hasher = DefaultHasher::new();
        content.hash(&mut hasher);
        Self(hasher.finish())
    }
}
