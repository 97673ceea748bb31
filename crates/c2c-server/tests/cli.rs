//! The program as a user runs it: answers on standard output, exit code 0, 1 or 2.

#![expect(clippy::unwrap_used, reason = "a test may panic")]

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

/// A folder for one test, gone when the test ends.
struct Scratch(PathBuf);

impl Scratch {
    fn new(name: &str) -> Self {
        let path = std::env::temp_dir().join(format!("c2c-cli-{}-{name}", std::process::id()));
        let _ = std::fs::remove_dir_all(&path);
        std::fs::create_dir_all(&path).unwrap();
        Self(path)
    }

    fn write(&self, name: &str, text: &str) {
        std::fs::write(self.0.join(name), text).unwrap();
    }

    fn run(&self, line: &str) -> Output {
        self.run_with(line, "")
    }

    fn run_with(&self, line: &str, input: &str) -> Output {
        let mut child = c2c(&self.0, line).spawn().unwrap();
        let mut stdin = child.stdin.take().unwrap();
        // A program that does not read its input may have closed it.
        let _ = stdin.write_all(input.as_bytes());
        drop(stdin);
        child.wait_with_output().unwrap()
    }
}

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

fn c2c(folder: &Path, line: &str) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_c2c"));
    command
        .args(line.split_whitespace())
        .current_dir(folder)
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

fn out(output: &Output) -> String {
    String::from_utf8_lossy(&output.stdout).into_owned()
}

