//! The protocols there are, and the way from a name to a server.
//! A new protocol is a module, a variant here, and a line in each `match`.

use crate::behaviour::{Behaviour, Reading, Rule, UnknownSetting};
use crate::friendchat;
use crate::minioicq;
use crate::ourchat;
use crate::protocol::Protocol;
use crate::roomchat;
use crate::tokenchat;

/// A protocol that there is a server for.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[non_exhaustive]
pub enum Pack {
    /// Friends, groups, media and history.
    Friendchat,
    /// Users, chats and pushed messages.
    Minioicq,
    /// Accounts, sessions and the messages in them.
    Ourchat,
    /// Rooms of two, their messages and their dialogs.
    Roomchat,
    /// Tokens, personal chats and messages.
    Tokenchat,
}

impl Pack {
    /// All of them.
    pub const ALL: &[Pack] = &[
        Pack::Friendchat,
        Pack::Minioicq,
        Pack::Ourchat,
        Pack::Roomchat,
        Pack::Tokenchat,
    ];

    /// The name by which the pack goes.
    pub fn name(self) -> &'static str {
        match self {
            Pack::Friendchat => "friendchat",
            Pack::Minioicq => "minioicq",
            Pack::Ourchat => "ourchat",
            Pack::Roomchat => "roomchat",
            Pack::Tokenchat => "tokenchat",
        }
    }

    /// The pack of a name.
    pub fn from_name(name: &str) -> Option<Pack> {
        Pack::ALL.iter().copied().find(|pack| pack.name() == name)
    }

    /// The codec and the kind of frames, in words.
    pub fn speaks(self) -> &'static str {
        match self {
            Pack::Friendchat | Pack::Ourchat | Pack::Roomchat | Pack::Tokenchat => {
                "JSON in text frames"
            }
            Pack::Minioicq => "MessagePack in binary frames",
        }
    }
}

/// Makes a server of a pack, or says which setting there is not. Takes microseconds.
pub fn protocol(pack: Pack, behaviour: &Behaviour) -> Result<Box<dyn Protocol>, UnknownSetting> {
    match pack {
        Pack::Friendchat => friendchat::server(behaviour),
        Pack::Minioicq => minioicq::server(behaviour),
        Pack::Ourchat => ourchat::server(behaviour),
        Pack::Roomchat => roomchat::server(behaviour),
        Pack::Tokenchat => tokenchat::server(behaviour),
    }
}

/// The rules that a pack's server can be told to break.
pub fn rules(pack: Pack) -> &'static [Rule] {
    match pack {
        Pack::Friendchat => friendchat::rules(),
        Pack::Minioicq => minioicq::rules(),
        Pack::Ourchat => ourchat::rules(),
        Pack::Roomchat => roomchat::rules(),
        Pack::Tokenchat => tokenchat::rules(),
    }
}

/// The readings of its document that a pack's server can be told to take.
pub fn readings(pack: Pack) -> &'static [Reading] {
    match pack {
        Pack::Friendchat => friendchat::READINGS,
        Pack::Minioicq => minioicq::READINGS,
        Pack::Ourchat => ourchat::READINGS,
        Pack::Roomchat => roomchat::READINGS,
        Pack::Tokenchat => tokenchat::READINGS,
    }
}
