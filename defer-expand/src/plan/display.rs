//! A plan as text: one line a segment.

use std::fmt::{self, Display, Formatter, Write};

use super::{
    Awaits, Body, Code, Deferral, Form, Frame, Function, Owned, Returns, RootKind, Segment, Shape, Site,
    StoreId, TakeKind,
};
use crate::parse::outline::When;

impl Display for Function {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        Print { plan: self, f }.frame(&self.frame, "function", 0)
    }
}

struct Print<'p, 'f, 'b> {
    plan: &'p Function,
    f: &'f mut Formatter<'b>,
}

impl Print<'_, '_, '_> {
    fn indent(&mut self, depth: usize) -> fmt::Result {
        write!(self.f, "{:1$}", "", depth * 4)
    }

    fn frame(&mut self, frame: &Frame, kind: &str, depth: usize) -> fmt::Result {
        self.indent(depth)?;
        write!(self.f, "frame: {kind}, returns {}", Printed(&frame.returns))?;
        if let Some(slot) = &frame.slot {
            match &slot.named {
                Some(named) => write!(self.f, ", slot named {}", named.pattern)?,
                None => self.f.write_str(", slot")?,
            }
        }
        self.f.write_char('\n')?;
        self.body(&frame.body, depth + 1)
    }

    fn body(&mut self, body: &Body, depth: usize) -> fmt::Result {
        for (number, segment) in body.segments.iter().enumerate() {
            self.indent(depth)?;
            writeln!(self.f, "segment {number}: {}", Printed(segment))?;
            self.code(&segment.code, depth + 1)?;
            match &segment.deferral {
                Some(Deferral::Direct(sites)) => {
                    for site in sites {
                        self.site(site, depth + 1)?;
                    }
                }
                Some(Deferral::Nested(stores)) => self.stores(stores, depth + 1)?,
                None => {}
            }
        }
        Ok(())
    }

    /// The frames in a deferred statement.
    fn site(&mut self, site: &Site, depth: usize) -> fmt::Result {
        for take in &site.takes {
            self.code(&take.code, depth)?;
        }
        let frame = &site.deferred.frame;
        if frame.body.segments.len() > 1 {
            return self.frame(frame, "deferred", depth);
        }
        for segment in &frame.body.segments {
            self.code(&segment.code, depth)?;
        }
        Ok(())
    }

    fn stores(&mut self, stores: &[StoreId], depth: usize) -> fmt::Result {
        for id in stores {
            let plan = self.plan;
            let store = &plan.stores[id.0];
            self.indent(depth)?;
            let shape = match store.shape {
                Shape::Slot => "slot",
                Shape::Stack => "stack",
            };
            writeln!(self.f, "store {}: {shape}", id.0)?;
            for root in &store.roots {
                self.indent(depth + 1)?;
                let owns = Printed(&root.owns);
                match &root.kind {
                    RootKind::Site(site) => {
                        writeln!(self.f, "record: {owns}{}", Printed(&**site))?;
                        self.site(site, depth + 2)?;
                    }
                    RootKind::Turn(stores) => {
                        writeln!(self.f, "record of a turn: {owns}stores")?;
                        self.stores(stores, depth + 2)?;
                    }
                    RootKind::Planned => writeln!(self.f, "record: not planned")?,
                }
            }
        }
        Ok(())
    }

    /// The frames and scopes in a piece of code.
    fn code(&mut self, code: &[Code], depth: usize) -> fmt::Result {
        for code in code {
            match code {
                Code::Group(_, code)
                | Code::Braces(_, code)
                | Code::Branch(_, code)
                | Code::Callee(_, code)
                | Code::Closure(_, code) => {
                    self.code(code, depth)?;
                }
                Code::Body(_, body) => {
                    self.indent(depth)?;
                    self.f.write_str("block at the end:\n")?;
                    self.body(body, depth + 1)?;
                }
                Code::Frame(_, frame) => self.frame(frame, "closure", depth)?,
                Code::Turn(_, rest) => {
                    for name in &rest.carries {
                        self.indent(depth)?;
                        writeln!(self.f, "turn, carries {name}")?;
                    }
                    self.code(&rest.code, depth)?;
                }
                Code::Scope(scope) => {
                    self.indent(depth)?;
                    writeln!(self.f, "scope, left by {} jumps:", scope.rest.exits.len())?;
                    self.code(&scope.rest.code, depth + 1)?;
                    self.stores(&scope.stores, depth + 1)?;
                }
                Code::Leave { value: Some(code), .. } => self.code(code, depth)?,
                Code::Token(_)
                | Code::Taken(_)
                | Code::Recover(..)
                | Code::Done(_)
                | Code::ReturnResult(_)
                | Code::Dead { .. }
                | Code::Site(_)
                | Code::Semi(_)
                | Code::Again(_)
                | Code::Leave { value: None, .. }
                | Code::Carried(_) => {}
            }
        }
        Ok(())
    }
}

struct Printed<'a, T>(&'a T);

impl Display for Printed<'_, Returns> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        match self.0 {
            Returns::Written(ty) => write!(f, "{ty}"),
            Returns::Inferred => f.write_str("what is inferred"),
            Returns::Hinted(hint) => write!(f, "what is inferred, with {}", hint.bound),
            Returns::Unit => f.write_str("nothing"),
            Returns::Attempt => f.write_str("its failure"),
        }
    }
}

impl Display for Printed<'_, Segment> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let Segment { binds_result, rebinds, owns, code, deferral, is_watched, awaits } = self.0;
        if *binds_result {
            f.write_str("bind result; ")?;
        }
        for name in rebinds {
            write!(f, "rebind {name}; ")?;
        }
        for name in owns {
            write!(f, "own {name}; ")?;
        }
        write!(f, "{}", if code.is_empty() { "no statements" } else { "statements" })?;
        if *is_watched {
            f.write_str("; rest is watched")?;
        }
        f.write_str(match awaits {
            Awaits::Nothing => "",
            Awaits::Deferred => "; deferred code awaits",
            Awaits::Rest => "; rest awaits",
        })?;
        match deferral {
            Some(Deferral::Direct(sites)) => {
                for site in sites {
                    write!(f, "; {}", Printed(site))?;
                }
            }
            Some(Deferral::Nested(_)) => f.write_str("; nested")?,
            None => {}
        }
        Ok(())
    }
}

impl Display for Printed<'_, Vec<Owned>> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        for owned in self.0 {
            write!(f, "owns {}, ", owned.name)?;
        }
        Ok(())
    }
}

impl Display for Printed<'_, Site> {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        let site = self.0;
        f.write_str(match site.form {
            Form::Call => "call",
            Form::Block => "block",
        })?;
        f.write_str(match site.when {
            When::Always => "",
            When::Failure => " on failure",
            When::Success => " on success",
            When::Panic => " on panic",
        })?;
        if !site.attrs.all().is_empty() {
            f.write_str(" with attributes")?;
        }
        for (number, take) in site.takes.iter().enumerate() {
            f.write_str(if number == 0 { ", takes " } else { " and " })?;
            f.write_str(match take.kind {
                TakeKind::Value => "value ",
                TakeKind::Callee => "callee ",
                TakeKind::Reference => "temporary ",
                TakeKind::Text => "text ",
            })?;
            write!(f, "{}", take.value.number)?;
        }
        let deferred = &site.deferred;
        for (fact, text) in [
            (deferred.may_fail(), "may fail"),
            (deferred.result.is_some(), "names the result"),
            (deferred.recovers, "recovers"),
        ] {
            if fact {
                write!(f, ", {text}")?;
            }
        }
        Ok(())
    }
}
