//! `GET /docs`

use http::header;
use test_support::{Answer, Call, Host, assert_rows, case, get};

#[case]
async fn page_loads_only_files_of_this_host(host: &Host) {
    for path in ["/docs", "/docs/"] {
        let page = get(path).send(host).await.expect(200);
        assert_eq!(
            page.header(header::CONTENT_TYPE),
            Some("text/html; charset=utf-8")
        );
        let policy = page
            .header(header::CONTENT_SECURITY_POLICY)
            .expect("a policy");
        assert!(policy.starts_with("default-src 'none';"), "{page}");
        assert!(
            !policy.contains("unsafe") && !policy.contains("http"),
            "{page}"
        );
        let links = links(&page);
        assert!(links.iter().all(|link| link.starts_with('/')), "{links:?}");
        for link in links {
            let loaded = get(&*link).send(host).await.expect(200);
            assert!(loaded.header(header::ETAG).is_some(), "{loaded}");
        }
    }
}

#[case]
async fn page_is_compressed_for_clients_that_accept_gzip(host: &Host) {
    let plain = get("/docs").send(host).await.expect(200);
    let gzip = get("/docs").header("accept-encoding", "gzip");
    let gzip = gzip.send(host).await.expect(200);
    assert_eq!(gzip.header(header::CONTENT_ENCODING), Some("gzip"));
    assert_ne!(gzip.header(header::ETAG), plain.header(header::ETAG));
    assert!(gzip.body.len() < plain.body.len());
}

#[case]
async fn unknown_paths_and_methods_get_problems(host: &Host) {
    for path in ["/docs/none", "/docs/swagger-ui.css/x"] {
        get(path).send(host).await.expect(404).problem();
    }
    let mut rows = Vec::new();
    for path in ["/docs", "/openapi.json"] {
        let answer = Call::new("POST", path).send(host).await.expect(405);
        answer.problem();
        rows.push((
            format!("POST {path}"),
            answer.allowed_methods(),
            read_methods(),
        ));
        let answer = Call::new("OPTIONS", path).send(host).await.expect(204);
        rows.push((
            format!("OPTIONS {path}"),
            answer.allowed_methods(),
            read_methods(),
        ));
    }
    assert_rows(rows);
}

#[case]
async fn page_in_other_spellings_is_the_same(host: &Host) {
    for encoding in ["identity", "gzip"] {
        let call = |path: &str| get(path).header("accept-encoding", encoding);
        let plain = call("/docs").send(host).await.expect(200);
        for path in ["/DOCS", "/Docs/", "/%64ocs", "/%44OCS/", "/docs?x=1"] {
            let answer = call(path).send(host).await.expect(200);
            assert_eq!(answer.body, plain.body, "{path}");
            for name in [
                header::CONTENT_TYPE,
                header::CONTENT_ENCODING,
                header::CONTENT_SECURITY_POLICY,
                header::CACHE_CONTROL,
                header::ETAG,
            ] {
                assert_eq!(answer.header(&name), plain.header(&name), "{path}");
            }
        }
    }
    for path in ["/docs//", "/docs%2F", "/docs%2e", "/Doc", "/DOCS/x"] {
        get(path).send(host).await.expect(404).problem();
    }
}

fn read_methods() -> Vec<String> {
    ["GET", "HEAD"].map(str::to_owned).to_vec()
}

/// Returns the links of a page.
fn links(page: &Answer) -> Vec<String> {
    let text = std::str::from_utf8(&page.body).expect("text");
    let words: Vec<&str> = text.split(['"', ' ']).collect();
    let links = words
        .windows(2)
        .filter(|pair| matches!(pair[0], "href=" | "src="));
    links.map(|pair| pair[1].to_owned()).collect()
}
