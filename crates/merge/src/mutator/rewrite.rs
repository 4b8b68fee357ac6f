//! From one text to another in a number of steps that is bounded, whatever the texts.
//!
//! Automerge compares two texts letter by letter, in time that grows with the square of their
//! length: where people changed a few words that is cheap and exact, where they wrote another text
//! of 10,000 letters it takes many seconds, at the gate too. Beyond a bound texts are therefore
//! compared word by word, and where even that finds little in common the middle is replaced.
//!
//! A part of the mutators of version 1: bytes depend on every line.

use std::ops::Range;

/// Letters of the old times letters of the new text, up to which they are compared letter by letter.
const LETTERS_MAX: usize = 250_000;
/// How many words may come and go.
const WORDS_MAX: usize = 256;
/// In how many places.
const PLACES_MAX: usize = 64;

/// How one text becomes another.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Rewrite<'a> {
    /// Letter by letter.
    Letters,
    /// By replacing pieces of the old text, given in bytes; the last piece first.
    Pieces(Vec<(Range<usize>, &'a str)>),
}

/// Compares two texts.
pub(super) fn compare<'a>(old: &str, new: &'a str) -> Rewrite<'a> {
    let before = common(old.chars(), new.chars());
    let (old_rest, new_rest) = (&old[before..], &new[before..]);
    let after = common(old_rest.chars().rev(), new_rest.chars().rev());
    let old_middle = &old_rest[..old_rest.len() - after];
    let new_middle = &new_rest[..new_rest.len() - after];
    if old_middle.len().saturating_mul(new_middle.len()) <= LETTERS_MAX {
        return Rewrite::Letters;
    }
    let (old_words, new_words) = (words(old_middle), words(new_middle));
    let places = matches(&old_words, &new_words)
        .map(|kept| places(&kept, old_words.len(), new_words.len()))
        .filter(|places| places.len() <= PLACES_MAX)
        .unwrap_or_else(|| vec![(0..old_words.len(), 0..new_words.len())]);
    let (old_ends, new_ends) = (ends(&old_words), ends(&new_words));
    let piece = |(gone, come): (Range<usize>, Range<usize>)| {
        let gone = before + old_ends[gone.start]..before + old_ends[gone.end];
        (gone, &new_middle[new_ends[come.start]..new_ends[come.end]])
    };
    Rewrite::Pieces(places.into_iter().rev().map(piece).collect())
}

/// The bytes of the letters that two texts have in common from where they are read.
fn common(one: impl Iterator<Item = char>, other: impl Iterator<Item = char>) -> usize {
    one.zip(other).take_while(|(one, other)| one == other).map(|(one, _)| one.len_utf8()).sum()
}

/// Words, each with the white space behind it.
fn words(text: &str) -> Vec<&str> {
    let mut out = Vec::new();
    let mut start = 0;
    let mut last_is_space = false;
    for (at, letter) in text.char_indices() {
        if last_is_space && !letter.is_whitespace() {
            out.push(&text[start..at]);
            start = at;
        }
        last_is_space = letter.is_whitespace();
    }
    if start < text.len() {
        out.push(&text[start..]);
    }
    out
}

/// Where each word ends, in bytes; the first entry is 0.
fn ends(words: &[&str]) -> Vec<usize> {
    let mut out = vec![0];
    let mut end = 0;
    for word in words {
        end += word.len();
        out.push(end);
    }
    out
}

/// The words that both have, as pairs of places; `None` if too many come and go.
///
/// The greedy algorithm of E. W. Myers, "An O(ND) Difference Algorithm and Its Variations" (1986).
fn matches(old: &[&str], new: &[&str]) -> Option<Vec<(usize, usize)>> {
    // Diagonal `k` is old place minus new place, shifted so that it is never negative.
    let zero = WORDS_MAX + 1;
    let mut farthest = vec![0_usize; 2 * zero + 1];
    let mut rounds: Vec<Vec<usize>> = Vec::new();
    for edits in 0..=WORDS_MAX {
        rounds.push(farthest.clone());
        for diagonal in (zero - edits..=zero + edits).step_by(2) {
            let mut x = next(&farthest, diagonal, edits, zero);
            // On this diagonal the old place is never too small for the new one.
            let mut y = x + zero - diagonal;
            while old.get(x).is_some_and(|word| new.get(y) == Some(word)) {
                (x, y) = (x + 1, y + 1);
            }
            farthest[diagonal] = x;
            if x >= old.len() && y >= new.len() {
                return Some(trace(&rounds, old.len(), new.len(), zero));
            }
        }
    }
    None
}

/// Where a diagonal is entered: by leaving a new word out of the old text, or the other way round.
fn next(farthest: &[usize], diagonal: usize, edits: usize, zero: usize) -> usize {
    let down = is_down(farthest, diagonal, edits, zero);
    if edits == 0 {
        0
    } else if down {
        farthest[diagonal + 1]
    } else {
        farthest[diagonal - 1] + 1
    }
}

