//! The page and its files.

use crate::served::Served;

fn page() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    let assets = folder.path().join("assets");
    std::fs::create_dir(&assets).unwrap();
    std::fs::write(folder.path().join("index.html"), "<title>Roadbook</title>").unwrap();
    std::fs::write(assets.join("roadbook-1a2b.js"), "start()").unwrap();
    std::fs::write(assets.join("roadbook-1a2b_bg.wasm"), "plain").unwrap();
    std::fs::write(assets.join("roadbook-1a2b_bg.wasm.gz"), "zipped").unwrap();
    std::fs::write(assets.join("icons.svg"), "<svg/>").unwrap();
    std::fs::write(folder.path().join("notes.private"), "not for anybody").unwrap();
    std::os::unix::fs::symlink("/etc/hostname", folder.path().join("outside.txt")).unwrap();
    folder
}

#[test]
fn every_address_of_the_page_is_the_page_and_files_are_themselves() {
    let folder = page();
    let served = Served::start(Some(folder.path()));
    for path in ["/", "/today", "/record/0192", "/review/abc?from=mail"] {
        let answer = served.send("GET", path, &[], "");
        assert_eq!(
            (answer.status, answer.body.as_slice()),
            (200, b"<title>Roadbook</title>".as_slice()),
            "{path}"
        );
        assert_eq!(answer.header("content-type"), Some("text/html; charset=utf-8"));
        assert_eq!(answer.header("cache-control"), Some("no-cache"));
    }
    let script = served.send("GET", "/assets/roadbook-1a2b.js", &[], "");
    assert_eq!((script.status, script.body.as_slice()), (200, b"start()".as_slice()));
    assert!(script.header("cache-control").unwrap().contains("immutable"));
    let wasm = "/assets/roadbook-1a2b_bg.wasm";
    let zipped = served.send("GET", wasm, &["accept-encoding: br, gzip"], "");
    assert_eq!(
        (zipped.body.as_slice(), zipped.header("content-encoding")),
        (b"zipped".as_slice(), Some("gzip"))
    );
    assert_eq!(zipped.header("content-type"), Some("application/wasm"));
    let plain = served.send("GET", wasm, &["accept-encoding: gzip;q=0"], "");
    assert_eq!(
        (plain.body.as_slice(), plain.header("content-encoding")),
        (b"plain".as_slice(), None)
    );
    let icons = served.send("GET", "/assets/icons.svg", &[], "");
    let tag = format!("if-none-match: {}", icons.header("etag").unwrap());
    assert_eq!(served.send("GET", "/assets/icons.svg", &[&tag], "").status, 304);
}

#[test]
fn nothing_else_of_the_machine_can_be_asked_for() {
    let folder = page();
    let served = Served::start(Some(folder.path()));
    for path in [
        "/assets/gone.js",
        "/gone.css",
        "/notes.private",
        "/outside.txt",
        "/../Cargo.toml",
        "/%2e%2e/Cargo.toml",
        "/assets/..%2f..%2fetc/passwd",
        "/assets",
        "/favicon.ico",
    ] {
        let answer = served.send("GET", path, &[], "");
        let is_page = answer.body == b"<title>Roadbook</title>";
        assert!(answer.status == 404 || is_page, "{path}: {}", answer.status);
        assert!(!String::from_utf8_lossy(&answer.body).contains("not for anybody"), "{path}");
    }
    assert_eq!(served.send("GET", "/assets/gone.js", &[], "").status, 404, "no page for a script");
    assert_eq!(served.send("GET", "/api/gone/away", &[], "").code().0, 404);
}

#[test]
fn every_answer_carries_the_headers_that_keep_the_page_to_itself() {
    let folder = page();
    let served = Served::start(Some(folder.path()));
    let (cookie, _) = served.enter();
    for path in ["/", "/assets/roadbook-1a2b.js", "/api/session", "/api/gone", "/open"] {
        let answer = served.send("GET", path, &[&cookie], "");
        let policy = answer.header("content-security-policy").unwrap();
        for word in
            ["default-src 'none'", "script-src 'self' 'wasm-unsafe-eval'", "frame-ancestors 'none'"]
        {
            assert!(policy.contains(word), "{path}: {policy}");
        }
        assert!(!policy.contains("http"), "nothing from elsewhere: {policy}");
        for (name, value) in [
            ("x-content-type-options", "nosniff"),
            ("referrer-policy", "no-referrer"),
            ("x-frame-options", "DENY"),
            ("cross-origin-opener-policy", "same-origin"),
            ("cross-origin-resource-policy", "same-origin"),
        ] {
            assert_eq!(answer.header(name), Some(value), "{path}");
        }
        assert!(answer.header("strict-transport-security").is_none(), "there is no TLS here");
    }
}

#[test]
fn a_page_that_is_built_anew_is_served_without_a_restart_and_a_missing_one_is_named() {
    let folder = page();
    let served = Served::start(Some(folder.path()));
    assert!(served.send("GET", "/", &[], "").body.starts_with(b"<title>"));
    let index = folder.path().join("index.html");
    std::fs::write(&index, "new").unwrap();
    let later =
        std::fs::metadata(&index).unwrap().modified().unwrap() + std::time::Duration::from_secs(2);
    std::fs::File::options().write(true).open(&index).unwrap().set_modified(later).unwrap();
    assert_eq!(served.send("GET", "/", &[], "").body, b"new");
    let without = Served::start(None);
    let answer = without.send("GET", "/", &[], "");
    assert_eq!(answer.status, 404);
    assert!(String::from_utf8_lossy(&answer.body).contains("cargo xtask ui"));
    let empty = tempfile::tempdir().unwrap();
    let error = roadbook_app_http::Bundle::open(empty.path()).unwrap_err();
    assert!(error.to_string().contains("index.html"), "{error}");
}
