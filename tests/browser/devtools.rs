//! A headless Chromium, spoken to over its DevTools protocol: as much of it as looking at a page needs.
//!
//! Every command is answered or the test fails after a while; what the page says meanwhile is kept.

use std::io::{BufRead, BufReader};
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::tungstenite::Message;
use tokio_tungstenite::tungstenite::protocol::WebSocketConfig;
use tokio_tungstenite::{WebSocketStream, client_async_with_config};

/// No command takes so long unless the browser hangs.
const PATIENCE: Duration = Duration::from_secs(120);

pub(crate) struct Browser {
    process: Child,
    profile: PathBuf,
    url: String,
}

impl Browser {
    /// Starts what `WIREPROOF_CHROMIUM` names, or `chromium`.
    pub(crate) fn start() -> Browser {
        let program = std::env::var("WIREPROOF_CHROMIUM").unwrap_or_else(|_| "chromium".into());
        let name = format!("browser-{:?}", std::thread::current().id());
        let name: String = name.chars().filter(|c| c.is_ascii_alphanumeric()).collect();
        let profile = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
        let _ = std::fs::remove_dir_all(&profile);
        let mut process = Command::new(&program)
            .args([
                "--headless",
                "--no-sandbox",
                "--disable-gpu",
                "--no-first-run",
            ])
            .args([
                "--disable-background-networking",
                "--disable-component-update",
            ])
            .args([
                "--disable-sync",
                "--disable-dev-shm-usage",
                "--remote-debugging-port=0",
            ])
            .arg(format!("--user-data-dir={}", profile.display()))
            .arg("about:blank")
            .stderr(Stdio::piped())
            .spawn()
            .unwrap_or_else(|error| panic!("{program} does not start: {error}"));
        let said = BufReader::new(process.stderr.take().expect("piped"));
        let mut lines = said.lines().map_while(Result::ok);
        let url = lines.find_map(|line| {
            line.strip_prefix("DevTools listening on ")
                .map(str::to_owned)
        });
        // Whatever else it has to say must not fill the pipe.
        std::thread::spawn(move || lines.for_each(drop));
        Browser {
            process,
            profile,
            url: url.expect("the browser says where it listens"),
        }
    }

    pub(crate) async fn page(&self) -> Page {
        let host = self.url.trim_start_matches("ws://").split('/').next();
        let stream = TcpStream::connect(host.expect("an address"))
            .await
            .expect("it listens");
        let limits = WebSocketConfig::default()
            .max_message_size(None)
            .max_frame_size(None);
        let (socket, _) = client_async_with_config(&self.url, stream, Some(limits))
            .await
            .expect("it speaks WebSocket");
        let mut page = Page {
            socket,
            session: None,
            last: 0,
            said: Vec::new(),
        };
        let target = page
            .ask("Target.createTarget", json!({ "url": "about:blank" }))
            .await;
        let attach = json!({ "targetId": target["targetId"], "flatten": true });
        let session = page.ask("Target.attachToTarget", attach).await;
        page.session = session["sessionId"].as_str().map(str::to_owned);
        for domain in ["Page", "Runtime", "Log", "Network"] {
            page.ask(&format!("{domain}.enable"), json!({})).await;
        }
        page
    }
}

impl Drop for Browser {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
        let _ = std::fs::remove_dir_all(&self.profile);
    }
}

/// How a page is looked at.
#[derive(Clone, Copy, Debug)]
pub(crate) struct View {
    pub(crate) width: u32,
    pub(crate) dark: bool,
    pub(crate) script: bool,
}

/// One tab.
pub(crate) struct Page {
    socket: WebSocketStream<TcpStream>,
    session: Option<String>,
    last: u64,
    /// The events since the page was opened.
    said: Vec<Value>,
}

impl Page {
    pub(crate) async fn open(&mut self, url: &str, view: View) {
        let scheme = if view.dark { "dark" } else { "light" };
        let metrics =
            json!({ "width": view.width, "height": 900, "deviceScaleFactor": 1, "mobile": false });
        self.ask("Emulation.setDeviceMetricsOverride", metrics)
            .await;
        let media = json!({ "features": [{ "name": "prefers-color-scheme", "value": scheme }] });
        self.ask("Emulation.setEmulatedMedia", media).await;
        let script = json!({ "value": !view.script });
        self.ask("Emulation.setScriptExecutionDisabled", script)
            .await;
        self.said.clear();
        let gone = self.ask("Page.navigate", json!({ "url": url })).await;
        assert_eq!(gone["errorText"], Value::Null, "{url}");
        while !self
            .said
            .iter()
            .any(|event| event["method"] == "Page.loadEventFired")
        {
            let message = self.next().await;
            self.said.push(message);
        }
    }

