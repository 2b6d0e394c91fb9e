//! Derives a table from its declarations, once per process.

use super::{
    Condition, Field, FieldRow, Group, GroupRow, Kind, KindRows, Literal, Row, RowBody, RowId, RowSet, Step, Table,
    Type, Value, Wire,
};

impl Table {
    /// Creates a table from fields, groups and kinds.
    ///
    /// # Panics
    ///
    /// Panics if the declarations contradict each other. A test builds the vendor's table, so users never see it.
    pub fn new(fields: &'static [Field], groups: &'static [Group], kinds: &'static [Kind]) -> Self {
        let mut table = Self::default();
        for field in fields {
            table.add(field, groups);
        }
        assert!(table.rows.len() <= RowSet::MAX_ROWS, "a table has at most {} rows", RowSet::MAX_ROWS);
        table.relate_rows();
        table.mark_plain_groups();
        table.relate_kinds(kinds);
        let roots = table.roots.clone();
        table.add_steps(&roots);
        table
    }

    /// Adds a field after its groups.
    fn add(&mut self, field: &'static Field, groups: &'static [Group]) {
        let mut parent = None;
        for (end, _) in field.path.match_indices('.') {
            let path = &field.path[..end];
            parent = Some(self.find(path).unwrap_or_else(|| {
                let group = groups.iter().find(|group| group.path == path);
                let group = group.unwrap_or_else(|| panic!("no group `{path}`"));
                let (members, choice) = (Vec::new(), RowSet::default());
                self.push(
                    group.path,
                    RowBody::Group(GroupRow { group, members, choice, plain: true, steps: 0..0 }),
                    parent,
                )
            }));
        }
        assert!(self.find(field.path).is_none(), "two rows `{}`", field.path);
        let default = value(&field.ty, field.default);
        let body = RowBody::Field(FieldRow { field, default, condition: None, stands_for_choice: false });
        let row = self.push(field.path, body, parent);
        self.fields = self.fields.with(row);
        self.by_index.push(row);
        if matches!(field.ty, Type::Items(_)) {
            self.lists = self.lists.with(row);
        }
        if field.condition.is_some() {
            self.conditional = self.conditional.with(row);
        }
    }

    fn push(&mut self, path: &'static str, body: RowBody, parent: Option<RowId>) -> RowId {
        let id = RowId(self.rows.len() as u8);
        let key = path.rsplit('.').next().unwrap_or(path);
        let file = matches!(&body, RowBody::Field(row) if matches!(row.field.ty, Type::File(_)));
        let stored_key = if file { "sha256" } else { key };
        let ancestors = parent.map_or(RowSet::default(), |parent| self[parent].ancestors.with(parent));
        match parent.map(|parent| &mut self.rows[parent.index()].body) {
            Some(RowBody::Group(group)) => group.members.push(id),
            _ => self.roots.push(id),
        }
        for ancestor in ancestors.iter() {
            let row = &mut self.rows[ancestor.index()];
            row.descendants = row.descendants.with(id);
        }
        self.rows.push(Row {
            id,
            path,
            key,
            stored_key,
            canonical_path: path.strip_suffix(key).map_or_else(String::new, |head| format!("{head}{stored_key}")),
            part_name: String::new(),
            parent,
            ancestors,
            required_ancestors: RowSet::default(),
            descendants: RowSet::default(),
            rivals: RowSet::default(),
            member_prefix: format!("\"{stored_key}\":"),
            body,
        });
        id
    }

    /// Resolves conditions, choices and part names.
    fn relate_rows(&mut self) {
        for index in 0..self.rows.len() {
            let id = RowId(index as u8);
            self.rows[index].part_name = self.part_name_of(id);
            let condition = self.rows[index].field().and_then(|row| row.field.condition);
            if let Some(condition) = condition {
                let resolved = self.resolve(condition);
                if let RowBody::Field(row) = &mut self.rows[index].body {
                    row.condition = Some(resolved);
                }
            }
            let members: Vec<RowId> = self.rows[index]
                .group()
                .map_or(&[][..], |row| row.group.one_of)
                .iter()
                .map(|key| self.member(Some(id), key).unwrap_or_else(|| panic!("no `{key}` in row {index}")))
                .collect();
            if let RowBody::Group(row) = &mut self.rows[index].body {
                row.choice = members.iter().copied().collect();
            }
            self.exclude(&members.iter().map(|member| vec![*member]).collect::<Vec<_>>());
        }
    }

    fn resolve(&self, condition: Condition) -> (RowId, Value) {
        let Condition { path, word } = condition;
        let other = self.find(path).unwrap_or_else(|| panic!("no row `{path}`"));
        let word = self.ty(other).and_then(|ty| value(ty, Literal::Text(word)));
        (other, word.unwrap_or_else(|| panic!("`{path}` has no such word")))
    }

