//! What a seed decides before a run begins.

use fastrand::Rng;

pub(crate) const SECOND: i64 = 1_000_000;
pub(crate) const MINUTE: i64 = 60 * SECOND;
pub(crate) const HOUR: i64 = 60 * MINUTE;
pub(crate) const DAY: i64 = 24 * HOUR;

/// A key-value provider, as docs/architecture.md and the local host describe it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Provider {
    /// A batch is a transaction. Of two swaps both win.
    Sqlite,
    /// A batch is a transaction. Swaps fail, and many keys cannot be read at once.
    Redis,
    /// A batch is applied in any order, and in part if it fails. Increments conflict. Reads may be stale.
    #[value(name = "dynamodb")]
    DynamoDb,
    /// A batch is applied key by key. Racing increments may return the same number.
    #[value(name = "cosmosdb")]
    CosmosDb,
    /// There are no atomic operations, and other regions see a write later.
    Akamai,
}

impl Provider {
    /// All providers.
    pub const ALL: [Self; 5] = [
        Self::Sqlite,
        Self::Redis,
        Self::DynamoDb,
        Self::CosmosDb,
        Self::Akamai,
    ];

    pub(crate) fn is_transactional(self) -> bool {
        matches!(self, Self::Sqlite | Self::Redis)
    }
}

/// A fault of the host that is planted, to see that the checks find it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Plant {
    /// Everybody wins each claim.
    ClaimsForAll,
    /// The sequence returns numbers twice.
    RepeatedNumbers,
    /// One write in a hundred is lost, and counts as made.
    LostWrites,
    /// Clocks differ by up to ten minutes.
    WrongClocks,
}

/// What a seed decides before a run begins.
#[derive(Debug, Clone)]
pub(crate) struct Plan {
    pub(crate) provider: Provider,
    pub(crate) plant: Option<Plant>,
    /// By how much the clock of each host is wrong.
    pub(crate) skews: Vec<i64>,
    /// How many requests an instance takes.
    pub(crate) reuse: usize,
    pub(crate) start: i64,
    /// When the last fault happens.
    pub(crate) heal: i64,
    pub(crate) orders: usize,
    /// The probabilities of faults in each call of the store.
    pub(crate) die: f64,
    pub(crate) fail: f64,
    pub(crate) hang: f64,
    /// The probability that a read is stale.
    pub(crate) stale: f64,
    pub(crate) sender: SenderPlan,
    /// The probabilities that another server hangs or fails.
    pub(crate) condition_fault: f64,
    pub(crate) issuer_fault: f64,
    pub(crate) contacts_fault: f64,
    pub(crate) give_up_hours: i64,
    pub(crate) content_days: i64,
    pub(crate) order_days: i64,
    /// How often the triggers call.
    pub(crate) trigger_every: i64,
    /// How many triggers call at the same time at most.
    pub(crate) triggers: usize,
    /// How many creators there are.
    pub(crate) creators: usize,
}

/// The probabilities of what the sender does.
#[derive(Debug, Clone, Default)]
pub(crate) struct SenderPlan {
    /// It refuses the email for a while.
    pub(crate) transient: f64,
    /// It sends the email, and does not say so.
    pub(crate) unanswered: f64,
    /// It takes no emails for a while.
    pub(crate) limited: f64,
    /// It takes long.
    pub(crate) slow: f64,
}

impl Plan {
    pub(crate) fn of(provider: Provider, plant: Option<Plant>, random: &mut Rng) -> Self {
        let hosts = 1 + random.usize(0..4);
        let has_skew = hosts > 1 && random.bool();
        let skew = |random: &mut Rng| {
            if plant == Some(Plant::WrongClocks) {
                random.i64(-5 * MINUTE..=5 * MINUTE)
            } else if has_skew {
                random.i64(-15 * SECOND..=15 * SECOND)
            } else {
                0
            }
        };
        // 2027-02-28T00:00:00Z, a month's end, and some time around it.
        let start = 1_803_772_800 * SECOND
            + *random
                .choice(&[-3 * MINUTE, 0, 9 * HOUR, 23 * HOUR + 50 * MINUTE])
                .unwrap_or(&0)
            + random.i64(0..10 * MINUTE);
        let duration = random.i64(10 * MINUTE..2 * HOUR);
        // Some runs have one kind of fault, some have all, and some have none.
        let which = random.u32(0..16);
        let rate = |random: &mut Rng, bit: u32, rates: &[f64]| {
            if which & bit == 0 {
                0.0
            } else {
                *random.choice(rates).unwrap_or(&0.0)
            }
        };
        let sender = if random.u32(0..2) == 0 {
            SenderPlan::default()
        } else {
            SenderPlan {
                transient: *random.choice(&[0.0, 0.05, 0.5]).unwrap_or(&0.0),
                unanswered: *random.choice(&[0.0, 0.02, 0.2]).unwrap_or(&0.0),
                limited: *random.choice(&[0.0, 0.0, 0.05]).unwrap_or(&0.0),
                slow: *random.choice(&[0.0, 0.1]).unwrap_or(&0.0),
            }
        };
        let stale = match provider {
            Provider::DynamoDb if random.bool() => 0.2,
            Provider::Akamai => 0.5,
            _ => 0.0,
        };
        let content_days = random.i64(1..3);
        Self {
            provider,
            plant,
            skews: (0..hosts).map(|_| skew(random)).collect(),
            reuse: *random.choice(&[1, 3, 128]).unwrap_or(&1),
            start,
            heal: start + duration,
            orders: *random.choice(&[3, 10, 30, 60]).unwrap_or(&10),
            die: rate(random, 1, &[0.003, 0.02]),
            fail: rate(random, 2, &[0.005, 0.03, 0.1]),
            hang: rate(random, 4, &[0.001, 0.01]),
            stale,
            sender,
            condition_fault: *random.choice(&[0.0, 0.2]).unwrap_or(&0.0),
            issuer_fault: *random.choice(&[0.0, 0.2]).unwrap_or(&0.0),
            contacts_fault: *random.choice(&[0.0, 0.2]).unwrap_or(&0.0),
            give_up_hours: *random.choice(&[1, 48]).unwrap_or(&48),
            content_days,
            order_days: content_days + random.i64(0..2),
            trigger_every: *random
                .choice(&[10 * SECOND, MINUTE, MINUTE])
                .unwrap_or(&MINUTE),
            triggers: random.usize(1..4),
            creators: random.usize(1..4),
        }
    }

    /// Returns when everything that is due before the last fault must be settled.
    pub(crate) fn settled(&self) -> i64 {
        self.heal + 3 * HOUR
    }

    /// Returns the latest send time.
    pub(crate) fn last_send_time(&self) -> i64 {
        self.heal + DAY
    }

    /// Returns when nothing may be left.
    pub(crate) fn end(&self) -> i64 {
        self.last_send_time() + (self.order_days + 9) * DAY
    }
}
