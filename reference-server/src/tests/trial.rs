//! What every server goes through: a tour of its protocol, and requests at random.

use super::clients::{Clients, Tried};
use crate::behaviour::Behaviour;
use crate::protocol::ConnId;

/// A protocol whose server can be sent through it.
pub(crate) trait Toured: Tried {
    /// Sends every kind of request, and each of them in the states that matter.
    fn tour(clients: &mut Clients<Self>);

    /// Sends a request that looks random.
    fn ask(clients: &mut Clients<Self>, conn: ConnId, dice: &mut Dice);
}

/// A protocol's own trial.
pub(crate) struct Trial {
    /// Everything that a server of a behaviour sends on the tour.
    pub(crate) tour: fn(&Behaviour) -> String,
    /// Everything that it sends while so many requests come at random.
    pub(crate) play: fn(&Behaviour, usize) -> String,
}

impl Trial {
    pub(crate) const fn of<T: Toured>() -> Trial {
        Trial {
            tour: tour::<T>,
            play: play::<T>,
        }
    }
}

fn tour<T: Toured>(behaviour: &Behaviour) -> String {
    let mut clients = Clients::with(behaviour);
    T::tour(&mut clients);
    clients.transcript().to_owned()
}

/// From connections that come and go.
fn play<T: Toured>(behaviour: &Behaviour, requests: usize) -> String {
    let mut clients = Clients::with(behaviour);
    let mut dice = Dice(7);
    let mut conns: Vec<_> = (0..4).map(|_| clients.connect()).collect();
    for _ in 0..requests {
        let place = dice.roll(conns.len() as u64) as usize;
        if dice.roll(50) == 0 {
            clients.drop(conns[place]);
            conns[place] = clients.connect();
        }
        T::ask(&mut clients, conns[place], &mut dice);
    }
    clients.transcript().to_owned()
}

/// Numbers that look random and are the same each time.
pub(crate) struct Dice(u64);

impl Dice {
    pub(crate) fn roll(&mut self, sides: u64) -> u64 {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) % sides
    }

    pub(crate) fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.roll(of.len() as u64) as usize].clone()
    }
}
