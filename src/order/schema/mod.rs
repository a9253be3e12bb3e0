//! JSON Schemas of an order's members, for the OpenAPI document. Tests check that each schema and the
//! code that reads the member accept the same values.

mod tests;

use std::borrow::Cow;

use utoipa::{
    PartialSchema, ToSchema,
    openapi::{
        RefOr, Schema, Type,
        schema::{AllOfBuilder, AnyOfBuilder, ObjectBuilder, OneOfBuilder, SchemaType},
    },
};

use super::{
    address::EmailAddress,
    condition_endpoint::{ConditionEndpoint, INTERNAL},
    recipient::{NationalIdentityNumber, OrganizationNumber},
    request::{OrderRequest, RECIPIENT_MEMBERS, RecipientRequest},
};

/// White space as `str::trim` defines it. The meaning of `\s` differs between dialects.
const WHITE_SPACE: &str =
    r"\t\n\u000b\f\r \u0085\u00a0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000";
/// Letters and digits of addresses.
const ALPHANUMERIC: &str = "A-Za-z0-9æøåÆØÅ";

/// A text that is not only white space.
pub(super) struct NotBlank;

/// The name of a content type.
pub(super) struct ContentTypeName;

/// Returns the schema of an order's members, with the one rule between two of them.
pub(crate) fn order_request() -> Schema {
    AllOfBuilder::new()
        .description(Some(
            "One email to each of the recipients. Names of members match in any case, and members \
             that are not listed here are ignored.",
        ))
        .item(OrderRequest::schema())
        .item(resource_rule())
        .build()
        .into()
}

fn resource_rule() -> AnyOfBuilder {
    let action = |schema: ObjectBuilder| ObjectBuilder::new().property("resourceAction", schema);
    let about_something = action(text(&not_blank()))
        .property("resourceId", text(&not_blank()))
        .required("resourceAction")
        .required("resourceId");
    AnyOfBuilder::new()
        .description(Some("A `resourceAction` needs a `resourceId`."))
        .item(action(nothing()))
        .item(about_something)
}

/// Returns the schema of a string with this pattern.
fn text(pattern: &str) -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(Type::String)
        .pattern(Some(pattern))
}

/// Returns the schema of values that count as an absent member.
fn nothing() -> ObjectBuilder {
    ObjectBuilder::new()
        .schema_type(SchemaType::from_iter([Type::String, Type::Null]))
        .enum_values(Some([Some(""), None]))
}

fn not_blank() -> String {
    format!("[^{WHITE_SPACE}]")
}

fn digits(length: usize) -> ObjectBuilder {
    text(&format!("^[0-9]{{{length}}}$"))
        .min_length(Some(length))
        .max_length(Some(length))
}

fn address() -> String {
    let atom = format!(r"[{ALPHANUMERIC}!#$%&'*+\-=?^_{{|}}~`]+");
    let label = format!(r"[{ALPHANUMERIC}](?:[{ALPHANUMERIC}\-]{{0,61}}[{ALPHANUMERIC}])?");
    let domain = format!(r"(?:{label}\.){{1,9}}[A-Za-z]{{2,14}}");
    let quad = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}";
    format!(r"^[{WHITE_SPACE}]*{atom}(?:\.{atom})*@(?:{domain}|{quad})[{WHITE_SPACE}]*$")
}

fn endpoint() -> String {
    let scheme = "[Hh][Tt][Tt][Pp][Ss]?";
    let internal = INTERNAL.map(in_any_case).join("|");
    let host = format!(r"(?:[A-Za-z0-9\-]+\.)+(?!(?:{internal})(?![A-Za-z]))[A-Za-z]{{2,}}");
    let port =
        "(?:[0-9]{1,4}|[0-5][0-9]{4}|6[0-4][0-9]{3}|65[0-4][0-9]{2}|655[0-2][0-9]|6553[0-5])";
    let path = r"/[^\u0000- #<>?`\u007f]*";
    let query = r#"\?[^\u0000- #"<>\u007f]*"#;
    let fragment = r"#[\s\S]*";
    format!("^{scheme}://{host}(?::{port})?(?:{path})?(?:{query})?(?:{fragment})?$")
}

