//! Discover → parse → check → decode → expand: turns a directory into specs, and collects the errors of all files.

use std::collections::BTreeSet;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use super::discover::{ManifestFile, included, outside_project};
use super::modeline::names_schema;
use super::{ProcessEnv, ProjectError};
use crate::diagnostic::{Code, Diagnostic, Label, Report, nearest};
use crate::expand::{ExpandInputs, Expansion, expand_keeping};
use crate::manifest::{Decoded, InvalidDecl, Manifest, decode, merge};
use crate::results::{NameError, NameTemplate};
use crate::schema::{FileRole, check};
use crate::source::{FileId, Origin, ROOT_MANIFEST, SourceFile, Sources, available_cores, parallel_map, read_text};
use crate::spec::Video;
use crate::yaml::parse;

/// Minimum number of files per thread. With fewer, an additional thread costs more than it saves.
const FILES_PER_THREAD: usize = 4;

/// All declarations of a project, expanded.
#[derive(Debug)]
pub struct CompiledProject {
    /// The project root.
    pub root: PathBuf,
    /// All files read.
    pub sources: Sources,
    /// The errors and warnings that the author can fix.
    pub report: Report,
    /// The declarations.
    pub manifest: Manifest,
    /// The videos without errors, in manifest order.
    pub videos: Vec<Video>,
    /// Base keys of videos with errors.
    pub invalid: BTreeSet<Arc<str>>,
    /// Facts that only the project's editor schema needs.
    pub editor: EditorInfo,
}

/// Facts that only the project's editor schema needs.
#[derive(Clone, Debug, Default)]
pub struct EditorInfo {
    /// The columns of the data files, by the base key of the video that reads each.
    pub columns: Vec<(Arc<str>, Vec<String>)>,
    /// Whether every file was found and read, so that no name is missing.
    pub complete: bool,
    /// Whether the first lines of any manifest name the project's schema.
    pub named: bool,
}

/// Compiles the project in `root`.
///
/// # Errors
/// If there is no root manifest. The report contains all other errors.
pub fn compile(root: &Path, process_env: &ProcessEnv) -> Result<CompiledProject, ProjectError> {
    Ok(load(root, process_env)?.expand(process_env, &|_| true))
}

/// The declarations of a project before expansion.
#[derive(Debug)]
pub struct LoadedProject {
    root: PathBuf,
    /// All files read so far.
    pub sources: Sources,
    /// The errors and warnings so far that the author can fix.
    pub report: Report,
    /// The declarations.
    pub manifest: Manifest,
    editor: EditorInfo,
}

/// Reads the declarations of the project in `root`.
///
/// # Errors
/// If there is no root manifest. The report contains all other errors.
pub fn load(root: &Path, process_env: &ProcessEnv) -> Result<LoadedProject, ProjectError> {
    let manifest_path = root.join(ROOT_MANIFEST);
    if manifest_path.symlink_metadata().is_err() {
        return Err(ProjectError::NoManifest(root.to_path_buf()));
    }
    let mut sources = Sources::new();
    let mut report = Report::new();
    let strays = outside_project(root, &manifest_path);
    if let Some(why) = strays {
        let message = format!("`{ROOT_MANIFEST}` {why}");
        report.push(Diagnostic::in_file(Code::UnreadableFile, message, ROOT_MANIFEST, 0));
    }
    let top = strays.is_none().then(|| ManifestFile { name: ROOT_MANIFEST.to_owned(), path: manifest_path });
    let mut decoded = read_all(top.as_slice(), FileRole::Root, &mut sources, &mut report);
    let globs = decoded.first().map(|(root, _)| root.include.clone()).unwrap_or_default();
    let before = report.errors();
    let files = included(root, &globs, &mut report);
    let all_found = report.errors() == before;
    tracing::debug!(globs = globs.len(), files = 1 + files.len(), faults = report.errors() - before, "discovered");
    decoded.extend(read_all(&files, FileRole::Included, &mut sources, &mut report));
    name_anchors_of_other_files(&sources, &mut report);
    let all_read = decoded.len() == top.iter().len() + files.len();
    let named = decoded.iter().any(|(_, names_schema)| *names_schema);
    let before = report.errors();
    let allowed = process_env.list("CALLSHEET_ALLOW_ENV");
    let manifest = merge(decoded.into_iter().map(|(decoded, _)| decoded).collect(), &allowed, &mut report);
    check_pull(&manifest, &mut report);
    report.allow(&manifest.allow);
    let presets = |block: &str| manifest.preset_block(block).map_or(0, |group| group.presets.len());
    tracing::debug!(
        avatars = presets("avatars"),
        voices = presets("voices"),
        backgrounds = presets("backgrounds"),
        templates = presets("templates"),
        vars = manifest.vars.len(),
        videos = manifest.videos.len(),
        environments = manifest.environments.len(),
        faults = report.errors() - before,
        "declared",
    );
    let lost = manifest.invalid.iter().any(|one| matches!(one, InvalidDecl::Block(_)));
    let editor = EditorInfo { columns: Vec::new(), complete: all_found && all_read && !lost, named };
    Ok(LoadedProject { root: root.to_path_buf(), sources, report, manifest, editor })
}

