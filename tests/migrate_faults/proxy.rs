//! Between a client and a server: reads what the client asks for, and stops one of the two at one of its questions.

use std::collections::{BTreeMap, BTreeSet, VecDeque};
use std::io::{self, Read, Write};
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Output};
use std::sync::atomic::{AtomicBool, AtomicI32, Ordering};
use std::sync::{Arc, Condvar, Mutex};
use std::thread;
use std::time::Duration;

use postgres::{Client, NoTls};

use super::support::Cluster;

/// Who is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Victim {
    /// The program, by SIGKILL.
    Process,
    /// Its session in the server.
    Backend,
    /// The server with all its sessions.
    Server,
}

/// When somebody is stopped.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    /// As soon as the server has the question.
    Asked,
    /// When its answer is there, which the client never gets. No question leaves before the one ahead of it is answered: a server
    /// that is stopped while it is at the next one may do that one or not.
    Answered,
}

/// One victim, stopped at each question that is ever asked, once.
pub struct Faults {
    victim: Victim,
    when: When,
    cluster: Arc<Cluster>,
    met: Mutex<BTreeSet<Question>>,
}

/// What the server is asked, a query with the values of its parameters, and what it was asked before: one COMMIT is not another.
type Question = Vec<u8>;

impl Faults {
    pub fn new(victim: Victim, when: When, cluster: &Arc<Cluster>) -> Arc<Self> {
        Arc::new(Self {
            victim,
            when,
            cluster: Arc::clone(cluster),
            met: Mutex::default(),
        })
    }

    /// How many there were.
    pub fn count(&self) -> usize {
        self.met.lock().unwrap().len()
    }

    /// Whether somebody was stopped at a statement.
    pub fn have_met(&self, statement: &str) -> bool {
        let met = self.met.lock().unwrap();
        let mut met = met.iter().map(|question| String::from_utf8_lossy(question));
        met.any(|question| question.contains(statement))
    }
}

/// A socket that leads to the server, for one run of the program.
pub struct Proxy {
    /// For the client.
    pub url: String,
    shared: Arc<Shared>,
    folder: tempfile::TempDir,
}

/// Its thread ends with it.
impl Drop for Proxy {
    fn drop(&mut self) {
        self.shared.over.store(true, Ordering::SeqCst);
        // What wakes it is only that somebody comes.
        let _ = UnixStream::connect(socket(self.folder.path()));
    }
}

fn socket(folder: &Path) -> PathBuf {
    folder.join(".s.PGSQL.5432")
}

struct Shared {
    server: String,
    socket: String,
    faults: Arc<Faults>,
    backend: AtomicI32,
    struck: AtomicBool,
    over: AtomicBool,
    child: Mutex<Option<Child>>,
    there: Condvar,
}

impl Proxy {
    pub fn start(server: &str, faults: &Arc<Faults>) -> Self {
        let folder = tempfile::Builder::new()
            .prefix("specqlc-proxy-")
            .tempdir_in("/tmp")
            .unwrap();
        let (start, host) = server.split_once("?host=").unwrap();
        let listener = UnixListener::bind(socket(folder.path())).unwrap();
        let shared = Arc::new(Shared {
            server: server.to_owned(),
            socket: format!("{host}/.s.PGSQL.5432"),
            faults: Arc::clone(faults),
            backend: AtomicI32::new(0),
            struck: AtomicBool::new(false),
            over: AtomicBool::new(false),
            child: Mutex::new(None),
            there: Condvar::new(),
        });
        let of_thread = shared.clone();
        thread::spawn(move || {
            for (number, client) in listener.incoming().enumerate() {
                if of_thread.over.load(Ordering::SeqCst) {
                    return;
                }
                let shared = of_thread.clone();
                // Only the first connection runs migrations; others look on.
                thread::spawn(move || relay(client.unwrap(), &shared, number == 0));
            }
        });
        Self {
            url: format!("{start}?sslmode=disable&host={}", folder.path().display()),
            shared,
            folder,
        }
    }

