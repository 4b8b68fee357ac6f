//! Licence expressions: does a crate offer terms that we accept?
//!
//! Understands what crates write in their manifests: names, `AND`, `OR`, `WITH`, parentheses, and
//! the old `/` for `OR`. It knows no licence by itself; the accepted names come in.

/// Returns whether the accepted licences satisfy the expression, or why it cannot be read.
pub(crate) fn satisfied(expression: &str, accepts: &dyn Fn(&str) -> bool) -> Result<bool, String> {
    let spaced = expression.replace('(', " ( ").replace(')', " ) ").replace('/', " OR ");
    let mut words = spaced.split_whitespace().peekable();
    let result = either(&mut words, accepts)?;
    match words.next() {
        Some(word) => Err(format!("unexpected `{word}` in `{expression}`")),
        None => Ok(result),
    }
}

type Words<'a, 'b> = &'a mut std::iter::Peekable<std::str::SplitWhitespace<'b>>;

fn either(words: Words<'_, '_>, accepts: &dyn Fn(&str) -> bool) -> Result<bool, String> {
    let mut result = both(words, accepts)?;
    while words.next_if_eq(&"OR").is_some() {
        result |= both(words, accepts)?;
    }
    Ok(result)
}

fn both(words: Words<'_, '_>, accepts: &dyn Fn(&str) -> bool) -> Result<bool, String> {
    let mut result = single(words, accepts)?;
    while words.next_if_eq(&"AND").is_some() {
        result &= single(words, accepts)?;
    }
    Ok(result)
}

fn single(words: Words<'_, '_>, accepts: &dyn Fn(&str) -> bool) -> Result<bool, String> {
    match words.next() {
        None => Err("the expression ends too early".to_owned()),
        Some("(") => {
            let result = either(words, accepts)?;
            match words.next() {
                Some(")") => Ok(result),
                _ => Err("a parenthesis is not closed".to_owned()),
            }
        }
        Some(word @ (")" | "AND" | "OR" | "WITH")) => Err(format!("unexpected `{word}`")),
        Some(name) if words.next_if_eq(&"WITH").is_some() => {
            let exception = words.next().ok_or("nothing follows WITH")?;
            Ok(accepts(name) || accepts(&format!("{name} WITH {exception}")))
        }
        Some(name) => Ok(accepts(name)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(expression: &str) -> Result<bool, String> {
        satisfied(expression, &|name| matches!(name, "MIT" | "Apache-2.0" | "ISC"))
    }

    #[test]
    fn one_accepted_choice_is_enough_and_all_duties_count() {
        assert_eq!(check("MIT"), Ok(true));
        assert_eq!(check("GPL-3.0-only OR MIT"), Ok(true));
        assert_eq!(check("GPL-3.0-only/Apache-2.0"), Ok(true));
        assert_eq!(check("GPL-3.0-only AND MIT"), Ok(false));
        assert_eq!(check("GPL-3.0-only"), Ok(false));
    }

    #[test]
    fn and_binds_closer_than_or_and_parentheses_closest() {
        assert_eq!(check("MIT OR GPL-3.0-only AND ISC"), Ok(true));
        assert_eq!(check("(MIT OR ISC) AND GPL-3.0-only"), Ok(false));
        assert_eq!(check("(MIT OR GPL-3.0-only) AND ISC"), Ok(true));
    }

    #[test]
    fn an_exception_only_gives_more_rights() {
        assert_eq!(check("Apache-2.0 WITH LLVM-exception"), Ok(true));
        assert_eq!(check("GPL-2.0-only WITH Classpath-exception-2.0"), Ok(false));
    }

    #[test]
    fn nonsense_is_an_error_and_never_a_yes() {
        for expression in ["", "MIT OR", "(MIT", "MIT)", "MIT ISC", "AND MIT", "MIT WITH"] {
            assert!(check(expression).is_err(), "{expression}");
        }
    }
}
