//! `pg_service.conf`.
//!
//! <https://www.postgresql.org/docs/current/libpq-pgservice.html>

use std::collections::BTreeMap;

/// The settings of a service; the first of a name counts.
pub(super) fn find(text: &str, service: &str) -> Option<BTreeMap<String, String>> {
    let mut found: Option<BTreeMap<String, String>> = None;
    for line in text.lines().map(str::trim) {
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        if let Some(name) = line.strip_prefix('[').and_then(|l| l.strip_suffix(']')) {
            if found.is_some() {
                break;
            }
            found = (name == service).then(BTreeMap::new);
        } else if let (Some(settings), Some((name, value))) = (&mut found, line.split_once('=')) {
            settings
                .entry(name.trim().to_owned())
                .or_insert_with(|| value.trim().to_owned());
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_has_its_own_settings_only() {
        let text = "# x\n[a]\nhost=one\n\n[b]\nhost=two\nport = 6000\nhost=three\n[c]\nuser=x\n";
        let service = find(text, "b").unwrap();
        assert_eq!(service.get("host").map(String::as_str), Some("two"));
        assert_eq!(service.get("port").map(String::as_str), Some("6000"));
        assert_eq!(service.len(), 2);
        assert_eq!(find(text, "d"), None);
    }
}
