//! The attribute [`macro@case`], which `test-support` re-exports.

use proc_macro::{TokenStream, TokenTree};

/// Registers a function as a case, which every test binary that links it runs.
///
/// The function is async, or takes no time. It takes nothing, or the host that cases share:
/// `host: &Host`.
#[proc_macro_attribute]
pub fn case(_: TokenStream, function: TokenStream) -> TokenStream {
    let registration = registration(function.clone());
    [function, registration].into_iter().collect()
}

fn registration(function: TokenStream) -> TokenStream {
    let mut tokens = function.into_iter();
    let mut is_async = false;
    for token in tokens.by_ref() {
        match token.to_string().as_str() {
            "async" => is_async = true,
            "fn" => break,
            _ => {}
        }
    }
    let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(parameters))) =
        (tokens.next(), tokens.next())
    else {
        let error = "compile_error!(\"a case is a function\");";
        return error.parse().unwrap_or_default();
    };
    let (constructor, argument) = if parameters.stream().is_empty() {
        ("own", "")
    } else {
        ("shared", "host")
    };
    let future = if is_async {
        format!("{name}({argument})")
    } else {
        format!("async move {{ {name}({argument}) }}")
    };
    let registration = format!(
        "::test_support::inventory::submit! {{
            ::test_support::Case::{constructor}(
                module_path!(), \"{name}\", |{argument}| ::std::boxed::Box::pin({future}),
            )
        }}"
    );
    registration.parse().unwrap_or_default()
}
