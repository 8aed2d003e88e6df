//! What did not hold, in the making; and why a case goes no further.

use crate::event::{CaseEnd, DeviationKind};
use crate::scenario::{Step, Unresolved};

/// Why a case goes no further.
#[derive(Clone, Debug)]
pub(super) enum Stop {
    End(CaseEnd),
    /// All steps were judged, or a `must` failed.
    Judged,
}

impl Stop {
    /// A mistake of the scenario or of ours: never the server's fault.
    pub(super) fn harness(error: &Unresolved) -> Stop {
        Stop::End(CaseEnd::CouldNotRun {
            reason: error.to_string(),
        })
    }

    pub(super) fn not_connected(step: &Step, actor: &str) -> Stop {
        Stop::End(CaseEnd::CouldNotRun {
            reason: format!("{}: {actor} has no connection", step.place),
        })
    }
}

/// What did not hold, in the making.
pub(super) struct Failure {
    pub(super) kind: DeviationKind,
    pub(super) message: String,
    pub(super) expected: Option<String>,
    pub(super) received: Option<String>,
    pub(super) near: Option<String>,
    /// Whether what came, if anything did, had the form that the document gives it.
    pub(super) well_formed: bool,
    /// Requirements besides those that the step proves.
    pub(super) contradicts: Vec<String>,
    pub(super) actor: Option<usize>,
}

impl Failure {
    pub(super) fn new(kind: DeviationKind, message: impl Into<String>) -> Failure {
        let message = message.into();
        Failure {
            kind,
            message,
            expected: None,
            received: None,
            near: None,
            well_formed: false,
            contradicts: Vec::new(),
            actor: None,
        }
    }

    pub(super) fn expected(self, text: String) -> Failure {
        Failure {
            expected: Some(text),
            ..self
        }
    }

    pub(super) fn received(self, text: String) -> Failure {
        Failure {
            received: Some(text),
            ..self
        }
    }

    pub(super) fn near(self, near: Option<String>) -> Failure {
        Failure { near, ..self }
    }

    pub(super) fn well_formed(self, well_formed: bool) -> Failure {
        Failure {
            well_formed,
            ..self
        }
    }

    pub(super) fn contradicts(self, requirements: Vec<String>) -> Failure {
        Failure {
            contradicts: requirements,
            ..self
        }
    }

    pub(super) fn at_actor(self, actor: usize) -> Failure {
        Failure {
            actor: Some(actor),
            ..self
        }
    }
}
