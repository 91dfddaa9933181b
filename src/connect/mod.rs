//! A connection to a database, found and opened as libpq would.
//!
//! In: what the command line says, the environment, the service and password files. Out: a client. A password gets into the
//! connection and nowhere else: no error and no message holds one.
//!
//! Architecture invariant: nothing here knows what the connection is for.

mod password_file;
mod service_file;
mod settings;
mod tls;

use postgres::Client;
use postgres::error::Severity;

pub use settings::{Environment, Settings, SslMode};

/// Why there is no connection.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// What the URL says cannot be read. Its text is not shown: it may hold a password.
    #[error(
        "the database URL cannot be read; write it as postgresql://USER@HOST:PORT/DATABASE?sslmode=…"
    )]
    Url,
    /// A setting has no such value.
    #[error("`{value}` is no {setting}")]
    Setting {
        /// Which setting.
        setting: &'static str,
        /// What stands there.
        value: String,
    },
    /// The service file has no such service, or is not there.
    #[error("there is no service `{0}` in the service files")]
    Service(String),
    /// Certificates cannot be used.
    #[error("TLS: {0}")]
    Tls(String),
    /// The server refused, or is not there.
    #[error("cannot connect to the database: {}", crate::connect::chain(.0))]
    Refused(#[source] postgres::Error),
}

/// Opens a connection.
///
/// # Errors
/// See [`ConnectError`].
pub fn connect(url: Option<&str>, environment: &Environment<'_>) -> Result<Client, ConnectError> {
    open(&Settings::resolve(url, environment)?)
}

/// The same, and passes on what statements say of their progress: messages of the level INFO.
///
/// # Errors
/// See [`ConnectError`].
pub fn connect_listening(
    url: Option<&str>,
    environment: &Environment<'_>,
    tell: impl Fn(&str) + Send + Sync + 'static,
) -> Result<Client, ConnectError> {
    let mut settings = Settings::resolve(url, environment)?;
    settings.config.notice_callback(move |notice| {
        if notice.parsed_severity() == Some(Severity::Info) {
            tell(notice.message());
        }
    });
    open(&settings)
}

/// Opens a connection to another database of the server that the URL means.
///
/// # Errors
/// See [`ConnectError`].
pub fn connect_to(
    database: &str,
    url: Option<&str>,
    environment: &Environment<'_>,
) -> Result<Client, ConnectError> {
    let mut settings = Settings::resolve(url, environment)?;
    settings.config.dbname(database);
    open(&settings)
}

/// Opens a connection that was found before.
///
/// # Errors
/// See [`ConnectError`].
pub fn open(settings: &Settings) -> Result<Client, ConnectError> {
    let connector = tls::connector(settings)?;
    settings
        .config
        .connect(connector)
        .map_err(ConnectError::Refused)
}

/// An error with its causes in one line, each said once.
pub fn chain(error: &postgres::Error) -> String {
    if let Some(server) = error.as_db_error() {
        return format!("{}: {}", server.severity(), server.message());
    }
    let first: Option<&dyn std::error::Error> = Some(error);
    let causes = std::iter::successors(first, |error| error.source());
    let mut said: Vec<String> = Vec::new();
    for cause in causes {
        let text = cause.to_string();
        if !said.iter().any(|earlier| earlier.contains(&text)) {
            said.push(text);
        }
    }
    said.join(": ")
}
