//! A headless Chromium with a camera that shows a file, driven over WebDriver; nothing but this computer can be reached.

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _, Seek as _, SeekFrom, Write as _};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

/// How long the page may take to show something.
const PATIENCE: Duration = Duration::from_secs(40);
/// The camera.
pub const WIDTH: u32 = 640;
pub const HEIGHT: u32 = 480;
/// Pictures of the camera a second, and of each code: a wallet shows two codes a second.
pub const RATE: u32 = 4;
pub const PICTURES_A_CODE: usize = 2;
/// Pictures in the camera's file, always: twelve seconds.
const PICTURES: usize = 48;
/// How long one film is looked at: all of it, from wherever it stands, and what the last picture takes to be read.
const FILM: Duration = Duration::from_secs(15);

/// What a WebDriver element is named by.
const ELEMENT: &str = "element-6066-11e4-a52e-4f735466cecf";

/// A file that Chromium takes for a camera: uncompressed, looped, and read anew while it is rewritten. It never becomes longer or shorter:
/// where half a picture stands at its end, Chromium's camera breaks down, and the page sees nothing any more.
pub struct Camera {
    path: PathBuf,
}

impl Camera {
    pub fn new(folder: &Path) -> Self {
        let camera = Self { path: folder.join("camera.y4m") };
        File::create(&camera.path).unwrap();
        camera.shows(&[vec![90; (WIDTH * HEIGHT) as usize]]);
        camera
    }

    /// From now on it sees these grey pictures, again and again.
    pub fn shows(&self, pictures: &[Vec<u8>]) {
        assert!(pictures.len() <= PICTURES);
        let mut bytes = format!("YUV4MPEG2 W{WIDTH} H{HEIGHT} F{RATE}:1 Ip A1:1 C420\n").into_bytes();
        for picture in pictures.iter().cycle().take(PICTURES) {
            bytes.extend_from_slice(b"FRAME\n");
            bytes.extend_from_slice(picture);
            bytes.resize(bytes.len() + picture.len() / 2, 128);
        }
        // In place: the browser has the file open.
        let mut file = File::options().write(true).open(&self.path).unwrap();
        file.seek(SeekFrom::Start(0)).unwrap();
        file.write_all(&bytes).unwrap();
    }
}

/// The browser, and who sits before it.
pub struct Browser {
    driver: Child,
    port: u16,
    session: String,
}

impl Browser {
    /// Opens it with this camera.
    pub fn open(camera: &Camera, folder: &Path) -> Self {
        let mut driver = Command::new("chromedriver")
            .arg("--port=0")
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("chromedriver is not here (package chromium-driver); `cargo xtask setup` installs it");
        let mut lines = BufReader::new(driver.stdout.take().unwrap()).lines();
        let port = loop {
            let line = lines.next().expect("chromedriver says its port").unwrap();
            if let Some((_, port)) = line.split_once("successfully on port ") {
                break port.trim_end_matches('.').parse().unwrap();
            }
        };
        let mut browser = Self { driver, port, session: String::new() };
        let arguments = [
            "--headless=new".to_owned(),
            "--no-sandbox".to_owned(),
            "--disable-gpu".to_owned(),
            "--disable-dev-shm-usage".to_owned(),
            "--use-fake-device-for-media-stream".to_owned(),
            "--use-fake-ui-for-media-stream".to_owned(),
            format!("--use-file-for-fake-video-capture={}", camera.path.display()),
            // No network: no name is found, and nothing is asked in the background.
            "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1".to_owned(),
            "--disable-background-networking".to_owned(),
            "--disable-component-update".to_owned(),
            "--window-size=1280,900".to_owned(),
            format!("--user-data-dir={}", folder.join("chromium").display()),
        ];
        let options = json!({ "capabilities": { "alwaysMatch": {
            "browserName": "chrome",
            "goog:chromeOptions": { "args": arguments },
            "goog:loggingPrefs": { "browser": "ALL" },
        } } });
        let opened = browser.call("POST", "/session", &options);
        browser.session = opened["sessionId"].as_str().unwrap().to_owned();
        browser
    }

