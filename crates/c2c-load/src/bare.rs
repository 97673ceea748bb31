//! The least that a server can do: hyper as it is, on all cores, with a constant for an answer.

use hyper::service::service_fn;
use hyper_util::rt::TokioIo;
use tokio::net::TcpListener;

use crate::failure::Failure;
use crate::listen::constant;

/// Listens on a free port, prints it, and answers until the process is ended.
pub fn serve() -> Result<(), Failure> {
    let runtime = tokio::runtime::Builder::new_multi_thread()
        .enable_all()
        .build()
        .map_err(Failure::of("runtime"))?;
    runtime.block_on(async {
        let failed = Failure::of("listening");
        let listener = TcpListener::bind("127.0.0.1:0").await.map_err(&failed)?;
        println!("{}", listener.local_addr().map_err(&failed)?);
        loop {
            let (stream, _) = listener.accept().await.map_err(&failed)?;
            stream.set_nodelay(true).map_err(&failed)?;
            tokio::spawn(async move {
                // Whoever has enough hangs up.
                let _ = hyper::server::conn::http1::Builder::new()
                    .serve_connection(TokioIo::new(stream), service_fn(constant))
                    .await;
            });
        }
    })
}
