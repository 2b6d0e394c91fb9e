//! The content of the vendor's table, row by row: a parameter, a group of parameters, a kind of video.

use super::Type;

/// One parameter of the vendor's request, or one of callsheet's own.
#[derive(Clone, Copy, Debug)]
pub struct Field {
    /// Path in a manifest and in a spec, and in brackets on the wire: `avatar.offset.x`.
    pub path: &'static str,
    /// Type of its values, with their bounds.
    pub ty: Type,
    /// One sentence for users, in Markdown.
    pub description: &'static str,
    /// Value of an absent field. Canonical specs omit it, so it must never change once published.
    pub default: Literal,
    /// Value that completions offer.
    pub example: Literal,
    /// Label of the example, if it is not the value itself.
    pub example_label: Option<&'static str>,
    /// `true` if the field's group requires it.
    pub required: bool,
    /// The field and the value that this field depends on.
    pub condition: Option<Condition>,
    /// How the field is sent.
    pub wire: Wire,
    /// Name in the changes of a plan, if the last segment of the path is unclear.
    pub short_name: Option<&'static str>,
    /// Key of a video that declares the field. `None` if its group declares it.
    pub video_key: Option<&'static str>,
    /// `true` if callsheet only compares the value with others. No spec contains it, so it is never hashed or sent.
    pub only_compared: bool,
}

/// A condition: a field applies only while another field has a certain value.
#[derive(Clone, Copy, Debug)]
pub struct Condition {
    /// Path of the other field.
    pub path: &'static str,
    /// The required value.
    pub word: &'static str,
}

/// A value as the table declares it. For an allowed word it is the text.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Literal {
    /// No value.
    Absent,
    /// A text or a word.
    Text(&'static str),
    /// An integer.
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
    /// Under the name of a sibling field, which receives the id of the uploaded file.
    As(&'static str),
    /// Not sent. Only callsheet uses it.
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
    /// The manifest's block for its presets. A group with presets accepts a preset's name or an object.
    pub presets: Option<&'static str>,
    /// Members that exclude each other. A complete group has exactly one of them.
    pub one_of: &'static [&'static str],
    /// `true` if a video of its kind requires it.
    pub required: bool,
}

/// A kind of video.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Path of the vendor's endpoint that receives its submissions.
    pub endpoint: &'static str,
    /// Keys that only videos of this kind have. The roots of two kinds exclude each other.
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
        video_key: None,
        only_compared: false,
    }
}

/// Returns an optional group without presets or choice.
pub const fn group(path: &'static str, title: &'static str, description: &'static str, object: &'static str) -> Group {
    Group { path, title, description, object, presets: None, one_of: &[], required: false }
}

impl Kind {
    /// Returns the name, which is the last segment of the endpoint: `avatar-to-video`.
    pub fn name(&self) -> &'static str {
        self.endpoint.rsplit('/').next().unwrap_or_default()
    }
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

    /// Makes a key of the video declare the field.
    #[must_use]
    pub const fn video_key(self, key: &'static str) -> Self {
        Self { video_key: Some(key), ..self }
    }

    /// Keeps the field out of specs.
    #[must_use]
    pub const fn only_compared(self) -> Self {
        Self { only_compared: true, ..self }
    }

    /// Sets how the field is sent.
    #[must_use]
    pub const fn wire(self, wire: Wire) -> Self {
        Self { wire, ..self }
    }
}

impl Group {
    /// Allows presets for the group.
    #[must_use]
    pub const fn presets(self, block: &'static str) -> Self {
        Self { presets: Some(block), ..self }
    }

    /// Makes members exclude each other.
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
