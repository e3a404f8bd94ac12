with_defer::defer_keyword! {
    fn parse(text: &str) -> Result<u8, std::num::ParseIntError> {
        defer text.parse::<u8>()? + 1;
        Ok(0)
    }
}

fn main() {
    let _ = parse("1");
}
