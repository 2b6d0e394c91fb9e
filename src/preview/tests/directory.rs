//! Tests the content of a directory after drawing: every frame once, and all other files untouched.

use super::*;

fn shot(key: &str, text: &str, before: Option<Spec>) -> Shot {
    let standing = if before.is_some() { ShotStatus::Changed } else { ShotStatus::New };
    Shot {
        key: key.into(),
        spec: plain(text),
        status: standing,
        submits: true,
        before,
        changes: Vec::new(),
        film: None,
        film_before: None,
        cast: Vec::new(),
    }
}

struct Room {
    directory: tempfile::TempDir,
    fonts: Fonts,
    resolver: ImageResolver,
    images: ImageRenderer,
}

impl Room {
    fn new() -> Self {
        let images = ImageRenderer::new(DrawProcess::ThisProcess);
        Self {
            directory: tempfile::tempdir().unwrap(),
            fonts: Fonts::new(false),
            resolver: ImageResolver::default(),
            images,
        }
    }

    fn shoot(&self, shots: &[Shot], whole: bool) -> Result<Vec<Frame>, FrameError> {
        let options = RenderOptions { scale: 0.1, guides: false, clips: false, all_videos: whole };
        FrameRenderer { fonts: &self.fonts, resolver: &self.resolver, images: &self.images, options }.render_all(
            shots,
            self.directory.path(),
            &|_| {},
        )
    }

    fn kept(&self, shots: &[Shot]) -> Vec<bool> {
        self.shoot(shots, true).unwrap().iter().map(|frame| frame.kept).collect()
    }

    fn has(&self, name: &str) -> bool {
        self.directory.path().join(name).is_file()
    }
}

#[test]
fn an_unchanged_frame_is_not_drawn_again() {
    let room = Room::new();
    assert_eq!(room.kept(&[shot("a", "Hello", None), shot("b[x,y]", "Hello", None)]), [false, false]);
    assert!(room.has("a.png") && room.has("b.x.y.png"));
    assert_eq!(room.kept(&[shot("a", "Hello", None), shot("b[x,y]", "Bye", None)]), [true, false]);
    std::fs::remove_file(room.directory.path().join("a.png")).unwrap();
    assert_eq!(room.kept(&[shot("a", "Hello", None), shot("b[x,y]", "Bye", None)]), [false, true]);
}

#[test]
fn frames_of_videos_that_are_gone_go_unless_only_some_are_drawn() {
    let room = Room::new();
    room.kept(&[shot("a", "Hello", Some(plain("Old"))), shot("b", "Hello", None)]);
    assert!(room.has("before/a.png"));
    std::fs::write(room.directory.path().join("mine.png"), b"mine").unwrap();
    room.shoot(&[shot("b", "Hello", None)], false).unwrap();
    assert!(room.has("a.png"), "a canary removes nothing");
    room.kept(&[shot("b", "Hello", None)]);
    assert!(!room.has("a.png") && !room.has("before/a.png") && room.has("mine.png"));
}

#[test]
fn a_folder_with_another_page_is_not_touched() {
    let room = Room::new();
    std::fs::write(room.directory.path().join("index.html"), b"mine").unwrap();
    let error = room.shoot(&[shot("a", "Hello", None)], true).unwrap_err();
    assert!(matches!(error, FrameError::NotOurDirectory(_)) && !room.has("a.png"), "{error}");
}

#[test]
fn a_ledger_that_lies_removes_nothing_outside() {
    let room = Room::new();
    let outer = room.directory.path().join("outer");
    std::fs::create_dir(&outer).unwrap();
    std::fs::write(room.directory.path().join("keep.png"), b"mine").unwrap();
    let files = r#"{"callsheet":"preview","files":{"../keep.png":"x",".preview.json":"x","a/b.png":"x","before/../../keep.png":"x"}}"#;
    std::fs::write(outer.join(".preview.json"), files).unwrap();
    let options = RenderOptions { scale: 0.1, guides: false, clips: false, all_videos: true };
    FrameRenderer { fonts: &room.fonts, resolver: &room.resolver, images: &room.images, options }
        .render_all(&[], &outer, &|_| {})
        .unwrap();
    assert!(room.has("keep.png"));
}

#[test]
fn letters_without_a_font_are_told() {
    let room = Room::new();
    let frames = room.shoot(&[shot("a", "東京 hello", None)], true).unwrap();
    assert_eq!(frames[0].notices, [Notice::MissingScript("Han")]);
}

#[test]
fn a_downloaded_picture_takes_the_place_of_the_figure() {
    let mut room = Room::new();
    let shots = [shot("a", "Hello", None)];
    let neutral = |room: &Room| std::fs::read(room.directory.path().join("a.png")).unwrap();
    room.shoot(&shots, true).unwrap();
    let figure = neutral(&room);
    let media = tempfile::tempdir().unwrap();
    let path = media.path().join("0123");
    let id = shots[0].spec.avatar().unwrap().id.to_owned();
    let resolver = |path: &std::path::Path| {
        let mut resolver = ImageResolver::default();
        resolver.portraits.insert(id.clone(), path.to_owned());
        resolver
    };
    std::fs::write(&path, chart_png()).unwrap();
    room.resolver = resolver(&path);
    let drawn = room.shoot(&shots, true).unwrap();
    assert_eq!((drawn[0].kept, drawn[0].notices.len()), (false, 0));
    let frame = Pixmap::decode_png(&neutral(&room)).unwrap();
    let canvas = Canvas::from_spec(shots[0].spec.aspect());
    let (left, top, width, height) = figure_box(&shots[0].spec.avatar().unwrap(), canvas);
    let pixel = frame.pixel(((left + width / 2.0) * 0.1) as u32, ((top + height / 2.0) * 0.1) as u32).unwrap();
    assert_eq!((pixel.red(), pixel.green(), pixel.blue()), (0, 0, 0), "the middle of the chart");
    assert!(room.shoot(&shots, true).unwrap()[0].kept);

    // The second is recognized as a PNG, but has no pixels.
    for bytes in [&b"no picture"[..], &chart_png()[..60]] {
        std::fs::write(&path, bytes).unwrap();
        room.resolver = resolver(&path);
        for _ in 0..2 {
            let drawn = room.shoot(&shots, true).unwrap();
            let words = drawn[0].notices[0].words();
            assert!(words.starts_with("the avatar's picture is not shown: it") && words.contains("`0123`"), "{words}");
            assert_eq!(neutral(&room), figure);
        }
    }
}
