//! Speech by `espeak-ng`, if installed. Each caption is spoken separately, so that speech and captions stay in sync.

use std::io::{Read, Write};
use std::process::{Child, Command, Stdio};
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use ropus::{Application, Bitrate, Channels, Encoder};
use unicode_script::{Script, UnicodeScript};

use super::mp4::AudioTrack;
use super::voiceover::{Voiceover, divide_length, packets};
use crate::preview::Caption;
use crate::spec::views::Speech;

/// The program.
const PROGRAM: &str = "espeak-ng";
/// Words per minute at speed 1.0, about 15 characters per second.
const WORDS: f64 = 175.0;
/// Minimum and maximum words per minute.
const SPEEDS: (f64, f64) = (80.0, 450.0);
/// Maximum time to speak one caption.
const MAX_SPEECH_TIME: Duration = Duration::from_secs(10);
/// Samples per second of the encoder.
const RATE: u32 = 24_000;
/// Samples of [`RATE`] in 20 ms.
const FRAME: usize = 480;
/// Bits per second of the encoder.
const BITS: u32 = 32_000;

/// Returns whether the program is installed.
pub fn is_installed() -> bool {
    static INSTALLED: OnceLock<bool> = OnceLock::new();
    *INSTALLED.get_or_init(|| {
        let ran = Command::new(PROGRAM)
            .arg("--version")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .status();
        ran.is_ok_and(|status| status.success())
    })
}

/// Speaks a script within a length in milliseconds. Returns `None` if it cannot.
pub fn speak(speech: Speech<'_>, cues: &[Caption], milliseconds: u32) -> Option<Voiceover> {
    if !is_installed() || cues.is_empty() {
        return None;
    }
    let wanted = u64::from(milliseconds) as usize * RATE as usize / 1_000;
    let voice = voice(speech.text);
    let speak = |words: f64| {
        let said: Option<Vec<Vec<f32>>> =
            cues.iter().map(|cue| speak_caption(&cue.text(), voice, words, speech.pitch)).collect();
        said.filter(|said| said.iter().map(Vec::len).sum::<usize>() > 0)
    };
    let length = |said: &[Vec<f32>]| said.iter().map(Vec::len).sum::<usize>() as f64;
    let first = (WORDS * speech.speed).clamp(SPEEDS.0, SPEEDS.1);
    let mut said = speak(first)?;
    let ratio = length(&said) / wanted.max(1) as f64;
    if !(0.95..=1.05).contains(&ratio) {
        said = speak((first * ratio).clamp(SPEEDS.0, SPEEDS.1))?;
    }
    // Corrects the remaining difference by resampling. Speech outside the speed limits ends early, or is cut off.
    let stretch = (wanted as f64 / length(&said).max(1.0)).clamp(0.8, 1.25);
    let weights: Vec<f64> = said.iter().map(|part| part.len() as f64).collect();
    let mut samples = interpolate(&said.concat(), stretch);
    let spoken = (samples.len().min(wanted) * 1_000 / RATE as usize) as u32;
    samples.resize(wanted, 0.0);
    let mut parts = divide_length(&weights, spoken);
    let rest = milliseconds.saturating_sub(parts.iter().sum());
    parts.last_mut().into_iter().for_each(|last| *last += rest);
    Some(Voiceover { sound: encode(&samples, milliseconds)?, spans: parts })
}

