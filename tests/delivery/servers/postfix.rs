//! A real MTA: Postfix, on loopback, with a configuration and a queue of its own.

use std::{
    env, fs,
    io::{BufRead as _, BufReader, Lines, Write as _},
    os::unix::fs::MetadataExt as _,
    path::{Path, PathBuf},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
    sync::OnceLock,
};

use tempfile::TempDir;

use super::{free_port, message::ParsedMessage, or_left_out, python::python};

const FOLDER: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/servers");

/// The configuration, as `servers/postfix` has it.
const CONFIGURATION: [(&str, &str); 6] = [
    ("main.cf", include_str!("postfix/main.cf")),
    ("master.cf", include_str!("postfix/master.cf")),
    ("mailboxes", include_str!("postfix/mailboxes")),
    ("recipients", include_str!("postfix/recipients")),
    ("senders", include_str!("postfix/senders")),
    ("headers", include_str!("postfix/headers")),
];

/// Where packages put it, which is not on the `PATH` of every user.
const FOLDERS: [&str; 2] = ["/usr/sbin", "/usr/local/sbin"];

/// How often the server is started at another port, because the port is not free any more.
const TRIES: usize = 5;

/// A running server. Dropping it ends it.
pub(crate) struct Postfix {
    port: u16,
    /// The script that runs it. It ends when its input closes, and so with this process.
    script: Child,
    input: Option<ChildStdin>,
    output: Lines<BufReader<ChildStdout>>,
    folder: TempDir,
}

/// What the server has received.
pub(crate) struct Mailbox {
    pub(crate) messages: Vec<ParsedMessage>,
    log: String,
}

impl Postfix {
    /// Starts a server.
    pub(crate) fn start() -> Self {
        let program = program();
        (0..TRIES)
            .find_map(|_| Self::start_at(free_port(), program))
            .expect("Postfix starts")
    }

    fn start_at(port: u16, program: &Path) -> Option<Self> {
        let folder = tempfile::tempdir().expect("a folder");
        for (name, text) in CONFIGURATION {
            let text = text.replace("@PORT@", &port.to_string());
            fs::write(folder.path().join(name), text).expect("the configuration");
        }
        let mut script = as_root()
            .args(["sh", &format!("{FOLDER}/postfix/run.sh")])
            .args([folder.path(), program])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("a shell");
        let input = script.stdin.take();
        let output = script.stdout.take().expect("its output");
        let mut postfix = Self {
            port,
            script,
            input,
            output: BufReader::new(output).lines(),
            folder,
        };
        postfix.is_ready().then_some(postfix)
    }

    /// Returns its address.
    pub(crate) fn address(&self) -> String {
        format!("127.0.0.1:{}", self.port)
    }

    /// Ends the server with its connections, and starts it again at the same address.
    pub(crate) fn restart(&mut self) {
        self.command("restart");
    }

    /// Ends the server; returns what it has received.
    pub(crate) fn stop(mut self) -> Mailbox {
        self.command("collect");
        let read = Command::new(python())
            .args(["-B", &format!("{FOLDER}/mailbox.py")])
            .arg(self.folder.path().join("mail/inbox"))
            .output()
            .expect("Python");
        assert!(read.status.success(), "{read:?}");
        let lines = String::from_utf8(read.stdout).expect("UTF-8");
        let messages = lines.lines().map(serde_json::from_str);
        Mailbox {
            messages: messages.collect::<Result<_, _>>().expect("messages"),
            log: fs::read_to_string(self.folder.path().join("log")).expect("a log"),
        }
    }

    fn command(&mut self, name: &str) {
        let input = self.input.as_mut().expect("its input");
        writeln!(input, "{name}").expect("a command");
        assert!(self.is_ready(), "Postfix does not {name}");
    }

    /// Waits until the script has done what it was told; returns whether it has succeeded.
    fn is_ready(&mut self) -> bool {
        let mut lines = self.output.by_ref().map_while(Result::ok);
        lines.any(|line| line == "ready")
    }
}

impl Drop for Postfix {
    fn drop(&mut self) {
        drop(self.input.take());
        let _ = self.script.wait();
    }
}

impl Mailbox {
    /// Returns how many connections the server has had.
    pub(crate) fn connections(&self) -> usize {
        self.lines(": connect from ")
    }

    /// Returns how many lines of the log have this text.
    pub(crate) fn lines(&self, text: &str) -> usize {
        self.log.lines().filter(|line| line.contains(text)).count()
    }
}

/// Returns a command that runs its arguments as root. Postfix runs only so: its parts have different
/// users.
fn as_root() -> Command {
    let (program, arguments): (_, &[&str]) = if is_root() {
        ("env", &[])
    } else {
        ("sudo", &["-n"])
    };
    let mut command = Command::new(program);
    command.args(arguments);
    command
}

fn is_root() -> bool {
    fs::metadata("/proc/self").is_ok_and(|process| process.uid() == 0)
}

/// Returns the program. Without it, or without the right to run it, the test is left out. In CI the
/// right comes from sudo, which no test uses elsewhere.
fn program() -> &'static Path {
    static PROGRAM: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let program = PROGRAM.get_or_init(|| {
        let is_ci = env::var("CI").is_ok_and(|ci| ci == "true");
        if !is_root() && !is_ci {
            return Err("Postfix runs as root only".to_owned());
        }
        let mut beside = FOLDERS
            .iter()
            .map(|folder| Path::new(folder).join("postfix"));
        let found = which::which("postfix").ok();
        found
            .or_else(|| beside.find(|path| path.exists()))
            .ok_or_else(|| "postfix is not on PATH".to_owned())
    });
    or_left_out(program.as_deref(), "Postfix")
}
