//! A browser of few lines for the pages of the demo government: plain http on 127.0.0.1, redirects, cookies, one form.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex};

use host::pages::LoopbackRedirect;
use primitives::ports::BoxFuture;
use primitives::{PageError, Pages, PendingRedirect};
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;
use url::{Url, form_urlencoded};

/// What the person does on the consent page of an agency.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Person {
    Agrees,
    Refuses,
    NeverComes,
    /// Leaves the page open; the test goes on with it.
    Waits,
}

#[derive(Clone)]
pub struct Browser {
    inner: Arc<Inner>,
}

struct Inner {
    person: Mutex<Person>,
    cookies: Mutex<BTreeMap<String, String>>,
    opened: Mutex<Vec<Url>>,
}

pub struct Page {
    pub status: u16,
    pub location: Option<String>,
    pub body: String,
}

impl Browser {
    pub fn new() -> Self {
        let inner =
            Inner { person: Mutex::new(Person::Agrees), cookies: Mutex::default(), opened: Mutex::default() };
        Self { inner: Arc::new(inner) }
    }

    pub fn behave(&self, person: Person) {
        *self.inner.person.lock().unwrap() = person;
    }

    /// The pages that the wallet opened.
    pub fn opened(&self) -> Vec<Url> {
        self.inner.opened.lock().unwrap().clone()
    }

    pub async fn call(&self, method: &str, url: &Url, headers: &[(&str, &str)], body: &str) -> Page {
        let mut stream =
            TcpStream::connect((url.host_str().unwrap(), url.port().unwrap())).await.expect("a server");
        let cookies: Vec<String> = self
            .inner
            .cookies
            .lock()
            .unwrap()
            .iter()
            .map(|(name, value)| format!("{name}={value}"))
            .collect();
        let target = match url.query() {
            Some(query) => format!("{}?{query}", url.path()),
            None => url.path().to_owned(),
        };
        let mut request =
            format!("{method} {target} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n", url.authority());
        if !cookies.is_empty() {
            request.push_str(&format!("Cookie: {}\r\n", cookies.join("; ")));
        }
        for (name, value) in headers {
            request.push_str(&format!("{name}: {value}\r\n"));
        }
        request.push_str(&format!("Content-Length: {}\r\n\r\n{body}", body.len()));
        stream.write_all(request.as_bytes()).await.unwrap();
        let mut answer = Vec::new();
        stream.read_to_end(&mut answer).await.unwrap();
        let answer = String::from_utf8(answer).unwrap();
        let (head, body) = answer.split_once("\r\n\r\n").expect("an answer");
        let mut page = Page {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            location: None,
            body: body.to_owned(),
        };
        for line in head.lines().skip(1) {
            let (name, value) = line.split_once(": ").unwrap();
            match name.to_ascii_lowercase().as_str() {
                "location" => page.location = Some(value.to_owned()),
                "set-cookie" => {
                    let (name, value) = value.split(';').next().unwrap().split_once('=').unwrap();
                    self.inner.cookies.lock().unwrap().insert(name.to_owned(), value.to_owned());
                }
                _ => {}
            }
        }
        page
    }

    /// Plays the person at the consent page and follows the way back to the wallet.
    pub async fn consent(&self, url: Url) {
        let person = *self.inner.person.lock().unwrap();
        let page = self.call("GET", &url, &[], "").await;
        assert_eq!(page.status, 200, "{}", page.body);
        if person == Person::NeverComes {
            return;
        }
        let value = |marker: &str| {
            let (_, after) =
                page.body.split_once(marker).unwrap_or_else(|| panic!("{marker} in {}", page.body));
            after.split('"').next().unwrap().to_owned()
        };
        let csrf = value("name=\"csrf\" value=\"");
        let answer = if person == Person::Agrees { "agree" } else { "refuse" };
        let form = {
            let mut form = form_urlencoded::Serializer::new(String::new());
            form.append_pair("csrf", &csrf).append_pair("answer", answer);
            if person == Person::Agrees {
                form.append_pair("person", &value("name=\"person\" value=\""));
            }
            form.finish()
        };
        let kind = [("Content-Type", "application/x-www-form-urlencoded")];
        let page = self.call("POST", &url, &kind, &form).await;
        let back =
            Url::parse(&page.location.unwrap_or_else(|| panic!("no way back: {}", page.body))).unwrap();
        let page = self.call("GET", &back, &[], "").await;
        assert!(page.status == 200 && page.body.contains("이 창을 닫고"), "{}", page.body);
    }
}

impl Pages for Browser {
    fn open(&self, page: &Url) -> Result<(), PageError> {
        self.inner.opened.lock().unwrap().push(page.clone());
        let waits = *self.inner.person.lock().unwrap() == Person::Waits;
        if page.path().starts_with("/authorize/") && !waits {
            let (browser, page) = (self.clone(), page.clone());
            tokio::spawn(async move { browser.consent(page).await });
        }
        Ok(())
    }

    fn await_redirect(&self) -> BoxFuture<'_, Result<Box<dyn PendingRedirect>, PageError>> {
        Box::pin(async {
            let never_comes = *self.inner.person.lock().unwrap() == Person::NeverComes;
            let limit = std::time::Duration::from_secs(if never_comes { 3 } else { 60 });
            Ok(Box::new(LoopbackRedirect::listen(limit).await?) as Box<dyn PendingRedirect>)
        })
    }
}