    /// Waits for the client, which may be killed meanwhile; and whether somebody was stopped.
    pub fn wait(&self, mut child: Child) -> (Output, bool) {
        let (mut out, mut err) = (child.stdout.take().unwrap(), child.stderr.take().unwrap());
        *self.shared.child.lock().unwrap() = Some(child);
        self.shared.there.notify_all();
        let (mut stdout, mut stderr) = (Vec::new(), Vec::new());
        out.read_to_end(&mut stdout).unwrap();
        err.read_to_end(&mut stderr).unwrap();
        let mut child = self.shared.child.lock().unwrap();
        let output = Output {
            status: child.as_mut().unwrap().wait().unwrap(),
            stdout,
            stderr,
        };
        (output, self.shared.struck.load(Ordering::SeqCst))
    }
}

impl Shared {
    /// Stops the victim, unless that was done at this question before.
    fn strike(&self, question: &Question, when: When) -> bool {
        if self.faults.when != when || !self.faults.met.lock().unwrap().insert(question.clone()) {
            return false;
        }
        self.struck.store(true, Ordering::SeqCst);
        match self.faults.victim {
            Victim::Process => {
                let child = self.child.lock().unwrap();
                let waited = self
                    .there
                    .wait_timeout_while(child, Duration::from_secs(10), |c| c.is_none());
                waited.unwrap().0.as_mut().unwrap().kill().unwrap();
            }
            Victim::Backend => {
                let pid = self.backend.load(Ordering::SeqCst);
                let mut client = Client::connect(&self.server, NoTls).unwrap();
                client
                    .execute("SELECT pg_terminate_backend($1)", &[&pid])
                    .unwrap();
            }
            Victim::Server => self.faults.cluster.stop_immediately(),
        }
        true
    }
}

fn relay(client: UnixStream, shared: &Arc<Shared>, counted: bool) {
    // The one that looks on may come when there is no server any more.
    let Ok(server) = UnixStream::connect(&shared.socket) else {
        return;
    };
    let asked: Arc<Waiting> = Arc::default();
    let back = {
        let (mut from, to) = (server.try_clone().unwrap(), client.try_clone().unwrap());
        let (shared, asked) = (shared.clone(), asked.clone());
        thread::spawn(move || {
            let (mut to, _over) = (End(to), Over(&asked));
            let _ = answers(&mut from, &mut to.0, counted.then_some((&*shared, &*asked)));
        })
    };
    let (mut from, mut to) = (client, End(server));
    let _ = questions(
        &mut from,
        &mut to.0,
        counted.then_some((&**shared, &*asked)),
    );
    drop(to);
    back.join().unwrap();
}

/// An end that hangs up when its thread is done with it, or has panicked: the other side would wait for ever.
struct End(UnixStream);

impl Drop for End {
    fn drop(&mut self) {
        let _ = self.0.shutdown(std::net::Shutdown::Both);
    }
}

/// What waits for its answer.
#[derive(Default)]
struct Waiting {
    state: Mutex<(VecDeque<Question>, bool)>,
    changed: Condvar,
}

impl Waiting {
    fn push(&self, question: Question) {
        self.state.lock().unwrap().0.push_back(question);
    }

    fn first(&self) -> Option<Question> {
        self.state.lock().unwrap().0.front().cloned()
    }

    /// The first one is answered.
    fn pop(&self) {
        self.state.lock().unwrap().0.pop_front();
        self.changed.notify_all();
    }

    /// No answer comes any more.
    fn over(&self) {
        self.state.lock().unwrap().1 = true;
        self.changed.notify_all();
    }

    /// Waits until all is answered; `false` where it never will be.
    fn answered(&self) -> bool {
        let state = self.state.lock().unwrap();
        let waited = self
            .changed
            .wait_while(state, |(questions, over)| !questions.is_empty() && !*over);
        !waited.unwrap().1
    }
}

