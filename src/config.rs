//! The configuration: Spin variables with fixed names, parsed into types.
//!
//! A variable that does not parse affects only the requests that need it: each part of a [`Config`]
//! is a value or [`Unusable`]. An unusable entry of a list of issuers affects only the tokens of
//! that issuer.

use std::{
    fmt,
    hash::{DefaultHasher, Hash as _, Hasher as _},
};

use http::Uri;

use crate::{
    auth::{Issuers, IssuersError, Seal, TriggerKeys, read_issuers},
    json,
    log::Level,
    order::{Creator, EmailAddress},
    store::RetentionDays,
};

/// The texts of the variables.
#[derive(Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the variable of its name")]
pub struct Variables {
    pub bearer_issuers: String,
    pub platform_issuers: String,
    pub required_scopes: String,
    pub public_base_url: String,
    pub default_from_address: String,
    pub from_addresses: String,
    pub trigger: TriggerVariables,
    pub max_body_bytes: String,
}

/// The texts of the variables that suffice for a run of the trigger.
#[derive(Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the variable of its name")]
pub struct TriggerVariables {
    pub trigger_key: String,
    pub trigger_key_previous: String,
    pub log_level: String,
    pub give_up_hours: String,
    pub send_rate: String,
}

/// The texts of the variables that retention needs.
#[derive(Clone, Default, PartialEq, Eq)]
#[allow(missing_docs, reason = "each is the variable of its name")]
pub struct RetentionVariables {
    pub retain_content_days: String,
    pub retain_order_days: String,
}

impl RetentionVariables {
    /// Parses the variables, and adds their states to `checks`.
    pub fn parse(&self, checks: &mut Vec<Check>) -> Result<RetentionDays, Unusable> {
        // Parses each in any case, so that all errors are found.
        let content = parsed(
            "retain_content_days",
            &self.retain_content_days,
            days,
            checks,
        );
        let order = parsed("retain_order_days", &self.retain_order_days, days, checks);
        Ok(RetentionDays {
            content: content.ok_or(Unusable)?,
            order: order.ok_or(Unusable)?,
        })
    }
}

/// A variable that the host does not return.
#[derive(Debug, Clone, thiserror::Error)]
#[error("variable {variable}: {reason}")]
pub struct VariableError {
    /// The name.
    pub variable: &'static str,
    /// The host's reason.
    pub reason: String,
}

/// A configuration, of which any part may be unusable.
#[derive(Debug)]
pub struct Config {
    authorization: Option<Authorization>,
    trigger: TriggerConfig,
    public_base_url: Option<String>,
    from_addresses: Option<FromAddresses>,
    max_body_bytes: Option<usize>,
    checks: Vec<Check>,
}

/// The part of the configuration that suffices for a run of the trigger.
#[derive(Debug, Clone, Copy)]
pub struct TriggerConfig {
    /// The trigger keys; None if none is configured.
    pub keys: Option<TriggerKeys>,
    /// The least urgent level that is logged.
    pub log_level: Level,
    give_up_hours: Option<u32>,
    send_rate: Option<u32>,
}

/// What delivery is configured with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DeliverySettings {
    /// How many hours after its send time an order is given up.
    pub give_up_hours: u32,
    /// How many emails an instance sends in 1,000 seconds at most; 0 stands for any number.
    pub send_rate: u32,
}

/// What authorizes requests for orders.
#[derive(Debug)]
pub struct Authorization {
    /// The issuers of bearer tokens.
    pub bearer_issuers: Issuers,
    /// The issuers of platform access tokens.
    pub platform_issuers: Issuers,
    /// A bearer token needs one of these scopes.
    pub required_scopes: Vec<String>,
}

/// A variable that a request needs does not parse. Another line of the log says which, and why.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a variable that the request needs is invalid")]
pub struct Unusable;

/// The state of a variable, or of one issuer in it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Check {
    /// The name of the variable.
    pub variable: &'static str,
    /// The issuer; None if this is the state of the variable as a whole.
    pub issuer: Option<String>,
    /// Why it cannot be used; None if it can.
    pub error: Option<String>,
    /// A hash of the variable's value, to tell the errors of different values apart.
    value: u64,
}

impl Check {
    fn new(variable: &'static str, value: &str, error: Option<String>) -> Self {
        let mut hasher = DefaultHasher::new();
        value.hash(&mut hasher);
        Self {
            variable,
            issuer: None,
            error,
            value: hasher.finish(),
        }
    }
}