fn is_down(farthest: &[usize], diagonal: usize, edits: usize, zero: usize) -> bool {
    let lowest = diagonal == zero - edits;
    let highest = diagonal == zero + edits;
    lowest || (!highest && farthest[diagonal - 1] < farthest[diagonal + 1])
}

/// Goes back from the end and notes the words that were passed along the diagonals.
fn trace(rounds: &[Vec<usize>], old: usize, new: usize, zero: usize) -> Vec<(usize, usize)> {
    let (mut x, mut y) = (old, new);
    let mut out = Vec::new();
    for (edits, farthest) in rounds.iter().enumerate().rev() {
        let diagonal = x + zero - y;
        let (from_x, from_y) = if edits == 0 {
            (0, 0)
        } else if is_down(farthest, diagonal, edits, zero) {
            let from = farthest[diagonal + 1];
            (from, from + zero - (diagonal + 1))
        } else {
            let from = farthest[diagonal - 1];
            (from, from + zero - (diagonal - 1))
        };
        while x > from_x && y > from_y {
            (x, y) = (x - 1, y - 1);
            out.push((x, y));
        }
        (x, y) = (from_x, from_y);
    }
    out.reverse();
    out
}

/// What lies between words that both have: what goes, and what comes in its place.
fn places(kept: &[(usize, usize)], old: usize, new: usize) -> Vec<(Range<usize>, Range<usize>)> {
    let mut out = Vec::new();
    let (mut x, mut y) = (0, 0);
    for (kept_x, kept_y) in kept.iter().copied().chain([(old, new)]) {
        if kept_x > x || kept_y > y {
            out.push((x..kept_x, y..kept_y));
        }
        (x, y) = (kept_x + 1, kept_y + 1);
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Words that look alike in every run.
    fn prose(words: usize, seed: u64) -> Vec<String> {
        let mut state = seed;
        let word = |_| {
            state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1);
            format!("wörd{} ", state >> 52)
        };
        (0..words).map(word).collect()
    }

    fn pieces<'a>(old: &str, new: &'a str) -> Vec<(Range<usize>, &'a str)> {
        match compare(old, new) {
            Rewrite::Pieces(pieces) => pieces,
            Rewrite::Letters => panic!("too long to be compared letter by letter"),
        }
    }

    fn applied(old: &str, pieces: &[(Range<usize>, &str)]) -> String {
        let mut text = old.to_owned();
        for (gone, come) in pieces {
            text.replace_range(gone.clone(), come);
        }
        text
    }

    #[test]
    fn a_few_words_are_compared_letter_by_letter() {
        let long = prose(20_000, 1).concat();
        let edited = long.replacen("wörd", "Wort", 1);
        assert_eq!(compare(&long, &edited), Rewrite::Letters, "however long the text is");
        assert_eq!(compare("", &long), Rewrite::Letters, "nothing to compare with");
        assert_eq!(compare("one", "another"), Rewrite::Letters);
    }

    #[test]
    fn another_long_text_takes_one_step() {
        let (old, new) = (prose(15_000, 1).concat(), prose(14_000, 99).concat());
        let step = pieces(&old, &new);
        assert_eq!(step.len(), 1);
        assert_eq!(applied(&old, &step), new);
        let (old, new) = ("x".repeat(100_000), "y".repeat(100_000));
        assert_eq!(pieces(&old, &new).len(), 1, "one word is long, too");
    }

    #[test]
    fn words_that_changed_here_and_there_are_replaced_one_by_one() {
        let mut words = prose(3_000, 5);
        let old = words.concat();
        words[2] = "first ".to_owned();
        words.remove(1_500);
        words.insert(2_000, "more and more ".to_owned());
        words[2_998] = "last ".to_owned();
        let new = words.concat();
        let pieces = pieces(&old, &new);
        assert_eq!(pieces.len(), 4);
        assert!(pieces.is_sorted_by(|a, b| a.0.start > b.0.end), "the last piece first");
        assert_eq!(applied(&old, &pieces), new);
        let touched: usize = pieces.iter().map(|(gone, come)| gone.len() + come.len()).sum();
        assert!(touched < 80, "{touched} letters");
    }

    #[test]
    fn whatever_changes_the_pieces_give_the_new_text_in_few_steps() {
        for seed in 0..60_u64 {
            let mut words = prose(600, seed);
            let old = words.concat();
            let mut state = seed + 1;
            for _ in 0..seed * 3 {
                state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(3);
                let at = usize::try_from(state >> 33).unwrap() % words.len();
                match state >> 62 {
                    0 => drop(words.remove(at)),
                    1 => words.insert(at, format!("new{at}\n\n")),
                    2 => words[at] = "ü".to_owned(),
                    _ => words.swap(0, at),
                }
            }
            let new = words.concat();
            if let Rewrite::Pieces(pieces) = compare(&old, &new) {
                assert!(pieces.len() <= PLACES_MAX, "seed {seed}: {} steps", pieces.len());
                assert_eq!(applied(&old, &pieces), new, "seed {seed}");
            }
        }
    }
}