    fn call(&self, method: &str, path: &str, body: &Value) -> Value {
        let body = if method == "GET" || method == "DELETE" { String::new() } else { body.to_string() };
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(Duration::from_secs(60))).unwrap();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\nconnection: close\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n",
            self.port,
            body.len()
        );
        stream.write_all(head.as_bytes()).unwrap();
        stream.write_all(body.as_bytes()).unwrap();
        let mut reply = Vec::new();
        let mut reader = BufReader::new(stream);
        let mut length = None;
        loop {
            let mut line = String::new();
            reader.read_line(&mut line).unwrap();
            if line.trim().is_empty() {
                break;
            }
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse::<u64>().ok();
            }
        }
        match length {
            Some(length) => reader.take(length).read_to_end(&mut reply).unwrap(),
            None => reader.read_to_end(&mut reply).unwrap(),
        };
        let reply: Value = serde_json::from_slice(&reply).unwrap();
        let value = reply["value"].clone();
        assert!(value.get("error").is_none(), "{method} {path}: {value}");
        value
    }

    /// Ends the session, whatever happened before.
    fn ends(&self) -> std::io::Result<usize> {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port))?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let session = &self.session;
        write!(stream, "DELETE /session/{session} HTTP/1.1\r\nhost: 127.0.0.1:{}\r\n\r\n", self.port)?;
        stream.read(&mut [0; 64])
    }

    fn at(&self, method: &str, rest: &str, body: &Value) -> Value {
        self.call(method, &format!("/session/{}{rest}", self.session), body)
    }

    pub fn goes_to(&self, address: &str) {
        self.at("POST", "/url", &json!({ "url": address }));
    }

    pub fn run(&self, script: &str, arguments: &[Value]) -> Value {
        self.at("POST", "/execute/sync", &json!({ "script": script, "args": arguments }))
    }

    pub fn run_async(&self, script: &str, arguments: &[Value]) -> Value {
        self.at("POST", "/execute/async", &json!({ "script": script, "args": arguments }))
    }

    fn element(&self, css: &str) -> String {
        let found = self.at("POST", "/element", &json!({ "using": "css selector", "value": css }));
        found[ELEMENT].as_str().unwrap().to_owned()
    }

    pub fn presses(&self, css: &str) {
        let element = self.element(css);
        self.at("POST", &format!("/element/{element}/click"), &json!({}));
    }

    pub fn types(&self, css: &str, text: &str) {
        let element = self.element(css);
        self.at("POST", &format!("/element/{element}/value"), &json!({ "text": text }));
    }

    /// The words that a person sees there; none of what is hidden.
    pub fn reads(&self, css: &str) -> String {
        let element = self.element(css);
        self.at("GET", &format!("/element/{element}/text"), &json!({})).as_str().unwrap().to_owned()
    }

    /// Waits until something is so.
    pub fn until(&self, what: &str, so: impl Fn() -> bool) {
        let begun = Instant::now();
        while !so() {
            if begun.elapsed() > PATIENCE {
                self.picture("failed");
                panic!("waited too long until {what}; the page says: {}; {}", self.reads("body"), self.log());
            }
            std::thread::sleep(Duration::from_millis(40));
        }
    }

    /// Waits for a verdict and gives its word.
    pub fn waits_for_a_verdict(&self) -> String {
        self.until("there is a verdict", || !self.reads("#word").is_empty());
        self.reads("#word")
    }

    /// Looks at one film to its end. Whether there is a verdict then: a film in which codes are lost may hold too few of them, where a
    /// screen goes on with others.
    pub fn sees_a_verdict_in_a_film(&self) -> bool {
        let begun = Instant::now();
        while begun.elapsed() < FILM {
            if !self.reads("#word").is_empty() {
                return true;
            }
            std::thread::sleep(Duration::from_millis(40));
        }
        false
    }

    /// A picture of an element, PNG.
    pub fn photograph(&self, css: &str) -> Vec<u8> {
        let element = self.element(css);
        let picture = self.at("GET", &format!("/element/{element}/screenshot"), &json!({}));
        primitives::base64url::decode_standard(picture.as_str().unwrap()).unwrap()
    }

    /// Keeps a picture of the page in `artefacts/verifier`.
    pub fn picture(&self, name: &str) {
        let picture = self.at("GET", "/screenshot", &json!({}));
        let picture = primitives::base64url::decode_standard(picture.as_str().unwrap()).unwrap();
        let package = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = if package.join("crates").is_dir() { package.to_owned() } else { package.join("../..") };
        let folder = root.join("artefacts/verifier");
        std::fs::create_dir_all(&folder).unwrap();
        std::fs::write(folder.join(format!("{name}.png")), picture).unwrap();
    }

    pub fn resizes(&self, width: u32, height: u32) {
        // Headless windows are not narrower than 500; what a page sees can be.
        let parameters = json!({ "width": width, "height": height, "deviceScaleFactor": 1, "mobile": false });
        self.at(
            "POST",
            "/goog/cdp/execute",
            &json!({ "cmd": "Emulation.setDeviceMetricsOverride", "params": parameters }),
        );
    }

    /// From now on this person's computer is set to less motion.
    pub fn wants_less_motion(&self) {
        let features = json!({ "features": [{ "name": "prefers-reduced-motion", "value": "reduce" }] });
        self.at(
            "POST",
            "/goog/cdp/execute",
            &json!({ "cmd": "Emulation.setEmulatedMedia", "params": features }),
        );
    }

    /// What the browser complained about: refused scripts, styles, connections.
    pub fn log(&self) -> String {
        let entries = self.at("POST", "/se/log", &json!({ "type": "browser" }));
        let messages = entries.as_array().unwrap().iter().filter_map(|entry| entry["message"].as_str());
        messages.collect::<Vec<_>>().join("\n")
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        // The browser ends with its session, and with nothing else: also after a failure.
        let _ = self.ends();
        let _ = self.driver.kill();
        let _ = self.driver.wait();
    }
}
