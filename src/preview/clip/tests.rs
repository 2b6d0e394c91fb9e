//! Tests the encoded files: their structure, their bytes, and the output of ffprobe if it is installed.

use std::process::Command;

use sha2::{Digest, Sha256};

use super::h264::{BitWriter, nal};
use super::{Color, FrameSize, still_clip};
use crate::preview::{Backdrop, FrameInput};
use crate::spec::{Aspect, Spec};

/// Returns the boxes of one level: kind and content.
fn boxes(mut bytes: &[u8]) -> Vec<(String, &[u8])> {
    let mut found = Vec::new();
    while bytes.len() >= 8 {
        let size = u32::from_be_bytes(bytes[..4].try_into().unwrap()) as usize;
        assert!((8..=bytes.len()).contains(&size), "a box must end within its parent");
        found.push((String::from_utf8(bytes[4..8].to_vec()).unwrap(), &bytes[8..size]));
        bytes = &bytes[size..];
    }
    assert!(bytes.is_empty(), "{} bytes after the last box", bytes.len());
    found
}

fn inside<'a>(bytes: &'a [u8], path: &[&str]) -> &'a [u8] {
    path.iter().fold(bytes, |level, kind| {
        boxes(level).into_iter().find(|(known, _)| known == kind).unwrap_or_else(|| panic!("no box {kind}")).1
    })
}

fn number(bytes: &[u8], at: usize) -> usize {
    u32::from_be_bytes(bytes[at..at + 4].try_into().unwrap()) as usize
}

#[test]
fn exp_golomb_numbers_are_those_of_the_standard() {
    let mut writer = BitWriter::default();
    writer.unsigned(0).unsigned(1).unsigned(2).unsigned(3).unsigned(25);
    // 1 010 011 00100 000011010, the stop bit, zeros.
    assert_eq!(writer.finish(), [0b1010_0110, 0b0100_0000, 0b1101_0100]);
}

#[test]
fn small_bytes_after_two_zeros_are_escaped() {
    assert_eq!(nal(0x65, &[0, 0, 1, 0, 0, 0, 0, 4]), [0x65, 0, 0, 3, 1, 0, 0, 3, 0, 0, 4]);
}

#[test]
fn pixels_that_repeat_are_converted_like_all_others() {
    let picture = FrameSize { width: 64, height: 16 };
    let mut pixels = resvg::tiny_skia::Pixmap::new(64, 16).unwrap();
    pixels.fill(resvg::tiny_skia::Color::from_rgba8(244, 244, 244, 255));
    // A difference in an upper row, in a lower row, at both ends of a step, and two equal steps of several colors.
    let mut dots = vec![(16, 0), (32, 3), (47, 6), (63, 15), (0, 9)];
    dots.extend((0..8).flat_map(|x| [(16 + x, 12), (32 + x, 12)]));
    for (x, y) in dots {
        let at = (y * 64 + x) * 4;
        pixels.data_mut()[at..at + 3].copy_from_slice(&[200, 30 + (x % 16) as u8, 90]);
    }
    let planes = super::planes::Planes::from_pixels(&pixels, picture);
    assert_eq!((planes.luma.len(), planes.blue.len(), planes.red.len()), (64 * 16, 64 * 4, 64 * 4));
    let color = |x: usize, y: usize| {
        let at = (y * 64 + x) * 4;
        let [red, green, blue, _] = pixels.data()[at..at + 4] else { unreachable!() };
        Color { red, green, blue }.ycbcr().map(i32::from)
    };
    let is = |sample: u8, expected: i32| (i32::from(sample) - expected).abs() <= 1;
    for (at, luma) in planes.luma.iter().enumerate() {
        assert!(is(*luma, color(at % 64, at / 64)[0]), "luma {at}: {luma}");
    }
    for (at, (blue, red)) in planes.blue.iter().zip(&planes.red).enumerate() {
        let (x, y) = (at % 32 * 2, at / 32 * 2);
        let four = [color(x, y), color(x + 1, y), color(x, y + 1), color(x + 1, y + 1)];
        let mean = |plane: usize| four.iter().map(|one| one[plane]).sum::<i32>() / 4;
        assert!(is(*blue, mean(1)) && is(*red, mean(2)), "color {at}: {blue} {red}");
    }
}

