// Functions that show the corners of Rust's syntax. They are read, never compiled.

fn struct_literals_and_blocks(s: S) -> u8 {
    if (S { a: 1 }) == s {
        work();
    }
    if s == (S { a: 2 }) && (T {}) != t {}
    while (S { a: 1, ..s }).a > 0 {}
    for x in (Range { start: 0, end: 9 }) {
        let S { a } = x else { continue };
    }
    match (S { a: 1 }) {
        S { a } if (T { b: a }) == t => {}
        S { a: 0 | 1, .. } => {}
        S { .. } => {}
    }
    if let S { a } = s {
        work();
    }
    if let S { a, .. } = s && let T { b: c @ 1..=3 } = a && c > 2 {
        work();
    }
    while let Some(S { a: ref mut b }) = next(S { a: 1 }) {}
    let S { a, ref b, c: D { mut e, .. } } = s;
    let x = S { a };
    let y = if x == y { S { a: 1 } } else { S { a: 2 } };
    let z = m::S::<u8> { a: { 1 }, b: |x| x, ..Default::default() };
    return S { a: 1 }.a;
}

fn closures() -> impl Fn(u8) -> Box<dyn Fn(u8) -> u8> {
    let add = |x| |y| x + y;
    let three = |a: u8| move |b: u8| move |c: u8| -> u8 { a + b + c };
    let none = || 1;
    let nested = || || || ();
    let block = || { work() };
    let struct_ = || S { a: 1 };
    let matched = |x| match x { 1 => |y| y, _ => |y| y + 1 };
    let or = |a: bool, b: bool| a || b;
    let or_bits = |a: u8| a | 1 | 2;
    let unit = |()| ();
    let reference = |&x: &u8, &mut ref y: &mut u8| x == *y;
    let pattern = |S { a, .. }: S, (b, [c, ..]): (u8, [u8; 3])| a + b + c;
    let or_pattern = |(Ok(x) | Err(x)): Result<u8, u8>| x;
    let default = |x: Option<fn(u8) -> u8>| x.map_or_else(|| 1, |f| f(2));
    let typed = |f: &dyn Fn(u8) -> u8, x: <u8 as Trait>::Out| -> Result<Vec<u8>, Error> { Ok(vec![f(x)]) };
    let arrow = || -> u8 { 1 };
    let higher = for<'a> |x: &'a u8| -> &'a u8 { x };
    let moved = move || drop(x);
    let asynchronous = async |x: u8| { work(x).await };
    let both = async move || work().await?;
    let immediately = (|| 1)() + (move |x| x)(2);
    call(|| {}, move || {}, |_| {}, |x| x || y, || x);
    let assigned; 
    assigned = |x| x + 1;
    let in_array = [|x| x, |x| x + 1];
    let in_tuple = (|| 1, || 2);
    let in_struct = S { f: |x| x, g: || { 1 } };
    let in_index = table[(|| 1)()];
    let if_closure = if c { |x| x } else { |x| x + 1 };
    let range = || ..;
    let dereferenced = |x| *x;
    let returned = || return;
    let broken = || loop { break };
    let block_first = |x| unsafe { f(x) } as usize;
    let block_first = f(|x| if x { 1 } else { 2 } + 3, || match x { _ => {} } == y, || { 1 } - 2);
    let block_first = || loop { break 1 }.f()? & 1;
    return |x| Box::new(move |y| x + y);
}

fn ors_and_pipes(a: bool, b: bool, x: u8) -> bool {
    let y = a || b;
    let z = a || b || c() || (d | e);
    let bits = x | 1;
    let mut bits = x|y|z;
    bits |= 4;
    if a || b {
        work();
    }
    if a || { b } || c {
        work();
    }
    if (a | b) || x | y == z {}
    while a || b || c {}
    match a || b {
        true | false if a || b => (),
        | true => {}
        | false => {}
    }
    let ok = matches!(x, 1 | 2 | 3);
    let f = |x| x | y;
    a && b || { c } && d || return true
}

