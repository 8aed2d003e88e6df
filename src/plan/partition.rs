//! One part of a plan, for machines that share a run: said outright, or learnt from what the CI says.
//!
//! Every case is in exactly one part, by its place in the whole plan; so each part has some of every
//! topic. Reads no environment itself: it is given one.

/// The part `index` of `of`; counted from 1.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Partition {
    index: usize,
    of: usize,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum PartitionError {
    #[error("expected a part such as 2/5, or auto, or auto/5, not \"{0}\"")]
    Form(String),
    #[error("there is no part {index} of {of}; parts are counted from 1")]
    Range { index: usize, of: usize },
    #[error(
        "no variable says which part this is; there are {}",
        MACHINES.map(|m| m.index).join(", ")
    )]
    Unknown,
    #[error("{variable} is \"{value}\", which is no number")]
    NoNumber {
        variable: &'static str,
        value: String,
    },
    #[error("{index} is set, but nothing says how many parts there are; say --partition auto/N")]
    NoTotal { index: &'static str },
}

/// How a CI says which of several machines this one is.
struct Machine {
    index: &'static str,
    /// Where it counts from.
    first: usize,
    total: Option<&'static str>,
}

const MACHINES: [Machine; 5] = [
    // GitLab, with `parallel:`
    Machine {
        index: "CI_NODE_INDEX",
        first: 1,
        total: Some("CI_NODE_TOTAL"),
    },
    Machine {
        index: "CIRCLE_NODE_INDEX",
        first: 0,
        total: Some("CIRCLE_NODE_TOTAL"),
    },
    Machine {
        index: "BUILDKITE_PARALLEL_JOB",
        first: 0,
        total: Some("BUILDKITE_PARALLEL_JOB_COUNT"),
    },
    // Azure Pipelines, with `parallel:`
    Machine {
        index: "SYSTEM_JOBPOSITIONINPHASE",
        first: 1,
        total: Some("SYSTEM_TOTALJOBSINPHASE"),
    },
    // Kubernetes, with `completionMode: Indexed`
    Machine {
        index: "JOB_COMPLETION_INDEX",
        first: 0,
        total: None,
    },
];

impl Partition {
    fn new(index: usize, of: usize) -> Result<Partition, PartitionError> {
        if (1..=of).contains(&index) {
            Ok(Partition { index, of })
        } else {
            Err(PartitionError::Range { index, of })
        }
    }

    /// `2/5`; or `auto` and `auto/5`, for which `variable` gives the environment.
    pub fn read(
        text: &str,
        variable: impl Fn(&str) -> Option<String>,
    ) -> Result<Partition, PartitionError> {
        let form = || PartitionError::Form(text.to_owned());
        let number = |text: &str| text.parse().map_err(|_| form());
        match text.split_once('/') {
            None if text == "auto" => auto(None, variable),
            Some(("auto", of)) => auto(Some(number(of)?), variable),
            Some((index, of)) => Partition::new(number(index)?, number(of)?),
            None => Err(form()),
        }
    }

    pub fn index(self) -> usize {
        self.index
    }

    pub fn of(self) -> usize {
        self.of
    }

    /// The cases of this part, in the plan's order.
    pub fn take<T>(self, plan: Vec<T>) -> Vec<T> {
        let mine = |place: usize| place % self.of == self.index - 1;
        let places = plan.into_iter().enumerate();
        places
            .filter(|(place, _)| mine(*place))
            .map(|(_, case)| case)
            .collect()
    }
}

