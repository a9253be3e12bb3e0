//! The attribute `case`. [`macro@case`] is all there is; `test-support` re-exports it.

use proc_macro::{TokenStream, TokenTree};

/// Registers an async function as a case, which every test binary that links it runs.
///
/// The function takes nothing, or the host that cases share: `host: &Host`.
#[proc_macro_attribute]
pub fn case(_: TokenStream, function: TokenStream) -> TokenStream {
    let mut tokens = function.clone().into_iter();
    let is_fn =
        |token: &TokenTree| matches!(token, TokenTree::Ident(ident) if ident.to_string() == "fn");
    let _ = tokens.by_ref().find(is_fn);
    let (Some(TokenTree::Ident(name)), Some(TokenTree::Group(parameters))) =
        (tokens.next(), tokens.next())
    else {
        return "compile_error!(\"a case is an async function\");"
            .parse()
            .unwrap_or_default();
    };
    let constructor = if parameters.stream().is_empty() {
        format!(
            "own(module_path!(), {:?}, || ::std::boxed::Box::pin({name}()))",
            name.to_string()
        )
    } else {
        format!(
            "shared(module_path!(), {:?}, |host| ::std::boxed::Box::pin({name}(host)))",
            name.to_string()
        )
    };
    let registration =
        format!("::test_support::inventory::submit! {{ ::test_support::Case::{constructor} }}");
    let registration: TokenStream = registration.parse().unwrap_or_default();
    [function, registration].into_iter().collect()
}
