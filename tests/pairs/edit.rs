//! What somebody does to a project. A project is what a list of edits makes of nothing, and the next version of it what
//! another list makes of that: both shrink by losing edits.
//!
//! An edit names what it is about by a number that is taken modulo how many there are; one that would leave a project
//! that does not compile is taken back, so that the rules of the language need not be written down again here.

use std::ops::RangeInclusive;

use proptest::prelude::*;
use specqlc::catalog::Catalog;
use specqlc::syntax::Config;

use super::database::compiled;
use super::kind::KINDS;
use super::partitioning::Partitioning;
use super::project::{Entity, Field, Part, Project, Type};
use super::projection::Projection;

/// What is done, to which entity or projection, to which part of it, and how.
#[derive(Debug, Clone)]
pub struct Edit {
    what: What,
    at: u8,
    part: u8,
    how: u8,
}

#[derive(Debug, Clone, Copy)]
enum What {
    AddEntity,
    DropEntity,
    RenameEntity,
    MoveEntity,
    CommentEntity,
    Key,
    Audit,
    Hierarchy,
    AddField,
    DropField,
    RenameField,
    Retype,
    Require,
    Default,
    CommentField,
    Unique,
    Indexed,
    Refer,
    Reference,
    ReferTo,
    Generate,
    Generated,
    AddIndex,
    DropIndex,
    RenameIndex,
    ChangeIndex,
    CommentIndex,
    AddConstraint,
    DropConstraint,
    RenameConstraint,
    ChangeConstraint,
    CommentConstraint,
    Search,
    Partition,
    Unpartition,
    Premake,
    DefaultPartition,
    Spread,
    AddProjection,
    DropProjection,
    ProjectionMode,
    ProjectionColumns,
    ProjectionFilter,
    ProjectionIndex,
    ProjectionOther,
    CommentProjection,
}

/// What a project is made with; the more often, the more of it.
const MAKING: [What; 40] = [
    What::AddEntity,
    What::AddField,
    What::AddField,
    What::AddField,
    What::AddField,
    What::AddField,
    What::Refer,
    What::Refer,
    What::Generate,
    What::Require,
    What::Default,
    What::Default,
    What::CommentField,
    What::CommentEntity,
    What::Unique,
    What::Indexed,
    What::Key,
    What::Audit,
    What::Hierarchy,
    What::MoveEntity,
    What::AddIndex,
    What::AddIndex,
    What::AddIndex,
    What::CommentIndex,
    What::AddConstraint,
    What::AddConstraint,
    What::AddConstraint,
    What::CommentConstraint,
    What::Search,
    What::Partition,
    What::Premake,
    What::DefaultPartition,
    What::Spread,
    What::AddProjection,
    What::AddProjection,
    What::ProjectionColumns,
    What::ProjectionFilter,
    What::ProjectionIndex,
    What::ProjectionOther,
    What::CommentProjection,
];

const CHANGING: [What; 46] = [
    What::AddEntity,
    What::DropEntity,
    What::RenameEntity,
    What::MoveEntity,
    What::CommentEntity,
    What::Key,
    What::Audit,
    What::Hierarchy,
    What::AddField,
    What::DropField,
    What::RenameField,
    What::Retype,
    What::Require,
    What::Default,
    What::CommentField,
    What::Unique,
    What::Indexed,
    What::Refer,
    What::Reference,
    What::ReferTo,
    What::Generate,
    What::Generated,
    What::AddIndex,
    What::DropIndex,
    What::RenameIndex,
    What::ChangeIndex,
    What::CommentIndex,
    What::AddConstraint,
    What::DropConstraint,
    What::RenameConstraint,
    What::ChangeConstraint,
    What::CommentConstraint,
    What::Search,
    What::Partition,
    What::Unpartition,
    What::Premake,
    What::DefaultPartition,
    What::Spread,
    What::AddProjection,
    What::DropProjection,
    What::ProjectionMode,
    What::ProjectionColumns,
    What::ProjectionFilter,
    What::ProjectionIndex,
    What::ProjectionOther,
    What::CommentProjection,
];

/// Edits that make a project. One in three has all that it has on two entities, which then has to do with each other.
pub fn making() -> impl Strategy<Value = Vec<Edit>> {
    // Without an entity nothing else comes of it.
    let first = edit(&[What::AddEntity], 0..=u8::MAX);
    let wide = prop::collection::vec(edit(&MAKING, 0..=u8::MAX), 3..28);
    let dense = prop::collection::vec(edit(&MAKING, 0..=1), 30..45);
    (first, prop_oneof![2 => wide, 1 => dense]).prop_map(|(first, rest)| {
        let mut edits = vec![first];
        edits.extend(rest);
        edits
    })
}