#[test]
fn the_index_points_at_every_frame() {
    let file = still_clip(FrameSize::fitting(Aspect::Tall), Color::WHITE, 2.5);
    let kinds: Vec<_> = boxes(&file).into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(kinds, ["ftyp", "moov", "mdat"]);
    let table = inside(&file, &["moov", "trak", "mdia", "minf", "stbl"]);
    let sizes = inside(table, &["stsz"]);
    let mut offset = number(inside(table, &["stco"]), 8);
    assert_eq!(number(sizes, 8), 3);
    let headers: Vec<u8> = (0..3)
        .map(|frame| {
            let size = number(sizes, 12 + frame * 4);
            assert_eq!(number(&file, offset), size - 4, "each frame opens with its length");
            let header = file[offset + 4];
            offset += size;
            header
        })
        .collect();
    assert_eq!(headers, [0x65, 0x41, 0x41], "a key frame, then frames that skip everything");
    assert_eq!(offset, file.len());
    let header = inside(&file, &["moov", "mvhd"]);
    assert_eq!((number(header, 12), number(header, 16)), (1000, 2500));
    let track = inside(&file, &["moov", "trak", "tkhd"]);
    assert_eq!((number(track, 76) >> 16, number(track, 80) >> 16), (720, 1280));
}

#[test]
fn same_input_same_bytes() {
    let file = still_clip(FrameSize::fitting(Aspect::Wide), Color::parse("#336699").unwrap(), 3.2);
    assert_eq!(file, still_clip(FrameSize::fitting(Aspect::Wide), Color::parse("#336699").unwrap(), 3.2));
    insta::assert_snapshot!(format!("{} {}", file.len(), data_encoding::HEXLOWER.encode(&Sha256::digest(&file))), @"4742 352cf4884ab93054164d613ba000948b35f6aa29a088c7e365593cf7671ccc6b");
}

#[test]
fn odd_durations_still_make_a_file() {
    for seconds in [0.0, -1.0, f64::NAN, 0.067, 1.0, 666.5] {
        let file = still_clip(FrameSize::fitting(Aspect::Square), Color::WHITE, seconds);
        let milliseconds = number(inside(&file, &["moov", "mvhd"]), 16);
        let wanted = if seconds > 0.04 { (seconds * 1000.0).round() as usize } else { 40 };
        assert_eq!(milliseconds, wanted);
    }
}

#[test]
fn colours_are_read_strictly() {
    assert_eq!(Color::parse("#FFeeCC"), Some(Color { red: 255, green: 238, blue: 204 }));
    for bad in ["ffeecc", "#fff", "#ggeecc", "#+1+1+1", "#ffeeccdd", "", "#ffé12"] {
        assert_eq!(Color::parse(bad), None, "{bad}");
    }
    assert_eq!(Color::WHITE.ycbcr(), [235, 128, 128]);
    assert_eq!(Color { red: 0, green: 0, blue: 0 }.ycbcr(), [16, 128, 128]);
}

