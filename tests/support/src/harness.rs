//! Runs cases as `cargo test` runs tests.

use std::{any::Any, io::Write as _, process::ExitCode, thread};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::{
    Backend, Case, Host, backend,
    case::{Body, LeftOut},
};

/// Runs every case that the program links, on this backend. To be called once, by `main`.
///
/// It takes the arguments of `cargo test`: a filter, `--exact`, `--skip`, `--list` and others.
pub fn run(backend: &'static dyn Backend) -> ExitCode {
    backend::choose(backend);
    let mut cases: Vec<&Case> = inventory::iter::<Case>().collect();
    cases.sort_by_key(|case| case.name());
    let trials = cases.into_iter().map(trial).collect();
    libtest_mimic::run(&Arguments::from_args(), trials).exit_code()
}

fn trial(case: &'static Case) -> Trial {
    let name = case.name();
    Trial::ignorable_test(name.clone(), move || {
        // The thread's name is in the message of a panic. What a backend keeps in thread-locals is
        // the case's own.
        let thread = thread::Builder::new().name(name.clone());
        let running = thread.spawn(move || run_case(case)).map_err(Failed::from)?;
        match running.join() {
            Ok(()) => Ok(Completion::Completed),
            Err(payload) => outcome(&name, &*payload),
        }
    })
}

fn run_case(case: &Case) {
    let runtime = backend::chosen().runtime();
    runtime.block_on(async {
        match case.body {
            Body::Own(body) => body().await,
            Body::Shared(body) => body(&Host::shared().await).await,
        }
    });
}

fn outcome(name: &str, payload: &(dyn Any + Send)) -> Result<Completion, Failed> {
    if let Some(LeftOut(reason)) = payload.downcast_ref() {
        // `cargo xtask test` sums these lines up. In one piece: those of several threads do not mix.
        let line = format!("left out: {name}: {reason}\n");
        _ = std::io::stderr().write_all(line.as_bytes());
        return Ok(Completion::ignored_with(reason));
    }
    let message = payload
        .downcast_ref::<String>()
        .map(String::as_str)
        .or_else(|| payload.downcast_ref::<&str>().copied());
    Err(message.map_or_else(Failed::without_message, Failed::from))
}