impl fmt::Display for Check {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "variable {}: ", self.variable)?;
        if let Some(issuer) = &self.issuer {
            write!(f, "issuer {issuer}: ")?;
        }
        f.write_str(self.error.as_deref().unwrap_or("ok"))
    }
}

impl Config {
    /// Parses the variables.
    pub fn parse(variables: &Variables) -> Self {
        let mut checks = Vec::new();
        let authorization = authorization(variables, &mut checks);
        let public_base_url = parsed(
            "public_base_url",
            &variables.public_base_url,
            base_url,
            &mut checks,
        );
        let from_addresses = FromAddresses::parse(variables, &mut checks);
        let max_body_bytes = parsed(
            "max_body_bytes",
            &variables.max_body_bytes,
            body_bytes,
            &mut checks,
        );
        let trigger = TriggerConfig::parse(&variables.trigger, &mut checks);
        Self {
            authorization,
            trigger,
            public_base_url,
            from_addresses,
            max_body_bytes,
            checks,
        }
    }

    /// Returns what authorizes requests for orders.
    pub fn authorization(&self) -> Result<&Authorization, Unusable> {
        self.authorization.as_ref().ok_or(Unusable)
    }

    /// Returns the part that suffices for a run of the trigger.
    pub fn trigger(&self) -> TriggerConfig {
        self.trigger
    }

    /// Returns the beginning of links: empty, or without a slash at its end.
    pub fn public_base_url(&self) -> Result<&str, Unusable> {
        self.public_base_url.as_deref().ok_or(Unusable)
    }

    /// Returns the sender addresses of emails.
    pub fn from_addresses(&self) -> Result<&FromAddresses, Unusable> {
        self.from_addresses.as_ref().ok_or(Unusable)
    }

    /// Returns the size limit of request bodies.
    pub fn max_body_bytes(&self) -> Result<usize, Unusable> {
        self.max_body_bytes.ok_or(Unusable)
    }

    /// Returns the state of every variable that is parsed, and of every issuer.
    pub fn checks(&self) -> &[Check] {
        &self.checks
    }
}

impl TriggerConfig {
    /// Parses the variables, and adds their states to `checks`. An invalid log level counts as
    /// `info`.
    pub fn parse(variables: &TriggerVariables, checks: &mut Vec<Check>) -> Self {
        let log_level = parsed(
            "log_level",
            &variables.log_level,
            |text| Level::parse(text.trim()).ok_or("must be error, warn, info or debug"),
            checks,
        );
        Self {
            keys: TriggerKeys::new(&variables.trigger_key, &variables.trigger_key_previous),
            log_level: log_level.unwrap_or(Level::Info),
            give_up_hours: parsed("give_up_hours", &variables.give_up_hours, hours, checks),
            send_rate: parsed("send_rate", &variables.send_rate, thousandths, checks),
        }
    }

    /// Returns what delivery is configured with.
    pub fn delivery(self) -> Result<DeliverySettings, Unusable> {
        Ok(DeliverySettings {
            give_up_hours: self.give_up_hours.ok_or(Unusable)?,
            send_rate: self.send_rate.ok_or(Unusable)?,
        })
    }
}

/// The sender addresses of emails.
#[derive(Debug)]
pub struct FromAddresses {
    default: EmailAddress,
    /// Those of creators that have their own.
    own: Vec<(String, EmailAddress)>,
}

impl FromAddresses {
    fn parse(variables: &Variables, checks: &mut Vec<Check>) -> Option<Self> {
        // Parses each in any case, so that all errors are found.
        let default = parsed(
            "default_from_address",
            &variables.default_from_address,
            from_address,
            checks,
        );
        let own = parsed(
            "from_addresses",
            &variables.from_addresses,
            own_addresses,
            checks,
        );
        Some(Self {
            default: default?,
            own: own?,
        })
    }

    /// Returns the sender address of a creator's emails.
    pub fn of(&self, creator: &Creator) -> &EmailAddress {
        let mut own = self.own.iter();
        own.find(|(name, _)| name == creator.as_str())
            .map_or(&self.default, |(_, address)| address)
    }
}

fn from_address(text: &str) -> Result<EmailAddress, String> {
    EmailAddress::parse(text).map_err(|error| error.to_string())
}

/// Parses an object whose members are creators with their addresses.
fn own_addresses(text: &str) -> Result<Vec<(String, EmailAddress)>, String> {
    if text.trim().is_empty() {
        return Ok(Vec::new());
    }
    let members = json::texts(text.as_bytes())
        .map_err(|_| "must be a JSON object of creators with their addresses".to_owned())?;
    let mut own = Vec::with_capacity(members.len());
    for (creator, text) in members {
        match EmailAddress::parse(&text) {
            Ok(address) => own.push((creator, address)),
            Err(error) => return Err(format!("{creator}: {error}")),
        }
    }
    Ok(own)
}