fn ranges(n: usize) {
    for i in 0.. {
        if i > 3 {
            break;
        }
    }
    for i in 0..n {}
    for i in 0..=n {}
    for i in ..n {}
    for i in (0..n).rev() {}
    for i in 0..{ n } {}
    for i in a.. b.len() {}
    for _ in ..{}
    for _ in .. {}
    while let 0..=9 | 20.. = next() {}
    if (..) == x {}
    if let ..=5 = n {}
    match n {
        0.. if n > 1 => {}
        ..5 => {}
        5..=9 => {}
        i @ 10..20 => {}
        A..=B => {}
        m::C.. => {}
        _ => {}
    }
    match 0.. {
        _ => {}
    }
    let all = ..;
    let from = 1..;
    let to = ..2;
    let part = &x[1..];
    let part = &x[..2][..=3];
    let part = &x[a..b];
    let part = &x[..];
    let pair = (0.., ..1, 0..=1);
    let [first, .., last] = x;
    let [first, rest @ ..] = x;
    let (a, ..) = x;
    0..{ 1 };
    for i in x?.. {}
    for i in f()..g() {}
    for i in 0..if c { 1 } else { 2 } {}
    for i in 0..match c { true => 1, false => 2 } {}
    for (i, j) in (0..).zip(S { a: 1 }.iter()) {}
}

fn matches(x: Option<u8>) -> u8 {
    match x {
        Some(1) => {}
        Some(2) => work(),
        Some(3) => { work() }
        Some(4) => { work() },
        Some(5) => unsafe { work() }
        Some(6) => if a { b } else { c }
        Some(7) => if a { b } else { c },
        Some(8) => match y { _ => {} }
        Some(9) => loop { break }
        Some(10) => 'a: { break 'a }
        Some(11) => while c {}
        Some(12) => for i in x {}
        Some(13) => { 1 }.work(),
        Some(14) => { a }.b?.c(),
        Some(15) => if a { b } else { c }.d(),
        Some(16) => {} Some(17) => {}
        Some(18) => |x| x,
        Some(19) => || {},
        Some(20) => S { a: 1 },
        Some(21) => return,
        Some(22) => return 1,
        Some(23) => vec![1],
        Some(24) => m! { 1 },
        Some(25) => m! { 1 }.work(),
        Some(26) => async { 1 },
        Some(27) => const { 1 }
        Some(28) => a = b,
        Some(29) => a += b,
        Some(30) => ..,
        Some(31) => 1..2,
        Some(32) => &x,
        Some(33) => -1,
        Some(34) => !x,
        Some(35) => *x,
        Some(36) => x as u8,
        Some(37) => x?,
        Some(38) => (),
        Some(39) => [1, 2][0],
        Some(40) => "text",
        Some(41) => {}
        #[cfg(a)]
        Some(42) => {}
        #[cfg(b)]
        #[cfg(c)]
        Some(43) => (),
        Some(44) if a => {}
        Some(45) if { a } => {}
        Some(46) if (S { a }) == b => (),
        Some(47) if let Some(y) = z => y,
        Some(48) if a && let Ok(S { a }) = b && c => {}
        Some(49) if matches!(a, Some(x) if x > 1) => (),
        Some(50) if if a { b } else { c } => {}
        Some(x @ (51 | 52)) => x,
        Some(ref x) => *x,
        Some(-1) => 1,
        Some(m!()) => 1,
        Some(m::X) | Some(<u8>::MAX) | None => 2,
        S { a: 1, .. } => 3,
        S::<u8> { a } => 4,
        Self { a } => 4,
        [a, .., b] => 5,
        (a, b) | (b, a) => 6,
        &x => 7,
        &mut x => 7,
        &&x => 7,
        "text" => 8,
        b'x' => 8,
        'x' => 8,
        r#type => 8,
        A::B(C(D { e: _, f: 1 })) => 9,
        _ => break 'outer 10,
        _ => continue,
        _ => {
            work();
            11
        }
    }
}

fn empty_and_nested_matches(x: Void) -> u8 {
    match x {}
    match (match a { b => c }) { d => e, }
    match match a { b => c } { d => e }
    match if a { b } else { c } { d => e }
    match loop { break 1 } { d => e }
    match unsafe { a } { d => e }
    match { a } { d => e }
    match |x| x { f => f(1) }
    match a { ref b => match b { c => match c { _ => 1 } } }
}

