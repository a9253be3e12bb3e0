//! `/docs` and `/openapi.json`, which a component of their own serves.

mod docs;
mod openapi;
