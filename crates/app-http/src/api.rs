//! Commands: `POST /api/{name}`, and the session that carries them.

use std::sync::Arc;

use axum::Json;
use axum::body::{Body, Bytes};
use axum::extract::{Path, Request, State};
use axum::http::header::HOST;
use axum::http::request::Parts;
use axum::http::{HeaderMap, StatusCode};
use axum::response::{IntoResponse, Response};
use roadbook_api::commands::NOT_FOR_PAGES;
use roadbook_api::views::SessionMode;
use roadbook_api::{ApiError, ErrorCode};
use serde::Serialize;
use serde_json::Value;

use crate::doors::{SignIn, Visit};
use crate::guard;
use crate::router::{MAX_BODY_BYTES, Shared, clear_cookie, set_cookie};

/// The largest body of a sign-in, in bytes.
const MAX_SIGN_IN_BYTES: usize = 16 * 1024;

/// The longest key of a write, in bytes.
const MAX_KEY_BYTES: usize = 64;

/// A refusal, with a status of its own where that of the code says less.
struct Refused {
    status: StatusCode,
    error: ApiError,
}

impl From<ApiError> for Refused {
    fn from(error: ApiError) -> Self {
        Self { status: status(error.code), error }
    }
}

impl IntoResponse for Refused {
    fn into_response(self) -> Response {
        (self.status, Json(self.error)).into_response()
    }
}

/// What `GET /api/session` says.
#[derive(Serialize)]
struct SessionAnswer<'a> {
    csrf: &'a str,
    mode: SessionMode,
    run: &'a str,
}

/// What `GET /api/session` says to somebody who is not in: where to go depends on the mode.
#[derive(Serialize)]
struct Outside<'a> {
    #[serde(flatten)]
    error: &'a ApiError,
    mode: SessionMode,
}

/// `GET /api/session`: the token, for whoever has the cookie and is not another site's page.
pub(crate) async fn session(State(shared): State<Shared>, headers: HeaderMap) -> Response {
    let mode = shared.doors.mode();
    let entered = async {
        let host = host(&headers);
        guard::origin(&shared.face, host, &headers)?;
        shared.doors.visit(guard::cookie(&shared.face, &headers)?).await
    };
    match entered.await {
        Ok(visit) => {
            Json(SessionAnswer { csrf: &visit.csrf, mode, run: &shared.run }).into_response()
        }
        Err(error) => (status(error.code), Json(Outside { error: &error, mode })).into_response(),
    }
}

/// `POST /api/{name}`
pub(crate) async fn call(
    State(shared): State<Shared>,
    Path(name): Path<String>,
    request: Request,
) -> Response {
    let (parts, body) = request.into_parts();
    match carry_out(&shared, &name, &parts, body).await {
        Ok(response) => response,
        Err(refused) => refused.into_response(),
    }
}

async fn carry_out(
    shared: &Shared,
    name: &str,
    parts: &Parts,
    body: Body,
) -> Result<Response, Refused> {
    let visit = enter(shared, parts).await?;
    let body = read(shared, body, MAX_BODY_BYTES).await?;
    let cookie = guard::cookie(&shared.face, &parts.headers)?;
    if name == "sign_out" && shared.doors.sign_out(cookie) {
        let mut response = Json(serde_json::json!({})).into_response();
        clear_cookie(&shared.face, &mut response);
        return Ok(response);
    }
    if NOT_FOR_PAGES.contains(&name) {
        let message = "no screen does this; use the command `roadbook` on a device of your own";
        return Err(ApiError::new(ErrorCode::NotHere, message).into());
    }
    let request: Value = serde_json::from_slice(&body).map_err(|error| {
        ApiError::new(ErrorCode::BadInput, format!("the body is not JSON: {error}"))
    })?;
    // However long it takes: planning on many records does.
    let answer = match key(name, &parts.headers)? {
        None => visit.backend.call(name, request).await?,
        Some(key) => {
            let run = guard::text(&parts.headers, &guard::RUN);
            if run.is_some_and(|run| *run != *shared.run) && !visit.once.knows(&key) {
                let message = "the app was started again meanwhile, so nobody knows whether this \
                               was saved; look before you do it again";
                return Err(ApiError::new(ErrorCode::Unreachable, message).into());
            }
            let (backend, name) = (Arc::clone(&visit.backend), name.to_owned());
            visit.once.answer(key, async move { backend.call(&name, request).await }).await?
        }
    };
    Ok(Json(answer).into_response())
}

/// What a write is known by when it is sent again; reads have no key.
fn key(name: &str, headers: &HeaderMap) -> Result<Option<String>, ApiError> {
    match guard::text(headers, &guard::ONCE) {
        None => Ok(None),
        Some(_) if roadbook_app::reads(name) => Ok(None),
        Some(key) if key.len() <= MAX_KEY_BYTES => Ok(Some(format!("{name} {key}"))),
        Some(_) => {
            let message = format!("the key of a write is longer than {MAX_KEY_BYTES} bytes");
            Err(ApiError::new(ErrorCode::BadInput, message))
        }
    }
}