fn labels() -> u8 {
    'a: loop {
        'b: while c {
            'c: for x in y {
                'd: {
                    if x {
                        break 'd;
                    }
                    continue 'c;
                }
                break 'b;
            }
            continue 'a;
        }
        break 'a;
    }
    let v = 'e: {
        if a {
            break 'e 1;
        }
        if b {
            break 'e { 2 };
        }
        break 'e S { a: 3 }.a;
    };
    let w = loop { break 4 };
    let w = loop { break { 4 } };
    let w = loop { break if a { 5 } else { 6 }; };
    let w = loop { break ('f: { break 'f 1 }) };
    let u = 'g: loop { break 'g loop { break 'g 7 } };
    let char = 'a';
    let char = if x == 'a' { 'b' } else { 'c' };
    let lifetime = f::<'static, u8>(x as &'static str);
    'h: { 8 }
}

fn let_else(x: Option<u8>) -> Option<u8> {
    let Some(a) = x else { return None };
    let Some(b) = x else {
        work();
        return None;
    };
    let (Ok(c) | Err(c)) = f(S { a: 1 }) else { unreachable!() };
    let (Some(d), [e, ..]) = (x, &y[..]) else { panic!("{x:?}") };
    let S { f: Some(g), .. } = h() else { return Some(1) };
    let Some(i): Option<Vec<u8>> = x.map(|x| vec![x]) else { return None };
    let Some(j) = (if a { b } else { c }) else { return None };
    let Some(k) = (match a { _ => x }) else { return None };
    let Some(l) = m![x] else { return None };
    let n = if let Some(o) = x { o } else { 1 };
    let Some(p) = (unsafe { x }) else { return None };
    let Some(q) = x.and_then(|x| { Some(x) }) else { return None };
    Some(a)
}

fn let_chains(x: Option<u8>) {
    if let Some(a) = x && a > 1 {}
    if a && let Some(b) = x && let Some(c) = y(b) && c == (S { a: b }) {}
    while let Some(a) = next() && a != 1 && let Ok(b) = a.f() {}
    if let Some(a) = x && let Some(b) = { y } && { c } {}
    if a == b && let S { c } = d {} else if let T { e } = f && g {} else if h {} else {}
    if let Some(x) = x.map(|x| x) && (|| true)() {}
    if let x = y?.z && let _ = w() {}
    if let true = a == b && let false = c >= d {}
    if let A | B = x && let C(..) | D { .. } = y {}
    if let (a, b) = (1, 2) && a <= b {}
}

fn casts_and_comparisons(x: u32, y: usize) -> bool {
    let a = (x as usize) < y;
    let b = x as usize <= y && x as u64 >= 1;
    let c = x as *const u8 == y as *mut _;
    let d = x as fn(u8) -> u8;
    let d = x as unsafe extern "C" fn(u8, *const u8) -> Vec<u8>;
    let e = x as Vec<Vec<u8>>;
    let f = x as m::T<u8>::U;
    let f = x as <u8 as Trait>::Out;
    let g = x as &'static [u8; 3];
    let g = x as &mut [u8];
    let h = x as (u8, u16);
    let i = x as [u8; { 3 }];
    let j = x as _;
    let k = x as u8 as u16 as u32;
    let l = &x as &dyn Trait;
    let l = Box::new(x) as Box<dyn Fn(u8) -> u8 + Send + 'static>;
    let m = x as u8 + 1 | 2;
    let n = (-1 as u8) << 2;
    let o = x as usize >> 2;
    if x as usize == y {}
    if y == x as usize {}
    while y > x as usize {}
    for i in 0..x as usize {}
    match x as usize { _ => {} }
    let p = a < b && c > d;
    let q = a < b || c >= (d);
    let r = a << 1 < b >> 2;
    let s = if x as u8 == 1 { 2 } else { 3 };
    let t = [0u8; x as usize];
    let u = f(x as u8, y as u16);
    x as usize > y
}

