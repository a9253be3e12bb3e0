//! Parsing of requests.

use http::{Method, header, request::Parts};
use uuid::Uuid;

use super::problem::Problem;

/// The number of mails in a list without `limit`.
const DEFAULT_LIMIT: usize = 100;

/// The maximum number of mails in a list.
pub const MAX_LIMIT: usize = 1000;

/// The header in which Spin passes the part of the path below the route.
const PATH_INFO: &str = "spin-path-info";

/// A valid request.
pub(super) enum Parsed<'a> {
    /// OPTIONS of a resource.
    Options,
    /// GET or HEAD of a resource.
    Read(Request<'a>),
}

/// A request to read a resource.
#[derive(Debug, PartialEq)]
pub(super) struct Request<'a> {
    /// The path of the route, without a trailing slash.
    pub(super) base: &'a str,
    pub(super) resource: Resource,
    pub(super) format: Format,
}

#[derive(Debug, PartialEq)]
pub(super) enum Resource {
    List { limit: usize },
    Mail(Uuid),
    Body(Uuid),
    Style,
}

#[derive(Debug, PartialEq)]
pub(super) enum Format {
    Html,
    Json,
}

impl<'a> Request<'a> {
    /// Parses a request. Checks path, method and query, in this order.
    pub(super) fn parse(parts: &'a Parts) -> Result<Parsed<'a>, Problem> {
        let path = parts.uri.path();
        let below = parts.headers.get(PATH_INFO);
        let below = below.and_then(|below| below.to_str().ok()).unwrap_or(path);
        let base = path.strip_suffix(below).unwrap_or_default();
        let mut resource = Resource::parse(below).ok_or(Problem::NoSuchPath)?;
        match parts.method {
            Method::GET | Method::HEAD => {}
            Method::OPTIONS => return Ok(Parsed::Options),
            _ => return Err(Problem::MethodNotAllowed),
        }
        let query = Query::parse(parts.uri.query().unwrap_or_default())?;
        if let Resource::List { limit } = &mut resource {
            *limit = query.limit;
        }
        let format = query.format.unwrap_or_else(|| accepted_format(parts));
        Ok(Parsed::Read(Self {
            base: base.trim_end_matches('/'),
            resource,
            format,
        }))
    }
}

impl Resource {
    /// Returns the resource at a path.
    fn parse(path: &str) -> Option<Self> {
        let mut segments = path.split('/').filter(|segment| !segment.is_empty());
        let id = |segment: &str| Uuid::try_parse(segment).ok();
        match (segments.next(), segments.next(), segments.next()) {
            (None, ..) => Some(Self::List {
                limit: DEFAULT_LIMIT,
            }),
            (Some("style.css"), None, _) => Some(Self::Style),
            (Some(segment), None, _) => id(segment).map(Self::Mail),
            (Some(segment), Some("body"), None) => id(segment).map(Self::Body),
            _ => None,
        }
    }
}

struct Query {
    limit: usize,
    /// The requested format, if there is one.
    format: Option<Format>,
}

impl Query {
    fn parse(text: &str) -> Result<Self, Problem> {
        let mut query = Self {
            limit: DEFAULT_LIMIT,
            format: None,
        };
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            match (&*name, &*value) {
                ("format", "json") => query.format = Some(Format::Json),
                ("format", "html") => query.format = Some(Format::Html),
                ("limit", value) => {
                    let limit = value.parse().map_err(|_| Problem::InvalidLimit)?;
                    query.limit = usize::min(limit, MAX_LIMIT);
                }
                ("format", _) => return Err(Problem::InvalidFormat),
                _ => {}
            }
        }
        Ok(query)
    }
}

fn accepted_format(parts: &Parts) -> Format {
    let mut accepted = parts.headers.get_all(header::ACCEPT).iter();
    let accepts_json = accepted.any(|value| {
        let value = value.to_str().unwrap_or_default();
        let mut types = value.split(',').filter_map(|part| part.split(';').next());
        types.any(|name| name.trim().eq_ignore_ascii_case("application/json"))
    });
    if accepts_json {
        Format::Json
    } else {
        Format::Html
    }
}
