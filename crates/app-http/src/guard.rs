//! Whether a request may be looked at: from where it says it comes, and what it carries.

use axum::http::header::{CONTENT_TYPE, COOKIE, HOST, ORIGIN};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName};
use roadbook_api::{ApiError, ErrorCode};

use crate::router::{Face, Transport};
use crate::sessions::same;

/// Carries the session's token.
pub(crate) const CSRF: HeaderName = HeaderName::from_static("x-roadbook-csrf");
/// Carries the key of a write.
pub(crate) const ONCE: HeaderName = HeaderName::from_static("x-roadbook-once");
/// Carries, with a write that is sent again, the run of the host that had it first.
pub(crate) const RUN: HeaderName = HeaderName::from_static("x-roadbook-run");
/// What a browser says of where a request comes from.
const FETCH_SITE: HeaderName = HeaderName::from_static("sec-fetch-site");

/// Refuses a request for another name than this host's, so that a page whose name was pointed at
/// this address gets nothing (DNS rebinding).
pub(crate) fn host<'a>(face: &Face, parts: &'a Parts) -> Result<&'a str, ApiError> {
    let named = text(&parts.headers, &HOST).or_else(|| parts.uri.authority().map(|a| a.as_str()));
    match named {
        Some(named) if face.hosts.know(named) => Ok(named),
        _ => Err(ApiError::new(
            ErrorCode::Refused,
            "this server does not go by that name; use the address that it shows, or tell it its \
             name (browser.hosts)",
        )),
    }
}

/// Refuses a request that another site's page makes.
pub(crate) fn origin(face: &Face, host: &str, headers: &HeaderMap) -> Result<(), ApiError> {
    let scheme = match face.transport {
        Transport::Plain => "http",
        Transport::Tls => "https",
    };
    let from_here = match text(headers, &ORIGIN) {
        Some(origin) => origin.eq_ignore_ascii_case(&format!("{scheme}://{host}")),
        // No browser leaves it out where it matters; programs that are no browser may.
        None => !headers.contains_key(ORIGIN),
    };
    let same_site = text(headers, &FETCH_SITE).is_none_or(|site| site == "same-origin");
    if from_here && same_site {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::Refused,
        "another site's page may not do this; open Roadbook's own page",
    ))
}

/// Refuses what a form of another site could send.
pub(crate) fn is_json(headers: &HeaderMap) -> Result<(), ApiError> {
    let kind = text(headers, &CONTENT_TYPE).unwrap_or_default();
    let kind = kind.split(';').next().unwrap_or_default().trim();
    if kind.eq_ignore_ascii_case("application/json") {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::BadInput,
        "send the request as JSON, with content-type: application/json",
    ))
}

/// Refuses a request without the session's token.
pub(crate) fn token(csrf: &str, headers: &HeaderMap) -> Result<(), ApiError> {
    if text(headers, &CSRF).is_some_and(|given| same(given, csrf)) {
        return Ok(());
    }
    Err(ApiError::new(
        ErrorCode::Refused,
        "the request does not carry this session's token; reload the page",
    ))
}

/// The session's cookie.
pub(crate) fn cookie<'a>(face: &Face, headers: &'a HeaderMap) -> Result<&'a str, ApiError> {
    let pairs = headers.get_all(COOKIE).iter().filter_map(|value| value.to_str().ok());
    pairs
        .flat_map(|value| value.split(';'))
        .filter_map(|pair| pair.trim().split_once('='))
        .find_map(|(name, value)| (name == face.cookie).then_some(value))
        .ok_or_else(|| ApiError::new(ErrorCode::NotSignedIn, "nobody is signed in; sign in first"))
}

/// A header that is text.
pub(crate) fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}
