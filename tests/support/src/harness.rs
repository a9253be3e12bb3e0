//! Runs cases as `cargo test` runs tests.

use std::{any::Any, env, io::Write as _, process::ExitCode, thread};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::{
    Backend, Case, Host, backend,
    case::{Body, LeftOut},
};

/// Runs every case that the program links, on this backend. To be called once, by `main`.
///
/// It takes the arguments of `cargo test`: filters, `--exact`, `--skip`, `--list` and others.
pub fn run(backend: &'static dyn Backend) -> ExitCode {
    backend::choose(backend);
    let (mut arguments, filters) = arguments(env::args());
    let mut cases: Vec<&Case> = inventory::iter::<Case>().collect();
    cases.sort_by_key(|case| case.name());
    match &filters[..] {
        [] => {}
        [filter] => arguments.filter = Some(filter.clone()),
        several => {
            let is_selected = |case: &&Case| several.iter().any(|part| case.name().contains(part));
            cases.retain(is_selected);
        }
    }
    let trials = cases.into_iter().map(trial).collect();
    libtest_mimic::run(&arguments, trials).exit_code()
}

/// Separates the filters from the other arguments: libtest-mimic 0.8 takes one filter, the standard
/// harness several.
fn arguments(all: impl Iterator<Item = String>) -> (Arguments, Vec<String>) {
    const WITH_VALUE: [&str; 6] = [
        "--color",
        "--format",
        "--logfile",
        "--skip",
        "--test-threads",
        "-Z",
    ];
    let mut all = all;
    let mut options: Vec<String> = all.next().into_iter().collect();
    let mut filters = Vec::new();
    while let Some(argument) = all.next() {
        if !argument.starts_with('-') {
            filters.push(argument);
            continue;
        }
        let takes_value = WITH_VALUE.contains(&argument.as_str());
        options.push(argument);
        options.extend(takes_value.then(|| all.next()).flatten());
    }
    (Arguments::from_iter(options), filters)
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
