//! The development page: the mails, as pages for a person and as JSON for a program.
//!
//! Below the path that the manifest routes here, GET, HEAD and OPTIONS only, and only where the
//! operator has opened it ([`Access`]):
//!
//! | path | |
//! |---|---|
//! | `/` | the mails, newest first; `?limit=` how many, at most [`MAX_LIMIT`] |
//! | `/{notification id}` | one mail with its attempts |
//! | `/{notification id}/body` | its body alone, as the page shows it in a frame |
//! | `/style.css` | |
//!
//! The first two are JSON with `?format=json` or where `Accept` names `application/json`. Attempts
//! are those of the newest [`MAX_PAGES`](crate::journal::MAX_PAGES) pages of the journal.
//!
//! A mail is foreign content. It is escaped wherever it is part of a page; an HTML body is shown
//! in a frame without scripts, forms, navigation and origin, with a policy of its own that lets it
//! load nothing.

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
use request::{Asked, Format, Request, Resource};

/// Answers a request; the sandbox is opened only where it is needed.
pub fn answer<'s, S: KeyValue + 's>(
    parts: &Parts,
    access: Access,
    sandbox: impl FnOnce() -> Result<&'s Sandbox<S>, StoreError>,
) -> Response<Bytes> {
    let is_head = parts.method == http::Method::HEAD;
    let answer = match access {
        Access::Open => answered(parts, sandbox),
        Access::Closed => Err(Problem::NoSuchPath),
    };
    let answer = answer.unwrap_or_else(|problem| response::problem(problem, &parts.headers));
    if is_head {
        response::head(answer)
    } else {
        answer
    }
}

fn answered<'s, S: KeyValue + 's>(
    parts: &Parts,
    sandbox: impl FnOnce() -> Result<&'s Sandbox<S>, StoreError>,
) -> Result<Response<Bytes>, Problem> {
    let request = match Request::parse(parts)? {
        Asked::Options => return Ok(response::options()),
        Asked::Read(request) => request,
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
