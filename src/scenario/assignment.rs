//! Who gets whom: assignments in which everybody has one of their own.

/// A maximum assignment: for as many of `left` as possible one of `right` of its own that fits.
///
/// Kuhn's augmenting paths; earlier ones of `right` are preferred.
pub fn assignment(
    left: usize,
    right: usize,
    fits: impl Fn(usize, usize) -> bool,
) -> Vec<Option<usize>> {
    let edges: Vec<Vec<usize>> = (0..left)
        .map(|l| (0..right).filter(|&r| fits(l, r)).collect())
        .collect();
    let mut owner: Vec<Option<usize>> = vec![None; right];
    for l in 0..left {
        augment(l, &edges, &mut owner, &mut vec![false; right]);
    }
    let mut assignment = vec![None; left];
    for (r, l) in owner.into_iter().enumerate() {
        if let Some(l) = l {
            assignment[l] = Some(r);
        }
    }
    assignment
}

/// For each of `left` one of `right` of its own that fits, or `None` where there is no such assignment.
pub fn full_assignment(
    left: usize,
    right: usize,
    fits: impl Fn(usize, usize) -> bool,
) -> Option<Vec<usize>> {
    let assignment = assignment(left, right, fits);
    assignment.into_iter().collect()
}

fn augment(l: usize, edges: &[Vec<usize>], owner: &mut [Option<usize>], seen: &mut [bool]) -> bool {
    for &r in &edges[l] {
        if seen[r] {
            continue;
        }
        seen[r] = true;
        let free = match owner[r] {
            None => true,
            Some(other) => augment(other, edges, owner, seen),
        };
        if free {
            owner[r] = Some(l);
            return true;
        }
    }
    false
}
