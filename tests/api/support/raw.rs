//! Bytes on a connection, where a client would tidy up the request or read more than was sent.

use bytes::{Buf, Bytes, BytesMut};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    join,
    net::{
        TcpStream,
        tcp::{OwnedReadHalf, OwnedWriteHalf},
    },
    time::timeout,
};

use super::{Answer, Host, call::PATIENCE};

/// A connection that carries what it is given.
#[derive(Debug)]
pub(crate) struct RawConnection {
    requests: OwnedWriteHalf,
    answers: Answers,
}

impl RawConnection {
    /// Connects.
    pub(crate) async fn open(host: &Host) -> Self {
        let stream = TcpStream::connect(host.authority())
            .await
            .expect("a connection");
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
    pub(crate) async fn send(&mut self, bytes: impl AsRef<[u8]>) {
        timeout(PATIENCE, self.requests.write_all(bytes.as_ref()))
            .await
            .expect("the host reads")
            .expect("the connection stands");
    }

    /// Sends bytes that the host may refuse to read.
    pub(crate) async fn offer(&mut self, bytes: impl AsRef<[u8]>) {
        // Whether they were read shows in what comes back.
        let _ = timeout(PATIENCE, self.requests.write_all(bytes.as_ref()))
            .await
            .expect("the host reads or closes");
    }

    /// Says that nothing more will be sent.
    pub(crate) async fn finish(&mut self) {
        // The host may have closed already.
        let _ = self.requests.shutdown().await;
    }

    /// Reads one answer, of which not one byte too many or too few may come.
    ///
    /// A body that is not announced by its length fails the test.
    pub(crate) async fn answer(&mut self, name: &str) -> Answer {
        self.answer_or_close(name)
            .await
            .unwrap_or_else(|| panic!("{name}: the connection was dropped"))
    }

    /// Reads one answer, or None if the host closes the connection instead.
    pub(crate) async fn answer_or_close(&mut self, name: &str) -> Option<Answer> {
        timeout(PATIENCE, self.answers.next(name))
            .await
            .unwrap_or_else(|_| panic!("{name} was neither answered nor closed"))
    }

    /// In how many pieces the answers came so far.
    pub(crate) fn pieces(&self) -> usize {
        self.answers.reads
    }

    /// Sends what the host may refuse to read on, and reads meanwhile.
    pub(crate) async fn exchange(&mut self, bytes: &[u8], name: &str) -> Option<Answer> {
        let exchange = async {
            // Whether it was read to its end shows in the answer.
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
            .map_or(0, |length| length.to_str().unwrap().parse().unwrap());
        while self.received.len() < length {
            self.receive().await?;
        }
        let body = self.received.split_to(length).freeze();
        let answer = Answer {
            call: name.to_owned(),
            trace: None,
            status,
            headers,
            body,
        };
        answer.assert_framing(false);
        Some(answer)
    }

    /// Takes a whole head from what was received.
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

    /// Receives some bytes, or None at the end.
    async fn receive(&mut self) -> Option<()> {
        self.reads += 1;
        self.received.reserve(64 * 1024);
        match self.stream.read_buf(&mut self.received).await {
            Ok(0) | Err(_) => None,
            Ok(_) => Some(()),
        }
    }
}
