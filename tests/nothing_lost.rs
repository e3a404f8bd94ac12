//! Each value that a deferred statement takes is dropped exactly once, whether the statement runs or not, and memory
//! returns to where it was.
//!
//! The tables say for each way out which values deferred code used, in that order, and of how many.

use with_defer::{
    DeferStack, defer, defer_keyword, defer_on_failure, defer_on_panic, defer_on_success, recover, with_defer,
};

use tracked::{Exit, Outcome, Tracked, World, every_cancellation, every_exit, pause, poll};

#[path = "common/tracked.rs"]
mod tracked;

#[test]
fn calls() {
    #[with_defer]
    fn program(world: &World) -> Outcome {
        let receiver = world.value();
        let moved = world.value();
        defer!(Tracked::finish(world.value()));
        defer!(receiver.touch());
        defer!(moved.finish());
        defer!(world.value().closing()());
        defer!(Tracked::close(world.value())?);
        world.body()?;
        if world.is(Exit::Return) {
            return Ok(world.value());
        }
        defer!(drop([world.value(), world.value()]));
        Ok(world.value())
    }

    assert_eq!(
        every_exit(program),
        "\
End: 4 3 1 0 2 of 8
Return: 4 3 1 0 2 of 6
Failure: 4 3 1 0 2 of 6
Break: 4 3 1 0 2 of 8
Panic: 4 3 1 0 2 of 6
DeferredPanic: 4 3 1 0 2 of 9
DeferredFailure: 4 3 1 0 2 of 9
",
    );
}

#[test]
fn blocks() {
    #[with_defer]
    fn program(world: &World) -> Outcome {
        let (live, moved) = (world.value(), world.value());
        let mut replaced = world.value();
        defer! {
            live.touch();
            replaced.touch();
        }
        defer! {
            moved.finish();
            world.deferred()?;
        }
        replaced = world.value();
        world.body()?;
        if world.is(Exit::Return) {
            return Ok(world.value());
        }
        let late = world.value();
        defer! {
            late.finish();
        }
        Ok(world.value())
    }

    assert_eq!(
        every_exit(program),
        "\
End: 4 1 0 3 of 6
Return: 1 0 3 of 5
Failure: 1 0 3 of 5
Break: 4 1 0 3 of 6
Panic: 1 0 3 of 5
DeferredPanic: 4 1 0 3 of 7
DeferredFailure: 4 1 0 3 of 7
",
    );
}

#[test]
fn conditions() {
    #[with_defer]
    fn program(world: &World) -> Outcome {
        let (failed, succeeded, panicked) = (world.value(), world.value(), world.value());
        defer_on_failure!(failed.finish());
        defer_on_success!(succeeded.finish());
        defer_on_panic!(panicked.finish());
        defer_on_failure!(Tracked::finish(world.value()));
        defer_on_success!(Tracked::close(world.value())?);
        defer_on_panic!(Tracked::finish(world.value()));
        defer! {
            if world.is(Exit::DeferredPanic) {
                world.deferred()?;
            }
        }
        world.body()?;
        if world.is(Exit::Return) {
            return Ok(world.value());
        }
        Ok(world.value())
    }

    assert_eq!(
        every_exit(program),
        "\
End: 4 1 of 7
Return: 4 1 of 7
Failure: 3 0 of 7
Break: 4 1 of 7
Panic: 5 3 2 0 of 7
DeferredPanic: 5 3 2 0 of 8
DeferredFailure: 4 3 0 of 8
",
    );
}

#[test]
fn branches() {
    #[with_defer]
    fn program(world: &World) -> Outcome {
        if !world.is(Exit::End) {
            let inner = world.value();
            defer!(inner.touch());
            defer!(Tracked::close(world.value())?);
            world.body()?;
            if world.is(Exit::Return) {
                return Ok(world.value());
            }
        }
        match Some(world.value()) {
            Some(taken) if world.is(Exit::Break) => defer!(taken.finish()),
            Some(named) => {
                let other = world.value();
                defer! {
                    named.touch();
                    other.finish();
                }
            }
            None => {}
        }
        Ok(world.value())
    }

    assert_eq!(
        every_exit(program),
        "\
End: 0 1 of 3
Return: 1 0 of 3
Failure: 1 0 of 3
Break: 2 1 0 of 4
Panic: 1 0 of 3
DeferredPanic: 2 3 1 0 of 6
DeferredFailure: 2 3 1 0 of 6
",
    );
}

