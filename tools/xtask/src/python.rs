//! Installs programs from the Python Package Index in virtual environments under `target/`.

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Duration,
};

use anyhow::{Context, Result};

use crate::{process::Logged, progress::Progress, project};

const LIMIT: Duration = Duration::from_mins(10);

/// Installs the programs that `tests/<name>/requirements.txt` lists, unless they are installed in
/// these versions, and returns their folder.
pub(crate) fn programs(name: &str) -> Result<PathBuf> {
    let requirements = project::root().join("tests").join(name);
    let requirements = requirements.join("requirements.txt");
    let wanted = fs::read_to_string(&requirements)
        .with_context(|| format!("reading {}", requirements.display()))?;
    let folder = project::target().join("python").join(name);
    let programs = folder.join("bin");
    // Written last, so that an interrupted installation starts again.
    let installed = folder.join("installed.txt");
    if fs::read_to_string(&installed).is_ok_and(|found| found == wanted) {
        return Ok(programs);
    }

    let python = which::which("python3").context("python3 is not installed")?;
    let mut log = Logged::create(project::log(name))?;
    let step = Progress::start(format!("Installing {name} from PyPI"));
    let mut venv = Command::new(python);
    venv.args(["-m", "venv", "--clear"]).arg(&folder);
    log.run(&mut venv, &step, LIMIT)
        .context("no virtual environment (on Debian: apt-get install python3-venv)")?;
    let mut pip = Command::new(programs.join("python"));
    pip.args(["-m", "pip", "install", "--disable-pip-version-check"])
        .args(["--no-deps", "--requirement"])
        .arg(&requirements);
    log.run(&mut pip, &step, LIMIT)?;
    step.done();
    fs::write(&installed, wanted)?;
    Ok(programs)
}

/// Returns a command that runs the tests in `tests/<name>/` with the pytest among these programs.
pub(crate) fn pytest(name: &str, programs: &Path) -> Command {
    let mut pytest = Command::new(programs.join("pytest"));
    pytest
        .current_dir(project::root().join("tests").join(name))
        // Neither writes files between the sources.
        .args(["-p", "no:cacheprovider"])
        .env("PYTHONDONTWRITEBYTECODE", "1");
    pytest
}