impl LoadedProject {
    /// Expands all videos, and keeps the content of some: see [`expand_keeping`].
    pub fn expand(mut self, process_env: &ProcessEnv, keeps: &(dyn Fn(&Video) -> bool + Sync)) -> CompiledProject {
        let Self { root, sources, report, manifest, .. } = &mut self;
        let visible = process_env.visible_variables(manifest);
        let before = report.errors();
        let inputs = ExpandInputs { root, sources, env: &visible, now: process_env.now };
        let Expansion { videos, invalid, columns } = expand_keeping(manifest, inputs, report, keeps);
        tracing::debug!(
            videos = videos.len(),
            from = manifest.videos.len(),
            faulty = invalid.len(),
            faults = report.errors() - before,
            env = visible.len(),
            "expanded",
        );
        report.sort();
        let Self { root, sources, report, manifest, editor } = self;
        CompiledProject { root, sources, report, manifest, videos, invalid, editor: EditorInfo { columns, ..editor } }
    }
}

/// Reads, parses, checks and decodes files, in parallel if there are many. Results and messages are in file order.
fn read_all(
    files: &[ManifestFile],
    role: FileRole,
    sources: &mut Sources,
    report: &mut Report,
) -> Vec<(Decoded, bool)> {
    let threads = match files.len() / FILES_PER_THREAD {
        0 | 1 => 1,
        most => available_cores().min(most),
    };
    let first = sources.iter().count();
    let one = |at: usize| Some(read_one(FileId((first + at) as u32), &files[at], role));
    let made = parallel_map(threads, files.len(), one);
    let mut all = Vec::with_capacity(made.len());
    for read in made {
        let [parse, schema, decode] = read.faults;
        tracing::debug!(
            file = read.source.name(),
            schema = "built in, manifest format 1",
            parse_faults = parse,
            schema_faults = schema,
            decode_faults = decode,
            "manifest",
        );
        sources.add(read.source);
        report.merge(read.report);
        all.extend(read.known);
    }
    all
}

/// The result of reading one file.
struct ReadFile {
    source: SourceFile,
    /// The declarations of a readable file, and whether its first lines name the project's schema.
    known: Option<(Decoded, bool)>,
    report: Report,
    /// The numbers of errors when it was parsed, checked and decoded.
    faults: [usize; 3],
}

fn read_one(id: FileId, file: &ManifestFile, role: FileRole) -> ReadFile {
    let mut report = Report::new();
    let text = read_text(&file.path).map_err(|error| report.push(Diagnostic::unreadable_file(&file.name, &error)));
    let unread = text.is_err();
    let source = SourceFile::new(file.name.as_str(), &file.path, text.unwrap_or_default());
    if unread {
        return ReadFile { source, known: None, report, faults: [0; 3] };
    }
    let tree = parse(id, &source, &mut report);
    let parsed = report.errors();
    let mut checked = parsed;
    let known = tree.map(|tree| {
        check(&tree, role, source.text(), &mut report);
        checked = report.errors();
        let decoded = decode(&tree, &mut report);
        report.iter_mut().for_each(|one| one.move_to_alias(source.text()));
        (decoded, names_schema(&file.name, source.text()))
    });
    let faults = [parsed, checked - parsed, report.errors() - checked];
    ReadFile { source, known, report, faults }
}

/// Checks the template of file names in the manifest.
fn check_pull(manifest: &Manifest, report: &mut Report) {
    let Some(setting) = &manifest.pull.name else { return };
    if let Err(error) = NameTemplate::parse(&setting.value, "pull.name") {
        report.push(
            Diagnostic::new(Code::BadPull, error.to_string(), setting.origin).help(pull_help(&setting.value, &error)),
        );
    }
}

/// The fields of file names, except those of the matrix and of rows.
const NAME_FIELDS: [&str; 7] = ["key", "base", "name", "digest", "attempt", "env", "ext"];

/// Returns the help for a template of file names that cannot be used.
fn pull_help(written: &str, error: &NameError) -> String {
    let single = written.replace("{{", "{").replace("}}", "}").replace("{ ", "{").replace(" }", "}");
    if single != written && NameTemplate::parse(&single, "pull.name").is_ok() {
        return format!("a file name is not a template of the manifest, its fields have single braces: `{single}`");
    }
    match error {
        NameError::Field { field, .. } => match nearest(field, NAME_FIELDS) {
            Some(meant) => format!("did you mean `{{{meant}}}`?"),
            None => "an axis or a column has its prefix: `{matrix.locale}/{base}.{ext}`".to_owned(),
        },
        NameError::Brace(_) => "each `{` needs its `}`: `{matrix.locale}/{base}.{ext}`".to_owned(),
        NameError::Unusable(..) => "write a path below the output directory: `{matrix.locale}/{base}.{ext}`".to_owned(),
    }
}

