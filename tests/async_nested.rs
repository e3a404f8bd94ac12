//! Deferred statements in branches, loops, inner blocks and scopes of async code, with awaits everywhere.

use with_defer::{defer, defer_on_failure, defer_on_success, recover, with_defer};

use self::inject::{Trace, Value, cuts, cuts_across_threads, pause};

#[path = "common/inject.rs"]
mod inject;

// Branches.

#[with_defer]
async fn branches(t: Trace, n: u8) -> u8 {
    if n > 0 {
        t.step("a").await;
        defer!(t.add("1"));
        t.step("b").await;
    } else {
        defer! { t.step("0").await; }
    }
    match n {
        1 => defer!(t.add("one")),
        2 => {
            defer! { t.step("two").await; }
            t.step("c").await;
        }
        _ => {}
    }
    t.step("d").await;
    n
}

#[test]
fn statements_in_branches_run_when_the_function_ends() {
    assert_eq!(cuts(|t| branches(t, 0)), ["|", "|", "d |", "d 0 =0 |"]);
    let rows = ["|", "|", "a | 1", "a b | one 1", "a b d one 1 =1 |"];
    assert_eq!(cuts(|t| branches(t, 1)), rows);
    let rows = ["|", "|", "a | 1", "a b | 1", "a b c | 1", "a b c d | 1", "a b c d two 1 =2 |"];
    assert_eq!(cuts(|t| branches(t, 2)), rows);
}

#[with_defer]
async fn if_let(t: Trace, values: Option<(Value, Value)>) {
    if let Some((first, mut second)) = values {
        defer! { first.name(); second.step("closed").await; }
        second.rename("renamed");
        t.step("a").await;
    } else {
        t.step("none").await;
    }
    t.step("b").await;
}

#[test]
fn variables_of_a_pattern_pass_to_the_statement() {
    let some = |t: Trace| if_let(t.clone(), Some((t.value("x"), t.value("y"))));
    let rows = [
        "| ~x ~y",
        "| ~renamed ~x",
        "a | ~renamed ~x",
        "a b | ~renamed ~x",
        "a b renamed:closed ~renamed ~x =() |",
    ];
    assert_eq!(cuts(some), rows);
    assert_eq!(cuts_across_threads(some), rows);
    assert_eq!(cuts(|t| if_let(t, None)), ["|", "|", "none |", "none b =() |"]);
}

#[with_defer]
async fn inner_variable(t: Trace) -> usize {
    let mut outer = 0;
    {
        let mut list = vec![1];
        t.step("a").await;
        defer! { t.add(format_args!("{list:?} {outer}")); }
        list.push(2);
        t.step("b").await;
        list.push(3);
        outer += list.len();
    }
    t.step("c").await;
    outer += 10;
    outer
}

#[test]
fn an_inner_variable_is_used_across_awaits_behind_the_statement() {
    let rows = ["|", "|", "a | [1, 2] 0", "a b | [1, 2, 3] 3", "a b c [1, 2, 3] 13 =13 |"];
    assert_eq!(cuts(inner_variable), rows);
    assert_eq!(cuts_across_threads(inner_variable), rows);
}

#[with_defer]
async fn block_with_a_value(t: Trace, early: u8) -> Result<u8, String> {
    defer_on_failure!(t.add("failure"));
    let first = {
        let owned = t.value("owned");
        defer! { t.add(owned.name()); }
        t.step("a").await;
        if early == 1 {
            return Ok(100);
        }
        if early == 2 {
            Err("error")?;
        }
        assert!(early != 3, "body");
        owned.name().len()
    };
    t.step("b").await;
    Ok(u8::try_from(first).unwrap())
}

#[test]
fn a_block_is_left_in_any_way() {
    let cut = ["|", "| owned ~owned failure"];
    let rows = [cut[0], cut[1], "a | owned ~owned failure", "a b owned ~owned =Ok(5) |"];
    assert_eq!(cuts(|t| block_with_a_value(t, 0)), rows);
    let rows = [cut[0], cut[1], "a owned ~owned =Ok(100) |"];
    assert_eq!(cuts(|t| block_with_a_value(t, 1)), rows);
    let rows = [cut[0], cut[1], "a owned ~owned failure =Err(\"error\") |"];
    assert_eq!(cuts(|t| block_with_a_value(t, 2)), rows);
    let rows = [cut[0], cut[1], "a owned ~owned failure !body |"];
    assert_eq!(cuts(|t| block_with_a_value(t, 3)), rows);
}

