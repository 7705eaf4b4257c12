use super::*;

/// Outlets on the equator, from west to east, by their potentials.
fn in_a_row(potentials: &[i64]) -> Result<Vec<Outlet<'static>>, Error> {
    let outlet = |(lon_e7, potential): (i32, &i64)| {
        let (place, potential) = (Place::from_e7(0, lon_e7)?, Potential::new(*potential)?);
        Ok(Outlet { id: "", place, potential })
    };
    (0..).step_by(10_000).zip(potentials).map(outlet).collect()
}

#[test]
fn outlets_without_potential_do_not_break_the_bound() -> Result<(), Error> {
    // With the first of equal cuts the last sellers would get all outlets of potential 0, and one of them 1,833.
    let mut potentials = alloc::vec![0; 75];
    potentials.extend([946, 957, 913, 874, 899, 957, 882, 512, 843, 862, 845, 644]);
    let division = divide(&in_a_row(&potentials)?, 25)?;
    assert!(division.largest <= division.bound, "{division:?}");
    assert!(division.territories.iter().all(|territory| !territory.outlets.is_empty()));
    Ok(())
}

#[test]
fn as_many_sellers_as_outlets_get_one_each() -> Result<(), Error> {
    let division = divide(&in_a_row(&[0, 7, 0, 0, 3])?, 5)?;
    assert!(division.territories.iter().all(|territory| territory.outlets.len() == 1));
    assert_eq!(division.territories.iter().map(|territory| territory.potential.get()).max(), Some(7));
    Ok(())
}