/// Parses one variable, and adds its state to `checks`.
fn parsed<T, E: ToString>(
    variable: &'static str,
    value: &str,
    parse: impl FnOnce(&str) -> Result<T, E>,
    checks: &mut Vec<Check>,
) -> Option<T> {
    let (parsed, error) = match parse(value) {
        Ok(parsed) => (Some(parsed), None),
        Err(error) => (None, Some(error.to_string())),
    };
    checks.push(Check::new(variable, value, error));
    parsed
}

/// Parses both lists of issuers and the scopes. A request may present either credential, so it
/// needs both lists.
fn authorization(variables: &Variables, checks: &mut Vec<Check>) -> Option<Authorization> {
    let TriggerVariables {
        trigger_key,
        trigger_key_previous,
        ..
    } = &variables.trigger;
    let seal = Seal::new(trigger_key, trigger_key_previous);
    let (bearer, platform) = (&variables.bearer_issuers, &variables.platform_issuers);
    let (bearer_issuers, platform_issuers) = read_issuers(bearer, platform, seal);
    let mut usable = |variable, value: &str, issuers: Result<Issuers, IssuersError>| {
        let issuers = parsed(variable, value, |_| issuers, checks)?;
        checks.extend(issuers.states().map(|(issuer, error)| Check {
            issuer: Some(issuer.to_owned()),
            ..Check::new(variable, value, error.map(ToString::to_string))
        }));
        Some(issuers)
    };
    // Parses each in any case, so that all errors are found.
    let bearer_issuers = usable("bearer_issuers", bearer, bearer_issuers);
    let platform_issuers = usable("platform_issuers", platform, platform_issuers);
    let required_scopes = parsed(
        "required_scopes",
        &variables.required_scopes,
        scopes,
        checks,
    );
    Some(Authorization {
        bearer_issuers: bearer_issuers?,
        platform_issuers: platform_issuers?,
        required_scopes: required_scopes?,
    })
}

/// Parses scopes (RFC 6749, section 3.3). Challenges repeat them in quotes.
fn scopes(text: &str) -> Result<Vec<String>, &'static str> {
    let scopes = text.split_ascii_whitespace();
    let is_scope = |scope: &str| {
        let mut bytes = scope.bytes();
        bytes.all(|byte| byte.is_ascii_graphic() && !b"\"\\".contains(&byte))
    };
    if scopes.clone().all(is_scope) {
        Ok(scopes.map(str::to_owned).collect())
    } else {
        Err("must be scopes, separated by spaces, without quotes or backslashes")
    }
}

fn body_bytes(text: &str) -> Result<usize, &'static str> {
    match text.trim().parse() {
        Ok(0) | Err(_) => Err("must be a number of bytes, at least 1"),
        Ok(bytes) => Ok(bytes),
    }
}

fn hours(text: &str) -> Result<u32, &'static str> {
    match text.trim().parse() {
        Ok(0) | Err(_) => Err("must be a number of hours, at least 1"),
        Ok(hours) => Ok(hours),
    }
}

fn days(text: &str) -> Result<u32, &'static str> {
    let days = text.trim().parse();
    days.map_err(|_| "must be a number of days; 0 is for ever")
}

/// The highest rate that may be configured.
const MAX_SEND_RATE: u32 = 1_000_000;

/// Parses a number with up to three decimals, in thousandths. Floating-point numbers would enlarge the
/// component by several kilobytes.
fn thousandths(text: &str) -> Result<u32, &'static str> {
    let text = text.trim();
    let (whole, decimals) = text.split_once('.').unwrap_or((text, "0"));
    let number = |text: &str| {
        // `parse` accepts a plus.
        let digits = Some(text).filter(|text| !text.starts_with('+'));
        digits.and_then(|digits| digits.parse::<u32>().ok())
    };
    let unit = match decimals.len() {
        1 => 100,
        2 => 10,
        3 => 1,
        _ => 0,
    };
    match (number(whole), number(decimals)) {
        (Some(whole @ 0..=MAX_SEND_RATE), Some(decimals)) if unit > 0 => {
            Ok(whole * 1_000 + decimals * unit)
        }
        _ => Err("must be emails a second, with at most three decimals, or 0"),
    }
}

