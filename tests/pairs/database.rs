//! A database that is loaded, compared, changed and looked at.

use std::collections::BTreeSet;
use std::sync::Arc;

use jiff::civil::{Date, date};
use postgres::{Client, NoTls};
use specqlc::catalog::Catalog;
use specqlc::changeset::{Changeset, Located, Prune, Request, changeset};
use specqlc::compile::{SourceFile, compile};
use specqlc::connect::connect;
use specqlc::diff::{Former, keep_partitions};
use specqlc::introspect::{self, Live};
use specqlc::plan::{HazardKind, Situation, build, with_kept};
use specqlc::reconcile::reconcile;
use specqlc::render::render;
use specqlc::shadow::{ShadowError, watch};
use specqlc::syntax::Config;

use super::support::dump::{Lines, counted, lines};
use super::support::{Cluster, beside_others};

/// The day of partitions.
pub const AS_OF: Date = date(2024, 2, 10);

/// What specs compile to; `Err` with what is wrong with them.
pub fn compiled(specs: &str, config: &Config) -> Result<Catalog, String> {
    let file = SourceFile {
        path: "specs/spec.yaml".to_owned(),
        text: specs.to_owned(),
    };
    let compilation = compile(&[(0, &file)], config, AS_OF);
    if compilation.diagnostics.has_errors() {
        return Err(format!("{:?}", compilation.diagnostics));
    }
    Ok(compilation.catalog)
}

/// Takes everything out of a database: quicker by far than to make another.
const EMPTIED: &str = r"
    SET client_min_messages = warning;
    DO $$
    DECLARE
        name text;
    BEGIN
        FOR name IN SELECT nspname FROM pg_namespace WHERE nspname !~ '^(pg_|information_schema)' LOOP
            EXECUTE format('DROP SCHEMA %I CASCADE', name);
        END LOOP;
    END $$;
    CREATE SCHEMA public;";

/// A database of a cluster, and a connection to it.
pub struct Database {
    cluster: Arc<Cluster>,
    name: String,
    pub client: Client,
}

impl Database {
    /// One with a catalog's objects in it, and nothing else.
    pub fn of(cluster: &Arc<Cluster>, name: &str, catalog: &Catalog) -> Result<Self, String> {
        let client = Client::connect(&cluster.url(name), NoTls).or_else(|_| {
            cluster
                .psql("postgres", &format!("CREATE DATABASE {name}"))
                .unwrap();
            // What the server says of its own objects makes up a fifth of the time of a dump.
            cluster.psql(name, "DELETE FROM pg_description").unwrap();
            Client::connect(&cluster.url(name), NoTls)
        });
        let mut database = Self {
            cluster: Arc::clone(cluster),
            name: name.to_owned(),
            client: client.unwrap(),
        };
        database.client.batch_execute(EMPTIED).unwrap();
        let nothing = Catalog::default();
        let nothing = Former::new(&nothing, catalog);
        let plan = build(&nothing, catalog).map_err(|error| error.to_string())?;
        let texts = render(&plan.steps).map_err(|error| error.to_string())?;
        let script = texts.join("\n");
        database.client.batch_execute(&script).map_err(|error| {
            format!("what is compiled does not load: {}\n{script}", told(&error))
        })?;
        Ok(database)
    }

    /// What it is.
    pub fn read(&mut self) -> Result<Live, String> {
        introspect::read(&mut self.client).map_err(|error| error.to_string())
    }

    /// The plan that takes it to a catalog, and the way back.
    pub fn plans(&mut self, wanted: &Catalog) -> Result<(Changeset, Changeset), String> {
        let live = self.read()?;
        self.plans_from(live, wanted)
    }

    /// The same where it was read already.
    pub fn plans_from(
        &mut self,
        live: Live,
        wanted: &Catalog,
    ) -> Result<(Changeset, Changeset), String> {
        let (live, mut wanted) = self.reconciled(live, wanted)?;
        let plan = self.plan(&live, &wanted, true, Prune::All)?;
        keep_partitions(&live, &mut wanted);
        Ok((plan, self.plan(&wanted, &live, false, Prune::All)?))
    }

    /// The plan that takes it to a catalog and leaves all that this has not, and the way back.
    pub fn plans_that_keep(&mut self, wanted: &Catalog) -> Result<(Changeset, Changeset), String> {
        let live = self.read()?;
        let (live, mut wanted) = self.reconciled(live, wanted)?;
        let plan = self.plan(&live, &wanted, true, Prune::Nothing)?;
        keep_partitions(&live, &mut wanted);
        let after = with_kept(&live, &wanted);
        Ok((plan, self.plan(&after, &live, false, Prune::All)?))
    }

