//! WebDriver's wire: one HTTP request a connection, JSON both ways.

use std::io::{Read as _, Write as _};
use std::net::{SocketAddr, TcpStream};
use std::time::Duration;

use anyhow::{Context as _, bail};
use serde_json::{Value as Json, json};

/// An answer must come within this time; a page has less to come to an end.
const PATIENCE: Duration = Duration::from_secs(180);

/// Sends a command and returns its `value`.
pub(super) fn send(
    driver: SocketAddr,
    method: &str,
    path: &str,
    body: &Json,
) -> anyhow::Result<Json> {
    let mut stream = TcpStream::connect(driver).context("the driver does not listen")?;
    stream.set_read_timeout(Some(PATIENCE))?;
    let body = if method == "POST" { body.to_string() } else { String::new() };
    let head = format!(
        "{method} {path} HTTP/1.1\r\nhost: {driver}\r\nconnection: close\r\n\
         content-type: application/json\r\ncontent-length: {}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(body.as_bytes())?;
    let mut answer = Vec::new();
    stream.read_to_end(&mut answer).with_context(|| format!("{method} {path}"))?;
    read(&answer).with_context(|| format!("{method} {path}"))
}

fn read(answer: &[u8]) -> anyhow::Result<Json> {
    let text = String::from_utf8_lossy(answer);
    let (head, body) =
        text.split_once("\r\n\r\n").context("an answer without an end of its head")?;
    let answered: Json = serde_json::from_str(body).unwrap_or_else(|_| json!({ "value": body }));
    let value = answered.get("value").cloned().unwrap_or(Json::Null);
    if head.starts_with("HTTP/1.1 200") {
        return Ok(value);
    }
    let said = |name: &str| value.get(name).and_then(Json::as_str).unwrap_or_default().to_owned();
    bail!("{}: {} ({})", said("error"), said("message"), head.lines().next().unwrap_or_default())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_value_is_taken_out_of_an_answer() {
        let good = b"HTTP/1.1 200 OK\r\ncontent-type: x\r\n\r\n{\"value\":[1]}";
        assert_eq!(read(good).unwrap(), json!([1]));
        let bad = b"HTTP/1.1 404 Not Found\r\n\r\n{\"value\":{\"error\":\"no such element\",\"message\":\"gone\"}}";
        let said = read(bad).unwrap_err().to_string();
        assert!(said.starts_with("no such element: gone"), "{said}");
        assert!(read(b"HTTP/1.1 200 OK").is_err(), "it was cut off");
    }
}
