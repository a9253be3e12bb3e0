//! Generates the table of assets: the document, the page, and the files that the page loads, each
//! plain and compressed. The names of the files that the page loads contain a hash of the content.
//!
//! Swagger UI comes from the crate `utoipa-swagger-ui-vendored`, so the lock file pins its bytes.
#![allow(
    clippy::format_collect,
    clippy::format_push_string,
    clippy::print_stdout,
    clippy::unnecessary_debug_formatting,
    reason = "generates source code at build time"
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

/// The OpenAPI document, which a test of the order component derives.
const OPENAPI: &str = "../../docs/openapi.json";
/// The page's own files.
const OWN: [&str; 3] = ["icon.svg", "start.js", "style.css"];
/// The files of Swagger UI, with their paths in its archive.
const SWAGGER_UI: [(&str, &str); 4] = [
    ("swagger-ui-bundle.js", "dist/swagger-ui-bundle.js"),
    ("swagger-ui.css", "dist/swagger-ui.css"),
    ("swagger-ui-license.txt", "LICENSE"),
    ("swagger-ui-notice.txt", "NOTICE"),
];

fn main() -> Result<()> {
    println!("cargo::rerun-if-changed={OPENAPI}");
    println!("cargo::rerun-if-changed=page");
    let mut table = AssetTable::new(PathBuf::from(env::var("OUT_DIR")?));
    let mut page = fs::read_to_string("page/index.html")?;

    for name in OWN {
        let path = table.add_immutable(name, &fs::read(Path::new("page").join(name))?)?;
        page = page.replace(&format!("{{{name}}}"), &path);
    }
    let mut archive = ZipArchive::new(Cursor::new(SWAGGER_UI_VENDORED))?;
    for (name, path_in_archive) in SWAGGER_UI {
        let path = table.add_immutable(name, &unpack(&mut archive, path_in_archive)?)?;
        page = page.replace(&format!("{{{name}}}"), &path);
    }
    table.add("/docs", "index.html", page.as_bytes(), false)?;
    table.add("/openapi.json", "openapi.json", &fs::read(OPENAPI)?, false)?;
    table.write()
}

/// Extracts a file below the archive's only folder.
fn unpack(archive: &mut ZipArchive<Cursor<&[u8]>>, path: &str) -> Result<Vec<u8>> {
    let mut names = archive.file_names().filter_map(Result::ok);
    let name = names
        .find(|name| name.split_once('/').is_some_and(|(_, rest)| rest == path))
        .map(std::borrow::Cow::into_owned)
        .with_context(|| format!("Swagger UI's archive has no {path}"))?;
    drop(names);
    let mut content = Vec::new();
    archive.by_name(&name)?.read_to_end(&mut content)?;
    Ok(content)
}

/// The table of assets, as the source of an array of `Asset`.
struct AssetTable {
    folder: PathBuf,
    source: String,
}

impl AssetTable {
    fn new(folder: PathBuf) -> Self {
        let source = "[\n".to_owned();
        Self { folder, source }
    }

    /// Adds a file under a name that contains a hash of its content; returns its path.
    fn add_immutable(&mut self, name: &str, content: &[u8]) -> Result<String> {
        let (stem, extension) = name.rsplit_once('.').context("a name with an extension")?;
        let path = format!("/docs/{stem}-{}.{extension}", &hex_sha256(content)[..12]);
        self.add(&path, name, content, true)?;
        Ok(path)
    }

    fn add(&mut self, path: &str, name: &str, content: &[u8], immutable: bool) -> Result<()> {
        let mut gzip = GzEncoder::new(Vec::new(), Compression::best());
        gzip.write_all(content)?;
        let plain_file = self.folder.join(name);
        let gzip_file = self.folder.join(format!("{name}.gz"));
        fs::write(&plain_file, content)?;
        fs::write(&gzip_file, gzip.finish()?)?;
        let media_type = media_type(name)?;
        let tag = &hex_sha256(content)[..32];
        self.source.push_str(&format!(
            "    Asset {{ path: {path:?}, media_type: {media_type:?}, tag: {tag:?}, immutable: {immutable}, \
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
        other => anyhow::bail!("the media type of .{other} is unknown"),
    })
}

fn hex_sha256(content: &[u8]) -> String {
    let hash = Sha256::digest(content);
    hash.iter().map(|byte| format!("{byte:02x}")).collect()
}
