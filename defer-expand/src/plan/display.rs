//! A plan as text: one line a segment.

use std::fmt::{self, Display, Formatter, Write};

use super::{Body, Code, Form, Frame, Function, Returns, Segment, Site, TakeKind};
use crate::parse::outline::When;

impl Display for Function {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        frame(&self.frame, "function", 0, f)
    }
}

fn indent(depth: usize, f: &mut Formatter<'_>) -> fmt::Result {
    write!(f, "{:1$}", "", depth * 4)
}

fn frame(plan: &Frame, kind: &str, depth: usize, f: &mut Formatter<'_>) -> fmt::Result {
    indent(depth, f)?;
    write!(f, "frame: {kind}, returns {}", Printed(&plan.returns))?;
    if let Some(slot) = &plan.slot {
        match &slot.named {
            Some(named) => write!(f, ", slot named {}", named.pattern)?,
            None => f.write_str(", slot")?,
        }
    }
    f.write_char('\n')?;
    body(&plan.body, depth + 1, f)
}

fn body(plan: &Body, depth: usize, f: &mut Formatter<'_>) -> fmt::Result {
    for (number, segment) in plan.segments.iter().enumerate() {
        indent(depth, f)?;
        write!(f, "segment {number}: {}", Printed(segment))?;
        f.write_char('\n')?;
        inner(&segment.code, depth + 1, f)?;
        for site in &segment.sites {
            for take in &site.takes {
                inner(&take.code, depth + 1, f)?;
            }
            if owns_sites(&site.deferred.frame.body) {
                frame(&site.deferred.frame, "deferred", depth + 1, f)?;
            } else {
                for segment in &site.deferred.frame.body.segments {
                    inner(&segment.code, depth + 1, f)?;
                }
            }
        }
    }
    Ok(())
}

/// The frames in a piece of code.
fn inner(code: &[Code], depth: usize, f: &mut Formatter<'_>) -> fmt::Result {
    for code in code {
        match code {
            Code::Group(_, code) => inner(code, depth, f)?,
            Code::Body(plan) => {
                indent(depth, f)?;
                f.write_str("block at the end:\n")?;
                body(plan, depth + 1, f)?;
            }
            Code::Frame(_, plan) => frame(plan, "closure", depth, f)?,
            Code::Token(_) | Code::Taken(_) | Code::Recover(..) | Code::Done(_) | Code::ReturnResult(_) => {}
        }
    }
    Ok(())
}

fn owns_sites(body: &Body) -> bool {
    body.segments.len() > 1
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
        let Segment { binds_result, rebinds, code, sites } = self.0;
        if *binds_result {
            f.write_str("bind result; ")?;
        }
        for name in rebinds {
            write!(f, "rebind {name}; ")?;
        }
        write!(f, "{}", if code.is_empty() { "no statements" } else { "statements" })?;
        for site in sites {
            write!(f, "; {}", Printed(site))?;
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
        if site.conditional {
            f.write_str(" under cfg")?;
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