fn generics_and_paths() -> Foo<{ 1 + 1 }> {
    let a = Foo::<{ N }>::new();
    let a = Foo::<{ if a { 1 } else { 2 } }, -1, 'x', true>::new();
    let b = Vec::<Vec<Vec<u8>>>::new();
    let c = "1".parse::<u8>().unwrap();
    let c = iter.collect::<Result<Vec<_>, Box<dyn Error>>>()?;
    let d = <u8 as Trait>::f::<u8>();
    let d = <Vec<u8>>::new();
    let e = <<A as B>::C as D<'static>>::E::<F>(1);
    let f = ::std::mem::take::<Option<fn(u8) -> u8>>(&mut x);
    let g = m::<u8>::f();
    let h = <[u8]>::len(&x);
    let h = <[u8; 3]>::default();
    let h = <(u8, u16)>::default();
    let h = <&str>::default();
    let h = <dyn Trait<A = u8>>::f();
    let i: Foo<{ N }> = x;
    let i: <A as B>::C = x;
    let i: fn(&u8) -> Option<Vec<u8>> = x;
    let i: Box<dyn Fn(u8) -> Result<u8, ()> + 'static> = x;
    let i: impl Trait = x;
    let i: [u8; { let x = 1; x }] = x;
    let i: [[u8; 2]; 3] = [[0; 2]; 3];
    let i: &'static mut [Option<&u8>] = x;
    let i: m!(u8) = x;
    let i: Vec<u8>= vec![];
    let i: Vec<Vec<u8>>= vec![];
    let j: u8;
    let ref k = x;
    let &(l, ref mut m) = &x;
    let n @ Some(_) = x else { return };
    let Wrapper::<u8>(o) = x;
    let Wrapper::<u8> { p } = x;
    let q = size_of::<[u8; 3]>() < 4;
    if f::<u8>() < 1 {}
    if let Some::<u8>(r) = s {}
    if let m::E::<A, B>::V { t } = u {}
    for v in Vec::<u8>::new() {}
    match Foo::<{ 1 }>::A { Foo::<{ 1 }>::A => {} }
    let _: for<'a> fn(&'a u8) -> &'a u8 = f;
    x.f::<{ 1 }>(|x| x).g::<u8, _>().await?.0.1.h
}

fn jumps(x: u8) -> impl Fn(u8) -> u8 {
    if a { return |x| x + 1 }
    if b { return || 1; }
    if c { return { |x| x } }
    if d { return if e { f } else { g } }
    if h { return match i { _ => j } }
    if k { return S { f: 1 }; }
    if l { return (return 1) }
    if m { return return 1 }
    let n = x.unwrap_or_else(|| return 1);
    let o = if p { return 1 } else { return 2 };
    let q = loop { break return 1 };
    q || return 1;
    let r = [return 1, return 2];
    loop { break }
    loop { break; }
    loop { if a { continue } else { break } }
    loop { match a { 1 => break, 2 => continue, _ => return } }
    while return {} {}
    if return {} {}
    match return {} {}
    if let x = return {} {}
    while break {}
    if 'a: loop { break 'a } == break {}
    match (return) {}
    for x in return {} {}
    return &mut x;
    return *x;
    return -x;
    return !x;
    return <u8>::f();
    return ::f();
    return ..;
    return 'a: loop { break 'a 1 };
    return async { 1 };
    return async move |x| x;
    return unsafe { 1 };
    return #[a] x;
    return "x";
    return m![x];
    return
}

fn block_statements(x: u8) -> u8 {
    if a { b } else { c }
    -x;
    { a }
    &b;
    { a }
    [b];
    { a }
    (b);
    { a }
    *b;
    { a }
    |b| b;
    match a { _ => {} }
    (b, c);
    loop { break }
    -1;
    unsafe { a }
    { b }
    'a: { a }
    < u8 >::f();
    if a {} if b {} if c {} else {}
    {}
    {}
    {};
    ;;
    ;
    { a }.b();
    { a }?;
    unsafe { a }.b();
    match a { _ => b }.c()?.d;
    if a { b } else { c }.d();
    loop { break 1 }.a();
    while a {}
    ..;
    for i in a {}
    ..b;
    ({ a }) as u8;
    m! { a }
    -b;
    m! { a }.b();
    m! { a }?;
    m! { a };
    m!(a);
    m![a];
    m!(a) + 1;
    m::n! { a }
    ::m::n! { a }
    const { 1 };
    async { 1 };
    async move { 1 }.await;
    let a = { b };
    let a = { b } + { c };
    let a = { b } | { c };
    let a = { b } || { c };
    let a = if b { c } else { d } + 1;
    let a = match b { _ => c } - unsafe { d };
    a = { b };
    a += if b { c } else { d };
    x == { 1 }
}