    fn reconciled(
        &mut self,
        mut live: Live,
        wanted: &Catalog,
    ) -> Result<(Catalog, Catalog), String> {
        let reconciled = reconcile(&mut live, wanted.clone(), &mut self.client)
            .map_err(|error| error.to_string())?;
        if !reconciled.not_compared.is_empty() {
            return Err(format!("not compared: {:?}", reconciled.not_compared));
        }
        Ok((live.catalog, reconciled.catalog))
    }

    /// Whether the expressions of `from` are as the server has `printed` them.
    fn plan(
        &self,
        from: &Catalog,
        to: &Catalog,
        printed: bool,
        prune: Prune<'_>,
    ) -> Result<Changeset, String> {
        let situation = Situation {
            printed,
            ..Situation::unknown(self.cluster.version())
        };
        let request = Request {
            from,
            to,
            situation: &situation,
            prune,
            schemas: &BTreeSet::new(),
            allow: &HazardKind::ALL.into_iter().collect(),
        };
        changeset(&request, &mut Located::nowhere()).map_err(|error| error.to_string())
    }

    /// Runs a plan as it is printed, while somebody else writes to every table after each transaction; the error with its code.
    pub fn run(&self, script: &str) -> Result<(), (String, String)> {
        let script = format!("\\set VERBOSITY verbose\n{}", beside_others(script));
        let ran = self.cluster.psql(&self.name, &script);
        ran.map(drop).map_err(|error| {
            // psql:FILE:12: ERROR:  23505: could not create unique index
            let said = error.split("ERROR:").nth(1).unwrap_or_default();
            let code = said.trim_start().chars().take(5).collect();
            (code, error)
        })
    }

    /// Runs a plan step by step, and gives what it did that it had not said; the error with its code.
    pub fn watch(&self, plan: &mut Changeset) -> Result<Vec<String>, (String, String)> {
        let url = self.cluster.url(&self.name);
        let open = || connect(Some(&url), &|_: &str| None);
        watch(&open, plan).map_err(|error| match &error {
            ShadowError::Refused { code, .. } => (code.clone(), error.to_string()),
            _ => (String::new(), error.to_string()),
        })
    }

    /// Runs statements one by one, and gives what is wrong with those that fail for another reason than their data.
    pub fn write(&mut self, statements: &[String]) -> Result<(), String> {
        for statement in statements {
            if let Err(error) = self.client.batch_execute(statement)
                && !is_about_data(error.code().map_or("", |code| code.code()))
            {
                return Err(format!("{}\n{statement}", told(&error)));
            }
        }
        Ok(())
    }

    /// The lines of a dump, each as often as it is there: the order of columns is not looked at, nor how the operands of
    /// AND and OR are put together, nor whether a list of varchar is cast to text as a whole, which the server prints, or one by
    /// one, which it prints of what it has printed and read again.
    pub fn dump(&self) -> Result<Lines, String> {
        let dump = self.cluster.dump(&self.name)?;
        let lines = lines(&dump).map(|line| {
            let line = line.replace(['(', ')'], "");
            let line = line.replace("::character varying::text", "::character varying");
            line.replace("]::text[]", "]")
        });
        Ok(counted(lines))
    }

    /// What a query of one text gives, `None` where there is no row.
    pub fn ask(&mut self, query: &str) -> Result<Option<String>, String> {
        let rows = self.client.query(query, &[]);
        let rows = rows.map_err(|error| format!("{}\n{query}", told(&error)))?;
        Ok(rows.first().and_then(|row| row.get::<_, Option<String>>(0)))
    }
}

/// Data exceptions and violated constraints; and what a projection says that is filled before its new key has found the rows that are
/// there twice.
pub fn is_about_data(code: &str) -> bool {
    code.starts_with("22") || code.starts_with("23") || code == "21000"
}

fn told(error: &postgres::Error) -> String {
    error.as_db_error().map_or_else(
        || error.to_string(),
        |db| {
            let detail = db.detail().unwrap_or_default();
            let place = db.where_().unwrap_or_default();
            format!("{} {} {detail} {place}", db.code().code(), db.message())
        },
    )
}
