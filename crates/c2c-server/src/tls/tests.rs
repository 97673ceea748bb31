//! Real handshakes with a server on loopback, refused ones among them.

use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;

use http_body_util::{BodyExt as _, Empty};
use hyper::body::Bytes;
use hyper_util::rt::{TokioExecutor, TokioIo};
use rcgen::{CertifiedKey, generate_simple_self_signed};
use reqwest::{Certificate, Client};
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, RootCertStore};
use tokio::io::AsyncReadExt as _;
use tokio::net::TcpListener;
use tokio_rustls::TlsConnector;

use super::*;
use crate::config::{Config, Sources};
use crate::scratch::Scratch;
use crate::secret_file::create_secret;
use crate::serve::Server;

/// The name in the certificates. Clients are told where it is.
const NAME: &str = "wallet1.example";

struct House {
    folder: Scratch,
    server: Server,
}

/// Writes a new certificate for `name` and its key, and answers the certificate.
fn certify(folder: &Path, name: &str) -> String {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed([name.to_owned()]).unwrap();
    let key = folder.join("key.pem");
    std::fs::write(&key, signing_key.serialize_pem()).unwrap();
    std::fs::set_permissions(&key, std::fs::Permissions::from_mode(0o640)).unwrap();
    std::fs::write(folder.join("cert.pem"), cert.pem()).unwrap();
    cert.pem()
}

fn config(folder: &Path) -> Config {
    let file = folder.join("c2c.toml");
    let text = format!(
        "url = \"https://{NAME}\"\nlisten = \"127.0.0.1:0\"\n\
         [tls]\ncert = \"cert.pem\"\nkey = \"key.pem\"\n"
    );
    let sources = Sources {
        flag: &|_| None,
        environment: &|_| None,
        file: Some((&file, &text)),
    };
    Config::resolve(&sources).unwrap().0
}

impl House {
    async fn start() -> (Self, String) {
        let folder = Scratch::new();
        create_secret(&folder.path().join("connector.secret")).unwrap();
        let cert = certify(folder.path(), NAME);
        let server = Server::start(&config(folder.path())).await.unwrap();
        (Self { folder, server }, cert)
    }

    fn client(&self, trusted: &str, name: &str) -> Client {
        let trusted = Certificate::from_pem(trusted.as_bytes()).unwrap();
        Client::builder()
            .no_proxy()
            .tls_certs_only([trusted])
            .resolve(name, self.server.address)
            .build()
            .unwrap()
    }

    fn url(&self, name: &str) -> String {
        format!("https://{name}:{}/health", self.server.address.port())
    }