#[test]
fn loops() {
    #[with_defer]
    fn program(world: &World) -> Outcome {
        for turn in 0..7 {
            let (turned, moved) = (world.value(), world.value());
            defer! {
                turned.touch();
            }
            defer!(Tracked::finish(world.value()));
            if turn == 1 {
                continue;
            }
            defer!(moved.finish());
            if turn == 5 {
                defer!(Tracked::close(world.value())?);
                world.body()?;
                if world.is(Exit::Break) {
                    break;
                }
                if world.is(Exit::Return) {
                    return Ok(world.value());
                }
            }
        }
        Ok(world.value())
    }

    assert_eq!(
        every_exit(program),
        "\
End: 20 21 19 18 16 17 15 13 14 12 10 11 9 7 8 6 5 3 1 2 0 of 23
Return: 18 16 17 15 13 14 12 10 11 9 7 8 6 5 3 1 2 0 of 20
Failure: 18 16 17 15 13 14 12 10 11 9 7 8 6 5 3 1 2 0 of 20
Break: 18 16 17 15 13 14 12 10 11 9 7 8 6 5 3 1 2 0 of 20
Panic: 18 16 17 15 13 14 12 10 11 9 7 8 6 5 3 1 2 0 of 20
DeferredPanic: 20 21 19 18 16 17 15 13 14 12 10 11 9 7 8 6 5 3 1 2 0 of 24
DeferredFailure: 20 21 19 18 16 17 15 13 14 12 10 11 9 7 8 6 5 3 1 2 0 of 24
",
    );
}

#[test]
fn scopes() {
    #[with_defer]
    fn program(world: &World) -> Outcome {
        let outside = world.value();
        #[defer_scope]
        for turn in 0..3 {
            let (turned, moved) = (world.value(), world.value());
            defer! {
                turned.touch();
                outside.touch();
            }
            defer!(moved.finish());
            if turn == 1 {
                defer!(Tracked::close(world.value())?);
                world.body()?;
                if world.is(Exit::Break) {
                    break;
                }
                if world.is(Exit::Return) {
                    return Ok(world.value());
                }
                continue;
            }
            defer!(Tracked::finish(world.value()));
        }
        Ok(outside)
    }

    assert_eq!(
        every_exit(program),
        "\
End: 3 2 1 0 6 5 4 0 9 8 7 0 of 10
Return: 3 2 1 0 6 5 4 0 of 8
Failure: 3 2 1 0 6 5 4 0 of 8
Break: 3 2 1 0 6 5 4 0 of 7
Panic: 3 2 1 0 6 5 4 0 of 8
DeferredPanic: 3 2 1 0 6 5 4 0 of 8
DeferredFailure: 3 2 1 0 6 5 4 0 of 8
",
    );
}

#[test]
fn closures() {
    #[with_defer]
    fn program(world: &World) -> Outcome {
        let captured = world.value();
        let run = |turn| -> Outcome {
            let inner = world.value();
            defer!(inner.touch());
            defer!(captured.touch());
            defer!(Tracked::finish(world.value()));
            if turn == 1 {
                defer!(Tracked::close(world.value())?);
                world.body()?;
                if world.is(Exit::Return) {
                    return Ok(world.value());
                }
            }
            Ok(world.value())
        };
        defer!(drop(run(0)));
        let value = run(1)?;
        let owned = world.value();
        let once = move || {
            defer!(owned.finish());
        };
        once();
        Ok(value)
    }

    assert_eq!(
        every_exit(program),
        "\
End: 2 0 1 6 5 0 4 8 of 9
Return: 2 0 1 6 5 0 4 8 of 9
Failure: 2 0 1 6 5 0 4 of 8
Break: 2 0 1 6 5 0 4 8 of 9
Panic: 2 0 1 6 5 0 4 of 8
DeferredPanic: 2 0 1 6 5 0 4 of 9
DeferredFailure: 2 0 1 6 5 0 4 of 9
",
    );
}

#[test]
fn deferred_code_that_defers() {
    #[with_defer]
    fn program(world: &World) -> Outcome {
        let outer = world.value();
        defer! {
            let inner = world.value();
            defer!(inner.finish());
            defer! {
                outer.touch();
                defer!(Tracked::finish(world.value()));
            }
            if world.is(Exit::Return) {
                return;
            }
            defer!(Tracked::close(world.value())?);
            for _ in 0..2 {
                defer!(Tracked::finish(world.value()));
            }
        }
        world.body()?;
        if world.is(Exit::Return) {
            return Ok(world.value());
        }
        Ok(world.value())
    }

    assert_eq!(
        every_exit(program),
        "\
End: 5 4 3 0 6 2 of 7
Return: 0 3 2 of 4
Failure: 5 4 3 0 6 2 of 7
Break: 5 4 3 0 6 2 of 7
Panic: 5 4 3 0 6 2 of 7
DeferredPanic: 5 4 3 0 7 2 of 8
DeferredFailure: 5 4 3 0 7 2 of 8
",
    );
}

