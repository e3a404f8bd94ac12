use with_defer::recover;

fn main() {
    if recover!().is_some() {
        println!("recovered");
    }
}
