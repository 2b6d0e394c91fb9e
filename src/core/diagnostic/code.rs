//! The stable kebab-case codes of all diagnostics, each with its severity and meaning.

use serde::Serialize;

/// The severity of a message.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The manifests cannot be used.
    Error,
    /// The manifests can be used, but the author should check something.
    Warning,
}

macro_rules! codes {
    ($($variant:ident $name:literal $severity:ident $meaning:literal,)*) => {
        /// The kind of a diagnostic. Its kebab-case name is stable.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Code { $(#[doc = $meaning] $variant,)* }

        impl Code {
            /// Every code, in the order of the stages.
            pub const ALL: &'static [Code] = &[$(Code::$variant,)*];

            /// Returns the stable name: `unknown-field`.
            pub const fn name(self) -> &'static str {
                match self { $(Code::$variant => $name,)* }
            }

            /// Returns the severity: error or warning.
            pub const fn severity(self) -> Severity {
                match self { $(Code::$variant => Severity::$severity,)* }
            }

            /// Returns one sentence that explains the code.
            pub const fn meaning(self) -> &'static str {
                match self { $(Code::$variant => $meaning,)* }
            }
        }
    };
}

codes! {
    // Reading files
    UnreadableFile "unreadable-file" Error "a file cannot be opened or read",
    FileTooLarge "file-too-large" Error "a file is larger than 16 MB, or holds more than 1,000,000 values",
    NotUtf8 "not-utf8" Error "a file, or its name, is not UTF-8 text",
    GitLfsPointer "git-lfs-pointer" Error "a file is a Git LFS pointer, not its content",
    MergeConflict "merge-conflict" Error "a file holds the markers of a merge that is not resolved",
    EmptyInclude "empty-include" Error "an `include` glob matches no file",
    BadInclude "bad-include" Error "an `include` glob is malformed, leaves the project root or names a hidden file",
    // YAML
    YamlSyntax "yaml-syntax" Error "the text is not YAML",
    Tab "tab-indentation" Error "a tab is used for indentation",
    NulByte "nul-byte" Error "the text holds a NUL or another control character",
    TooDeep "too-deep" Error "the document nests deeper than 64 levels",
    AliasBomb "alias-bomb" Error "aliases expand to more than 200,000 nodes",
    UnknownAnchor "unknown-anchor" Error "an alias names no anchor",
    YamlTag "yaml-tag" Error "a tag is used",
    SecondDocument "second-document" Error "a file holds more than one document",
    EmptyFile "empty-file" Error "a manifest is empty",
    DuplicateKey "duplicate-key" Error "a key occurs twice in one mapping",
    BadMapKey "bad-map-key" Error "a mapping's key is not a plain string",
    BadMerge "bad-merge" Error "`<<` does not name a mapping",
    BadNumber "bad-number" Error "a number is too large",
    UnquotedTemplate "unquoted-template" Error "a template has no quotes, so YAML reads it as something else",
    // Schema
    UnknownField "unknown-field" Error "a field is unknown here",
    MissingField "missing-field" Error "a required field is missing",
    WrongType "wrong-type" Error "a value is of the wrong type",
    NullValue "null-value" Error "a field is empty or `null`",
    UnknownValue "unknown-value" Error "a value is not one of the known words",
    VendorNumber "vendor-number" Error "the vendor's number is used instead of a word",
    OutOfRange "out-of-range" Error "a value is outside its range",
    BadColor "bad-color" Error "a color is not `#rrggbb`",
    BadKey "bad-key" Error "a key or name has characters that are not allowed",
    // Manifest
    MissingVersion "missing-version" Error "the root manifest lacks `callsheet: 1`",
    UnsupportedVersion "unsupported-version" Error "the format version is not known to this program",
    RequiredVersion "required-version" Error "this program does not satisfy `required_version`",
    RootOnly "root-only" Error "an included file holds what only the root manifest may hold",
    DuplicateName "duplicate-name" Error "a preset, video or variable is declared twice in the project",
    UnknownPreset "unknown-preset" Error "`use` or a shorthand names no preset",
    PresetCircle "preset-circle" Error "presets `use` one another in a cycle",
    ExclusiveFields "exclusive-fields" Error "two fields that exclude each other are given",
    BadEnvironment "bad-environment" Error "an environment's setting is wrong",
    BadGuard "bad-guard" Error "a guard's setting is wrong",
    BadLedger "bad-ledger" Error "the shared ledger's branch, remote or name is wrong",
    BadPull "bad-pull" Error "the template of file names in `pull` is wrong",
    SecretVariable "secret-variable" Error "`env` lists a variable that holds credentials, or whose name says that it is a secret",
    // Templates, matrix, rows
    TemplateSyntax "template-syntax" Error "a template is malformed",
    TemplateError "template-error" Error "a template fails when it is rendered",
    UndefinedVariable "undefined-variable" Error "a template uses a name that is not defined",
    TemplateLimit "template-limit" Error "a template is too large, runs too long or produces too much text",
    WrongResult "wrong-result" Error "a template's result is not of the field's type",
    BadMatrix "bad-matrix" Error "a matrix is malformed",
    BadRows "bad-rows" Error "a data file is malformed",
    RowKey "row-key" Error "a row's key is empty or not allowed",
    DuplicateVideo "duplicate-video" Error "two videos have the same key",
    BadWhen "bad-when" Error "`when` is neither true nor false",
    BadPath "bad-path" Error "a path is missing, hidden, leaves the project root or is not a regular file",
    BadMedia "bad-media" Error "a local media file is not of a kind or size that the vendor accepts",
    // Specs
    MissingVoice "missing-voice" Error "a video has no voice mode",
    VoiceModes "voice-modes" Error "a voice has more than one of tts, file and silence",
    MissingText "missing-text" Error "a spoken video has no text",
    TextLength "text-length" Error "a text is empty or longer than 4,999 characters",
    ScriptWithoutSpeech "script-without-speech" Error "a script is given to a voice that does not speak",
    CircleWithoutRound "circle-without-round" Error "`circle_bgcolor` is given without style `round`",
    BadUrl "bad-url" Error "a media URL is malformed or not http(s)",
    ExpiredUrl "expired-url" Warning "a presigned URL has expired or expires within the hour",
    SceneCount "scene-count" Error "a video has more or fewer scenes than its vendor template",
    // Warnings
    NotInScene "not-in-scene" Warning "a voice preset sets a field that the scenes of a vendor template lack; an error in a scene itself",
    EnvInSpec "env-in-spec" Warning "a value from the environment enters a spec and its digest",
    CutAtComment "cut-at-comment" Warning "a text without quotes ends at a `#`, because YAML reads the rest as a comment",
    UnusedAnchor "unused-anchor" Warning "a text without quotes begins with a `&`, which YAML reads as an anchor, and no alias uses it",
    ForeignPlaceholder "foreign-placeholder" Warning "a text holds the placeholder of another tool, such as `${NAME}`, `{name}` or `%name%`",
    MarkupInText "markup-in-text" Warning "a spoken text holds tags, comments, Markdown or stage directions",
    SpreadsheetError "spreadsheet-error" Warning "a spoken text holds the error of a spreadsheet, such as `#REF!`",
    MediaBeyondLimits "media-beyond-limits" Warning "the vendor accepts a local media file, but its limits page does not list the format, size or length",
    InvisibleText "invisible-text" Warning "a spoken text holds invisible characters; an error if it holds nothing else",
    SuspiciousId "suspicious-id" Warning "an id has quotes, spaces at its ends, or is a URL",
    OutsidePicture "outside-picture" Warning "the scale or the offset of an avatar moves it out of the picture",
    SuspiciousValue "suspicious-value" Warning "a value is allowed, but probably not intended, such as the name of a text file as a script, or conflict markers in a script file",
    NoVideos "no-videos" Warning "the project declares no videos",
    EmptyMatrix "empty-matrix" Warning "`exclude` leaves no combination of a matrix",
    EmptyRows "empty-rows" Warning "a `rows` file yields no videos",
    PaddedCells "padded-cells" Warning "cells of a data file begin or end with whitespace, which is spoken",
    UnclearDelimiter "unclear-delimiter" Warning "two delimiters make the records of a data file agree",
    NumberNotAsWritten "number-not-as-written" Warning "a number without quotes is printed in a different form",
    TextAsCondition "text-as-condition" Warning "a text that reads as false counts as true in a condition, or is compared with `true`, `false` or, by a test, a number",
    // The catalog, with `validate --catalog`
    UnknownAvatar "unknown-avatar" Warning "the vendor lists no avatar with this id",
    UnknownVoice "unknown-voice" Warning "the vendor lists no voice with this id",
    UnknownTemplate "unknown-template" Warning "the vendor lists no template with this id",
    UnknownEmotion "unknown-emotion" Warning "the vendor lists other emotions for this voice",
}

impl Code {
    /// Returns the code with a name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|code| code.name() == name)
    }

    /// Returns all codes of warnings.
    pub fn warnings() -> impl Iterator<Item = Self> {
        Self::ALL.iter().copied().filter(|code| code.severity() == Severity::Warning)
    }
}

impl std::fmt::Display for Code {
    fn fmt(&self, formatter: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        formatter.write_str(self.name())
    }
}
