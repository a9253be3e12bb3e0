//! The two families of paths.

use http::{Request, Uri, uri::PathAndQuery};

use super::spelling;

/// The family of paths that a request came in on; its links stay in it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Family {
    /// `/order`, as this project has it.
    Own,
    /// `/notifications/api/v1/orders`, as clients of Altinn Notifications know it.
    Altinn,
}

/// Prefixes of the Altinn family, with what they are in this project's own.
pub(super) const ALTINN: [(&str, &str); 2] = [
    ("/notifications/api/v1/orders", "/order"),
    ("/notifications/api/v1/trigger", "/trigger"),
];

impl Family {
    /// Where its orders are.
    pub(super) fn orders(self) -> &'static str {
        match self {
            Self::Own => "/order",
            Self::Altinn => "/notifications/api/v1/orders",
        }
    }
}

/// In the extensions of a request whose path was not written in the form that is routed.
#[derive(Debug, Clone, Copy)]
pub(super) struct Respelled;

/// Brings a request's path to the one form that is routed: of this project's own family, and in
/// [normal form](spelling::normal_form). The family goes into the request's extensions, and so does
/// whether the path was [`Respelled`].
pub(super) fn route<B>(request: &mut Request<B>) {
    let (family, path) = own_path(request.uri().path());
    request.extensions_mut().insert(family);
    if path != request.uri().path()
        && let Some(uri) = with_path(request.uri(), &path)
    {
        *request.uri_mut() = uri;
        request.extensions_mut().insert(Respelled);
    }
}

fn own_path(path: &str) -> (Family, String) {
    let path = spelling::normal_form(path);
    for (prefix, own) in ALTINN {
        if let Some(rest) = path.strip_prefix(prefix)
            && (rest.is_empty() || rest.starts_with('/'))
        {
            return (Family::Altinn, format!("{own}{rest}"));
        }
    }
    (Family::Own, path)
}

fn with_path(uri: &Uri, path: &str) -> Option<Uri> {
    let path_and_query: PathAndQuery = match uri.query() {
        Some(query) => format!("{path}?{query}").parse().ok()?,
        None => path.parse().ok()?,
    };
    let mut parts = uri.clone().into_parts();
    parts.path_and_query = Some(path_and_query);
    Uri::from_parts(parts).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn routed(uri: &str) -> (Family, String) {
        let mut request = Request::new(());
        *request.uri_mut() = uri.parse().unwrap();
        route(&mut request);
        let family = *request.extensions().get::<Family>().unwrap();
        (family, request.uri().to_string())
    }

    #[test]
    fn families_lead_to_the_same_routes() {
        for (uri, family, own) in [
            ("/order/email", Family::Own, "/order/email"),
            ("/ORDER/Email/", Family::Own, "/order/email"),
            (
                "/order?sendersReference=Ab/",
                Family::Own,
                "/order?sendersReference=Ab/",
            ),
            (
                "/Order/?sendersReference=Ab",
                Family::Own,
                "/order?sendersReference=Ab",
            ),
            (
                "/notifications/api/v1/orders/email",
                Family::Altinn,
                "/order/email",
            ),
            (
                "/Notifications/API/v1/Orders/ABC?X=Y",
                Family::Altinn,
                "/order/abc?X=Y",
            ),
            ("/notifications/api/v1/orders/", Family::Altinn, "/order"),
            (
                "/notifications/api/v1/trigger/pastdueorders",
                Family::Altinn,
                "/trigger/pastdueorders",
            ),
            (
                "/notifications/api/v1/ordersx",
                Family::Own,
                "/notifications/api/v1/ordersx",
            ),
            ("/order/email//", Family::Own, "/order/email/"),
            ("/order/%65mail?x=%65", Family::Own, "/order/email?x=%65"),
            (
                "/notifications/%61pi/v1/orders/%30",
                Family::Altinn,
                "/order/0",
            ),
            (
                "/notifications%2Fapi/v1/orders",
                Family::Own,
                "/notifications%2fapi/v1/orders",
            ),
            ("/", Family::Own, "/"),
            (
                "http://example.no/ORDER/",
                Family::Own,
                "http://example.no/order",
            ),
        ] {
            assert_eq!(routed(uri), (family, own.to_owned()), "{uri}");
        }
    }
}
