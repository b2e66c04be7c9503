use base64::Engine as _;
use base64::prelude::BASE64_URL_SAFE_NO_PAD;
use sha2::{Digest as _, Sha256};

use crate::errors::{Problem, Rule};

/// First byte of a token; another layout gets another number.
const VERSION: u8 = 1;
const QUERY_BYTES: usize = 8;
const MAX_TEXT: usize = 1_024;

/// The pages of one query. A token says where the next page begins, and fits no other query.
///
/// Tokens are opaque but not secret, and not signed: a cursor that comes back is checked like any other input.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Paging {
    query: [u8; QUERY_BYTES],
}

impl Paging {
    /// The pages of the query of `method` for these parameters: everything that decides what is listed and in which
    /// order, and neither page size nor consistency token.
    pub fn of(method: &str, parameters: &[&[u8]]) -> Self {
        let mut hash = Sha256::new();
        for part in std::iter::once(method.as_bytes()).chain(parameters.iter().copied()) {
            hash.update((part.len() as u64).to_be_bytes());
            hash.update(part);
        }
        let hash = hash.finalize();
        Self { query: std::array::from_fn(|index| hash[index]) }
    }

    /// The token of the page that begins at `cursor`.
    pub fn token(&self, cursor: &[u8]) -> String {
        BASE64_URL_SAFE_NO_PAD.encode([&[VERSION], self.query.as_slice(), cursor].concat())
    }

    /// Where the page of `token` begins; `None` for the first page, which has an empty token.
    pub fn cursor(&self, token: &str) -> Result<Option<Vec<u8>>, Problem> {
        if token.is_empty() {
            return Ok(None);
        }
        let unknown = || Problem::new("must be empty or a next_page_token as it was given");
        if token.len() > MAX_TEXT {
            return Err(unknown());
        }
        let bytes = BASE64_URL_SAFE_NO_PAD.decode(token).map_err(|_| unknown())?;
        match bytes.split_first() {
            Some((&VERSION, rest)) if rest.len() >= QUERY_BYTES => {
                let (query, cursor) = rest.split_at(QUERY_BYTES);
                match query == self.query {
                    true => Ok(Some(cursor.to_vec())),
                    false => Err(Rule::Token.says("is of another query: only page_size may change between pages")),
                }
            }
            _ => Err(unknown()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_leads_back_to_its_cursor() {
        let paging = Paging::of("/a.B/ListC", &[b"koeln", b"x"]);
        assert_eq!(paging.cursor(""), Ok(None));
        assert_eq!(paging.cursor(&paging.token(b"cursor")), Ok(Some(b"cursor".to_vec())));
        assert_eq!(paging.cursor(&paging.token(b"")), Ok(Some(vec![])));
    }

    #[test]
    fn a_token_of_another_query_is_refused() {
        let token = Paging::of("/a.B/ListC", &[b"koeln", b"x"]).token(b"cursor");
        for other in [
            Paging::of("/a.B/ListC", &[b"bonn", b"x"]),
            Paging::of("/a.B/ListC", &[b"koelnx", b""]),
            Paging::of("/a.B/ListD", &[b"koeln", b"x"]),
        ] {
            assert!(other.cursor(&token).is_err());
        }
    }

    #[test]
    fn what_is_no_token_is_refused() {
        let paging = Paging::of("/a.B/ListC", &[]);
        let mut other_version = BASE64_URL_SAFE_NO_PAD.decode(paging.token(b"cursor")).unwrap();
        other_version[0] = 2;
        for wrong in ["!", "AA", "AQ", &BASE64_URL_SAFE_NO_PAD.encode(other_version), &"A".repeat(2_000)] {
            assert!(paging.cursor(wrong).is_err(), "{wrong}");
        }
    }
}
