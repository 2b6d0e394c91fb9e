//! Times the stages of a plan separately: `cargo bench --bench stages`.

#![expect(clippy::unused_self, reason = "the stages read alike")]

#[expect(dead_code, reason = "the generator serves all benches")]
mod projects;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use callsheet::diagnostic::Report;
use callsheet::expand::{ExpandInputs, expand};
use callsheet::lockfile::{Lockfile, parse_bytes};
use callsheet::manifest::{Manifest, decode, merge};
use callsheet::plan::{PlanOptions, plan};
use callsheet::schema::{FileRole, check};
use callsheet::source::{FileId, SourceFile, Sources, read_text};
use callsheet::spec::{Video, digest};
use callsheet::yaml::{Node, parse};
use divan::{Bencher, black_box};
use projects::Shape;

fn main() {
    divan::main();
}

const COUNTS: [usize; 3] = [100, 1_000, 10_000];

/// A project on disk, with the results of its stages.
struct Project {
    folder: tempfile::TempDir,
    files: Vec<PathBuf>,
}

impl Project {
    fn new(shape: Shape, count: usize) -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        projects::write(folder.path(), shape, count, 0);
        projects::write_lock(folder.path());
        let videos = std::fs::read_dir(folder.path().join("videos")).expect("a folder");
        let mut files: Vec<PathBuf> = videos.map(|entry| entry.expect("an entry").path()).collect();
        files.sort();
        files.insert(0, folder.path().join("callsheet.yaml"));
        Self { folder, files }
    }

    fn path(&self) -> &Path {
        self.folder.path()
    }

    fn sources(&self) -> Sources {
        let mut sources = Sources::new();
        for path in &self.files {
            let name = path.strip_prefix(self.path()).expect("in it").display().to_string();
            sources.add(SourceFile::new(name, path, read_text(path).expect("a text")));
        }
        sources
    }

    fn trees(&self, sources: &Sources) -> Vec<Node> {
        let mut report = Report::new();
        sources.iter().filter_map(|(id, file)| parse(id, file, &mut report)).collect()
    }

    fn manifest(&self, trees: &[Node]) -> Manifest {
        let mut report = Report::new();
        merge(trees.iter().map(|tree| decode(tree, &mut report)).collect(), &[], &mut report)
    }

    fn videos(&self, manifest: &Manifest, sources: &mut Sources) -> Vec<Video> {
        let env = BTreeMap::new();
        let inputs = ExpandInputs { root: self.path(), sources, env: &env, now: now() };
        expand(manifest, inputs, &mut Report::new()).videos
    }

    fn lock(&self) -> Vec<u8> {
        std::fs::read(self.path().join("callsheet.lock")).expect("a lockfile")
    }
}

fn now() -> jiff::Timestamp {
    "2026-11-22T12:00:00Z".parse().expect("a time")
}

fn role(id: FileId) -> FileRole {
    if id.0 == 0 { FileRole::Root } else { FileRole::Included }
}

macro_rules! stages {
    ($($module:ident $shape:expr;)*) => {$(
        mod $module {
            use super::*;

            #[divan::bench(args = COUNTS)]
            fn a_read(bencher: Bencher<'_, '_>, count: usize) {
                let project = Project::new($shape, count);
                bencher.bench(|| project.sources());
            }

            #[divan::bench(args = COUNTS)]
            fn b_parse(bencher: Bencher<'_, '_>, count: usize) {
                let project = Project::new($shape, count);
                let sources = project.sources();
                bencher.bench(|| project.trees(&sources));
            }

            #[divan::bench(args = COUNTS)]
            fn c_check(bencher: Bencher<'_, '_>, count: usize) {
                let project = Project::new($shape, count);
                let sources = project.sources();
                let trees = project.trees(&sources);
                bencher.bench(|| {
                    let mut report = Report::new();
                    for tree in &trees {
                        let text = sources.get(tree.origin.file).text();
                        check(black_box(tree), role(tree.origin.file), text, &mut report);
                    }
                    assert!(report.is_empty());
                });
            }

            #[divan::bench(args = COUNTS)]
            fn d_decode(bencher: Bencher<'_, '_>, count: usize) {
                let project = Project::new($shape, count);
                let sources = project.sources();
                let trees = project.trees(&sources);
                bencher.bench(|| project.manifest(black_box(&trees)));
            }

            #[divan::bench(args = COUNTS)]
            fn e_expand(bencher: Bencher<'_, '_>, count: usize) {
                let project = Project::new($shape, count);
                let mut sources = project.sources();
                let manifest = project.manifest(&project.trees(&sources));
                bencher.bench_local(|| project.videos(black_box(&manifest), &mut sources));
            }

            #[divan::bench(args = COUNTS)]
            fn f_digest(bencher: Bencher<'_, '_>, count: usize) {
                let project = Project::new($shape, count);
                let mut sources = project.sources();
                let manifest = project.manifest(&project.trees(&sources));
                let videos = project.videos(&manifest, &mut sources);
                bencher.bench(|| videos.iter().map(|video| digest(&video.spec)).last());
            }

            #[divan::bench(args = COUNTS)]
            fn g_lock(bencher: Bencher<'_, '_>, count: usize) {
                let project = Project::new($shape, count);
                let bytes = project.lock();
                bencher.bench(|| parse_bytes("callsheet.lock", black_box(&bytes)).map(|parsed| parsed.lockfile));
            }

            #[divan::bench(args = COUNTS)]
            fn h_plan(bencher: Bencher<'_, '_>, count: usize) {
                let project = Project::new($shape, count);
                let mut sources = project.sources();
                let manifest = project.manifest(&project.trees(&sources));
                let videos = project.videos(&manifest, &mut sources);
                let lockfile: Lockfile = parse_bytes("callsheet.lock", &project.lock()).expect("a lockfile").lockfile;
                let options = PlanOptions { host: "devapi.vidnoz.com".into(), ..PlanOptions::default() };
                bencher.bench(|| plan(&videos, &sources, &lockfile, &options).summary.unchanged);
            }
        }
    )*};
}

stages! {
    flat Shape::Flat;
    rows Shape::Rows;
}