    /// What the server says to these bytes before it closes.
    async fn say(&self, bytes: &[u8]) -> Vec<u8> {
        let mut stream = TcpStream::connect(self.server.address).await.unwrap();
        stream.write_all(bytes).await.unwrap();
        let mut heard = Vec::new();
        let read = stream.read_to_end(&mut heard);
        let read = tokio::time::timeout(Duration::from_secs(5), read).await;
        // What is left unread on the other side resets the connection, which is an end too.
        let _ = read.expect("the server closes");
        heard
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_client_that_trusts_the_certificate_is_answered_and_others_leave() {
    let (house, cert) = House::start().await;
    let answer = house.client(&cert, NAME).get(house.url(NAME)).send().await;
    assert_eq!(answer.unwrap().status(), 200);

    let other = certify(Scratch::new().path(), NAME);
    for (client, name) in [
        (house.client(&cert, "other.example"), "other.example"),
        (house.client(&other, NAME), NAME),
    ] {
        let error = client.get(house.url(name)).send().await.unwrap_err();
        let found = crate::dial::trouble(&error);
        assert!(matches!(found, crate::dial::Trouble::Tls(_)), "{found:?}");
    }
    let again = house.client(&cert, NAME).get(house.url(NAME)).send().await;
    assert_eq!(again.unwrap().status(), 200, "refusals harm nobody else");
    house.server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_changed_certificate_is_used_without_a_restart_and_a_broken_one_is_not() {
    let (house, first) = House::start().await;
    let tls = Tls::open(config(house.folder.path()).tls.as_ref().unwrap()).unwrap();
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    let accepting = tls.clone();
    tokio::spawn(async move {
        while let Ok((stream, _)) = listener.accept().await {
            let tls = accepting.clone();
            tokio::spawn(async move { tls.accept(stream).await.is_some() });
        }
    });
    assert!(handshake(address, &first, &[b"h2"]).await.is_ok());

    let second = certify(house.folder.path(), NAME);
    assert!(
        handshake(address, &first, &[b"h2"]).await.is_ok(),
        "not looked yet"
    );
    tls.look();
    assert!(handshake(address, &first, &[b"h2"]).await.is_err());
    assert!(handshake(address, &second, &[b"h2"]).await.is_ok());

    // Half of a pair, as while two files are being replaced, and then a file that is no certificate.
    let key = std::fs::read(house.folder.path().join("key.pem")).unwrap();
    let third = certify(house.folder.path(), NAME);
    let good = std::fs::read(house.folder.path().join("key.pem")).unwrap();
    std::fs::write(
        house.folder.path().join("key.pem"),
        [key, b"\n".to_vec()].concat(),
    )
    .unwrap();
    tls.look();
    assert!(handshake(address, &second, &[b"h2"]).await.is_ok());
    std::fs::write(
        house.folder.path().join("key.pem"),
        [good, b"\n\n".to_vec()].concat(),
    )
    .unwrap();
    tls.look();
    assert!(handshake(address, &third, &[b"h2"]).await.is_ok());
    std::fs::write(house.folder.path().join("cert.pem"), "no certificate").unwrap();
    tls.look();
    assert!(handshake(address, &third, &[b"h2"]).await.is_ok());
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn both_versions_of_http_are_spoken_and_no_other() {
    let (house, cert) = House::start().await;
    let stream = handshake(house.server.address, &cert, &[b"h2", b"http/1.1"]).await;
    let stream = stream.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), Some(&b"h2"[..]));
    let io = TokioIo::new(stream);
    let (mut sender, connection) =
        hyper::client::conn::http2::handshake::<_, _, Empty<Bytes>>(TokioExecutor::new(), io)
            .await
            .unwrap();
    tokio::spawn(connection);
    for _ in 0..3 {
        let request = hyper::Request::get(house.url(NAME))
            .body(Empty::new())
            .unwrap();
        let answer = sender.send_request(request).await.unwrap();
        assert_eq!(answer.status(), 200);
        let body = answer.into_body().collect().await.unwrap().to_bytes();
        assert!(body.starts_with(b"{\"alive\":true,\"ok\":true"), "{body:?}");
    }
    // The admin API knows by which name it is called in HTTP/2 too.
    let url = format!("https://{NAME}/api/v1/identity");
    let request = hyper::Request::get(url).body(Empty::new()).unwrap();
    assert_eq!(sender.send_request(request).await.unwrap().status(), 401);

    let stream = handshake(house.server.address, &cert, &[]).await.unwrap();
    assert_eq!(stream.get_ref().1.alpn_protocol(), None);
    let error = handshake(house.server.address, &cert, &[b"spdy/1"]).await;
    assert!(
        error
            .unwrap_err()
            .to_string()
            .contains("NoApplicationProtocol")
    );
    house.server.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_is_no_handshake_is_refused_at_once() {
    let (house, cert) = House::start().await;
    let plain = house.say(b"GET /health HTTP/1.1\r\nhost: x\r\n\r\n").await;
    let plain = String::from_utf8(plain).unwrap();
    assert!(plain.starts_with("HTTP/1.1 400 "), "{plain}");
    let (head, body) = plain.split_once("\r\n\r\n").unwrap();
    assert!(
        head.contains(&format!("content-length: {}", body.len())),
        "{plain}"
    );
    assert!(body.contains("https://"), "{body}");

    // TLS 1.1, with a suite of its time: alert 70, protocol_version.
    let mut hello = vec![0x16, 3, 1, 0, 62, 1, 0, 0, 58, 3, 2];
    hello.extend([7; 32]);
    hello.extend([0, 0, 2, 0, 0x2f, 1, 0]);
    // Its extensions: how it signs, and that 1.1 is all it speaks.
    hello.extend([0, 15, 0, 13, 0, 4, 0, 2, 4, 1, 0, 43, 0, 3, 2, 3, 2]);
    assert_eq!(house.say(&hello).await, [0x15, 3, 3, 0, 2, 2, 70]);

    for garbage in [
        &b"\x00"[..],
        b"\x16\x03\x01\xff\xff",
        &[0xff; 600],
        b"\x16\x03\x01\x00\x04\x01\xff\xff\xff",
    ] {
        let mut stream = TcpStream::connect(house.server.address).await.unwrap();
        stream.write_all(garbage).await.unwrap();
        stream.shutdown().await.unwrap();
        let mut heard = Vec::new();
        let read = tokio::time::timeout(Duration::from_secs(5), stream.read_to_end(&mut heard));
        let _ = read.await.expect("the server closes");
        assert!(
            heard.is_empty() || heard[0] == 0x15,
            "{garbage:?}: {heard:?}"
        );
    }
    let answer = house.client(&cert, NAME).get(house.url(NAME)).send().await;
    assert_eq!(answer.unwrap().status(), 200);
    house.server.stop().await;
}

#[test]
fn a_certificate_that_cannot_be_used_is_named_with_its_cure() {
    let folder = Scratch::new();
    let files = TlsFiles {
        cert: folder.path().join("cert.pem"),
        key: folder.path().join("key.pem"),
    };
    let error = |files: &TlsFiles| Tls::open(files).err().unwrap();
    assert!(matches!(error(&files), TlsError::File(..)));
    certify(folder.path(), NAME);
    assert!(Tls::open(&files).is_ok());
    let swapped = TlsFiles {
        cert: files.key.clone(),
        key: files.cert.clone(),
    };
    assert!(matches!(error(&swapped), TlsError::Content(..)));
    let open = std::fs::Permissions::from_mode(0o644);
    std::fs::set_permissions(&files.key, open).unwrap();
    let told = error(&files).to_string();
    assert!(told.contains("chmod o= "), "{told}");
    let elsewhere = Scratch::new();
    certify(elsewhere.path(), NAME);
    let other = TlsFiles {
        cert: files.cert,
        key: elsewhere.path().join("key.pem"),
    };
    assert!(matches!(error(&other), TlsError::Pair(..)));
}

async fn handshake(
    address: SocketAddr,
    trusted: &str,
    protocols: &[&[u8]],
) -> io::Result<tokio_rustls::client::TlsStream<TcpStream>> {
    let mut roots = RootCertStore::empty();
    let trusted = CertificateDer::from_pem_slice(trusted.as_bytes()).unwrap();
    roots.add(trusted).unwrap();
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = protocols.iter().map(|name| name.to_vec()).collect();
    let stream = TcpStream::connect(address).await?;
    let name = ServerName::try_from(NAME).unwrap();
    TlsConnector::from(Arc::new(config))
        .connect(name, stream)
        .await
}
