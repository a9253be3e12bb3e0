//! The development page: the mails, as pages for a person and as JSON for a program.
//!
//! Below the path that the manifest routes here, GET and HEAD only:
//!
//! | path | |
//! |---|---|
//! | `/` | the mails, newest first; `?limit=` how many, at most [`MAX_LIMIT`] |
//! | `/{notification id}` | one mail with all attempts to send it |
//! | `/{notification id}/body` | its body alone, as the page shows it in a frame |
//! | `/style.css` | |
//!
//! The first two are JSON with `?format=json` or where `Accept` names `application/json`.
//!
//! A mail is foreign content. It is escaped wherever it is part of a page; an HTML body is shown
//! in a frame without scripts, forms, navigation and origin, with a policy of its own that lets it
//! load nothing.

mod document;
mod json;
mod list;
mod mail;
mod request;
mod response;

use bytes::Bytes;
use http::{Response, StatusCode, request::Parts};
use uuid::Uuid;

use crate::{KeyValue, Sandbox, StoreError};
pub use request::MAX_LIMIT;
use request::{Format, Request, Resource};

/// Answers a request; the sandbox is opened only where it is needed.
pub fn answer<S: KeyValue>(
    parts: &Parts,
    sandbox: impl FnOnce() -> Result<Sandbox<S>, StoreError>,
) -> Response<Bytes> {
    let request = match Request::parse(parts) {
        Ok(request) => request,
        Err(refusal) => return response::refusal(refusal),
    };
    let answer = match request.resource {
        Resource::Style => Ok(response::style()),
        Resource::List { limit } => sandbox().and_then(|sandbox| list(&request, &sandbox, limit)),
        Resource::Mail(id) => sandbox().and_then(|sandbox| mail(&request, &sandbox, id)),
        Resource::Body(id) => sandbox().and_then(|sandbox| body(&sandbox, id)),
    };
    let answer = answer.unwrap_or_else(|error| {
        response::text(StatusCode::SERVICE_UNAVAILABLE, &error.to_string())
    });
    if request.head {
        response::head(answer)
    } else {
        answer
    }
}

fn list<S: KeyValue>(
    request: &Request<'_>,
    sandbox: &Sandbox<S>,
    limit: usize,
) -> Result<Response<Bytes>, StoreError> {
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
) -> Result<Response<Bytes>, StoreError> {
    let Some(mail) = sandbox.mail(id)? else {
        return Ok(response::text(StatusCode::NOT_FOUND, "No such mail."));
    };
    let journal = sandbox.journal()?;
    let attempts = journal.of(id);
    Ok(match request.format {
        Format::Html => response::page(mail::page(request.base, &mail, attempts)),
        Format::Json => response::json(&json::Full::new(&mail, attempts)),
    })
}

fn body<S: KeyValue>(sandbox: &Sandbox<S>, id: Uuid) -> Result<Response<Bytes>, StoreError> {
    Ok(match sandbox.mail(id)? {
        Some(mail) => response::body(mail),
        None => response::text(StatusCode::NOT_FOUND, "No such mail."),
    })
}

#[cfg(test)]
mod tests;
