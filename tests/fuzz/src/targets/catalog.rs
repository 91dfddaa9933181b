//! What a server may hold, whatever its names and expressions: reconciled, compared, planned, rendered.

use std::collections::{BTreeMap, BTreeSet};

use specqlc::catalog::Catalog;
use specqlc::changeset::{Changeset, ChangesetError, Located, Prune, Request, changeset};
use specqlc::introspect::Live;
use specqlc::pg::Version;
use specqlc::plan::Situation;
use specqlc::reconcile::reconcile_offline;
use specqlc::render::RenderError;

use super::fill::fill;
use super::source::Source;
use super::{everything, sql};

/// What the first byte says.
struct Mode {
    /// Texts are such as a server prints.
    sound: bool,
    against: Against,
    prune: bool,
    reconciled: bool,
}

/// What the catalog that is made of the bytes is compared with.
#[derive(PartialEq, Eq)]
enum Against {
    /// Another that is made of them.
    Similar,
    /// The one that has every kind of object.
    Everything,
    /// One that has nothing.
    Nothing,
}

pub fn run(data: &[u8]) {
    let mut source = Source::new(data);
    let byte = source.byte();
    let mode = Mode {
        sound: byte & 1 == 0,
        against: match byte & 6 {
            6 => Against::Everything,
            4 => Against::Nothing,
            _ => Against::Similar,
        },
        prune: byte & 8 == 0,
        reconciled: byte & 16 == 0,
    };
    let Some((from, to)) = catalogs(&mode, &mut source) else {
        return;
    };
    for (from, to) in [(&from, &to), (&to, &from)] {
        let to = if mode.reconciled {
            reconciled(from, to)
        } else {
            to.clone()
        };
        if let Some(changeset) = planned(from, &to, mode.prune)
            && mode.sound
        {
            changeset
                .changes
                .iter()
                .for_each(|change| sql::is_whole(&change.sql));
        }
    }
}

/// One catalog is made of the bytes, the other of the same bytes but for a few.
fn catalogs(mode: &Mode, source: &mut Source<'_>) -> Option<(Catalog, Catalog)> {
    let edits: Vec<(usize, u8)> = (0..source.below(8))
        .map(|_| (usize::from(source.word()), source.byte()))
        .collect();
    let mut bytes = source.rest().to_vec();
    let one = match mode.against {
        Against::Everything => everything().clone(),
        Against::Nothing => Catalog::default(),
        Against::Similar => fill(&bytes, mode.sound)?,
    };
    let length = bytes.len().max(1);
    for (at, new) in edits {
        if let Some(byte) = bytes.get_mut(at % length) {
            *byte = new;
        }
    }
    let mut other: Catalog = fill(&bytes, mode.sound)?;
    if mode.against == Against::Everything {
        // What has the name of another takes its place.
        let mut all = one.clone();
        all.tables.append(&mut other.tables);
        all.views.append(&mut other.views);
        all.functions.append(&mut other.functions);
        all.enums.append(&mut other.enums);
        all.partition_policies.append(&mut other.partition_policies);
        all.renames.extend(other.renames);
        other = all;
    }
    Some((one, other))
}

fn reconciled(live: &Catalog, wanted: &Catalog) -> Catalog {
    let mut live = Live {
        major: 15,
        standby: false,
        catalog: live.clone(),
        relations: BTreeMap::new(),
        unmanaged: BTreeSet::new(),
        policies_unread: false,
    };
    reconcile_offline(&mut live, wanted.clone()).catalog
}

/// The changeset, where there is an order and every operator is one.
pub fn planned(from: &Catalog, to: &Catalog, prune: bool) -> Option<Changeset> {
    let situation = Situation::unknown(Version::V15);
    let request = Request {
        from,
        to,
        situation: &situation,
        prune: Prune::all(prune),
        schemas: &BTreeSet::new(),
        allow: &BTreeSet::new(),
    };
    match changeset(&request, &mut Located::nowhere()) {
        Ok(changeset) => {
            sql::is_shown(&changeset);
            Some(changeset)
        }
        Err(ChangesetError::Render(RenderError::Template(error))) => panic!("{error:?}"),
        Err(ChangesetError::Plan(_) | ChangesetError::Render(_)) => None,
    }
}