#[test]
fn named() {
    #[with_defer(result = Ok(world.value()))]
    fn program(world: &World) -> Outcome {
        let other = world.value();
        defer! {
            let (Ok(value) | Err(value)) = result;
            value.touch();
        }
        defer! {
            *result = Ok(other);
        }
        defer!(Tracked::close(world.value())?);
        world.body()?;
        if world.is(Exit::Return) {
            return Ok(world.value());
        }
        if world.is(Exit::Break) {
            return;
        }
        Ok(world.value())
    }

    assert_eq!(
        every_exit(program),
        "\
End: 2 1 of 4
Return: 2 1 of 4
Failure: 2 1 of 4
Break: 2 1 of 3
Panic: 2 1 of 4
DeferredPanic: 2 1 of 5
DeferredFailure: 2 1 of 5
",
    );
}

#[test]
fn recovered() {
    #[with_defer(result = Ok(world.value()))]
    fn program(world: &World) -> Outcome {
        let (first, last) = (world.value(), world.value());
        defer!(last.finish());
        defer! {
            if let Some(panic) = recover!() {
                match panic.downcast::<Tracked>() {
                    Ok(payload) => *result = Err(*payload),
                    Err(panic) => drop(panic),
                }
            }
        }
        defer!(Tracked::close(world.value())?);
        defer!(first.finish());
        world.body()?;
        if world.is(Exit::Return) {
            return Ok(world.value());
        }
        Ok(world.value())
    }

    assert_eq!(
        every_exit(program),
        "\
End: 1 3 2 of 5
Return: 1 3 2 of 5
Failure: 1 3 2 of 5
Break: 1 3 2 of 5
Panic: 1 3 2 of 5
DeferredPanic: 1 3 2 of 6
DeferredFailure: 1 3 2 of 6
",
    );
}

#[test]
fn recovered_and_dropped() {
    #[with_defer(result = Err(world.value()))]
    fn program(world: &World) -> Outcome {
        defer! {
            drop(recover!());
        }
        defer!(Tracked::close(world.value())?);
        defer! {
            drop(recover!());
            world.deferred()?;
        }
        for _ in 0..2 {
            let turned = world.value();
            defer! {
                turned.touch();
                if world.is(Exit::DeferredPanic) || world.is(Exit::DeferredFailure) {
                    world.deferred()?;
                }
            }
        }
        world.body()?;
        if world.is(Exit::Return) {
            return Ok(world.value());
        }
        Ok(world.value())
    }

    assert_eq!(
        every_exit(program),
        "\
End: 3 2 1 of 5
Return: 3 2 1 of 5
Failure: 3 2 1 of 5
Break: 3 2 1 of 5
Panic: 3 2 1 of 5
DeferredPanic: 3 2 1 of 9
DeferredFailure: 3 2 1 of 9
",
    );
}

#[test]
fn with_the_keyword() {
    defer_keyword! {
        fn program(world: &World) -> Outcome {
            let receiver = world.value();
            defer receiver.touch();
            defer Tracked::close(world.value())?;
            for _ in 0..2 {
                let (turned, moved) = (world.value(), world.value());
                defer moved.finish();
                defer { turned.touch(); }
                if world.is(Exit::Break) {
                    break;
                }
            }
            world.body()?;
            if world.is(Exit::Return) {
                return Ok(world.value());
            }
            defer_on_panic Tracked::finish(world.value());
            Ok(world.value())
        }
    }

    assert_eq!(
        every_exit(program),
        "\
End: 4 5 2 3 1 0 of 8
Return: 4 5 2 3 1 0 of 7
Failure: 4 5 2 3 1 0 of 7
Break: 2 3 1 0 of 6
Panic: 4 5 2 3 1 0 of 7
DeferredPanic: 4 5 2 3 1 0 of 9
DeferredFailure: 4 5 2 3 1 0 of 9
",
    );
}