fn frames() -> impl Future {
    let a = async {};
    let a = async { work().await };
    let a = async move { work().await?; Ok::<_, Error>(1) };
    let a = async { return 1 };
    let b = spawn(async move { for i in 0.. { tick(i).await } });
    let b = join(async { 1 }, async { 2 });
    let c = async { async { async {} } };
    let d = async { 1 }.map(|x| x + 1);
    let e = if a { async { 1 }.await } else { 2 };
    let f = (async || 1)().await;
    let g = async |x: &u8| -> u8 { *x };
    let h = Box::pin(async move { 1 }) as Pin<Box<dyn Future<Output = u8>>>;
    let r#async = 1;
    let i = move || async move { 1 };
    let j = |x| async move { x };
    if async { true }.await {}
    while async { true }.await {}
    match async { 1 }.await { _ => {} }
    for x in async { y }.await {}
    async { 1 }
}

fn consts_and_unsafe() -> u8 {
    const A: u8 = { 1 };
    const B: fn() -> u8 = || { 1 };
    const C: [u8; 2] = [const { 1 }, 2];
    static D: Foo<{ 1 }> = Foo { a: 1 };
    static mut E: u8 = 1;
    const _: () = assert!(1 < 2);
    const fn f() -> u8 { 1 }
    const unsafe fn g() {}
    const unsafe extern "C" fn h() {}
    unsafe fn i() {}
    unsafe extern "C" fn j() {}
    extern "C" fn k() {}
    extern fn l() {}
    async fn m() {}
    async unsafe fn n() {}
    unsafe extern "C" { fn o(); safe fn p(); }
    extern "C" { fn q(); }
    let a = const { 1 + 1 };
    let a = [const { None }; 3];
    let a = unsafe { *p };
    let a = unsafe { f() } + unsafe { g() };
    const { assert!(A > 0) }
    unsafe { *p = 1 }
    unsafe { f() };
    if unsafe { f() } {}
    if const { 1 > 0 } {}
    while unsafe { f() } > 0 {}
    match unsafe { f() } { _ => {} }
    &raw const a;
    let a = &raw mut b;
    let raw = 1;
    let a = &raw + &raw;
    let a = &raw;
    let union = 1;
    union = 2;
    let auto = 1;
    auto += 1;
    let default = 2;
    let safe = 3;
    safe.f();
    let macro_rules = 1;
    union
}

