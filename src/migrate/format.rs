//! What each runner expects: names of files, and the marks in them.

use super::Kind;

/// For which runner the files are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Format {
    /// `specqlc migrate apply`.
    #[default]
    Specql,
    /// <https://documentation.red-gate.com/flyway>
    Flyway,
    /// <https://github.com/amacneil/dbmate>
    Dbmate,
    /// <https://github.com/launchbadge/sqlx/tree/main/sqlx-cli>
    Sqlx,
    /// <https://github.com/golang-migrate/migrate>
    GolangMigrate,
    /// <https://github.com/rust-db/refinery>
    Refinery,
    /// <https://github.com/pressly/goose>
    Goose,
}

/// One step of the way, and the way back that belongs to the same number.
#[derive(Debug)]
pub(super) struct Pair {
    pub number: u32,
    pub name: String,
    pub up: Body,
    pub down: Body,
}

/// What becomes a file, or a section of one.
#[derive(Debug, Clone)]
pub(super) struct Body {
    pub transactional: bool,
    /// Comments at the head, with their `--`.
    pub header: String,
    pub statements: Vec<String>,
}

/// What a file of the folder is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Named {
    pub number: u32,
    pub name: String,
    pub role: Role,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Role {
    Up(Kind),
    Down,
    /// Belongs to another file, and is kept with it.
    Settings,
}

impl Format {
    /// All of them.
    pub const ALL: [Self; 7] = [
        Self::Specql,
        Self::Flyway,
        Self::Dbmate,
        Self::Sqlx,
        Self::GolangMigrate,
        Self::Refinery,
        Self::Goose,
    ];

    /// Its name on the command line.
    pub fn name(self) -> &'static str {
        match self {
            Self::Specql => "specql",
            Self::Flyway => "flyway",
            Self::Dbmate => "dbmate",
            Self::Sqlx => "sqlx",
            Self::GolangMigrate => "golang-migrate",
            Self::Refinery => "refinery",
            Self::Goose => "goose",
        }
    }

    /// The format of that name.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Whether a file that is no transaction may hold several statements. Some runners send a file as one message, which the
    /// server takes for a transaction as soon as there are two statements in it.
    pub(super) fn splits_statements(self) -> bool {
        match self {
            Self::Specql | Self::Flyway | Self::Goose => true,
            Self::Dbmate | Self::Sqlx | Self::GolangMigrate | Self::Refinery => false,
        }
    }

    /// What a file of that name is; `None` of what is no migration.
    pub(super) fn read(self, file: &str) -> Option<Named> {
        let (stem, role) = match self {
            Self::Specql => {
                let stem = file.strip_suffix(".sql")?;
                if let Some(stem) = stem.strip_suffix(".down") {
                    (stem, Role::Down)
                } else if let Some(stem) = stem.strip_suffix(".data") {
                    (stem, Role::Up(Kind::Data))
                } else {
                    (stem, Role::Up(Kind::Schema))
                }
            }
            Self::Dbmate | Self::Goose => (file.strip_suffix(".sql")?, Role::Up(Kind::Schema)),
            Self::Sqlx | Self::GolangMigrate => {
                let stem = file.strip_suffix(".sql")?;
                match stem.strip_suffix(".down") {
                    Some(stem) => (stem, Role::Down),
                    None => (stem.strip_suffix(".up")?, Role::Up(Kind::Schema)),
                }
            }
            Self::Flyway | Self::Refinery => {
                if let Some(stem) = file.strip_suffix(".sql.conf") {
                    (stem.strip_prefix(['V', 'U'])?, Role::Settings)
                } else {
                    let stem = file.strip_suffix(".sql")?;
                    match stem.strip_prefix('U') {
                        Some(stem) => (stem, Role::Down),
                        None => (stem.strip_prefix('V')?, Role::Up(Kind::Schema)),
                    }
                }
            }
        };
        let separator = match self {
            Self::Flyway | Self::Refinery => "__",
            _ => "_",
        };
        let (number, name) = stem.split_once(separator)?;
        if number.len() < 4 || !number.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        Some(Named {
            number: number.parse().ok()?,
            name: name.to_owned(),
            role,
        })
    }

    /// The name of a data step's file.
    pub(super) fn data_file(self, number: u32, name: &str) -> String {
        match self {
            Self::Specql => format!("{number:04}_{name}.data.sql"),
            Self::Flyway | Self::Refinery => format!("V{number:04}__{name}.sql"),
            Self::Dbmate | Self::Goose => format!("{number:04}_{name}.sql"),
            Self::Sqlx | Self::GolangMigrate => format!("{number:04}_{name}.up.sql"),
        }
    }

    /// The same file with another number.
    pub(super) fn renumbered(self, file: &str, number: u32) -> Option<String> {
        let named = self.read(file)?;
        let digits = file.find(|c: char| c.is_ascii_digit())?;
        let rest = file.get(digits..)?;
        let rest = rest.get(rest.find('_')?..)?;
        let head = file.get(..digits)?;
        (named.number != number).then(|| format!("{head}{number:04}{rest}"))
    }

    /// The files of a pair with their texts.
    pub(super) fn files(self, pair: &Pair) -> Vec<(String, String)> {
        let Pair {
            number,
            name,
            up,
            down,
        } = pair;
        let stem = format!("{number:04}_{name}");
        match self {
            Self::Specql => vec![
                (format!("{stem}.sql"), self.text(up)),
                (format!("{stem}.down.sql"), self.text(down)),
            ],
            Self::Sqlx | Self::GolangMigrate => vec![
                (format!("{stem}.up.sql"), self.text(up)),
                (format!("{stem}.down.sql"), self.text(down)),
            ],
            Self::Dbmate => vec![(format!("{stem}.sql"), dbmate(up, down))],
            Self::Goose => vec![(format!("{stem}.sql"), goose(up, down))],
            // It knows no way back.
            Self::Refinery => vec![(format!("V{number:04}__{name}.sql"), refinery(*number, up))],
            Self::Flyway => {
                let mut files = Vec::new();
                for (letter, body) in [('V', up), ('U', down)] {
                    let file = format!("{letter}{number:04}__{name}.sql");
                    if !body.transactional {
                        let settings = "executeInTransaction=false\n".to_owned();
                        files.push((format!("{file}.conf"), settings));
                    }
                    files.push((file, self.text(body)));
                }
                files
            }
        }
    }

    /// A file of one body.
    fn text(self, body: &Body) -> String {
        let mark = match (self, body.transactional) {
            (Self::Sqlx, false) => "-- no-transaction\n",
            (Self::Specql, true) => TRANSACTION,
            (Self::Specql, false) => NO_TRANSACTION,
            _ => "",
        };
        format!("{mark}{}{}", body.header, statements(body))
    }
}

