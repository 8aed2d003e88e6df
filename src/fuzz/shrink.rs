//! Makes a sequence as small as it can be while it still fails: steps, then onlookers and actors, then fields,
//! then values. Knows nothing of how failure is told.

use super::datum::Datum;
use super::sequence::{Act, Actor, Raw, Sequence, Step};
use crate::value::Value;

/// Whoever knows whether a smaller sequence still fails, and whether there is time for more.
pub(super) trait Trial {
    async fn fails(&mut self, sequence: &Sequence) -> bool;
    fn is_over(&self) -> bool;
}

/// `struck` is the step at which it went wrong, as far as can be told; most faults need no other.
pub(super) async fn shrink(
    start: Sequence,
    struck: Option<usize>,
    trial: &mut impl Trial,
) -> Sequence {
    let mut best = start;
    if let Some(at) = struck.filter(|at| *at < best.steps.len()) {
        let is_flow = |step: &Step| matches!(step.act, Act::Flow { .. });
        for flows_before in [None, Some(false), Some(true)] {
            let mut smaller = best.clone();
            let mut i = 0;
            smaller.steps.retain(|step| {
                i += 1;
                let before = i - 1 < at && flows_before.is_some_and(|all| all || is_flow(step));
                i - 1 == at || before || step.claim.is_some()
            });
            if attempt(&mut best, smaller, trial).await {
                break;
            }
        }
    }
    loop {
        let before = best.clone();
        sooner(&mut best, trial).await;
        steps(&mut best, trial).await;
        onlookers(&mut best, trial).await;
        actors(&mut best, trial).await;
        haste(&mut best, trial).await;
        fields(&mut best, trial).await;
        if best == before || trial.is_over() {
            return best;
        }
    }
}

async fn attempt(best: &mut Sequence, smaller: Sequence, trial: &mut impl Trial) -> bool {
    if smaller == *best || trial.is_over() || !trial.fails(&smaller).await {
        return false;
    }
    *best = smaller;
    true
}

/// What is claimed at the end may hold as little after an earlier step; then what came later is not needed.
async fn sooner(best: &mut Sequence, trial: &mut impl Trial) {
    let Some(claimed) = best.steps.iter().rposition(|step| step.claim.is_some()) else {
        return;
    };
    for at in 0..claimed {
        if !matches!(best.steps[at].act, Act::Send { .. }) {
            continue;
        }
        let mut smaller = best.clone();
        smaller.steps[at].claim = smaller.steps[claimed].claim.take();
        smaller.steps[at].hasty = false;
        smaller.steps.truncate(at + 1);
        if attempt(best, smaller, trial).await {
            return;
        }
    }
}

/// Delta debugging over the list of steps: halves, quarters, …, single steps.
async fn steps(best: &mut Sequence, trial: &mut impl Trial) {
    let mut size = best.steps.len().div_ceil(2);
    while size > 0 {
        let mut at = best.steps.len();
        while at > 0 && !trial.is_over() {
            let from = at.saturating_sub(size);
            let mut smaller = best.clone();
            smaller.steps.drain(from..at.min(best.steps.len()));
            attempt(best, smaller, trial).await;
            at = from;
        }
        size = if size == 1 { 0 } else { size.div_ceil(2) };
    }
}

async fn onlookers(best: &mut Sequence, trial: &mut impl Trial) {
    let mut smaller = best.clone();
    smaller.newcomer = false;
    attempt(best, smaller, trial).await;
    let mut smaller = best.clone();
    smaller.bystander = false;
    attempt(best, smaller, trial).await;
}

/// Fewer actors: what several do, one may do as well.
async fn actors(best: &mut Sequence, trial: &mut impl Trial) {
    for from in [Actor::Phone, Actor::Guest, Actor::Mike] {
        if !best.has(from) {
            continue;
        }
        let mut smaller = best.clone();
        for step in &mut smaller.steps {
            match &mut step.act {
                Act::Send { actor, .. }
                | Act::Burst { actor, .. }
                | Act::Raw { actor, .. }
                | Act::Link { actor, .. }
                    if *actor == from =>
                {
                    *actor = Actor::Mallory;
                }
                _ => {}
            }
        }
        attempt(best, smaller, trial).await;
    }
}

/// What need not be in a hurry is not.
async fn haste(best: &mut Sequence, trial: &mut impl Trial) {
    for at in 0..best.steps.len() {
        let mut calmer = best.clone();
        calmer.steps[at].hasty = false;
        attempt(best, calmer, trial).await;
    }
}

async fn fields(best: &mut Sequence, trial: &mut impl Trial) {
    for at in 0..best.steps.len() {
        let many = match &best.steps[at].act {
            Act::Send {
                body: Datum::Map(pairs),
                ..
            } => pairs.len(),
            Act::Flow { arguments, .. } => arguments.len(),
            Act::Burst { bodies, .. } => {
                for index in (0..bodies.len()).rev() {
                    let mut smaller = best.clone();
                    if let Act::Burst { bodies, .. } = &mut smaller.steps[at].act {
                        bodies.remove(index);
                        attempt(best, smaller, trial).await;
                    }
                }
                continue;
            }
            Act::Raw { raw, .. } => {
                let raw = raw.clone();
                shrink_raw(best, at, raw, trial).await;
                continue;
            }
            _ => continue,
        };
        for index in (0..many).rev() {
            remove_field(best, at, index, trial).await;
        }
        let many = match &best.steps[at].act {
            Act::Send {
                body: Datum::Map(pairs),
                ..
            } => pairs.len(),
            Act::Flow { arguments, .. } => arguments.len(),
            _ => 0,
        };
        for index in 0..many {
            shrink_value(best, at, index, trial).await;
        }
    }
}

