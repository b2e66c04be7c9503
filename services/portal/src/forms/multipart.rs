//! `multipart/form-data` (RFC 7578), which browsers send files in. The body is in memory and bounded before it comes here.

use axum::body::Bytes;

type Fields = Vec<(String, String)>;
type Files = Vec<(String, Bytes)>;

/// The most parts that a form has.
const MAX_PARTS: usize = 200;

/// The boundary of a body of this content type; absent for other types.
pub(super) fn boundary(content_type: &str) -> Option<String> {
    let (kind, parameters) = content_type.split_once(';')?;
    if !kind.trim().eq_ignore_ascii_case("multipart/form-data") {
        return None;
    }
    let value = parameters.split(';').find_map(|parameter| parameter.trim().strip_prefix("boundary="))?;
    let value = value.trim_matches('"');
    (!value.is_empty() && value.len() <= 70).then(|| value.to_owned())
}

/// Fields and files of a body; absent if it is not what its boundary promises.
pub(super) fn parse(body: &Bytes, boundary: &str) -> Option<(Fields, Files)> {
    let (mut fields, mut files) = (Fields::new(), Files::new());
    let delimiter = format!("\r\n--{boundary}").into_bytes();
    let mut at = delimiter.len() - 2;
    if !body.starts_with(&delimiter[2..]) {
        return None;
    }
    for _ in 0..MAX_PARTS {
        if body[at..].starts_with(b"--") {
            return Some((fields, files));
        }
        let head = at + find(&body[at..], b"\r\n")? + 2;
        let content = head + find(&body[head..], b"\r\n\r\n")? + 4;
        let end = content + find(&body[content.checked_sub(2)?..], &delimiter)?.checked_sub(2)?;
        let headers = std::str::from_utf8(&body[head..content - 4]).ok()?;
        let name = parameter(headers, "name")?;
        if headers.contains("filename") {
            files.push((name, body.slice(content..end)));
        } else {
            fields.push((name, String::from_utf8(body[content..end].to_vec()).ok()?));
        }
        at = end + delimiter.len();
    }
    None
}

fn parameter(headers: &str, name: &str) -> Option<String> {
    let line = headers.lines().find(|line| line.to_ascii_lowercase().starts_with("content-disposition:"))?;
    let start = format!("{name}=\"");
    let value = line.split(';').find_map(|part| part.trim().strip_prefix(start.as_str()))?;
    value.split('"').next().map(str::to_owned)
}

fn find(within: &[u8], what: &[u8]) -> Option<usize> {
    within.windows(what.len()).position(|window| window == what)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn body(text: &str) -> Bytes {
        Bytes::from(text.replace('\n', "\r\n"))
    }

    #[test]
    fn fields_and_files_are_told_apart() {
        let text = "--B\nContent-Disposition: form-data; name=\"a\"\n\nä b\n--B\nContent-Disposition: form-data; name=\"f\"; filename=\"x.md\"\nContent-Type: text/markdown\n\n# T\n\nx\n--B--\n";
        let (fields, files) = parse(&body(text), "B").unwrap();
        assert_eq!(fields, [("a".to_owned(), "ä b".to_owned())]);
        assert_eq!(files, [("f".to_owned(), body("# T\n\nx"))]);
    }

    #[test]
    fn an_empty_part_is_empty() {
        let text = "--B\nContent-Disposition: form-data; name=\"a\"\n\n\n--B--";
        assert_eq!(parse(&body(text), "B").unwrap().0, [("a".to_owned(), String::new())]);
    }

    #[test]
    fn what_is_cut_or_foreign_is_refused() {
        for text in ["", "--B", "--B\n", "--B\nContent-Disposition: form-data; name=\"a\"\n\nx", "--C\n\n\n--C--"] {
            assert!(parse(&body(text), "B").is_none(), "{text:?}");
        }
        assert_eq!(boundary("multipart/form-data; boundary=\"x y\""), Some("x y".to_owned()));
        assert_eq!(boundary("application/x-www-form-urlencoded"), None);
    }
}
