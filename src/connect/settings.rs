//! What a connection needs, from where libpq looks for it: the URL, the service, the environment, the password file.

use std::collections::BTreeMap;
use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use postgres::Config;
use postgres::config::Host;

use super::{ConnectError, password_file, service_file};

/// Looks up a variable.
pub type Environment<'a> = dyn Fn(&str) -> Option<String> + 'a;

/// A connection before it is opened.
pub struct Settings {
    /// For the client.
    pub(super) config: Config,
    /// Whether and how to use TLS.
    pub(super) ssl_mode: SslMode,
    /// File of the certificates that are trusted, or `system`.
    pub(super) root_certificates: Option<String>,
    /// The default of that file.
    pub(super) default_root_certificates: Option<PathBuf>,
}

/// `sslmode`.
/// <https://www.postgresql.org/docs/current/libpq-ssl.html#LIBPQ-SSL-PROTECTION>
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SslMode {
    /// None.
    Disable,
    /// Where the server has it.
    Prefer,
    /// Whoever the server is.
    Require,
    /// A server that a trusted authority knows.
    VerifyCa,
    /// And that has the name it is called by.
    VerifyFull,
}

/// Options of a URL that the client does not know, or that it knows less of than libpq.
const OWN: [&str; 5] = [
    "service",
    "passfile",
    "sslmode",
    "sslrootcert",
    "connect_timeout",
];

impl Settings {
    /// The same for another database of the server.
    #[must_use]
    pub fn to(mut self, database: &str) -> Self {
        self.config.dbname(database);
        self
    }

    /// Finds them.
    pub fn resolve(url: Option<&str>, environment: &Environment<'_>) -> Result<Self, ConnectError> {
        let fallback = environment("DATABASE_URL").filter(|url| !url.is_empty());
        let (mut config, own) = match url.or(fallback.as_deref()) {
            Some(url) => read_url(&with_port(url, environment))?,
            None => (Config::new(), BTreeMap::new()),
        };
        let home = environment("HOME").map(PathBuf::from);
        let service = match own
            .get("service")
            .cloned()
            .or_else(|| environment("PGSERVICE"))
        {
            Some(name) => service(&name, home.as_deref(), environment)?,
            None => BTreeMap::new(),
        };
        let setting = |keyword: &str, variable: &str| {
            own.get(keyword)
                .or_else(|| service.get(keyword))
                .cloned()
                .or_else(|| environment(variable).filter(|value| !value.is_empty()))
        };
        complete(&mut config, &setting, environment)?;
        let passfile = setting("passfile", "PGPASSFILE")
            .map(PathBuf::from)
            .or_else(|| Some(home.as_ref()?.join(".pgpass")));
        if config.get_password().is_none() {
            if let Some(password) = setting("password", "PGPASSWORD") {
                config.password(password);
            } else if let Some(password) = passfile.and_then(|file| from_file(&config, &file)) {
                config.password(password);
            }
        }
        let mode = setting("sslmode", "PGSSLMODE");
        let ssl_mode = mode.map_or(Ok(SslMode::Prefer), |mode| ssl_mode(&mode))?;
        config.ssl_mode(match ssl_mode {
            SslMode::Disable => postgres::config::SslMode::Disable,
            SslMode::Prefer => postgres::config::SslMode::Prefer,
            SslMode::Require | SslMode::VerifyCa | SslMode::VerifyFull => {
                postgres::config::SslMode::Require
            }
        });
        Ok(Self {
            config,
            ssl_mode,
            root_certificates: setting("sslrootcert", "PGSSLROOTCERT"),
            default_root_certificates: home.map(|home| home.join(".postgresql/root.crt")),
        })
    }
}