    /// Marks plain groups. A group is plain unless its presence has a meaning: it is required, a choice, a member of
    /// a choice, or has a required field.
    fn mark_plain_groups(&mut self) {
        for index in 0..self.rows.len() {
            let id = RowId(index as u8);
            let chosen =
                self[id].parent.and_then(|parent| self[parent].group()).is_some_and(|row| row.choice.contains(id));
            let Some(row) = self[id].group() else { continue };
            let required_field = |member: &RowId| self[*member].field().is_some_and(|row| row.field.required);
            let plain = !row.group.required
                && row.group.one_of.is_empty()
                && !row.members.iter().any(required_field)
                && !chosen;
            let only_member = Some(row.members.as_slice()).filter(|_| chosen).and_then(|members| match members {
                [only] => Some(*only),
                _ => None,
            });
            if let RowBody::Group(row) = &mut self.rows[index].body {
                row.plain = plain;
            }
            if plain {
                self.plain = self.plain.with(id);
            }
            if let Some(RowBody::Field(row)) = only_member.map(|only| &mut self.rows[only.index()].body) {
                row.stands_for_choice = true;
            }
        }
        for row in &mut self.rows {
            row.required_ancestors = row.ancestors.without(self.plain);
            let needed = match &row.body {
                RowBody::Field(field) => field.field.required,
                RowBody::Group(group) => group.group.required || !group.choice.is_empty(),
            };
            if needed {
                self.needed = self.needed.with(row.id);
            }
        }
    }

    /// Derives the rows of each kind. The roots of one kind exclude those of the others, except a group that the items
    /// of a list have, too.
    fn relate_kinds(&mut self, kinds: &'static [Kind]) {
        let own_roots = |kind: &Kind| -> Vec<RowId> {
            kind.roots.iter().map(|key| self.member(None, key).unwrap_or_else(|| panic!("no root `{key}`"))).collect()
        };
        let roots: Vec<Vec<RowId>> = kinds.iter().map(own_roots).collect();
        let listed: RowSet = self.lists.iter().filter_map(|row| self.item_group(row)).collect();
        let exclusive = |own: &Vec<RowId>| own.iter().copied().filter(|root| !listed.contains(*root)).collect();
        self.exclude(&roots.iter().map(exclusive).collect::<Vec<Vec<RowId>>>());
        let compared = self.rows.iter().filter(|row| row.field().is_some_and(|row| row.field.only_compared));
        let compared: RowSet = compared.map(|row| row.id).collect();
        let owned: RowSet = roots.iter().flatten().copied().collect();
        for (kind, own) in kinds.iter().zip(&roots) {
            let roots = self.roots.iter().filter(|root| !owned.contains(**root) || own.contains(root));
            let rows = roots.fold(RowSet::default(), |rows, root| rows.with(*root).or(self[*root].descendants));
            let required = own.iter().copied().filter(|root| self[*root].group().is_some_and(|row| row.group.required));
            let marks = required.filter(|root| !listed.contains(*root)).collect();
            self.kinds.push(KindRows { kind, rows: rows.without(compared), marks });
        }
    }

    /// Makes the members of each set, with everything inside them, replace those of the other sets.
    fn exclude(&mut self, sets: &[Vec<RowId>]) {
        let complete = |table: &Self, set: &[RowId]| {
            set.iter().fold(RowSet::default(), |rows, row| rows.with(*row).or(table[*row].descendants))
        };
        for (index, set) in sets.iter().enumerate() {
            let others = sets.iter().enumerate().filter(|(other, _)| *other != index);
            let others = others.fold(RowSet::default(), |rows, (_, other)| rows.or(complete(self, other)));
            for row in complete(self, set).iter() {
                let rivals = &mut self.rows[row.index()].rivals;
                *rivals = rivals.or(others);
            }
        }
    }

    fn part_name_of(&self, id: RowId) -> String {
        let row = &self[id];
        let key = match row.field().map(|row| row.field.wire) {
            Some(Wire::Named(name)) => return name.to_owned(),
            Some(Wire::As(key)) => key,
            _ => row.key,
        };
        match row.parent {
            Some(parent) => format!("{}[{key}]", self[parent].part_name),
            None => key.to_owned(),
        }
    }

    /// Adds the canonical order of some rows. RFC 8785 sorts the members of each object by key, not by dotted path.
    fn add_steps(&mut self, rows: &[RowId]) {
        let mut rows = rows.to_vec();
        rows.sort_by_key(|row| self[*row].stored_key);
        for row in rows {
            let Some(group) = self[row].group() else {
                self.canonical.push(Step::Field(row));
                continue;
            };
            let members = group.members.clone();
            self.canonical.push(Step::Open(row));
            let start = self.canonical.len();
            self.add_steps(&members);
            let end = self.canonical.len();
            if let RowBody::Group(group) = &mut self.rows[row.index()].body {
                group.steps = start..end;
            }
            self.canonical.push(Step::Close);
        }
    }
}

/// Converts a literal of the table to a value of a type.
fn value(ty: &Type, literal: Literal) -> Option<Value> {
    Some(match literal {
        Literal::Absent => return None,
        Literal::Int(number) => Value::Integer(number),
        Literal::Float(number) => Value::Number(number),
        Literal::Bool(flag) => Value::Flag(flag),
        Literal::Text(text) => match ty.words() {
            Some(words) => Value::Word(words.iter().position(|word| word.text == text)? as u8),
            None => Value::Text(text.into()),
        },
    })
}
