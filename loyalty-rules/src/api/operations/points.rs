//! Points.

use super::operations;
use crate::api::wire::{Refusal, answer, record};
use crate::quantity::{PointValue, Points, Rupiah};

operations! {
    "points.from_value" ["VC-1"] "The points of a voucher's value.": from_value, FromValue => PointsAnswer;
    "points.to_value" ["VC-1"] "The voucher value of points.": to_value, ToValue => ValueAnswer;
}

record! {
    /// A value and what a point is worth.
    pub struct FromValue {
        /// The value in rupiah; it may be negative.
        value: Rupiah,
        /// The rupiah one point is worth.
        point_value: PointValue = PointValue::default(),
    }
}

answer! {
    /// Points.
    pub struct PointsAnswer {
        /// Thousandths of a point, truncated toward zero.
        points_milli: Points,
    }
}

record! {
    /// Points and what one is worth.
    pub struct ToValue {
        /// Thousandths of a point; they may be negative.
        points_milli: Points,
        /// The rupiah one point is worth.
        point_value: PointValue = PointValue::default(),
    }
}

answer! {
    /// The value of points.
    pub struct ValueAnswer {
        /// The value in rupiah, truncated toward zero.
        value: Rupiah,
    }
}

fn from_value(request: &FromValue) -> Result<PointsAnswer, Refusal> {
    Ok(PointsAnswer { points_milli: request.point_value.points(request.value)? })
}

fn to_value(request: &ToValue) -> Result<ValueAnswer, Refusal> {
    Ok(ValueAnswer { value: request.point_value.value(request.points_milli)? })
}