/// What was left open.
fn complete(
    config: &mut Config,
    setting: &dyn Fn(&str, &str) -> Option<String>,
    environment: &Environment<'_>,
) -> Result<(), ConnectError> {
    if config.get_ports().is_empty() {
        let port = setting("port", "PGPORT");
        config.port(port.map_or(Ok(5432), |port| number("port", &port))?);
    }
    if config.get_hosts().is_empty() {
        let port = config.get_ports().first().copied().unwrap_or(5432);
        let host = setting("host", "PGHOST").or_else(|| setting("hostaddr", "PGHOSTADDR"));
        config.host(&host.unwrap_or_else(|| default_host(port)));
    }
    if config.get_user().is_none() {
        let user = setting("user", "PGUSER").or_else(|| environment("USER"));
        config.user(&user.unwrap_or_else(|| "postgres".into()));
    }
    if config.get_dbname().is_none() {
        let user = config.get_user().unwrap_or_default().to_owned();
        config.dbname(&setting("dbname", "PGDATABASE").unwrap_or(user));
    }
    if config.get_options().is_none()
        && let Some(options) = setting("options", "PGOPTIONS")
    {
        config.options(&options);
    }
    if config.get_application_name().is_none() {
        let name = setting("application_name", "PGAPPNAME");
        config.application_name(&name.unwrap_or_else(|| "specqlc".into()));
    }
    if let Some(seconds) = setting("connect_timeout", "PGCONNECT_TIMEOUT") {
        let seconds: u64 = number("connect_timeout", &seconds)?;
        if seconds > 0 {
            config.connect_timeout(Duration::from_secs(seconds));
        }
    }
    Ok(())
}

/// Where a local server listens, as distributions have it.
fn default_host(port: u16) -> String {
    ["/var/run/postgresql", "/tmp"]
        .into_iter()
        .find(|folder| Path::new(folder).join(format!(".s.PGSQL.{port}")).exists())
        .unwrap_or("localhost")
        .to_owned()
}

fn number<T: std::str::FromStr>(setting: &'static str, value: &str) -> Result<T, ConnectError> {
    value.trim().parse().map_err(|_| ConnectError::Setting {
        setting,
        value: value.to_owned(),
    })
}

fn ssl_mode(value: &str) -> Result<SslMode, ConnectError> {
    Ok(match value {
        "disable" => SslMode::Disable,
        "allow" | "prefer" => SslMode::Prefer,
        "require" => SslMode::Require,
        "verify-ca" => SslMode::VerifyCa,
        "verify-full" => SslMode::VerifyFull,
        _ => {
            return Err(ConnectError::Setting {
                setting: "sslmode",
                value: value.to_owned(),
            });
        }
    })
}

/// The client takes 5432 for a URL's host without a port, where libpq asks `PGPORT`.
fn with_port(url: &str, environment: &Environment<'_>) -> String {
    let port = environment("PGPORT").filter(|port| port.parse::<u16>().is_ok());
    let written = || {
        let port = port.as_ref()?;
        let start = url.find("://")? + 3;
        let rest = url.get(start..)?;
        let length = rest.find(['/', '?']).unwrap_or(rest.len());
        let (authority, tail) = rest.split_at(length);
        let host = authority.rsplit('@').next()?;
        // A port, or an address in brackets, or several hosts: as it is.
        let plain = !host.is_empty() && !host.contains([':', '[', ',']) && !tail.contains("port=");
        plain.then(|| {
            format!(
                "{}{authority}:{port}{tail}",
                url.get(..start).unwrap_or_default()
            )
        })
    };
    written().unwrap_or_else(|| url.to_owned())
}

/// The client's part of a URL, and ours.
fn read_url(url: &str) -> Result<(Config, BTreeMap<String, String>), ConnectError> {
    let mut own = BTreeMap::new();
    let (base, query) = url.split_once('?').unwrap_or((url, ""));
    let mut rest = Vec::new();
    for pair in query.split('&').filter(|pair| !pair.is_empty()) {
        match pair.split_once('=') {
            Some((name, value)) if OWN.contains(&name) => {
                own.insert(name.to_owned(), decoded(value).ok_or(ConnectError::Url)?);
            }
            _ => rest.push(pair),
        }
    }
    let url = if rest.is_empty() {
        base.to_owned()
    } else {
        format!("{base}?{}", rest.join("&"))
    };
    let config = url.parse().map_err(|_| ConnectError::Url)?;
    Ok((config, own))
}

fn decoded(value: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = value.bytes();
    while let Some(byte) = rest.next() {
        if byte == b'%' {
            let digits = [rest.next()?, rest.next()?];
            bytes.push(u8::from_str_radix(std::str::from_utf8(&digits).ok()?, 16).ok()?);
        } else {
            bytes.push(byte);
        }
    }
    String::from_utf8(bytes).ok()
}

