//! `~/.pgpass`.
//!
//! <https://www.postgresql.org/docs/current/libpq-pgpass.html>

/// The password of the first line that fits.
pub(super) fn find(text: &str, wanted: [&str; 4]) -> Option<String> {
    text.lines()
        .filter(|line| !line.starts_with('#'))
        .find_map(|line| {
            let mut fields = fields(line).into_iter();
            let fits = wanted.iter().all(|wanted| {
                fields
                    .next()
                    .is_some_and(|field| field == "*" || field == *wanted)
            });
            fits.then(|| fields.next()).flatten()
        })
}

/// Fields between colons; a backslash makes the next character an ordinary one.
fn fields(line: &str) -> Vec<String> {
    let mut fields = vec![String::new()];
    let mut characters = line.chars();
    while let Some(c) = characters.next() {
        match c {
            ':' if fields.len() < 5 => fields.push(String::new()),
            c => {
                let c = if c == '\\' {
                    characters.next().unwrap_or(c)
                } else {
                    c
                };
                if let Some(last) = fields.last_mut() {
                    last.push(c);
                }
            }
        }
    }
    fields
}

/// Whether others may read the file: libpq does not use it then.
#[cfg(unix)]
pub(super) fn is_private(path: &std::path::Path) -> bool {
    use std::os::unix::fs::PermissionsExt as _;
    std::fs::metadata(path).is_ok_and(|metadata| {
        metadata.is_file() && metadata.permissions().mode().trailing_zeros() >= 6
    })
}

#[cfg(not(unix))]
pub(super) fn is_private(path: &std::path::Path) -> bool {
    path.is_file()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_line_that_fits_counts() {
        let text =
            "# host:port:db:user:pw\nother:*:*:*:no\nlocalhost:5432:shop:me:a\\:b:c\n*:*:*:*:any\n";
        assert_eq!(
            find(text, ["localhost", "5432", "shop", "me"]).as_deref(),
            Some("a:b:c")
        );
        assert_eq!(find(text, ["h", "1", "d", "u"]).as_deref(), Some("any"));
        assert_eq!(find("a:b\n", ["a", "b", "c", "d"]), None);
    }
}
