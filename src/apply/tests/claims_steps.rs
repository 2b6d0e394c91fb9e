//! What happens to runs with one ledger, for the property of claims, and the rules that can be switched off.

use proptest::prelude::*;

/// Seconds of a claim, of a request, until the list shows a video, and of the grace.
pub const CLAIM: i64 = 100;
pub const TIMEOUT: i64 = 5;
pub const LAG: i64 = 8;
pub const GRACE: i64 = 40;
pub const KEYS: [&str; 2] = ["a", "b"];
pub const RUNS: usize = 3;

/// A rule that is switched off.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Without {
    Nothing,
    /// A run checks the end of its claim before it sends.
    End,
    /// Another run's claim is judged from its end on, not from its beginning.
    ProofFromEnd,
    /// Only a line of its own run answers a claim.
    RunOfAnswer,
    /// An absent ledger is an error.
    AbsentIsError,
    /// Clocks that differ judge nothing.
    Veto,
    /// A push succeeds only on the version that was read.
    Condition,
    /// A claim that was sent is not renewed.
    SentIsNotRenewed,
    /// Each process has another id.
    FreshId,
}

/// The kind of a change of the ledger.
#[derive(Clone, Copy, Debug)]
pub enum What {
    Claim,
    Publish,
    /// The takes that a list settles.
    Settle,
    /// A user frees the claims of dead runs, long after they ended.
    Free,
}

/// The outcome of a push.
#[derive(Clone, Copy, Debug)]
pub enum Push {
    Works,
    NeverLeft,
    AnswerLost,
    /// It arrives later, if the branch has not changed.
    Late,
}

/// The outcome of a request.
#[derive(Clone, Copy, Debug)]
pub enum Post {
    Answered,
    AnswerLost,
    NeverArrived,
    /// The vendor says that it did not accept it.
    NotAccepted,
}

#[derive(Clone, Copy, Debug)]
pub enum Step {
    /// A run reads the ledger, and decides.
    Read(usize, What),
    /// It pushes what it decided.
    Push(usize, Push),
    /// A late push arrives.
    Arrive,
    /// It sends the next of its claims. The vendor accepts it some seconds later.
    Send(usize, Post, i64),
    /// A process ends without a word, and another begins on this machine.
    Crash(usize),
    /// A process ends, and its machine is gone with the lockfile.
    Gone(usize),
    /// The lockfile of another machine is merged.
    Merge(usize, usize),
    /// An old branch's lockfile is merged. It freed its own first attempt, of which the ledger never heard.
    OldBranch(usize),
    /// The branch is deleted, until a machine that knows it pushes it again.
    Delete,
    Restore,
    Tick(i64),
}

/// Any step.
pub fn step() -> impl Strategy<Value = Step> {
    let run = 0..RUNS;
    let what =
        prop_oneof![4 => Just(What::Claim), 2 => Just(What::Publish), 3 => Just(What::Settle), 1 => Just(What::Free)];
    let push = prop_oneof![5 => Just(Push::Works), 1 => Just(Push::NeverLeft), 1 => Just(Push::AnswerLost), 1 => Just(Push::Late)];
    let post = prop_oneof![3 => Just(Post::Answered), 3 => Just(Post::AnswerLost), 1 => Just(Post::NeverArrived), 1 => Just(Post::NotAccepted)];
    prop_oneof![
        6 => (run.clone(), what).prop_map(|(run, what)| Step::Read(run, what)),
        6 => (run.clone(), push).prop_map(|(run, push)| Step::Push(run, push)),
        1 => Just(Step::Arrive),
        5 => (run.clone(), post, 0..TIMEOUT).prop_map(|(run, post, delay)| Step::Send(run, post, delay)),
        1 => run.clone().prop_map(Step::Crash),
        1 => run.clone().prop_map(Step::Gone),
        1 => (run.clone(), run.clone()).prop_map(|(run, other)| Step::Merge(run, other)),
        1 => run.prop_map(Step::OldBranch),
        1 => prop::sample::select(vec![Step::Delete, Step::Restore, Step::Restore]),
        4 => prop::sample::select(vec![1, 10, 45, 95]).prop_map(Step::Tick),
    ]
}
