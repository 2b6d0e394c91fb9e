//! Reads submissions by the vendor's table.

use super::ReceivedPart;
use super::reader::{FormErrors, FormReader};
use crate::fields::{Field, FieldPath, Kind, MediaKind, Missing, Record, RowId, RowSet, Table, Type, Value, Wire};
use crate::spec::Spec;

/// Prefix of the asset ids that a sandbox issues. Any other id is accepted without a check.
pub const ASSET_ID_PREFIX: &str = "sbx";

/// The content of the account that receives a form: the assets that the sandbox issued, and its templates.
pub trait AssetLookup {
    /// Returns the kind of an asset. `None` if no asset has this id.
    fn kind(&self, id: &str) -> Option<MediaKind>;

    /// Returns the number of scenes of a template. `None` if no template has this id.
    fn scenes(&self, _template: i64) -> Option<usize> {
        None
    }
}

/// Returns the spec of a video of a kind. Its name is empty if none was sent.
///
/// # Errors
/// All errors of the form, each with the name of its part.
pub fn submitted_video(
    table: &'static Table,
    kind: &Kind,
    parts: &[ReceivedPart],
    assets: &dyn AssetLookup,
) -> Result<Spec, FormErrors> {
    let kind = table.kinds.iter().find(|known| known.kind.endpoint == kind.endpoint);
    let rows = kind.map_or_else(RowSet::default, |kind| kind.rows);
    // The template determines the allowed parts, so its id is read first.
    let list = rows.and(table.lists).iter().next();
    let template = list.and_then(|list| table.member(table[list].parent, "id"));
    let id = template.and_then(|row| {
        let part = parts.iter().find(|part| part.name == table[row].part_name)?;
        match table.ty(row)?.receive(std::str::from_utf8(&part.value).ok()?) {
            Ok(Value::Integer(id)) => Some((row, id)),
            _ => None,
        }
    });
    let scenes = id.map(|(row, id)| (row, id, assets.scenes(id)));
    let count = scenes.and_then(|(_, _, count)| count).unwrap_or(1);
    let mut form = SubmissionForm::read(table, rows, count, parts, assets);
    if let Some((row, id, None)) = scenes {
        form.reader.error(format!("`{}` names no template: {id}", table[row].part_name));
    }
    form.finish()
}

/// The fields of a form read so far.
struct SubmissionForm<'a> {
    table: &'static Table,
    rows: RowSet,
    /// The length of each list.
    item_count: usize,
    reader: FormReader<'a>,
    /// The fields that were sent. A rejected part has no value here, so that it is not reported as missing too.
    fields: Vec<(FieldPath, Option<Value>)>,
}

impl<'a> SubmissionForm<'a> {
    /// Reads the values of a form of some rows.
    fn read(
        table: &'static Table,
        rows: RowSet,
        item_count: usize,
        parts: &'a [ReceivedPart],
        assets: &dyn AssetLookup,
    ) -> Self {
        let paths = table.field_paths(rows, &|_| item_count).into_iter().filter(|path| is_sent(table, path.row));
        let known: Vec<(FieldPath, String)> = paths.map(|path| (path, table.part_name(path))).collect();
        let names: Vec<&str> = known.iter().map(|(_, name)| name.as_str()).collect();
        let mut reader = FormReader::new(parts, &names);
        let fields = known.iter().filter_map(|(path, name)| {
            let ty = table.ty(path.row).filter(|_| reader.has(name))?;
            let value = reader.receive(name, ty);
            if let Some(error) = value.as_ref().and_then(|value| asset_error(table, path.row, value, assets)) {
                reader.error(format!("`{name}` {error}"));
            }
            Some((*path, value))
        });
        let fields = fields.collect();
        Self { table, rows, item_count, reader, fields }
    }

    /// Returns the spec.
    ///
    /// # Errors
    /// All errors of the form, each with the name of its part.
    fn finish(mut self) -> Result<Spec, FormErrors> {
        let table = self.table;
        let mut items = Vec::new();
        let mut lists = Vec::new();
        for list_row in self.rows.and(table.lists).iter() {
            let Some(Type::Items(list)) = table.ty(list_row) else { continue };
            let (group, members) = table.item_rows(list);
            let paths = (0..self.item_count as u16).map(|number| Some((list_row, number)));
            let records: Vec<(Item, Record)> = paths.map(|item| (item, self.record(item, Vec::new()))).collect();
            lists.push((list_row, Value::Items(records.iter().map(|(_, record)| record.clone()).collect())));
            items.extend(records.into_iter().map(|(item, record)| (members.with(group), item, record)));
        }
        let record = self.record(None, lists);
        self.check(self.rows, None, &record);
        for (rows, item, record) in &items {
            self.check(*rows, *item, record);
        }
        self.reader.finish(Spec { table, record })
    }

