//! A crate that hands on `with_defer`, as a module of its own, and has macros that use it.

/// Cleanup.
pub mod cleanup {
    pub use with_defer::*;
}

/// A function that pushes the end of it when it exits.
#[macro_export]
macro_rules! traced {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident($log:ident: $ty:ty) $(-> $output:ty)? $body:block) => {
        #[$crate::cleanup::with_defer(crate = $crate::cleanup)]
        $(#[$attribute])*
        $visibility fn $name($log: $ty) $(-> $output)? {
            $log.push(concat!("enter ", stringify!($name)));
            $crate::cleanup::defer!($log.push(concat!("leave ", stringify!($name))));
            $body
        }
    };
}

/// The same with the keyword.
#[macro_export]
macro_rules! traced_by_keyword {
    ($(#[$attribute:meta])* $visibility:vis fn $name:ident($log:ident: $ty:ty) { $($body:tt)* }) => {
        $crate::cleanup::defer_keyword! {
            $(#[$attribute])*
            $visibility fn $name($log: $ty) {
                $log.push(concat!("enter ", stringify!($name)));
                defer $log.push(concat!("leave ", stringify!($name)));
                $($body)*
            }
        }
    };
}
