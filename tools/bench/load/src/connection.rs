//! A client, which sends its next request when it has the response to the last one.

use std::{
    sync::{
        Arc,
        atomic::{AtomicU64, Ordering::Relaxed},
    },
    time::Duration,
};

use anyhow::{Context, Result, bail};
use bytes::Bytes;
use http::StatusCode;
use http_body_util::{BodyExt, Full};
use hyper::client::conn::http1::{self, SendRequest};
use hyper_util::rt::TokioIo;
use tokio::{
    net::TcpStream,
    time::{Instant, sleep, timeout},
};

use crate::{report::Samples, request::Template};

/// The time limit of a response.
const RESPONSE_LIMIT: Duration = Duration::from_secs(30);

/// The measured window: it begins at an instant, and ends at another one or after a number of
/// requests.
pub(crate) struct Window {
    begin: Instant,
    end: Option<Instant>,
    requests: Option<u64>,
    taken: AtomicU64,
}

/// The phase of a load.
enum LoadPhase {
    WarmUp,
    Measure,
    Stop,
}

impl Window {
    pub(crate) fn new(begin: Instant, end: Option<Instant>, requests: Option<u64>) -> Self {
        Self {
            begin,
            end,
            requests,
            taken: AtomicU64::new(0),
        }
    }

    fn phase(&self, now: Instant) -> LoadPhase {
        if now < self.begin {
            return LoadPhase::WarmUp;
        }
        let over = self.end.is_some_and(|end| now >= end);
        let taken = self.taken.fetch_add(1, Relaxed);
        if over || self.requests.is_some_and(|most| taken >= most) {
            LoadPhase::Stop
        } else {
            LoadPhase::Measure
        }
    }
}

/// A client with a connection of its own.
pub(crate) struct Connection {
    pub(crate) template: Arc<Template>,
    pub(crate) window: Arc<Window>,
    pub(crate) expected: StatusCode,
    pub(crate) pause: Duration,
}

impl Connection {
    /// Sends requests until the window ends.
    pub(crate) async fn run(self) -> Result<Samples> {
        let mut samples = Samples::new()?;
        let mut sender = None;
        loop {
            let begun = Instant::now();
            let measured = match self.window.phase(begun) {
                LoadPhase::WarmUp => false,
                LoadPhase::Measure => true,
                LoadPhase::Stop => return Ok(samples),
            };
            let exchanged = timeout(RESPONSE_LIMIT, self.exchange(&mut sender)).await;
            let exchanged = exchanged.context("no response").flatten();
            if measured {
                match &exchanged {
                    Ok(()) => samples.success(begun.elapsed())?,
                    Err(error) => samples.failure(error),
                }
            }
            if exchanged.is_err() {
                // A connection that has failed is not used again.
                sender = None;
            }
            if !self.pause.is_zero() {
                sleep(self.pause).await;
            }
        }
    }

    async fn exchange(&self, sender: &mut Option<SendRequest<Full<Bytes>>>) -> Result<()> {
        let request = self.template.next()?;
        let mut open = match sender.take() {
            Some(open) if !open.is_closed() => open,
            _ => self.connect().await?,
        };
        open.ready().await?;
        let response = open.send_request(request).await?;
        let status = response.status();
        response.into_body().collect().await?;
        *sender = Some(open);
        if status != self.expected {
            bail!("status {status}");
        }
        Ok(())
    }

    async fn connect(&self) -> Result<SendRequest<Full<Bytes>>> {
        let stream = TcpStream::connect(self.template.server).await?;
        stream.set_nodelay(true)?;
        let (sender, connection) = http1::handshake(TokioIo::new(stream)).await?;
        // Its errors appear in the requests.
        tokio::spawn(connection);
        Ok(sender)
    }
}
