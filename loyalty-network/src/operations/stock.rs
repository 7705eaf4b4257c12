//! One stock for all channels.

use super::merge::{PositionFields, texts};
use crate::{MoveReason, StockLine, StockMove, StockPolicy};
use alloc::collections::BTreeMap;
use alloc::string::String;
use alloc::vec::Vec;
use loyalty_rules::api::wire::{Refusal, Whole, answer, operations, record};
use loyalty_rules::error::{Error, Fault, Field};
use loyalty_rules::quantity::Count;

loyalty_rules::wire_words! {
    MoveReason;
}

operations! {
    "record.stock" ["OR-4"] "One stock under the moves of all channels.": stock, StockRequest => StockAnswer;
}

record! {
    /// A stock and its moves.
    pub struct StockRequest {
        /// What there is, each product once.
        stock: Vec<StockLineFields>,
        /// The moves, in any order.
        moves: Vec<StockMoveFields>,
        /// What happens to a sale above what is available.
        policy: StockPolicy = StockPolicy::default(),
    }
}

record! {
    /// What there is of a product.
    pub struct StockLineFields {
        /// The product.
        sku: String,
        /// Units that can be sold.
        available: Count,
        /// Below so many units it is low.
        safety: Count = Count::ZERO,
    }
}

record! {
    /// Goods that leave or come in.
    pub struct StockMoveFields {
        /// The unique id.
        id: String,
        [flat] position: PositionFields,
        /// The product.
        sku: String,
        /// Units: negative if sold, positive if they came in; not zero.
        quantity: Whole,
    }
}

answer! {
    /// A stock after its moves.
    pub struct StockAnswer {
        /// The moves by instant, channel, number and id.
        moves: Vec<MovedAnswer>,
        /// Promised sales that goods coming in have served, in the order of serving.
        served: Vec<ServedAnswer>,
        /// Ids that came more than once, wholly equal, sorted.
        duplicates: Vec<String>,
        /// Ids that came with different content, sorted; they move nothing.
        contradictions: Vec<String>,
        /// Each product, sorted.
        stock: Vec<StockLineAfter>,
    }
}

answer! {
    /// What became of a move.
    pub struct MovedAnswer {
        /// The move.
        id: String,
        /// What became of it.
        reason: MoveReason,
        /// The units that moved, with their sign.
        moved: Whole,
        /// The units promised.
        backordered: Count,
        /// The units that were available before it.
        available: Count,
    }
}

answer! {
    /// A promised sale that is served.
    pub struct ServedAnswer {
        /// The sale.
        id: String,
        /// The units of one arrival.
        units: Count,
    }
}

answer! {
    /// A product after the moves.
    pub struct StockLineAfter {
        /// The product.
        sku: String,
        /// Units that can be sold.
        available: Count,
        /// Units that are still promised.
        backordered: Count,
        /// Whether less is available than should be.
        low: bool,
    }
}

/// The stock of a request, by product.
pub(super) fn stock_lines(stock: &[StockLineFields]) -> Result<BTreeMap<&str, StockLine>, Error> {
    let mut lines = BTreeMap::new();
    for (index, line) in stock.iter().enumerate() {
        if lines.insert(line.sku.as_str(), StockLine { available: line.available, safety: line.safety }).is_some() {
            return Err(Fault::NotDistinct.error().at(Field::within("stock", index, "sku")));
        }
    }
    Ok(lines)
}

fn stock(request: &StockRequest) -> Result<StockAnswer, Refusal> {
    let moves = request.moves.iter().map(|fields| {
        let stock_move = StockMove { position: fields.position.position(), sku: &fields.sku, quantity: fields.quantity.0 };
        (fields.id.as_str(), stock_move)
    });
    let after = crate::move_stock(stock_lines(&request.stock)?, &moves.collect::<Vec<_>>(), request.policy)?;
    let answer = |moved: crate::MovedStock<'_>| MovedAnswer {
        id: moved.id.into(),
        reason: moved.reason,
        moved: Whole(moved.moved),
        backordered: moved.backordered,
        available: moved.available,
    };
    let line = |(sku, (line, backordered)): (&str, (StockLine, Count))| StockLineAfter {
        sku: sku.into(),
        available: line.available,
        backordered,
        low: line.is_low(),
    };
    Ok(StockAnswer {
        moves: after.moves.into_iter().map(answer).collect(),
        served: after.served.into_iter().map(|(id, units)| ServedAnswer { id: id.into(), units }).collect(),
        duplicates: texts(after.duplicates),
        contradictions: texts(after.contradictions),
        stock: after.stock.into_iter().map(line).collect(),
    })
}
