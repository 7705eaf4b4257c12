//! Places on a sphere, how far apart they are and where they stand in space.
//!
//! Fixed point with 256 binary places. Sine, cosine and arc tangent are their
//! power series, pi is Machin's; every answer is taken between two bounds, and
//! one on which the bounds disagree stops the model instead of being guessed.

use crate::fields::{Answer, Fields, Int, between, int};
use serde_json::Value;
use std::sync::OnceLock;

/// The earth's mean radius.
const RADIUS_CM: i64 = 637_100_880;
const PLACES: u32 = 256;
/// The angle's error stays below 2^-100: a few hundred operations cost some
/// units of 2^-256 each, and only the root of a small number doubles the place
/// of the last good digit.
const CERTAIN_PLACES: u32 = 100;

fn one() -> Int {
    int(1) << PLACES
}

fn times(a: &Int, b: &Int) -> Int {
    (a * b) >> PLACES
}

/// The root of a number that is not negative; what falls below zero is
/// rounding.
fn root(a: &Int) -> Int {
    (a.max(&int(0)) << PLACES).sqrt()
}

/// t − t³/3 + t⁵/5 − …
fn arc_tangent_series(t: &Int) -> Int {
    let square = times(t, t);
    let (mut power, mut sum, mut n) = (t.clone(), int(0), 1);
    while power != int(0) {
        sum += &power / int(n);
        power = -times(&power, &square);
        n += 2;
    }
    sum
}

/// Of 0 ≤ t ≤ 1: half the angle has the tangent t ÷ (1 + √(1 + t²)); halved
/// eight times, the series is short.
fn arc_tangent(t: &Int) -> Int {
    let mut t = t.clone();
    for _ in 0..8 {
        t = (&t << PLACES) / (one() + root(&(one() + times(&t, &t))));
    }
    arc_tangent_series(&t) << 8
}

/// Machin: π = 16 arc tan 1/5 − 4 arc tan 1/239.
fn pi() -> &'static Int {
    static PI: OnceLock<Int> = OnceLock::new();
    PI.get_or_init(|| int(16) * arc_tangent_series(&(one() / int(5))) - int(4) * arc_tangent_series(&(one() / int(239))))
}

/// The sum of every second term of the exponential series with turning signs:
/// the sine from the first power on, the cosine from the zeroth.
fn alternating(x: &Int, first: Int, mut n: i64) -> Int {
    let square = times(x, x);
    let (mut term, mut sum) = (first, int(0));
    while term != int(0) {
        sum += &term;
        term = -(times(&term, &square) / int((n + 1) * (n + 2)));
        n += 2;
    }
    sum
}

fn sine(x: &Int) -> Int {
    alternating(x, x.clone(), 1)
}

fn cosine(x: &Int) -> Int {
    alternating(x, one(), 0)
}

/// The angle from 0 to π with this sine's and cosine's proportion; the sine is
/// not negative.
fn angle(sine: &Int, cosine: &Int) -> Int {
    if *cosine < int(0) {
        return pi() - angle(sine, &-cosine);
    }
    if sine > cosine {
        return pi() / int(2) - arc_tangent(&((cosine << PLACES) / sine));
    }
    arc_tangent(&((sine << PLACES) / cosine))
}

/// Rounds by `floor` what lies between two bounds.
fn certain(value: &Int, error: &Int, floor: impl Fn(&Int) -> Int) -> Int {
    let (low, high) = (floor(&(value - error)), floor(&(value + error)));
    assert!(low == high, "two answers within the error: {low} and {high}");
    low
}

#[derive(Clone)]
pub struct Place {
    lat_e7: Int,
    lon_e7: Int,
}

pub fn read_place(value: &Value) -> Answer<Place> {
    let fields = Fields::open(value, &["lat_e7", "lon_e7"])?;
    Ok(Place {
        lat_e7: between(fields.need("lat_e7")?, -900_000_000, 900_000_000)?,
        lon_e7: between(fields.need("lon_e7")?, -1_800_000_000, 1_800_000_000)?,
    })
}

impl Place {
    /// The point on the sphere of radius 1.
    fn direction(&self) -> [Int; 3] {
        let radians = |e7: &Int| e7 * pi() / int(1_800_000_000);
        let (lat, lon) = (radians(&self.lat_e7), radians(&self.lon_e7));
        [times(&cosine(&lat), &cosine(&lon)), times(&cosine(&lat), &sine(&lon)), sine(&lat)]
    }

    /// The great circle in whole centimetres, truncated. The exact distance is
    /// no whole number but zero: the point's coordinates are algebraic, and
    /// the sine of a fraction other than zero is not.
    pub fn distance_cm(&self, other: &Self) -> Int {
        let (a, b) = (self.direction(), other.direction());
        let cross = |i: usize, j: usize| times(&a[i], &b[j]) - times(&a[j], &b[i]);
        let squares: Int = [cross(1, 2), cross(2, 0), cross(0, 1)].iter().map(|part| times(part, part)).sum();
        let dot: Int = (0..3).map(|i| times(&a[i], &b[i])).sum();
        let centimetres = angle(&root(&squares), &dot) * int(RADIUS_CM);
        let error = int(RADIUS_CM) << (PLACES - CERTAIN_PLACES);
        certain(&centimetres, &error, |value| value.max(&int(0)) >> PLACES)
    }

    /// The point in space in whole metres, each coordinate rounded to the
    /// nearest, ties away from zero.
    pub fn metres(&self) -> [Int; 3] {
        self.direction().map(|part| {
            let metres = &part * int(RADIUS_CM) / int(100);
            let error = int(RADIUS_CM) << (PLACES - CERTAIN_PLACES);
            let half = one() / int(2);
            certain(&metres, &error, |value| if *value < int(0) { -((&half - value) >> PLACES) } else { (value + &half) >> PLACES })
        })
    }
}