/// The user's own service file first, then the machine's.
fn service(
    name: &str,
    home: Option<&Path>,
    environment: &Environment<'_>,
) -> Result<BTreeMap<String, String>, ConnectError> {
    let own = environment("PGSERVICEFILE")
        .map(PathBuf::from)
        .or_else(|| Some(home?.join(".pg_service.conf")));
    let system = environment("PGSYSCONFDIR").unwrap_or_else(|| "/etc/postgresql-common".into());
    [own, Some(Path::new(&system).join("pg_service.conf"))]
        .into_iter()
        .flatten()
        .filter_map(|file| fs::read_to_string(file).ok())
        .find_map(|text| service_file::find(&text, name))
        .ok_or_else(|| ConnectError::Service(name.to_owned()))
}

fn from_file(config: &Config, file: &Path) -> Option<String> {
    if !password_file::is_private(file) {
        return None;
    }
    let text = fs::read_to_string(file).ok()?;
    let port = config.get_ports().first()?.to_string();
    let host = match config.get_hosts().first()? {
        Host::Tcp(host) => host.as_str(),
        // A socket in its usual place counts as this machine.
        #[cfg(unix)]
        Host::Unix(folder) => match folder.to_str()? {
            "/var/run/postgresql" | "/tmp" => "localhost",
            folder => folder,
        },
    };
    password_file::find(
        &text,
        [host, &port, config.get_dbname()?, config.get_user()?],
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    fn settings(url: Option<&str>, variables: &[(&str, &str)]) -> Result<Settings, ConnectError> {
        Settings::resolve(url, &|name| {
            let found = variables.iter().find(|(variable, _)| *variable == name)?;
            Some(found.1.to_owned())
        })
    }

    #[test]
    fn the_url_counts_before_the_environment() {
        let variables = [
            ("PGHOST", "h"),
            ("PGPORT", "6000"),
            ("PGUSER", "u"),
            ("PGPASSWORD", "secret"),
        ];
        let found = settings(Some("postgresql://me@db/shop?sslmode=require"), &variables).unwrap();
        assert_eq!(found.config.get_user(), Some("me"));
        assert_eq!(found.config.get_dbname(), Some("shop"));
        assert_eq!(found.config.get_ports(), [6000]);
        assert_eq!(found.config.get_password(), Some("secret".as_bytes()));
        assert_eq!(found.ssl_mode, SslMode::Require);
        let found = settings(None, &variables).unwrap();
        assert_eq!(found.config.get_hosts(), [Host::Tcp("h".into())]);
        assert_eq!(found.config.get_dbname(), Some("u"));
    }

    #[test]
    fn a_password_is_in_no_error() {
        for url in [
            "postgresql://u:secret@h:port/d",
            "postgresql://u:secret@h/d?nonsense=1",
            "secret",
        ] {
            let error = settings(Some(url), &[]).err().unwrap();
            assert!(!error.to_string().contains("secret"), "{error}");
        }
    }

    #[test]
    fn service_and_password_files_are_read() {
        let folder = tempfile::tempdir().unwrap();
        let home = folder.path().to_str().unwrap();
        fs::write(
            folder.path().join(".pg_service.conf"),
            "[shop]\nhost=db\ndbname=shop\nuser=me\n",
        )
        .unwrap();
        let passfile = folder.path().join(".pgpass");
        fs::write(&passfile, "db:5432:shop:me:secret\n").unwrap();
        let variables = [("HOME", home), ("PGSERVICE", "shop")];
        // Others may read it: it is not used.
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            fs::set_permissions(&passfile, fs::Permissions::from_mode(0o644)).unwrap();
            assert_eq!(
                settings(None, &variables).unwrap().config.get_password(),
                None
            );
            fs::set_permissions(&passfile, fs::Permissions::from_mode(0o600)).unwrap();
        }
        let found = settings(None, &variables).unwrap();
        assert_eq!(found.config.get_password(), Some("secret".as_bytes()));
        assert!(settings(None, &[("PGSERVICE", "none")]).is_err());
    }
}
