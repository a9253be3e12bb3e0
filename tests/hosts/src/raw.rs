//! Bytes on a connection, for requests that no client sends and answers that it would not check.

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, Response, StatusCode, header};
use test_support::{Answer, PATIENCE};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    join,
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::timeout,
};

/// A connection that carries bytes as they are.
#[derive(Debug)]
pub struct RawConnection {
    requests: OwnedWriteHalf,
    answers: Answers,
}

impl RawConnection {
    /// Connects.
    pub async fn open(authority: &str) -> Self {
        let stream = TcpStream::connect(authority).await.expect("a connection");
        stream.set_nodelay(true).expect("a socket option");
        let (answers, requests) = stream.into_split();
        let answers = Answers {
            stream: answers,
            received: BytesMut::new(),
            reads: 0,
        };
        Self { requests, answers }
    }

    /// Sends bytes as they are.
    pub async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        timeout(PATIENCE, self.requests.write_all(bytes.as_ref()))
            .await
            .expect("the host reads")
            .expect("the connection stands");
    }

    /// Sends bytes that the host may refuse to read.
    pub async fn offer(&mut self, bytes: impl AsRef<[u8]>) {
        // The answer shows whether the host read them.
        let _ = timeout(PATIENCE, self.requests.write_all(bytes.as_ref()))
            .await
            .expect("the host reads or closes");
    }

    /// Closes the sending half.
    pub async fn finish(&mut self) {
        // The host may have closed already.
        let _ = self.requests.shutdown().await;
    }

    /// Reads one answer. Fails if the body has another length than announced, or none is announced.
    pub async fn answer(&mut self, name: &str) -> Answer {
        self.answer_or_close(name)
            .await
            .unwrap_or_else(|| panic!("{name}: the connection was dropped"))
    }

    /// Reads one answer; returns `None` if the host closes the connection instead.
    pub async fn answer_or_close(&mut self, name: &str) -> Option<Answer> {
        timeout(PATIENCE, self.answers.next(name))
            .await
            .unwrap_or_else(|_| panic!("{name} was neither answered nor closed"))
    }

    /// Returns how many reads the answers took so far.
    pub fn pieces(&self) -> usize {
        self.answers.reads
    }

    /// Sends bytes that the host may stop reading, and reads the answer meanwhile.
    pub async fn exchange(&mut self, bytes: &[u8], name: &str) -> Option<Answer> {
        let exchange = async {
            // The answer shows whether the host read everything.
            let (_, answer) = join!(self.requests.write_all(bytes), self.answers.next(name));
            answer
        };
        timeout(PATIENCE, exchange)
            .await
            .unwrap_or_else(|_| panic!("{name} was neither answered nor closed"))
    }
}

/// The answers on a connection.
#[derive(Debug)]
struct Answers {
    stream: OwnedReadHalf,
    received: BytesMut,
    reads: usize,
}

impl Answers {
    async fn next(&mut self, name: &str) -> Option<Answer> {
        let (status, headers) = loop {
            match self.head() {
                Some((StatusCode::CONTINUE, _)) => {}
                Some(head) => break head,
                None => self.receive().await?,
            }
        };
        let length = headers
            .get(header::CONTENT_LENGTH)
            .map_or(Some(0), |length| length.to_str().ok()?.parse().ok());
        let length = length.expect("a length");
        while self.received.len() < length {
            self.receive().await?;
        }
        let body = self.received.split_to(length).freeze();
        let mut response = Response::new(body);
        *response.status_mut() = status;
        *response.headers_mut() = headers;
        let answer = Answer::of(name.to_owned(), response);
        answer.assert_framing(false);
        Some(answer)
    }

    /// Takes a whole head from the received bytes.
    fn head(&mut self) -> Option<(StatusCode, HeaderMap)> {
        let mut fields = [httparse::EMPTY_HEADER; 64];
        let mut head = httparse::Response::new(&mut fields);
        let httparse::Status::Complete(length) = head
            .parse(&self.received)
            .expect("the answer is well-formed")
        else {
            return None;
        };
        let status = StatusCode::from_u16(head.code?).expect("a status");
        let headers = head
            .headers
            .iter()
            .map(|field| {
                let name: HeaderName = field.name.parse().expect("a header's name");
                let value = Bytes::copy_from_slice(field.value);
                (
                    name,
                    HeaderValue::from_maybe_shared(value).expect("a header's value"),
                )
            })
            .collect();
        self.received.advance(length);
        Some((status, headers))
    }

    /// Receives some bytes; returns `None` at the end.
    async fn receive(&mut self) -> Option<()> {
        self.reads += 1;
        self.received.reserve(64 * 1024);
        match self.stream.read_buf(&mut self.received).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }
}