// Loops.

#[with_defer]
async fn pile_up(t: Trace) {
    for n in 1..=3 {
        let mut connection = t.value(["", "one", "two", "three"][n]);
        defer!(connection.step("close").await);
        connection.step("open").await;
    }
    t.step("end").await;
}

#[test]
fn statements_in_a_loop_pile_up() {
    let rows = [
        "|",
        "| ~one",
        "one:open | ~two ~one",
        "one:open two:open | ~three ~two ~one",
        "one:open two:open three:open | ~three ~two ~one",
        "one:open two:open three:open end | ~three ~two ~one",
        "one:open two:open three:open end three:close ~three | ~two ~one",
        "one:open two:open three:open end three:close ~three two:close ~two | ~one",
        "one:open two:open three:open end three:close ~three two:close ~two one:close ~one =() |",
    ];
    assert_eq!(cuts(pile_up), rows);
    assert_eq!(cuts_across_threads(pile_up), rows);
}

#[with_defer]
async fn many(t: Trace) {
    for n in 0..7 {
        defer!(t.add(n));
        if n % 3 == 0 {
            pause().await;
        }
    }
}

#[test]
fn more_records_than_fit_inline() {
    let rows = ["|", "| 0", "| 3 2 1 0", "| 6 5 4 3 2 1 0", "6 5 4 3 2 1 0 =() |"];
    assert_eq!(cuts(many), rows);
}

#[with_defer]
async fn jumps(t: Trace) -> u8 {
    let mut turns = 0;
    let found = 'outer: loop {
        turns += 1;
        let owned = t.value("owned");
        defer! { t.add(format_args!("{}{turns}", owned.name())); }
        pause().await;
        for n in 0.. {
            let deep = n;
            defer! { t.add(format_args!("deep{deep}")); }
            pause().await;
            if turns == 1 && n == 1 {
                continue 'outer;
            }
            if turns == 2 {
                break 'outer n + 40;
            }
        }
    };
    t.step("end").await;
    found
}

#[test]
fn break_and_continue_leave_blocks_that_own_variables() {
    let first = "deep1 deep0 owned2 ~owned";
    let rows = [
        "|".to_owned(),
        "| owned1 ~owned".to_owned(),
        "| deep0 owned1 ~owned".to_owned(),
        "| deep1 deep0 owned1 ~owned".to_owned(),
        format!("| owned2 ~owned {first}"),
        format!("| deep0 owned2 ~owned {first}"),
        format!("| deep0 owned2 ~owned {first}"),
        format!("end deep0 owned2 ~owned {first} =40 |"),
    ];
    assert_eq!(cuts(jumps), rows);
}

#[with_defer]
async fn while_let(t: Trace, mut stack: Vec<Value>) -> Result<(), String> {
    defer! { t.add(format_args!("{} left", stack.len())); }
    while let Some(mut value) = stack.pop() {
        defer_on_success! { value.step("success").await; }
        value.step("a").await;
        if value.name() == "bad" {
            return Err("bad".to_owned());
        }
    }
    Ok(())
}

#[test]
fn conditional_statements_in_a_loop() {
    let program = |t: Trace| {
        let stack = vec![t.value("y"), t.value("x")];
        while_let(t, stack)
    };
    let rows = [
        "| ~y ~x",
        "| ~x 1 left ~y",
        "x:a | ~y ~x 0 left",
        "x:a y:a | ~y ~x 0 left",
        "x:a y:a y:success ~y | ~x 0 left",
        "x:a y:a y:success ~y x:success ~x 0 left =Ok(()) |",
    ];
    assert_eq!(cuts(program), rows);
    let program = |t: Trace| {
        let stack = vec![t.value("bad"), t.value("x")];
        while_let(t, stack)
    };
    let rows =
        ["| ~bad ~x", "| ~x 1 left ~bad", "x:a | ~bad ~x 0 left", "x:a bad:a ~bad ~x 0 left =Err(\"bad\") |"];
    assert_eq!(cuts(program), rows);
}

