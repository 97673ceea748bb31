//! What a connection hears that there is no room for.

use axum::response::IntoResponse as _;
use tokio::net::TcpStream;

use crate::limits::Overload;

/// Says so in one piece, as far as the socket takes it at once, and never waits. Where TLS is spoken nothing can be
/// said before a handshake, which costs more than an answer.
pub(super) fn tell(stream: &TcpStream, is_tls: bool, overload: Overload) {
    if is_tls {
        return;
    }
    let seconds = overload.seconds();
    let status = overload.into_response().status();
    let reason = status.canonical_reason().unwrap_or_default();
    let text = format!(
        "HTTP/1.1 {} {reason}\r\nretry-after: {seconds}\r\nconnection: close\r\ncontent-length: 0\r\n\r\n",
        status.as_u16()
    );
    // Whoever has gone hears nothing.
    let _ = stream.try_write(text.as_bytes());
}
