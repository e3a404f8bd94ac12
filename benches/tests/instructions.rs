//! What deferred statements may cost beside hand-written code and guards, in instructions per call.

use std::io::{self, Write};
use std::sync::LazyLock;

use with_defer_benches::callgrind::Costs;

static COSTS: LazyLock<Option<Costs>> = LazyLock::new(|| {
    let costs = Costs::count();
    if costs.is_none() {
        // Not by a macro: what those print is shown for failed tests only.
        writeln!(io::stderr(), "skipped: there is no valgrind to count instructions with")
            .expect("it is open");
    }
    costs
});

/// What a form may cost, beside another one.
#[derive(Clone, Copy)]
enum Limit {
    /// So many percent more, or two instructions.
    Percent(f64),
    /// As many copies of the result more, and two percent or instructions.
    Copies(f64),
    /// So many times as much.
    Times(f64),
}

/// Fails with a line for each form of a shape that costs too much.
fn at_most(limit: Limit, than: &str, shapes: &[(&str, &[&str])]) {
    let Some(costs) = &*COSTS else { return };
    let mut exceeded = Vec::new();
    for (shape, forms) in shapes {
        let cost =
            |form| costs.per_call(shape, form).unwrap_or_else(|| panic!("{shape} has the form {form}"));
        let slightly_over = |cost: f64, percent: f64| cost + (cost * percent / 100.0).max(2.0);
        let limit = match limit {
            Limit::Percent(percent) => slightly_over(cost(than), percent),
            Limit::Copies(copies) => {
                slightly_over(cost(than) + copies * (cost("copied") - cost("hand")), 2.0)
            }
            Limit::Times(times) => cost(than) * times,
        };
        for form in *forms {
            if cost(form) > limit {
                exceeded.push(format!("{shape} {form}: {:.1}, at most {limit:.1}", cost(form)));
            }
        }
    }
    assert!(exceeded.is_empty(), "too many instructions\n{}", exceeded.join("\n"));
}

#[test]
fn one_three_and_eight_statements_around_a_call_cost_what_guards_cost() {
    let forms: &[&str] = &["with_defer", "separated", "call_form"];
    let shapes = ["inl1", "inl3", "inl8", "call1", "call3", "call8"].map(|shape| (shape, forms));
    at_most(Limit::Percent(2.0), "raii", &shapes);
}

#[test]
fn statements_between_calls_cost_what_guards_cost() {
    let forms: &[&str] = &["with_defer"];
    let shapes = ["chain_inl3", "chain_inl8", "chain_call3", "chain_call8"].map(|shape| (shape, forms));
    at_most(Limit::Percent(2.0), "raii", &shapes);
}

#[test]
fn a_variable_of_the_body_three_question_marks_and_a_value_taken_early_cost_what_guards_cost() {
    let forms: &[&str] = &["with_defer"];
    let shapes = ["loopcall", "res3", "res3_fails", "eager"].map(|shape| (shape, forms));
    at_most(Limit::Percent(3.0), "raii", &shapes);
}

#[test]
fn a_result_in_memory_costs_one_copy_where_deferred_code_is_inlined_or_one_call() {
    let forms: &[&str] = &["with_defer", "separated"];
    let shapes = ["big_inl3", "big_inl8", "big1"].map(|shape| (shape, forms));
    at_most(Limit::Copies(1.0), "raii", &shapes);
    at_most(Limit::Copies(1.0), "raii", &[("built3", &["with_defer"])]);
}

#[test]
fn a_small_result_in_memory_costs_at_most_two_copies_where_deferred_code_is_several_calls() {
    let forms: &[&str] = &["with_defer", "separated"];
    at_most(Limit::Copies(2.0), "raii", &[("words3", forms), ("words8", forms), ("vec3", forms)]);
}

