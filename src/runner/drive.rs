//! One case against real sockets. Knows no verdicts and no other case.

use std::future::{Future, poll_fn};
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::{Instant, Sleep, sleep_until};

use super::alone::Between;
use super::echo::Echoes;
use super::lookout::Lookout;
use super::memory::{GivenUp, Share};
use super::secrets::Secrets;
use super::speech::{SentFrame, Target, Unsent};
use crate::engine::{Action, Engine, Input, Micros, Outbound, frame_of_value};
use crate::event::{CaseEnd, DeviationKind, End, Event, FrameKind, Level, SilenceShown};
use crate::target::{Me, Server};
use crate::transport::{self, Bytes, Connection, Incoming, OpenError, Outgoing};
use crate::value::Value;

/// A connection of the case, by the engine's number.
enum Slot {
    Opening(Pin<Box<dyn Future<Output = Result<Connection, OpenError>> + Send>>),
    Open(Box<Connection>),
    Done,
}

/// Whoever hears what happens in a case; `Err` ends it, and says why.
pub(super) trait Listener {
    fn tell(&mut self, events: Vec<Event>) -> impl Future<Output = Result<(), String>> + Send;

    /// Sees each message that is sent or came, before it is told of.
    fn look(&mut self, _message: &Value) {}

    /// Hears what passes on the connections, in order, before the dialect's translation.
    fn overhear(&mut self, _passed: Overheard<'_>) {}
}

/// What passes on a connection of a case, by its number.
pub(super) enum Overheard<'a> {
    /// A message of ours, as the document has it.
    Sent { connection: u32, message: &'a Value },
    /// A frame of the target's, as it travelled.
    Came {
        connection: u32,
        kind: FrameKind,
        bytes: &'a [u8],
    },
}

/// Keeps everything, and doubts nothing.
impl Listener for Vec<Event> {
    async fn tell(&mut self, events: Vec<Event>) -> Result<(), String> {
        self.extend(events);
        Ok(())
    }
}

/// Passes a case's events on. Before it tells what a target that is gone would have caused as well, it has
/// somebody look.
pub(super) struct Teller {
    pub(super) case: String,
    pub(super) events: mpsc::Sender<Event>,
    pub(super) lookout: Arc<Lookout>,
    pub(super) secrets: Secrets,
    /// A fence did not come back.
    pub(super) unanswered: bool,
    /// The case has sent something, so that it may have done something to the server.
    pub(super) sent: bool,
    /// A deviation said that the server is gone.
    pub(super) blamed: bool,
    /// Tells the last lines that the server wrote since the case began, once.
    pub(super) log: Option<(Arc<Server>, u64)>,
}

impl Listener for Teller {
    fn look(&mut self, message: &Value) {
        self.secrets.look(message);
    }

    /// `Err` says that the target is gone, where that is what these events are about.
    async fn tell(&mut self, mut events: Vec<Event>) -> Result<(), String> {
        self.sent |= events
            .iter()
            .any(|event| matches!(event, Event::Sent { .. }));
        if events.iter().any(|event| self.makes_one_doubt(event))
            && let Err(gone) = self.lookout.doubt(&self.case, self.sent).await
        {
            if !(gone.alone && self.sent && events.iter().any(is_silence_or_end)) {
                return Err(gone.reason);
            }
            self.blamed = true;
            events
                .iter_mut()
                .filter(|event| is_silence_or_end(event))
                .for_each(|event| attribute(event, &gone.why));
        }
        for event in self.secrets.take().into_iter().chain(events) {
            self.pass_on(event).await;
        }
        Ok(())
    }
}

impl Teller {
    pub(super) async fn pass_on(&mut self, event: Event) {
        let fails =
            matches!(&event, Event::Deviation { deviation, .. } if deviation.level == Level::Must);
        // A closed channel means that nobody wants to know any more; the case ends all the same.
        let _ = self.events.send(event).await;
        if fails && let Some((server, mark)) = self.log.take() {
            let case = self.case.clone();
            let lines = server.since(mark);
            let _ = self.events.send(Event::ServerLog { case, lines }).await;
        }
    }

