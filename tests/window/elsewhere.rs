//! The other programs on the person's computer: the browser with its cookies, in which agencies ask and verifiers answer.

use std::sync::Mutex;

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::time::Duration;

use demo_government::Government;
use serde_json::Value;
use url::Url;

/// A browser without a screen: pages over plain http on loopback, cookies kept.
#[derive(Default)]
pub struct Browser {
    cookies: Mutex<Vec<String>>,
}

/// What a server answered.
struct Answer {
    status: u16,
    headers: Vec<(String, String)>,
    body: String,
}

impl Answer {
    fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// A verifier's request as its page shows it.
pub struct Asked {
    /// For the wallet on this computer.
    pub link: String,
    /// In the QR code.
    pub cross_device_link: String,
}

impl Browser {
    pub fn new() -> Self {
        Self::default()
    }

    /// One call over plain http, one connection, no redirects.
    fn send(&self, url: &Url, form: Option<&str>) -> Answer {
        assert_eq!(url.scheme(), "http", "{url}");
        let authority = format!("{}:{}", url.host_str().unwrap(), url.port_or_known_default().unwrap());
        let mut connection = TcpStream::connect(&authority).unwrap();
        connection.set_read_timeout(Some(Duration::from_secs(20))).unwrap();
        let target = &url[url::Position::BeforePath..url::Position::AfterQuery];
        let cookies = self.cookies.lock().unwrap().join("; ");
        let (method, body) = form.map_or(("GET", ""), |body| ("POST", body));
        let length = body.len();
        write!(
            connection,
            "{method} {target} HTTP/1.1\r\nHost: {authority}\r\nConnection: close\r\nCookie: {cookies}\r\n\
             Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {length}\r\n\r\n{body}"
        )
        .unwrap();
        let mut bytes = Vec::new();
        connection.read_to_end(&mut bytes).unwrap();
        let text = String::from_utf8_lossy(&bytes);
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        let mut lines = head.lines();
        let status = lines.next().unwrap().split(' ').nth(1).unwrap().parse().unwrap();
        let headers: Vec<(String, String)> = lines
            .filter_map(|line| line.split_once(": "))
            .map(|(name, value)| (name.to_ascii_lowercase(), value.to_owned()))
            .collect();
        let set = headers
            .iter()
            .filter(|(name, _)| name == "set-cookie")
            .filter_map(|(_, cookie)| cookie.split(';').next().map(str::to_owned));
        self.cookies.lock().unwrap().extend(set);
        Answer { status, body: body.to_owned(), headers }
    }

    /// Opens a page and follows where it leads.
    pub fn opens(&self, page: &str) -> String {
        let mut url = Url::parse(page).unwrap();
        for _ in 0..5 {
            let answer = self.send(&url, None);
            match answer.header("location") {
                Some(location) => url = url.join(location).unwrap(),
                None => return answer.body,
            }
        }
        panic!("{page} leads on and on");
    }

    /// Agrees, as this person, to what an agency's page asks, and is sent back to the wallet.
    pub fn agrees(&self, page: &str, person: &str) {
        let text = self.opens(page);
        let token = text.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
        let token = token.expect("a form of ours");
        let fields = [("csrf", token), ("person", person), ("answer", "agree")];
        let form = url::form_urlencoded::Serializer::new(String::new()).extend_pairs(fields).finish();
        let answer = self.send(&Url::parse(page).unwrap(), Some(&form));
        assert_eq!(answer.status, 303, "{}", answer.body);
        self.opens(answer.header("location").unwrap());
    }

    /// Begins a request at a verifier's page.
    pub fn begins(&self, government: &Government, verifier: &str) -> Asked {
        let page = Url::parse(&format!("{}verifiers/{verifier}/sessions", government.console())).unwrap();
        let answer: Value =
            serde_json::from_str(&self.send(&page, Some("")).body).expect("the verifier begins a session");
        let text = |name: &str| answer[name].as_str().unwrap().to_owned();
        Asked { link: text("link"), cross_device_link: text("cross_device_link") }
    }
}