/// Adds the anchor to each message about an alias whose anchor is in another file of the project.
fn name_anchors_of_other_files(sources: &Sources, report: &mut Report) {
    for one in report.iter_mut().filter(|one| one.code == Code::UnknownAnchor) {
        let Some(alias) = one.primary.as_ref().map(|label| label.origin) else { continue };
        let text = sources.get(alias.file).text();
        let Some(name) = text.get(alias.span.range()).and_then(|alias| alias.strip_prefix('*')) else { continue };
        let Some(anchor) = anchor(sources, alias, name) else { continue };
        one.secondary.push(Label { origin: anchor, text: "this anchor ends with its file".to_owned() });
        one.help =
            vec![format!("for a value of several files write a preset, or a variable under `vars`, not `&{name}`")];
    }
}

/// Returns the origin of an anchor in a file other than the alias's.
fn anchor(sources: &Sources, alias: Origin, name: &str) -> Option<Origin> {
    let written = format!("&{name}");
    sources.iter().filter(|(id, _)| *id != alias.file).find_map(|(id, file)| {
        let text = file.text();
        text.match_indices(&written).find_map(|(at, _)| {
            let end = at + written.len();
            let begins = text[..at].chars().next_back().is_none_or(|one| one.is_whitespace() || "[{,".contains(one));
            let ends = text[end..].chars().next().is_none_or(|one| one.is_whitespace() || ",]}".contains(one));
            (begins && ends).then(|| Origin::new(id, at as u32, end as u32))
        })
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::diagnostic::Severity;

    #[test]
    fn each_fix_of_a_file_name_is_valid() {
        for (written, fix) in [
            ("{{ row.id }}.{ext}", "`{row.id}.{ext}`"),
            ("{{key}}", "`{key}`"),
            ("{kye}.{ext}", "did you mean `{key}`?"),
            ("{locale}/{key}", "has its prefix: `{matrix.locale}/{base}.{ext}`"),
            ("{key", "`{matrix.locale}/{base}.{ext}`"),
            ("../{key}", "below the output directory: `{matrix.locale}/{base}.{ext}`"),
        ] {
            let error = NameTemplate::parse(written, "pull.name").unwrap_err();
            let help = pull_help(written, &error);
            assert!(help.ends_with(fix), "{help}");
            let name = fix.split('`').nth(1).unwrap();
            assert!(NameTemplate::parse(name, "pull.name").is_ok(), "{name}");
        }
    }

    const PRESETS: &str = "callsheet: 1\navatars: { anna: { id: A } }\nvoices:\n  narrator: { tts: { id: V, speed: 1 } }\n\
                           defaults: { avatar: anna, voice: narrator, background: { color: \"#ffffff\" } }\n";

    /// Compiles a project of one manifest, and returns it with its errors, one per line: code, line, column, message.
    fn compiled(manifest: &str) -> (CompiledProject, Vec<String>) {
        let root = tempfile::tempdir().unwrap();
        std::fs::write(root.path().join(ROOT_MANIFEST), manifest).unwrap();
        let project = compile(root.path(), &ProcessEnv::from_process()).unwrap();
        let errors = project.report.iter().filter(|one| one.code.severity() == Severity::Error).map(|one| {
            let (_, place) = project.sources.locate(one.primary.as_ref().unwrap().origin);
            format!("{} {}:{} {}", one.code, place.line, place.column, one.message)
        });
        let errors = errors.collect();
        (project, errors)
    }

    #[test]
    fn a_fault_of_a_preset_is_reported_once_and_not_again_by_its_videos() {
        let presets = PRESETS.replace("id: A", "idd: A").replace("speed: 1", "speed: 9");
        let (_, of_presets) = compiled(&presets);
        assert_eq!(of_presets.len(), 2, "{of_presets:#?}");
        let (project, errors) =
            compiled(&format!("{presets}videos:\n  v: {{ script: Hi }}\n  w: {{ script: Hi, sped: 1 }}\n"));
        assert_eq!(errors.len(), of_presets.len() + 1, "{errors:#?}");
        assert_eq!(project.invalid.len(), 2, "{:?}", project.invalid);
    }

    #[test]
    fn a_fault_of_a_scene_is_reported_once() {
        for (video, wanted) in [
            ("template: { id: 7 }, scenes: []", "missing-field 7:29 `scenes` is empty"),
            (
                "template: { id: 7 }, scenes: [{ script: Hi, matrix: { x: [1] } }]",
                "unknown-field 7:52 `matrix` is not a field of `scene`",
            ),
            (
                "template: { id: 7, scenes: [{ script: Hi }] }",
                "unknown-field 7:27 `scenes` is not a field of `template`",
            ),
        ] {
            let (project, errors) = compiled(&format!("{PRESETS}videos:\n  a: {{ {video} }}\n"));
            assert_eq!(errors, [wanted]);
            assert!(project.videos.is_empty(), "{video}");
        }
    }
}
