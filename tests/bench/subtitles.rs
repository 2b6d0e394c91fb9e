//! How exact the times of subtitles are: espeak-ng speaks known sentences one by one, so their true boundaries are known.
//!
//! `cargo test --bench subtitles` prints the mean and the largest error for each text in `tests/bench/subtitles/`, as a
//! complete video and as videos of five sentences. It needs `espeak-ng` on the `PATH`.

#![expect(clippy::unwrap_used, reason = "a measurement that cannot go on panics")]
#![expect(clippy::print_stdout, reason = "its figures are what it is for")]

use std::process::Command;

use callsheet::results::{SpeechSegment, cues};

/// Samples per second of espeak-ng.
const RATE: f64 = 22_050.0;
/// Sentences of a short video.
const SHORT: usize = 5;

fn main() {
    if Command::new("espeak-ng").arg("--version").output().is_err() {
        println!("espeak-ng is not installed, so nothing was measured");
        return;
    }
    println!("| language | video | sentences | length | mean error | largest error |\n|---|---|---|---|---|---|");
    for voice in ["en", "de", "ar"] {
        let path = format!("{}/tests/bench/subtitles/{voice}.txt", env!("CARGO_MANIFEST_DIR"));
        let text = std::fs::read_to_string(path).unwrap();
        let sentences: Vec<&str> = text.lines().collect();
        let spoken: Vec<f64> = sentences.iter().map(|sentence| seconds(voice, sentence)).collect();
        for (name, count) in [("complete", sentences.len()), ("short", SHORT)] {
            let videos = sentences.chunks(count).zip(spoken.chunks(count));
            let errors: Vec<f64> = videos.flat_map(|(sentences, spoken)| errors(sentences, spoken)).collect();
            let mean = errors.iter().sum::<f64>() / errors.len() as f64;
            let largest = errors.iter().copied().fold(0.0, f64::max);
            let length = spoken.iter().sum::<f64>() / (sentences.len() / count) as f64;
            println!("| {voice} | {name} | {count} | {length:.1} s | {mean:.2} s | {largest:.2} s |");
            assert!(errors.len() >= (count - 1) * sentences.len() / count / 2, "most sentences start a cue");
        }
    }
}

/// Returns the seconds that espeak-ng takes for a sentence.
fn seconds(voice: &str, sentence: &str) -> f64 {
    let spoken = Command::new("espeak-ng").args(["-v", voice, "--stdout", sentence]).output().unwrap();
    assert!(spoken.status.success(), "{}", String::from_utf8_lossy(&spoken.stderr));
    // A stream has no sizes in its header: the samples are the rest of it.
    let data = spoken.stdout.windows(4).position(|word| word == b"data").unwrap() + 8;
    (spoken.stdout.len() - data) as f64 / 2.0 / RATE
}

/// Returns the errors of the starts of all sentences but the first, if a cue starts with them.
fn errors(sentences: &[&str], spoken: &[f64]) -> Vec<f64> {
    let length = spoken.iter().sum();
    let cues = cues(&[SpeechSegment::Speech(sentences.join(" "))], length);
    let mut start = 0.0;
    let mut errors = Vec::new();
    for (sentence, seconds) in sentences.iter().zip(spoken) {
        let letters = |text: &str| text.chars().filter(|one| one.is_alphanumeric()).take(12).collect::<String>();
        let cue = cues.iter().find(|cue| letters(&cue.lines.join(" ")) == letters(sentence));
        if let Some(cue) = cue.filter(|_| start > 0.0) {
            errors.push((cue.from as f64 / 1000.0 - start).abs());
        }
        start += seconds;
    }
    errors
}
