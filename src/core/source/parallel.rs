//! Distributes work over all cores. A thread takes the next piece as soon as it is free, so a busy core delays only one
//! piece.

use std::iter::repeat_with;
use std::sync::OnceLock;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread::{Builder, available_parallelism, scope};

/// Returns the number of cores for this process, determined once.
pub fn available_cores() -> usize {
    static CORES: OnceLock<usize> = OnceLock::new();
    *CORES.get_or_init(|| available_parallelism().map_or(1, usize::from))
}

/// Runs `count` pieces of work on `threads` threads, including the caller's. Returns the results in the order of the
/// pieces.
///
/// A piece for which `work` returns `None` has no result. If a thread cannot be started, the other threads do its work.
pub fn parallel_map<T: Send>(threads: usize, count: usize, work: impl Fn(usize) -> Option<T> + Sync) -> Vec<T> {
    let next = AtomicUsize::new(0);
    let hand = || {
        let pieces = repeat_with(|| next.fetch_add(1, Ordering::Relaxed)).take_while(|piece| *piece < count);
        pieces.filter_map(|piece| Some((piece, work(piece)?))).collect::<Vec<_>>()
    };
    let mut made = scope(|scope| {
        let spawn = |_| Builder::new().name("pieces".into()).spawn_scoped(scope, hand).ok();
        let hands: Vec<_> = (1..threads.min(count)).filter_map(spawn).collect();
        let mut made = hand();
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

    use super::parallel_map;

    #[test]
    fn each_piece_is_done_once_and_what_came_of_them_is_in_order() {
        for threads in [0, 1, 2, 7] {
            for count in [0, 1, 2, 100] {
                let made = parallel_map(threads, count, |piece| Some(piece * piece));
                assert_eq!(made, (0..count).map(|piece| piece * piece).collect::<Vec<_>>(), "{threads} {count}");
            }
        }
        assert_eq!(parallel_map(2, 4, |piece| (piece % 2 == 1).then_some(piece)), [1, 3]);
    }

    #[test]
    fn a_slow_hand_keeps_nobody_waiting() {
        let (done, others) = std::sync::mpsc::channel();
        let others = std::sync::Mutex::new(others);
        let made = parallel_map(2, 100, |piece| {
            // The thread with the first piece waits until the other thread has finished all other pieces.
            let rest = if piece == 0 { 99 } else { 0 };
            let wait = Duration::from_mins(1);
            let count = (0..rest).map_while(|_| others.lock().unwrap().recv_timeout(wait).ok()).count();
            if piece > 0 {
                done.send(()).unwrap();
            }
            Some(count)
        });
        assert_eq!((made.len(), made[0]), (100, 99));
    }

    #[test]
    #[should_panic(expected = "piece 3")]
    fn a_panic_is_handed_on() {
        let one = |piece| {
            assert!(piece != 3, "piece {piece}");
            Some(())
        };
        parallel_map(2, 8, one);
    }
}
