//! The names that a project adds to the published schema: its own, and those of the catalog.

/// The names of a project, each list in the order in which editors offer it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct ProjectNames {
    /// Avatar presets.
    pub avatars: Vec<PresetName>,
    /// Voice presets.
    pub voices: Vec<PresetName>,
    /// Background presets.
    pub backgrounds: Vec<PresetName>,
    /// Vendor template presets.
    pub templates: Vec<PresetName>,
    /// What templates can say.
    pub template_words: TemplateNames,
    /// The avatars of the catalog. Empty without a catalog.
    pub listed_avatars: Vec<CatalogEntry>,
    /// The voices of the catalog.
    pub listed_voices: Vec<CatalogEntry>,
    /// The vendor's templates, whose ids are numbers.
    pub listed_templates: Vec<CatalogEntry>,
}

/// A preset of the project.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PresetName {
    /// Its name in manifests.
    pub name: String,
    /// Its fields, as one line of Markdown.
    pub summary: String,
}

/// The names that the project's templates can reference.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct TemplateNames {
    /// Paths of variables: `vars.product`, `vars.greeting.en`.
    pub vars: Vec<String>,
    /// Environment variables: `env.CAMPAIGN`.
    pub env: Vec<String>,
    /// The columns of each data file, by the key of the video that reads it: `row.id`.
    pub rows: Vec<(String, Vec<String>)>,
    /// The axes of each matrix, by the video's key: `matrix.locale`.
    pub axes: Vec<(String, Vec<String>)>,
}

/// An avatar, a voice or a template of the vendor's catalog.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct CatalogEntry {
    /// The id in manifests.
    pub id: String,
    /// The human-readable name.
    pub name: String,
    /// The language of a voice.
    pub language: Option<String>,
    /// The gender, as in the vendor's list.
    pub gender: Option<String>,
    /// The URL of a picture, a video or a sound.
    pub preview: Option<String>,
    /// The emotions of a voice. Empty if they are unknown.
    pub emotions: Vec<String>,
    /// The number of scenes of a template.
    pub scenes: Option<u64>,
}
