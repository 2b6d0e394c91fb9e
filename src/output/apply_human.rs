//! What a run came to, for people: a sentence, and for each take that is not well what to do.

use super::clean;
use crate::apply::{NotSent, Outcome};
use crate::spec::{marker, submitted_name};
use crate::vendor::{Refusal, advice};

/// `Applied: 3 submitted, 1 in doubt`.
pub fn outcome_sentence(outcome: &Outcome) -> String {
    let counts = outcome.summary();
    let parts = [
        (counts.submitted, "submitted"),
        (counts.adopted, "found at the vendor"),
        (counts.refused, "refused"),
        (counts.in_doubt, "in doubt"),
        (counts.not_sent, "not sent"),
    ];
    let said: Vec<String> =
        parts.iter().filter(|(count, _)| *count > 0).map(|(count, word)| format!("{count} {word}")).collect();
    if said.is_empty() { "Applied: nothing to do".to_owned() } else { format!("Applied: {}", said.join(", ")) }
}

/// What a person does about what is not well; empty when all is.
pub fn outcome_advice(outcome: &Outcome, key_env: &str) -> String {
    let mut lines = Vec::new();
    for one in &outcome.refused {
        lines.push(format!("`{}` was refused and cost nothing: {}", one.key, one.message));
        if let Some(code) = one.code {
            let refusal = Refusal { code, message: one.message.clone() };
            lines.push(format!("  {}", advice(&refusal, key_env)));
        }
    }
    for one in &outcome.in_doubt {
        let name = submitted_name("", &marker(&one.digest, one.attempt));
        lines.push(format!("`{}` is in doubt since {}: {}", one.key, one.since, one.reason));
        lines.push(format!(
            "  it is not sent again until it is settled: `callsheet lock settle` later, or look at the vendor for a video whose name ends in `{}`; if it is there: `callsheet lock adopt '{}' TASK`, if not: `callsheet lock free '{}'`",
            name.trim(),
            one.key,
            one.key
        ));
    }
    let stopped = outcome.not_sent.iter().filter(|one| one.reason == NotSent::Stopped).count();
    for one in outcome.not_sent.iter().filter(|one| one.reason == NotSent::Elsewhere) {
        lines.push(format!(
            "`{}` was not sent: the lockfile, changed meanwhile, tells of a take of the same content; `callsheet plan` shows what it means",
            one.key
        ));
    }
    if outcome.interrupted {
        lines.push(format!("interrupted: {stopped} not sent; run `callsheet apply` again to go on"));
    }
    if let Some(message) = &outcome.key_refused {
        lines.push(format!("the vendor refused the key ({message}): check the variable `{key_env}`"));
    }
    lines.iter().map(|line| format!("{}\n", clean(line))).collect()
}
