//! Connections that can be cut: a handler can limit how many more bytes a connection sends.

use std::io::{self, ErrorKind};
use std::net::SocketAddr;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::task::{Context, Poll};

use axum::extract::connect_info::Connected;
use axum::serve::{IncomingStream, Listener};
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

/// The number of bytes that a connection may still send.
#[derive(Clone, Debug)]
pub struct ByteBudget(Arc<AtomicU64>);

impl ByteBudget {
    fn endless() -> ByteBudget {
        ByteBudget(Arc::new(AtomicU64::new(u64::MAX)))
    }

    /// Cuts the connection after `bytes` more bytes.
    pub fn cut_after(&self, bytes: u64) {
        self.0.store(bytes, Ordering::SeqCst);
    }

    /// Removes the limit, for the next request on the same connection.
    pub fn reset(&self) {
        self.cut_after(u64::MAX);
    }

    fn left(&self) -> u64 {
        self.0.load(Ordering::SeqCst)
    }
}

impl Connected<IncomingStream<'_, LimitedListener>> for ByteBudget {
    fn connect_info(stream: IncomingStream<'_, LimitedListener>) -> ByteBudget {
        stream.io().budget.clone()
    }
}

/// The listener that accepts connections.
#[derive(Debug)]
pub struct LimitedListener(pub TcpListener);

impl Listener for LimitedListener {
    type Io = LimitedStream;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (LimitedStream, SocketAddr) {
        // After a failed accept, for example when file descriptors are used up, axum waits and tries again.
        let (stream, address) = Listener::accept(&mut self.0).await;
        if let Err(error) = stream.set_nodelay(true) {
            tracing::debug!(%error, "the sandbox's answers may be slow");
        }
        (LimitedStream { stream, budget: ByteBudget::endless() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

/// One connection.
#[derive(Debug)]
pub struct LimitedStream {
    stream: TcpStream,
    budget: ByteBudget,
}

impl AsyncRead for LimitedStream {
    fn poll_read(mut self: Pin<&mut Self>, context: &mut Context<'_>, into: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_read(context, into)
    }
}

impl AsyncWrite for LimitedStream {
    fn poll_write(mut self: Pin<&mut Self>, context: &mut Context<'_>, bytes: &[u8]) -> Poll<io::Result<usize>> {
        let left = self.budget.left();
        if left == u64::MAX {
            return Pin::new(&mut self.stream).poll_write(context, bytes);
        }
        if left == 0 {
            return Poll::Ready(Err(ErrorKind::ConnectionAborted.into()));
        }
        let most = usize::try_from(left).unwrap_or(usize::MAX).min(bytes.len());
        let written = Pin::new(&mut self.stream).poll_write(context, &bytes[..most]);
        if let Poll::Ready(Ok(count)) = &written {
            self.budget.cut_after(left - *count as u64);
        }
        written
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
