//! The doors of the desk's page, as a browser comes to them: with a cookie, from the page, by a socket of its own.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;

use primitives::LocalizedText;
use serde_json::{Value, json};

use crate::offline::World;
use crate::served::serve;

pub struct Reply {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Reply {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap()
    }
}

/// A desk, and what a browser with a cookie sends to it.
pub struct Door {
    pub world: World,
    pub port: u16,
}

/// The headers of a post that comes from the desk's own page.
pub fn own(port: u16) -> Vec<(&'static str, String)> {
    vec![("origin", format!("http://127.0.0.1:{port}")), ("sec-fetch-site", "same-origin".to_owned())]
}

impl Door {
    pub async fn new() -> Self {
        Self::of(World::new()).await
    }

    /// The door of a desk in this world.
    pub async fn of(world: World) -> Self {
        let port = serve(&world, LocalizedText::new("<가게>", "<Shop>"), false).await;
        Self { world, port }
    }

    pub fn send(&self, method: &str, path: &str, headers: &[(&str, String)], body: &[u8]) -> Reply {
        let mut stream = TcpStream::connect(("127.0.0.1", self.port)).unwrap();
        stream.set_read_timeout(Some(std::time::Duration::from_secs(20))).unwrap();
        let mut head =
            format!("{method} {path} HTTP/1.1\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
        if !headers.iter().any(|(name, _)| *name == "host") {
            head.push_str(&format!("host: 127.0.0.1:{}\r\n", self.port));
        }
        for (name, value) in headers {
            head.push_str(&format!("{name}: {value}\r\n"));
        }
        head.push_str("\r\n");
        stream.write_all(head.as_bytes()).unwrap();
        let _ = stream.write_all(body);
        let mut reply = Vec::new();
        let _ = stream.read_to_end(&mut reply);
        let reply = String::from_utf8_lossy(&reply).into_owned();
        let (head, body) = reply.split_once("\r\n\r\n").unwrap();
        let status = head.split(' ').nth(1).unwrap().parse().unwrap();
        Reply { status, head: head.to_owned(), body: body.to_owned() }
    }

    /// The name of the cookie.
    pub fn seat(&self) -> String {
        format!("screen_desk_{}", self.port)
    }

    pub fn page(&self) -> Reply {
        self.send("GET", "/screen", &[], b"")
    }

    /// A browser that opened the page: its cookie, as it sends it.
    pub fn browser(&self) -> String {
        let page = self.page();
        let seat = format!("set-cookie: {}=", self.seat());
        let line = page.head.lines().find(|line| line.to_ascii_lowercase().starts_with(&seat));
        let cookie = line.unwrap().split_once(": ").unwrap().1;
        assert!(cookie.contains("; Path=/; HttpOnly; SameSite=Lax"), "{cookie}");
        cookie.split(';').next().unwrap().to_owned()
    }

    /// A post from the page, with this cookie.
    pub fn post(&self, path: &str, cookie: &str, body: &[u8]) -> Reply {
        let mut headers = own(self.port);
        headers.push(("cookie", cookie.to_owned()));
        self.send("POST", path, &headers, body)
    }

    pub fn begin(&self, cookie: &str, question: &str, mode: &str) -> Reply {
        let choice = json!({ "question": question, "mode": mode }).to_string();
        self.post("/screen/begin", cookie, choice.as_bytes())
    }
}
