//! Faults are parsed strictly and applied deterministically.

use std::time::Duration;

use super::{EndpointScope, Fault, FaultInjector, FaultKind, Frequency, InjectionPoint};

fn parse(text: &str) -> Fault {
    Fault::parse(text).unwrap_or_else(|error| panic!("{text}: {error}"))
}

fn refused(text: &str) -> String {
    Fault::parse(text).expect_err(text).to_string()
}

#[test]
fn argument_scope_and_share_may_all_stand() {
    let fault = parse("slow:1.5s@list:5%");
    assert_eq!(fault.kind, FaultKind::Slow(Duration::from_millis(1500)));
    assert_eq!((fault.scope, fault.when), (EndpointScope::List, Frequency::Share(0.05)));
    assert_eq!(fault.to_string(), "slow:1.5s@list:5%");
    assert_eq!(parse("slow@list:1.5s:5%").scope, EndpointScope::List);
    assert_eq!(parse("accept-then-drop:first=3").when, Frequency::First(3));
    assert_eq!(parse("803:4").when, Frequency::First(4));
    assert_eq!(parse("429:2s:first=1").kind, FaultKind::TooMany { retry_after: Duration::from_secs(2) });
    assert_eq!(parse("clock-skew:-2h").kind, FaultKind::ClockSkew { seconds: -7200 });
}

#[test]
fn what_makes_no_sense_is_refused_with_the_way_out() {
    let unknown = refused("acept-then-drop");
    let lines: Vec<&str> = unknown.lines().collect();
    assert_eq!(lines[0], "`acept-then-drop` is not a fault; did you mean `accept-then-drop`? known faults:");
    assert_eq!(lines[1], "  drop-before-accept     the connection closes, nothing is stored");
    assert_eq!(lines.len(), 1 + Fault::names().count());
    assert_eq!(refused("").lines().next(), Some("a fault needs a name; known faults:"));
    assert_eq!(refused("slow"), "fault `slow` needs a duration, such as `2s`");
    assert_eq!(refused("slow:2"), "fault `slow` needs a duration, such as `2s`, not `2`");
    assert_eq!(refused("garbage:2"), "fault `garbage` takes no argument, not `2`");
    assert_eq!(refused("slow:1s:2s"), "fault `slow` has two arguments");
    assert_eq!(refused("803:4:5%"), "fault `803` has both a count and a share");
    assert_eq!(refused("garbage:120%"), "`120%` is not a share; write a percentage from 0% to 100%, or `first=N`");
    assert_eq!(
        refused("garbage:first=x"),
        "`first=x` is not a share; write a percentage from 0% to 100%, or `first=N`"
    );
    assert_eq!(refused("late-list:1s@submit"), "`@submit` is not a scope of fault `late-list`; it takes `list`");
    assert_eq!(refused("late-task:1s@list"), "`@list` is not a scope of fault `late-task`; it takes `detail`");
    assert!(refused("late-file:1s@submit").ends_with("it takes `detail`, `list`, `any`"));
    assert!(refused("garbage@lists").contains("it takes `submit`, `detail`, `list`"));
    for bad in ["", ":", "slow:-1s", "slow:1e3s", "slow:infs", "slow:99999999999h", "clock-skew:2s", "http:200", "%"] {
        refused(bad);
    }
}

#[test]
fn the_table_of_the_module_lists_every_fault() {
    let table = include_str!("mod.rs");
    for name in Fault::names() {
        assert!(table.contains(&format!("//! | `{name}` |")), "{name} is not in the table");
    }
    assert_eq!(table.lines().filter(|line| line.starts_with("//! | `")).count(), Fault::names().count());
}

#[test]
fn a_share_strikes_as_often_as_it_says_and_the_same_each_time() {
    let strikes = |seed| -> Vec<bool> {
        let faults = FaultInjector::new(seed, vec![parse("garbage:20%")]);
        (0..2_000).map(|_| !faults.matching(InjectionPoint::After, EndpointScope::Submit).is_empty()).collect()
    };
    assert_eq!(strikes(1), strikes(1));
    assert_ne!(strikes(1), strikes(2));
    let count = strikes(1).iter().filter(|struck| **struck).count();
    assert!((340..460).contains(&count), "{count} of 2000");
}

#[test]
fn counts_are_of_requests_in_scope() {
    let faults = FaultInjector::new(1, vec![parse("http:503@list:first=2")]);
    assert!(faults.matching(InjectionPoint::Before, EndpointScope::Submit).is_empty());
    assert_eq!((0..4).filter(|_| !faults.matching(InjectionPoint::Before, EndpointScope::List).is_empty()).count(), 2);
}
