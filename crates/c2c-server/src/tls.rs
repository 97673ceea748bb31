//! TLS from certificate files, which are read again when they change: a renewed certificate needs no restart.

use std::fmt;
use std::io;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError, RwLock};
use std::time::{Duration, SystemTime};

use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use tokio::io::AsyncWriteExt as _;
use tokio::net::TcpStream;
use tokio::sync::watch;
use tokio_rustls::TlsAcceptor;
use tokio_rustls::server::TlsStream;
use zeroize::Zeroizing;

use crate::config::TlsFiles;

/// How often one looks whether the files have changed.
const LOOK: Duration = Duration::from_secs(5);

/// How long a handshake may take.
const MOST_HANDSHAKE: Duration = Duration::from_secs(10);

/// The protocols that are spoken over TLS, the better one first.
const PROTOCOLS: [&[u8]; 2] = [b"h2", b"http/1.1"];

/// What somebody hears who speaks plain HTTP to a port where TLS is spoken.
const PLAIN: &str = "HTTP/1.1 400 Bad Request\r\ncontent-type: application/json\r\nconnection: close\r\n\
    content-length: 99\r\n\r\n\
    {\"id\":\"TLS_EXPECTED\",\"message\":\"This port speaks TLS. Write https:// in place of http://, please.\"}";

/// A certificate with its key, in use.
pub struct Tls {
    files: TlsFiles,
    current: RwLock<Arc<ServerConfig>>,
    seen: Mutex<Stamp>,
}

/// What tells one state of the two files from another.
type Stamp = [Option<(SystemTime, u64)>; 2];

/// Why a certificate is no good. Each says what to do.
#[derive(Debug)]
pub enum TlsError {
    /// A file cannot be read.
    File(PathBuf, io::Error),
    /// Everybody on this machine may read the key.
    Exposed(PathBuf),
    /// A file does not hold what it should.
    Content(PathBuf, String),
    /// The two do not belong together, or the certificate is none that TLS can use.
    Pair(PathBuf, rustls::Error),
}

impl fmt::Display for TlsError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File(path, error) => write!(f, "{}: {error}.", path.display()),
            Self::Exposed(path) => write!(
                f,
                "{0} can be read by everybody. Close it with: chmod o= {0}",
                path.display()
            ),
            Self::Content(path, expected) => write!(
                f,
                "{} holds no {expected}. It takes PEM, as certificate authorities hand it out.",
                path.display()
            ),
            Self::Pair(path, error) => write!(
                f,
                "{} and its key cannot be used: {error}. Check that both are of the same certificate.",
                path.display()
            ),
        }
    }
}

impl std::error::Error for TlsError {}

impl Tls {
    /// Reads the files.
    pub fn open(files: &TlsFiles) -> Result<Arc<Self>, TlsError> {
        let seen = stamp(files);
        Ok(Arc::new(Self {
            current: RwLock::new(Arc::new(read(files)?)),
            files: files.clone(),
            seen: Mutex::new(seen),
        }))
    }

    /// Shakes hands with who has just connected. Nothing where that failed: the other side was told, as far as
    /// the protocol has words for it.
    pub async fn accept(&self, stream: TcpStream) -> Option<TlsStream<TcpStream>> {
        match tokio::time::timeout(MOST_HANDSHAKE, self.shake_hands(stream)).await {
            Ok(Ok(stream)) => Some(stream),
            Ok(Err(error)) => {
                tracing::debug!(%error, "a handshake failed");
                None
            }
            Err(_) => {
                tracing::debug!("a handshake took too long");
                None
            }
        }
    }

    /// Looks for other files again and again, until the server stops.
    pub async fn watch(self: Arc<Self>, mut stopping: watch::Receiver<bool>) {
        loop {
            tokio::select! {
                () = tokio::time::sleep(LOOK) => self.look(),
                _ = stopping.wait_for(|stop| *stop) => return,
            }
        }
    }

    /// Reads the files again if they have changed. What cannot be used is not taken, and what was there before
    /// goes on: two files are never replaced at the same instant.
    pub fn look(&self) {
        let found = stamp(&self.files);
        // Nothing in here panics while a lock is held.
        let mut seen = self.seen.lock().unwrap_or_else(PoisonError::into_inner);
        if *seen == found {
            return;
        }
        *seen = found;
        match read(&self.files) {
            Ok(config) => {
                let mut current = self.current.write().unwrap_or_else(PoisonError::into_inner);
                *current = Arc::new(config);
                tracing::info!(file = %self.files.cert.display(), "certificate read again");
            }
            Err(error) => {
                tracing::warn!(%error, "the changed certificate is not used; the one before goes on");
            }
        }
    }

    async fn shake_hands(&self, mut stream: TcpStream) -> io::Result<TlsStream<TcpStream>> {
        let mut first = [0; 1];
        // A handshake begins with the byte 22, a request in plain HTTP with the name of its method.
        if stream.peek(&mut first).await? == 1 && first[0].is_ascii_uppercase() {
            stream.write_all(PLAIN.as_bytes()).await?;
            stream.shutdown().await?;
            return Err(io::Error::other("plain HTTP where TLS is spoken"));
        }
        let config = {
            let current = self.current.read().unwrap_or_else(PoisonError::into_inner);
            current.clone()
        };
        TlsAcceptor::from(config).accept(stream).await
    }
}

/// Whether the two sides agreed on HTTP/2.
pub fn is_http2(stream: &TlsStream<TcpStream>) -> bool {
    stream.get_ref().1.alpn_protocol() == Some(PROTOCOLS[0])
}

fn stamp(files: &TlsFiles) -> Stamp {
    [&files.cert, &files.key].map(|path| {
        let found = std::fs::metadata(path).ok()?;
        Some((found.modified().ok()?, found.len()))
    })
}

fn read(files: &TlsFiles) -> Result<ServerConfig, TlsError> {
    let chain = bytes(&files.cert)?;
    let chain: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&chain).collect();
    let chain = chain.ok().filter(|chain| !chain.is_empty());
    let chain =
        chain.ok_or_else(|| TlsError::Content(files.cert.clone(), "certificate".to_owned()))?;
    let key = private_key(&files.key)?;
    let pair = |error| TlsError::Pair(files.cert.clone(), error);
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(pair)?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .map_err(pair)?;
    config.alpn_protocols = PROTOCOLS.map(<[u8]>::to_vec).to_vec();
    Ok(config)
}

/// The key, unless everybody may read it. A group may: that is how a machine's keys are shared with its servers.
fn private_key(path: &Path) -> Result<PrivateKeyDer<'static>, TlsError> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::PermissionsExt as _;
        let found = std::fs::metadata(path);
        let found = found.map_err(|error| TlsError::File(path.to_owned(), error))?;
        if found.permissions().mode() & 0o007 != 0 {
            return Err(TlsError::Exposed(path.to_owned()));
        }
    }
    PrivateKeyDer::from_pem_slice(&bytes(path)?)
        .map_err(|_| TlsError::Content(path.to_owned(), "private key".to_owned()))
}

fn bytes(path: &Path) -> Result<Zeroizing<Vec<u8>>, TlsError> {
    std::fs::read(path)
        .map(Zeroizing::new)
        .map_err(|error| TlsError::File(path.to_owned(), error))
}

#[cfg(test)]
mod tests;