/// Lets a command in: from this origin, as JSON, with the cookie and the token of one session.
async fn enter(shared: &Shared, parts: &Parts) -> Result<Visit, ApiError> {
    guard::origin(&shared.face, host(&parts.headers), &parts.headers)?;
    guard::is_json(&parts.headers)?;
    let visit = shared.doors.visit(guard::cookie(&shared.face, &parts.headers)?).await?;
    guard::token(&visit.csrf, &parts.headers)?;
    Ok(visit)
}

/// `POST /api/sign_in`
pub(crate) async fn sign_in(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    let admitted = async {
        guard::origin(&shared.face, host(&parts.headers), &parts.headers)?;
        guard::is_json(&parts.headers)?;
        let from = shared.doors.address(&parts);
        shared.doors.may_try(from)?;
        let body = read(&shared, body, MAX_SIGN_IN_BYTES).await?;
        // The cause could quote the password.
        let request: SignIn = serde_json::from_slice(&body).map_err(|_| {
            let message = "send an object with tenant, login and password";
            ApiError::new(ErrorCode::BadInput, message)
        })?;
        let coming = shared.doors.sign_in(request, from).ok_or_else(|| {
            let message = "nobody signs in here; open the address that `roadbook serve` shows";
            ApiError::new(ErrorCode::NotHere, message)
        })?;
        Ok::<_, Refused>(coming.await?)
    };
    match admitted.await {
        Ok(admitted) => {
            // A session that the same browser had before is over.
            if let Ok(before) = guard::cookie(&shared.face, &parts.headers) {
                shared.doors.sign_out(before);
            }
            let mut response = Json(serde_json::json!({})).into_response();
            set_cookie(&shared.face, &admitted, &mut response);
            response
        }
        Err(refused) => refused.into_response(),
    }
}

/// The name that the request was sent to; checked already.
pub(crate) fn host(headers: &HeaderMap) -> &str {
    headers.get(HOST).and_then(|value| value.to_str().ok()).unwrap_or_default()
}

/// Reads a body, as long as it is small enough and comes in time. What the body asks for may take
/// longer.
async fn read(shared: &Shared, body: Body, cap: usize) -> Result<Bytes, Refused> {
    let read = axum::body::to_bytes(body, cap);
    let Ok(read) = tokio::time::timeout(shared.face.body_time, read).await else {
        let message = "the request did not come in time; nothing of it was done, send it again";
        let error = ApiError::new(ErrorCode::Unreachable, message);
        return Err(Refused { status: StatusCode::REQUEST_TIMEOUT, error });
    };
    read.map_err(|_| {
        let message = format!("the body is larger than {cap} bytes");
        let error = ApiError::new(ErrorCode::BadInput, message).at(
            "body",
            "is too large",
            "send less at once",
        );
        Refused { status: StatusCode::PAYLOAD_TOO_LARGE, error }
    })
}

/// A refusal as it travels.
pub(crate) fn refusal(error: &ApiError) -> Response {
    (status(error.code), Json(error)).into_response()
}

/// The HTTP status of a code. Faces read the code; the status is for what lies between.
pub(crate) const fn status(code: ErrorCode) -> StatusCode {
    match code {
        ErrorCode::BadInput => StatusCode::BAD_REQUEST,
        ErrorCode::UnknownField
        | ErrorCode::InvalidValue
        | ErrorCode::MissingField
        | ErrorCode::NotWritable
        | ErrorCode::Infeasible
        | ErrorCode::Ambiguous => StatusCode::UNPROCESSABLE_ENTITY,
        ErrorCode::NotFound | ErrorCode::NoDevice => StatusCode::NOT_FOUND,
        ErrorCode::NothingToDo
        | ErrorCode::Deleted
        | ErrorCode::Disputed
        | ErrorCode::NotDisputed
        | ErrorCode::Stale
        | ErrorCode::UnsentWork
        | ErrorCode::NotEnrolled
        | ErrorCode::AlreadyThere
        | ErrorCode::VersionMismatch
        | ErrorCode::Cancelled => StatusCode::CONFLICT,
        ErrorCode::Refused | ErrorCode::NotHere | ErrorCode::DeviceRefused => StatusCode::FORBIDDEN,
        ErrorCode::NotSignedIn | ErrorCode::SignInFailed => StatusCode::UNAUTHORIZED,
        ErrorCode::TooMany => StatusCode::TOO_MANY_REQUESTS,
        ErrorCode::Locked => StatusCode::LOCKED,
        ErrorCode::Busy | ErrorCode::Unreachable => StatusCode::SERVICE_UNAVAILABLE,
        ErrorCode::ServerRefused => StatusCode::BAD_GATEWAY,
        ErrorCode::Storage => StatusCode::INSUFFICIENT_STORAGE,
        ErrorCode::File | ErrorCode::NewerDatabase | ErrorCode::Damaged | ErrorCode::Internal => {
            StatusCode::INTERNAL_SERVER_ERROR
        }
    }
}