    /// The value of an expression in the page, awaited where it is a promise.
    pub(crate) async fn value(&mut self, expression: &str) -> Value {
        let ask = json!({ "expression": expression, "returnByValue": true, "awaitPromise": true, "userGesture": true });
        let answer = self.ask("Runtime.evaluate", ask).await;
        assert_eq!(answer["exceptionDetails"], Value::Null, "{expression}");
        answer["result"]["value"].clone()
    }

    /// Whether an expression comes true within so many looks, each a round trip to the browser.
    pub(crate) async fn soon(&mut self, expression: &str) -> bool {
        for _ in 0..500 {
            if self.value(expression).await == true {
                return true;
            }
        }
        false
    }

    /// Clicks in the middle of what a selector finds first, as a person does.
    pub(crate) async fn click(&mut self, selector: &str) {
        let place = format!(
            "(() => {{ const e = document.querySelector({selector:?}); e.scrollIntoView({{ block: 'center' }}); \
             const r = e.getBoundingClientRect(); return [r.x + r.width / 2, r.y + r.height / 2]; }})()"
        );
        let place = self.value(&place).await;
        for kind in ["mousePressed", "mouseReleased"] {
            let mouse = json!({ "type": kind, "x": place[0], "y": place[1], "button": "left", "clickCount": 1 });
            self.ask("Input.dispatchMouseEvent", mouse).await;
        }
    }

    pub(crate) async fn key(&mut self, key: &str, code: u32) {
        for kind in ["keyDown", "keyUp"] {
            let text = match (kind, key) {
                ("keyDown", "Enter") => "\r",
                ("keyDown", key) if key.len() == 1 => key,
                _ => "",
            };
            let key =
                json!({ "type": kind, "key": key, "text": text, "windowsVirtualKeyCode": code });
            self.ask("Input.dispatchKeyEvent", key).await;
        }
    }

    pub(crate) async fn types(&mut self, text: &str) {
        self.ask("Input.insertText", json!({ "text": text })).await;
    }

    /// What the page wrote to the console, threw, opened as a dialogue, or loaded besides itself.
    pub(crate) fn complaints(&self) -> Vec<&Value> {
        let methods = [
            "Runtime.consoleAPICalled",
            "Runtime.exceptionThrown",
            "Log.entryAdded",
            "Page.javascriptDialogOpening",
        ];
        let complains = |event: &&Value| {
            let request = &event["params"]["request"]["url"];
            event["method"]
                .as_str()
                .is_some_and(|method| methods.contains(&method))
                || (event["method"] == "Network.requestWillBeSent"
                    && event["params"]["type"] != "Document"
                    && request.as_str() != Some(""))
        };
        self.said.iter().filter(complains).collect()
    }

    pub(crate) async fn ask(&mut self, method: &str, params: Value) -> Value {
        self.last += 1;
        let mut ask = json!({ "id": self.last, "method": method, "params": params });
        if let Some(session) = &self.session {
            ask["sessionId"] = json!(session);
        }
        let text = Message::text(ask.to_string());
        self.socket.send(text).await.expect("the browser is there");
        loop {
            let mut message = self.next().await;
            if message["id"] == self.last {
                assert_eq!(message["error"], Value::Null, "{method}");
                return message["result"].take();
            }
            // Nothing would go on behind an open dialogue.
            assert_ne!(
                message["method"], "Page.javascriptDialogOpening",
                "{message}"
            );
            self.said.push(message);
        }
    }

    async fn next(&mut self) -> Value {
        let message = tokio::time::timeout(PATIENCE, self.socket.next()).await;
        let message = message.expect("the browser answers in time");
        let message = message.expect("the browser is there").expect("a message");
        serde_json::from_str(message.to_text().expect("text")).expect("JSON")
    }
}
