//! What deferred statements allocate on the way of a function that returns.

use allocation_counter::measure;
use with_defer_benches::{SHAPES, Shape};

fn allocations(shape: &str, form: &str) -> u64 {
    let run = Shape::named(shape).and_then(|shape| shape.form(form)).expect("a form of a shape");
    measure(|| run(1)).count_total
}

#[test]
fn direct_and_conditional_statements_allocate_nothing() {
    let mut counted = 0;
    for shape in SHAPES.iter().filter(|shape| !shape.name.starts_with("records")) {
        for (form, _) in shape.forms {
            assert_eq!(allocations(shape.name, form), 0, "{} {form}", shape.name);
            counted += 1;
        }
    }
    assert!(counted > 100, "{counted} forms are not all");
}

#[test]
fn the_first_four_records_of_a_loop_allocate_nothing() {
    for form in ["with_defer", "call_form"] {
        assert_eq!(allocations("records_0", form), 0);
        assert_eq!(allocations("records_1", form), 0);
        assert_eq!(allocations("records_4", form), 0);
    }
}

#[test]
fn a_thousand_records_allocate_as_a_vec_that_grows() {
    assert_eq!(allocations("records_1000", "hand"), 9);
    assert_eq!(allocations("records_1000", "with_defer"), 9);
    assert_eq!(allocations("records_1000", "boxed"), 1009);
}
