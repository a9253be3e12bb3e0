//! What is served.

use crate::spelling::normal_form;

/// Something that is served, in both of its forms.
pub(crate) struct Asset {
    /// Where.
    pub(crate) path: &'static str,
    pub(crate) media_type: &'static str,
    /// What its entity tags begin with.
    pub(crate) tag: &'static str,
    /// Whether its path changes with its content.
    pub(crate) lasting: bool,
    pub(crate) plain: &'static [u8],
    pub(crate) gzip: &'static [u8],
}

/// Everything.
pub(crate) static ASSETS: &[Asset] = &include!(concat!(env!("OUT_DIR"), "/assets.rs"));

impl Asset {
    /// Returns what is served at a path, in any spelling.
    pub(crate) fn at(path: &str) -> Option<&'static Self> {
        let path = normal_form(path);
        ASSETS.iter().find(|asset| asset.path == path)
    }
}