#[test]
fn stacks() {
    fn add(stack: &mut DeferStack<'static>, world: &World) -> Result<(), Tracked> {
        let value = world.value();
        stack.push(move || value.finish());
        world.body()?;
        let value = world.value();
        stack.push(move || drop(value.close()));
        Ok(())
    }

    fn program(world: &World) -> Result<(), Tracked> {
        let mut stack = DeferStack::default();
        add(&mut stack, world)?;
        add(&mut stack, world)?;
        match world.exit() {
            Exit::Return => drop(stack.take()),
            Exit::Break => stack.clear(),
            _ => stack.run(),
        }
        add(&mut stack, world)
    }

    assert_eq!(
        every_exit(program),
        "\
End: 3 2 1 0 5 4 of 6
Return: 3 2 1 0 5 4 of 6
Failure: 0 of 2
Break: 5 4 of 6
Panic: 0 of 2
DeferredPanic: 3 2 1 0 of 6
DeferredFailure: 3 2 1 0 7 6 of 9
",
    );
}

mod asynchronous {
    use super::*;

    async fn close_later(value: Tracked) -> Result<(), Tracked> {
        pause().await;
        value.close()
    }

    #[with_defer]
    async fn statements(world: &World) -> Outcome {
        let live = world.value();
        defer!(live.touch());
        pause().await;
        defer!(close_later(world.value()).await?);
        let moved = world.value();
        defer! {
            pause().await;
            moved.finish();
        }
        if !world.is(Exit::Break) {
            let inner = world.value();
            defer!(inner.touch());
            pause().await;
        }
        for _ in 0..2 {
            let turned = world.value();
            defer!(close_later(turned).await?);
            defer!(Tracked::finish(world.value()));
            pause().await;
        }
        world.body()?;
        if world.is(Exit::Return) {
            return Ok(world.value());
        }
        defer_on_panic!(Tracked::finish(world.value()));
        Ok(world.value())
    }

    #[with_defer(result = Ok(world.value()))]
    async fn results(world: &World) -> Outcome {
        let (first, last) = (world.value(), world.value());
        defer!(last.finish());
        defer! {
            if let Some(panic) = recover!() {
                *result = Err(world.value());
                pause().await;
                drop(panic);
            }
        }
        defer!(close_later(first).await?);
        #[defer_scope]
        for _ in 0..2 {
            let turned = world.value();
            defer!(close_later(turned).await?);
            pause().await;
        }
        let owned = world.value();
        let block = async move {
            defer!(owned.finish());
            pause().await;
        };
        block.await;
        world.body()?;
        if world.is(Exit::Return) {
            return Ok(world.value());
        }
        Ok(world.value())
    }

    #[test]
    fn to_the_end() {
        assert_eq!(
            every_exit(|world| poll(statements(world), 100)),
            "\
End: 7 6 5 4 3 2 1 0 of 10
Return: 7 6 5 4 3 2 1 0 of 9
Failure: 7 6 5 4 3 2 1 0 of 9
Break: 6 5 4 3 2 1 0 of 9
Panic: 7 6 5 4 3 2 1 0 of 9
DeferredPanic: 7 6 5 4 3 2 1 0 of 13
DeferredFailure: 7 6 5 4 3 2 1 0 of 13
",
        );
        assert_eq!(
            every_exit(|world| poll(results(world), 100)),
            "\
End: 3 4 5 1 2 of 7
Return: 3 4 5 1 2 of 7
Failure: 3 4 5 1 2 of 7
Break: 3 4 5 1 2 of 7
Panic: 3 4 5 1 2 of 8
DeferredPanic: 3 1 2 of 7
DeferredFailure: 3 1 2 of 6
",
        );
    }

    #[test]
    fn dropped_after_each_poll() {
        assert_eq!(
            every_cancellation(|world, polls| poll(statements(world), polls)),
            "\
1: 0 of 1
2: 3 0 of 4
3: 5 3 0 of 6
4: 7 5 3 0 of 8
5: 7 5 3 0 of 10
6: 7 6 5 3 0 of 10
7: 7 6 5 4 3 0 of 10
8: 7 6 5 4 3 2 0 of 10
9: 7 6 5 4 3 2 1 0 of 10
",
        );
        assert_eq!(
            every_cancellation(|world, polls| poll(results(world), polls)),
            "\
1: 2 of 4
2: 2 of 4
3: 3 2 of 5
4: 3 2 of 5
5: 3 4 5 2 of 6
6: 3 4 5 2 of 7
7: 3 4 5 1 2 of 7
",
        );
    }
}
