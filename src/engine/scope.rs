//! What references mean while a case runs: its actors' users, data, captures, flow by flow.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng, SeedableRng};

use super::boundary::Options;
use super::identity::{NameMaker, fresh_user};
use super::stack::StepAt;
use crate::plan::Case;
use crate::scenario::{Chunks, Data, Expr, Scope, Unresolved, size_of};
use crate::value::Value;

/// The variables of a case: one frame for the scenario, one more for each flow that is under way.
#[derive(Clone)]
pub(super) struct Scopes {
    /// The fields of each user; actors that are the same user share one.
    users: Vec<Vec<(String, Value)>>,
    /// Which user each actor is.
    user_of: Vec<usize>,
    frames: Vec<Frame>,
    settings: Vec<(String, Value)>,
    /// Readings: what the profile says, then what this case saw.
    readings: Vec<(String, String)>,
    nobody: Value,
    names: NameMaker,
    now: i64,
}

#[derive(Clone, Default)]
struct Frame {
    /// The flow that this frame belongs to; `None` for the scenario.
    flow: Option<String>,
    /// The scenario's own `use` that proves something by this flow.
    tested_at: Option<StepAt>,
    actors: Vec<(String, usize)>,
    variables: Vec<(String, Value)>,
}

impl Scopes {
    pub(super) fn new(case: &Case, options: &Options) -> Scopes {
        let catalogue = &case.pack.catalogue;
        let mut names = NameMaker::new(&options.run_tag, case.number, case.profile.clone());
        let mut users = Vec::new();
        let mut user_of = Vec::new();
        for actor in &case.scenario.actors {
            let twin = actor.same_user_as.as_ref().and_then(|user| {
                case.scenario
                    .actors
                    .iter()
                    .position(|other| other.name == *user)
                    .map(|other| user_of[other])
            });
            user_of.push(twin.unwrap_or_else(|| {
                users.push(fresh_user(&catalogue.identity, &actor.name, &mut names));
                users.len() - 1
            }));
        }
        let with_profile = |name: &String, default: &Value| {
            let given = case
                .profile
                .settings
                .iter()
                .find(|(given, _)| given == name);
            (
                name.clone(),
                given.map_or_else(|| default.clone(), |(_, value)| value.clone()),
            )
        };
        let settings = catalogue
            .settings
            .iter()
            .map(|(name, default)| with_profile(name, default))
            .collect();
        let readings = catalogue
            .readings
            .iter()
            .filter_map(|reading| {
                let given = case
                    .profile
                    .readings
                    .iter()
                    .find(|(id, _)| *id == reading.id);
                let option = given
                    .map(|(_, option)| option)
                    .or(reading.default.as_ref())?;
                Some((reading.id.clone(), option.clone()))
            })
            .collect();
        let actors = case
            .scenario
            .actors
            .iter()
            .enumerate()
            .map(|(i, actor)| (actor.name.clone(), i))
            .collect();
        let nobody = Value::Str(names.fresh("nobody"));
        let frame = Frame {
            actors,
            ..Frame::default()
        };
        let frames = vec![frame];
        Scopes {
            users,
            user_of,
            frames,
            settings,
            readings,
            nobody,
            names,
            now: options.started,
        }
    }

    /// The users are these, in their order: their fields stand for those that were made up.
    pub(super) fn lend(&mut self, accounts: Vec<Vec<(String, Value)>>) {
        for (user, account) in self.users.iter_mut().zip(accounts) {
            for (name, value) in account {
                match user.iter_mut().find(|(known, _)| *known == name) {
                    Some((_, made)) => *made = value,
                    None => user.push((name, value)),
                }
            }
        }
    }

    /// Binds the permutation's values and the data of the scenario; what fails is the scenario's fault.
    pub(super) fn bind_case(&mut self, case: &Case, seed: u64) -> Result<(), Unresolved> {
        for (name, value) in &case.permutation().bindings {
            let value = value.resolve(self)?;
            self.bind(name, value);
        }
        for data in &case.scenario.data {
            let value = self.make_data(data, seed)?;
            self.bind(&data.name, value);
        }
        Ok(())
    }

    fn make_data(&mut self, data: &Data, seed: u64) -> Result<Value, Unresolved> {
        let size = size_of(&data.bytes.resolve(self)?).unwrap_or(0);
        let mut bytes = vec![0; size];
        ChaCha8Rng::seed_from_u64(seed ^ data.seed.rotate_left(32)).fill_bytes(&mut bytes);
        let number = |expr: &Expr, scope: &Scopes| -> Result<usize, Unresolved> {
            match expr.resolve(scope)? {
                Value::Int(int) => Ok(usize::try_from(int).unwrap_or(1).max(1)),
                _ => Ok(1),
            }
        };
        let size = match &data.chunks {
            Chunks::Count(count) => bytes.len().div_ceil(number(count, self)?).max(1),
            Chunks::Of(size) => number(size, self)?,
        };
        let chunks: Vec<Value> = bytes
            .chunks(size)
            .enumerate()
            .map(|(i, chunk)| {
                Value::map([
                    ("index", Value::Int(i as i128)),
                    ("number", Value::Int(i as i128 + 1)),
                    ("base64", Value::Str(STANDARD.encode(chunk))),
                    ("bytes", Value::Bin(chunk.to_vec())),
                ])
            })
            .collect();
        Ok(Value::map([
            ("id", Value::Str(self.names.fresh(&data.name))),
            ("size", Value::Int(bytes.len() as i128)),
            ("count", Value::Int(chunks.len() as i128)),
            ("base64", Value::Str(STANDARD.encode(&bytes))),
            ("chunks", Value::List(chunks)),
            ("bytes", Value::Bin(bytes)),
        ]))
    }

