//! Values that go to JavaScript again and again, together with what the boundary made of them.

use std::{any::Any, cell::OnceCell, fmt};

/// A value that is translated for JavaScript once, however often it goes there.
pub(crate) struct Lasting<T> {
    value: T,
    translation: OnceCell<Box<dyn Any>>,
}

impl<T> Lasting<T> {
    /// The value.
    pub(crate) const fn value(&self) -> &T {
        &self.value
    }

    /// The value's translation, made by the first call. `None` if that call wanted another type.
    pub(crate) fn translation<J: 'static>(&self, translate: impl FnOnce(&T) -> J) -> Option<&J> {
        self.translation
            .get_or_init(|| Box::new(translate(&self.value)))
            .downcast_ref()
    }
}

impl<T> From<T> for Lasting<T> {
    fn from(value: T) -> Self {
        Self {
            value,
            translation: OnceCell::new(),
        }
    }
}

/// The value alone: of a translation nothing is known here.
impl<T: fmt::Debug> fmt::Debug for Lasting<T> {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.value.fmt(formatter)
    }
}
