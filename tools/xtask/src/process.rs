//! Runs other programs: on the terminal, for their output, or behind a progress line with their
//! output in a log.

use std::{
    collections::VecDeque,
    fs::{self, File},
    io::{BufRead as _, BufReader, Read, Write as _},
    path::{Path, PathBuf},
    process::{Child, Command, ExitStatus, Stdio},
    sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel},
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, Result, bail};

use crate::progress::Progress;

/// How many of a failed program's last lines an error repeats.
const TAIL: usize = 12;

/// Runs a program on the terminal. Returns an error if the program fails.
pub(crate) fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("starting {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// Runs a program, and returns its standard output.
pub(crate) fn output(command: &mut Command) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("starting {}", shown(command)))?;
    if !output.status.success() {
        bail!(
            "{} ended with {}: {}",
            shown(command),
            output.status,
            String::from_utf8_lossy(&output.stderr).trim()
        );
    }
    String::from_utf8(output.stdout).with_context(|| format!("reading {}", shown(command)))
}

/// Creates a log with its folder, or empties it.
pub(crate) fn create_log(path: &Path) -> Result<File> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).with_context(|| format!("creating {}", folder.display()))?;
    }
    File::create(path).with_context(|| format!("creating {}", path.display()))
}

/// Runs programs behind a progress line, with their output in one file.
pub(crate) struct Logged {
    path: PathBuf,
    file: File,
}

impl Logged {
    /// Creates the log, or empties it.
    pub(crate) fn create(path: PathBuf) -> Result<Self> {
        let file = create_log(&path)?;
        Ok(Self { path, file })
    }

    /// Returns the log's path.
    pub(crate) fn path(&self) -> &Path {
        &self.path
    }

    /// Runs a program without input, and kills it after the time limit.
    pub(crate) fn run(
        &mut self,
        command: &mut Command,
        progress: &Progress,
        limit: Duration,
    ) -> Result<()> {
        writeln!(self.file, "$ {}", shown(command))?;
        let mut child = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .with_context(|| format!("starting {}", shown(command)))?;
        let lines = lines_of(&mut child);
        let mut last = VecDeque::with_capacity(TAIL);
        let ended = self.follow(&mut child, &lines, &mut last, progress, limit);
        let failure = match ended {
            Ok(Some(status)) if status.success() => return Ok(()),
            Ok(Some(status)) => format!("ended with {status}"),
            Ok(None) => format!("did not end within {} s", limit.as_secs()),
            Err(error) => return Err(error.context(shown(command))),
        };
        let output = Vec::from(last).join("\n  ");
        bail!("{} {failure}:\n  {output}", shown(command));
    }

    /// Logs lines until the program ends. Returns `None` if the program had to be killed.
    fn follow(
        &mut self,
        child: &mut Child,
        lines: &Receiver<String>,
        last: &mut VecDeque<String>,
        progress: &Progress,
        limit: Duration,
    ) -> Result<Option<ExitStatus>> {
        let deadline = Instant::now() + limit;
        loop {
            let left = deadline.saturating_duration_since(Instant::now());
            match lines.recv_timeout(left) {
                Ok(line) => {
                    writeln!(self.file, "{line}")?;
                    progress.detail(&line);
                    if last.len() == TAIL {
                        last.pop_front();
                    }
                    last.push_back(line);
                }
                Err(RecvTimeoutError::Disconnected) => return Ok(Some(child.wait()?)),
                Err(RecvTimeoutError::Timeout) => {
                    child.kill()?;
                    child.wait()?;
                    return Ok(None);
                }
            }
        }
    }
}

/// Formats a program and its arguments as a command line.
pub(crate) fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    let words: Vec<_> = words.map(|word| word.to_string_lossy()).collect();
    words.join(" ")
}

fn lines_of(child: &mut Child) -> Receiver<String> {
    let (sender, receiver) = channel();
    if let Some(stdout) = child.stdout.take() {
        forward(stdout, sender.clone());
    }
    if let Some(stderr) = child.stderr.take() {
        forward(stderr, sender);
    }
    receiver
}

fn forward(stream: impl Read + Send + 'static, lines: Sender<String>) {
    thread::spawn(move || {
        for line in BufReader::new(stream).split(b'\n').map_while(Result::ok) {
            let line = String::from_utf8_lossy(&line).trim_end().to_owned();
            if lines.send(line).is_err() {
                break;
            }
        }
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    fn logged() -> (tempfile::TempDir, Logged) {
        let folder = tempfile::tempdir().unwrap();
        let log = Logged::create(folder.path().join("deep/er.log")).unwrap();
        (folder, log)
    }

    fn shell(script: &str) -> Command {
        let mut command = Command::new("sh");
        command.args(["-c", script]);
        command
    }

    #[test]
    fn run_logs_both_outputs() {
        let (_folder, mut log) = logged();
        let step = Progress::start("test");
        log.run(
            &mut shell("echo one; echo two >&2"),
            &step,
            Duration::from_secs(10),
        )
        .unwrap_or_else(|error| panic!("{error:#}"));
        let text = fs::read_to_string(log.path()).unwrap();
        assert!(text.contains("one") && text.contains("two"), "{text}");
    }

    #[test]
    fn run_of_failing_program_repeats_last_lines() {
        let (_folder, mut log) = logged();
        let step = Progress::start("test");
        let error = log
            .run(
                &mut shell("echo the reason; exit 3"),
                &step,
                Duration::from_secs(10),
            )
            .unwrap_err();
        assert!(error.to_string().contains("the reason"), "{error}");
    }

    #[test]
    fn run_of_hanging_program_kills_it() {
        let (_folder, mut log) = logged();
        let step = Progress::start("test");
        let started = Instant::now();
        let error = log
            .run(
                &mut shell("exec sleep 60"),
                &step,
                Duration::from_millis(200),
            )
            .unwrap_err();
        assert!(error.to_string().contains("did not end"), "{error}");
        assert!(started.elapsed() < Duration::from_secs(30));
    }
}