fn items() -> u8 {
    use a::b;
    use a::{b as c, d::{self, *}};
    pub use e::f;
    pub(crate) use g::h;
    extern crate i;
    struct Unit;
    struct Tuple(u8, pub u16);
    struct Generic<T>(T) where T: Fn(u8) -> u8;
    struct Fields<T: Into<Vec<u8>>, const N: usize = { 1 }> where T: Fn() -> [u8; { 1 }] { a: T, b: [u8; N] }
    pub struct Public { pub a: u8 }
    pub(in a::b) struct Restricted {}
    enum E { A, B(u8), C { a: u8 } = 3, D = { 4 } }
    union U { a: u8, b: u16 }
    trait T { fn f(); fn g() {} type A; const B: u8 = 1; }
    trait Super: A + for<'a> B<'a> where Self: Sized {}
    unsafe trait Unsafe {}
    impl T for Unit { fn f() { work() } }
    impl<T> Generic<T> where T: Fn(u8) -> u8 {}
    impl<const N: usize> Foo<{ N }> for Bar<{ N + 1 }> {}
    unsafe impl Send for Unit {}
    impl !Send for Tuple {}
    impl Trait<fn(u8) -> u8> for fn() -> u8 {}
    mod inner { pub fn f() {} }
    mod outside;
    type Alias<T> = Vec<T>;
    type Function = fn(u8) -> u8;
    fn generic<T: Fn(u8) -> u8, const N: usize>(x: [T; N]) -> impl Fn(u8) -> u8 where [T; { 1 }]: Sized { |x| x }
    fn arrow() -> Foo<{ 1 }> { Foo }
    macro_rules! m { ($a:expr) => { $a }; () => {}; }
    macro_rules! n ( () => {} );
    macro_rules! o [ () => {} ];
    #[derive(Clone)]
    #[repr(C)]
    struct Attributed { #[a] b: u8 }
    /// Documented.
    fn documented() {}
    #[cfg(a)] fn f() {}
    #[cfg(not(a))] fn f() {}
    let r#fn = 1;
    let r#struct = r#fn;
    let r#type = S { r#match: 1 };
    r#impl();
    r#if { a: 1 };
    1
}

fn attributes(#[a] x: u8) -> u8 {
    #![allow(unused)]
    //! Inner.
    #[a]
    let a = 1;
    #[a] #[b(c)] #[d = "e"]
    let b = #[f] 2;
    #[a] { work() }
    #[a] if a { b }
    #[a] match a { #[b] _ => {} }
    #[a] loop { #![b] break }
    #[a] unsafe { f() }
    #[a] f();
    #[a] m!();
    #[a] m! {}
    #[a] x.f();
    #[a] x = 1;
    #[a] |x| x;
    #[a] return 1;
    #[a] async {};
    /// Documented.
    let c = 1;
    /** Documented. */
    let d = [#[a] 1, #[b] 2];
    let e = S { #[a] b: 1, #[c] d };
    let f = f(#[a] 1, #[b] |x| x);
    let g = |#[a] x: u8| x;
    let h = #[a] |x| x;
    let i = #[a] || 1;
    let j = (#[a] 1, #[b] { 2 });
    let S { #[a] k, #[b] l: m } = n;
    #[a] 1
}

fn macros(x: u8) -> u8 {
    println!("{x}");
    println! { "{x}" }
    println! ["{x}"];
    let a = vec![1; 2];
    let a = vec! { 1, 2 };
    let b = format!("{}", if a { b } else { c });
    let c = m!(fn f() { loop {} });
    let d = m! { let x = ; | || => {} @ # $ ~ };
    let e = m!(a)(b)[c].d?;
    let f = m![a].b;
    let g = m!{a}.b;
    let h = &m!(a);
    let i = m!() + m!() | m!();
    let j = a::b::c!(d);
    let k = ::a::b!(c);
    let l = crate::m!();
    let l = self::m!();
    let l = super::m!();
    let l = r#try!(x);
    if m!(a) {}
    if m! { a } {}
    while m!(a) && m! { b } {}
    match m!(a) { m!(b) => m!(c), m!(d) => m! { e }, m!(f) => {} }
    for m!(x) in m!(y) {}
    let m!(x) = y;
    let m!(x) = y else { return m!(z) };
    select! { a = b => {} c = d => {} }
    thread_local! { static A: u8 = const { 1 }; }
    assert!(a != b, "{}", c);
    if a != b {}
    if !a {}
    if a!= b {}
    let n = !(a);
    let n = a != (b);
    let n = !{ a };
    let n = !m!(a);
    return m!(a);
    m! { a }
}

fn literals_and_operators() {
    let a = 1.0.max(2.);
    let a = 1..2;
    let a = x.0.1.2;
    let a = x.0 .1;
    let a = 1e10 + 0x1f_u8 - 1_000usize;
    let a = 'a' as u8 + b'\'' + b'"' + '\'' as u8;
    let a = "a" + b"b" + r"c" + r#"d"e"# + c"f" + br##"g"# "##;
    let a = -1 - -1 - - 1;
    let a = !!a && !!!b;
    let a = &&b;
    let a = &&mut b;
    let a = & &mut & b;
    let a = **b;
    let a = a && &b == &c && *d;
    let a = a & b && c & &d;
    let a = a * *b * **c;
    let a = a - (-b) - -c;
    let a = a % b ^ c ^ d;
    a &= b; a |= c; a ^= d; a <<= 1; a >>= 2; a %= 3; a *= 4; a /= 5; a -= 6;
    a = b = c;
    (a, b) = (c, d);
    [a, ..] = b;
    S { a, .. } = b;
    _ = a;
    (_, a) = b;
    *a = 1;
    *a.b() = 2;
    a.b[c].d = 3;
    a[b]?[c](d) = 4;
    a.await.b().await?;
    a.await??.b;
    a?.b?;
    (a)?;
    [a]?;
    a()()()[0][1]();
    (a)(b)(c);
    a.b.c.d();
    a.0();
    (a.b)(c);
    (a,).0;
    ((((a))));
    [[[[a]]]];
    ((), (), [(), ()]);
    let _ = |_| ();
}

fn loops(x: &mut Vec<u8>) {
    for (i, &x) in x.iter().enumerate() {}
    for Some(x) | Ok(x) in y {}
    for S { a, .. } in y {}
    for [a, b] in y {}
    for &(ref a, _) in &y {}
    for x in { y } {}
    for x in &y {}
    for x in &mut y[1..] {}
    for x in |y| y {}
    for x in y.map(|y| { y }) {}
    for x in if a { b } else { c } {}
    for x in match a { _ => b } {}
    for x in unsafe { y } {}
    for x in [1, 2, 3] {}
    for x in vec![1] {}
    for x in S::<u8>::f() {}
    for x in (S { a: 1 }) {}
    for r#in in y {}
    for x in y {
        for x in x {
            for x in x {}
        }
    }
    while a {}
    while { a } {}
    while { let x = 1; x > 0 } {}
    while !{ a } {}
    while (|| a)() {}
    while a == (|| b) {}
    while let Some(x) = y.pop() {}
    while let Some(x) | Err(x) = y {}
    while let x = { y } {}
    while loop { break true } {}
    while if a { b } else { c } {}
    while match a { _ => b } {}
    loop { loop { loop { break } break } break }
    if { a } {} else if { b } {} else {}
    if if a { b } else { c } {}
    if match a { _ => b } {}
    if loop { break true } {}
    if |x| x {}
    if a == b {} else if c != d {} else { e }
    if (a, b) == (c, d) {}
    if [a, b] == [c, d] {}
    if a[{ b }] {}
    if f({ a }, { b }) {}
    if f(|x| { x }) {}
    if f(S { a: 1 }) {}
    if a.b({ c }) {}
    if !a {}
    if *a {}
    if &a == &b {}
    if a < b {}
    if a > b {}
    if a <= { b } {}
    if a & { b } {}
    if -{ a } {}
    if a? {}
    if a.await {}
    if a.b? {}
    if a::<u8> {}
    if "a" == b {}
    if 'a' == b {}
    if true {}
    if 1 == 1 {}
    if Some(1) == x {}
    if a.0 {}
    if a.0.1 {}
    if a as bool {}
    if yes!() {}
    if (a) {}
    if [a] {}
    if a = b {}
    if { a } == { b } {}
    if a..b == c {}
}


async fn asynchronous<'a, T: Send + 'a>(x: &'a mut T) -> Result<&'a T, Box<dyn Error + 'a>>
where
    T: AsyncFn(u8) -> u8,
{
    let y = x.f().await?;
    let z = async { y.await }.await;
    if let Some(x) = x.next().await {
        x.await?
    }
    while let Some(x) = x.next().await {}
    match x.await { _ => {} }
    for x in x.await? {}
    tokio::select! {
        x = a => {}
        _ = b.tick() => return Ok(x),
    }
    Ok(x)
}

unsafe extern "C" fn foreign(x: *const u8, n: usize) -> ! {
    loop {}
}

fn diverges() -> ! {
    panic!()
}

fn returns_impl_fn(mut x: &mut [u8], mut y: &str) -> impl FnMut(&str, u8) -> Option<u8> + '_ {
    x = &mut x[1..];
    y = y.trim();
    move |a, b| x.get(a.len()).copied()
}

fn empty() {}

fn one_expression() -> u8 { 1 }
