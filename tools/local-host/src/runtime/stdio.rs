//! Writes the components' standard output and error to this process's standard error, to log files,
//! to both, or nowhere. Writes can also be made to fail, as they do on Spin once nothing reads its
//! output.

use std::{
    fs::File,
    io::{self, Write},
    path::{Path, PathBuf},
    pin::Pin,
    sync::{Arc, Mutex, PoisonError},
    task::{Context, Poll},
};

use tokio::io::AsyncWrite;
use wasmtime_wasi::cli::{IsTerminal, StdoutStream};

/// The destinations of the components' output.
#[derive(Clone, Debug, Default)]
pub struct Output {
    /// Whether output goes to this process's standard error.
    pub terminal: bool,
    /// The directory of the log files, if output goes to files.
    pub directory: Option<PathBuf>,
    /// Whether every write fails.
    pub broken: bool,
}

/// One output stream of a component, shared by its instances.
#[derive(Clone)]
pub(crate) struct Stream(Arc<Inner>);

struct Inner {
    broken: bool,
    terminal: bool,
    file: Option<Mutex<File>>,
}

impl Stream {
    /// Opens a component's stream of this name.
    pub(crate) fn new(output: &Output, component: &str, name: &str) -> io::Result<Self> {
        let open = |directory: &PathBuf| {
            std::fs::create_dir_all(directory)?;
            let path = Path::join(directory, format!("{component}_{name}.txt"));
            let file = File::options().create(true).append(true).open(path)?;
            Ok::<_, io::Error>(Mutex::new(file))
        };
        Ok(Self(Arc::new(Inner {
            broken: output.broken,
            terminal: output.terminal,
            file: output.directory.as_ref().map(open).transpose()?,
        })))
    }

    fn write_all(&self, bytes: &[u8]) -> io::Result<()> {
        if self.0.broken {
            return Err(io::ErrorKind::BrokenPipe.into());
        }
        if let Some(file) = &self.0.file {
            file.lock()
                .unwrap_or_else(PoisonError::into_inner)
                .write_all(bytes)?;
        }
        if self.0.terminal {
            io::stderr().write_all(bytes)?;
        }
        Ok(())
    }
}

impl IsTerminal for Stream {
    fn is_terminal(&self) -> bool {
        false
    }
}

impl StdoutStream for Stream {
    fn async_stream(&self) -> Box<dyn AsyncWrite + Send + Sync> {
        Box::new(self.clone())
    }
}

impl AsyncWrite for Stream {
    fn poll_write(
        self: Pin<&mut Self>,
        _: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Poll::Ready(self.write_all(bytes).map(|()| bytes.len()))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}
