//! A form as a browser would send it: what the page holds, and what is entered on top of it.

use axum::body::Body;
use axum::http::Method;
use axum::http::header::ORIGIN;

use crate::site::{Browser, Seen};

/// A form of a page.
#[derive(Debug, Clone)]
pub(crate) struct Filled {
    pub(crate) action: String,
    pub(crate) fields: Vec<(String, String)>,
    files: Vec<(String, Vec<u8>)>,
    /// Names of its boxes: one that is not ticked is not sent.
    boxes: Vec<String>,
    takes_files: bool,
}

impl Filled {
    /// The form of this id, or the one that is sent to this address.
    pub(crate) fn of(page: &str, form: &str) -> Self {
        let named = if form.starts_with('/') { format!("action=\"{form}\"") } else { format!("id=\"{form}\"") };
        let start = page
            .match_indices("<form")
            .map(|(at, _)| at)
            .find(|at| page[*at..].split_once('>').is_some_and(|(tag, _)| tag.contains(&named)));
        let start = start.unwrap_or_else(|| panic!("no form {form} in\n{page}"));
        let html = page[start..].split_once("</form>").expect("a form ends").0;
        let head = html.split_once('>').unwrap().0;
        let mut filled = Self {
            action: attribute(head, "action").expect("an action"),
            fields: Vec::new(),
            files: Vec::new(),
            boxes: Vec::new(),
            takes_files: head.contains("multipart/form-data"),
        };
        for (at, _) in html.match_indices('<') {
            filled.take(&html[at..]);
        }
        filled
    }

    /// Takes over what a field holds.
    fn take(&mut self, html: &str) {
        let Some((tag, rest)) = html.split_once('>') else { return };
        let Some(name) = attribute(tag, "name") else { return };
        if tag.starts_with("<input") {
            let kind = attribute(tag, "type").unwrap_or_default();
            if kind == "checkbox" {
                self.boxes.push(name.clone());
            }
            let is_sent = match kind.as_str() {
                "checkbox" => tag.contains(" checked"),
                "file" => false,
                _ => true,
            };
            if is_sent {
                self.fields.push((name, attribute(tag, "value").unwrap_or_default()));
            }
        } else if tag.starts_with("<textarea") {
            let text = rest.split_once("</textarea>").unwrap().0;
            self.fields.push((name, plain(text.strip_prefix('\n').unwrap_or(text))));
        } else if tag.starts_with("<select") {
            let options = rest.split_once("</select>").unwrap().0;
            let chosen = options.split("<option").skip(1).find(|option| option.contains(" selected"));
            let chosen = chosen.or_else(|| options.split("<option").nth(1)).expect("an option");
            self.fields.push((name, attribute(chosen, "value").unwrap_or_default()));
        }
    }

    /// With something else entered in a field; nothing entered leaves a box unticked.
    pub(crate) fn enter(mut self, name: &str, value: &str) -> Self {
        if value.is_empty() && self.boxes.iter().any(|known| known == name) {
            self.fields.retain(|(known, _)| known != name);
            return self;
        }
        match self.fields.iter_mut().find(|(known, _)| known == name) {
            Some(field) => field.1 = value.to_owned(),
            None => self.fields.push((name.to_owned(), value.to_owned())),
        }
        self
    }

    pub(crate) fn with_file(mut self, name: &str, content: &[u8]) -> Self {
        self.files.push((name.to_owned(), content.to_vec()));
        self
    }

    pub(crate) fn value(&self, name: &str) -> &str {
        self.fields.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value)
    }

    /// Sends it as the page says it is to be sent.
    pub(crate) async fn send(&self, browser: &mut Browser) -> Seen {
        if !self.takes_files {
            let fields: Vec<_> = self.fields.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
            return browser.post(&self.action, &fields).await;
        }
        let mut body = Vec::new();
        for (name, value) in &self.fields {
            let head = format!("--b0undary\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
            body.extend_from_slice(head.as_bytes());
        }
        for (name, content) in &self.files {
            let head = format!("Content-Disposition: form-data; name=\"{name}\"; filename=\"f\"\r\n\r\n");
            body.extend_from_slice(format!("--b0undary\r\n{head}").as_bytes());
            body.extend_from_slice(content);
            body.extend_from_slice(b"\r\n");
        }
        body.extend_from_slice(b"--b0undary--\r\n");
        let headers = vec![
            ("content-type", "multipart/form-data; boundary=b0undary".to_owned()),
            (ORIGIN.as_str(), "http://portal".to_owned()),
        ];
        browser.send(Method::POST, &self.action, headers, Body::from(body)).await
    }
}

fn attribute(tag: &str, name: &str) -> Option<String> {
    let start = format!(" {name}=\"");
    Some(plain(tag.split_once(start.as_str())?.1.split_once('"')?.0))
}

/// Text without its character references.
fn plain(text: &str) -> String {
    let known = [
        ("&#34;", "\""),
        ("&#39;", "'"),
        ("&#60;", "<"),
        ("&#62;", ">"),
        ("&lt;", "<"),
        ("&gt;", ">"),
        ("&quot;", "\""),
    ];
    let text = known.iter().fold(text.to_owned(), |text, (reference, character)| text.replace(reference, character));
    text.replace("&#38;", "&").replace("&amp;", "&")
}
