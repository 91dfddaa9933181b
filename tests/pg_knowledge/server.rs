//! The shared cluster, with a database that has all the extensions of the data.

use std::sync::{Arc, Mutex, PoisonError};

use specqlc::pg::{Knowledge, Version};

use crate::support::Cluster;

/// The database that has all the extensions of the data.
pub const CONTRIB: &str = "contrib";

/// A server and its version as the data counts them.
pub struct Server {
    pub version: Version,
    cluster: Arc<Cluster>,
}

impl Server {
    pub fn shared() -> Self {
        static MAKING: Mutex<()> = Mutex::new(());
        let _making = MAKING.lock().unwrap_or_else(PoisonError::into_inner);
        let cluster = Cluster::shared();
        let version = cluster.version();
        let server = Self { version, cluster };
        let made = server.query(
            "postgres",
            "SELECT 1 FROM pg_database WHERE datname = 'contrib'",
        );
        if made.is_empty() {
            server.make_contrib();
        }
        server
    }

    fn make_contrib(&self) {
        self.query("postgres", "CREATE DATABASE contrib");
        for extension in Knowledge::since(self.version).extensions() {
            if extension.name != "plpgsql" {
                self.query(CONTRIB, &format!("CREATE EXTENSION \"{}\"", extension.name));
            }
        }
    }

    /// Rows and columns as text.
    pub fn query(&self, database: &str, sql: &str) -> Vec<Vec<String>> {
        let text = self
            .run(database, sql)
            .unwrap_or_else(|error| panic!("{error}\n{sql}"));
        text.lines()
            .map(|line| line.split('\t').map(str::to_owned).collect())
            .collect()
    }

    pub fn run(&self, database: &str, sql: &str) -> Result<String, String> {
        self.cluster.psql(database, sql)
    }
}
