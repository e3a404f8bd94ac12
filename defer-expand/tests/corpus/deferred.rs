// Functions that defer in every place and form. They are read, never compiled.

fn call_forms(mut file: File, rows: &mut [Row], at: usize) -> io::Result<u8> {
    defer!(f());
    defer!(m::f(1, "a", 'b', -1, at, at + 1, file, &file, &mut file, &rows[at].name, &mut *rows[0].cells[at + 1]));
    defer!(file.close());
    defer!(self.log.flush(at));
    defer!((*file).close());
    defer!((&mut file).close());
    defer!(rows[at].cells[f(at)].close(g(at)));
    defer!(trace("f")());
    defer!(trace("f")(1)(2));
    defer!((self.cleanup)(1));
    defer!(f(&format!("{at}"), &mut Vec::<u8>::new(), &S { a: 1 }));
    defer!(f(|x| x + at, move || at, || {}, async { at }.await));
    defer!((|| file.close())());
    defer!((move |x| drop(x))(file));
    defer!(unsafe { free(at) });
    defer!(unsafe { free(at)? });
    defer!(file.sync_all()?);
    defer!(file.sync_all().await?);
    defer!(f(g()?, h().await, { return Ok(1) }));
    defer!(<u8 as Trait>::f::<u8>(1));
    defer!(Vec::<u8>::new());
    defer!(file.f::<u8, { 1 }>(2));
    defer!(println!("{at}"));
    defer!(std::eprintln!("end"));
    defer!(print!());
    defer!(f(1,));
    defer!(f(a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p, q, r, s, t));
    defer!(r#match(r#type));
    defer!(((f))((1)));
    defer![f()];
    with_defer::defer!(f());
    ::with_defer::defer!(f());
    Ok(1)
}

fn block_forms(mut file: File, at: usize) -> Result<u8, Error> {
    defer! { f() }
    defer! { f(); };
    defer!({ f() });
    defer!({
        f();
        g()
    });
    defer! {}
    defer! { ; }
    defer! {
        if at > 1 {
            return;
        }
        for i in 0.. {
            if i > at { break }
            continue;
        }
        'a: loop {
            break 'a;
        }
        let x = 'b: { break 'b 1 };
        while let Some(x) = file.next() {
            if x { continue } else { break }
        }
    }
    defer! {
        file.sync_all()?;
        g().await?;
        let f = || { h()?; Some(1) };
        let g = async { h()?; Some(1) };
    }
    defer! {
        use a::b;
        fn f() { return; }
        let x;
        x = 1;
        if let Some(panic) = recover!() {
            println!("{panic} {:?}", recover!());
        }
        match recover!() { Some(x) => log(x), None => {} }
    }
    defer_on_success!(file.commit()?);
    defer_on_failure! { file.roll_back() }
    defer_on_panic!(f(at));
    let recovered = 1;
    Ok(recovered)
}

fn frames(jobs: &[Job]) -> impl Fn(&str) -> usize + '_ {
    defer! {
        a();
        defer! {
            b();
            defer!(c());
            d()
        }
        let run = |x| {
            defer!(e(x));
            defer! { recover!(); }
            x + 1
        };
        run(1);
    }
    let run = |job: &Job| -> usize {
        defer! { job.close() }
        if job.done { return 0 }
        job.run()
    };
    let task = async move {
        defer!(f().await);
        defer! { g().await }
        h().await?;
        Ok(1)
    };
    let nested = move || { defer!(a()); || { defer!(b()); || { defer!(c()); 1 } } };
    let bare = || defer!(a());
    call(|| { defer!(a()); b() }, || { defer!(c()); });
    (|| { defer!(a()); })();
    for x in (|| { defer!(a()); 1..2 })() {}
    move |text| {
        defer!(log(text));
        text.len()
    }
}

