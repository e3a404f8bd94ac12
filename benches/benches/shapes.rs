//! Time per call of every form of every shape.

use std::time::Instant;

use criterion::{BenchmarkId, Criterion, criterion_group, criterion_main};
use with_defer_benches::SHAPES;

fn shapes(criterion: &mut Criterion) {
    for shape in SHAPES {
        let mut group = criterion.benchmark_group(shape.name);
        for (form, run) in shape.forms {
            group.bench_function(BenchmarkId::from_parameter(form), |bencher| {
                bencher.iter_custom(|calls| {
                    let start = Instant::now();
                    run(calls);
                    start.elapsed()
                });
            });
        }
    }
}

criterion_group!(benches, shapes);
criterion_main!(benches);
