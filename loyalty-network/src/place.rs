use crate::fault::Faults as _;
use loyalty_rules::error::{Error, Fault};

/// One in fixed point: 60 binary digits after the point. A *unit* below is the last of them.
const ONE: i128 = 1 << 60;
/// π in fixed point, rounded.
const PI: i128 = 3_622_009_729_038_561_421;
/// The radius of the earth in centimetres.
const RADIUS_CM: i128 = 637_100_880;
/// A right angle in ten-millionths of a degree.
const RIGHT_ANGLE: i64 = 900_000_000;

/// A latitude in ten-millionths of a degree, −900,000,000 (south pole) … 900,000,000.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Latitude(i32);

impl Latitude {
    /// A latitude.
    ///
    /// # Errors
    /// `out_of_range` beyond the poles.
    pub const fn from_e7(lat_e7: i32) -> Result<Self, Error> {
        if -900_000_000 <= lat_e7 && lat_e7 <= 900_000_000 { Ok(Self(lat_e7)) } else { Err(Fault::LatitudeOutOfRange.error()) }
    }

    /// The ten-millionths of a degree.
    pub const fn e7(self) -> i32 {
        self.0
    }
}

/// A longitude in ten-millionths of a degree, −1,800,000,000 … 1,800,000,000; both ends are one meridian.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Longitude(i32);

impl Longitude {
    /// A longitude.
    ///
    /// # Errors
    /// `out_of_range` beyond half a turn.
    pub const fn from_e7(lon_e7: i32) -> Result<Self, Error> {
        if -1_800_000_000 <= lon_e7 && lon_e7 <= 1_800_000_000 { Ok(Self(lon_e7)) } else { Err(Fault::LongitudeOutOfRange.error()) }
    }

    /// The ten-millionths of a degree.
    pub const fn e7(self) -> i32 {
        self.0
    }
}

/// A place on the earth, a sphere of radius 6,371,008.8 m.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Place {
    /// North or south.
    pub lat: Latitude,
    /// East or west.
    pub lon: Longitude,
}

impl Place {
    /// A place by latitude and longitude in ten-millionths of a degree.
    ///
    /// # Errors
    /// `out_of_range`, at `lat_e7` or `lon_e7`.
    pub fn from_e7(lat_e7: i32, lon_e7: i32) -> Result<Self, Error> {
        let lat = Latitude::from_e7(lat_e7).map_err(|refused| refused.at("lat_e7"))?;
        let lon = Longitude::from_e7(lon_e7).map_err(|refused| refused.at("lon_e7"))?;
        Ok(Self { lat, lon })
    }

    /// The great-circle distance in whole centimetres, truncated (CD-4); at most 2,001,511,444.
    ///
    /// ```
    /// use loyalty_network::Place;
    ///
    /// let monas = Place::from_e7(-61_753_924, 1_068_271_528)?; // Jakarta
    /// let tugu = Place::from_e7(-72_459_000, 1_127_378_000)?; // Surabaya
    /// assert_eq!(monas.distance_cm(tugu), 66_348_364); // 663.5 km
    /// assert_eq!(monas.distance_cm(monas), 0);
    /// # Ok::<(), loyalty_rules::Error>(())
    /// ```
    ///
    /// **Error.** With u and v the directions of the places, the angle between them is 2 atan(|u − v| ÷ |u + v|), well
    /// conditioned at every distance. In units of 2⁻⁶⁰: a sine or cosine is off by less than 16, a direction by
    /// less than √(34² + 34² + 16²) < 51, the pair of lengths by less than 103 √2 < 146 at a length of 2, so half the angle
    /// by 73; its arc tangent adds less than 160. The angle is off by less than 2 × 233 < 500 units, the distance
    /// before truncation by less than 500 × 2⁻⁶⁰ × 637,100,880 cm < 3 × 10⁻⁷ cm.
    pub fn distance_cm(self, other: Self) -> u32 {
        let exact = self.angle_to(other).wrapping_mul(RADIUS_CM) / ONE;
        u32::try_from(exact).unwrap_or(u32::MAX)
    }

    /// The angle between two places, in fixed-point radians.
    pub(super) fn angle_to(self, other: Self) -> i128 {
        let (u, v) = (self.direction(), other.direction());
        // Components are at most 2⁶¹ apart and the whole at most 2 long, so the squares sum to less than 2¹²³.
        let length = |of: fn(i128, i128) -> i128| {
            let square = u.iter().zip(&v).fold(0_u128, |sum, (u, v)| sum.wrapping_add(of(*u, *v).unsigned_abs().wrapping_pow(2)));
            square.isqrt()
        };
        arc_tangent(length(i128::wrapping_sub), length(i128::wrapping_add)).wrapping_mul(2)
    }

