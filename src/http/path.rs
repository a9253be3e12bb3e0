//! The two families of paths.

use http::{Request, Uri, uri::PathAndQuery};
use http_shared::normal_form;

/// The form in which a request's path was written.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct PathForm {
    pub(super) flavor: ApiFlavor,
    /// Whether it was not written as it is routed.
    pub(super) is_respelled: bool,
}

/// The family of paths that a request uses. Links in its response use the same.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum ApiFlavor {
    /// `/order`, the paths of this project.
    #[default]
    Own,
    /// `/notifications/api/v1/orders`, the paths that clients of Altinn Notifications know.
    Altinn,
}

/// Prefixes of the Altinn flavor, each with its equivalent in this project's own.
pub(super) const ALTINN: [(&str, &str); 2] = [
    ("/notifications/api/v1/orders", "/order"),
    ("/notifications/api/v1/trigger", "/trigger"),
];

impl ApiFlavor {
    /// Returns the path of the orders.
    pub(super) fn orders(self) -> &'static str {
        match self {
            Self::Own => "/order",
            Self::Altinn => "/notifications/api/v1/orders",
        }
    }
}

/// Replaces a request's path by the one that is routed: of this project's own flavor, and in
/// [normal form](normal_form). The [`PathForm`] goes into the request's extensions.
pub(super) fn normalize<B>(request: &mut Request<B>) {
    let (flavor, path) = own_path(request.uri().path());
    let mut is_respelled = false;
    if path != request.uri().path()
        && let Some(uri) = with_path(request.uri(), &path)
    {
        *request.uri_mut() = uri;
        is_respelled = true;
    }
    request.extensions_mut().insert(PathForm {
        flavor,
        is_respelled,
    });
}

fn own_path(path: &str) -> (ApiFlavor, String) {
    let path = normal_form(path);
    for (prefix, own) in ALTINN {
        if let Some(rest) = path.strip_prefix(prefix)
            && (rest.is_empty() || rest.starts_with('/'))
        {
            return (ApiFlavor::Altinn, format!("{own}{rest}"));
        }
    }
    (ApiFlavor::Own, path)
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

    fn routed(uri: &str) -> (ApiFlavor, String) {
        let mut request = Request::new(());
        *request.uri_mut() = uri.parse().unwrap();
        normalize(&mut request);
        let PathForm { flavor, .. } = *request.extensions().get().unwrap();
        (flavor, request.uri().to_string())
    }

    #[test]
    fn paths_of_both_flavors_have_the_same_route() {
        for (uri, flavor, own) in [
            ("/order/email", ApiFlavor::Own, "/order/email"),
            ("/ORDER/Email/", ApiFlavor::Own, "/order/email"),
            (
                "/order?sendersReference=Ab/",
                ApiFlavor::Own,
                "/order?sendersReference=Ab/",
            ),
            (
                "/Order/?sendersReference=Ab",
                ApiFlavor::Own,
                "/order?sendersReference=Ab",
            ),
            (
                "/notifications/api/v1/orders/email",
                ApiFlavor::Altinn,
                "/order/email",
            ),
            (
                "/Notifications/API/v1/Orders/ABC?X=Y",
                ApiFlavor::Altinn,
                "/order/abc?X=Y",
            ),
            ("/notifications/api/v1/orders/", ApiFlavor::Altinn, "/order"),
            (
                "/notifications/api/v1/trigger/pastdueorders",
                ApiFlavor::Altinn,
                "/trigger/pastdueorders",
            ),
            (
                "/notifications/api/v1/ordersx",
                ApiFlavor::Own,
                "/notifications/api/v1/ordersx",
            ),
            ("/order/email//", ApiFlavor::Own, "/order/email/"),
            ("/order/%65mail?x=%65", ApiFlavor::Own, "/order/email?x=%65"),
            (
                "/notifications/%61pi/v1/orders/%30",
                ApiFlavor::Altinn,
                "/order/0",
            ),
            (
                "/notifications%2Fapi/v1/orders",
                ApiFlavor::Own,
                "/notifications%2fapi/v1/orders",
            ),
            ("/", ApiFlavor::Own, "/"),
            (
                "http://example.no/ORDER/",
                ApiFlavor::Own,
                "http://example.no/order",
            ),
        ] {
            assert_eq!(routed(uri), (flavor, own.to_owned()), "{uri}");
        }
    }
}
