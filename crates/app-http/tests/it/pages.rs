//! What a page may call: the commands of its screens, and no other.

use std::path::Path;

use roadbook_api::commands::{NAMES, NOT_FOR_PAGES};

use crate::served::Served;

/// The code of the screens: without their samples and tests.
fn read_code(folder: &Path, code: &mut String) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let name = path.file_name().unwrap().to_str().unwrap().to_owned();
        if path.is_dir() {
            if !["sample", "tests", "gallery"].contains(&name.as_str()) {
                read_code(&path, code);
            }
        } else if name.ends_with(".rs") && name != "tests.rs" {
            let text = std::fs::read_to_string(&path).unwrap();
            code.push_str(text.split("#[cfg(test)]").next().unwrap());
        }
    }
}

/// `show_record` is the command of the request `ShowRecord`.
fn request_of(name: &str) -> String {
    let words = name.split('_').map(|word| {
        let (first, rest) = word.split_at(1);
        format!("{}{rest}", first.to_uppercase())
    });
    words.collect()
}

#[test]
fn a_page_may_call_what_a_screen_has() {
    let mut code = String::new();
    read_code(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../../ui/src"), &mut code);
    let words: std::collections::BTreeSet<&str> =
        code.split(|c: char| !c.is_alphanumeric()).collect();
    for name in NAMES {
        let has_screen = words.contains(request_of(name).as_str());
        assert_eq!(
            has_screen,
            !NOT_FOR_PAGES.contains(name),
            "{name}: a command of a screen is a page's, and no other (NOT_FOR_PAGES)"
        );
    }
}

#[test]
fn no_page_reads_or_writes_a_file_that_it_names_itself() {
    let served = Served::start(None);
    let (cookie, csrf) = served.enter();
    let headers = ["content-type: application/json", cookie.as_str(), csrf.as_str()];
    for name in NOT_FOR_PAGES {
        let answer = served.send("POST", &format!("/api/{name}"), &headers, "{}");
        assert_eq!(answer.code(), (403, "not_here".to_owned()), "{name}");
    }
}
