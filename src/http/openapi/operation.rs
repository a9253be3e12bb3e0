//! Parts that several operations share: credentials, parameters, responses.

use serde_json::Value;
use utoipa::{
    ToSchema,
    openapi::{
        ContentBuilder, HeaderBuilder, ObjectBuilder, Ref, Required, ResponseBuilder, Type,
        example::ExampleBuilder,
        header::Header,
        path::{OperationBuilder, Parameter, ParameterBuilder, ParameterIn},
        response::Response,
        security::SecurityRequirement,
    },
};

use super::{refusal::Refusal, samples, security};

/// Adds shared parts to an operation.
pub(super) trait Describe: Sized {
    /// Sets the summary and the description.
    fn about(self, summary: &str, description: &str) -> Self;
    /// Requires a bearer token or a platform access token.
    fn authorized(self) -> Self;
    /// Requires the trigger key.
    fn by_trigger(self) -> Self;
    /// Needs no credentials.
    fn public(self) -> Self;
    /// Takes the id of an order of the caller's.
    fn of_an_order(self) -> Self;
    /// Supports `If-None-Match`.
    fn cached(self) -> Self;
    /// Adds problem responses.
    fn refused(self, refusals: &[Refusal]) -> Self;
}

impl Describe for OperationBuilder {
    fn about(self, summary: &str, description: &str) -> Self {
        self.summary(Some(summary)).description(Some(description))
    }

    fn authorized(self) -> Self {
        let either = [security::BEARER, security::PLATFORM];
        either
            .into_iter()
            .fold(self, |operation, scheme| {
                operation.security(SecurityRequirement::new(scheme, [""; 0]))
            })
            .parameter_ref(Ref::new("#/components/parameters/traceparent"))
            .refused(&[
                Refusal::Unauthenticated,
                Refusal::Forbidden,
                Refusal::Unavailable,
            ])
    }

    fn by_trigger(self) -> Self {
        self.security(SecurityRequirement::new(security::TRIGGER, [""; 0]))
            .parameter_ref(Ref::new("#/components/parameters/traceparent"))
            .refused(&[
                Refusal::NoTrigger,
                Refusal::NoTriggerKey,
                Refusal::Unavailable,
            ])
    }

    fn public(self) -> Self {
        // An empty list, because an absent one would inherit the document's.
        self.securities(Some([]))
    }

    fn of_an_order(self) -> Self {
        self.parameter_ref(Ref::new("#/components/parameters/id"))
            .authorized()
            .refused(&[Refusal::InvalidId, Refusal::UnknownOrder])
    }

    fn cached(self) -> Self {
        let not_modified = ResponseBuilder::new()
            .description("Not modified: `If-None-Match` matches the `ETag`.")
            .header("ETag", etag());
        self.parameter_ref(Ref::new("#/components/parameters/if-none-match"))
            .response("304", not_modified)
    }

    fn refused(self, refusals: &[Refusal]) -> Self {
        refusals.iter().fold(self, |operation, refusal| {
            let reference = Ref::from_response_name(refusal.name());
            operation.response(refusal.status(), reference)
        })
    }
}

/// Returns the shared parameters by name.
pub(super) fn parameters() -> [(&'static str, Parameter); 3] {
    let hex = |count: u8| format!("[0-9a-fA-F]{{{count}}}");
    let hyphenated = [8, 4, 4, 4, 12].map(hex).join("-");
    let uuid = text().pattern(Some(format!("^(?:{hyphenated}|{})$", hex(32))));
    let id = ParameterBuilder::new()
        .name("id")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The order's id, a UUID with or without hyphens."))
        .schema(Some(uuid))
        .example(Some(samples::id().to_string().into()))
        .build();
    let if_none_match = header(
        "If-None-Match",
        "The `ETag` of the client's copy. If the document has not changed, the answer is 304.",
    );
    let traceparent = header(
        "traceparent",
        "The trace of this request (W3C Trace Context). The `traceId` of a problem document and the \
         service's log continue it. A malformed value is ignored.",
    );
    [
        ("id", id),
        ("if-none-match", if_none_match.schema(Some(text())).build()),
        ("traceparent", traceparent.schema(Some(text())).build()),
    ]
}

/// Starts a request header. The caller adds its schema.
pub(super) fn header(name: &str, description: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
}

/// Starts a query parameter. The caller adds its schema.
pub(super) fn query(name: &str, required: Required, description: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(required)
        .description(Some(description))
}

/// Starts the schema of a string.
pub(super) fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// Returns a response header.
pub(super) fn answer_header(description: &str, example: impl Into<Value>) -> Header {
    HeaderBuilder::new()
        .schema(Some(text()))
        .description(Some(description))
        .example(Some(example.into()))
        .build()
}

/// Returns the header `ETag`.
pub(super) fn etag() -> Header {
    answer_header(
        "The version of the document, for `If-None-Match` and `If-Match`.",
        "\"6f0c7d1e2b3a49588f1e0d2c3b4a5968\"",
    )
}

/// Returns a response whose body is a `T`, with examples.
pub(super) fn answer<T: ToSchema>(description: &str, examples: &[(&str, Value)]) -> Response {
    answer_of(&T::name(), description, examples)
}

/// Returns a response whose body has this schema among the components, with examples.
pub(super) fn answer_of(schema: &str, description: &str, examples: &[(&str, Value)]) -> Response {
    ResponseBuilder::new()
        .description(description)
        .content("application/json", content(schema, examples).build())
        .build()
}

/// Starts JSON content with this schema among the components, with examples.
pub(super) fn content(schema: &str, examples: &[(&str, Value)]) -> ContentBuilder {
    let examples = examples.iter().map(|(summary, value)| {
        let example = ExampleBuilder::new().summary(*summary);
        (example_name(summary), example.value(Some(value.clone())))
    });
    ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(schema)))
        .examples_from_iter(examples)
}

/// Returns the key of an example with this summary.
pub(super) fn example_name(summary: &str) -> String {
    summary.to_lowercase().replace(' ', "-")
}