fn base_url(text: &str) -> Result<String, &'static str> {
    let url = text.trim().trim_end_matches('/');
    if url.is_empty() {
        return Ok(String::new());
    }
    let absolute = url.parse().is_ok_and(|uri: Uri| {
        matches!(uri.scheme_str(), Some("http" | "https"))
            && uri.host().is_some()
            && uri.query().is_none()
    });
    if absolute && !url.contains('#') {
        Ok(url.to_owned())
    } else {
        Err("must be an absolute http or https URL without a query, or empty")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn defaults() -> Variables {
        Variables {
            bearer_issuers: "[]".to_owned(),
            platform_issuers: "[]".to_owned(),
            required_scopes: "a b".to_owned(),
            default_from_address: "noreply@altinn.cloud".to_owned(),
            from_addresses: "{}".to_owned(),
            max_body_bytes: "262144".to_owned(),
            trigger: TriggerVariables {
                log_level: "info".to_owned(),
                give_up_hours: "48".to_owned(),
                send_rate: "0".to_owned(),
                ..TriggerVariables::default()
            },
            ..Variables::default()
        }
    }

    /// Returns the names of the parts that are unusable.
    fn unusable(config: &Config) -> Vec<&'static str> {
        let parts = [
            ("authorization", config.authorization().is_ok()),
            ("public_base_url", config.public_base_url().is_ok()),
            ("from_addresses", config.from_addresses().is_ok()),
            ("max_body_bytes", config.max_body_bytes().is_ok()),
            ("delivery", config.trigger().delivery().is_ok()),
        ];
        let unusable = parts.into_iter().filter(|(_, usable)| !usable);
        unusable.map(|(name, _)| name).collect()
    }

    /// Returns the states that are errors, as the log shows them.
    fn errors(config: &Config) -> Vec<String> {
        let checks = config.checks().iter();
        let errors = checks.filter(|check| check.error.is_some());
        errors.map(ToString::to_string).collect()
    }

    #[test]
    fn defaults_are_usable() {
        let config = Config::parse(&defaults());
        assert_eq!(errors(&config), [""; 0]);
        assert_eq!(unusable(&config), [""; 0]);
        assert_eq!(config.authorization().unwrap().required_scopes, ["a", "b"]);
        assert_eq!(config.public_base_url(), Ok(""));
        assert_eq!(config.max_body_bytes(), Ok(262_144));
        assert_eq!(config.trigger().keys, None);
        assert_eq!(config.trigger().log_level, Level::Info);
        let delivery = DeliverySettings {
            give_up_hours: 48,
            send_rate: 0,
        };
        assert_eq!(config.trigger().delivery(), Ok(delivery));
    }

    #[test]
    fn retention_days_are_numbers() {
        let parse = |content: &str, order: &str| {
            let variables = RetentionVariables {
                retain_content_days: content.to_owned(),
                retain_order_days: order.to_owned(),
            };
            let mut checks = Vec::new();
            let days = variables.parse(&mut checks);
            let errors = checks.iter().filter(|check| check.error.is_some());
            (days.map(|days| (days.content, days.order)), errors.count())
        };
        assert_eq!(parse("30", " 90 "), (Ok((30, 90)), 0));
        assert_eq!(parse("0", "0"), (Ok((0, 0)), 0));
        assert_eq!(parse("", "90"), (Err(Unusable), 1));
        assert_eq!(parse("-1", "x"), (Err(Unusable), 2));
    }

    #[test]
    fn base_url_loses_the_slash_at_its_end() {
        for (text, parsed) in [
            ("https://api.example.no", Ok("https://api.example.no")),
            ("https://api.example.no/", Ok("https://api.example.no")),
            ("http://127.0.0.1:3000/x", Ok("http://127.0.0.1:3000/x")),
            (" ", Ok("")),
            ("api.example.no", Err(Unusable)),
            ("/x", Err(Unusable)),
            ("ftp://example.no", Err(Unusable)),
            ("https://api.example.no?x=1", Err(Unusable)),
            ("https://api.example.no/#x", Err(Unusable)),
        ] {
            let variables = Variables {
                public_base_url: text.to_owned(),
                ..defaults()
            };
            let config = Config::parse(&variables);
            assert_eq!(config.public_base_url(), parsed, "{text}");
        }
    }

    #[test]
    fn log_level_that_is_unknown_counts_as_info() {
        for (text, level, is_usable) in [
            ("error", Level::Error, true),
            ("warn", Level::Warn, true),
            (" debug ", Level::Debug, true),
            ("trace", Level::Info, false),
            ("", Level::Info, false),
        ] {
            let mut variables = defaults();
            variables.trigger.log_level = text.to_owned();
            let config = Config::parse(&variables);
            assert_eq!(config.trigger().log_level, level, "{text}");
            assert_eq!(errors(&config).is_empty(), is_usable, "{text}");
        }
    }

    #[test]
    fn error_names_its_variable_and_leaves_the_others_usable() {
        let broken: [(&str, &str, fn(&mut Variables)); 9] = [
            ("required_scopes", "authorization", |v| {
                v.required_scopes = "a \"b\"".to_owned();
            }),
            ("bearer_issuers", "authorization", |v| {
                v.bearer_issuers = "{".to_owned();
            }),
            ("platform_issuers", "authorization", |v| {
                v.platform_issuers = "[{}]".to_owned();
            }),
            ("public_base_url", "public_base_url", |v| {
                v.public_base_url = "x".to_owned();
            }),
            ("default_from_address", "from_addresses", |v| {
                v.default_from_address = "x".to_owned();
            }),
            ("from_addresses", "from_addresses", |v| {
                v.from_addresses = r#"{"ttd":"x"}"#.to_owned();
            }),
            ("max_body_bytes", "max_body_bytes", |v| {
                v.max_body_bytes = "0".to_owned();
            }),
            ("give_up_hours", "delivery", |v| {
                v.trigger.give_up_hours = "0".to_owned();
            }),
            ("send_rate", "delivery", |v| {
                v.trigger.send_rate = "fast".to_owned();
            }),
        ];
        for (name, part, breaks) in broken {
            let mut variables = defaults();
            breaks(&mut variables);
            let config = Config::parse(&variables);
            assert_eq!(unusable(&config), [part]);
            let errors = errors(&config);
            let [error] = &errors[..] else {
                panic!("{errors:?}");
            };
            assert!(error.starts_with(&format!("variable {name}: ")), "{error}");
        }
    }

    #[test]
    fn send_rate_has_up_to_three_decimals() {
        for (text, rate) in [
            ("0", Some(0)),
            (" 2 ", Some(2_000)),
            ("0.5", Some(500)),
            ("0.005", Some(5)),
            ("12.250", Some(12_250)),
            ("1000000", Some(1_000_000_000)),
            ("1000001", None),
            ("0.0005", None),
            ("", None),
            (".5", None),
            ("1.", None),
            ("-1", None),
            ("+1", None),
            ("1.+5", None),
            ("1,5", None),
            ("1e3", None),
            ("4294967296", None),
        ] {
            assert_eq!(thousandths(text).ok(), rate, "{text}");
        }
    }

    #[test]
    fn from_address_is_the_own_one_of_the_creator_or_the_default() {
        let variables = Variables {
            from_addresses: r#" {"ttd": "ttd@example.no", "991825827": " post@example.no "} "#
                .to_owned(),
            ..defaults()
        };
        let config = Config::parse(&variables);
        for (creator, address) in [
            ("ttd", "ttd@example.no"),
            ("991825827", "post@example.no"),
            ("TTD", "noreply@altinn.cloud"),
            ("nav", "noreply@altinn.cloud"),
        ] {
            let creator = Creator::new(creator).unwrap();
            let from = config.from_addresses().unwrap().of(&creator);
            assert_eq!(from.as_str(), address, "{creator:?}");
        }
        for text in ["[]", "null", r#"{"ttd":1}"#, r#"{"ttd":null}"#, "{} x"] {
            let variables = Variables {
                from_addresses: text.to_owned(),
                ..defaults()
            };
            assert_eq!(
                unusable(&Config::parse(&variables)),
                ["from_addresses"],
                "{text}"
            );
        }
    }

    #[test]
    fn issuer_that_is_unusable_is_named_and_leaves_its_list_usable() {
        let variables = Variables {
            bearer_issuers: r#"[{"issuer":"https://a.test"}]"#.to_owned(),
            platform_issuers: r#"[{"issuer":"b","pem":"x"}]"#.to_owned(),
            ..defaults()
        };
        let config = Config::parse(&variables);
        assert_eq!(unusable(&config), [""; 0]);
        let errors = errors(&config);
        assert_eq!(errors.len(), 2, "{errors:?}");
        for (error, start) in errors.iter().zip([
            "variable bearer_issuers: issuer https://a.test: ",
            "variable platform_issuers: issuer b: ",
        ]) {
            assert!(error.starts_with(start), "{error}");
        }
    }

    #[test]
    fn checks_of_two_values_differ() {
        let check = |value| Check::new("public_base_url", value, Some("reason".to_owned()));
        assert_eq!(check("x"), check("x"));
        assert_ne!(check("x"), check("y"));
    }
}
