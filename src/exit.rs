//! Every exit code of the program, and nothing else.

use std::process::{ExitCode, Termination};

/// How the program ends. Where several hold, the first in this order does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Exit {
    /// Somebody interrupted the run; reports of what ran were written.
    Interrupted,
    /// A defect of wireproof itself.
    OurBug,
    /// A mistake in arguments, scenarios or profile; or nothing was judged.
    Usage,
    /// Something deviates that was not expected to.
    Deviations,
    /// The target was absent, silent, no WebSocket server, spoke another codec, or went away, or this machine
    /// could not run some case; nothing deviated.
    TargetUnfit,
    /// All as expected.
    Fine,
}

impl Exit {
    pub fn code(self) -> u8 {
        match self {
            Exit::Interrupted => 130,
            Exit::OurBug => 70,
            Exit::Usage => 2,
            Exit::Deviations => 1,
            Exit::TargetUnfit => 3,
            Exit::Fine => 0,
        }
    }
}

impl Termination for Exit {
    fn report(self) -> ExitCode {
        ExitCode::from(self.code())
    }
}
