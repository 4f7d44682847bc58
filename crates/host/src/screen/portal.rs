//! `org.freedesktop.portal.Screenshot`: the desktop takes the picture, after asking the person if it wants to, and names a
//! file. The file is ours then: read within its bound and removed.

use std::collections::HashMap;
use std::fs::File;
use std::io::Read as _;
use std::path::Path;
use std::sync::mpsc::channel;
use std::time::Duration;

use url::Url;
use zbus::blocking::{Connection, Proxy};
use zbus::zvariant::{OwnedObjectPath, OwnedValue, Value};

use super::{Pixels, ScreenError, ScreenPicture};
use crate::qr::MAX_PICTURE_BYTES;

const NAME: &str = "org.freedesktop.portal.Desktop";
const PATH: &str = "/org/freedesktop/portal/desktop";
/// How long the person may take to answer the desktop's question.
const LIMIT: Duration = Duration::from_secs(60);

pub(super) fn picture() -> Result<ScreenPicture, ScreenError> {
    // The signal has no limit of its own: waited for on a thread that ends with the connection or the answer.
    let (answer, answered) = channel();
    std::thread::Builder::new()
        .name("portal".to_owned())
        .spawn(move || {
            let connection = Connection::session().map_err(|_| ScreenError::NoScreen);
            // The receiver may be gone by then.
            let _ = answer.send(connection.and_then(|connection| take(&connection)));
        })
        .map_err(|_| ScreenError::NoScreen)?;
    answered.recv_timeout(LIMIT).map_err(|_| ScreenError::NoScreen)?
}

fn take(connection: &Connection) -> Result<ScreenPicture, ScreenError> {
    let uri = screenshot(connection).map_err(|_| ScreenError::NoScreen)?.ok_or(ScreenError::NoScreen)?;
    let path = Url::parse(&uri).ok().and_then(|uri| uri.to_file_path().ok()).ok_or(ScreenError::Unusable)?;
    let bytes = read(&path);
    // A picture of the whole screen is not left lying; a file that cannot be removed is the desktop's.
    let _ = std::fs::remove_file(&path);
    Ok(ScreenPicture(Pixels::File(bytes?)))
}

/// The address of the picture; `None` where the person said no.
fn screenshot(connection: &Connection) -> zbus::Result<Option<String>> {
    // Documented: the request's path follows from our name and token, so that its signal is heard before the call.
    const TOKEN: &str = "citizen_wallet";
    let name = connection.unique_name().map(|name| name.trim_start_matches(':').replace('.', "_"));
    let request = format!("{PATH}/request/{}/{TOKEN}", name.unwrap_or_default());
    let request = Proxy::new(connection, NAME, request, "org.freedesktop.portal.Request")?;
    let mut responses = request.receive_signal("Response")?;
    let portal = Proxy::new(connection, NAME, PATH, "org.freedesktop.portal.Screenshot")?;
    let options = HashMap::from([("handle_token", Value::from(TOKEN)), ("interactive", Value::from(false))]);
    let _: OwnedObjectPath = portal.call("Screenshot", &("", options))?;
    let Some(response) = responses.next() else { return Ok(None) };
    let (code, mut results): (u32, HashMap<String, OwnedValue>) = response.body().deserialize()?;
    if code != 0 {
        return Ok(None);
    }
    results.remove("uri").map(String::try_from).transpose().map_err(Into::into)
}

fn read(path: &Path) -> Result<Vec<u8>, ScreenError> {
    let bound = MAX_PICTURE_BYTES as u64 + 1;
    let mut bytes = Vec::new();
    File::open(path)
        .and_then(|file| file.take(bound).read_to_end(&mut bytes))
        .map_err(|_| ScreenError::Unusable)?;
    if bytes.len() > MAX_PICTURE_BYTES { Err(ScreenError::Unusable) } else { Ok(bytes) }
}

#[cfg(test)]
mod tests {
    use std::io::{BufRead as _, BufReader};
    use std::process::{Child, Command, Stdio};

    use super::*;

    struct Bus(Child, String);