/// Edits that change one. One in three is of two entities only.
pub fn changing() -> impl Strategy<Value = Vec<Edit>> {
    let wide = prop::collection::vec(edit(&CHANGING, 0..=u8::MAX), 1..7);
    let dense = prop::collection::vec(edit(&CHANGING, 0..=1), 1..7);
    prop_oneof![2 => wide, 1 => dense]
}

/// An edit of what one of these numbers stands for.
fn edit(what: &'static [What], at: RangeInclusive<u8>) -> impl Strategy<Value = Edit> {
    let numbers = (at, any::<u8>(), any::<u8>());
    (prop::sample::select(what), numbers).prop_map(|(what, (at, part, how))| Edit {
        what,
        at,
        part,
        how,
    })
}

const ENTITIES: [&str; 8] = [
    "Alpha", "Beta", "Gamma", "Delta", "Order", "User", "Long", "Select",
];
const TABLES: [Option<&str>; 8] = [
    None,
    None,
    None,
    None,
    Some("we\"ird table; --"),
    None,
    // As many bytes as a name can have; what is named after it is shortened.
    Some("a_table_whose_name_has_all_of_the_sixty_three_bytes_that_it_can"),
    Some("schön.er 'Tisch'"),
];
const FIELDS: [&str; 13] = [
    "name",
    "amount",
    "happened",
    "order",
    "weird Name",
    "état",
    "x\"y'z",
    "user",
    "note",
    "level",
    "a_field_whose_name_is_so_long_that_names_made_of_it_are_cut_off",
    "dot.ted",
    "größe",
];
const SCHEMAS: [Option<&str>; 4] = [None, Some("sales"), Some("My Schema"), Some("archive")];
const COMMENTS: [Option<&str>; 4] = [
    None,
    Some("What it is"),
    Some("It's $$ \\n \"quoted\"; -- :x"),
    Some("another"),
];

/// One of a list, `None` when it is empty.
fn pick<T>(list: &mut [T], number: u8) -> Option<&mut T> {
    let length = list.len();
    (length > 0).then(|| &mut list[number as usize % length])
}

fn remove<T>(list: &mut Vec<T>, number: u8) -> Option<T> {
    (!list.is_empty()).then(|| list.remove(number as usize % list.len()))
}

fn of<T: Copy>(list: &[T], number: u8) -> T {
    list[number as usize % list.len()]
}

/// A name that nothing of the list has yet.
fn unused(wanted: &str, taken: &[String]) -> String {
    let mut name = wanted.to_owned();
    while taken.iter().any(|taken| taken.eq_ignore_ascii_case(&name)) {
        name.push('2');
    }
    name
}

/// A project and its catalog after edits; those that do not compile are left out.
pub fn grown(project: (Project, Catalog), edits: &[Edit], config: &Config) -> (Project, Catalog) {
    edits.iter().fold(project, |project, edit| {
        let next = applied(&project.0, edit).and_then(|next| {
            let catalog = compiled(&next.specs(), config).ok()?;
            Some((next, catalog))
        });
        next.unwrap_or(project)
    })
}

/// The project after an edit; `None` where there is nothing that the edit could be about.
fn applied(project: &Project, edit: &Edit) -> Option<Project> {
    let mut next = project.clone();
    let Edit {
        what,
        at,
        part,
        how,
    } = *edit;
    match what {
        What::AddEntity => add_entity(&mut next, at, how),
        What::DropEntity => {
            let gone = remove(&mut next.entities, at)?;
            next.projections.retain(|p| p.root != gone.number);
        }
        What::AddProjection => {
            let root = pick(&mut next.entities, at)?;
            let (number, fields) = (root.number, root.fields.iter().map(|f| f.number));
            let fields = fields.skip(part as usize % 4).take(2).collect();
            let name = if how % 3 == 0 {
                "the \"view\""
            } else {
                "summary"
            };
            let taken: Vec<String> = next.projections.iter().map(|p| p.name.clone()).collect();
            next.projections.push(Projection {
                name: unused(name, &taken),
                root: number,
                fields,
                other: None,
                mode: how,
                filter: 0,
                index: 0,
                comment: None,
            });
        }
        What::DropProjection => drop(remove(&mut next.projections, at)?),
        What::ProjectionMode
        | What::ProjectionColumns
        | What::ProjectionFilter
        | What::ProjectionIndex
        | What::ProjectionOther
        | What::CommentProjection => projection(&mut next, edit)?,
        _ => entity(&mut next, edit)?,
    }
    Some(next)
}

