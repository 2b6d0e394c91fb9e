//! What a project adds to the published schema: its names, and those of the vendor's catalogue; plain values.

/// The names of a project, each list in the order in which editors offer it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProjectNames {
    /// Avatar presets.
    pub avatars: Vec<PresetName>,
    /// Voice presets.
    pub voices: Vec<PresetName>,
    /// Background presets.
    pub backgrounds: Vec<PresetName>,
    /// What templates can say.
    pub said: Said,
    /// The vendor's avatars, as the catalogue has them; none without one.
    pub listed_avatars: Vec<Listed>,
    /// The vendor's voices.
    pub listed_voices: Vec<Listed>,
}

/// A preset of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresetName {
    /// As manifests name it.
    pub name: String,
    /// What it holds, as Markdown in one line.
    pub holds: String,
}

/// The names that templates of the project can say.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Said {
    /// Paths of variables: `vars.product`, `vars.greeting.en`.
    pub vars: Vec<String>,
    /// Environment variables: `env.CAMPAIGN`.
    pub env: Vec<String>,
    /// The columns of each data file, by the key of the video that reads it: `row.id`.
    pub rows: Vec<(String, Vec<String>)>,
    /// The axes of each matrix, by the video's key: `matrix.locale`.
    pub axes: Vec<(String, Vec<String>)>,
}

/// An avatar or a voice of the vendor's catalogue.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listed {
    /// What manifests write.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// The language, for voices.
    pub language: Option<String>,
    /// As the vendor says it.
    pub gender: Option<String>,
    /// A picture, a video or a sound to look at.
    pub preview: Option<String>,
    /// What the voice can do; empty where that is not known.
    pub emotions: Vec<String>,
}