    impl Bus {
        fn start() -> Option<Self> {
            let mut child = Command::new("dbus-daemon")
                .args(["--session", "--nofork", "--print-address"])
                .stdout(Stdio::piped())
                .stderr(Stdio::null())
                .spawn()
                .ok()?;
            let mut address = String::new();
            BufReader::new(child.stdout.take()?).read_line(&mut address).ok()?;
            Some(Self(child, address.trim().to_owned()))
        }

        fn connect(&self) -> Connection {
            zbus::blocking::connection::Builder::address(self.1.as_str()).unwrap().build().unwrap()
        }
    }

    impl Drop for Bus {
        fn drop(&mut self) {
            let _ = self.0.kill();
            let _ = self.0.wait();
        }
    }

    /// A desktop's side of the conversation, as xdg-desktop-portal documents it.
    struct Desktop {
        code: u32,
        uri: String,
    }

    #[zbus::interface(name = "org.freedesktop.portal.Screenshot")]
    impl Desktop {
        #[allow(clippy::needless_pass_by_value)]
        async fn screenshot(
            &self,
            _parent: &str,
            options: HashMap<String, OwnedValue>,
            #[zbus(connection)] connection: &zbus::Connection,
            #[zbus(header)] header: zbus::message::Header<'_>,
        ) -> OwnedObjectPath {
            assert_eq!(options["interactive"], OwnedValue::from(false));
            let token = String::try_from(options["handle_token"].try_clone().unwrap()).unwrap();
            let sender = header.sender().unwrap().trim_start_matches(':').replace('.', "_");
            let path = OwnedObjectPath::try_from(format!("{PATH}/request/{sender}/{token}")).unwrap();
            let results = HashMap::from([("uri", Value::from(self.uri.as_str()))]);
            connection
                .emit_signal(
                    None::<zbus::names::BusName<'_>>,
                    &path,
                    "org.freedesktop.portal.Request",
                    "Response",
                    &(self.code, results),
                )
                .await
                .unwrap();
            path
        }
    }

    fn desktop(bus: &Bus, code: u32, uri: &str) -> Connection {
        zbus::blocking::connection::Builder::address(bus.1.as_str())
            .unwrap()
            .name(NAME)
            .unwrap()
            .serve_at(PATH, Desktop { code, uri: uri.to_owned() })
            .unwrap()
            .build()
            .unwrap()
    }

    #[test]
    fn the_desktops_picture_is_read_and_removed_and_a_no_is_no_screen() {
        let Some(bus) = Bus::start() else {
            panic!("dbus-daemon is missing: install the package dbus (apt-get install dbus)")
        };
        assert_eq!(take(&bus.connect()).err(), Some(ScreenError::NoScreen), "no portal");
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("Screenshot from today.png");
        let code = qrcode::QrCode::new(b"openid4vp://x").unwrap();
        let side = code.width() as u32 + 8;
        let picture = image::GrayImage::from_fn(side * 4, side * 4, |x, y| {
            let at = |pixel: u32| (pixel / 4).checked_sub(4).map(|module| module as usize);
            let dark = match (at(x), at(y)) {
                (Some(x), Some(y)) if x < code.width() && y < code.width() => {
                    code[(x, y)] == qrcode::Color::Dark
                }
                _ => false,
            };
            image::Luma([if dark { 0 } else { 255 }])
        });
        picture.save(&file).unwrap();
        let uri = Url::from_file_path(&file).unwrap();
        {
            let _desktop = desktop(&bus, 0, uri.as_str());
            let taken = take(&bus.connect()).unwrap_or_else(|error| panic!("{error}"));
            assert_eq!(taken.texts().unwrap(), ["openid4vp://x"]);
            assert!(!file.exists(), "the picture is not left lying");
            assert_eq!(take(&bus.connect()).err(), Some(ScreenError::Unusable), "no file any more");
        }
        let _desktop = desktop(&bus, 1, uri.as_str());
        assert_eq!(take(&bus.connect()).err(), Some(ScreenError::NoScreen), "the person said no");
    }
}
