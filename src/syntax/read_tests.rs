use super::*;
use crate::syntax::{
    DefaultSpec, EntitySpec, EventsSpec, FieldSpec, IntervalsSpec, ReferenceAction, Scalar,
    TypeSpec,
};

fn entity(text: &str) -> EntitySpec {
    let (mut documents, diagnostics, readable) = read(text, 3);
    let errors: Vec<_> = diagnostics.iter().map(|d| &d.message).collect();
    assert!(errors.is_empty(), "{errors:?}");
    assert_eq!(readable, Readable::Yes);
    match documents.remove(0) {
        Document::Entity(entity) => *entity,
        Document::Projections(_) => panic!("an entity is expected"),
    }
}

fn field<'e>(entity: &'e EntitySpec, name: &str) -> &'e FieldSpec {
    entity
        .fields
        .iter()
        .find(|field| field.name == name)
        .unwrap()
}

fn codes(text: &str) -> Vec<&'static str> {
    read(text, 0).1.iter().map(|d| d.code.name()).collect()
}

#[test]
fn numbers_stay_as_they_are_written() {
    let entity = entity(
        "entity: A\nfields:\n  a: {type: numeric, default: 0.50}\n  b: numeric = 123456789012345678901234567890\n",
    );
    let Some(DefaultSpec::Scalar(default)) = field(&entity, "a").default.as_deref() else {
        panic!("a scalar is expected");
    };
    assert_eq!(default.value, Scalar::Number("0.50".into()));
    let Some(DefaultSpec::Text(default)) = field(&entity, "b").default.as_deref() else {
        panic!("text is expected");
    };
    assert_eq!(
        (default.text.as_str(), default.offset),
        ("123456789012345678901234567890", 10)
    );
}

#[test]
fn long_and_short_forms_say_the_same() {
    let entity = entity(
        "entity: A\nfields:\n  a: ref(x.B, on_delete=set_null)!\n  \
         b: {type: ref(B), schema: x, on_delete: SET NULL, nullable: false}\n  \
         c: {type: enum, values: [1, 'two', true]}\n",
    );
    let (a, b) = (field(&entity, "a"), field(&entity, "b"));
    assert_eq!(a.ty.as_ref().unwrap().value, b.ty.as_ref().unwrap().value);
    assert!(a.required && b.required);
    let TypeSpec::Reference(reference) = &a.ty.as_ref().unwrap().value else {
        panic!("a reference is expected");
    };
    assert_eq!(reference.on_delete, Some(ReferenceAction::SetNull));
    let labels = ["1", "two", "true"].map(String::from).to_vec();
    assert_eq!(
        field(&entity, "c").ty.as_ref().unwrap().value,
        TypeSpec::Enum(labels)
    );
}

#[test]
fn computed_fields_come_last() {
    let entity = entity(
        "computed_fields: [full: a || b, {c: {expression: d, type: text}}, {name: e, expression: f}]\n\
         entity: A\nfields: {a: text}\n",
    );
    let names: Vec<_> = entity.fields.iter().map(|f| f.name.as_str()).collect();
    assert_eq!(names, ["a", "full", "c", "e"]);
    assert_eq!(
        field(&entity, "full").generated.as_ref().unwrap().text,
        "a || b"
    );
}

#[test]
fn shapes_with_several_forms() {
    let entity = entity(
        "entity: A\nindexes: [{columns: a}]\nsearch: {fields: {a: b, b: C}}\n\
         partitioning: {strategy: list, column: a, intervals: {eu: [de, 1], us: us}}\n\
         projections: [{name: p, includes: [{A: id}], filters: a > 1, refresh: {on: all}}]\n",
    );
    assert_eq!(entity.indexes[0].columns[0].value, "a");
    let partitioning = entity.partitioning.unwrap();
    let Some(IntervalsSpec::Groups(groups)) = partitioning.intervals else {
        panic!("groups are expected");
    };
    assert_eq!(groups[0].1[1].value, Scalar::Number("1".into()));
    assert_eq!(groups[1].1[0].value, Scalar::String("us".into()));
    let projection = &entity.projections[0];
    assert_eq!(projection.filters[0].value, "a > 1");
    assert_eq!(
        projection.refresh.as_ref().unwrap().on,
        Some(EventsSpec::All)
    );
}

#[test]
fn a_field_whose_type_is_wrong_is_still_a_field() {
    let (documents, ..) = read("entity: A\nfields: {a: decimal(1,2), b: text}\n", 0);
    let Document::Entity(entity) = &documents[0] else {
        panic!("an entity is expected");
    };
    assert_eq!(entity.fields.len(), 2);
    assert!(entity.fields[0].ty.is_none() && entity.fields[0].generated.is_none());
}

#[test]
fn documents_keep_their_number() {
    let (documents, _, readable) = read("# no\n---\nx-a: 1\n---\nentity: A\n---\n# no\n", 7);
    let Document::Entity(entity) = &documents[0] else {
        panic!("an entity is expected");
    };
    assert_eq!((entity.origin.file, entity.origin.document), (7, 1));
    assert_eq!((documents.len(), readable), (1, Readable::Yes));
}

#[test]
fn what_cannot_be_read_is_said() {
    assert_eq!(read("entity: A\n---\nentity: [\n", 0).2, Readable::No);
    assert_eq!(read("entity: A\n---\nentity: [\n", 0).0.len(), 1);
    assert_eq!(read("entity: [A]\n", 0).2, Readable::No);
    assert_eq!(read("", 0).2, Readable::Yes);
}

#[test]
fn each_mistake_is_reported_once() {
    assert_eq!(
        codes("entity: A\nfields: {a: 'b(', c: d]}\n"),
        ["invalid-yaml"]
    );
    assert_eq!(
        codes("entity: A\nfields: {a: {typ: text}}\n"),
        ["unknown-key"]
    );
    assert_eq!(
        codes("entity: A\nindexes: [{columns: [coalesce(a, b)]}]\n"),
        ["invalid-expression"]
    );
    assert_eq!(
        codes("entity: A\nindexes: [{column: [a]}]\n"),
        ["unknown-key"]
    );
    assert_eq!(
        codes("entity: A\nconstraints: [{type: chek}]\n"),
        ["invalid-value"]
    );
    assert_eq!(
        codes("entity: A\nactions: []\n---\nentity: B\nactions: []\n"),
        ["not-compiled"]
    );
    assert_eq!(codes("projections: {a: b}\n"), ["invalid-value"]);
}
