//! Finds the component that serves a path.
//!
//! The most specific route wins: an exact one before one with `:name` segments, before one that ends
//! in `/...`, and a longer prefix before a shorter one. A trailing slash makes no difference. The last
//! of equal routes wins.

use std::borrow::Cow;

use routefinder::{Captures, Router};

use crate::manifest::{ComponentId, Route};

/// The prefix of paths that the host itself answers.
pub(super) const WELL_KNOWN: &str = "/.well-known/spin/";

/// A route that is invalid.
#[derive(Debug, thiserror::Error)]
#[error("the route {pattern:?}: {reason}")]
pub struct InvalidRoute {
    pattern: String,
    reason: String,
}

/// All routes of an application.
pub(super) struct Routes {
    finder: Router<Entry>,
}

struct Entry {
    /// The route in the manifest.
    raw: String,
    /// With a leading slash and without a trailing one.
    normal: String,
    component: ComponentId,
}

impl Routes {
    pub(super) fn new(routes: &[Route]) -> Result<Self, InvalidRoute> {
        let mut finder = Router::new();
        for Route { pattern, component } in routes {
            let normal = normalize(pattern);
            let spec = match normal.strip_suffix("/...") {
                Some(prefix) => format!("{prefix}/*"),
                None => normal.clone(),
            };
            let entry = Entry {
                raw: pattern.clone(),
                normal,
                component: component.clone(),
            };
            finder.add(spec, entry).map_err(|reason| InvalidRoute {
                pattern: pattern.clone(),
                reason,
            })?;
        }
        Ok(Self { finder })
    }

    pub(super) fn find<'a>(&'a self, path: &'a str) -> Option<Match<'a>> {
        let best = self.finder.best_match(path)?;
        let captures = best.captures();
        Some(Match {
            entry: best.handler(),
            captures,
            path,
        })
    }

    /// Returns each route's prefix, whether longer paths match, and its component.
    pub(super) fn iter(&self) -> impl Iterator<Item = (&str, bool, &ComponentId)> {
        self.finder.iter().map(|(_, entry)| {
            let open = entry.normal.strip_suffix("/...");
            let path = open
                .or_else(|| entry.normal.strip_suffix("/*"))
                .unwrap_or(&entry.normal);
            let wildcard = path.len() != entry.normal.len();
            let path = if path.is_empty() { "/" } else { path };
            (path, wildcard, &entry.component)
        })
    }
}

fn normalize(pattern: &str) -> String {
    let pattern = pattern.strip_suffix('/').unwrap_or(pattern);
    if pattern.is_empty() || pattern.starts_with('/') {
        pattern.to_owned()
    } else {
        format!("/{pattern}")
    }
}

/// A route that matches a path.
pub(super) struct Match<'a> {
    entry: &'a Entry,
    captures: Captures<'a, 'a>,
    path: &'a str,
}

impl Match<'_> {
    pub(super) fn component(&self) -> &ComponentId {
        &self.entry.component
    }

    /// Returns the route in the manifest.
    pub(super) fn raw(&self) -> &str {
        &self.entry.raw
    }

    /// Returns the route in the manifest, up to its wildcard.
    pub(super) fn raw_prefix(&self) -> &str {
        let raw = self.raw();
        raw.strip_suffix("/...").unwrap_or(raw)
    }

    /// Returns the route with a leading slash and without a trailing one.
    pub(super) fn normal(&self) -> &str {
        &self.entry.normal
    }

    /// Returns the path's segments that match the route's named segments.
    pub(super) fn named(&self) -> impl Iterator<Item = (&str, &str)> {
        self.captures.iter()
    }

    /// Returns the part of the path that matches the route's wildcard.
    pub(super) fn rest(&self) -> Cow<'_, str> {
        let slash = if self.path.ends_with('/') { "/" } else { "" };
        match self.captures.wildcard() {
            None => "".into(),
            Some("") => slash.into(),
            Some(rest) => format!("/{rest}{slash}").into(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routes(patterns: &[&str]) -> Routes {
        let id = |n: usize| ComponentId::try_from(format!("c{n}")).unwrap();
        let routes: Vec<_> = patterns
            .iter()
            .enumerate()
            .map(|(n, pattern)| Route {
                pattern: (*pattern).to_owned(),
                component: id(n),
            })
            .collect();
        Routes::new(&routes).unwrap()
    }

    fn found<'a>(routes: &'a Routes, path: &'a str) -> Option<&'a str> {
        routes.find(path).map(|found| found.entry.raw.as_str())
    }

    #[test]
    fn find_prefers_the_most_specific_route() {
        let routes = routes(&["/...", "/a/...", "/a/:id", "/a/b", "/x"]);
        for (path, route) in [
            ("/", "/..."),
            ("/b/c", "/..."),
            ("/a", "/a/..."),
            ("/a/", "/a/..."),
            ("/a/1", "/a/:id"),
            ("/a/1/2", "/a/..."),
            ("/a/b", "/a/b"),
            ("/a/b/", "/a/b"),
            ("/A/b", "/..."),
            ("/x/", "/x"),
        ] {
            assert_eq!(found(&routes, path), Some(route), "{path}");
        }
    }

    #[test]
    fn find_without_matching_route_returns_none() {
        let routes = routes(&["/a", "b/"]);
        assert_eq!(found(&routes, "/"), None);
        assert_eq!(found(&routes, "/a/b"), None);
        assert_eq!(found(&routes, "/b"), Some("b/"));
    }

    #[test]
    fn rest_is_the_path_after_the_prefix() {
        let routes = routes(&["/a/:id/..."]);
        for (path, rest) in [
            ("/a/1", ""),
            ("/a/1/", "/"),
            ("/a/1/b", "/b"),
            ("/a/1/b/c/", "/b/c/"),
        ] {
            let found = routes.find(path).unwrap();
            assert_eq!(found.rest(), rest, "{path}");
            assert_eq!(found.named().collect::<Vec<_>>(), [("id", "1")]);
        }
    }

    #[test]
    fn iter_lists_prefixes_and_wildcards() {
        let routes = routes(&["/...", "/a", "/b/..."]);
        let mut listed: Vec<_> = routes.iter().map(|(path, open, _)| (path, open)).collect();
        listed.sort_unstable();
        assert_eq!(listed, [("/", true), ("/a", false), ("/b", true)]);
    }
}