/// Nothing may be moved past a call that may unwind, so the result is copied from each guard to the next.
#[test]
fn a_large_result_costs_two_copies_behind_neighbours_and_one_behind_each_separate_statement() {
    at_most(Limit::Copies(2.0), "raii", &[("big3", &["with_defer"]), ("big8", &["with_defer"])]);
    at_most(Limit::Copies(3.0), "raii", &[("big3", &["separated"])]);
    at_most(Limit::Copies(8.0), "raii", &[("big8", &["separated"])]);
}

#[test]
fn a_named_result_costs_what_changing_it_by_hand_costs() {
    at_most(Limit::Percent(2.0), "hand", &[("named1", &["with_defer"]), ("named3", &["separated"])]);
    at_most(Limit::Percent(10.0), "hand", &[("named3", &["with_defer"])]);
}

/// By hand it would not have to hold something before there is a result.
#[test]
fn a_large_named_result_costs_two_copies() {
    at_most(Limit::Copies(2.0), "hand", &[("named_big", &["with_defer"])]);
}

#[test]
fn a_failing_cleanup_and_a_rollback_cost_what_they_cost_by_hand() {
    let forms: &[&str] = &["with_defer"];
    at_most(Limit::Percent(2.0), "hand", &[("try1", forms), ("failure", forms), ("failure_fails", forms)]);
    at_most(Limit::Percent(5.0), "hand", &[("try3", forms)]);
}

#[test]
fn a_conditional_statement_costs_what_a_guard_with_a_flag_costs() {
    let forms: &[&str] = &["with_defer"];
    at_most(Limit::Percent(10.0), "scopeguard", &[("cond_taken", forms), ("cond_not", forms)]);
    let forms: &[&str] = &["with_defer", "call_form"];
    at_most(Limit::Percent(20.0), "scopeguard", &[("acquire_taken", forms), ("acquire_not", forms)]);
}

#[test]
fn records_of_a_loop_cost_less_than_half_of_boxed_closures() {
    let forms: &[&str] = &["with_defer", "call_form"];
    let shapes = ["records_1", "records_4", "records_1000"].map(|shape| (shape, forms));
    at_most(Limit::Times(0.5), "boxed", &shapes);
}

#[test]
fn a_turn_of_a_scope_costs_what_a_guard_costs() {
    at_most(Limit::Percent(2.0), "raii", &[("scope_100", &["with_defer"])]);
}

/// What a poll that is pending costs more than one of a plain future.
fn per_pending_poll(costs: &Costs, shape: &str, form: &str) -> f64 {
    let per_poll = |form| {
        let cost = |polls: &str| {
            costs
                .per_call(&format!("{shape}_{polls}"), form)
                .unwrap_or_else(|| panic!("{shape} has the form {form}"))
        };
        (cost("100") - cost("0")) / 100.0
    };
    per_poll(form) - per_poll("hand")
}

#[test]
fn a_poll_costs_fifty_instructions_for_the_frame_and_the_first_guard_and_half_of_that_for_each_other() {
    let Some(costs) = &*COSTS else { return };
    for (shape, limit) in [("around1", 55.0), ("around3", 100.0), ("awaiting", 55.0), ("behind", 12.0)] {
        let more = per_pending_poll(costs, shape, "with_defer");
        assert!(more <= limit, "{shape}: {more:.1} more than a plain future, at most {limit}");
    }
}

#[test]
fn a_future_that_is_ready_at_once_or_cancelled_costs_a_hundred_instructions_a_guard() {
    let Some(costs) = &*COSTS else { return };
    for (shape, limit) in [
        ("around1_0", 100.0),
        ("around1_cancelled", 150.0),
        ("around3_0", 230.0),
        ("around3_cancelled", 330.0),
        ("awaiting_0", 150.0),
        ("awaiting_cancelled", 180.0),
        ("behind_0", 10.0),
        ("behind_cancelled", 10.0),
    ] {
        let cost = |form| costs.per_call(shape, form).expect("each shape has both forms");
        let more = cost("with_defer") - cost("hand");
        assert!(more <= limit, "{shape}: {more:.1} more than a plain future, at most {limit}");
    }
}
