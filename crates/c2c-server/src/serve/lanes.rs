//! Threads that serve connections: each has some of them whole, and none is handed about.
//!
//! The runtime's own workers take tasks from each other and wake each other for it, which pays for tasks that
//! compute long. A call of a peer takes microseconds, so that waking costs more than it gives.

use std::net::TcpStream as Socket;
use std::pin::Pin;

use tokio::net::TcpStream;
use tokio::sync::mpsc::{UnboundedSender, unbounded_channel};

/// What is done with a connection.
type Serving = Pin<Box<dyn Future<Output = ()> + Send>>;
type Serve = Box<dyn FnOnce(TcpStream) -> Serving + Send>;

/// The threads. They end when this is dropped, and what they serve with them.
pub(super) struct Lanes {
    senders: Vec<UnboundedSender<(Socket, Serve)>>,
    next: usize,
}

impl Lanes {
    /// As many as there are processors.
    pub(super) fn start() -> std::io::Result<Self> {
        let count = std::thread::available_parallelism()?.get();
        let senders: std::io::Result<Vec<_>> = (0..count).map(lane).collect();
        Ok(Self {
            senders: senders?,
            next: 0,
        })
    }

    /// Serves a connection on the next thread in turn.
    pub(super) fn serve<F>(
        &mut self,
        stream: TcpStream,
        serve: impl FnOnce(TcpStream) -> F + Send + 'static,
    ) where
        F: Future<Output = ()> + Send + 'static,
    {
        let serve: Serve = Box::new(move |stream| Box::pin(serve(stream)));
        self.next = (self.next + 1) % self.senders.len();
        match stream.into_std() {
            // A thread ends after this only.
            Ok(socket) => drop(self.senders[self.next].send((socket, serve))),
            Err(error) => tracing::warn!(%error, "a connection could not be handed on"),
        }
    }
}

fn lane(number: usize) -> std::io::Result<UnboundedSender<(Socket, Serve)>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let (sender, mut receiver) = unbounded_channel::<(Socket, Serve)>();
    std::thread::Builder::new()
        .name(format!("calls-{number}"))
        .spawn(move || {
            runtime.block_on(async {
                while let Some((socket, serve)) = receiver.recv().await {
                    match TcpStream::from_std(socket) {
                        Ok(stream) => drop(tokio::spawn(serve(stream))),
                        Err(error) => tracing::warn!(%error, "a connection could not be taken"),
                    }
                }
            });
        })?;
    Ok(sender)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::BTreeSet;
    use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
    use tokio::net::TcpListener;

    #[tokio::test]
    async fn connections_are_shared_out_and_end_with_the_threads() {
        let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
        let address = listener.local_addr().unwrap();
        let mut lanes = Lanes::start().unwrap();
        let count = lanes.senders.len();
        let mut callers = Vec::new();
        let mut names = BTreeSet::new();
        for _ in 0..2 * count {
            let mut caller = TcpStream::connect(address).await.unwrap();
            let (stream, _) = listener.accept().await.unwrap();
            lanes.serve(stream, |mut stream| async move {
                let name = std::thread::current().name().unwrap().to_owned();
                stream.write_all(name.as_bytes()).await.unwrap();
                // It would wait for ever.
                let _ = stream.read(&mut [0]).await;
            });
            let mut name = [0; 16];
            let length = caller.read(&mut name).await.unwrap();
            names.insert(String::from_utf8(name[..length].to_vec()).unwrap());
            callers.push(caller);
        }
        assert_eq!(names.len(), count, "{names:?}");
        drop(lanes);
        for mut caller in callers {
            assert_eq!(caller.read(&mut [0]).await.unwrap(), 0, "it is closed");
        }
    }
}
