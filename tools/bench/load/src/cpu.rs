//! Measures the CPU time of a process and its descendants on Linux.

use std::{collections::HashMap, fs, iter, path::Path, time::Duration};

use anyhow::{Context, Result};
use rustix::param::clock_ticks_per_second;

/// A process and its running descendants.
pub(crate) struct ProcessTree {
    root: i32,
}

/// The content of `/proc/<pid>/stat` (proc(5)).
struct Stat {
    parent: i32,
    /// CPU time in user and kernel mode, in clock ticks.
    ticks: u64,
}

impl ProcessTree {
    pub(crate) fn of(root: i32) -> Self {
        Self { root }
    }

    /// Returns their CPU time so far.
    pub(crate) fn cpu_time(&self) -> Result<Duration> {
        let all = processes().context("reading /proc")?;
        let parent = |id: &i32| all.get(id).map(|stat| stat.parent);
        let within = |id: i32| {
            let line = iter::successors(Some(id), parent);
            // Bounded, because the tree can change while it is read and then contain a cycle.
            line.take(all.len()).any(|id| id == self.root)
        };
        let ticks: u64 = all
            .iter()
            .filter(|(id, _)| within(**id))
            .map(|(_, stat)| stat.ticks)
            .sum();
        let millis = ticks * 1000 / clock_ticks_per_second().max(1);
        Ok(Duration::from_millis(millis))
    }
}

fn processes() -> Result<HashMap<i32, Stat>> {
    let mut all = HashMap::new();
    for entry in fs::read_dir("/proc")? {
        let path = entry?.path();
        let name = path.file_name().and_then(|name| name.to_str());
        let Some(Ok(id)) = name.map(str::parse) else {
            continue;
        };
        // A process that has ended meanwhile is left out.
        if let Some(stat) = Stat::read(&path) {
            all.insert(id, stat);
        }
    }
    Ok(all)
}

impl Stat {
    fn read(process: &Path) -> Option<Self> {
        Self::parse(&fs::read_to_string(process.join("stat")).ok()?)
    }

    fn parse(text: &str) -> Option<Self> {
        // The name may contain spaces and parentheses.
        let (_, rest) = text.rsplit_once(')')?;
        let fields: Vec<_> = rest.split_whitespace().collect();
        let number = |place: usize| fields.get(place)?.parse::<u64>().ok();
        Some(Self {
            parent: number(1)?.try_into().ok()?,
            ticks: number(11)? + number(12)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use std::{hint::black_box, time::Instant};

    use super::*;

    #[test]
    fn parse_accepts_any_process_name() {
        let text = "17 (a) b (c) S 4 17 17 0 -1 4194304 1 2 3 4 250 150 0 0 20 0 1";
        let stat = Stat::parse(text).unwrap();
        assert_eq!((stat.parent, stat.ticks), (4, 400));
        assert!(Stat::parse("17 (a) S 4").is_none());
    }

    #[test]
    fn cpu_time_grows_with_work() {
        let own = ProcessTree::of(std::process::id().try_into().unwrap());
        let before = own.cpu_time().unwrap();
        let begun = Instant::now();
        while own.cpu_time().unwrap() == before {
            assert!(begun.elapsed() < Duration::from_mins(1));
            black_box((0..1_000_000_u64).sum::<u64>());
        }
    }
}