    fn makes_one_doubt(&mut self, event: &Event) -> bool {
        match event {
            Event::Deviation { deviation, .. } => {
                is_silence_or_end(event)
                    || (deviation.kind == DeviationKind::Connect && deviation.level == Level::Must)
            }
            Event::Silence { shown, .. } => {
                self.unanswered |= *shown == SilenceShown::FenceUnanswered;
                false
            }
            Event::CaseFinished { end, .. } => match end {
                CaseEnd::CouldNotRun { .. } | CaseEnd::Blocked { .. } => true,
                CaseEnd::Judged => self.unanswered,
                CaseEnd::NotApplicable { .. } => false,
            },
            _ => false,
        }
    }
}

/// The server did not answer, or hung up, where it must not: a deviation that a server shows also by dying.
fn is_silence_or_end(event: &Event) -> bool {
    matches!(
        event,
        Event::Deviation { deviation, .. }
            if deviation.level == Level::Must
                && matches!(deviation.kind, DeviationKind::Missing | DeviationKind::Closed)
    )
}

/// The server did not only hang up or keep silent: it is gone.
fn attribute(event: &mut Event, why: &str) {
    if let Event::Deviation { deviation, .. } = event {
        deviation.kind = DeviationKind::Gone;
        deviation.message = format!("{}, and then the server was gone: {why}", deviation.message);
    }
}

/// Runs the case to its end; every event goes to `teller`. `Err` says why it came to no judgement.
pub(super) async fn drive(
    engine: &mut Engine,
    target: &Target,
    connect: Duration,
    teller: &mut impl Listener,
    mut share: Share,
    mut between: Option<&mut Between<'_>>,
) -> Result<(), GivenUp> {
    let started = Instant::now();
    let mut slots: Vec<Slot> = Vec::new();
    let mut first = 0;
    let mut alarm = Box::pin(sleep_until(started));
    let mut keep_alive = target.profile.keep_alive.map(KeepAlive::new);
    // The frame that came last as it travelled, where the engine was given another one for it.
    let mut came = None;
    let mut echoes = Echoes::default();
    let mut idle = Idle::new(target.profile.idle_limit);
    engine.start();
    loop {
        let outcome = carry_out(engine, target, connect, &mut slots, &mut echoes, teller);
        if let Ok(sent) = &outcome {
            sent.iter().for_each(|frame| idle.passed(frame.connection));
        }
        let mut events = engine.take_events();
        fill_in(
            &mut events,
            outcome.as_ref().map_or(&[][..], |sent| sent.as_slice()),
            came.take(),
        );
        teller.tell(events).await?;
        match outcome {
            Ok(_) => {}
            Err(Unsent::Unsayable(reason)) => return Err(reason.into()),
            Err(Unsent::Inapplicable(reason)) => {
                let (case, us) = (engine.case_id().to_owned(), since(started));
                let end = CaseEnd::NotApplicable { reason };
                teller
                    .tell(vec![Event::CaseFinished { case, us, end }])
                    .await?;
                break;
            }
        }
        if engine.end().is_some() {
            break;
        }
        if let Some(deadline) = engine.deadline() {
            alarm
                .as_mut()
                .reset(started + Duration::from_micros(deadline));
        }
        let happened = poll_fn(|cx| {
            if let Poll::Ready(input) = poll_slots(&mut slots, &mut first, target, cx) {
                return Poll::Ready(input.map_err(GivenUp::from));
            }
            share.hold(held(&slots))?;
            if let Some(keep_alive) = &mut keep_alive {
                keep_alive.poll(&mut slots, cx);
            }
            alarm.as_mut().poll(cx).map(|()| Ok(Input::Tick))
        })
        .await;
        let happened = happened?;
        if let Input::Frame { connection, frame } = &happened {
            teller.overhear(Overheard::Came {
                connection: *connection,
                kind: frame.kind,
                bytes: &frame.bytes,
            });
        }
        if let Input::Frame { frame, .. } = &happened
            && let Ok(message) = &frame.value
        {
            share.keep(message);
            teller.look(message);
        }
        share.hold(held(&slots))?;
        if let Input::Frame { connection, frame } = &happened {
            if let Ok(value) = &frame.value
                && echoes.take(*connection, value, target)
            {
                continue;
            }
            came = target.shown_bytes(&frame.bytes);
        }
        if let Input::Opened { connection } = &happened {
            idle.passed(*connection);
        }
        if let Input::Ended { connection, .. } = &happened
            && let Some(reason) = idle.ended(*connection)
        {
            let (case, us) = (engine.case_id().to_owned(), since(started));
            let end = CaseEnd::NotApplicable { reason };
            teller
                .tell(vec![Event::CaseFinished { case, us, end }])
                .await?;
            break;
        }
        match &mut between {
            None => engine.on(happened, since(started)),
            Some(between) => {
                for input in between(happened, since(started)) {
                    engine.on(input, since(started));
                }
            }
        }
    }
    part(slots).await;
    Ok(())
}

fn since(started: Instant) -> Micros {
    u64::try_from(started.elapsed().as_micros()).unwrap_or(u64::MAX)
}

/// Does what the engine wants; the frames are handed back in the order of their `Sent` events.
fn carry_out(
    engine: &mut Engine,
    target: &Target,
    connect: Duration,
    slots: &mut Vec<Slot>,
    echoes: &mut Echoes,
    listener: &mut impl Listener,
) -> Result<Vec<SentFrame>, Unsent> {
    let mut sent = Vec::new();
    for action in engine.take_actions() {
        match action {
            Action::Open { connection } => {
                let endpoint = target.endpoint.clone();
                let opening = Box::pin(async move { transport::open(&endpoint, connect).await });
                debug_assert_eq!(
                    connection as usize,
                    slots.len(),
                    "connections are numbered in order"
                );
                slots.push(Slot::Opening(opening));
            }
            Action::Send { connection, what } => {
                if let Outbound::Value(message) = &what {
                    listener.look(message);
                    listener.overhear(Overheard::Sent {
                        connection,
                        message,
                    });
                }
                let me = Me {
                    fields: engine.user(connection),
                    now: engine.unix_now(),
                };
                echoes.sent(connection, &what, target);
                let (mut frame, outgoing) = target.encode(what, &me)?;
                frame.connection = connection;
                if let Some(Slot::Open(open)) = slots.get_mut(connection as usize) {
                    open.send(outgoing);
                }
                sent.push(frame);
            }
            Action::Close { connection } => {
                if let Some(Slot::Open(open)) = slots.get_mut(connection as usize) {
                    open.send(Outgoing::Close {
                        code: 1000,
                        reason: String::new(),
                    });
                }
            }
            Action::Drop { connection } => {
                if let Some(slot) = slots.get_mut(connection as usize) {
                    *slot = Slot::Done;
                }
            }
        }
    }
    Ok(sent)
}

/// Puts the bytes on the wire into the events about them.
fn fill_in(events: &mut [Event], sent: &[SentFrame], came: Option<(String, bool)>) {
    let received = events.iter_mut().find_map(|event| match event {
        Event::Received { frame, .. } => Some(frame),
        _ => None,
    });
    if let (Some(frame), Some((text, cut))) = (received, came) {
        (frame.text, frame.cut) = (text, frame.cut | cut);
    }
    let frames = events.iter_mut().filter_map(|event| match event {
        Event::Sent { frame, .. } => Some(frame),
        _ => None,
    });
    for (shown, real) in frames.zip(sent) {
        shown.bytes = real.bytes.len() as u64;
        shown.kind = real.kind;
        if let Some((text, cut)) = &real.text {
            shown.text.clone_from(text);
            shown.cut = *cut;
        }
        if real.kind == FrameKind::Binary {
            let whole = frame_of_value(real.kind, &crate::value::Value::Null, Some(&real.bytes));
            shown.hex = whole.hex;
            shown.cut |= whole.cut;
        }
    }
}

/// Polls every connection, another one first each time, so that none is starved.
fn poll_slots(
    slots: &mut [Slot],
    first: &mut usize,
    target: &Target,
    cx: &mut Context<'_>,
) -> Poll<Result<Input, String>> {
    let count = slots.len();
    for offset in 0..count {
        let index = (*first + offset) % count;
        let connection = u32::try_from(index).unwrap_or(u32::MAX);
        let input = match &mut slots[index] {
            Slot::Done => continue,
            Slot::Opening(opening) => match opening.as_mut().poll(cx) {
                Poll::Pending => continue,
                Poll::Ready(Ok(open)) => {
                    slots[index] = Slot::Open(Box::new(open));
                    Input::Opened { connection }
                }
                // Nothing that the target did: of such a case there is no judgement.
                Poll::Ready(Err(
                    error @ (OpenError::Exhausted { .. } | OpenError::NameNotFound { .. }),
                )) => {
                    return Poll::Ready(Err(error.to_string()));
                }
                Poll::Ready(Err(error)) => {
                    slots[index] = Slot::Done;
                    Input::Refused {
                        connection,
                        error: error.to_string(),
                    }
                }
            },
            Slot::Open(open) => match open.poll(cx) {
                Poll::Pending => continue,
                Poll::Ready(Incoming::Pong(_)) => {
                    // Nothing for the engine; poll again for what comes next.
                    cx.waker().wake_by_ref();
                    continue;
                }
                Poll::Ready(Incoming::Text(text)) => {
                    frame(connection, FrameKind::Text, text.as_bytes(), target)
                }
                Poll::Ready(Incoming::Binary(bytes)) => {
                    frame(connection, FrameKind::Binary, &bytes, target)
                }
                Poll::Ready(Incoming::End(end)) => {
                    slots[index] = Slot::Done;
                    Input::Ended { connection, end }
                }
            },
        };
        *first = index + 1;
        return Poll::Ready(Ok(input));
    }
    Poll::Pending
}

/// What has come on all connections of messages that have not ended.
fn held(slots: &[Slot]) -> usize {
    let bytes = slots.iter().map(|slot| match slot {
        Slot::Open(open) => open.held_bytes(),
        Slot::Opening(_) | Slot::Done => 0,
    });
    bytes.sum()
}

fn frame(connection: u32, kind: FrameKind, bytes: &[u8], target: &Target) -> Input {
    Input::Frame {
        connection,
        frame: target.decode(kind, bytes),
    }
}

/// Connections on which nothing is sent for as long as the profile says that the target bears.
struct Idle {
    limit: Option<Duration>,
    last: Vec<Instant>,
}

impl Idle {
    fn new(limit: Option<Duration>) -> Idle {
        Idle {
            limit,
            last: Vec::new(),
        }
    }

