//! What every component does that decides races.

use std::{collections::BTreeSet, time::Duration};

use futures::future::join_all;
use tokio::time::sleep;

use crate::support::{ClaimFailure::Lost, Claims, Decision};

/// How many instances race.
const RACERS: usize = 16;

/// How often an instance asks for a number that others take at the same time.
const ATTEMPTS: u64 = 100;

/// How many races there are, so that they take different courses.
const RACES: usize = 8;

pub(super) async fn all(claims: &Claims) {
    the_first_wins_whenever_it_asks(claims).await;
    sequences_count(claims).await;
    other_names_are_refused(claims).await;
    of_many_at_once_one_wins(claims).await;
    the_same_contender_wins_at_once(claims).await;
    no_number_is_given_twice(claims).await;
}

async fn the_first_wins_whenever_it_asks(claims: &Claims) {
    assert_eq!(claims.claim("first", "a").await, Ok(()));
    assert_eq!(claims.claim("first", "a").await, Ok(()));
    assert_eq!(claims.claim("first", "b").await, Err(Lost));
    assert_eq!(claims.claim("first", "a").await, Ok(()));
    assert_eq!(claims.claim("first:0", "b").await, Ok(()));
}

async fn sequences_count(claims: &Claims) {
    for number in 1..=3 {
        assert_eq!(claims.next("count").await, Ok(number));
    }
    assert_eq!(claims.next("count:0").await, Ok(1));
    assert_eq!(claims.next("count").await, Ok(4));
    // A name and a sequence of one text have nothing to do with each other.
    assert_eq!(claims.claim("count", "a").await, Ok(()));
    assert_eq!(claims.next("count").await, Ok(5));
}

async fn other_names_are_refused(claims: &Claims) {
    for text in ["", "a b", "a/b", "a'b", "å", &"x".repeat(161)] {
        assert!(is_inconclusive(&claims.claim(text, "a").await), "{text}");
        assert!(is_inconclusive(&claims.claim("a", text).await), "{text}");
        assert!(is_inconclusive(&claims.next(text).await), "{text}");
    }
}

async fn of_many_at_once_one_wins(claims: &Claims) {
    for race in 0..RACES {
        let name = format!("race:{race}");
        let contenders: Vec<_> = (0..RACERS).map(|racer| format!("racer-{racer}")).collect();
        let racers = contenders.iter();
        let ends = join_all(racers.map(|contender| claims.claim(&name, contender))).await;
        let won = ends.iter().filter(|end| end.is_ok()).count();
        assert_eq!(won, 1, "{name}: {ends:?}");
    }
}

async fn the_same_contender_wins_at_once(claims: &Claims) {
    let ends = join_all((0..RACERS).map(|_| claims.claim("same", "a"))).await;
    // An instance that could not tell is told the next time.
    assert!(!ends.contains(&Err(Lost)), "{ends:?}");
    assert_eq!(claims.claim("same", "a").await, Ok(()));
    assert_eq!(claims.claim("same", "b").await, Err(Lost));
}

async fn no_number_is_given_twice(claims: &Claims) {
    let take = async |racer: u64| {
        for attempt in 0..ATTEMPTS {
            if let Ok(number) = claims.next("numbers").await {
                return number;
            }
            // Those that lose together ask again at different times.
            sleep(Duration::from_millis(17 * (racer + 1) + 3 * attempt)).await;
        }
        panic!("racer {racer} got no number in {ATTEMPTS} attempts");
    };
    let numbers = join_all((0..RACERS as u64).map(take)).await;
    let different: BTreeSet<_> = numbers.iter().collect();
    assert_eq!(different.len(), RACERS, "{numbers:?}");
}

pub(super) fn is_inconclusive<T>(decision: &Decision<T>) -> bool {
    matches!(decision, Err(crate::support::ClaimFailure::Inconclusive(_)))
}
