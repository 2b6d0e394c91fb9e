//! Typed access for code that depends on certain fields. A key with a wrong path or type does not compile.

use std::marker::PhantomData;

use super::{Aspect, FIELDS, Field, Fit, Record, RowId, Style, Table, Type, Value};

/// A field by its path, read as `T`.
#[derive(Clone, Copy, Debug)]
pub struct Key<T> {
    path: &'static str,
    /// Index among the vendor's fields.
    index: usize,
    ty: PhantomData<T>,
}

const fn equal(left: &str, right: &str) -> bool {
    let (left, right) = (left.as_bytes(), right.as_bytes());
    let mut at = 0;
    while at < left.len() && at < right.len() && left[at] == right[at] {
        at += 1;
    }
    at == left.len() && at == right.len()
}

/// Returns the index of a path in the vendor's table, at compile time.
const fn index_of(fields: &[Field], path: &str) -> usize {
    let mut at = 0;
    while at < fields.len() {
        if equal(fields[at].path, path) {
            return at;
        }
        at += 1;
    }
    panic!("the vendor's table has no such row");
}

macro_rules! keys {
    ($($constructor:ident $type:ty: $row_type:pat,)*) => {$(
        impl Key<$type> {
            /// Returns the key of a row of this type.
            ///
            /// # Panics
            /// At compile time, if the vendor's table has no such row.
            pub const fn $constructor(path: &'static str) -> Self {
                let index = index_of(FIELDS, path);
                assert!(matches!(FIELDS[index].ty, $row_type), "the key has another type than the row");
                Self { path, index, ty: PhantomData }
            }
        }
    )*};
}

keys! {
    text &'static str: Type::Label | Type::Id | Type::Speech | Type::Color | Type::Url,
    integer i64: Type::Integer(..),
    number f64: Type::Number(_),
    aspect Aspect: Type::Words(_),
    style Style: Type::Words(_),
    fit Fit: Type::Words(_),
}

/// A value that a key reads.
pub trait ReadValue<'a>: Sized {
    /// Type of its key.
    type Of: Copy;

    /// Returns the value, or `None` if it has another type.
    fn read_value(value: &'a Value) -> Option<Self>;
}

macro_rules! read_value {
    ($($out:ty: $of:ty, $pattern:pat => $read:expr;)*) => {$(
        impl<'a> ReadValue<'a> for $out {
            type Of = $of;

            fn read_value(value: &'a Value) -> Option<Self> {
                if let $pattern = value { $read } else { None }
            }
        }
    )*};
}

read_value! {
    &'a str: &'static str, Value::Text(text) => Some(&**text);
    i64: i64, Value::Integer(number) => Some(*number);
    f64: f64, Value::Number(number) => Some(*number);
    Aspect: Aspect, Value::Word(index) => Aspect::ALL.get(usize::from(*index)).copied();
    Style: Style, Value::Word(index) => Style::ALL.get(usize::from(*index)).copied();
    Fit: Fit, Value::Word(index) => Fit::ALL.get(usize::from(*index)).copied();
}

impl Table {
    /// Returns the row of a key, or `None` if this table does not have it.
    pub fn row_of<T: Copy>(&self, key: Key<T>) -> Option<RowId> {
        self.row_near(key.path, key.index)
    }

    /// Returns the value of a field or its default, or `None` if the field does not apply.
    pub fn read<'a, T: ReadValue<'a>>(&'a self, record: &'a Record, key: Key<T::Of>) -> Option<T> {
        T::read_value(self.get(record, self.row_of(key)?)?)
    }
}
