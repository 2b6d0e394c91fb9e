//! Sets of rows.

/// The number of a row in its table. Rows are in the vendor's order, a group before its members.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct RowId(pub(super) u8);

impl RowId {
    /// Returns the number as an index.
    pub fn index(self) -> usize {
        usize::from(self.0)
    }
}

/// A set of rows.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub struct RowSet(u64);

impl RowSet {
    /// Maximum number of rows of a table.
    pub const MAX_ROWS: usize = 64;

    /// Returns the set of one row.
    pub const fn one(row: RowId) -> Self {
        Self(1 << row.0)
    }

    /// Returns `true` if the row is in the set.
    pub const fn contains(self, row: RowId) -> bool {
        self.0 >> row.0 & 1 == 1
    }

    /// Adds a row.
    #[must_use]
    pub const fn with(self, row: RowId) -> Self {
        Self(self.0 | 1 << row.0)
    }

    /// Adds the rows of another set.
    #[must_use]
    pub const fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Retains the rows that are in both sets.
    #[must_use]
    pub const fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// Removes the rows of another set.
    #[must_use]
    pub const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Returns `true` if the set is empty.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// Returns the number of rows in the set that precede a row.
    pub const fn count_before(self, row: RowId) -> usize {
        (self.0 & ((1 << row.0) - 1)).count_ones() as usize
    }

    /// Returns the number of rows in the set.
    pub const fn count(self) -> usize {
        self.0.count_ones() as usize
    }

    /// Returns the rows in order.
    ///
    /// The set itself is `Copy`, so it must not be an iterator.
    pub fn iter(self) -> impl Iterator<Item = RowId> {
        let mut rest = self.0;
        std::iter::from_fn(move || {
            let row = (rest != 0).then(|| RowId(rest.trailing_zeros() as u8));
            rest &= rest.wrapping_sub(1);
            row
        })
    }
}

impl FromIterator<RowId> for RowSet {
    fn from_iter<T: IntoIterator<Item = RowId>>(rows: T) -> Self {
        rows.into_iter().fold(Self::default(), Self::with)
    }
}