    fn passed(&mut self, connection: u32) {
        let (place, now) = (connection as usize, Instant::now());
        if self.last.len() <= place {
            self.last.resize(place + 1, now);
        }
        self.last[place] = now;
    }

    /// Why the end of a connection says nothing, where it was idle for so long.
    fn ended(&self, connection: u32) -> Option<String> {
        let (limit, last) = (self.limit?, self.last.get(connection as usize)?);
        // The target's clock began to run when our last message arrived; half a second is for that.
        let idle = last.elapsed();
        (idle + Duration::from_millis(500) >= limit).then(|| {
            format!(
                "a connection was idle for {:.1} s when it ended; by the profile, the server ends it after {limit:?}",
                idle.as_secs_f64()
            )
        })
    }
}

/// Pings every open connection now and then, for servers that end what is idle.
struct KeepAlive {
    every: Duration,
    next: Pin<Box<Sleep>>,
}

impl KeepAlive {
    fn new(every: Duration) -> KeepAlive {
        KeepAlive {
            every,
            next: Box::pin(sleep_until(Instant::now() + every)),
        }
    }

    fn poll(&mut self, slots: &mut [Slot], cx: &mut Context<'_>) {
        while self.next.as_mut().poll(cx).is_ready() {
            for slot in &mut *slots {
                if let Slot::Open(open) = slot {
                    open.send(Outgoing::Ping(Bytes::new()));
                    cx.waker().wake_by_ref();
                }
            }
            self.next.as_mut().reset(Instant::now() + self.every);
        }
    }
}

/// Says goodbye on what is still open, without waiting for an answer.
async fn part(slots: Vec<Slot>) {
    for slot in slots {
        if let Slot::Open(mut open) = slot {
            open.send(Outgoing::Close {
                code: 1000,
                reason: String::new(),
            });
            poll_fn(|cx| {
                let _ = open.poll(cx);
                Poll::Ready(())
            })
            .await;
        }
    }
}

/// The last events of a case that had to be given up.
pub(super) fn given_up(case: &str, us: Micros, reason: String) -> Event {
    Event::CaseFinished {
        case: case.to_owned(),
        us,
        end: CaseEnd::CouldNotRun { reason },
    }
}

/// An end that the transport reports, in words.
pub fn end_in_words(end: &End) -> String {
    match end {
        End::ByUs => "the connection was closed".to_owned(),
        End::Close { code: 1005, .. } => "the server closed the connection".to_owned(),
        End::Close { code, reason } if reason.is_empty() => {
            format!("the server closed the connection with {code}")
        }
        End::Close { code, reason } => {
            format!("the server closed the connection with {code} ({reason})")
        }
        End::Eof => "the server ended the connection without a close frame".to_owned(),
        End::Reset => "the server reset the connection".to_owned(),
        End::Protocol { error } => format!("the server broke the WebSocket protocol ({error})"),
        End::Refused { error } => error.clone(),
    }
}
