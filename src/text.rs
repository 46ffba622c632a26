//! Looking for a text in a text, and putting texts together, one after the other. The standard library's ways are fast
//! for long texts and cost 2 KB of code each; here they are a sentence long.

/// What stands before and after the first `part` of a text; `None` if it is not in there, or empty.
pub fn split_once<'a>(text: &'a str, part: &str) -> Option<(&'a str, &'a str)> {
    let mut places = text.as_bytes().windows(part.len().max(1));
    let at = places.position(|place| place == part.as_bytes())?;
    let (before, rest) = text.split_at_checked(at)?;
    Some((before, rest.strip_prefix(part)?))
}

/// Whether a text holds a part, which is not empty.
pub fn contains(text: &str, part: &str) -> bool {
    split_once(text, part).is_some()
}

/// Adds an item to a list, which is told apart from what stands there by `separator`.
pub fn add(list: &mut String, separator: &str, item: &str) {
    if !list.is_empty() {
        list.push_str(separator);
    }
    list.push_str(item);
}

/// These items, with `separator` between them.
pub fn join(items: &[&str], separator: &str) -> String {
    let mut list = String::new();
    for item in items {
        add(&mut list, separator, item);
    }
    list
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn a_part_is_found_where_the_standard_library_finds_it(text in "[aäb]{0,8}", part in "[aäb]{1,3}") {
            prop_assert_eq!(split_once(&text, &part), text.split_once(&part));
            prop_assert_eq!(contains(&text, &part), text.contains(&part));
        }
    }

    #[test]
    fn separators_stand_between_items_alone() {
        assert_eq!(join(&[], ", "), "");
        assert_eq!(join(&["a"], ", "), "a");
        assert_eq!(join(&["a", "b", "c"], ", "), "a, b, c");
    }

    #[test]
    fn an_empty_part_is_nowhere() {
        assert_eq!(split_once("a", ""), None);
    }
}
