//! What differs between two texts, word by word.

use yew::prelude::*;

/// A run of words that is in both texts, or in one of them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Run {
    /// In both.
    Same(String),
    /// In the text before only.
    Gone(String),
    /// In the text after only.
    Come(String),
}

/// Above this many words on a side, the middle is compared as a whole: the table of common words
/// would hold the square of it.
const WORDS_MAX: usize = 1_500;

/// Compares two texts by words (longest common subsequence, Hunt and Szymanski 1977, as a table).
#[must_use]
pub fn runs(before: &str, after: &str) -> Vec<Run> {
    let (old, new): (Vec<&str>, Vec<&str>) = (words(before), words(after));
    let start = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let ends = old[start..].iter().rev().zip(new[start..].iter().rev());
    let end = ends.take_while(|(a, b)| a == b).count();
    let mut found = Vec::new();
    push(&mut found, Run::Same, &old[..start]);
    middle(&mut found, &old[start..old.len() - end], &new[start..new.len() - end]);
    push(&mut found, Run::Same, &old[old.len() - end..]);
    found
}

/// Words with the blanks that follow them, so that joining them gives the text again.
fn words(text: &str) -> Vec<&str> {
    text.split_inclusive(char::is_whitespace).collect()
}

fn middle(found: &mut Vec<Run>, old: &[&str], new: &[&str]) {
    if old.len() > WORDS_MAX || new.len() > WORDS_MAX {
        push(found, Run::Gone, old);
        push(found, Run::Come, new);
        return;
    }
    let width = new.len() + 1;
    let mut common = vec![0_u16; (old.len() + 1) * width];
    for (i, a) in old.iter().enumerate().rev() {
        for (j, b) in new.iter().enumerate().rev() {
            let next = if a == b {
                common[(i + 1) * width + j + 1] + 1
            } else {
                common[(i + 1) * width + j].max(common[i * width + j + 1])
            };
            common[i * width + j] = next;
        }
    }
    let (mut i, mut j) = (0, 0);
    while i < old.len() && j < new.len() {
        if old[i] == new[j] {
            push(found, Run::Same, &old[i..=i]);
            (i, j) = (i + 1, j + 1);
        } else if common[(i + 1) * width + j] >= common[i * width + j + 1] {
            push(found, Run::Gone, &old[i..=i]);
            i += 1;
        } else {
            push(found, Run::Come, &new[j..=j]);
            j += 1;
        }
    }
    push(found, Run::Gone, &old[i..]);
    push(found, Run::Come, &new[j..]);
}

fn push(found: &mut Vec<Run>, make: fn(String) -> Run, words: &[&str]) {
    if words.is_empty() {
        return;
    }
    let text = words.concat();
    match (found.last_mut(), make(String::new())) {
        (Some(Run::Same(run)), Run::Same(_))
        | (Some(Run::Gone(run)), Run::Gone(_))
        | (Some(Run::Come(run)), Run::Come(_)) => run.push_str(&text),
        _ => found.push(make(text)),
    }
}

/// Two texts.
#[derive(Properties, PartialEq)]
pub struct DiffProps {
    /// The text before.
    pub before: AttrValue,
    /// The text after.
    pub after: AttrValue,
}

/// What differs between two texts.
#[function_component]
pub fn Diff(props: &DiffProps) -> Html {
    let found = use_memo((props.before.clone(), props.after.clone()), |(a, b)| runs(a, b));
    html! {
        <p class="diff">
            { for found.iter().map(|run| match run {
                Run::Same(text) => html! { <span>{ text }</span> },
                Run::Gone(text) => html! {
                    <del><span class="unseen">{ "removed: " }</span>{ text }</del>
                },
                Run::Come(text) => html! {
                    <ins><span class="unseen">{ "added: " }</span>{ text }</ins>
                },
            }) }
        </p>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn marked(before: &str, after: &str) -> String {
        let part = |run: &Run| match run {
            Run::Same(text) => text.clone(),
            Run::Gone(text) => format!("[-{text}]"),
            Run::Come(text) => format!("[+{text}]"),
        };
        runs(before, after).iter().map(part).collect()
    }

    #[test]
    fn only_the_words_that_differ_are_marked() {
        assert_eq!(marked("call Ana today", "call Ben today"), "call [-Ana ][+Ben ]today");
        assert_eq!(marked("same", "same"), "same");
        assert_eq!(marked("", "new words"), "[+new words]");
        assert_eq!(marked("a b c d", "a x c y d"), "a [-b ][+x ]c [+y ]d");
    }

    #[test]
    fn very_long_texts_are_compared_as_a_whole() {
        let (old, new) = ("old ".repeat(2_000), "new ".repeat(2_000));
        assert_eq!(runs(&old, &new), [Run::Gone(old), Run::Come(new)]);
    }

    #[test]
    fn both_texts_can_be_read_from_the_runs() {
        let (before, after) = ("the quick  brown fox\njumps", "a quick brown  fox jumps high");
        let (mut old, mut new) = (String::new(), String::new());
        for run in runs(before, after) {
            match run {
                Run::Same(text) => {
                    old.push_str(&text);
                    new.push_str(&text);
                }
                Run::Gone(text) => old.push_str(&text),
                Run::Come(text) => new.push_str(&text),
            }
        }
        assert_eq!((old.as_str(), new.as_str()), (before, after));
    }
}