    /// Returns the fields that were sent, of the form or of a list item, with their groups.
    fn sent(&self, item: Item) -> RowSet {
        let rows = self.fields.iter().filter(|(path, _)| path.item == item).map(|(path, _)| path.row);
        rows.fold(RowSet::default(), |sent, row| sent.or(self.table[row].ancestors).with(row))
    }

    fn record(&self, item: Item, lists: Vec<(RowId, Value)>) -> Record {
        let own = self.fields.iter().filter(|(path, _)| path.item == item);
        let own = own.filter_map(|(path, value)| Some((path.row, value.clone()?)));
        let mut values: Vec<(RowId, Value)> = own.chain(lists).collect();
        values.sort_by_key(|(row, _)| *row);
        self.table.record(self.sent(item).without(self.table.fields), values)
    }

    /// Reports fields without effect, and missing fields of the record.
    fn check(&mut self, rows: RowSet, item: Item, record: &Record) {
        let (table, sent) = (self.table, self.sent(item));
        let part = |row| format!("`{}`", table.part_name(FieldPath { row, item }));
        for row in sent.and(table.conditional).iter() {
            let Some((other, word)) = table[row].field().and_then(|field| field.condition.as_ref()) else { continue };
            if table.get(record, *other) != Some(word) {
                let word = table.ty(*other).and_then(|ty| ty.to_part(word)).unwrap_or_default();
                self.reader.error(format!("{} is only for {} {word}", part(row), part(*other)));
            }
        }
        for missing in table.missing(record.present(), rows) {
            if let Some(error) = missing_message(table, missing, sent, &part) {
                self.reader.error(error);
            }
        }
    }
}

/// The item of a list that holds a field.
type Item = Option<(RowId, u16)>;

/// Returns the error about the id of an asset, if any.
fn asset_error(table: &Table, row: RowId, value: &Value, assets: &dyn AssetLookup) -> Option<String> {
    let Value::Text(id) = value else { return None };
    // A field that represents an uploaded file accepts the same kinds as the file.
    let kinds = table.rows.iter().find_map(|other| match other.field()?.field {
        Field { ty: Type::File(kinds), .. } if other.part_name == table[row].part_name => Some(kinds),
        _ => None,
    })?;
    match assets.kind(id) {
        None if id.starts_with(ASSET_ID_PREFIX) => Some(format!("names no asset of this sandbox: `{id}`")),
        Some(kind) if !kinds.contains(&kind) => Some(format!("is an asset of the wrong kind ({kind:?})")),
        _ => None,
    }
}

/// Returns whether a form has a part for a row. A local file is sent in the part of a sibling row.
pub fn is_sent(table: &Table, row: RowId) -> bool {
    table[row].field().is_none_or(|row| !matches!(row.field.wire, Wire::Never | Wire::As(_)))
}

/// Returns the message about a missing value. `None` if its part was sent and rejected for another reason.
///
/// `part` gives the name of a row's part in backticks.
pub fn missing_message(
    table: &Table,
    missing: Missing,
    sent: RowSet,
    part: &dyn Fn(RowId) -> String,
) -> Option<String> {
    let choice = |group: RowId| -> RowSet {
        let choice = table[group].group().map(|group| group.choice).unwrap_or_default();
        choice.iter().filter(|row| is_sent(table, *row)).collect()
    };
    let keys =
        |rows: RowSet, separator: &str| rows.iter().map(|row| table[row].key).collect::<Vec<_>>().join(separator);
    match missing {
        Missing::Field(row) if sent.contains(row) => None,
        Missing::Field(row) => Some(format!("{} is required", part(row))),
        Missing::Group(group) if !choice(group).is_empty() => {
            Some(format!("{} is required: exactly one of {}", part(group), keys(choice(group), ", ")))
        }
        Missing::Group(group) => {
            let is_required = |row: &RowId| table[*row].field().is_some_and(|row| row.field.required);
            let (required, optional): (Vec<RowId>, Vec<RowId>) =
                table.members(Some(group)).iter().copied().partition(is_required);
            Some(if required.is_empty() {
                let members: Vec<String> = optional.into_iter().map(part).collect();
                format!("{} is required: {}", part(group), members.join(", or "))
            } else {
                let required = required.into_iter().map(|row| format!("{} is required", part(row)));
                required.collect::<Vec<_>>().join("; ")
            })
        }
        Missing::Choice(group) if choice(group).and(sent).is_empty() => {
            Some(format!("{} needs one of {}", part(group), keys(choice(group), " and ")))
        }
        Missing::Choice(_) => None,
        Missing::SingleChoice(group) if choice(group).count() == 2 => {
            Some(format!("{} takes one of {}, not both", part(group), keys(choice(group), " and ")))
        }
        Missing::SingleChoice(group) => {
            let (all, given) = (keys(choice(group), ", "), keys(choice(group).and(sent), " and "));
            Some(format!("{} takes exactly one of {all}, not {given}", part(group)))
        }
    }
}
