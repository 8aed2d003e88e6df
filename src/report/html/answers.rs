//! How long answers took: a histogram as inline SVG, and its figures in words.
//!
//! Says nothing where nothing was measured.

use askama::Template;

use crate::outcome::Run;

use super::super::words;

/// An inline SVG with its figures.
#[derive(Template)]
#[template(path = "answers.html", config = "src/report/html/askama.toml")]
pub(super) struct Answers {
    pub(super) words: String,
    width: usize,
    bars: Vec<Bar>,
}

struct Bar {
    x: usize,
    top: usize,
    height: usize,
    count: usize,
    /// What the bar begins at.
    label: String,
}

/// Where the bars begin, in microseconds; the last has no end.
const EDGES: [u64; 17] = [
    0, 100, 200, 500, 1_000, 2_000, 5_000, 10_000, 20_000, 50_000, 100_000, 200_000, 500_000,
    1_000_000, 2_000_000, 5_000_000, 10_000_000,
];
const TALLEST: usize = 96;
/// Where the bars stand, from above.
const GROUND: usize = TALLEST + 20;
const PITCH: usize = 58;

pub(super) fn answers(run: &Run) -> Option<Answers> {
    let times = &run.answers_us;
    let (first, last) = (times.first()?, times.last()?);
    let bar_of = |us: &u64| EDGES.iter().rposition(|edge| edge <= us).unwrap_or(0);
    let (begin, end) = (bar_of(first), bar_of(last));
    let counts: Vec<usize> = (begin..=end)
        .map(|bar| times.iter().filter(|us| bar_of(us) == bar).count())
        .collect();
    let most = counts.iter().copied().max().unwrap_or(1).max(1);
    let bars = counts.iter().enumerate().map(|(index, count)| {
        // What is there at all is seen.
        let height = (count * TALLEST).div_ceil(most);
        Bar {
            x: index * PITCH,
            top: GROUND - height,
            height,
            count: *count,
            label: edge(EDGES[begin + index]),
        }
    });
    let at = |share: usize| words::time(times[(times.len() - 1) * share / 100]);
    Some(Answers {
        words: format!(
            "{}: half within {}, 95 % within {}, 99 % within {}, the slowest {}",
            words::count(times.len(), "answer"),
            at(50),
            at(95),
            at(99),
            words::time(*last)
        ),
        width: counts.len() * PITCH,
        bars: bars.collect(),
    })
}

fn edge(us: u64) -> String {
    match us {
        0 => "0".into(),
        1..1_000 => format!("{us} µs"),
        1_000..1_000_000 => format!("{} ms", us / 1_000),
        _ => format!("{} s", us / 1_000_000),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn drawn(answers_us: Vec<u64>) -> Option<Answers> {
        answers(&Run {
            answers_us,
            ..Run::default()
        })
    }

    #[test]
    fn bars_reach_from_the_fastest_to_the_slowest() {
        let times = [vec![150; 97], vec![900, 2_500, 2_600]].concat();
        let answers = drawn(times).expect("there are times");
        let bars: Vec<(&str, usize)> = (answers.bars.iter())
            .map(|bar| (bar.label.as_str(), bar.count))
            .collect();
        let wanted = [
            ("100 µs", 97),
            ("200 µs", 0),
            ("500 µs", 1),
            ("1 ms", 0),
            ("2 ms", 2),
        ];
        assert_eq!(bars, wanted);
        assert_eq!(answers.bars[0].height, TALLEST);
        assert!(answers.bars[2].height > 0 && answers.bars[1].height == 0);
        let words = "100 answers: half within 150 µs, 95 % within 150 µs, 99 % within 2.5 ms, the slowest 2.6 ms";
        assert_eq!(answers.words, words);
    }

    #[test]
    fn nothing_measured_is_nothing_drawn() {
        assert!(drawn(Vec::new()).is_none());
    }
}
