//! What the vendor's table says, row by row: a parameter, a group of parameters, a kind of video.

use super::Type;

/// One parameter of the vendor's request, or one of callsheet's own next to them.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Path in a manifest and in a spec, and in brackets on the wire: `avatar.offset.x`.
    pub path: &'static str,
    /// Type of its values, with their bounds.
    pub ty: Type,
    /// One sentence for users, in Markdown.
    pub description: &'static str,
    /// Value of an absent field; left out of canonical specs, so it never changes once published.
    pub default: Literal,
    /// Value that completions offer.
    pub example: Literal,
    /// Label of the example, if it is not the value itself.
    pub example_label: Option<&'static str>,
    /// Whether the group of the field needs it.
    pub required: bool,
    /// Value that another field needs for this one to apply.
    pub condition: Option<Condition>,
    /// How it is sent.
    pub wire: Wire,
    /// Name in the changes of a plan, if the last segment of the path does not say what is meant.
    pub short_name: Option<&'static str>,
}

/// A field applies only while another field has a certain word.
#[derive(Clone, Copy, Debug)]
pub struct Condition {
    /// Path of the other field.
    pub path: &'static str,
    /// Its word.
    pub word: &'static str,
}

/// A value as the table writes it; a word of a list is its text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Literal {
    /// No value.
    Absent,
    /// A text or a word.
    Text(&'static str),
    /// A whole number.
    Int(i64),
    /// A number.
    Float(f64),
    /// A flag.
    Bool(bool),
}

/// How a field is sent to the vendor.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Wire {
    /// Under its path in brackets.
    Path,
    /// Under another name.
    Named(&'static str),
    /// As a sibling field, with the id that the vendor gave to the uploaded file.
    As(&'static str),
    /// Never: only callsheet uses it.
    Never,
}

/// Fields and groups that belong together.
#[derive(Clone, Copy, Debug)]
pub struct Group {
    /// Path: `voice.tts`.
    pub path: &'static str,
    /// Name among the definitions of the published schema.
    pub title: &'static str,
    /// Description of its key, for users.
    pub description: &'static str,
    /// Description of its object, for users.
    pub object: &'static str,
    /// Block of a manifest that holds its presets. Such a group is a preset's name, or an object.
    pub presets: Option<&'static str>,
    /// Members that exclude one another; a complete group has exactly one of them.
    pub one_of: &'static [&'static str],
    /// Whether a video of its kind needs it.
    pub required: bool,
}

/// A list of objects, each a preset's name or an object of the group, without some of its fields.
#[derive(Clone, Copy, Debug)]
pub struct List {
    /// Prefix of the schema definitions of its items: `SceneVoice`.
    pub title: &'static str,
    /// Path of the group of each item.
    pub group: &'static str,
    /// Fields of the group that an item does not take, relative to the group.
    pub without: &'static [&'static str],
}

/// A kind of video.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Last segment of the vendor's endpoint.
    pub name: &'static str,
    /// Keys that only videos of this kind have; the roots of two kinds exclude one another.
    pub roots: &'static [&'static str],
}

/// Returns a field without default, example or condition.
pub const fn field(path: &'static str, ty: Type, description: &'static str) -> Field {
    Field {
        path,
        ty,
        description,
        default: Literal::Absent,
        example: Literal::Absent,
        example_label: None,
        required: false,
        condition: None,
        wire: Wire::Path,
        short_name: None,
    }
}

/// Returns an optional group without presets or choice.
pub const fn group(path: &'static str, title: &'static str, description: &'static str, object: &'static str) -> Group {
    Group { path, title, description, object, presets: None, one_of: &[], required: false }
}

impl Field {
    /// Sets the value of an absent field.
    #[must_use]
    pub const fn default(self, default: Literal) -> Self {
        Self { default, ..self }
    }

    /// Sets the value that completions offer.
    #[must_use]
    pub const fn example(self, example: Literal) -> Self {
        Self { example, ..self }
    }

    /// Sets the value that completions offer under a label.
    #[must_use]
    pub const fn labeled_example(self, label: &'static str, example: Literal) -> Self {
        Self { example, example_label: Some(label), ..self }
    }

    /// Makes the field required.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }

    /// Makes the field apply only while another field has a word.
    #[must_use]
    pub const fn only_with(self, path: &'static str, word: &'static str) -> Self {
        Self { condition: Some(Condition { path, word }), ..self }
    }

    /// Sets the name in the changes of a plan.
    #[must_use]
    pub const fn short_name(self, name: &'static str) -> Self {
        Self { short_name: Some(name), ..self }
    }

    /// Sets how the field is sent.
    #[must_use]
    pub const fn wire(self, wire: Wire) -> Self {
        Self { wire, ..self }
    }
}

impl Group {
    /// Gives the group presets.
    #[must_use]
    pub const fn presets(self, block: &'static str) -> Self {
        Self { presets: Some(block), ..self }
    }

    /// Makes members exclude one another.
    #[must_use]
    pub const fn one_of(self, members: &'static [&'static str]) -> Self {
        Self { one_of: members, ..self }
    }

    /// Makes the group required.
    #[must_use]
    pub const fn required(self) -> Self {
        Self { required: true, ..self }
    }
}
