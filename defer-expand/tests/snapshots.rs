//! What the macro writes: for each rule one file in `snapshots/`, with source, plan and expansion.
//!
//! `INSTA_UPDATE=always cargo test -p with_defer_expand --test snapshots` blesses what has changed.

use proc_macro2::{TokenStream, TokenTree};
use quote::quote;

/// Source, plan and expansion.
fn shown(source: &str) -> String {
    let mut tokens = source.parse::<TokenStream>().unwrap().into_iter().skip(1);
    let Some(TokenTree::Group(attribute)) = tokens.next() else { panic!("expected `#[with_defer]`") };
    let arguments = match attribute.stream().into_iter().nth(1) {
        Some(TokenTree::Group(arguments)) => arguments.stream(),
        _ => TokenStream::new(),
    };
    let item: TokenStream = tokens.collect();
    let plan = with_defer_expand::explain(arguments.clone(), &item);
    let expansion = printed(&with_defer_expand::with_defer(arguments, item));
    format!("{}\n\n----- plan\n{plan}\n----- expansion\n{expansion}", source.trim())
}

/// The items in `defer_keyword! { … }`, and what they are rewritten to.
fn rewritten(source: &str) -> String {
    let items: TokenStream = source.parse().unwrap();
    let rewritten = printed(&with_defer_expand::defer_keyword(quote!((::with_defer) #items)));
    format!("{}\n\n----- rewritten\n{rewritten}", source.trim())
}

/// Tokens as code, in which `rt` stands for the path of the runtime, and `pin(…)` for `pin!(…)`, which is printed in
/// one line.
fn printed(tokens: &TokenStream) -> String {
    // The module of the runtime has the version in its name.
    let runtime = format!("__rt_{}", env!("CARGO_PKG_VERSION").replace('.', "_"));
    let short = tokens
        .to_string()
        .replace(&runtime, "rt")
        .replace(":: with_defer :: rt", "rt")
        .replace(":: core :: pin :: pin !", "pin")
        .replace(":: core :: option :: Option", "Option");
    prettyplease::unparse(&syn::parse_str(&short).unwrap())
}

macro_rules! snapshots {
    ($show:ident: $($name:ident: $source:literal)*) => {$(
        #[test]
        fn $name() {
            let mut settings = insta::Settings::clone_current();
            settings.set_omit_expression(true);
            settings.set_prepend_module_to_snapshot(false);
            settings.bind(|| insta::assert_snapshot!(stringify!($name), $show($source)));
        }
    )*};
}

// The call form.

snapshots! {
    shown:

    call_takes_value_arguments_now: "
#[with_defer]
fn f(mut count: u32, name: String) -> u32 {
    defer!(io::log(count + 1, name, \"end\"));
    count += 1;
    count
}
"

    call_of_a_method_keeps_its_receiver_live: "
#[with_defer]
fn f(path: &Path) -> io::Result<()> {
    let mut file = File::create(path)?;
    defer!(file.rewind());
    file.write_all(b\"text\")
}
"

    call_keeps_borrowed_places_live: "
#[with_defer]
fn f(state: &mut State) {
    defer!(close(&state.name, &mut *state.log, &mut (state.files).first));
    state.work();
}
"

    call_takes_an_index_in_a_place_now: "
#[with_defer]
fn f(mut rows: Vec<Row>, mut at: usize) {
    defer!(rows[at].cells[0].close(&mut rows[at + 1].name));
    at += 1;
    use_all(&mut rows, at);
}
"

    call_lets_temporaries_live_until_it_runs: "
#[with_defer]
fn f(name: &str) {
    defer!(remove(&format!(\"{name}.lock\"), &mut Vec::new()));
    work();
}
"

    callee_that_is_a_name_is_taken_now: "
#[with_defer]
fn f(cleanup: fn(u8)) {
    defer!(cleanup(1));
    work();
}
"

    callee_of_a_callee_is_called_now: "
#[with_defer]
fn f() {
    defer!(trace(\"f\")());
    work();
}
"

    closure_argument_is_built_at_exit: "
#[with_defer]
fn f(mut files: Vec<File>) {
    defer!(each(&mut files, |file| file.sync_all().unwrap()));
    files.push(open());
}
"

    move_closure_argument_is_built_now: "
#[with_defer]
fn f(id: u32) {
    defer!(later(move || free(id)));
    work();
}
"

    closure_callee_is_the_deferred_code: "
#[with_defer]
fn f(mut log: Log) {
    defer!((|| log.flush())());
    log.write(1);
}
"

    move_closure_callee_is_built_now: "
#[with_defer]
fn f(id: u32) {
    defer!((move || free(id))());
    work();
}
"

    callee_in_parentheses_is_taken_without_them: "
#[with_defer]
fn f(task: Task) {
    defer!((task.cleanup)(1));
    work();
}
"

    unsafe_around_a_call_happens_at_exit: "
#[with_defer]
fn f(memory: *mut u8) {
    defer!(unsafe { free(memory) });
    work();
}
"

    question_mark_around_a_call_becomes_the_failure_of_the_function: "
#[with_defer]
fn f(mut file: File) -> io::Result<()> {
    defer!(file.sync_all()?);
    file.write_all(b\"text\")
}
"

    print_macro_formats_now_and_writes_at_exit: "
#[with_defer]
fn f(mut count: u32) {
    defer!(println!(\"count was {count}\"));
    defer!(eprintln!(\"end\"));
    count += 1;
}
"
}

// The block form, and how statements share a frame.

snapshots! {
    shown:

    block_is_all_evaluated_at_exit: "
#[with_defer]
fn f(mut count: u32) {
    defer! {
        let seen = count;
        log(seen);
    }
    count += 1;
}
"

    block_in_parentheses_is_a_block: "
#[with_defer]
fn f(mut log: Log) {
    defer!({
        log.flush();
    });
    log.write(1);
}
"

    return_in_a_block_leaves_the_block_only: "
#[with_defer]
fn f(mut count: u32) -> u32 {
    defer! {
        if count == 0 {
            return;
        }
        log(count);
    }
    count += 1;
    count
}
"

    neighbours_share_a_guard: "
#[with_defer]
fn f(a: u8, b: u8) {
    defer! { log(\"first\") }
    defer!(io::log(a));
    defer! { log(\"third\") }
    work();
    defer!(io::log(b + 1));
    work();
}
"

    neighbour_that_evaluates_something_gets_a_guard_of_its_own: "
#[with_defer]
fn f() {
    defer!(io::log(1));
    defer!(io::log(next()));
    work();
}
"

    items_behind_the_statement_are_hoisted: "
#[with_defer]
fn f() -> u8 {
    let x = helper();
    defer! { log(LIMIT) }
    const LIMIT: u8 = 3;
    fn helper() -> u8 {
        LIMIT
    }
    x
}
"

    items_behind_a_macro_definition_stay: "
#[with_defer]
fn f() -> u8 {
    defer! { log(1) }
    use before::*;
    macro_rules! limit {
        () => {
            3
        };
    }
    const LIMIT: u8 = limit!();
    LIMIT
}
"

    let_without_a_value_sinks_to_where_it_is_assigned: "
#[with_defer]
fn f(c: bool) -> String {
    let name;
    let other: u8;
    defer! { log(1) }
    other = 1;
    if c {
        name = String::new();
    } else {
        name = other.to_string();
    }
    name
}
"

    reference_that_a_pattern_looks_into_is_owned: "
        #[with_defer]
        fn f(&mut self) -> Option<&mut u8> {
            defer!(log());
            match self {
                Self::Some(value) => Some(value),
                Self::None => None,
            }
        }
    "

    reference_that_the_rest_moves_along_is_rebound: "
#[with_defer]
fn f(mut out: &mut [u8], mut kept: &[u8]) -> usize {
    defer! { log(kept) }
    let (head, tail) = out.split_at_mut(1);
    head[0] = 1;
    out = tail;
    kept = &kept[1..];
    out.len()
}
"
}

// The result.

snapshots! {
    shown:

    named_result: "
#[with_defer(result = 0)]
fn f(limit: u32) -> u32 {
    defer! { *result += 1 }
    if limit == 0 {
        return;
    }
    limit
}
"

    named_result_with_its_default: "
#[with_defer(result)]
fn f(text: &str) -> Result<Vec<u8>, Error> {
    defer! {
        if let Err(error) = result {
            error.add(text);
        }
    }
    parse(text)
}
"

    named_result_by_a_pattern: "
#[with_defer((count, error) = (0, None))]
fn f(mut source: Source) -> (usize, Option<Error>) {
    defer! { *error = source.error() }
    *count = source.read();
    return;
}
"

    shadowed_result_is_not_bound: "
#[with_defer(result = 0)]
fn f() -> u32 {
    defer! { *result += 1 }
    let result = work();
    defer! { log(result) }
    result + 1
}
"

    recover_stops_a_panic: "
#[with_defer]
fn f(limit: u32) -> u32 {
    defer! {
        if let Some(panic) = recover!() {
            log(panic);
        }
    }
    work(limit)
}
"

    recover_beside_a_named_result: "
#[with_defer(result = Ok(0))]
fn f(limit: u32) -> Result<u32, String> {
    defer! {
        if let Some(panic) = recover!() {
            *result = Err(panic.to_string());
        }
    }
    Ok(work(limit))
}
"

    question_mark_in_a_block: "
#[with_defer]
fn f(mut file: File) -> Result<usize, Error> {
    defer! {
        file.flush()?;
        if file.is_shared() {
            return;
        }
        file.sync_all()?
    }
    file.write(b\"text\").map_err(Error::from)
}
"

    question_mark_in_a_block_beside_a_named_result: "
#[with_defer(result = Ok(0))]
fn f(mut file: File) -> io::Result<usize> {
    defer! {
        file.sync_all()?;
        log(result);
    }
    file.write(b\"text\")
}
"

    on_failure_success_and_panic: "
#[with_defer]
fn f(mut transaction: Transaction) -> Result<(), Error> {
    defer_on_success!(transaction.commit()?);
    defer_on_failure!(transaction.roll_back());
    defer_on_panic! { log(\"panicked\") }
    transaction.work()
}
"
}

// Frames.

snapshots! {
    shown:

    closure_is_a_frame: "
#[with_defer]
fn f(jobs: &[Job]) -> usize {
    let run = |job: &Job| {
        defer! { job.close() }
        if job.is_done() {
            return 0;
        }
        job.run()
    };
    jobs.iter().map(run).sum()
}
"

    closure_with_a_written_type_is_a_frame: "
#[with_defer]
fn f(jobs: &[Job]) -> io::Result<()> {
    jobs.iter().try_for_each(move |job| -> io::Result<()> {
        defer!(job.close()?);
        job.run()
    })
}
"

    deferred_block_is_a_frame: "
#[with_defer]
fn f(mut log: Log) {
    defer! {
        log.write(\"outer, before\");
        defer! { log.write(\"inner\") }
        log.write(\"outer, after\");
    }
    log.write(\"body\");
}
"

    recover_in_a_nested_frame_sees_the_panic_of_that_frame: "
#[with_defer]
fn f(mut log: Log) {
    defer! {
        defer! {
            log.write(recover!());
        }
        log.close();
    }
    log.write(\"body\");
}
"

    returned_impl_trait_is_inferred: "
#[with_defer]
fn f(names: Vec<String>) -> Option<impl Iterator<Item = String>> {
    defer! { log(1) }
    Some(names.into_iter())
}
"

    returned_impl_fn_hints_at_its_signature: "
#[with_defer]
fn f<T: Shape>(limit: usize) -> impl Fn(&str, T, &[usize]) -> Option<usize> {
    defer! { log(1) }
    move |text, shape, sizes| sizes.get(text.len() + limit + shape.area()).copied()
}
"

    block_at_the_end_counts_as_top_level: "
#[with_defer]
fn f(mut log: Log) -> u8 {
    log.write(1);
    {
        defer! { log.write(2) }
        log.write(3);
        4
    }
}
"

    branch_at_the_end_counts_as_top_level: "
#[with_defer]
fn f(mut log: Log, deep: bool) -> u8 {
    if deep {
        defer! { log.write(1) }
        log.write(2);
        3
    } else {
        4
    }
}
"

    unsafe_block_at_the_end_counts_as_top_level: "
#[with_defer]
fn f(memory: *mut u8) -> u8 {
    unsafe {
        defer! { free(memory) }
        memory.read()
    }
}
"

    binding_that_is_the_value_of_the_frame_counts_as_top_level: "
#[with_defer]
fn f(mut log: Log) -> u8 {
    let value: u8 = {
        defer! { log.write(1) }
        log.write(2);
        3
    };
    value
}
"
}

// Statements in inner blocks.

snapshots! {
    shown:

    statement_in_a_branch_stores_a_record: "
#[with_defer]
fn f(mut log: Log, size: u32) {
    if size > 1 {
        defer!(log.write(size + 1));
    }
    log.close();
}
"

    statement_in_a_loop_piles_up: "
#[with_defer]
fn f(log: &mut Log, names: &[String]) {
    for name in names {
        defer! { log.write(name) }
    }
    log.close();
}
"

    variable_that_a_turn_moves_along_is_handed_back: "
        #[with_defer]
        fn f(mut builder: Builder) -> Builder {
            for i in 0..3 {
                defer! { log(i) }
                builder = builder.add(i);
                if builder.is_full() {
                    break;
                }
            }
            builder
        }
    "

    turn_of_a_loop_owns_its_variables: "
#[with_defer]
fn f(names: &[String]) -> io::Result<()> {
    for name in names {
        let mut file = File::create(name)?;
        defer! { file.sync_all()? }
        if name.is_empty() {
            continue;
        }
        file.write_all(b\"text\")?;
    }
    Ok(())
}
"

    statements_of_two_branches_share_no_record: "
#[with_defer]
fn f(mut log: Log, size: Option<u32>) {
    match size {
        Some(size) => defer!(log.write(size)),
        None => {
            let name = log.name();
            defer! { log.rename(name) }
            log.open();
        }
    }
    log.close();
}
"

    record_of_a_deeper_block_is_part_of_the_outer_one: "
#[with_defer]
fn f(groups: Vec<Group>) {
    for mut group in groups {
        defer! { group.close() }
        for mut file in group.files() {
            defer! { file.close(&group) }
            file.work();
        }
    }
}
"

    deferred_statement_is_an_expression: "
#[with_defer]
fn f(log: &mut Log, x: Option<u32>) -> u32 {
    let y = match x {
        Some(x) => {
            defer!(io::log(x));
            x + 1
        }
        None => 0,
    };
    y + 1
}
"

    scope_runs_its_statements_when_it_is_left: "
#[with_defer]
fn f(mut log: Log) -> io::Result<u8> {
    #[defer_scope]
    {
        defer! { log.write(1)? }
        log.write(2)?;
    }
    log.write(3)
}
"

    scope_on_a_loop_is_each_of_its_turns: "
#[with_defer]
fn f(names: &[String]) -> Option<u8> {
    let found = #[defer_scope]
    loop {
        let mut file = open(names)?;
        defer!(file.close());
        if file.is_empty() {
            continue;
        }
        break file.size();
    };
    Some(found)
}
"

    named_result_is_bound_again_where_a_scope_has_borrowed_it: "
#[with_defer(total = 0)]
fn f(name: &str) -> usize {
    if *total == 0 {
        let file = open(name);
        defer!(file.close());
        #[defer_scope]
        {
            defer! { *total += 1; }
        }
    }
    *total
}
"
}

// Async code.

snapshots! {
    shown:

    async_function: "
#[with_defer]
async fn f(mut file: File) -> io::Result<()> {
    file.open().await?;
    defer!(file.close());
    file.write(1).await
}
"

    deferred_await: "
#[with_defer]
async fn f(mut file: File) -> io::Result<()> {
    defer!(file.close().await?);
    file.write(1).await
}
"

    async_rest_without_an_await: "
#[with_defer]
async fn f(mut file: File) -> io::Result<()> {
    defer!(file.close());
    file.open().await?;
    defer! { file.unlock().await; }
    let lock = file.lock()?;
    defer!(lock.note());
    lock.write(1)
}
"

    async_block_is_a_frame: "
#[with_defer]
fn f(mut file: File) -> Task {
    spawn(async move {
        defer! { file.close() }
        file.write(1).await
    })
}
"
}

// Other items.

snapshots! {
    shown:

    each_function_of_an_impl_that_defers: "
#[with_defer(crate = vendored)]
impl File {
    const MODE: u8 = 1;

    fn close(&mut self) -> io::Result<()> {
        defer!(self.log.flush());
        self.write(Self::MODE)
    }

    #[with_defer(result = 0)]
    fn size(&self) -> u64 {
        defer! { *result += 1 }
        self.size
    }

    fn name(&self) -> &str {
        &self.name
    }
}
"

    each_function_of_a_trait_that_defers: "
#[with_defer]
trait Close {
    fn close(&mut self);

    fn finish(&mut self) {
        defer!(self.close());
        self.flush();
    }
}
"
}

snapshots! {
    rewritten:

    keyword_becomes_the_macro: "
fn f(mut file: File) -> io::Result<()> {
    defer file.close();
    defer_on_failure { log.write(1) }
    for line in lines() {
        defer trace(line)();
        let run = |x| {
            defer x.close()?;
            x.run()
        };
        run(line)?;
    }
    file.write(b\"text\")
}
"

    keyword_keeps_the_attribute_that_is_there: "
impl File {
    /// Documented.
    #[with_defer(result = Ok(()))]
    fn close(mut self) -> io::Result<()> {
        match self.mode {
            1 => defer self.sync(),
            _ => {}
        }
        let defer = self.defer;
        take(defer.field, defer[0], m::defer::f);
        Ok(())
    }

    fn name(&self) -> &str {
        &self.name
    }
}
"
}

// Attributes, options and what is wrong.

snapshots! {
    shown:

    attributes_stand_on_all_of_a_statement: "
#[with_defer]
fn f(mut log: Log, size: u32) {
    #[cfg(feature = \"log\")]
    defer!(io::log(size + 1));
    #[allow(unused_must_use)]
    defer! { log.flush() }
    log.write(1);
}
"

    attribute_beside_a_named_result: "
#[with_defer(result = 0)]
fn f() -> u32 {
    #[cfg(debug_assertions)]
    defer! { *result += 1 }
    work()
}
"

    crate_has_another_path: "
#[with_defer(crate = crate::vendored::defer)]
fn f(mut log: Log) -> u8 {
    defer!(crate::vendored::defer::log(log.size()));
    log.write(1)
}
"

    statement_macros_keep_their_path: "
#[with_defer]
fn f() {
    with_defer::defer! { work() }
    work();
}
"

    head_of_the_function_stays: "
#[with_defer]
/// Documented.
#[inline]
pub(crate) unsafe extern \"C\" fn f<'a, T: Clone + 'a, const N: usize>(values: &'a [T; N]) -> &'a T
where
    T: Send,
{
    defer! { work() }
    &values[0]
}
"

    inner_attributes_of_the_function_move_to_its_head: "
#[with_defer(result = 0)]
#[deny(unused)]
pub fn f() -> u8 {
    //! Documented.
    #![allow(unused)]
    defer! { *result += 1 }
    work()
}
"

    nothing_is_deferred: "
#[with_defer]
fn f() -> u8 {
    fn g() {
        defer! { of_another_function() }
    }
    1
}
"

    errors_stand_behind_the_expanded_function: "
#[with_defer(reslt, result = 0)]
fn f(mut list: Vec<u8>) -> u8 {
    defer!(1 + 1);
    defer!(|| log(1));
    defer!(list.iter().count());
    defer!(write!(out, \"{list:?}\"));
    defer!();
    defer! { return 1; }
    defer! { break; }
    list.len() as u8
}
"

    item_that_is_no_function_stays: "
#[with_defer]
struct S {
    defer: u8,
}
"

    block_that_does_not_parse_is_left_to_the_compiler: "
#[with_defer]
fn f(mut file: File) {
    defer! { file.close(); }
    defer!(f(x)[0]);
    file.write(1);
}
"
}

// Whole impls and traits.

snapshots! {
    shown:

    impl_expands_each_function_that_defers: "
#[with_defer(crate = my::defers)]
impl<const N: usize> Store<N> {
    const SIZE: usize = { N * 2 };

    fn plain(&self) -> usize { self . len }

    fn close(&mut self) {
        defer!(self.log.add(\"closed\"));
        self.flush();
    }

    #[with_defer(result = 1)]
    #[must_use]
    fn named(&self) -> usize {
        defer! { *result += 1; }
        self.len
    }
}
"

    trait_expands_each_function_that_defers: "
#[with_defer]
trait Job {
    fn run(&self);

    fn provided(&self) {
        defer!(self.log.add(\"done\"));
        self.run();
    }
}
"
}
