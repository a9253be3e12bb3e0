//! Makes the table of what is served: the document, the page, and what the page loads, each as it
//! is and compressed. What the page loads has a name that changes with its content.
//!
//! Swagger UI comes out of the crate that carries it, so that the lock file pins its bytes.
#![allow(
    clippy::format_collect,
    clippy::format_push_string,
    clippy::print_stdout,
    clippy::unnecessary_debug_formatting,
    reason = "it writes source code, once a build"
)]

use std::{
    env, fs,
    io::{Cursor, Read as _, Write as _},
    path::{Path, PathBuf},
};

use anyhow::{Context as _, Result};
use flate2::{Compression, write::GzEncoder};
use sha2::{Digest as _, Sha256};
use utoipa_swagger_ui_vendored::SWAGGER_UI_VENDORED;
use zip::ZipArchive;

/// The document that a test of the order component derives.
const OPENAPI: &str = "../../docs/openapi.json";
/// What the page loads that is written here.
const OWN: [&str; 3] = ["icon.svg", "start.js", "style.css"];
/// What it loads of Swagger UI, with the place in its archive.
const SWAGGER_UI: [(&str, &str); 4] = [
    ("swagger-ui-bundle.js", "dist/swagger-ui-bundle.js"),
    ("swagger-ui.css", "dist/swagger-ui.css"),
    ("swagger-ui-license.txt", "LICENSE"),
    ("swagger-ui-notice.txt", "NOTICE"),
];

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed={OPENAPI}");
    println!("cargo::rerun-if-changed=page");
    let mut table = Table::new(PathBuf::from(env::var("OUT_DIR")?));
    let mut page = fs::read_to_string("page/index.html")?;

    for name in OWN {
        let path = table.add_lasting(name, &fs::read(Path::new("page").join(name))?)?;
        page = page.replace(&format!("{{{name}}}"), &path);
    }
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    for (name, place) in SWAGGER_UI {
        let path = table.add_lasting(name, &unpacked(&mut archive, place)?)?;
        page = page.replace(&format!("{{{name}}}"), &path);
    }
    table.add("/docs", "index.html", page.as_bytes(), false)?;
    table.add("/openapi.json", "openapi.json", &fs::read(OPENAPI)?, false)?;
    table.write()
}

/// A file below the archive's only folder.
fn unpacked(archive: &mut ZipArchive<Cursor<&[u8]>>, place: &str) -> Result<Vec<u8>> {
    let mut names = archive.file_names().filter_map(Result::ok);
    let name = names
        .find(|name| name.split_once('/').is_some_and(|(_, rest)| rest == place))
        .map(std::borrow::Cow::into_owned)
        .with_context(|| format!("Swagger UI's archive has no {place}"))?;
    drop(names);
    let mut content = Vec::new();
    archive.by_name(&name)?.read_to_end(&mut content)?;
    Ok(content)
}

/// The table, as an array of `Asset`.
struct Table {
    folder: PathBuf,
    source: String,
}

impl Table {
    fn new(folder: PathBuf) -> Self {
        let source = "[\n".to_owned();
        Self { folder, source }
    }

    /// Adds what is loaded by a name that changes with its content; returns its path.
    fn add_lasting(&mut self, name: &str, content: &[u8]) -> Result<String> {
        let (stem, extension) = name.rsplit_once('.').context("a name with an extension")?;
        let path = format!("/docs/{stem}-{}.{extension}", &digest(content)[..12]);
        self.add(&path, name, content, true)?;
        Ok(path)
    }

    fn add(&mut self, path: &str, name: &str, content: &[u8], lasting: bool) -> Result<()> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(content)?;
        let plain_file = self.folder.join(name);
        let gzip_file = self.folder.join(format!("{name}.gz"));
        fs::write(&plain_file, content)?;
        fs::write(&gzip_file, gzip.finish()?)?;
        let media_type = media_type(name)?;
        let tag = &digest(content)[..32];
        self.source.push_str(&format!(
            "    Asset {{ path: {path:?}, media_type: {media_type:?}, tag: {tag:?}, lasting: {lasting}, \
             plain: include_bytes!({plain_file:?}), gzip: include_bytes!({gzip_file:?}) }},\n"
        ));
        Ok(())
    }

    fn write(mut self) -> Result<()> {
        self.source.push(']');
        fs::write(self.folder.join("assets.rs"), self.source)?;
        Ok(())
    }
}

fn media_type(name: &str) -> Result<&'static str> {
    let (_, extension) = name.rsplit_once('.').context("a name with an extension")?;
    Ok(match extension {
        "css" => "text/css; charset=utf-8",
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "json" => "application/json",
        "svg" => "image/svg+xml",
        "txt" => "text/plain; charset=utf-8",
        other => anyhow::bail!("the media type of .{other} is not known"),
    })
}

fn digest(content: &[u8]) -> String {
    let hash = Sha256::digest(content);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
