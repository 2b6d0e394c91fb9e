//! Messages about missing parts of a form.

use crate::fields::{Missing, RowId, RowSet, Table, Wire};

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
