//! Work on all cores: whoever is free takes the next piece, so a core that others use too keeps nobody waiting.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, available_parallelism, scope};

/// How many cores there are for this process; looked up once.
pub fn cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| available_parallelism().map_or(1, usize::from))
}

/// The numbers of the pieces that nobody has taken yet; each is given to one taker.
#[derive(Debug)]
pub struct Left<'a> {
    next: &'a AtomicUsize,
    count: usize,
}

impl Iterator for Left<'_> {
    type Item = usize;

    fn next(&mut self) -> Option<usize> {
        let piece = self.next.fetch_add(1, Ordering::Relaxed);
        (piece < self.count).then_some(piece)
    }
}

/// Does `count` pieces of work on so many threads, this one among them; what came of the pieces, in their order.
///
/// `work` runs once on each thread, takes what is left and returns what it made, with the number of each piece. The other
/// threads have stacks of `stack` bytes, if that is said. Where a thread cannot be started the others do its work. Pieces
/// that `work` takes and makes nothing of are missing, and those behind them move up.
pub fn share_out<T: Send>(
    threads: usize,
    stack: Option<usize>,
    count: usize,
    work: impl Fn(Left<'_>) -> Vec<(usize, T)> + Sync,
) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let left = || Left { next: &next, count };
    let (work, left) = (&work, &left);
    let mut made = scope(|scope| {
        let hand = || {
            let thread = Builder::new().name("pieces".into());
            let thread = if let Some(bytes) = stack { thread.stack_size(bytes) } else { thread };
            thread.spawn_scoped(scope, move || work(left())).ok()
        };
        let hands: Vec<_> = (1..threads.min(count)).filter_map(|_| hand()).collect();
        let mut made = work(left());
        for hand in hands {
            made.extend(hand.join().unwrap_or_else(|panic| std::panic::resume_unwind(panic)));
        }
        made
    });
    made.sort_unstable_by_key(|(piece, _)| *piece);
    made.into_iter().map(|(_, made)| made).collect()
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::share_out;

    #[test]
    fn each_piece_is_done_once_and_what_came_of_them_is_in_order() {
        for threads in [0, 1, 2, 7] {
            for count in [0, 1, 2, 100] {
                let made = share_out(threads, None, count, |left| left.map(|piece| (piece, piece * piece)).collect());
                assert_eq!(made, (0..count).map(|piece| piece * piece).collect::<Vec<_>>(), "{threads} {count}");
            }
        }
    }

    #[test]
    fn a_slow_hand_keeps_nobody_waiting() {
        let (done, others) = std::sync::mpsc::channel();
        let others = std::sync::Mutex::new(others);
        let made = share_out(2, None, 100, |left| {
            let one = |piece: usize| {
                // Whoever has the first piece goes on when the other has done all the rest.
                let rest = if piece == 0 { 99 } else { 0 };
                let wait = Duration::from_mins(1);
                let count = (0..rest).map_while(|_| others.lock().unwrap().recv_timeout(wait).ok()).count();
                if piece > 0 {
                    done.send(()).unwrap();
                }
                (piece, count)
            };
            left.map(one).collect()
        });
        assert_eq!((made.len(), made[0]), (100, 99));
    }

    #[test]
    #[should_panic(expected = "piece 3")]
    fn a_panic_is_handed_on() {
        share_out(2, None, 8, |left| left.map(|piece| (piece, assert!(piece != 3, "piece {piece}"))).collect());
    }
}
