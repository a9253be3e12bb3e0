//! The cases for every component that decides races.

use std::{collections::BTreeSet, time::Duration};

use futures_util::future::join_all;
use tokio::time::sleep;

use crate::probe::{ClaimFailure, ClaimFailure::Lost, Decision, Probe};

/// The number of racing instances.
const RACERS: usize = 16;

/// How often an instance asks for a number while others take numbers.
const ATTEMPTS: u64 = 100;

/// The number of races, so that they take different courses.
const RACES: usize = 8;

pub(super) async fn all(claims: &Probe) {
    all_claims(claims).await;
    sequences_count_up(claims).await;
    concurrent_numbers_are_distinct(claims).await;
}

pub(super) async fn all_claims(claims: &Probe) {
    first_contender_wins_every_time(claims).await;
    invalid_names_are_inconclusive(claims).await;
    one_of_many_concurrent_contenders_wins(claims).await;
    concurrent_claims_of_one_contender_win(claims).await;
}

async fn first_contender_wins_every_time(claims: &Probe) {
    assert_eq!(claims.claim("first", "a").await, Ok(()));
    assert_eq!(claims.claim("first", "a").await, Ok(()));
    assert_eq!(claims.claim("first", "b").await, Err(Lost));
    assert_eq!(claims.claim("first", "a").await, Ok(()));
    assert_eq!(claims.claim("first:0", "b").await, Ok(()));
}

async fn sequences_count_up(claims: &Probe) {
    for number in 1..=3 {
        assert_eq!(claims.next("count").await, Ok(number));
    }
    assert_eq!(claims.next("count:0").await, Ok(1));
    assert_eq!(claims.next("count").await, Ok(4));
    // Names and sequences are independent.
    assert_eq!(claims.claim("count", "a").await, Ok(()));
    assert_eq!(claims.next("count").await, Ok(5));
}

async fn invalid_names_are_inconclusive(claims: &Probe) {
    for text in ["", "a b", "a/b", "a'b", "å", &"x".repeat(161)] {
        assert!(is_inconclusive(&claims.claim(text, "a").await), "{text}");
        assert!(is_inconclusive(&claims.claim("a", text).await), "{text}");
        assert!(is_inconclusive(&claims.next(text).await), "{text}");
    }
}

async fn one_of_many_concurrent_contenders_wins(claims: &Probe) {
    for race in 0..RACES {
        let name = format!("race:{race}");
        let contenders: Vec<_> = (0..RACERS).map(|racer| format!("racer-{racer}")).collect();
        let racers = contenders.iter();
        let ends = join_all(racers.map(|contender| claims.claim(&name, contender))).await;
        let won = ends.iter().filter(|end| end.is_ok()).count();
        assert_eq!(won, 1, "{name}: {ends:?}");
    }
}

async fn concurrent_claims_of_one_contender_win(claims: &Probe) {
    let ends = join_all((0..RACERS).map(|_| claims.claim("same", "a"))).await;
    // An inconclusive claim succeeds when it is repeated.
    assert!(!ends.contains(&Err(Lost)), "{ends:?}");
    assert_eq!(claims.claim("same", "a").await, Ok(()));
    assert_eq!(claims.claim("same", "b").await, Err(Lost));
}

async fn concurrent_numbers_are_distinct(claims: &Probe) {
    let take = async |racer: u64| {
        for attempt in 0..ATTEMPTS {
            if let Ok(number) = claims.next("numbers").await {
                return number;
            }
            // Racers that lose together ask again at different times.
            sleep(Duration::from_millis(17 * (racer + 1) + 3 * attempt)).await;
        }
        panic!("racer {racer} got no number in {ATTEMPTS} attempts");
    };
    let numbers = join_all((0..RACERS as u64).map(take)).await;
    let different: BTreeSet<_> = numbers.iter().collect();
    assert_eq!(different.len(), RACERS, "{numbers:?}");
}

pub(super) fn is_inconclusive<T>(decision: &Decision<T>) -> bool {
    matches!(decision, Err(ClaimFailure::Inconclusive(_)))
}
