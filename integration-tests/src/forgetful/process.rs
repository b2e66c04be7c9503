use std::io::{self, BufRead, BufReader, Write};
use std::os::unix::process::CommandExt;
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use super::mount::Mounted;
use super::{Disk, Fault};

/// Begins the answers among whatever else a test binary prints.
const ANSWER: &str = "disk: ";

/// A disk in a process of its own. Whoever uses a file system that it serves itself cannot be killed: it would have to
/// answer itself to end.
pub struct DiskProcess {
    child: Child,
    commands: Option<ChildStdin>,
    answers: BufReader<ChildStdout>,
}

impl DiskProcess {
    /// Starts a process that comes to [`serve_disk`].
    pub fn start(command: &mut Command) -> io::Result<Self> {
        // In a group of its own, it outlives an interrupt from the keyboard and can unmount.
        let mut child = command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0).spawn()?;
        let commands = child.stdin.take();
        let answers = BufReader::new(child.stdout.take().ok_or(io::ErrorKind::BrokenPipe)?);
        Ok(Self { child, commands, answers })
    }

    fn ask(&mut self, command: &str) -> io::Result<String> {
        let commands = self.commands.as_mut().ok_or(io::ErrorKind::BrokenPipe)?;
        writeln!(commands, "{command}")?;
        let mut line = String::new();
        loop {
            line.clear();
            if self.answers.read_line(&mut line)? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
            if let Some((_, answer)) = line.split_once(ANSWER) {
                let answer = answer.trim_end();
                return answer
                    .strip_prefix("error ")
                    .map_or(Ok(answer.to_owned()), |error| Err(io::Error::other(error)));
            }
        }
    }

    /// Mounts the disk on a folder.
    pub fn mount(&mut self, folder: &Path) -> io::Result<()> {
        self.ask(&format!("mount {}", folder.display())).map(drop)
    }

    /// See [`Disk::cut_after`].
    pub fn cut_after(&mut self, operations: u64) -> io::Result<()> {
        self.ask(&format!("cut-after {operations}")).map(drop)
    }

    /// Whether the power has not gone yet: what was synced before this was asked is durable.
    pub fn has_power(&mut self) -> io::Result<bool> {
        Ok(self.ask("power")? == "on")
    }

    /// Cuts the power, if it has not gone, and unmounts. The next mount shows what is left.
    pub fn cut(&mut self) -> io::Result<()> {
        self.ask("cut").map(drop)
    }
}

impl Drop for DiskProcess {
    fn drop(&mut self) {
        // The end of its input ends it; it unmounts before.
        self.commands = None;
        let _ = self.child.wait();
    }
}

/// Serves one disk, as told by standard input, until that ends. `restart` sees it between a cut and the next mount.
pub fn serve_disk(seed: u64, fault: Fault, restart: impl Fn(&mut Disk)) -> io::Result<()> {
    let mut disk = Some(Disk::new(seed, fault));
    let mut mounted: Option<Mounted> = None;
    for line in io::stdin().lock().lines() {
        let line = line?;
        let answer = match (line.split_once(' ').unwrap_or((&line, "")), &mounted) {
            (("mount", folder), None) => match Mounted::mount(disk.take().unwrap(), Path::new(folder)) {
                Ok(now_mounted) => {
                    mounted = Some(now_mounted);
                    "ok".to_owned()
                }
                Err(error) => format!("error {error}"),
            },
            (("cut-after", operations), Some(mounted)) => {
                mounted.disk(|disk| disk.cut_after(operations.parse().unwrap()));
                "ok".to_owned()
            }
            (("power", _), Some(mounted)) => if mounted.has_power() { "on" } else { "off" }.to_owned(),
            (("cut", _), Some(_)) => {
                let mut left = mounted.take().unwrap().cut();
                restart(&mut left);
                disk = Some(left);
                "ok".to_owned()
            }
            _ => format!("error {line}"),
        };
        let mut out = io::stdout().lock();
        writeln!(out, "{ANSWER}{answer}")?;
        out.flush()?;
    }
    Ok(())
}