// Scopes.

#[with_defer]
async fn scope_per_turn(t: Trace, stop: u8) -> Result<u8, String> {
    defer!(t.add("function"));
    let mut sum = 0;
    #[defer_scope]
    for n in 1..4 {
        defer_on_failure!(t.add(format!("failure{n}")));
        defer_on_success!(t.add(format!("success{n}")));
        let mut value = t.value("value");
        defer!(value.step("close").await);
        t.step(n).await;
        if n == stop {
            return Ok(100);
        }
        if n + 10 == stop {
            Err("error")?;
        }
        if n + 20 == stop {
            break;
        }
        assert!(n + 30 != stop, "body");
        if n + 40 == stop {
            continue;
        }
        sum += n;
    }
    t.step("end").await;
    Ok(sum)
}

#[test]
fn each_turn_of_a_scope_runs_its_own() {
    let one = "1 value:close ~value success1";
    let two = "2 value:close ~value success2";
    let three = "3 value:close ~value success3";
    let start = [
        "|".to_owned(),
        "| ~value failure1 function".to_owned(),
        "1 | ~value failure1 function".to_owned(),
        format!("{one} | ~value failure2 function"),
        format!("{one} 2 | ~value failure2 function"),
    ];
    let rows = |rest: &[String]| [&start, rest].concat();

    let end = [
        format!("{one} {two} | ~value failure3 function"),
        format!("{one} {two} 3 | ~value failure3 function"),
        format!("{one} {two} {three} | function"),
        format!("{one} {two} {three} end function =Ok(6) |"),
    ];
    assert_eq!(cuts(|t| scope_per_turn(t, 99)), rows(&end));
    assert_eq!(cuts_across_threads(|t| scope_per_turn(t, 99)), rows(&end));

    let returns = [format!("{one} {two} function =Ok(100) |")];
    assert_eq!(cuts(|t| scope_per_turn(t, 2)), rows(&returns));

    let fails = [format!("{one} 2 value:close ~value failure2 function =Err(\"error\") |")];
    assert_eq!(cuts(|t| scope_per_turn(t, 12)), rows(&fails));

    let breaks = [format!("{one} {two} | function"), format!("{one} {two} end function =Ok(1) |")];
    assert_eq!(cuts(|t| scope_per_turn(t, 22)), rows(&breaks));

    let panics = [format!("{one} 2 value:close ~value failure2 function !body |")];
    let mut expected = rows(&panics);
    expected[4] = format!("{one} 2 | ~value failure2 function !body");
    assert_eq!(cuts(|t| scope_per_turn(t, 32)), expected);

    let mut expected = rows(&end);
    expected[8] = expected[8].replace("Ok(6)", "Ok(4)");
    assert_eq!(cuts(|t| scope_per_turn(t, 42)), expected);
}

#[with_defer(result = 0)]
async fn scope_sees_the_result(t: Trace) -> u32 {
    defer!(t.add("function"));
    #[defer_scope]
    for n in 1..3 {
        defer! { pause().await; *result += 10; t.add(*result); }
        *result += n;
        t.step("a").await;
        if n == 2 {
            return 500;
        }
    }
    0
}

#[test]
fn a_scope_sees_the_named_result() {
    let rows = [
        "|",
        "| function",
        "a | function",
        "a 11 | function",
        "a 11 a | function",
        "a 11 a 510 function =510 |",
    ];
    assert_eq!(cuts(scope_sees_the_result), rows);
}

#[with_defer]
async fn turns_that_end_in_a_jump(t: Trace) -> u8 {
    #[defer_scope]
    for n in 0..3 {
        defer!(t.add("first"));
        let name = "second";
        defer! {
            if recover!().is_some() {
                t.step(name).await;
            }
        }
        t.step(n).await;
        assert!(n > 0, "the first turn");
        if n == 1 {
            continue;
        }
        break;
    }
    7
}

#[test]
fn turns_end_in_jumps_and_recovered_panics() {
    let turn = "0 second first";
    let rows = [
        "|".to_owned(),
        "| first".to_owned(),
        "0 | first".to_owned(),
        format!("{turn} | first"),
        format!("{turn} 1 first | first"),
        format!("{turn} 1 first 2 first =7 |"),
    ];
    assert_eq!(cuts(turns_that_end_in_a_jump), rows);
}