fn auto(
    of: Option<usize>,
    variable: impl Fn(&str) -> Option<String>,
) -> Result<Partition, PartitionError> {
    let number = |name: &'static str| {
        let value = variable(name).filter(|value| !value.is_empty());
        let parsed = value.map(|value| {
            let number = value.parse::<usize>();
            number.map_err(|_| PartitionError::NoNumber {
                variable: name,
                value,
            })
        });
        parsed.transpose()
    };
    for machine in MACHINES {
        let Some(index) = number(machine.index)? else {
            continue;
        };
        let said = match machine.total {
            Some(total) => number(total)?,
            None => None,
        };
        let Some(of) = of.or(said) else {
            return Err(PartitionError::NoTotal {
                index: machine.index,
            });
        };
        return Partition::new(index + 1 - machine.first.min(index + 1), of);
    }
    Err(PartitionError::Unknown)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(text: &str, variables: &[(&str, &str)]) -> Result<(usize, usize), String> {
        let variable = |name: &str| {
            let found = variables.iter().find(|(known, _)| *known == name);
            found.map(|(_, value)| (*value).to_owned())
        };
        let part = Partition::read(text, variable);
        part.map(|part| (part.index, part.of))
            .map_err(|error| error.to_string())
    }

    #[test]
    fn every_case_is_in_exactly_one_part_and_parts_are_even() {
        for (cases, of) in [(1_111, 5), (7, 3), (3, 5), (0, 2), (10, 1)] {
            let whole: Vec<usize> = (0..cases).collect();
            let parts: Vec<Vec<usize>> = (1..=of)
                .map(|index| Partition { index, of }.take(whole.clone()))
                .collect();
            let mut all = parts.concat();
            all.sort_unstable();
            assert_eq!(all, whole);
            let sizes = parts.iter().map(Vec::len);
            let (least, most) = (sizes.clone().min(), sizes.max());
            assert!(most <= least.map(|least| least + 1), "{least:?} {most:?}");
        }
    }

    #[test]
    fn part_is_said_outright() {
        assert_eq!(read("2/5", &[]), Ok((2, 5)));
        assert_eq!(read("1/1", &[]), Ok((1, 1)));
        for wrong in [
            "", "2", "0/5", "6/5", "1/0", "-1/5", "2/5/1", "a/b", "autos", "auto/x",
        ] {
            assert!(read(wrong, &[]).is_err(), "{wrong}");
        }
        let zero = "there is no part 0 of 5; parts are counted from 1";
        assert_eq!(read("0/5", &[]), Err(zero.to_owned()));
    }

    #[test]
    fn ci_says_which_part_it_is() {
        let gitlab = [("CI_NODE_INDEX", "2"), ("CI_NODE_TOTAL", "5")];
        let circle = [("CIRCLE_NODE_INDEX", "1"), ("CIRCLE_NODE_TOTAL", "5")];
        let buildkite = [
            ("BUILDKITE_PARALLEL_JOB", "1"),
            ("BUILDKITE_PARALLEL_JOB_COUNT", "5"),
        ];
        let azure = [
            ("SYSTEM_JOBPOSITIONINPHASE", "2"),
            ("SYSTEM_TOTALJOBSINPHASE", "5"),
        ];
        for machine in [gitlab, circle, buildkite, azure] {
            assert_eq!(read("auto", &machine), Ok((2, 5)), "{machine:?}");
        }
        let kubernetes = [("JOB_COMPLETION_INDEX", "0")];
        assert_eq!(read("auto/3", &kubernetes), Ok((1, 3)));
        assert_eq!(read("auto/3", &gitlab), Ok((2, 3)));
    }

    #[test]
    fn ci_that_says_too_little_is_a_mistake() {
        let why = |text, variables: &[(&str, &str)]| read(text, variables).expect_err("a mistake");
        assert!(
            why("auto", &[])
                .starts_with("no variable says which part this is; there are CI_NODE_INDEX, ")
        );
        assert!(why("auto", &[("CI_NODE_INDEX", "")]).starts_with("no variable"));
        assert_eq!(
            why("auto", &[("JOB_COMPLETION_INDEX", "2")]),
            "JOB_COMPLETION_INDEX is set, but nothing says how many parts there are; say --partition auto/N"
        );
        assert_eq!(
            why("auto", &[("CI_NODE_INDEX", "two"), ("CI_NODE_TOTAL", "5")]),
            "CI_NODE_INDEX is \"two\", which is no number"
        );
        // Counted from 1, so that there is no part 0; and Circle's fifth of five is its number 4.
        assert!(why("auto/5", &[("CI_NODE_INDEX", "0")]).starts_with("there is no part 0 of 5"));
        assert!(
            why("auto/5", &[("CIRCLE_NODE_INDEX", "5")]).starts_with("there is no part 6 of 5")
        );
    }
}
