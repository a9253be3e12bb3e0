//! Makes the requests, which differ in a unique text only.

use std::{
    net::SocketAddr,
    sync::atomic::{AtomicU64, Ordering::Relaxed},
    time::{SystemTime, UNIX_EPOCH},
};

use anyhow::{Context, Result};
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, Uri, header::HOST};
use http_body_util::Full;

/// The placeholder of the unique text.
const PLACEHOLDER: &str = "{n}";

/// The template of all requests.
pub(crate) struct Template {
    pub(crate) server: SocketAddr,
    method: Method,
    path: String,
    headers: HeaderMap,
    body: String,
    /// Makes the texts of this process differ from those of others.
    run: u128,
    next: AtomicU64,
}

impl Template {
    pub(crate) fn new(
        server: SocketAddr,
        method: Method,
        path: String,
        headers: Vec<(HeaderName, HeaderValue)>,
        body: String,
    ) -> Result<Self> {
        let mut headers: HeaderMap = headers.into_iter().collect();
        if !headers.contains_key(HOST) {
            headers.insert(HOST, server.to_string().parse()?);
        }
        let template = Self {
            server,
            method,
            path,
            headers,
            body,
            run: SystemTime::now().duration_since(UNIX_EPOCH)?.as_nanos(),
            next: AtomicU64::new(0),
        };
        // An invalid path fails here, not in every request.
        template.next().map(|_| template)
    }

    /// Returns the next request.
    pub(crate) fn next(&self) -> Result<Request<Full<Bytes>>> {
        let number = self.next.fetch_add(1, Relaxed);
        let unique = format!("{:x}-{number}", self.run);
        let filled = |text: &str| text.replace(PLACEHOLDER, &unique);
        let path: Uri = filled(&self.path)
            .parse()
            .with_context(|| format!("{} is not a path", self.path))?;
        let mut request = Request::new(Full::from(filled(&self.body)));
        *request.method_mut() = self.method.clone();
        *request.uri_mut() = path;
        *request.headers_mut() = self.headers.clone();
        Ok(request)
    }
}

#[cfg(test)]
mod tests {
    use http_body_util::BodyExt as _;

    use super::*;

    #[tokio::test]
    async fn next_returns_unique_requests() {
        let server = ([127, 0, 0, 1], 80).into();
        let path = "/a?x={n}".to_owned();
        let template =
            Template::new(server, Method::POST, path, vec![], "b {n}".to_owned()).unwrap();
        let [one, other] = [(); 2].map(|()| template.next().unwrap());
        assert_ne!(one.uri(), other.uri());
        assert_eq!(one.headers()[HOST], "127.0.0.1:80");
        let body = one.into_body().collect().await.unwrap().to_bytes();
        assert!(body.starts_with(b"b ") && !body.contains(&b'{'));
    }
}
