//! Migrations that are checked in: written offline, reviewed, applied once, resumed after anything.
//!
//! In: a project with its folder of migrations, or a connection to the database that they are for. Out: new files; a
//! database that has them all, whatever stopped the run before.
//!
//! A migration is a file that is run as one transaction, together with the row of the ledger that says so; or one that
//! cannot be, and is journalled in the ledger statement by statement. What a statement that no transaction can hold has
//! done when its run was killed, the system catalogs say.
//!
//! Architecture invariant: what changes, and by which statements, is decided by `changeset`; here it is put into files, and
//! files are run. What is not in order stops everything before anything is run.

mod baseline;
mod clause;
mod drift;
mod error;
mod folder;
mod format;
mod fresh;
mod ledger;
mod live;
mod new;
mod order;
mod parts;
mod patience;
mod rebase;
mod run;
mod seal;
mod session;
mod split;
mod statements;
mod status;
mod step;
mod sum;
mod text;
mod watch;

pub use baseline::baseline;
pub use drift::drift;
pub use error::{MigrateError, Problem};
pub use folder::{Folder, Kind, Migration};
pub use format::Format;
pub use fresh::fresh;
pub use live::{Live, live};
pub use new::{Made, Part, Wanted, new, new_data};
pub use rebase::rebase;
pub use run::{Event, Options, Runner};
pub use seal::seal;
pub use statements::{Statement, statements};
pub use status::{Entry, Standing, Status, status};
pub use watch::{Blocker, Building};
