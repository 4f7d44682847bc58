//! The pictures of QR frames while they lie in a folder. A picture of an answer that nobody encrypted can be read by whoever can read its file,
//! so it is there for its user alone, no longer than it counts, and gone when the command ends however that comes about; what a command that
//! was killed left behind goes when the next one writes to the same folder.

use std::fs::{self, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use crate::console::{Console, words};

/// Which pictures a command wrote to a folder, one name a line.
const LIST: &str = ".citizen-wallet-frames";
/// The longest list that is read, in bytes: a thousand names have fewer.
const MAX_LIST_BYTES: u64 = 64 * 1024;

/// Pictures in a folder. Dropped, it deletes them.
pub(crate) struct Frames {
    folder: PathBuf,
    made_folder: bool,
    files: Vec<PathBuf>,
    until: Instant,
    stop: Stop,
}

/// The name of a frame's picture.
pub(crate) fn name(sequence: u16) -> String {
    format!("frame-{sequence:05}.png")
}

fn is_name(text: &str) -> bool {
    let number = text.strip_prefix("frame-").and_then(|rest| rest.strip_suffix(".png"));
    number.is_some_and(|number| number.len() == 5 && number.bytes().all(|digit| digit.is_ascii_digit()))
}

/// Makes the folder, open to its user only, and says whether it was not there. One that is there stays as it is.
fn make_folder(folder: &Path) -> io::Result<bool> {
    if folder.is_dir() {
        return Ok(false);
    }
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    Ok(true)
}

/// Writes a file that only its user may open. What had the name goes, and is not written through.
fn write_private(file: &Path, bytes: &[u8]) -> io::Result<()> {
    match fs::remove_file(file) {
        Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
        _ => {}
    }
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(file)?.write_all(bytes)
}

/// Writes something to a folder and leaves all as it was.
pub(crate) fn probe(folder: &Path) -> io::Result<()> {
    let made = make_folder(folder)?;
    let file = folder.join(format!(".frame-probe-{}", std::process::id()));
    let written = write_private(&file, b"probe").and_then(|()| fs::remove_file(&file));
    if made {
        let _ = fs::remove_dir(folder);
    }
    written
}

impl Frames {
    /// A folder for pictures that count until then. What an earlier command listed there goes. A signal that would end the command is heard
    /// from here on, and ends [`hold`](Self::hold).
    pub(crate) fn begin(folder: &Path, until: Instant) -> io::Result<Self> {
        let stop = Stop::listen()?;
        let made_folder = make_folder(folder)?;
        let list = folder.join(LIST);
        if let Ok(file) = fs::File::open(&list) {
            let listed = io::read_to_string(io::Read::take(file, MAX_LIST_BYTES)).unwrap_or_default();
            for name in listed.lines().filter(|line| is_name(line)) {
                let _ = fs::remove_file(folder.join(name));
            }
        }
        write_private(&list, b"")?;
        Ok(Self { folder: folder.to_owned(), made_folder, files: vec![list], until, stop })
    }

    /// Writes one picture. Its name is on the list before it is there.
    pub(crate) fn write(&mut self, sequence: u16, png: &[u8]) -> io::Result<()> {
        let name = name(sequence);
        OpenOptions::new()
            .append(true)
            .open(self.folder.join(LIST))?
            .write_all(format!("{name}\n").as_bytes())?;
        let file = self.folder.join(name);
        self.files.push(file.clone());
        write_private(&file, png)
    }

    /// Leaves the pictures where they are, and the list of them for the next command.
    pub(crate) fn keep(mut self) {
        self.files.clear();
        self.made_folder = false;
    }

    /// Waits until the pictures count no more, or somebody ends the command, and deletes them.
    pub(crate) async fn hold(mut self, console: &Console) {
        let until = tokio::time::Instant::from_std(self.until);
        tokio::select! {
            () = tokio::time::sleep_until(until) => {}
            () = self.stop.heard() => {}
        }
        let folder = self.folder.display().to_string();
        if self.delete() {
            console.progress(&console.t("cli.shown.deleted", &[]));
        } else {
            console.note(&console.t("cli.shown.undeleted", &[("folder", words(folder))]));
        }
    }

    /// How long they still count.
    pub(crate) fn left(&self) -> Duration {
        self.until.saturating_duration_since(Instant::now())
    }

    /// Whether none is left. One that cannot be deleted keeps no other from going.
    fn delete(&mut self) -> bool {
        let stays = |file: &PathBuf| matches!(fs::remove_file(file), Err(error) if error.kind() != io::ErrorKind::NotFound);
        let list = self.folder.join(LIST);
        self.files.retain(|file| *file == list || stays(file));
        // The list last: it says what is still there.
        if self.files.iter().all(|file| *file == list) {
            self.files.retain(stays);
        }
        if !self.files.is_empty() {
            return false;
        }
        if std::mem::take(&mut self.made_folder) {
            // Something else may have been put there.
            let _ = fs::remove_dir(&self.folder);
        }
        true
    }
}

impl Drop for Frames {
    fn drop(&mut self) {
        self.delete();
    }
}

/// What ends a command from outside: Ctrl+C, and on Unix also a request to end or a terminal that was closed.
struct Stop {
    #[cfg(unix)]
    signals: [tokio::signal::unix::Signal; 3],
}

impl Stop {
    #[cfg(unix)]
    fn listen() -> io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            signals: [
                signal(SignalKind::interrupt())?,
                signal(SignalKind::terminate())?,
                signal(SignalKind::hangup())?,
            ],
        })
    }

    #[cfg(unix)]
    async fn heard(&mut self) {
        let [interrupt, terminate, hangup] = &mut self.signals;
        tokio::select! {
            _ = interrupt.recv() => {}
            _ = terminate.recv() => {}
            _ = hangup.recv() => {}
        }
    }

    #[cfg(not(unix))]
    #[allow(clippy::unnecessary_wraps)]
    fn listen() -> io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn heard(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::sentences::Language;

    fn names(folder: &Path) -> Vec<String> {
        let entries = fs::read_dir(folder).unwrap();
        let mut names: Vec<String> =
            entries.map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    fn soon() -> Instant {
        Instant::now() + Duration::from_millis(50)
    }

    #[tokio::test]
    async fn pictures_are_their_users_alone_and_gone_when_they_count_no_more() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("a").join("frames");
        let console = Console::new(true, true, Language::English);
        let mut frames = Frames::begin(&folder, soon()).unwrap();
        frames.write(0, b"one").unwrap();
        frames.write(1, b"two").unwrap();
        assert_eq!(names(&folder), [LIST, "frame-00000.png", "frame-00001.png"]);
        #[cfg(unix)]
        {
            use std::os::unix::fs::PermissionsExt as _;
            let mode = |path: &Path| fs::metadata(path).unwrap().permissions().mode() & 0o777;
            assert_eq!(mode(&folder), 0o700);
            assert!(names(&folder).iter().all(|name| mode(&folder.join(name)) == 0o600));
        }
        frames.hold(&console).await;
        assert!(!folder.exists(), "the folder was made for them");
        // What failed in the middle leaves nothing, and what was there stays.
        fs::create_dir_all(&folder).unwrap();
        fs::write(folder.join("frame-00007.png"), b"a film of somebody's").unwrap();
        let mut frames = Frames::begin(&folder, soon()).unwrap();
        frames.write(0, b"one").unwrap();
        drop(frames);
        assert_eq!(names(&folder), ["frame-00007.png"]);
    }

    #[tokio::test]
    async fn what_a_killed_command_left_goes_with_the_next() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("frames");
        let mut frames = Frames::begin(&folder, soon()).unwrap();
        (0..3).for_each(|sequence| frames.write(sequence, b"old").unwrap());
        frames.keep();
        fs::write(folder.join("frame-00007.png"), b"a film of somebody's").unwrap();
        let list = fs::read_to_string(folder.join(LIST)).unwrap();
        fs::write(folder.join(LIST), format!("{list}../outside\n/etc/passwd\n")).unwrap();
        fs::write(place.path().join("outside"), b"stays").unwrap();
        let mut frames = Frames::begin(&folder, soon()).unwrap();
        assert_eq!(names(&folder), [LIST, "frame-00007.png"]);
        frames.write(0, b"new").unwrap();
        assert_eq!(fs::read(folder.join("frame-00000.png")).unwrap(), b"new");
        drop(frames);
        assert_eq!(names(&folder), ["frame-00007.png"]);
        assert!(place.path().join("outside").exists());
    }

    #[tokio::test]
    async fn one_that_cannot_be_deleted_keeps_no_other() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("frames");
        let mut frames = Frames::begin(&folder, soon()).unwrap();
        (0..3).for_each(|sequence| frames.write(sequence, b"one").unwrap());
        let stuck = folder.join("frame-00001.png");
        fs::remove_file(&stuck).unwrap();
        fs::create_dir_all(stuck.join("in the way")).unwrap();
        assert!(!frames.delete());
        // It is still listed, for the next command.
        assert_eq!(names(&folder), [LIST, "frame-00001.png"]);
        fs::remove_dir_all(&stuck).unwrap();
        assert!(frames.delete() && !folder.exists());
    }

    #[cfg(unix)]
    #[tokio::test]
    async fn nothing_is_written_through_a_link_that_lies_in_the_way() {
        let place = tempfile::tempdir().unwrap();
        let folder = place.path().join("frames");
        fs::create_dir(&folder).unwrap();
        let other = place.path().join("other");
        fs::write(&other, b"stays").unwrap();
        std::os::unix::fs::symlink(&other, folder.join("frame-00000.png")).unwrap();
        let mut frames = Frames::begin(&folder, soon()).unwrap();
        frames.write(0, b"one").unwrap();
        assert_eq!(fs::read(&other).unwrap(), b"stays");
        assert_eq!(fs::read(folder.join("frame-00000.png")).unwrap(), b"one");
    }
}
