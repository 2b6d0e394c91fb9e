//! A property: whatever runs, crashes, lost answers and late pushes come together, no content is paid twice and no paid video
//! is lost. Each rule of the protocol is switched off once, and then the property must fail.

use proptest::prelude::*;
use proptest::test_runner::{Config, RngAlgorithm, TestRng, TestRunner};

use super::claims_steps::{CLAIM, GRACE, LAG, Post, Push, RUNS, Step, TIMEOUT, What, Without, step};
use super::claims_world::World;

/// Clocks of which one is ahead, and one is behind, by more than any claim.
const APART: [i64; RUNS] = [0, 150, -150];

/// The rules.
const RULES: [Without; 8] = [
    Without::End,
    Without::ProofFromEnd,
    Without::RunOfAnswer,
    Without::AbsentIsError,
    Without::Veto,
    Without::Condition,
    Without::SentIsNotRenewed,
    Without::FreshId,
];

#[test]
fn no_content_is_paid_twice_and_none_is_lost() {
    let config = Config { max_shrink_iters: 300, failure_persistence: None, ..Config::default() };
    let mut runner = TestRunner::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha));
    // Clocks that agree; that differ by less than half the grace; that differ by more, and so judge nothing.
    let clocks = prop::sample::select(vec![[0, 0, 0], [0, 9, -10], APART]);
    // A history that only just is lawful, with random steps in between.
    let base = prop_oneof![1 => Just(Without::Nothing), 2 => prop::sample::select(RULES.to_vec())];
    let random = prop::collection::vec((any::<prop::sample::Index>(), step()), 0..40);
    let lawful = runner.run(&(clocks, base, random), |(clocks, base, random)| {
        let mut steps = history(base);
        for (at, step) in random {
            steps.insert(at.index(steps.len() + 1), step);
        }
        let mut world = World::new(Without::Nothing, clocks);
        for step in steps {
            world.step(step);
            prop_assert!(!world.is_paid_twice(), "paid twice");
        }
        prop_assert!(world.ends_well(), "lost, stuck or paid twice at the end");
        Ok(())
    });
    lawful.unwrap();
}

/// A history that is lawful only with one rule.
fn history(without: Without) -> Vec<Step> {
    use Post::{AnswerLost, Answered, NotAccepted};
    let does = |run, what| [Step::Read(run, what), Step::Push(run, Push::Works)];
    let claims = |run| does(run, What::Claim);
    let sends = |run, post| Step::Send(run, post, TIMEOUT - 1);
    // Run 0 claims `a` and `b`. `a` is free again, so that run 1 may send it, and prove something by it.
    let one_is_free = [claims(0).as_slice(), &[sends(0, NotAccepted), Step::Merge(1, 0)]].concat();
    // Run 1 sends `a`, later settles `b`, claims it if it is free, and sends it.
    let judges = |later| {
        [claims(1).as_slice(), &[sends(1, Answered), later], &does(1, What::Settle), &claims(1), &[sends(1, Answered)]]
            .concat()
    };
    let parts: Vec<Vec<Step>> = match without {
        Without::Nothing => Vec::new(),
        // Frozen between its claim and its request, until another run could prove that nothing was sent.
        Without::End => {
            vec![one_is_free, vec![Step::Tick(CLAIM + 1)], judges(Step::Tick(GRACE + LAG)), vec![sends(0, Answered)]]
        }
        // A request right before the end of a claim, which the list does not show yet when the claim has ended.
        Without::ProofFromEnd => {
            let late = vec![Step::Tick(CLAIM - TIMEOUT), sends(0, AnswerLost)];
            vec![
                one_is_free,
                claims(1).into(),
                vec![sends(1, Answered)],
                late,
                vec![Step::Tick(TIMEOUT + 1)],
                does(1, What::Settle).into(),
                claims(1).into(),
                vec![sends(1, Answered)],
            ]
        }
        Without::RunOfAnswer => {
            vec![
                claims(0).into(),
                vec![Step::OldBranch(1)],
                claims(1).into(),
                vec![sends(0, Answered), sends(1, Answered)],
            ]
        }
        Without::AbsentIsError => {
            vec![claims(0).into(), vec![sends(0, Answered), Step::Delete], claims(1).into(), vec![sends(1, Answered)]]
        }
        // By the clock of run 1, the claims of run 0 have ended long ago.
        Without::Veto => vec![one_is_free, judges(Step::Tick(LAG + TIMEOUT)), vec![sends(0, Answered)]],
        Without::Condition => {
            let both = [
                Step::Read(0, What::Claim),
                Step::Read(1, What::Claim),
                Step::Push(0, Push::Works),
                Step::Push(1, Push::Works),
            ];
            vec![both.into(), vec![sends(0, Answered), sends(1, Answered)]]
        }
        Without::SentIsNotRenewed => {
            vec![claims(0).into(), vec![sends(0, AnswerLost)], claims(0).into(), vec![sends(0, Answered)]]
        }
        Without::FreshId => vec![claims(0).into(), claims(1).into(), vec![sends(0, Answered), sends(1, Answered)]],
    };
    parts.concat()
}

#[test]
fn without_any_of_its_rules_the_law_fails() {
    for rule in RULES {
        let pays_twice = |without| {
            let mut world = World::new(without, if rule == Without::Veto { APART } else { [0, 0, 0] });
            history(rule).into_iter().any(|step| {
                world.step(step);
                world.is_paid_twice()
            })
        };
        assert_eq!((pays_twice(Without::Nothing), pays_twice(rule)), (false, true), "{rule:?}");
    }
}
