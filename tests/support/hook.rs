//! What the panic hook is told.

use std::cell::RefCell;
use std::panic;
use std::sync::Once;

thread_local! {
    static TOLD: RefCell<Vec<String>> = const { RefCell::new(Vec::new()) };
}

/// The messages of the panics that the hook was told of on this thread while the code ran, each followed by a
/// slash.
pub(crate) fn told(code: impl FnOnce()) -> String {
    static INSTALL: Once = Once::new();
    INSTALL.call_once(|| {
        let before = panic::take_hook();
        panic::set_hook(Box::new(move |info| {
            let message = match (info.payload().downcast_ref(), info.payload().downcast_ref()) {
                (Some(&text), _) => text,
                (None, Some(text)) => String::as_str(text),
                (None, None) => "no text",
            };
            TOLD.with_borrow_mut(|told| told.push(format!("{message}/")));
            before(info);
        }));
    });
    TOLD.take();
    code();
    TOLD.take().concat()
}