/// No answer comes when the thread that waits for them is done, or has panicked.
struct Over<'w>(&'w Waiting);

impl Drop for Over<'_> {
    fn drop(&mut self) {
        self.0.over();
    }
}

/// Who counts, and what waits for its answer.
type Counted<'s> = Option<(&'s Shared, &'s Waiting)>;

fn questions(from: &mut UnixStream, to: &mut UnixStream, counted: Counted<'_>) -> io::Result<()> {
    // The first message has no kind.
    let start = body(from)?;
    to.write_all(&start)?;
    let mut queries = BTreeMap::new();
    let (mut before, mut now) = (Question::new(), Question::new());
    loop {
        let (kind, message) = message(from)?;
        now.extend(asked(kind, &message[5..], &mut queries));
        // A query, or the end of a row of messages that is one.
        let (Some((shared, waiting)), b'Q' | b'S') = (counted, kind) else {
            to.write_all(&message)?;
            continue;
        };
        let question = [&before[..], b" | ", &now].concat();
        before = std::mem::take(&mut now);
        if shared.faults.when == When::Answered && !waiting.answered() {
            return hushed(from);
        }
        waiting.push(question.clone());
        to.write_all(&message)?;
        if shared.strike(&question, When::Asked) {
            return hushed(from);
        }
    }
}

/// Who dies slowly is asked nothing more.
fn hushed(from: &mut UnixStream) -> io::Result<()> {
    io::copy(from, &mut io::sink()).map(drop)
}

/// What of a message is the same in every run: names of prepared statements are not.
fn asked(kind: u8, body: &[u8], queries: &mut BTreeMap<Vec<u8>, Vec<u8>>) -> Vec<u8> {
    let mut parts = body.splitn(3, |byte| *byte == 0).map(<[u8]>::to_vec);
    let mut part = || parts.next().unwrap_or_default();
    match kind {
        b'Q' => part(),
        b'P' => {
            let (name, query) = (part(), part());
            queries.insert(name, query.clone());
            [b"prepare ", &query[..]].concat()
        }
        b'B' => {
            let (_portal, name, values) = (part(), part(), part());
            [
                &queries.get(&name).cloned().unwrap_or_default()[..],
                &values,
            ]
            .concat()
        }
        _ => vec![kind],
    }
}

fn answers(from: &mut UnixStream, to: &mut UnixStream, counted: Counted<'_>) -> io::Result<()> {
    let mut answer = Vec::new();
    loop {
        let (kind, message) = message(from)?;
        answer.extend_from_slice(&message);
        if let Some((shared, waiting)) = counted {
            if kind == b'K' {
                let pid = i32::from_be_bytes(message[5..9].try_into().unwrap());
                shared.backend.store(pid, Ordering::SeqCst);
            }
            // An answer comes as a whole, or not at all.
            if kind != b'Z' {
                continue;
            }
            if let Some(question) = waiting.first() {
                if shared.strike(&question, When::Answered) {
                    waiting.over();
                    continue;
                }
                waiting.pop();
            }
        }
        to.write_all(&answer)?;
        answer.clear();
    }
}

/// A message with its kind and length.
fn message(from: &mut UnixStream) -> io::Result<(u8, Vec<u8>)> {
    let mut kind = [0];
    from.read_exact(&mut kind)?;
    let mut message = vec![kind[0]];
    message.extend(body(from)?);
    Ok((kind[0], message))
}

/// A length and what it counts.
fn body(from: &mut UnixStream) -> io::Result<Vec<u8>> {
    let mut length = [0; 4];
    from.read_exact(&mut length)?;
    let mut body = length.to_vec();
    body.resize(usize::try_from(u32::from_be_bytes(length)).unwrap(), 0);
    from.read_exact(&mut body[4..])?;
    Ok(body)
}
