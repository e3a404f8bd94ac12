// A program with a bit of everything. The build script puts deferred statements into it in each mode.

use std::collections::BTreeMap;
use std::fmt::{self, Display, Formatter, Write};

#[derive(Default)]
struct Log(String);

impl Log {
    fn add(&mut self, entry: impl Display) -> &mut Self {
        write!(self.0, "{entry};").unwrap();
        self
    }
}

struct Noisy<'l>(&'l mut Log, &'static str);

impl Drop for Noisy<'_> {
    fn drop(&mut self) {
        let Self(log, name) = self;
        log.add(format_args!("drop {name}"));
    }
}

#[derive(Debug, PartialEq)]
enum Token {
    Number(u32),
    Sign(char),
}

#[derive(Debug, PartialEq)]
enum Problem {
    Char(char),
    Ends,
}

impl Display for Problem {
    fn fmt(&self, f: &mut Formatter) -> fmt::Result {
        match self {
            Self::Char(char) => write!(f, "unexpected {char}"),
            Self::Ends => f.write_str("unexpected end"),
        }
    }
}

fn tokens(text: &str) -> Result<Vec<Token>, Problem> {
    let mut tokens = Vec::new();
    let mut chars = text.chars().peekable();
    'tokens: while let Some(char) = chars.next() {
        let mut number = match char {
            ' ' => continue 'tokens,
            '+' | '*' => {
                tokens.push(Token::Sign(char));
                continue;
            }
            '0'..='9' => char.to_digit(10).unwrap(),
            other => return Err(Problem::Char(other)),
        };
        while let Some(&next) = chars.peek() {
            let Some(digit) = next.to_digit(10) else { break };
            chars.next();
            number = number * 10 + digit;
        }
        tokens.push(Token::Number(number));
    }
    Ok(tokens)
}

trait Evaluate {
    fn product<'t>(&self, tokens: &'t [Token]) -> Result<(u32, &'t [Token]), Problem> {
        let (mut value, mut rest) = match tokens {
            [Token::Number(number), rest @ ..] => (*number, rest),
            _ => return Err(Problem::Ends),
        };
        while let [Token::Sign('*'), Token::Number(factor), more @ ..] = rest {
            value *= factor;
            rest = more;
        }
        Ok((value, rest))
    }

    fn sum(&self, text: &str) -> Result<u32, Problem>;
}

impl Evaluate for () {
    fn sum(&self, text: &str) -> Result<u32, Problem> {
        let tokens = tokens(text)?;
        let (mut sum, mut rest) = self.product(&tokens)?;
        while let Some((sign, more)) = rest.split_first() {
            if *sign != Token::Sign('+') {
                break;
            }
            let (value, more) = self.product(more)?;
            sum += value;
            rest = more;
        }
        Ok(sum)
    }
}

fn longest<'w>(words: &[&'w str]) -> Option<&'w str> {
    let (first, others) = words.split_first()?;
    let mut longest = *first;
    for word in others {
        if word.len() > longest.len() {
            longest = word;
        }
    }
    Some(longest)
}

fn counted<K: Ord, I>(items: I) -> impl Iterator<Item = (K, usize)>
where
    I: IntoIterator<Item = K>,
{
    let mut counts = BTreeMap::new();
    for item in items {
        *counts.entry(item).or_default() += 1;
    }
    counts.into_iter()
}

fn adder(by: u32) -> impl Fn(u32) -> u32 {
    let twice = {
        let once = by;
        once * 2
    };
    move |to| {
        let half = to / 2;
        half * 2 + to % 2 + twice
    }
}

fn first_square(log: &mut Log, above: u32) -> u32 {
    let found = 'search: {
        for n in 1..100u32 {
            let noisy = Noisy(log, "turn");
            if n * n > above {
                noisy.0.add("found");
                break 'search n * n;
            }
        }
        0
    };
    log.add(found);
    found
}

async fn doubled(log: &mut Log, n: u32) -> Result<u32, Problem> {
    let half = async {
        if n == 0 {
            return Err(Problem::Ends);
        }
        std::future::ready(()).await;
        Ok(n)
    };
    let n = half.await?;
    log.add("awaited");
    Ok(n * 2)
}

fn block_on<F: Future>(future: F) -> F::Output {
    let mut future = std::pin::pin!(future);
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    loop {
        if let std::task::Poll::Ready(output) = future.as_mut().poll(&mut context) {
            return output;
        }
    }
}

fn fails(log: &mut Log) {
    let noisy = Noisy(log, "unwound");
    assert!(noisy.1.len() != 7, "seven");
}

pub(crate) fn run() -> String {
    let mut log = Log::default();
    for text in ["1 + 2 * 3 + 40", "1 + x", "2 *", ""] {
        match ().sum(text) {
            Ok(sum) => log.add(sum),
            Err(problem) => log.add(problem),
        };
    }
    log.add(longest(&["a", "ccc", "bb"]).unwrap()).add(longest(&[]).is_none());
    for (letter, count) in counted("banana".chars()) {
        log.add(letter).add(count);
    }
    log.add(adder(2)(3));
    first_square(&mut log, 3);
    for n in [4, 0] {
        let result = block_on(doubled(&mut log, n));
        log.add(format_args!("{result:?}"));
    }
    let panic = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| fails(&mut log))).unwrap_err();
    log.add(panic.downcast_ref::<&str>().unwrap());
    log.0
}