fn nested(mut log: Log, jobs: Vec<Job>, c: bool) -> u8 {
    if c {
        defer!(a(1));
        b();
    } else if let Some(x) = d() && x > 1 {
        let mut file = open(x);
        defer! { file.close(); log.write(x) }
        file.write();
    } else {
        defer!(e());
    }
    for job in jobs {
        defer!(job.close());
        let mut file = job.open()?;
        defer! { file.sync(); }
        if file.is_empty() { continue }
        for line in file.lines() {
            defer!(log.write(line, &file.name));
            if line.is_last() { break }
            return 1;
        }
        while let Some(x) = file.next() {
            defer! { drop(x) }
            x.work()?;
        }
    }
    'outer: loop {
        let x = 1;
        defer! { f(x) }
        loop {
            defer! { g(x) }
            if x { break 'outer } else { continue 'outer }
        }
    }
    match c {
        true => defer!(a()),
        false if log.full() => { defer!(b()); c() }
        _ => defer! { d() }
    }
    let x = match f() { Ok(x) => { defer!(a(x)); x } Err(y) => { defer!(b(y)); return y } };
    let y = if c { defer!(a()); 1 } else { 2 };
    let z = { defer!(a()); f() } + unsafe { defer!(b()); g() };
    let Some(w) = f() else { defer!(a()); return 1 };
    g(defer!(a()), { defer!(b()); 1 });
    { { { defer!(a()); } } }
    'a: { defer!(a()); if c { break 'a } b(); }
    let v = 'b: { defer!(a()); if c { break 'b 1 } 2 };
    println!("{}", { defer!(a()); 1 });
    while { defer!(a()); c } { b() }
    if c { defer!(a()); 1 } else { unsafe { defer!(b()); 2 } }
}

fn scopes(jobs: Vec<Job>, c: bool) -> Result<u8, Error> {
    #[defer_scope]
    for job in jobs {
        defer!(job.close()?);
        if c { break } else { continue }
        job.run()?;
    }
    #[defer_scope]
    {
        defer!(a());
        b();
    }
    #[defer_scope]
    while c { defer! { a() } }
    #[defer_scope]
    'a: loop { defer!(a()); break 'a; }
    let x = #[defer_scope] { defer!(a()); 1 };
    let y = #[defer_scope] loop { defer!(a()); break 1 };
    #[with_defer::defer_scope]
    if c { defer!(a()); }
    match c { true => #[defer_scope] { defer!(a()); 1 } _ => 2 };
    #[defer_scope]
    for a in b { for c in d { defer!(e(a, c)); #[defer_scope] { defer!(f(a)); } } }
    Ok(x)
}

fn results(limit: u8) -> u8 {
    defer! { *result += 1 }
    defer!(log(result));
    defer!(log(*result));
    *result = 2;
    if limit == 0 { return; }
    if limit == 1 { return 1 }
    let f = || { return; };
    let result = 1;
    defer! { result }
    result
}

fn arranged(mut out: &mut [u8], mut text: &str) -> u8 {
    #![allow(unused)]
    let a;
    let (b, c): (u8, u8);
    #[cfg(a)]
    defer!(f(1, at));
    #[cfg(not(a))]
    #[allow(b)]
    defer! { g() }
    use m::n;
    const D: u8 = 1;
    fn helper() { defer!(a()); }
    macro_rules! o { () => { defer!(a()); } }
    struct P { defer: u8 }
    a = 1;
    b = 2;
    c = 3;
    out = &mut out[1..];
    text = text.trim();
    defer!(h(a));
    defer!(i(out));
    defer!(j(k()));
    a
}

fn wrong(x: u8) -> u8 {
    defer!();
    defer!(1);
    defer!(x);
    defer!(|| f());
    defer!(f().g());
    defer!(write!(f, "{x}"));
    defer!(f(x)?.g);
    defer!(return);
    defer!(f(recover!()));
    defer!(if x { f() });
    defer! { return 1; }
    defer! { break }
    defer! { loop { continue 'a } }
    defer! { || recover!() }
    defer! { recover!(1) }
    #[defer_scope]
    let a = 1;
    #[defer_scope]
    f();
    #[defer_scope] fn g() {}
    recover!();
    vec![defer!(f())];
    let defer = defer!(f());
    let b = defer!(f()).await? + 1;
}

async fn asynchronous(mut file: File) -> io::Result<()> {
    defer!(file.sync_all().await?);
    defer! { file.flush().await?; f() }
    for x in file {
        defer!(x.close().await);
        x.run().await?;
    }
    let task = async { defer!(a()); b().await };
    let task = async |x| { defer!(x.c().await); d().await };
    file.write_all(b"a").await
}

fn only_one() { defer!(f()) }

fn at_the_end(x: u8) -> u8 { f(); { defer!(a()); { defer!(b()); { defer!(c()); x } } } }

fn bound(x: u8) -> u8 { let y: u8 = { defer!(a()); x }; y }

fn range_from_a_closure() { let from = |x: u8| -> u8 { defer!(a()); x }..; from.start; }
