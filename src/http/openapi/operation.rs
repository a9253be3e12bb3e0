//! What operations have in common: credentials, parameters, answers.

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

/// Builds up the description of an operation.
pub(super) trait Describe: Sized {
    /// Its summary in a few words, and the rest.
    fn about(self, summary: &str, description: &str) -> Self;
    /// It needs either of the credentials, and may be refused for want of them.
    fn authorized(self) -> Self;
    /// It takes the trigger key, and may be refused for want of it.
    fn by_trigger(self) -> Self;
    /// It is about one order.
    fn of_an_order(self) -> Self;
    /// It is answered with 304 to a client that has the document.
    fn cached(self) -> Self;
    /// It may be refused so.
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

    fn of_an_order(self) -> Self {
        self.parameter_ref(Ref::new("#/components/parameters/id"))
            .authorized()
            .refused(&[Refusal::InvalidId, Refusal::UnknownOrder])
    }

    fn cached(self) -> Self {
        let not_modified = ResponseBuilder::new()
            .description("The client has this already: its `If-None-Match` names the `ETag`.")
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

/// The parameters that several operations take, by name.
pub(super) fn parameters() -> [(&'static str, Parameter); 3] {
    let hex = |count: u8| format!("[0-9a-fA-F]{{{count}}}");
    let hyphenated = [8, 4, 4, 4, 12].map(hex).join("-");
    let uuid = text().pattern(Some(format!("^(?:{hyphenated}|{})$", hex(32))));
    let id = ParameterBuilder::new()
        .name("id")
        .parameter_in(ParameterIn::Path)
        .required(Required::True)
        .description(Some("The order's id: a UUID, with hyphens or without."))
        .schema(Some(uuid))
        .example(Some(samples::id().to_string().into()))
        .build();
    let if_none_match = header(
        "If-None-Match",
        "The `ETag` of what the client has; what has not changed is answered with 304.",
    );
    let traceparent = header(
        "traceparent",
        "The trace that this request belongs to (W3C Trace Context). The `traceId` of a problem \
         document continues it; a value of another form is passed over.",
    );
    [
        ("id", id),
        ("if-none-match", if_none_match.schema(Some(text())).build()),
        ("traceparent", traceparent.schema(Some(text())).build()),
    ]
}

/// A header of the request, without a schema yet.
pub(super) fn header(name: &str, description: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Header)
        .required(Required::False)
        .description(Some(description))
}

/// A parameter of the query, without a schema yet.
pub(super) fn query(name: &str, required: Required, description: &str) -> ParameterBuilder {
    ParameterBuilder::new()
        .name(name)
        .parameter_in(ParameterIn::Query)
        .required(required)
        .description(Some(description))
}

/// Any string.
pub(super) fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(Type::String)
}

/// A header of an answer.
pub(super) fn answer_header(description: &str, example: impl Into<Value>) -> Header {
    HeaderBuilder::new()
        .schema(Some(text()))
        .description(Some(description))
        .example(Some(example.into()))
        .build()
}

/// The entity tag of an answer.
pub(super) fn etag() -> Header {
    answer_header(
        "What to name in `If-None-Match` when asking again.",
        "\"6f0c7d1e2b3a49588f1e0d2c3b4a5968\"",
    )
}

/// An answer whose body is this document, with examples of it.
pub(super) fn answer<T: ToSchema>(description: &str, examples: &[(&str, Value)]) -> Response {
    ResponseBuilder::new()
        .description(description)
        .content("application/json", content::<T>(examples).build())
        .build()
}

/// JSON of this type, with examples.
pub(super) fn content<T: ToSchema>(examples: &[(&str, Value)]) -> ContentBuilder {
    let examples = examples.iter().map(|(summary, value)| {
        let example = ExampleBuilder::new().summary(*summary);
        (example_name(summary), example.value(Some(value.clone())))
    });
    ContentBuilder::new()
        .schema(Some(Ref::from_schema_name(T::name())))
        .examples_from_iter(examples)
}

/// A summary as a name among examples.
pub(super) fn example_name(summary: &str) -> String {
    summary.to_lowercase().replace(' ', "-")
}
