//! The served assets.

use http_shared::normal_form;

/// A served file, plain and compressed.
pub(crate) struct Asset {
    /// The path, in normal form.
    pub(crate) path: &'static str,
    pub(crate) media_type: &'static str,
    /// The start of its entity tags: a hash of the content.
    pub(crate) tag: &'static str,
    /// Whether the path changes with the content.
    pub(crate) immutable: bool,
    pub(crate) plain: &'static [u8],
    pub(crate) gzip: &'static [u8],
}

/// All assets, as the build script lists them.
pub(crate) static ASSETS: &[Asset] = &include!(concat!(env!("OUT_DIR"), "/assets.rs"));

impl Asset {
    /// Returns the asset at a path or an equivalent one.
    pub(crate) fn find(path: &str) -> Option<&'static Self> {
        let path = normal_form(path);
        ASSETS.iter().find(|asset| asset.path == path)
    }
}