/// The first line of a file that is run as one transaction.
pub(super) const TRANSACTION: &str = "-- specql:transaction\n";

/// The first line of a file that is not.
pub(super) const NO_TRANSACTION: &str = "-- specql:no-transaction\n";

fn statements(body: &Body) -> String {
    body.statements
        .iter()
        .flat_map(|statement| ["\n", statement, "\n"])
        .collect()
}

fn dbmate(up: &Body, down: &Body) -> String {
    let section = |word: &str, body: &Body| {
        let option = if body.transactional {
            ""
        } else {
            " transaction:false"
        };
        format!(
            "-- migrate:{word}{option}\n{}{}",
            body.header,
            statements(body)
        )
    };
    format!("{}\n{}", section("up", up), section("down", down))
}

/// No release up to 0.10 reads a mark for a file that no transaction can hold: the server refuses to run it, and nothing of it is
/// done.
fn refinery(number: u32, body: &Body) -> String {
    let advice = if body.transactional {
        String::new()
    } else {
        format!(
            "-- refinery runs every file in a transaction, which cannot hold this one. When all before it are applied, run it\n\
             -- with psql, and let refinery take it for applied: refinery migrate -t {number} -f\n"
        )
    };
    format!("{advice}{}{}", body.header, statements(body))
}

/// One mark of a file is for both of its sections. Marks around each statement keep goose from taking it apart at every
/// semicolon. Around a whole section that is a transaction, in a file that is none, they make it one message, which the
/// server takes for a transaction.
fn goose(up: &Body, down: &Body) -> String {
    let transactional = up.transactional && down.transactional;
    let section = |word: &str, body: &Body| {
        let pieces = if body.transactional && !transactional && !body.statements.is_empty() {
            vec![body.statements.join("\n\n")]
        } else {
            body.statements.clone()
        };
        let mut text = format!("-- +goose {word}\n{}", body.header);
        for piece in pieces {
            text.push_str("\n-- +goose StatementBegin\n");
            text.push_str(&piece);
            text.push_str("\n-- +goose StatementEnd\n");
        }
        text
    };
    let mark = if transactional {
        ""
    } else {
        "-- +goose NO TRANSACTION\n"
    };
    format!("{mark}{}\n{}", section("Up", up), section("Down", down))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_format_reads_the_names_that_it_writes() {
        let body = |transactional| Body {
            transactional,
            header: String::new(),
            statements: vec!["SELECT 1;".into()],
        };
        for format in Format::ALL {
            assert_eq!(Format::named(format.name()), Some(format));
            let pair = Pair {
                number: 7,
                name: "add_b".into(),
                up: body(false),
                down: body(true),
            };
            for (file, _) in format.files(&pair) {
                let named = format.read(&file).unwrap();
                assert_eq!((named.number, named.name.as_str()), (7, "add_b"), "{file}");
                let other = format.renumbered(&file, 12).unwrap();
                assert_eq!(format.read(&other).unwrap().number, 12, "{other}");
            }
        }
    }

    #[test]
    fn what_is_no_migration_is_none() {
        for file in [
            "README.md",
            "specql.sum",
            "1_a.sql",
            "snapshots/0001_a.json",
        ] {
            assert!(Format::Specql.read(file).is_none(), "{file}");
        }
    }
}