fn add_entity(project: &mut Project, at: u8, how: u8) {
    let taken: Vec<String> = project.entities.iter().map(|e| e.name.clone()).collect();
    // One in two has a native enum.
    let state = at.is_multiple_of(2).then_some(("state", 33));
    let fields = [("name", 0), ("amount", 4), ("happened", 19)];
    let fields = fields.into_iter().chain(state).map(|(name, kind)| Field {
        required: name == "happened",
        ..field(project.number(), name, Type::Plain(kind))
    });
    let fields: Vec<Field> = fields.collect();
    let entity = Entity {
        number: project.number(),
        name: unused(of(&ENTITIES, at), &taken),
        renamed_from: None,
        table: of(&TABLES, at),
        schema: of(&SCHEMAS, how),
        comment: None,
        key: 0,
        patterns: 0,
        hierarchical: false,
        fields,
        indexes: Vec::new(),
        constraints: Vec::new(),
        search: 0,
        search_field: 0,
        partitioning: None,
    };
    project.entities.push(entity);
}

fn field(number: usize, name: &str, ty: Type) -> Field {
    Field {
        number,
        name: name.to_owned(),
        renamed_from: None,
        ty,
        required: false,
        unique: false,
        indexed: false,
        default: 0,
        comment: None,
    }
}

fn projection(project: &mut Project, edit: &Edit) -> Option<()> {
    let others: Vec<usize> = project.entities.iter().map(|e| e.number).collect();
    let entities = project.entities.clone();
    let projection = pick(&mut project.projections, edit.at)?;
    match edit.what {
        What::ProjectionMode => projection.mode = edit.how,
        What::ProjectionColumns => {
            let root = entities.iter().find(|e| e.number == projection.root)?;
            let fields = root.fields.iter().skip(edit.part as usize % 4);
            projection.fields = fields
                .take(edit.how as usize % 4)
                .map(|f| f.number)
                .collect();
        }
        What::ProjectionFilter => projection.filter = edit.how % 5,
        What::ProjectionIndex => projection.index = edit.how % 5,
        What::ProjectionOther => {
            projection.other = Some((of(&others, edit.part), edit.how));
        }
        _ => projection.comment = of(&COMMENTS, edit.how),
    }
    Some(())
}

fn entity(project: &mut Project, edit: &Edit) -> Option<()> {
    let number = project.number();
    let taken: Vec<String> = project.entities.iter().map(|e| e.name.clone()).collect();
    let numbers: Vec<usize> = project.entities.iter().map(|e| e.number).collect();
    let entity = pick(&mut project.entities, edit.at)?;
    let (part, how) = (edit.part, edit.how);
    match edit.what {
        What::RenameEntity => {
            let former = entity.full_name();
            entity.name = unused(&format!("X{}", entity.name.to_lowercase()), &taken);
            entity.renamed_from.get_or_insert(former);
        }
        What::MoveEntity => {
            let former = entity.full_name();
            entity.schema = of(&SCHEMAS, how);
            entity.renamed_from.get_or_insert(former);
        }
        What::CommentEntity => entity.comment = of(&COMMENTS, how),
        What::Key => entity.key = how % 3,
        What::Audit => entity.patterns = how % 4,
        What::Hierarchy => entity.hierarchical = !entity.hierarchical,
        What::Search => {
            entity.search = how % 7;
            entity.search_field = pick(&mut entity.fields, part)?.number;
        }
        What::Partition => {
            let field = pick(&mut entity.fields, part)?.number;
            let sub_field = pick(&mut entity.fields, part.wrapping_add(how / 20))?.number;
            entity.partitioning = Some(Partitioning {
                field,
                sub_field,
                shape: how % 20,
                premake: 2,
                default: false,
                spread: 0,
            });
        }
        What::Unpartition => {
            entity.partitioning.take()?;
        }
        What::Premake => entity.partitioning.as_mut()?.premake = how % 5,
        What::Spread => entity.partitioning.as_mut()?.spread = how % 6,
        What::DefaultPartition => {
            let partitioning = entity.partitioning.as_mut()?;
            partitioning.default = !partitioning.default;
        }
        What::AddIndex
        | What::DropIndex
        | What::RenameIndex
        | What::ChangeIndex
        | What::CommentIndex
        | What::AddConstraint
        | What::DropConstraint
        | What::RenameConstraint
        | What::ChangeConstraint
        | What::CommentConstraint => self::part(entity, edit, number)?,
        _ => fields(entity, edit, number, &numbers)?,
    }
    Some(())
}

