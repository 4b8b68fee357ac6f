//! A person as initials on one of twelve quiet hues, always the same for the same name.

use yew::prelude::*;

/// A person.
#[derive(Properties, PartialEq)]
pub struct AvatarProps {
    /// The person's name.
    pub name: AttrValue,
    /// The name stands beside it already, so that screen readers need not hear it twice.
    #[prop_or_default]
    pub named_beside: bool,
}

/// The initials: first letters of the first and the last word.
#[must_use]
pub fn initials(name: &str) -> String {
    let mut words = name.split_whitespace().filter_map(|word| word.chars().next());
    let first = words.next();
    first.into_iter().chain(words.next_back()).flat_map(char::to_uppercase).collect()
}

/// The hue of a name, from 1 to 12 (FNV-1a over its letters).
#[must_use]
pub fn hue(name: &str) -> u32 {
    let hash = name
        .bytes()
        .fold(0x811c_9dc5_u32, |hash, byte| (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193));
    hash % 12 + 1
}

/// A person as initials.
#[function_component]
pub fn Avatar(props: &AvatarProps) -> Html {
    let (role, label) =
        if props.named_beside { (None, None) } else { (Some("img"), Some(props.name.clone())) };
    html! {
        <span
            class={classes!("avatar", format!("hue-{}", hue(&props.name)))} {role}
            aria-label={label} aria-hidden={props.named_beside.then_some("true")}
            title={props.name.clone()}
        >
            { initials(&props.name) }
        </span>
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn initials_are_of_the_first_and_last_word() {
        assert_eq!(initials("Ben"), "B");
        assert_eq!(initials("Anna Maria von Stein"), "AS");
        assert_eq!(initials("örsted"), "Ö");
        assert_eq!(initials(""), "");
    }

    #[test]
    fn a_name_has_always_the_same_hue() {
        assert_eq!(hue("Ana"), hue("Ana"));
        assert!(["Ana", "Ben", "Cleo", ""].iter().all(|name| (1..=12).contains(&hue(name))));
    }
}