#[test]
fn ffprobe_and_ffmpeg_agree_where_they_are_installed() {
    if Command::new("ffprobe").arg("-version").output().is_err() {
        return;
    }
    let directory = tempfile::tempdir().unwrap();
    for (aspect, size, color, seconds) in [
        (Aspect::Wide, "1280,720", "#336699", 4.34),
        (Aspect::Tall, "720,1280", "#ff0000", 1.0),
        (Aspect::Square, "720,720", "#000000", 0.5),
        (Aspect::Wide, "1280,720", "#ffffff", 3.0),
    ] {
        let path = directory.path().join("f.mp4");
        std::fs::write(&path, still_clip(FrameSize::fitting(aspect), Color::parse(color).unwrap(), seconds)).unwrap();
        let probe = Command::new("ffprobe")
            .args(["-v", "error", "-show_entries", "stream=codec_name,width,height:format=duration", "-of", "csv=p=0"])
            .arg(&path)
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&probe.stderr), "");
        let told = String::from_utf8(probe.stdout).unwrap();
        let (stream, duration) = told.trim().split_once('\n').unwrap();
        assert_eq!(stream, format!("h264,{size}"));
        let duration: f64 = duration.trim().parse().unwrap();
        assert!((duration - seconds).abs() <= seconds * 0.05, "{duration} for {seconds}");
        let frame = Command::new("ffmpeg")
            .args(["-v", "error", "-i"])
            .arg(&path)
            .args(["-f", "rawvideo", "-pix_fmt", "rgb24", "-"])
            .output()
            .unwrap();
        assert_eq!(String::from_utf8_lossy(&frame.stderr), "");
        let wanted = Color::parse(color).unwrap();
        let near = |pixel: &[u8]| {
            [wanted.red, wanted.green, wanted.blue].iter().zip(pixel).all(|(wanted, got)| wanted.abs_diff(*got) <= 3)
        };
        assert!(!frame.stdout.is_empty() && frame.stdout.chunks(3).all(near), "every pixel of every frame is {color}");
    }
}

/// Returns a spec whose clip has several captions.
fn plain(spec: &Spec) -> FrameInput<'_> {
    FrameInput { spec, aspect: spec.aspect(), backdrop: &Backdrop::Plain, portrait: None, guides: false }
}

fn spoken(aspect: &str, text: &str) -> Spec {
    crate::preview::tests::plain(text).with("aspect", aspect)
}

fn probe(path: &std::path::Path, entries: &str) -> String {
    let probe = Command::new("ffprobe")
        .args(["-v", "error", "-show_entries", entries, "-of", "csv=p=0"])
        .arg(path)
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&probe.stderr), "");
    String::from_utf8(probe.stdout).unwrap()
}

#[test]
fn ffprobe_reads_every_draft_where_it_is_installed() {
    use crate::preview::{DrawProcess, Fonts, ImageRenderer, Rasterizer, render_clip};
    if Command::new("ffprobe").arg("-version").output().is_err() {
        return;
    }
    let fonts = Fonts::new(false);
    let images = ImageRenderer::new(DrawProcess::ThisProcess);
    let rasterizer = Rasterizer::new(&fonts, &images);
    let directory = tempfile::tempdir().unwrap();
    let long = "Welcome to Acme Cloud. In the next minute you will make your first project. Then you invite your team, and all of you look at it together.";
    let silent = spoken("1:1", "").with("voice.silence.duration", 3);
    for (spec, size) in [
        (spoken("16:9", long), "1280,720"),
        (spoken("9:16", "Hi."), "720,1280"),
        (spoken("1:1", "Ελλάδα, Привет, naïve <b>&amp;</b>"), "720,720"),
        (silent, "720,720"),
    ] {
        let seconds = crate::spec::estimate(&spec).seconds.unwrap();
        let path = directory.path().join("f.mp4");
        std::fs::write(&path, render_clip(&plain(&spec), seconds, &rasterizer).unwrap()).unwrap();
        let streams = probe(&path, "stream=codec_name,width,height,sample_rate,channels");
        assert_eq!(streams.lines().collect::<Vec<_>>(), [format!("h264,{size}"), "opus,48000,1".to_owned()]);
        for told in probe(&path, "format=duration:stream=duration").split_whitespace() {
            let told: f64 = told.trim_end_matches(',').parse().unwrap();
            assert!((told - seconds).abs() <= (seconds * 0.05).max(0.03), "{told} for {seconds}");
        }
        let decoded = Command::new("ffmpeg")
            .args(["-v", "error", "-xerror", "-i"])
            .arg(&path)
            .args(["-f", "null", "-"])
            .output()
            .unwrap();
        assert!(decoded.status.success() && decoded.stderr.is_empty(), "{}", String::from_utf8_lossy(&decoded.stderr));
    }
}