/// Indexes and constraints.
fn part(entity: &mut Entity, edit: &Edit, number: usize) -> Option<()> {
    let first = pick(&mut entity.fields, edit.part)?.number;
    let second = pick(
        &mut entity.fields,
        edit.part.wrapping_add(1 + edit.how / 32),
    )?
    .number;
    let fields = [first, second];
    let (parts, shapes, word) = match edit.what {
        What::AddIndex
        | What::DropIndex
        | What::RenameIndex
        | What::ChangeIndex
        | What::CommentIndex => (&mut entity.indexes, 29, "index"),
        _ => (&mut entity.constraints, 18, "constraint"),
    };
    match edit.what {
        What::AddIndex | What::AddConstraint => {
            let name = format!("an \"{word}\" {number}");
            parts.push(Part {
                name: edit.how.is_multiple_of(3).then_some(name),
                renamed_from: None,
                shape: edit.how % shapes,
                fields,
                comment: None,
            });
        }
        What::DropIndex | What::DropConstraint => drop(remove(parts, edit.part)?),
        What::RenameIndex | What::RenameConstraint => {
            let part = pick(parts, edit.part)?;
            let former = part.name.clone()?;
            part.name = Some(format!("{word}_{number}"));
            part.renamed_from.get_or_insert(former);
        }
        What::ChangeIndex | What::ChangeConstraint => {
            let part = pick(parts, edit.part)?;
            part.shape = edit.how % shapes;
        }
        _ => pick(parts, edit.part)?.comment = of(&COMMENTS, edit.how),
    }
    Some(())
}

/// One of all, or in every other case one that stands near.
fn another_kind(ty: &Type, how: u8) -> usize {
    match ty {
        Type::Plain(kind) if how >= 128 => {
            (kind + KINDS.len() + how as usize % 9 - 4) % KINDS.len()
        }
        _ => how as usize % KINDS.len(),
    }
}

fn fields(entity: &mut Entity, edit: &Edit, number: usize, entities: &[usize]) -> Option<()> {
    let how = edit.how;
    let taken: Vec<String> = entity.fields.iter().map(|f| f.name.clone()).collect();
    let new = |ty| field(number, &unused(of(&FIELDS, edit.part), &taken), ty);
    match edit.what {
        What::AddField => entity
            .fields
            .push(new(Type::Plain(how as usize % KINDS.len()))),
        What::Refer => {
            let entity_ = of(entities, how);
            entity.fields.push(new(Type::Reference {
                entity: entity_,
                options: how / 8,
            }));
        }
        What::Generate => {
            let of = pick(&mut entity.fields, edit.at / 4)?.number;
            entity.fields.push(new(Type::Generated { of, how }));
        }
        What::DropField => drop(remove(&mut entity.fields, edit.part)?),
        _ => {
            let field = pick(&mut entity.fields, edit.part)?;
            match edit.what {
                What::RenameField => {
                    let former = field.column();
                    field.name = unused(of(&FIELDS, how), &taken);
                    field.renamed_from.get_or_insert(former);
                }
                What::Retype => {
                    field.ty = Type::Plain(another_kind(&field.ty, how));
                }
                What::Require => field.required = !field.required,
                What::Default => field.default = how % 4,
                What::CommentField => field.comment = of(&COMMENTS, how),
                What::Unique => field.unique = !field.unique,
                What::Indexed => field.indexed = !field.indexed,
                What::ReferTo => match &mut field.ty {
                    Type::Reference { entity, .. } => *entity = of(entities, how),
                    Type::Plain(_) | Type::Generated { .. } => return None,
                },
                What::Reference => match &mut field.ty {
                    Type::Reference { options, .. } => *options = how,
                    Type::Plain(_) | Type::Generated { .. } => return None,
                },
                _ => match &mut field.ty {
                    Type::Generated {
                        how: expression, ..
                    } => *expression = how,
                    Type::Plain(_) | Type::Reference { .. } => return None,
                },
            }
        }
    }
    Some(())
}
