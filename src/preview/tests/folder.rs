//! Tests the content of a directory after drawing: every frame once, and all other files untouched.

use super::*;

fn shot(key: &str, text: &str, before: Option<Spec>) -> Shot {
    let standing = if before.is_some() { ShotStanding::Changed } else { ShotStanding::New };
    Shot { key: key.into(), spec: plain(text), standing, submits: true, before, changes: Vec::new() }
}

struct Room {
    folder: tempfile::TempDir,
    fonts: Fonts,
    shelf: Shelf,
    images: ImageRenderer,
}

impl Room {
    fn new() -> Self {
        let images = ImageRenderer::new(DrawIn::ThisProcess);
        Self { folder: tempfile::tempdir().unwrap(), fonts: Fonts::new(false), shelf: Shelf::default(), images }
    }

    fn shoot(&self, shots: &[Shot], whole: bool) -> Result<Vec<Frame>, StudioError> {
        let options = StudioOptions { scale: 0.1, guides: false, films: false, whole };
        Studio { fonts: &self.fonts, shelf: &self.shelf, images: &self.images, options }.shoot(
            shots,
            self.folder.path(),
            &|_| {},
        )
    }

    fn kept(&self, shots: &[Shot]) -> Vec<bool> {
        self.shoot(shots, true).unwrap().iter().map(|frame| frame.kept).collect()
    }

    fn has(&self, name: &str) -> bool {
        self.folder.path().join(name).is_file()
    }
}

#[test]
fn an_unchanged_frame_is_not_drawn_again() {
    let room = Room::new();
    assert_eq!(room.kept(&[shot("a", "Hello", None), shot("b[x,y]", "Hello", None)]), [false, false]);
    assert!(room.has("a.png") && room.has("b.x.y.png"));
    assert_eq!(room.kept(&[shot("a", "Hello", None), shot("b[x,y]", "Bye", None)]), [true, false]);
    std::fs::remove_file(room.folder.path().join("a.png")).unwrap();
    assert_eq!(room.kept(&[shot("a", "Hello", None), shot("b[x,y]", "Bye", None)]), [false, true]);
}

#[test]
fn frames_of_videos_that_are_gone_go_unless_only_some_are_drawn() {
    let room = Room::new();
    room.kept(&[shot("a", "Hello", Some(plain("Old"))), shot("b", "Hello", None)]);
    assert!(room.has("before/a.png"));
    std::fs::write(room.folder.path().join("mine.png"), b"mine").unwrap();
    room.shoot(&[shot("b", "Hello", None)], false).unwrap();
    assert!(room.has("a.png"), "a canary removes nothing");
    room.kept(&[shot("b", "Hello", None)]);
    assert!(!room.has("a.png") && !room.has("before/a.png") && room.has("mine.png"));
}

#[test]
fn a_folder_with_another_page_is_not_touched() {
    let room = Room::new();
    std::fs::write(room.folder.path().join("index.html"), b"mine").unwrap();
    let error = room.shoot(&[shot("a", "Hello", None)], true).unwrap_err();
    assert!(matches!(error, StudioError::Taken(_)) && !room.has("a.png"), "{error}");
}

#[test]
fn a_ledger_that_lies_removes_nothing_outside() {
    let room = Room::new();
    let outer = room.folder.path().join("outer");
    std::fs::create_dir(&outer).unwrap();
    std::fs::write(room.folder.path().join("keep.png"), b"mine").unwrap();
    let files = r#"{"callsheet":"preview","files":{"../keep.png":"x",".preview.json":"x","a/b.png":"x","before/../../keep.png":"x"}}"#;
    std::fs::write(outer.join(".preview.json"), files).unwrap();
    let options = StudioOptions { scale: 0.1, guides: false, films: false, whole: true };
    Studio { fonts: &room.fonts, shelf: &room.shelf, images: &room.images, options }
        .shoot(&[], &outer, &|_| {})
        .unwrap();
    assert!(room.has("keep.png"));
}

#[test]
fn letters_without_a_font_are_told() {
    let room = Room::new();
    let frames = room.shoot(&[shot("a", "東京 hello", None)], true).unwrap();
    assert_eq!(frames[0].notices, [Notice::MissingScript("Han")]);
}
