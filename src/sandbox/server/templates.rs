//! The vendor templates of the sandbox.

use std::collections::HashMap;

use crate::preview::TemplatePicture;
use crate::spec::Aspect;

/// Id, name, aspect, scenes.
pub const TEMPLATES: [(i64, &str, Aspect, usize); 4] = [
    (1, "Greeting", Aspect::Wide, 1),
    (2, "Product in three scenes", Aspect::Wide, 3),
    (3, "Story", Aspect::Tall, 2),
    (4711, "Launch", Aspect::Wide, 3),
];

/// Returns the number of scenes of a template. `None` if no template has this id.
pub fn scenes(template: i64) -> Option<usize> {
    TEMPLATES.iter().find(|(id, ..)| *id == template).map(|(.., scenes)| *scenes)
}

/// Returns the looks of the templates, without pictures.
pub fn looks() -> HashMap<i64, TemplatePicture> {
    let look = |(id, name, aspect, _): &(i64, &str, Aspect, usize)| {
        (*id, TemplatePicture { name: (*name).to_owned(), aspect: *aspect, picture: None })
    };
    TEMPLATES.iter().map(look).collect()
}