/// Only what the document does not allow anyway can do without a field.
async fn remove_field(best: &mut Sequence, at: usize, index: usize, trial: &mut impl Trial) {
    let mut smaller = best.clone();
    if let Act::Send {
        body: Datum::Map(pairs),
        malformed: true,
        ..
    } = &mut smaller.steps[at].act
    {
        pairs.remove(index);
        attempt(best, smaller, trial).await;
    }
}

fn slot(sequence: &mut Sequence, at: usize, index: usize) -> Option<&mut Datum> {
    match &mut sequence.steps.get_mut(at)?.act {
        Act::Send {
            body: Datum::Map(pairs),
            ..
        } => pairs.get_mut(index).map(|(_, value)| value),
        Act::Flow { arguments, .. } => arguments.get_mut(index).map(|(_, value)| value),
        _ => None,
    }
}

async fn shrink_value(best: &mut Sequence, at: usize, index: usize, trial: &mut impl Trial) {
    // Bounded by the candidates: each is simpler than the value that it replaces.
    while !trial.is_over() {
        let Some(value) = slot(best, at, index).cloned() else {
            return;
        };
        let mut improved = false;
        // What a flow is given has to stay what it is for; only texts may be shorter.
        let in_flow = matches!(best.steps[at].act, Act::Flow { .. });
        if in_flow && !matches!(value, Datum::Value(Value::Str(_)) | Datum::Repeat(..)) {
            return;
        }
        for simpler in simpler(&value) {
            let mut smaller = best.clone();
            if let Some(slot) = slot(&mut smaller, at, index) {
                *slot = simpler;
            }
            if attempt(best, smaller, trial).await {
                improved = true;
                break;
            }
        }
        if !improved {
            return;
        }
    }
}

/// Simpler values, the simplest first; none for what is simple already.
fn simpler(value: &Datum) -> Vec<Datum> {
    match value {
        Datum::Value(Value::Str(text)) if text != "a" => {
            let chars: Vec<char> = text.chars().collect();
            let mut shorter = vec![Datum::text("a")];
            if chars.len() > 1 {
                let middle = chars.len() / 2;
                shorter.push(Datum::text(chars[..middle].iter().collect::<String>()));
                shorter.push(Datum::text(chars[middle..].iter().collect::<String>()));
                if chars.len() <= 8 {
                    for skip in 0..chars.len() {
                        let mut rest = chars.clone();
                        rest.remove(skip);
                        shorter.push(Datum::text(rest.into_iter().collect::<String>()));
                    }
                }
            } else if chars.len() == 1 {
                return shorter;
            }
            shorter.retain(|datum| datum != value);
            shorter
        }
        Datum::Value(Value::Int(int)) if *int != 0 && *int != 1 => {
            let mut nearer = vec![Datum::int(1), Datum::int(int / 2)];
            nearer.push(Datum::int(int - int.signum()));
            nearer
        }
        Datum::Value(Value::Float(float)) if *float != 0.5 => {
            vec![Datum::Value(Value::Float(0.5))]
        }
        Datum::Repeat(of, times) => {
            let mut fewer = vec![Datum::text("a")];
            for less in [times / 2, times - times / 4, times - times / 16, times - 1] {
                if less < *times && less > 0 {
                    fewer.push(Datum::Repeat(of.clone(), less));
                }
            }
            if of != "a" {
                fewer.push(Datum::Repeat("a".to_owned(), *times));
            }
            fewer
        }
        Datum::Nest(depth) if *depth > 1 => vec![Datum::List(Vec::new()), Datum::Nest(depth / 2)],
        Datum::List(items) if !items.is_empty() => {
            let mut fewer = vec![Datum::List(Vec::new())];
            for skip in 0..items.len() {
                let mut rest = items.clone();
                rest.remove(skip);
                fewer.push(Datum::List(rest));
            }
            for (i, item) in items.iter().enumerate() {
                for one in simpler(item) {
                    let mut rest = items.clone();
                    rest[i] = one;
                    fewer.push(Datum::List(rest));
                }
            }
            fewer
        }
        Datum::Map(pairs) => {
            let mut fewer = Vec::new();
            for (i, (key, item)) in pairs.iter().enumerate() {
                for one in simpler(item) {
                    let mut rest = pairs.clone();
                    rest[i] = (key.clone(), one);
                    fewer.push(Datum::Map(rest));
                }
            }
            fewer
        }
        _ => Vec::new(),
    }
}

async fn shrink_raw(best: &mut Sequence, at: usize, raw: Raw, trial: &mut impl Trial) {
    let mut current = raw;
    while !trial.is_over() {
        let candidates: Vec<Raw> = match &current {
            Raw::Text(text) => simpler(text).into_iter().map(Raw::Text).collect(),
            Raw::Value(value) => simpler(value).into_iter().map(Raw::Value).collect(),
            Raw::Hex(digits) if digits.len() >= 4 => {
                let middle = digits.len() / 4 * 2;
                vec![
                    Raw::Hex(digits[..middle].to_owned()),
                    Raw::Hex(digits[middle..].to_owned()),
                    Raw::Hex(digits[..digits.len() - 2].to_owned()),
                    Raw::Hex(digits[2..].to_owned()),
                ]
            }
            _ => return,
        };
        let mut improved = false;
        for candidate in candidates {
            let mut smaller = best.clone();
            if let Act::Raw { raw, .. } = &mut smaller.steps[at].act {
                *raw = candidate.clone();
            }
            if attempt(best, smaller, trial).await {
                current = candidate;
                improved = true;
                break;
            }
        }
        if !improved {
            return;
        }
    }
}
