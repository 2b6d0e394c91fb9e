//! Parses `NAME[:ARGUMENT][@SCOPE][:SHARE]` into a fault.

use std::time::Duration;

use super::definitions::{ALL, FaultBuilder, FaultDefinition};
use super::model::InjectionPoint;
use super::{EndpointScope, Fault, FaultError, FaultKind, Frequency};
use crate::diagnostic::nearest;
use crate::source::quoted;

/// The maximum duration, in seconds: ten years.
const MAX_SECONDS: f64 = 315_360_000.0;

impl Fault {
    /// Parses one fault. The table in the module docs lists them.
    ///
    /// # Errors
    /// For an unknown name, with the nearest name and all names, and for an invalid argument, scope or share.
    pub fn parse(text: &str) -> Result<Fault, FaultError> {
        let text = text.trim();
        let mut tokens = text.split(':');
        let (name, mut scope) = split_scope(tokens.next().unwrap_or_default());
        let known = find(name)?;
        let mut argument = None;
        let mut when = None;
        for token in tokens {
            let (token, here) = split_scope(token);
            if let Some(here) = here
                && scope.replace(here).is_some()
            {
                return Err(wrong(known, "has two scopes"));
            }
            if token.ends_with('%') || token.starts_with("first=") {
                let share = share(token).ok_or_else(|| FaultError::Share { text: token.to_owned() })?;
                if when.replace(share).is_some() {
                    return Err(wrong(known, "has two shares"));
                }
            } else if argument.replace(token).is_some() {
                return Err(wrong(known, "has two arguments"));
            }
        }
        let Some((kind, burst)) = build(&known.build, argument) else {
            let given = argument.map(|given| format!(", not `{given}`")).unwrap_or_default();
            return Err(wrong(known, &format!("{}{given}", known.takes)));
        };
        if burst.is_some() && when.is_some() {
            return Err(wrong(known, "has both a count and a share"));
        }
        let only: Option<&[EndpointScope]> = match (known.stage, known.scope) {
            (InjectionPoint::File, _) => Some(&[EndpointScope::Result]),
            (InjectionPoint::Token, _) => Some(&[EndpointScope::Token]),
            (InjectionPoint::Task, EndpointScope::Detail) => Some(&[EndpointScope::Detail]),
            (InjectionPoint::Task, _) => Some(&[EndpointScope::Detail, EndpointScope::List, EndpointScope::Any]),
            (InjectionPoint::Listing | InjectionPoint::Listed, _) | (_, EndpointScope::List) => {
                Some(&[EndpointScope::List])
            }
            _ => None,
        };
        let scope = match scope {
            None => known.scope,
            Some(word) => EndpointScope::WORDS
                .iter()
                .find(|(name, scope)| *name == word && only.is_none_or(|only| only.contains(scope)))
                .map(|(_, scope)| *scope)
                .ok_or_else(|| unknown_scope(known, word, only))?,
        };
        let when = burst.map(Frequency::First).or(when).unwrap_or(Frequency::Always);
        Ok(Fault { kind, scope, when, stage: known.stage, text: text.to_owned() })
    }

    /// Returns the names of all faults, in the order of the table in the module docs.
    pub fn names() -> impl Iterator<Item = &'static str> {
        ALL.iter().map(|known| known.name)
    }
}

fn find(name: &str) -> Result<&'static FaultDefinition, FaultError> {
    ALL.iter().find(|known| known.name == name).ok_or_else(|| FaultError::Unknown {
        name: name.to_owned(),
        hint: Some(name)
            .filter(|name| !name.is_empty())
            .and_then(|name| nearest(name, Fault::names()))
            .map(|near| format!(" did you mean `{near}`?"))
            .unwrap_or_default(),
        known: all(),
    })
}

/// Returns all faults with what they do, one per line.
fn all() -> String {
    let widest = Fault::names().map(str::len).max().unwrap_or_default();
    let line = |known: &FaultDefinition| format!("  {:widest$}  {}", known.name, known.what);
    ALL.iter().map(line).collect::<Vec<_>>().join("\n")
}

fn wrong(known: &FaultDefinition, reason: &str) -> FaultError {
    FaultError::Argument { name: known.name, reason: reason.to_owned() }
}

fn unknown_scope(known: &FaultDefinition, word: &str, only: Option<&[EndpointScope]>) -> FaultError {
    let words = EndpointScope::WORDS.iter().filter(|(_, scope)| only.is_none_or(|only| only.contains(scope)));
    FaultError::Scope { name: known.name, scope: word.to_owned(), known: quoted(words.map(|(word, _)| *word)) }
}

fn split_scope(token: &str) -> (&str, Option<&str>) {
    token.split_once('@').map_or((token, None), |(token, scope)| (token, Some(scope)))
}

fn share(token: &str) -> Option<Frequency> {
    if let Some(count) = token.strip_prefix("first=") {
        return decimal(count)?.parse().ok().map(Frequency::First);
    }
    let percent: f64 = decimal(token.strip_suffix('%')?)?.parse().ok()?;
    (0.0..=100.0).contains(&percent).then_some(Frequency::Share(percent / 100.0))
}

/// Returns the kind of fault and, for a burst, its number of requests. Returns `None` for an invalid argument.
fn build(builder: &FaultBuilder, argument: Option<&str>) -> Option<(FaultKind, Option<u64>)> {
    let number = |text: &str| decimal(text)?.parse::<u64>().ok();
    let kind = match (builder, argument) {
        (FaultBuilder::Plain(kind), None) => kind.clone(),
        (FaultBuilder::Span(make), Some(span)) => make(read_span(span)?),
        (FaultBuilder::Shift(make), Some(shift)) => make(read_shift(shift)?),
        (FaultBuilder::Number(default, _, make), None) => make((*default)?),
        (FaultBuilder::Number(_, range, make), Some(text)) => make(number(text).filter(|one| range.contains(one))?),
        (FaultBuilder::Burst(make), None) => make(None)?,
        (FaultBuilder::Burst(make), Some(text)) => match number(text) {
            Some(burst) => return Some((make(None)?, Some(burst))),
            None => make(Some(read_span(text)?))?,
        },
        _ => return None,
    };
    Some((kind, None))
}

/// Reads a duration with a sign, in whole seconds.
fn read_shift(text: &str) -> Option<i64> {
    let span = read_span(text.strip_prefix(['+', '-'])?).filter(|span| span.subsec_nanos() == 0)?;
    let seconds = i64::try_from(span.as_secs()).ok()?;
    Some(if text.starts_with('-') { -seconds } else { seconds })
}

/// Reads digits with a unit: `200ms`, `1.5s`, `2m`, `1h`.
fn read_span(text: &str) -> Option<Duration> {
    let (number, unit) = text.split_at(text.find(|character: char| character.is_ascii_alphabetic())?);
    let unit = match unit {
        "ms" => 0.001,
        "s" => 1.0,
        "m" => 60.0,
        "h" => 3_600.0,
        _ => return None,
    };
    let seconds = decimal(number)?.parse::<f64>().ok()? * unit;
    (seconds <= MAX_SECONDS).then(|| Duration::from_secs_f64(seconds))
}

/// Returns the text if it consists of digits with at most one point between them: no sign, no exponent, no `inf`.
fn decimal(text: &str) -> Option<&str> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, "0"));
    [whole, fraction]
        .iter()
        .all(|digits| !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit()))
        .then_some(text)
}