#[test]
fn what_ffmpeg_decodes_is_what_was_drawn() {
    use crate::preview::{
        Backdrop, Canvas, DrawProcess, Fonts, Footer, FrameInput, ImageRenderer, Rasterizer, cues, footer_svg,
        frame_svg, render_clip,
    };
    if Command::new("ffmpeg").arg("-version").output().is_err() {
        return;
    }
    let spec = spoken(
        "16:9",
        "One line. Another sentence that is long enough for a caption of its own, with two lines. And the last one of them all.",
    );
    let canvas = Canvas::from_spec(spec.aspect());
    let fonts = Fonts::new(false);
    let images = ImageRenderer::new(DrawProcess::ThisProcess);
    let rasterizer = Rasterizer::new(&fonts, &images);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("f.mp4");
    let bytes = render_clip(&plain(&spec), 8.0, &rasterizer).unwrap();
    assert!(bytes.len() < 700_000, "{} bytes", bytes.len());
    std::fs::write(&path, bytes).unwrap();
    let decoded = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(&path)
        .args(["-fps_mode", "passthrough", "-pix_fmt", "yuv420p", "-f", "rawvideo", "-"])
        .output()
        .unwrap();
    assert_eq!(String::from_utf8_lossy(&decoded.stderr), "");
    let frames: Vec<&[u8]> = decoded.stdout.chunks_exact(1280 * 720 * 3 / 2).collect();
    let cues = cues(spec.spoken_texts().next().unwrap(), canvas.caption_width(), &fonts);
    assert_eq!(cues.len(), 3);
    let look =
        FrameInput { spec: &spec, aspect: spec.aspect(), backdrop: &Backdrop::Plain, portrait: None, guides: false };
    let bare = rasterizer.draw(&frame_svg(&look, Footer::Empty, &fonts), (canvas, 2.0 / 3.0), &look).unwrap();
    for (cue, frame) in [(&cues[0], frames[0]), (&cues[2], frames[frames.len() - 1])] {
        let mut pixels = bare.clone();
        rasterizer.draw_over(&footer_svg(canvas, Footer::Caption(cue, false), &fonts), canvas, &mut pixels).unwrap();
        let planes = super::planes::Planes::from_pixels(&pixels, FrameSize::fitting(spec.aspect()));
        assert!([&planes.luma[..], &planes.blue, &planes.red].concat() == frame, "{cue:?}");
    }
}

#[cfg(feature = "speech")]
#[test]
fn speech_is_heard_and_ends_with_the_film() {
    use crate::preview::{DrawProcess, Fonts, ImageRenderer, Rasterizer, can_speak, render_clip};
    if !can_speak() || Command::new("ffmpeg").arg("-version").output().is_err() {
        return;
    }
    let spec = spoken("16:9", "Welcome to Acme Cloud. Your first project is one minute away, and so is your second.");
    let seconds = crate::spec::estimate(&spec).seconds.unwrap();
    let fonts = Fonts::new(false);
    let images = ImageRenderer::new(DrawProcess::ThisProcess);
    let directory = tempfile::tempdir().unwrap();
    let path = directory.path().join("f.mp4");
    std::fs::write(&path, render_clip(&plain(&spec), seconds, &Rasterizer::new(&fonts, &images)).unwrap()).unwrap();
    let decoded = Command::new("ffmpeg")
        .args(["-v", "error", "-i"])
        .arg(&path)
        .args(["-f", "s16le", "-ac", "1", "-ar", "48000", "-"])
        .output()
        .unwrap();
    let samples: Vec<f64> =
        decoded.stdout.chunks_exact(2).map(|two| f64::from(i16::from_le_bytes([two[0], two[1]]))).collect();
    assert!((samples.len() as f64 / 48_000.0 - seconds).abs() <= seconds * 0.05, "{} for {seconds}", samples.len());
    for third in samples.chunks(samples.len() / 3 + 1) {
        let loud = (third.iter().map(|one| one * one).sum::<f64>() / third.len() as f64).sqrt();
        assert!(loud > 300.0, "every third of it speaks: {loud}");
    }
}