fn err(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn json(output: &Output) -> Value {
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", err(output)))
}

fn code(output: &Output) -> i32 {
    output.status.code().unwrap()
}

/// A program that is ended when the test is over.
/// A program that runs, and what it has still to say: it may go on printing.
struct Running(Child, Option<Lines>);

type Lines = std::io::Lines<BufReader<std::process::ChildStdout>>;

impl Drop for Running {
    fn drop(&mut self) {
        let _ = self.0.kill();
        let _ = self.0.wait();
    }
}

impl Running {
    fn start(folder: &Path, line: &str) -> Self {
        Self(c2c(folder, line).spawn().unwrap(), None)
    }

    /// The first line that starts so.
    fn line(&mut self, start: &str) -> String {
        let stdout = self.0.stdout.take().unwrap();
        let lines = self.1.insert(BufReader::new(stdout).lines());
        let line = lines.find(|line| line.as_ref().unwrap().starts_with(start));
        line.unwrap_or_else(|| {
            let mut text = String::new();
            let _ = self.0.stderr.take().unwrap().read_to_string(&mut text);
            panic!("no line {start}: {text}")
        })
        .unwrap()
    }

    /// Sends SIGTERM and waits.
    fn end(mut self) -> Option<i32> {
        let id = self.0.id().to_string();
        assert!(Command::new("kill").arg(id).status().unwrap().success());
        let since = Instant::now();
        loop {
            if let Some(status) = self.0.try_wait().unwrap() {
                return status.code();
            }
            assert!(since.elapsed() < Duration::from_secs(10), "it does not end");
            std::thread::sleep(Duration::from_millis(20));
        }
    }
}

#[test]
fn a_key_is_made_shown_and_never_overwritten() {
    let folder = Scratch::new("key");
    let made = folder.run("key new --json");
    assert_eq!(code(&made), 0);
    let key = json(&made)["public_key"].as_str().unwrap().to_owned();
    assert_eq!(out(&folder.run("key public")).trim(), key);
    let again = folder.run("key new");
    assert_eq!(code(&again), 1);
    assert!(err(&again).contains("is not overwritten"));
    assert_eq!(code(&folder.run("key public nothing.secret")), 1);
}

#[test]
fn derivation_agrees_with_the_specification() {
    let folder = Scratch::new("derive");
    folder.write(
        "my.secret",
        "Fgpva0RsUpfmbZuKc2UQAm26s2gcV04NFRJlhFJsmoA=\n",
    );
    assert!(
        Command::new("chmod")
            .arg("600")
            .arg(folder.0.join("my.secret"))
            .status()
            .unwrap()
            .success()
    );
    let line =
        "derive --secret-file my.secret --peer-key _K4lZSbMIXkfvPInzzC8-N5m7PTqSQyQS4R_HfEeRhU";
    let shown = folder.run(&format!("{line} --json"));
    assert_eq!(json(&shown)["prefix"], "peer.OR5Df.usd.9.");
    assert!(json(&shown)["token"].is_null());
    let revealed = json(&folder.run(&format!("{line} --reveal --json")));
    assert_eq!(
        revealed["token"],
        "ONWZhRCQzqnFeMepPoQSueaa64SeXnorOgdM1o2m6Gw"
    );
    let wrong = folder.run("derive --secret-file my.secret --peer-key AAAA");
    assert_eq!(code(&wrong), 2);
    assert!(err(&wrong).contains("not 32"));
}

#[test]
fn updates_are_validated_with_the_place_of_each_fault() {
    let folder = Scratch::new("validate");
    let good = r#"{"new_routes": [], "hold_down_time": 45000, "unreachable_through_me": []}"#;
    folder.write("good.json", good);
    assert_eq!(code(&folder.run("validate good.json")), 0);
    assert_eq!(code(&folder.run_with("validate -", good)), 0);
    let bad = folder.run_with(
        "validate - --json",
        r#"{"new_routes": [{}], "hold_down_time": 0}"#,
    );
    assert_eq!(code(&bad), 1);
    let errors = json(&bad)["errors"].as_array().unwrap().clone();
    assert!(
        errors
            .iter()
            .any(|error| error["path"].as_str().unwrap().starts_with("new_routes[0]"))
    );
    assert!(errors.iter().all(|error| error["line"] == 1));
    let asks = good.replace("}", r#", "request_full_table": true}"#);
    assert_eq!(code(&folder.run_with("validate -", &asks)), 0);
    assert_eq!(
        code(&folder.run_with("validate - --profile cited", &asks)),
        1
    );
    assert_eq!(code(&folder.run("validate missing.json")), 1);
    assert_eq!(code(&folder.run("validate")), 2);
}

#[test]
fn curves_are_merged_and_winners_named() {
    let folder = Scratch::new("merge");
    folder.write("small.json", r#"[["0","0"],["50","60"]]"#);
    folder.write("large.json", "[[0,0],[100,100]]");
    let merged = folder.run("merge small.json large.json --json");
    assert_eq!(code(&merged), 0, "{}", err(&merged));
    let merged = json(&merged);
    assert_eq!(merged["segments"][0]["winner"], "small.json");
    assert_eq!(merged["segments"].as_array().unwrap().len(), 2);
    folder.write("wire.txt", merged["base64"].as_str().unwrap());
    let again = json(&folder.run("merge wire.txt --json"));
    assert_eq!(again["points"], merged["points"]);
    folder.write("bad.json", "[[5,0],[1,0]]");
    assert_eq!(code(&folder.run("merge bad.json")), 2);
}

#[test]
fn settings_are_explained_and_mistakes_named() {
    let folder = Scratch::new("config");
    folder.write(
        "c2c.toml",
        "url = \"https://wallet1.example\"\ntitle = \"One\"\n",
    );
    let explained = json(&folder.run("config explain --config c2c.toml --set title=Two --json"));
    let title = explained
        .as_array()
        .unwrap()
        .iter()
        .find(|one| one["key"] == "title")
        .unwrap();
    assert_eq!(
        (&title["value"], &title["source"]),
        (&"Two".into(), &"flag".into())
    );
    let incomplete = folder.run("config explain --json");
    assert_eq!(code(&incomplete), 2, "no server could start with that");
    assert!(err(&incomplete).contains("url is missing"));
    let all = json(&incomplete).as_array().unwrap().len();
    assert_eq!(all, explained.as_array().unwrap().len());
    folder.write("wrong.toml", "lisen = \"127.0.0.1:1\"\n");
    let wrong = folder.run("serve --config wrong.toml");
    assert_eq!(code(&wrong), 2);
    assert!(err(&wrong).contains("Did you mean \"listen\"?"));
    let first = folder.run("serve");
    assert_eq!(code(&first), 2);
    assert!(err(&first).contains("c2c key new"));
    let no_secret = folder.run("serve --config c2c.toml");
    assert_eq!(code(&no_secret), 1);
    assert!(err(&no_secret).contains("c2c key new --out"));
}

#[test]
fn shells_are_told_what_completes() {
    let folder = Scratch::new("completions");
    for shell in ["bash", "zsh", "fish", "elvish", "powershell"] {
        let told = folder.run(&format!("completions {shell}"));
        assert_eq!(code(&told), 0, "{}", err(&told));
        for word in ["serve", "reconcile", "admin-token-file"] {
            assert!(out(&told).contains(word), "{shell} is not told {word}");
        }
    }
    assert_eq!(code(&folder.run("completions cmd")), 2);
    // What bash itself makes of it.
    let script = "source <(\"$0\" completions bash); COMP_WORDS=(c2c config ex); COMP_CWORD=2; \
                  _c2c c2c ex config; echo \"${COMPREPLY[@]}\"";
    let bash = Command::new("bash")
        .args(["-c", script, env!("CARGO_BIN_EXE_c2c")])
        .output()
        .unwrap();
    assert_eq!(out(&bash).trim(), "explain", "{}", err(&bash));
}

#[test]
fn a_server_is_operated_by_commands_and_ends_on_a_signal() {
    let folder = Scratch::new("serve");
    assert_eq!(code(&folder.run("key new")), 0);
    let line = "serve --url https://wallet1.example --listen 127.0.0.1:0";
    let mut server = Running::start(&folder.0, line);
    let listening = server.line("listening: ");
    let url = listening
        .strip_prefix("listening: ")
        .unwrap()
        .trim_end_matches('/');
    let peers = folder.run(&format!("peer list --server {url}"));
    assert_eq!(code(&peers), 0, "{}", err(&peers));
    assert!(out(&peers).contains("No peers yet"));
    let routes = folder.run(&format!("routes --server {url} --json"));
    assert_eq!(json(&routes)["routes"], Value::Array(Vec::new()));
    let added = folder.run(&format!(
        "peer add wallet1.example --limit 10 --server {url} --json"
    ));
    assert_eq!(code(&added), 1);
    assert!(err(&added).contains("HOST_SELF"));
    let gone = folder.run(&format!("peer remove peer.x.usd.9. --server {url}"));
    assert_eq!(code(&gone), 1);
    assert!(err(&gone).contains("UNKNOWN_PEER"));
    let condition = "Zmh6rfhivXdsj8GLjp-OIAiXFIVu4jOzkCpZHQ1fKSU";
    for (line, id) in [
        (
            "account open example.green. alice --balance 5",
            "UNKNOWN_LEDGER",
        ),
        ("invoice example.green.alice 5", "UNKNOWN_ACCOUNT"),
        (
            "quote example.green. g.x.y --source-amount 5",
            "UNKNOWN_LEDGER",
        ),
        (
            "pay example.green.alice g.x.y 5 --condition short",
            "CONDITION_FORMAT",
        ),
        (
            &*format!("pay example.green.alice g.x.y 5 --condition {condition}"),
            "UNKNOWN_ACCOUNT",
        ),
    ] {
        let refused = folder.run(&format!("{line} --server {url} --json"));
        assert_eq!(code(&refused), 1, "{line}");
        let body: Value = serde_json::from_slice(&refused.stderr).unwrap();
        assert_eq!(body["id"], id, "{line}");
    }
    let record = folder.run("record print --url https://wallet1.example");
    assert_eq!(json(&record)["subject"], "https://wallet1.example");
    assert_eq!(server.end(), Some(0));
    let down = folder.run(&format!("peer list --server {url}"));
    assert_eq!(code(&down), 1);
    assert!(err(&down).contains("does not answer"));
}

#[test]
fn the_demo_shows_its_dashboard_and_leaves_nothing() {
    let folder = Scratch::new("demo");
    let since = Instant::now();
    let mut demo = Running::start(&folder.0, "demo");
    let line = demo.line("dashboard: ");
    let took = since.elapsed();
    assert!(
        line.starts_with("dashboard: http://127.0.0.1:") && line.ends_with('/'),
        "{line}"
    );
    assert!(took < Duration::from_secs(20), "{took:?}");
    assert!(folder.0.join("target/demo/alder/c2c.db").exists());
    assert_eq!(demo.end(), Some(0));
    assert!(!folder.0.join("target/demo").exists());
}

/// A server on loopback, whose peers may be there too.
fn on_loopback(name: &str) -> (Scratch, Running, String) {
    let folder = Scratch::new(name);
    assert_eq!(code(&folder.run("key new")), 0);
    let socket = std::net::TcpListener::bind("127.0.0.1:0").unwrap();
    let address = socket.local_addr().unwrap();
    drop(socket);
    let url = format!("http://{address}");
    let line = format!("serve --url {url} --listen {address} --set allow_loopback_http=true");
    let mut server = Running::start(&folder.0, &line);
    server.line("listening: ");
    (folder, server, url)
}

/// Writes a file that only its owner may read.
fn private(folder: &Scratch, name: &str, text: &str) {
    folder.write(name, text);
    let path = folder.0.join(name);
    let closed = Command::new("chmod").arg("600").arg(path).status().unwrap();
    assert!(closed.success());
}

fn peers_of(folder: &Scratch, url: &str) -> Vec<Value> {
    let list = json(&folder.run(&format!("peer list --server {url} --json")));
    list["peers"].as_array().unwrap().clone()
}

#[test]
fn two_operators_peer_by_letters() {
    let (here, _one, mine) = on_loopback("invite");
    let (there, _other, yours) = on_loopback("accept");
    let offer = here.run(&format!(
        "peer invite --currency usd --limit 100 --keep kept --out offer.json --server {mine} --json"
    ));
    assert_eq!(code(&offer), 0, "{}", err(&offer));
    let offer = json(&offer);
    let link = offer["link"].as_str().unwrap();
    let prefix = offer["letter"]["prefix"].as_str().unwrap().to_owned();
    assert!(prefix.starts_with("peer.") && prefix.ends_with(".usd.9."));
    // The token goes another way: here the operator reads it out of what was kept.
    let kept: Value = serde_json::from_slice(&std::fs::read(here.0.join("kept")).unwrap()).unwrap();
    let token = kept["token"].as_str().unwrap().to_owned();
    assert!(!offer.to_string().contains(&token));

    // The other refuses first, then offers other terms, then agrees.
    let no = there.run(&format!(
        "peer accept {link} --refuse later --server {yours} --json"
    ));
    assert_eq!(code(&no), 0, "{}", err(&no));
    let no = json(&no)["link"].as_str().unwrap().to_owned();
    let heard = here.run(&format!("peer accept {no} --server {mine} --json"));
    assert_eq!(json(&heard)["reason"], "later");
    let counter = there.run(&format!(
        "peer accept {link} --counter --scale 6 --limit 50 --keep countered --server {yours} --json"
    ));
    assert_eq!(code(&counter), 0, "{}", err(&counter));
    let counter = json(&counter);
    assert_eq!(counter["letter"]["c2c"], "counter");
    assert_eq!(counter["letter"]["scale"], 6);
    assert!(peers_of(&there, &yours).is_empty(), "nothing is agreed yet");

    let early = there.run(&format!("peer accept {link} --limit 50 --server {yours}"));
    assert_eq!(code(&early), 2);
    assert!(err(&early).contains("--token-file"), "{}", err(&early));
    private(&there, "their.token", &token);
    let agreed = there.run(&format!(
        "peer accept {link} --limit 50 --token-file their.token --with-token --keep agreed --out answer.json --server {yours} --json"
    ));
    assert_eq!(code(&agreed), 0, "{}", err(&agreed));
    let facts = json(&agreed)["facts"].clone();
    assert_eq!(facts["prefix"], prefix.as_str());

    let lost = here.run(&format!("peer accept {link}x --limit 1 --server {mine}"));
    assert!(err(&lost).contains("INVITE_DAMAGED"), "{}", err(&lost));
    private(
        &here,
        "answer.json",
        &std::fs::read_to_string(there.0.join("answer.json")).unwrap(),
    );
    let unnamed = here.run(&format!("peer accept answer.json --server {mine}"));
    assert!(err(&unnamed).contains("--invitation"));
    let done = here.run(&format!(
        "peer accept answer.json --invitation kept --server {mine} --json"
    ));
    assert_eq!(code(&done), 0, "{}", err(&done));
    let back = json(&done)["facts"].clone();
    // The six facts: three the same, the others crossed.
    for same in ["prefix", "code", "scale"] {
        assert_eq!(facts[same], back[same], "{same}");
    }
    assert_eq!(
        facts["token_send_fingerprint"],
        back["token_accept_fingerprint"]
    );
    assert_eq!(
        facts["token_accept_fingerprint"],
        back["token_send_fingerprint"]
    );
    assert_eq!(facts["endpoint"], format!("{mine}/rpc"));
    assert_eq!(back["endpoint"], format!("{yours}/rpc"));

    let check = |folder: &Scratch, url: &str| {
        let check = json(&folder.run(&format!("peer check {prefix} --server {url} --json")));
        let steps = check["steps"].as_array().unwrap().clone();
        steps.iter().find(|step| step["name"] == "auth").unwrap()["ok"].clone()
    };
    assert_eq!(
        (check(&here, &mine), check(&there, &yours)),
        (true.into(), true.into())
    );
    let compared = here.run(&format!("peer reconcile {prefix} --server {mine} --json"));
    assert_eq!(code(&compared), 0, "{}", out(&compared));
    assert_eq!(json(&compared)["difference"], "0");
    let again = there.run(&format!(
        "peer accept {link} --limit 50 --token-file their.token --keep again --server {yours}"
    ));
    assert!(err(&again).contains("DUPLICATE"), "{}", err(&again));
    assert!(
        !there.0.join("again").exists(),
        "nothing is left of what failed"
    );

    // By the host records: the letters carry no secret, and both sides end with the same.
    let offer = here.run(&format!(
        "peer invite --webfinger --currency EUR --limit 7 --keep web --server {mine} --json"
    ));
    let link = json(&offer)["link"].as_str().unwrap().to_owned();
    let agreed = there.run(&format!(
        "peer accept {link} --limit 7 --server {yours} --json"
    ));
    assert_eq!(code(&agreed), 0, "{}", err(&agreed));
    let answer = json(&agreed)["link"].as_str().unwrap().to_owned();
    let done = here.run(&format!(
        "peer accept {answer} --invitation web --server {mine} --json"
    ));
    assert_eq!(code(&done), 0, "{}", err(&done));
    assert_eq!(
        json(&done)["facts"]["prefix"],
        json(&agreed)["facts"]["prefix"]
    );
    assert_eq!(peers_of(&here, &mine).len(), 2);
}