#[with_defer(result = 1)]
async fn result_behind_a_scope_of_a_block(t: Trace) -> u32 {
    if *result == 1 {
        let name = "block";
        defer! { t.add(format_args!("{name}{result}")); }
        #[defer_scope]
        for _ in 0..2 {
            defer! { pause().await; *result += 10; }
            *result *= 2;
        }
        t.step(*result).await;
    }
    *result + 1000
}

#[test]
fn a_named_result_is_seen_behind_a_scope_in_a_block_whose_variables_wait() {
    let rows = ["|", "| block2", "| block24", "| block34", "34 block1034 =1034 |"];
    assert_eq!(cuts(result_behind_a_scope_of_a_block), rows);
}

#[with_defer]
async fn scope_recovers(t: Trace) -> u8 {
    let mut done = 0;
    #[defer_scope]
    for n in 0..3 {
        defer! {
            if let Some(panic) = recover!() {
                t.step(panic).await;
            }
        }
        pause().await;
        assert!(n != 1, "turn 1");
        done += 1;
    }
    t.add("end");
    done
}

#[test]
fn after_a_recovered_panic_the_loop_goes_on() {
    let rows = ["|", "|", "|", "| !turn 1", "turn 1 |", "turn 1 end =2 |"];
    // While the recovering statement is pending, the panic is taken already: nothing goes on but the cancellation.
    let rows = rows.map(|row| if row == "| !turn 1" { "|" } else { row });
    assert_eq!(cuts(scope_recovers), rows);
}

#[with_defer]
async fn scope_as_a_value(t: Trace) -> u8 {
    let sum = #[defer_scope]
    {
        defer! { t.step("deferred").await; }
        t.step("a").await;
        3
    };
    t.step("b").await;
    sum + 1
}

#[test]
fn a_scope_has_a_value() {
    let rows = ["|", "|", "a |", "a deferred |", "a deferred b =4 |"];
    assert_eq!(cuts(scope_as_a_value), rows);
}

#[with_defer]
async fn scope_in_scope(t: Trace) {
    #[defer_scope]
    for n in 0..2 {
        defer!(t.add(format!("outer{n}")));
        #[defer_scope]
        for m in 0..2 {
            defer! { t.step(format_args!("inner{n}{m}")).await; }
            t.step(m).await;
            if n == m {
                break;
            }
        }
    }
}

#[test]
fn scopes_in_scopes() {
    let rows = [
        "|",
        "| outer0",
        "0 | outer0",
        "0 inner00 outer0 | outer1",
        "0 inner00 outer0 0 | outer1",
        "0 inner00 outer0 0 inner10 | outer1",
        "0 inner00 outer0 0 inner10 1 | outer1",
        "0 inner00 outer0 0 inner10 1 inner11 outer1 =() |",
    ];
    assert_eq!(cuts(scope_in_scope), rows);
}

#[with_defer]
async fn block_in_a_loop(t: Trace) {
    for n in 0..2 {
        let task = async {
            let owned = t.value("owned");
            defer! { t.add(format_args!("{n}")); drop(owned); }
            t.step("a").await;
        };
        task.await;
    }
}

#[test]
fn a_block_in_a_loop_is_a_frame_of_its_own() {
    let rows = ["|", "| 0 ~owned", "a 0 ~owned | 1 ~owned", "a 0 ~owned a 1 ~owned =() |"];
    assert_eq!(cuts(block_in_a_loop), rows);
}

#[with_defer]
async fn deferred_in_deferred(t: Trace) {
    for n in 0..2 {
        defer! {
            #[defer_scope]
            for m in 0..2 {
                defer! { t.add(format_args!("{n}{m}")); }
                pause().await;
            }
        }
    }
    t.step("a").await;
}

#[test]
fn scopes_in_deferred_code() {
    let rows = [
        "|",
        "| 10 00",
        "a | 10 00",
        "a 10 | 11 00",
        "a 10 11 | 00",
        "a 10 11 00 | 01",
        "a 10 11 00 01 =() |",
    ];
    assert_eq!(cuts(deferred_in_deferred), rows);
}
