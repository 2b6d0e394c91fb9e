//! A long list in pieces: to bring a hundred thousand together would need their room twice.

use std::ops::Index;

/// So many are pushed into one piece.
const PIECE: usize = 64;

/// A list in order, in pieces as they came.
#[derive(Clone, Debug)]
pub struct Pieces<T> {
    /// None of them is empty.
    all: Vec<Vec<T>>,
    /// The number of the first of each piece.
    starts: Vec<usize>,
    count: usize,
}

impl<T> Default for Pieces<T> {
    fn default() -> Self {
        Self { all: Vec::new(), starts: Vec::new(), count: 0 }
    }
}

impl<T> Pieces<T> {
    /// Adds one.
    pub fn push(&mut self, one: T) {
        match self.all.last_mut() {
            Some(last) if last.len() < last.capacity() => {
                last.push(one);
                self.count += 1;
            }
            _ => {
                let mut piece = Vec::with_capacity(PIECE);
                piece.push(one);
                self.push_piece(piece);
            }
        }
    }

    /// Adds a piece as it is.
    pub fn push_piece(&mut self, piece: Vec<T>) {
        if !piece.is_empty() {
            self.starts.push(self.count);
            self.count += piece.len();
            self.all.push(piece);
        }
    }

    /// Adds all of another list.
    pub fn append(&mut self, other: Self) {
        for piece in other.all {
            self.push_piece(piece);
        }
    }

    /// All in order.
    pub fn iter(&self) -> impl Iterator<Item = &T> + Clone {
        self.all.iter().flatten()
    }

    /// All in order, to be changed.
    pub fn iter_mut(&mut self) -> impl Iterator<Item = &mut T> {
        self.all.iter_mut().flatten()
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.count
    }

    /// Whether there are none.
    pub fn is_empty(&self) -> bool {
        self.count == 0
    }

    /// The pieces, none of them empty.
    pub fn into_pieces(self) -> Vec<Vec<T>> {
        self.all
    }
}

impl<T> Index<usize> for Pieces<T> {
    type Output = T;

    /// # Panics
    /// When there are not that many.
    fn index(&self, number: usize) -> &T {
        let piece = self.starts.partition_point(|start| *start <= number).saturating_sub(1);
        &self.all[piece][number - self.starts[piece]]
    }
}

impl<T> IntoIterator for Pieces<T> {
    type Item = T;
    type IntoIter = std::iter::Flatten<std::vec::IntoIter<Vec<T>>>;

    /// All in order; each piece is freed when it is through.
    fn into_iter(self) -> Self::IntoIter {
        self.all.into_iter().flatten()
    }
}

impl<T> FromIterator<Vec<T>> for Pieces<T> {
    fn from_iter<I: IntoIterator<Item = Vec<T>>>(pieces: I) -> Self {
        let mut all = Self::default();
        for piece in pieces {
            all.push_piece(piece);
        }
        all
    }
}

#[cfg(test)]
mod tests {
    use super::Pieces;

    #[test]
    fn what_came_in_pieces_is_one_list() {
        let mut list: Pieces<usize> = [vec![0, 1], vec![], vec![2]].into_iter().collect();
        (3..200).for_each(|one| list.push(one));
        let mut more = Pieces::default();
        more.push(200);
        list.append(more);
        list.append(Pieces::default());
        list.push(201);
        assert_eq!(list.len(), 202);
        assert!(!list.is_empty() && Pieces::<u8>::default().is_empty());
        assert!(list.iter().copied().eq(0..202));
        assert!((0..202).all(|number| list[number] == number));
        list.iter_mut().for_each(|one| *one += 1);
        assert_eq!(list[201], 202);
        assert!(list.clone().into_pieces().iter().all(|piece| !piece.is_empty()));
        assert!(list.into_iter().eq(1..=202));
    }

    #[test]
    #[should_panic(expected = "index out of bounds")]
    fn there_is_nothing_behind_the_last() {
        let list: Pieces<u8> = [vec![1]].into_iter().collect();
        let _ = list[1];
    }
}