/// Returns the pattern of a word of ASCII letters in any case.
fn in_any_case(word: &str) -> String {
    word.chars()
        .map(|letter| format!("[{}{letter}]", letter.to_ascii_uppercase()))
        .collect()
}

macro_rules! schemas {
    ($($type:ty as $name:literal: $schema:expr;)*) => {$(
        impl PartialSchema for $type {
            fn schema() -> RefOr<Schema> {
                $schema.into()
            }
        }

        impl ToSchema for $type {
            fn name() -> Cow<'static, str> {
                Cow::Borrowed($name)
            }
        }
    )*};
}

schemas! {
    NotBlank as "NotBlank": text(&not_blank())
        .description(Some("A text that is not only white space."));
    ContentTypeName as "ContentTypeName": content_type_name();
    EmailAddress as "EmailAddress": text(&address())
        .description(Some("An email address. White space around it is removed."))
        .examples([Some("someone@example.no")]);
    OrganizationNumber as "OrganizationNumber": digits(9)
        .description(Some("A Norwegian organisation number."))
        .examples([Some("123456789")]);
    NationalIdentityNumber as "NationalIdentityNumber": digits(11)
        .description(Some("A Norwegian national identity number."))
        .examples([Some("16069412345")]);
    ConditionEndpoint as "ConditionEndpoint": text(&endpoint())
        .description(Some(
            "An absolute `http` or `https` URL without userinfo. Its host is a fully qualified name \
             on the Internet, not of this machine, the cluster or a local network.",
        ))
        .examples([Some("https://api.example.no/send?id=1")]);
    RecipientRequest as "RecipientRequest": recipient();
}

fn content_type_name() -> OneOfBuilder {
    let name =
        text("^(?:[Pp][Ll][Aa][Ii][Nn]|[Hh][Tt][Mm][Ll])$").examples([Some("Plain"), Some("Html")]);
    let number = ObjectBuilder::new()
        .schema_type(Type::Integer)
        .enum_values(Some([0, 1]))
        .description(Some("0 is `Plain`, 1 is `Html`."));
    OneOfBuilder::new()
        .description(Some(
            "`Plain` or `Html`, in any case; `Plain` if absent or null.",
        ))
        .item(name)
        .item(number)
        .item(ObjectBuilder::new().schema_type(Type::Null))
}

/// Returns the schema of a recipient: three members of which exactly one identifies someone.
///
/// The members are listed once, for clients that are generated from the document, and each
/// alternative adds the rule for one identifier. The alternatives exclude each other, since each
/// requires another identifier and none of the others.
fn recipient() -> AllOfBuilder {
    let members = RECIPIENT_MEMBERS
        .into_iter()
        .fold(ObjectBuilder::new(), |object, member| {
            object.property(member, nullable_text())
        });
    let identifiers = [
        EmailAddress::schema(),
        OrganizationNumber::schema(),
        NationalIdentityNumber::schema(),
    ];
    let alternatives = RECIPIENT_MEMBERS.into_iter().zip(identifiers).fold(
        AnyOfBuilder::new(),
        |any_of, (member, identifier)| {
            let others = RECIPIENT_MEMBERS
                .into_iter()
                .filter(|other| *other != member);
            let alternative = ObjectBuilder::new()
                .property(member, identifier)
                .required(member);
            any_of.item(others.fold(alternative, |alternative, other| {
                alternative.property(other, nothing())
            }))
        },
    );
    AllOfBuilder::new()
        .description(Some(
            "A recipient with exactly one identifier; `\"\"` and null count as absent.",
        ))
        .item(members)
        .item(alternatives)
}

/// Returns the schema of a member that may be text or null.
fn nullable_text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::from_iter([Type::String, Type::Null]))
}