    pub(super) fn set_now(&mut self, now: i64) {
        self.now = now;
    }

    pub(super) fn fresh_name(&mut self, stem: &str) -> String {
        self.names.fresh(stem)
    }

    /// `tested_at` is the step that uses the flow, where its success proves something.
    pub(super) fn enter_flow(
        &mut self,
        flow: &str,
        tested_at: Option<StepAt>,
        actors: Vec<(String, usize)>,
        variables: Vec<(String, Value)>,
    ) {
        let flow = Some(flow.to_owned());
        self.frames.push(Frame {
            flow,
            tested_at,
            actors,
            variables,
        });
    }

    /// Leaves the flow; what `into` names is bound for the caller. The step that it was to prove is handed back.
    pub(super) fn leave_flow(&mut self, into: &[(String, String)]) -> Option<StepAt> {
        let left = self.frames.pop()?;
        for (ours, theirs) in into {
            if let Some((_, value)) = left.variables.iter().find(|(known, _)| known == theirs) {
                self.bind(ours, value.clone());
            }
        }
        left.tested_at
    }

    pub(super) fn scenario(&self) -> ScenarioScope<'_> {
        ScenarioScope(self)
    }

    /// The scenario's own step whose proof is under way by a flow.
    pub(super) fn tested_at(&self) -> Option<StepAt> {
        self.frames.iter().find_map(|frame| frame.tested_at.clone())
    }

    /// The outermost flow that is under way; `None` in the scenario's own steps.
    pub(super) fn flow(&self) -> Option<&str> {
        self.frames.iter().find_map(|frame| frame.flow.as_deref())
    }

    pub(super) fn actor(&self, name: &str) -> Option<usize> {
        let frame = self.frames.last()?;
        frame
            .actors
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, actor)| *actor)
    }

    pub(super) fn bind(&mut self, name: &str, value: Value) {
        if let Some((actor, field)) = name.split_once('.') {
            if let Some(actor) = self.actor(actor) {
                set(&mut self.users[self.user_of[actor]], field, value);
            }
        } else if let Some(frame) = self.frames.last_mut() {
            set(&mut frame.variables, name, value);
        }
    }

    pub(super) fn variable(&self, name: &str) -> Option<&Value> {
        let frame = self.frames.last()?;
        frame
            .variables
            .iter()
            .find(|(known, _)| known == name)
            .map(|(_, value)| value)
    }

    /// What this case saw of a reading; later references mean it.
    pub(super) fn observe(&mut self, reading: &str, option: &str) {
        match self.readings.iter_mut().find(|(id, _)| id == reading) {
            Some((_, known)) => option.clone_into(known),
            None => self.readings.push((reading.to_owned(), option.to_owned())),
        }
    }

    /// The option of a reading, as far as it is known.
    pub(super) fn reading(&self, id: &str) -> Option<&str> {
        let known = self.readings.iter().find(|(known, _)| known == id);
        known.map(|(_, option)| option.as_str())
    }

    /// The fields of an actor's user.
    pub(super) fn user(&self, actor: usize) -> &[(String, Value)] {
        &self.users[self.user_of[actor]]
    }

    fn user_field(&self, actor: usize, field: &str) -> Option<Value> {
        let user = &self.users[self.user_of[actor]];
        user.iter()
            .find(|(name, _)| name == field)
            .map(|(_, value)| value.clone())
    }
}

impl Scope for Scopes {
    fn find(&self, path: &[String]) -> Option<(Value, usize)> {
        let root = path[0].as_str();
        if let Some(actor) = self.actor(root) {
            return Some((self.user_field(actor, path.get(1)?)?, 2));
        }
        match root {
            "nobody" => Some((self.nobody.clone(), 1)),
            "now" => Some((Value::Int(i128::from(self.now)), 1)),
            "reading" => {
                let (_, option) = self
                    .readings
                    .iter()
                    .find(|(id, _)| Some(id) == path.get(1))?;
                Some((Value::str(option), 2))
            }
            "settings" => {
                let (_, value) = self
                    .settings
                    .iter()
                    .find(|(name, _)| Some(name) == path.get(1))?;
                Some((value.clone(), 2))
            }
            name => Some((self.variable(name)?.clone(), 1)),
        }
    }
}

/// The scenario's own names, whatever flow is under way.
pub(super) struct ScenarioScope<'a>(&'a Scopes);

impl Scope for ScenarioScope<'_> {
    fn find(&self, path: &[String]) -> Option<(Value, usize)> {
        let frame = self.0.frames.first()?;
        let (_, value) = frame
            .variables
            .iter()
            .find(|(known, _)| *known == path[0])?;
        Some((value.clone(), 1))
    }
}

/// The scope of a fence: the actor is `me`, and `fresh` is new.
pub(super) struct FenceScope<'a> {
    pub(super) scopes: &'a Scopes,
    pub(super) actor: usize,
    pub(super) fresh: &'a str,
}

impl Scope for FenceScope<'_> {
    fn find(&self, path: &[String]) -> Option<(Value, usize)> {
        match path[0].as_str() {
            "fresh" => Some((Value::str(self.fresh), 1)),
            "me" => Some((self.scopes.user_field(self.actor, path.get(1)?)?, 2)),
            _ => self.scopes.find(path),
        }
    }
}

fn set(fields: &mut Vec<(String, Value)>, name: &str, value: Value) {
    match fields.iter_mut().find(|(known, _)| known == name) {
        Some((_, known)) => *known = value,
        None => fields.push((name.to_owned(), value)),
    }
}
