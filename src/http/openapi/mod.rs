//! The OpenAPI 3.1 document of the API, derived from the types that read and write its JSON.
//!
//! Each fact has one source: a schema comes from the type that reads or writes the JSON, a problem
//! from the error itself, an example from the code that answers.
//!
//! This module exists in tests only, so the component carries none of it. A test compares the
//! derived document with `docs/openapi.json`, which the component `api-docs` serves.

mod operation;
mod refusal;
mod routes;
mod samples;
mod security;
mod tests;

use utoipa::{
    ToSchema,
    openapi::{
        Components, ComponentsBuilder, ContactBuilder, InfoBuilder, LicenseBuilder, OpenApi,
        OpenApiBuilder, PathItem, PathsBuilder, RefOr, Schema, ServerBuilder, tag::TagBuilder,
    },
};

use self::{
    refusal::Refusal,
    routes::{ROUTES, health, order_email},
};
use super::{
    health::HealthReport,
    path::{ALTINN, ApiFlavor as Family},
    problem::Document,
    view::{
        HandshakeView, NotificationsView, OrderList, OrderView, PlacedView, RunView, StatusView,
        TakenView,
    },
};
use crate::{delivery::report::DeliveryReport, order};

const ORDERS: &str = "Orders";
const ALTINN_ORDERS: &str = "Orders, by the paths of Altinn Notifications";
const SERVICE: &str = "The service";

/// Derives the document.
fn document() -> OpenApi {
    let info = InfoBuilder::new()
        .title("Orders for email notifications")
        .version(env!("CARGO_PKG_VERSION"))
        .description(Some(include_str!("introduction.md")))
        .contact(Some(
            ContactBuilder::new()
                .name(Some("The team that runs this service"))
                .build(),
        ))
        .license(Some(
            LicenseBuilder::new()
                .name("Apache License 2.0")
                .identifier(Some(env!("CARGO_PKG_LICENSE")))
                .build(),
        ));
    let tags = [
        (ORDERS, "Place, find, follow and cancel orders."),
        (ALTINN_ORDERS, "The same operations on the same orders."),
        (
            SERVICE,
            "For the timer, the email providers and monitoring, and the documentation.",
        ),
    ];
    OpenApiBuilder::new()
        .info(info.build())
        .servers(Some([ServerBuilder::new().url("/").build()]))
        .tags(Some(tags.map(|(name, description)| {
            TagBuilder::new()
                .name(name)
                .description(Some(description))
                .build()
        })))
        .paths(paths())
        .components(Some(components()))
        .build()
}

/// Returns every operation under each of its paths.
fn paths() -> PathsBuilder {
    let families = [Family::Own, Family::Altinn].into_iter();
    let operations = families.flat_map(|family| {
        ROUTES.iter().filter_map(move |route| {
            let tag = match family {
                Family::Own if in_family(Family::Altinn, route.path).is_none() => SERVICE,
                Family::Own => ORDERS,
                Family::Altinn => ALTINN_ORDERS,
            };
            let operation = (route.describe)(family)
                .operation_id(Some(operation_name(route.name, family)))
                .tag(tag);
            let item = PathItem::new(route.method.clone(), operation);
            Some((in_family(family, route.path)?, item))
        })
    });
    operations.fold(PathsBuilder::new(), |paths, (path, item)| {
        paths.path(path, item)
    })
}

/// Translates a path of this project into another family; None if that family does not have it.
fn in_family(family: Family, path: &str) -> Option<String> {
    match family {
        Family::Own => Some(path.to_owned()),
        Family::Altinn => ALTINN.iter().find_map(|(altinn, own)| {
            let rest = path.strip_prefix(own)?;
            (rest.is_empty() || rest.starts_with('/')).then(|| format!("{altinn}{rest}"))
        }),
    }
}

/// Returns the operation id. Ids are unique across the families.
fn operation_name(name: &str, family: Family) -> String {
    match family {
        Family::Own => name.to_owned(),
        Family::Altinn => format!("{name}ByAltinnPath"),
    }
}

fn components() -> Components {
    let mut components = ComponentsBuilder::new().build();
    add::<order::OrderRequest>(&mut components);
    components.schemas.insert(
        order::OrderRequest::name().into_owned(),
        RefOr::T(order::order_request_schema()),
    );
    add::<PlacedView>(&mut components);
    components.schemas.insert(
        order_email::ACCEPTED.to_owned(),
        RefOr::T(order_email::accepted_order()),
    );
    add::<OrderView<'_>>(&mut components);
    add::<OrderList<'_>>(&mut components);
    add::<StatusView<'_>>(&mut components);
    add::<NotificationsView<'_>>(&mut components);
    add::<RunView>(&mut components);
    add::<DeliveryReport>(&mut components);
    add::<TakenView>(&mut components);
    add::<HandshakeView<'_>>(&mut components);
    add::<HealthReport>(&mut components);
    add::<Document<'_>>(&mut components);
    components
        .schemas
        .insert(health::PROBLEM.to_owned(), RefOr::T(health::problem()));
    for refusal in Refusal::ALL {
        components
            .responses
            .insert(refusal.name(), refusal.response().into());
    }
    for (name, parameter) in operation::parameters() {
        components
            .parameters
            .insert(name.to_owned(), parameter.into());
    }
    for (name, scheme) in security::schemes() {
        components
            .security_schemes
            .insert(name.to_owned(), scheme.into());
    }
    components
}

/// Adds the schema of a type, and the schemas that it refers to.
fn add<T: ToSchema>(components: &mut Components) {
    let mut schemas: Vec<(String, RefOr<Schema>)> = Vec::new();
    T::schemas(&mut schemas);
    schemas.push((T::name().into_owned(), T::schema()));
    components.schemas.extend(schemas);
}
