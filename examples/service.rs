//! A service that cleans up after itself: `cargo run --example service -- JOURNAL ADDRESS`.
//!
//! Each client sends it a line, which it writes into the journal and echoes. Its start-up has three steps, each in a
//! helper that also registers how to undo it. Those run last in first out when the service is told to stop (ctrl-c),
//! when a later step of the start-up fails (try an address that is in use), and when it panics (send it `panic`).

use std::env;
use std::error::Error;
use std::fs::File;
use std::io::{self, BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::ExitCode;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::Duration;

use with_defer::{DeferStack, defer, with_defer};

/// How long it waits for the line of a client, and a client that comes with nothing delays its end.
const PATIENCE: Duration = Duration::from_secs(1);

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [journal, address] = arguments.as_slice() else {
        eprintln!("usage: service JOURNAL ADDRESS");
        return ExitCode::from(2);
    };
    match run(journal, address) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("service: {error}");
            ExitCode::FAILURE
        }
    }
}

#[with_defer]
fn run(journal: &str, address: &str) -> Result<(), Box<dyn Error>> {
    defer!(println!("bye"));
    let (events, waiting) = mpsc::channel();
    let interrupt = events.clone();
    ctrlc::set_handler(move || drop(interrupt.send(Event::Stop)))?;
    let service = start(journal, address, events)?;
    service.serve(&waiting);
    Ok(())
}

enum Event {
    Client(TcpStream),
    Stop,
}

/// A running service. Whatever becomes of it, its end is the end of all that was started for it.
struct Service {
    lines: Sender<Line>,
    _shutdown: DeferStack<'static>,
}

enum Line {
    Text(String),
    End,
}

/// Starts everything, or nothing: an error drops the stack, which undoes what has been done so far.
fn start(journal: &str, address: &str, events: Sender<Event>) -> Result<Service, Box<dyn Error>> {
    let shutdown = DeferStack::new();
    let journal = open_journal(journal, &shutdown)?;
    let lines = start_writer(journal, &shutdown);
    listen(address, events, &shutdown)?;
    Ok(Service { lines, _shutdown: shutdown })
}

fn open_journal(path: &str, shutdown: &DeferStack<'static>) -> io::Result<Arc<File>> {
    let journal = Arc::new(File::create(path)?);
    println!("journal open");
    let file = Arc::clone(&journal);
    shutdown.push(move || match file.sync_all() {
        Ok(()) => println!("journal on the disk"),
        Err(error) => eprintln!("service: the journal may be incomplete: {error}"),
    });
    Ok(journal)
}

fn start_writer(journal: Arc<File>, shutdown: &DeferStack<'static>) -> Sender<Line> {
    let (sender, lines) = mpsc::channel();
    let writer = thread::spawn(move || write_lines(&journal, &lines));
    println!("writer started");
    let end = sender.clone();
    shutdown.push(move || {
        drop(end.send(Line::End));
        match writer.join() {
            Ok(Ok(count)) => println!("writer stopped after {count} lines"),
            Ok(Err(error)) => eprintln!("service: the writer failed: {error}"),
            Err(_) => eprintln!("service: the writer panicked"),
        }
    });
    sender
}

fn write_lines(mut journal: &File, lines: &Receiver<Line>) -> io::Result<usize> {
    let mut count = 0;
    while let Ok(Line::Text(line)) = lines.recv() {
        journal.write_all(line.as_bytes())?;
        count += 1;
    }
    Ok(count)
}

fn listen(address: &str, events: Sender<Event>, shutdown: &DeferStack<'static>) -> io::Result<()> {
    let listener = TcpListener::bind(address)?;
    let address = listener.local_addr()?;
    let stopping = Arc::new(AtomicBool::new(false));
    let stop = Arc::clone(&stopping);
    let acceptor = thread::spawn(move || {
        for client in listener.incoming().flatten() {
            if stopping.load(Ordering::SeqCst) || events.send(Event::Client(client)).is_err() {
                break;
            }
        }
    });
    println!("listening on {address}");
    shutdown.push(move || {
        stop.store(true, Ordering::SeqCst);
        // The acceptor waits for a client: this one makes it look.
        drop(TcpStream::connect(address));
        drop(acceptor.join());
        println!("listener closed");
    });
    Ok(())
}

impl Service {
    /// Serves one client after the other until it is told to stop.
    fn serve(&self, events: &Receiver<Event>) {
        while let Ok(Event::Client(client)) = events.recv() {
            if let Err(error) = self.answer(&client) {
                eprintln!("service: lost a client: {error}");
            }
        }
    }

    fn answer(&self, mut client: &TcpStream) -> Result<(), Box<dyn Error>> {
        client.set_read_timeout(Some(PATIENCE))?;
        let mut line = String::new();
        BufReader::new(client).read_line(&mut line)?;
        assert!(line.trim_end() != "panic", "a client asked for it");
        self.lines.send(Line::Text(line.clone()))?;
        client.write_all(line.as_bytes())?;
        Ok(())
    }
}
