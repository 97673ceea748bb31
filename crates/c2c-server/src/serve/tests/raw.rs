//! Bytes that are no request, and requests that are two, on a real socket: each is answered or cut off, and the
//! next caller is served.

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::*;

/// What is sent, and how the answer begins; nothing: the connection is closed without a word.
const TABLE: &[(&str, &[u8], &str)] = &[
    ("nothing", b"", ""),
    ("garbage", b"\x00\x01\x02\x03\r\n\r\n", "HTTP/1.1 400"),
    ("a TLS handshake", b"\x16\x03\x01\x00\x2d\x01\x00\x00\x29\x03\x03\r\n\r\n", "HTTP/1.1 400"),
    ("HTTP/2", b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", ""),
    ("HTTP/0.9", b"GET /health\r\n\r\n", "HTTP/1.1 400"),
    ("HTTP/9.9", b"GET /health HTTP/9.9\r\nhost: x\r\n\r\n", "HTTP/1.1 400"),
    ("no method", b" /health HTTP/1.1\r\nhost: x\r\n\r\n", "HTTP/1.1 400"),
    ("a method that is none", b"G(T /health HTTP/1.1\r\nhost: x\r\n\r\n", "HTTP/1.1 400"),
    ("a path with a blank", b"GET /he alth HTTP/1.1\r\nhost: x\r\n\r\n", "HTTP/1.1 400"),
    ("a host for a path", b"GET health HTTP/1.1\r\nhost: x\r\n\r\n", "HTTP/1.1 404"),
    ("NUL in a header", b"GET /health HTTP/1.1\r\nhost: x\x00\r\n\r\n", "HTTP/1.1 400"),
    ("a header without a colon", b"GET /health HTTP/1.1\r\nhost\r\n\r\n", "HTTP/1.1 400"),
    ("a blank before the colon", b"GET /health HTTP/1.1\r\nhost : x\r\n\r\n", "HTTP/1.1 400"),
    ("a folded header", b"GET /health HTTP/1.1\r\nhost: x\r\n y\r\n\r\n", "HTTP/1.1 400"),
    ("two lengths", b"POST /rpc HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n[]]", "HTTP/1.1 400"),
    ("a length below 0", b"POST /rpc HTTP/1.1\r\nhost: x\r\ncontent-length: -1\r\n\r\n", "HTTP/1.1 400"),
    ("a length that is no number", b"POST /rpc HTTP/1.1\r\nhost: x\r\ncontent-length: 0x10\r\n\r\n", "HTTP/1.1 400"),
    ("a length beyond all", b"POST /rpc HTTP/1.1\r\nhost: x\r\ncontent-length: 99999999999999999999\r\n\r\n", "HTTP/1.1 400"),
    ("chunks that are none", b"POST /rpc HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\nzz\r\n", "HTTP/1.1 401"),
    ("chunks in HTTP/1.0", b"POST /rpc HTTP/1.0\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n", "HTTP/1.1 400"),
    ("an encoding that nobody knows", b"POST /rpc HTTP/1.1\r\nhost: x\r\ntransfer-encoding: gzip\r\n\r\n", "HTTP/1.1 400"),
    ("a short body", b"POST /rpc HTTP/1.1\r\nhost: x\r\ncontent-length: 10\r\n\r\n[]", "HTTP/1.1 400"),
    ("half a head", b"GET /health HTTP/1.1\r\nhost: x\r\n", ""),
    ("an upgrade", b"GET /health HTTP/1.1\r\nhost: x\r\nconnection: upgrade, close\r\nupgrade: websocket\r\n\r\n", "HTTP/1.1 200"),
    ("CONNECT", b"CONNECT 10.0.0.1:22 HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n", "HTTP/1.1 404"),
    ("a proxy's request", b"GET http://10.0.0.1/ HTTP/1.1\r\nhost: 10.0.0.1\r\nconnection: close\r\n\r\n", "HTTP/1.1 200"),
];

/// What is heard first, or that nothing is heard until the connection closes. Whoever says less than it began to
/// say ends it.
async fn say(address: SocketAddr, bytes: &[u8], is_half: bool) -> String {
    let mut stream = TcpStream::connect(address).await.unwrap();
    // The server may close before all of it is written.
    let _ = stream.write_all(bytes).await;
    if is_half {
        let _ = stream.shutdown().await;
    }
    let mut heard = vec![0; 4096];
    let read = stream.read(&mut heard);
    let read = tokio::time::timeout(Duration::from_secs(20), read).await;
    let count = read.expect("the server answers or closes").unwrap_or(0);
    String::from_utf8_lossy(&heard[..count]).into_owned()
}

async fn is_served(address: SocketAddr) -> bool {
    let health = b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n";
    say(address, health, false)
        .await
        .starts_with("HTTP/1.1 200")
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_request_is_refused_and_harms_nobody() {
    let house = House::start("raw", "USD").await;
    let mut wrong = Vec::new();
    for (name, bytes, expected) in TABLE {
        let is_half = expected.is_empty() || *name == "a short body";
        let heard = say(house.address, bytes, is_half).await;
        let as_expected = match expected.is_empty() {
            true => heard.is_empty(),
            false => heard.starts_with(expected),
        };
        if !as_expected {
            wrong.push(format!("{name}: {expected:?}, but {heard:?}"));
        }
        assert!(is_served(house.address).await, "{name}");
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));

    // Heads without an end.
    let many = format!("GET /health HTTP/1.1\r\n{}\r\n", "a: b\r\n".repeat(200));
    let heard = say(house.address, many.as_bytes(), false).await;
    assert!(heard.starts_with("HTTP/1.1 431"), "{heard}");
    let long = format!("GET /health HTTP/1.1\r\na: {}\r\n\r\n", "b".repeat(1 << 20));
    let heard = say(house.address, long.as_bytes(), false).await;
    assert!(
        heard.is_empty() || heard.starts_with("HTTP/1.1 431"),
        "{heard}"
    );
    assert!(is_served(house.address).await);
}
