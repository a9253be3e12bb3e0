//! What is asked for.

use http::{Method, header, request::Parts};
use uuid::Uuid;

use super::problem::Problem;

/// How many mails a list has if it is not said.
const DEFAULT_LIMIT: usize = 100;

/// How many mails a list may have.
pub const MAX_LIMIT: usize = 1000;

/// Where Spin says which part of the path lies below the route.
const PATH_INFO: &str = "spin-path-info";

/// What a request that can be answered asks for.
pub(super) enum Asked<'a> {
    /// What may be done with a resource.
    Options,
    /// A resource.
    Read(Request<'a>),
}

/// A request to read something.
#[derive(Debug, PartialEq)]
pub(super) struct Request<'a> {
    /// The path that everything lies below, without a slash at its end.
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
    /// Reads a request, or says why it is refused: path, method and query, in this order.
    pub(super) fn parse(parts: &'a Parts) -> Result<Asked<'a>, Problem> {
        let path = parts.uri.path();
        let below = parts.headers.get(PATH_INFO);
        let below = below.and_then(|below| below.to_str().ok()).unwrap_or(path);
        let base = path.strip_suffix(below).unwrap_or_default();
        let mut resource = Resource::parse(below).ok_or(Problem::NoSuchPath)?;
        match parts.method {
            Method::GET | Method::HEAD => {}
            Method::OPTIONS => return Ok(Asked::Options),
            _ => return Err(Problem::MethodNotAllowed),
        }
        let query = Query::parse(parts.uri.query().unwrap_or_default())?;
        if let Resource::List { limit } = &mut resource {
            *limit = query.limit;
        }
        let json = query.json.unwrap_or_else(|| accepts_json(parts));
        Ok(Asked::Read(Self {
            base: base.trim_end_matches('/'),
            resource,
            format: if json { Format::Json } else { Format::Html },
        }))
    }
}

impl Resource {
    /// The resource at a path.
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
    /// Whether JSON is asked for, where a format is.
    json: Option<bool>,
}

impl Query {
    fn parse(text: &str) -> Result<Self, Problem> {
        let mut query = Self {
            limit: DEFAULT_LIMIT,
            json: None,
        };
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            match (&*name, &*value) {
                ("format", "json") => query.json = Some(true),
                ("format", "html") => query.json = Some(false),
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

fn accepts_json(parts: &Parts) -> bool {
    let mut accepted = parts.headers.get_all(header::ACCEPT).iter();
    accepted.any(|value| {
        let value = value.to_str().unwrap_or_default();
        let mut types = value.split(',').filter_map(|part| part.split(';').next());
        types.any(|name| name.trim().eq_ignore_ascii_case("application/json"))
    })
}
