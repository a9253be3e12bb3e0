//! The development page: the mails as HTML and as JSON.
//!
//! The paths lie below the one that the manifest routes here. They answer GET, HEAD and OPTIONS,
//! and only if the operator has opened the page ([`Access`]):
//!
//! | path | |
//! |---|---|
//! | `/` | the mails, newest first; `?limit=` at most [`MAX_LIMIT`] |
//! | `/{notification id}` | one mail and its attempts |
//! | `/{notification id}/body` | the body, for a frame in the page |
//! | `/style.css` | the style sheet |
//!
//! The first two answer in JSON to `?format=json` and to `Accept: application/json`. They show the
//! attempts of the newest [`MAX_PAGES`](crate::journal::MAX_PAGES) pages of the journal.
//!
//! Mails are untrusted content. Every part of a page escapes them. An HTML body is shown in a frame
//! without scripts, forms, navigation and origin; its own policy forbids it to load anything.

mod access;
mod document;
mod json;
mod list;
mod mail;
mod problem;
mod request;
mod response;

use bytes::Bytes;
use http::{Response, request::Parts};
use uuid::Uuid;

use crate::{KeyValue, Sandbox, StoreError};
pub use access::Access;
use problem::Problem;
pub use request::MAX_LIMIT;
use request::{Format, Parsed, Request, Resource};

/// Responds to a request. Opens the sandbox only if it is needed.
pub fn respond<'s, S: KeyValue + 's>(
    parts: &Parts,
    access: Access,
    sandbox: impl FnOnce() -> Result<&'s Sandbox<S>, StoreError>,
) -> Response<Bytes> {
    let is_head = parts.method == http::Method::HEAD;
    let result = match access {
        Access::Open => serve(parts, sandbox),
        Access::Closed => Err(Problem::NoSuchPath),
    };
    let response = result.unwrap_or_else(|problem| response::problem(problem, &parts.headers));
    if is_head {
        response::without_body(response)
    } else {
        response
    }
}

fn serve<'s, S: KeyValue + 's>(
    parts: &Parts,
    sandbox: impl FnOnce() -> Result<&'s Sandbox<S>, StoreError>,
) -> Result<Response<Bytes>, Problem> {
    let request = match Request::parse(parts)? {
        Parsed::Options => return Ok(response::options()),
        Parsed::Read(request) => request,
    };
    match request.resource {
        Resource::Style => Ok(response::style()),
        Resource::List { limit } => list(&request, sandbox()?, limit),
        Resource::Mail(id) => mail(&request, sandbox()?, id),
        Resource::Body(id) => body(sandbox()?, id),
    }
}

fn list<S: KeyValue>(
    request: &Request<'_>,
    sandbox: &Sandbox<S>,
    limit: usize,
) -> Result<Response<Bytes>, Problem> {
    let journal = sandbox.journal()?;
    let mut mails = Vec::new();
    for id in journal.newest().into_iter().take(limit) {
        mails.extend(sandbox.mail(id)?);
    }
    Ok(match request.format {
        Format::Html => response::page(list::page(request.base, &journal, &mails)),
        Format::Json => response::json(&json::List::new(&journal, &mails)),
    })
}

fn mail<S: KeyValue>(
    request: &Request<'_>,
    sandbox: &Sandbox<S>,
    id: Uuid,
) -> Result<Response<Bytes>, Problem> {
    let mail = sandbox.mail(id)?.ok_or(Problem::NoSuchMail)?;
    let journal = sandbox.journal()?;
    Ok(match request.format {
        Format::Html => response::page(mail::page(request.base, &mail, &journal)),
        Format::Json => response::json(&json::Full::new(&mail, &journal)),
    })
}

fn body<S: KeyValue>(sandbox: &Sandbox<S>, id: Uuid) -> Result<Response<Bytes>, Problem> {
    let mail = sandbox.mail(id)?.ok_or(Problem::NoSuchMail)?;
    Ok(response::body(mail))
}

#[cfg(test)]
mod tests;