/// Speaks one caption into samples of [`RATE`]. The text is passed on stdin, so espeak-ng only reads it aloud.
fn speak_caption(text: &str, voice: &str, words: f64, pitch: i64) -> Option<Vec<f32>> {
    // espeak-ng would read double brackets as phonemes.
    let text = text.replace("[[", "[ [");
    let pitch = (50 + pitch).clamp(0, 99);
    let mut child = Command::new(PROGRAM)
        .args(["-b", "1", "-v", voice, "-z", "-s", &format!("{words:.0}"), "-p", &pitch.to_string()])
        .args(["--stdin", "--stdout"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .ok()?;
    let mut input = child.stdin.take()?;
    let mut output = child.stdout.take()?;
    let reader = std::thread::spawn(move || {
        let mut wave = Vec::new();
        output.read_to_end(&mut wave).map(|_| wave)
    });
    let written = input.write_all(text.as_bytes());
    drop(input);
    let ended = end(&mut child);
    let wave = reader.join().ok()?.ok()?;
    if written.is_err() || !ended {
        return None;
    }
    samples(&wave)
}

/// Waits for the process to end, and kills it after [`MAX_SPEECH_TIME`].
fn end(child: &mut Child) -> bool {
    let start = Instant::now();
    loop {
        match child.try_wait() {
            Ok(Some(status)) => return status.success(),
            Ok(None) if start.elapsed() < MAX_SPEECH_TIME => std::thread::sleep(Duration::from_millis(2)),
            Ok(None) | Err(_) => {
                if let Err(error) = child.kill().and_then(|()| child.wait()) {
                    tracing::warn!(%error, "espeak-ng does not end");
                }
                return false;
            }
        }
    }
}

/// Returns the samples of a WAV stream, 16 bits, mono, resampled to [`RATE`].
fn samples(wave: &[u8]) -> Option<Vec<f32>> {
    let format = wave.windows(4).position(|four| four == b"fmt ")?;
    let rate = u32::from_le_bytes(wave.get(format + 12..format + 16)?.try_into().ok()?);
    let data = wave.windows(4).position(|four| four == b"data")? + 8;
    let raw: Vec<f32> = wave
        .get(data..)?
        .chunks_exact(2)
        .map(|two| f32::from(i16::from_le_bytes([two[0], two[1]])) / 32_768.0)
        .collect();
    (rate > 0).then(|| interpolate(&raw, f64::from(RATE) / f64::from(rate)))
}

/// Interpolates samples: longer and lower by a factor.
fn interpolate(samples: &[f32], factor: f64) -> Vec<f32> {
    let count = (samples.len() as f64 * factor).round() as usize;
    let at = |place: usize| samples.get(place).copied().unwrap_or_default();
    (0..count)
        .map(|number| {
            let place = number as f64 / factor;
            let (whole, part) = (place as usize, place.fract() as f32);
            at(whole) * (1.0 - part) + at(whole + 1) * part
        })
        .collect()
}

fn encode(samples: &[f32], milliseconds: u32) -> Option<AudioTrack> {
    let mut encoder =
        Encoder::builder(RATE, Channels::Mono, Application::Voip).bitrate(Bitrate::Bits(BITS)).build().ok()?;
    let skip = u16::try_from(encoder.lookahead() * 2).ok()?;
    let mut frames = Vec::with_capacity(samples.len() / FRAME + 2);
    let mut packet = [0; 1_500];
    for number in 0..packets(milliseconds, skip) {
        let start = (number * FRAME).min(samples.len());
        let mut frame = samples[start..(start + FRAME).min(samples.len())].to_vec();
        frame.resize(FRAME, 0.0);
        let size = encoder.encode_float(&frame, &mut packet).ok()?;
        frames.push(packet[..size].to_vec());
    }
    Some(AudioTrack { packets: frames, skip })
}

/// Chooses the voice by the most frequent script. Latin script is read in English.
fn voice(text: &str) -> &'static str {
    let mut counts = std::collections::BTreeMap::<&'static str, usize>::new();
    for one in text.chars() {
        let voice = match one.script() {
            Script::Latin => "en",
            Script::Cyrillic => "ru",
            Script::Greek => "el",
            Script::Han => "cmn",
            Script::Hiragana | Script::Katakana => "ja",
            Script::Hangul => "ko",
            Script::Arabic => "ar",
            Script::Hebrew => "he",
            Script::Devanagari => "hi",
            Script::Bengali => "bn",
            Script::Tamil => "ta",
            Script::Thai => "th",
            Script::Georgian => "ka",
            Script::Armenian => "hy",
            _ => continue,
        };
        *counts.entry(voice).or_default() += 1;
    }
    // Japanese shares many letters with Chinese, so a single kana decides.
    if counts.contains_key("ja") {
        return "ja";
    }
    counts.into_iter().max_by_key(|(_, count)| *count).map_or("en", |(voice, _)| voice)
}