    /// The point on the sphere, to whole metres (TR-1).
    pub(super) fn point(self) -> Point {
        // R is a whole number of decimetres.
        let metres = |component: i128| {
            let exact = component.wrapping_mul(RADIUS_CM / 10);
            let half = exact.signum().wrapping_mul(5 * ONE);
            i64::try_from(exact.wrapping_add(half) / (10 * ONE)).unwrap_or_default()
        };
        Point(self.direction().map(metres))
    }

    /// The unit vector to the place: toward longitude 0, longitude 90, the north pole.
    fn direction(self) -> [i128; 3] {
        let ((sin_lat, cos_lat), (sin_lon, cos_lon)) = (sin_cos(self.lat.0), sin_cos(self.lon.0));
        [cos_lat.wrapping_mul(cos_lon) / ONE, cos_lat.wrapping_mul(sin_lon) / ONE, sin_lat]
    }
}

/// Sine and cosine of an angle in ten-millionths of a degree, each off by less than 16 units: the angle by 2, ten terms
/// by at most 1.3 each. Multiples of a right angle are exact.
fn sin_cos(e7: i32) -> (i128, i128) {
    // At most 45° is left beside a number of right angles.
    let right_angles = i64::from(e7).wrapping_add(RIGHT_ANGLE / 2).div_euclid(RIGHT_ANGLE);
    let rest = i64::from(e7).wrapping_sub(right_angles.wrapping_mul(RIGHT_ANGLE));
    let x = i128::from(rest).wrapping_mul(PI) / 1_800_000_000;
    // xⁿ ÷ n! in turn belongs to the cosine and the sine; the twentieth is below a unit.
    let (mut sin, mut cos, mut term) = (0_i128, 0_i128, ONE);
    for n in 0..20_i128 {
        let part = if n % 2 == 0 { &mut cos } else { &mut sin };
        *part = if n % 4 < 2 { part.wrapping_add(term) } else { part.wrapping_sub(term) };
        term = term.wrapping_mul(x).checked_div(ONE.wrapping_mul(n.wrapping_add(1))).unwrap_or_default();
    }
    match right_angles.rem_euclid(4) {
        0 => (sin, cos),
        1 => (cos, sin.wrapping_neg()),
        2 => (sin.wrapping_neg(), cos.wrapping_neg()),
        _ => (cos.wrapping_neg(), sin),
    }
}

/// The angle, 0 … a right angle, of a right triangle by its opposite and adjacent sides, in fixed-point radians, off by
/// less than 160 units: halving by 8, the quotient by 8, the series by 8 × 18. The hypotenuse is at most 2 long.
fn arc_tangent(opposite: u128, adjacent: u128) -> i128 {
    // The angle is halved where hypotenuse and adjacent side are laid end to end. Three times make at most 11.25°, and
    // the adjacent side stays below 2⁶⁴.
    let halve = |adjacent: u128| {
        let square = opposite.wrapping_mul(opposite).wrapping_add(adjacent.wrapping_mul(adjacent));
        adjacent.wrapping_add(square.isqrt())
    };
    let adjacent = halve(halve(halve(adjacent)));
    let tangent = opposite.wrapping_mul(ONE.unsigned_abs()).checked_div(adjacent).unwrap_or_default();
    let tangent = i128::try_from(tangent).unwrap_or_default();
    let square = tangent.wrapping_mul(tangent) / ONE;
    let (mut sum, mut power) = (0_i128, tangent);
    // The thirteenth term is below a unit.
    for n in 0..13_i128 {
        let term = power.checked_div(n.wrapping_mul(2).wrapping_add(1)).unwrap_or_default();
        sum = if n % 2 == 0 { sum.wrapping_add(term) } else { sum.wrapping_sub(term) };
        power = power.wrapping_mul(square) / ONE;
    }
    sum.wrapping_mul(8)
}

/// A point in whole metres from the centre of the earth.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Point([i64; 3]);

impl Point {
    pub(super) const fn coordinates(self) -> [i64; 3] {
        self.0
    }

    /// The mean of points, each coordinate truncated toward zero; `None` of none.
    pub(super) fn centre(points: impl Iterator<Item = Self>) -> Option<Self> {
        // Coordinates are below 2²³, so that the sums of any list fit.
        let (mut sums, mut count) = ([0_i64; 3], 0_i64);
        for point in points {
            count = count.wrapping_add(1);
            for (sum, coordinate) in sums.iter_mut().zip(point.0) {
                *sum = sum.wrapping_add(coordinate);
            }
        }
        let mean = |sum: i64| sum.checked_div(count);
        let [x, y, z] = sums.map(mean);
        Some(Self([x?, y?, z?]))
    }

    /// The square of the straight distance, in square metres, below 2⁴⁸.
    pub(super) fn square_to(self, other: Self) -> u64 {
        let square = |(here, there): (i64, i64)| here.abs_diff(there).wrapping_pow(2);
        self.0.into_iter().zip(other.0).map(square).fold(0, u64::wrapping_add)
    }
}

#[cfg(test)]
mod tests;
