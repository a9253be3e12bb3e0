//! What is served.

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
    /// What is served at a path, with or without a slash at its end.
    pub(crate) fn at(path: &str) -> Option<&'static Self> {
        let path = path.strip_suffix('/').unwrap_or(path);
        ASSETS.iter().find(|asset| asset.path == path)
    }
}
