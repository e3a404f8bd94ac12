//! Prints instructions per call, for every form of every shape or of the shapes that are named.

use std::env::args;

use with_defer_benches::SHAPES;
use with_defer_benches::callgrind::Costs;

const FORMS: [&str; 9] =
    ["hand", "copied", "caught", "boxed", "raii", "scopeguard", "with_defer", "separated", "call_form"];

fn main() {
    let Some(costs) = Costs::count() else {
        println!("there is no valgrind to count instructions with");
        return;
    };
    print!("{:14}", "");
    for form in FORMS {
        print!("{form:>11}");
    }
    println!();
    let names: Vec<String> = args().skip(1).collect();
    for shape in SHAPES.iter().filter(|shape| names.is_empty() || names.iter().any(|name| name == shape.name))
    {
        print!("{:14}", shape.name);
        for form in FORMS {
            match costs.per_call(shape.name, form) {
                Some(cost) => print!("{cost:>11.1}"),
                None => print!("{:>11}", "-"),
            }
        }
        println!();
    }
}
